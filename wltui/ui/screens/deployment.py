"""The deployment of a pipeline: its engines, load balancers and sidekicks, and their problems."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial

from wltui.core.deployment_health import RUNNING, Finding, findings
from wltui.core.errors import NoSuchEndpoint, NotFound, WltuiError
from wltui.core.pipelines import Container, DeploymentStatus
from wltui.core.records import ConfigId
from wltui.service.deployments import PipelineRow
from wltui.service.service import Answer
from wltui.ui.screens.base.reader import About, Reader
from wltui.ui.text.copies import Copy, value_copies
from wltui.ui.text.format import day_time
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.paragraphs import paragraphs
from wltui.ui.text.spans import Role, Spans, wrap
from wltui.ui.widgets.labelled import heading
from wltui.ui.widgets.pager import Pager
from wltui.ui.widgets.pipeline_words import steps_words, use_spans, verdict_spans

LABEL = 18
"""Width of the column of labels, in cells."""


class DeploymentScreen(Reader[DeploymentStatus | None]):
    """The status of one deployment."""

    LOADING = "Loading the deployment"

    def __init__(self, row: PipelineRow) -> None:
        super().__init__()
        self._row = row

    @property
    def crumb(self) -> Spans:
        return ((f"pipeline {self.shown(self._row.pipeline.name)}", Role.PLAIN),)

    @property
    def moving(self) -> bool:
        return bool(self.answer and self.answer.value and self.answer.value.status != RUNNING)

    @property
    def about(self) -> About:
        pipeline = self._row.pipeline
        return About(
            ("deployment", str(pipeline.id)), f"The deployment of pipeline {self.shown(pipeline.name)}"
        )

    async def answers(self) -> AsyncIterator[Answer[DeploymentStatus | None]]:
        """Yield the status; None if the pipeline is not deployed, or unknown to the platform."""
        deployment, clock = self._row.pipeline.deployment, self.app.service.clock
        if deployment is None or deployment.deployed is False:
            yield Answer(None, clock(), live=True)
            return
        try:
            async for answer in self.app.service.deployment_status(deployment):
                yield answer
        except (NotFound, NoSuchEndpoint):  # every release has this call, so a 404 is about the deployment
            yield Answer(None, clock(), live=True)

    def _failed(self, error: WltuiError, pause: float) -> None:
        super()._failed(error, pause)
        if self.answer is None:
            self.query_one(Pager).show(lambda _: ())

    def copies(self) -> list[Copy]:
        return [*value_copies([self._row]), *super().copies()]

    def show(self, value: DeploymentStatus | None) -> None:
        service = self.app.service
        users = {service.user_id: service.user} if service.user_id else {}
        self.query_one(Pager).show(
            partial(deployment_lines, self._row, value, self.glyphs, self.shown, users=users)
        )


def deployment_lines(
    row: PipelineRow,
    status: DeploymentStatus | None,
    glyphs: Glyphs,
    shown: Callable[[str], str],
    cells: int,
    *,
    users: Mapping[str, str],
) -> Sequence[Spans]:
    """Return the lines of the screen, problems first. ``users`` has the known names of users by their ids."""
    pipeline, deployment = row.pipeline, row.pipeline.deployment
    lines: list[Spans] = []

    def put(label: str, *texts: Spans) -> None:
        rows = [line for text in texts for line in wrap(text, max(8, cells - LABEL - 2))]
        for number, line in enumerate(rows):
            head = label if not number else ""
            lines.append(((f"  {head:<{LABEL}}", Role.MUTED), *line))

    def group(title: str) -> None:
        lines.extend([(), heading(title, cells, glyphs)] if lines else [heading(title, cells, glyphs)])

    if status is None:
        words = "not deployed" if row.is_deployed is False else "the platform does not know it"
        lines.append(((f"{glyphs.absent} {words}", Role.MUTED),))
        trouble: Sequence[Finding] = ()
    else:
        trouble = findings(status, row.in_containers, deployment.limit_status if deployment else None)
        is_well = status.status == RUNNING and not trouble
        sign = glyphs.ready if is_well else glyphs.error if status.status == "Error" else glyphs.pending
        role = Role.SUCCESS if is_well else Role.ERROR if status.status == "Error" else Role.WARNING
        lines.append(((f"{sign} {shown(status.status)}", role),))
    for finding in trouble:
        lines.extend(_finding_lines(finding, glyphs, shown, cells))
    group("Pipeline")
    if status is not None and not row.uses:
        put("Runs", verdict_spans(row, glyphs))
    for use in row.uses or ():
        newest: ConfigId | None = row.newest.get(use.version_id)
        put(f"version {use.version_id}", use_spans(use, newest))
    put("Steps", ((shown(steps_words(pipeline)) or glyphs.dash, Role.PLAIN),))
    if deployment:
        put("Changed", ((day_time(deployment.updated_at or "") or glyphs.dash, Role.PLAIN),))
        if deployment.updated_by:
            put("By", ((shown(users.get(deployment.updated_by, deployment.updated_by)), Role.PLAIN),))
    if status is not None:
        groups: tuple[tuple[str, Sequence[Container] | None], ...] = (
            ("Engines", status.engines), ("Load balancers", status.balancers), ("Sidekicks", status.sidekicks),
        )  # fmt: skip
        for title, parts in groups:
            if parts:
                group(title)
                for part in parts:
                    sign, role = _part_sign(part, glyphs)
                    put(shown(part.status), ((f"{sign} ", role), (shown(part.name), Role.PLAIN)))
        if status.models:
            group("Loaded models")
            for model in status.models:
                number = f"version {model.version_id}" if model.version_id else shown(model.uuid or "")
                put(shown(model.status or ""), ((f"{shown(model.name)}  ", Role.BOLD), (number, Role.MUTED)))
    return lines


def _part_sign(part: Container, glyphs: Glyphs) -> tuple[str, Role]:
    if part.status == RUNNING and not part.reason:
        return glyphs.ready, Role.SUCCESS
    has_failed = part.status in ("Failed", "Error")
    return (glyphs.error, Role.ERROR) if has_failed else (glyphs.pending, Role.WARNING)


def _finding_lines(finding: Finding, glyphs: Glyphs, shown: Callable[[str], str], cells: int) -> list[Spans]:
    role = Role.WARNING if finding.is_passing else Role.ERROR
    lines = [*wrap(((f"  {shown(finding.what)}", role),), cells)]
    for label, text, tint in (
        ("the platform says", finding.server, Role.PLAIN),
        ("that means", finding.cause, Role.PLAIN),
        ("what helps", finding.remedy, Role.BOLD),
    ):
        for number, line in enumerate(paragraphs(text) if text else ()):
            head = label if not number else ""
            for part, piece in enumerate(wrap(((line, tint),), max(8, cells - LABEL - 4))):
                lines.append(((f"    {head if not part else '':<{LABEL}}", Role.MUTED), *piece))
    return lines
