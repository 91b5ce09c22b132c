"""A version's trouble in a word, with the sign of its status, as lists of problems show it."""

from collections.abc import Mapping

from wltui.core.problems import SEVERITY, Problem, Trouble
from wltui.core.records import ModelVersion, phase
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans

from .status import ROLES, glyph, status

WIDTH = 12
"""Cells of the longest word of a trouble, with its sign."""
WORDS = {
    Trouble.NOT_READY: "deployed",
    Trouble.WRONG_ROUTE: "onnx route",
    Trouble.STUCK: "stuck",
    Trouble.OUTDATED: "old config",
}
"""Of the others, the status itself says enough."""
_OWN_ROLES = {
    Trouble.NOT_READY: Role.ERROR,
    Trouble.OUTDATED: Role.WARNING,
    Trouble.UNKNOWN_STATUS: Role.WARNING,
}


def sign(trouble: Trouble, status: str | None, glyphs: Glyphs) -> str:
    """Return the sign of a trouble, one cell wide."""
    return glyphs.redeploy if trouble is Trouble.OUTDATED else glyph(phase(status), glyphs)


def trouble_text(version: ModelVersion, problem: Problem | None) -> str:
    """Return a version's trouble in a word, by default its status."""
    return (WORDS.get(problem.trouble) if problem else None) or version.status or "unknown"


def trouble_spans(
    version: ModelVersion, problem: Problem | None, glyphs: Glyphs, cells: int | None = None
) -> Spans:
    """Render a version's trouble in a word after its sign, by default its status, in ``cells`` if they are given."""
    if problem is None or problem.trouble is Trouble.FAILED:
        return status(version.status, glyphs, cells, ascii=glyphs.is_ascii)
    role = _OWN_ROLES.get(problem.trouble, ROLES[phase(version.status)])
    word = glyphs.text(trouble_text(version, problem))
    return ((f"{sign(problem.trouble, version.status, glyphs)} {word}", role),)


def trouble_order(version: ModelVersion, problem: Problem | None) -> tuple[int, str]:
    """Return a sort key with the worst first; versions without trouble come last."""
    return (SEVERITY[problem.trouble] if problem else len(SEVERITY)), version.status or ""


def count_spans(problems: Mapping[Trouble, int], glyphs: Glyphs) -> Spans:
    """Render the number of problems of each kind, the worst first: ``✖ 20 failed  ◐ 3 stuck``."""
    spans: list[tuple[str, Role]] = []
    for trouble in Trouble:
        if number := problems.get(trouble, 0):
            status, word, role = _COUNTED[trouble]
            spans += [("  ", Role.PLAIN)] if spans else []
            spans.append((f"{sign(trouble, status, glyphs)} {number:,} {word}", role))
    return tuple(spans)


_COUNTED = {
    Trouble.NOT_READY: ("error", "deployed", Role.ERROR),
    Trouble.FAILED: ("error", "failed", Role.ERROR),
    Trouble.UNKNOWN_STATUS: ("?", "unknown", Role.WARNING),
    Trouble.WRONG_ROUTE: ("uploading", "wrong route", Role.WARNING),
    Trouble.STUCK: ("uploading", "stuck", Role.WARNING),
    Trouble.OUTDATED: ("ready", "old config", Role.WARNING),
}
"""The sign's status, the word and the role of each kind in counts."""
