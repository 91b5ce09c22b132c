"""The configs that a pipeline runs, in the same words in the list of pipelines and in a version's detail."""

from wltui.core.pipelines import Pipeline, PipelineUse, Verdict
from wltui.core.records import ConfigId
from wltui.service.deployments import PipelineRow
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans, clip

ROLES = {
    Verdict.CURRENT: Role.SUCCESS,
    Verdict.OUTDATED: Role.WARNING,
    Verdict.STOPPED: Role.MUTED,
    Verdict.UNKNOWN: Role.PLAIN,
}
KINDS = {"ModelInference": "", "RandomSplit": "A/B ", "AuditResults": "", "MultiOut": "shadow "}
"""A step's prefix on screen by its kind in the API."""


def runs_words(row: PipelineRow) -> str:
    """Return in words which configs a pipeline runs: ``config 15; redeploy for 20``."""
    if row.is_deployed is False:
        return "not deployed"
    if row.is_deployed is None:
        return "deployment not known"
    if row.uses is None:
        return "deployed; config not readable"
    if outdated := row.outdated:
        return "; ".join(_behind(use, row.newest.get(use.version_id), len(row.uses) > 1) for use in outdated)
    if row.verdict is Verdict.CURRENT:
        return "the newest config" + ("s" if len(row.uses) > 1 else "")
    return "deployed"


def verdict_spans(row: PipelineRow, glyphs: Glyphs) -> Spans:
    """Render which configs a pipeline runs, after a sign, so that colour alone carries no meaning."""
    return ((f"{_sign(row.verdict, glyphs)} {runs_words(row)}", ROLES[row.verdict]),)


def _sign(verdict: Verdict, glyphs: Glyphs) -> str:
    return {
        Verdict.CURRENT: glyphs.ready,
        Verdict.OUTDATED: glyphs.redeploy,
        Verdict.STOPPED: glyphs.absent,
        Verdict.UNKNOWN: glyphs.other,
    }[verdict]


def _behind(use: PipelineUse, newest: ConfigId | None, named: bool) -> str:
    of = f"version {use.version_id}: " if named else ""
    return f"{of}config {use.config_id}; redeploy for {newest}"


def steps_words(pipeline: Pipeline) -> str:
    """Return a pipeline's steps: ``ccfraud 3 | fraud-scorer 1`` for an A/B step, in the order of the steps."""
    steps = []
    for step in pipeline.steps:
        models = (
            f"{model.name} {model.weight:g}" if model.weight is not None else model.name
            for model in step.models
        )
        steps.append(KINDS.get(step.kind, f"{step.kind} ") + " | ".join(models))
    return ", then ".join(steps)


def use_in_little(use: PipelineUse, newest: ConfigId | None, name: str, cells: int, glyphs: Glyphs) -> Spans:
    """Render a pipeline that uses a version, in one line: its name behind a sign, or the configs if they differ."""
    verdict = use.verdict(newest)
    text = f"{_sign(verdict, glyphs)} {name}"
    if verdict is Verdict.OUTDATED:
        differ = f" {use.config_id}{glyphs.crumb}{newest}"
        short = clip(((text, ROLES[verdict]),), max(3, cells - len(differ)), glyphs.ellipsis)
        return (*short, (differ, ROLES[verdict]))
    return clip(((text, ROLES[verdict]),), cells, glyphs.ellipsis)


def use_spans(use: PipelineUse, newest: ConfigId | None) -> Spans:
    """Render how a pipeline uses a version, whose newest config is ``newest``."""
    verdict = use.verdict(newest)
    words = {
        Verdict.CURRENT: "deployed, runs this config",
        Verdict.OUTDATED: f"deployed, runs config {use.config_id}; redeploy to use config {newest}",
        Verdict.STOPPED: "not deployed",
        Verdict.UNKNOWN: "deployed; it keeps the config that it was deployed with"
        if use.is_deployed
        else "not known",
    }[verdict]
    return ((words, ROLES[verdict]),)
