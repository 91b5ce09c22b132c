"""A version's status, the same everywhere, with a sign, so that colour alone carries no meaning."""

from collections.abc import Mapping
from functools import lru_cache

from wltui.core.records import Phase, phase
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import LONGEST_LINE, Role, Spans, shortened, visible

ROLES = {
    Phase.READY: Role.SUCCESS,
    Phase.ERROR: Role.ERROR,
    Phase.PENDING: Role.WARNING,
    Phase.OTHER: Role.MUTED,
    Phase.ABSENT: Role.MUTED,
}
SEVERITY = {Phase.ERROR: 0, Phase.OTHER: 1, Phase.PENDING: 2, Phase.ABSENT: 3, Phase.READY: 4}
"""Sort keys of the phases: those to look at first come first."""


def glyph(what: Phase, glyphs: Glyphs) -> str:
    """Return the sign of a phase, one cell wide."""
    return str(getattr(glyphs, {Phase.READY: "ready", Phase.ERROR: "error", Phase.PENDING: "pending",
                                Phase.OTHER: "other", Phase.ABSENT: "absent"}[what]))  # fmt: skip


def status(word: str | None, glyphs: Glyphs, *, ascii: bool = False) -> Spans:
    """Render a status word of the API after its sign."""
    what = phase(word)
    text = visible(shortened(word), ascii=ascii) if word else "unknown"
    return ((f"{glyph(what, glyphs)} {text}", ROLES[what]),)


@lru_cache(maxsize=4096)  # the versions of a list share few words, and a sort asks for each
def worst_first(word: str | None) -> tuple[int, str]:
    """Return a sort key for status words, with those first that need attention."""
    return SEVERITY[phase(word)], (word or "")[:LONGEST_LINE]


def tally(phases: Mapping[Phase, int], glyphs: Glyphs) -> Spans:
    """Render the number of versions in each phase, worst first: ``✖ 4  ◐ 1  ✔ 12``."""
    spans: list[tuple[str, Role]] = []
    for what in sorted(phases, key=SEVERITY.__getitem__):
        if phases[what]:
            spans += [("  ", Role.PLAIN)] if spans else []
            spans.append((f"{glyph(what, glyphs)} {phases[what]:,}", ROLES[what]))
    return tuple(spans)
