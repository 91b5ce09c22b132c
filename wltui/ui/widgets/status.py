"""A version's status, the same everywhere, with a sign, so that colour alone carries no meaning."""

from collections.abc import Mapping
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

from wltui.core.records import Phase, phase
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import LONGEST_LINE, Role, Spans, clip, plain, shortened, visible

ROLES = {
    Phase.READY: Role.SUCCESS,
    Phase.ERROR: Role.ERROR,
    Phase.PENDING: Role.WARNING,
    Phase.OTHER: Role.MUTED,
    Phase.ABSENT: Role.MUTED,
}
LEAST_OF_WORD = 2
"""Cells of a status word's first part that a short form shows at least."""
COUNT_CELLS = 4
"""Cells of one number in a row's counts."""
COUNTED = (Phase.ERROR, Phase.PENDING, Phase.READY)
"""The phases that have a place of their own in a row's counts."""
COUNTS_CELLS = len(COUNTED) * (COUNT_CELLS + 1) - 1 + 5
"""Cells of a row's counts, of which the last five are for statuses that have no place of their own."""
SEVERITY = {Phase.ERROR: 0, Phase.OTHER: 1, Phase.PENDING: 2, Phase.ABSENT: 3, Phase.READY: 4}
"""Sort keys of the phases: those to look at first come first."""


def glyph(what: Phase, glyphs: Glyphs) -> str:
    """Return the sign of a phase, one cell wide."""
    match what:
        case Phase.READY:
            return glyphs.ready
        case Phase.ERROR:
            return glyphs.error
        case Phase.PENDING:
            return glyphs.pending
        case Phase.OTHER:
            return glyphs.other
        case Phase.ABSENT:
            return glyphs.absent


def status(word: str | None, glyphs: Glyphs, cells: int | None = None, *, ascii: bool = False) -> Spans:
    """Render a status word of the API after its sign, in at most ``cells`` if they are given."""
    what = phase(word)
    text = visible(shortened(word), ascii=ascii) if word else "unknown"
    if cells is not None:
        text = short_word(text, cells - 2, glyphs.ellipsis)
    return ((f"{glyph(what, glyphs)} {text}", ROLES[what]),)


def short_word(word: str, cells: int, ellipsis: str) -> str:
    """Return a status word in at most ``cells``; of ``attempting_load_container``, first and last part stay longest.

    In 17 cells it is ``attempt…container``, as the pending statuses differ in these parts.
    """
    if cell_len(word) <= cells:
        return word
    first, _, rest = word.partition("_")
    last = rest.rpartition("_")[2]
    room = cells - cell_len(ellipsis) - cell_len(last)
    if not last or room < LEAST_OF_WORD:
        return plain(clip(((word, Role.PLAIN),), cells, ellipsis))
    return set_cell_size(first, min(room, cell_len(first))) + ellipsis + last


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


def counts_heading(glyphs: Glyphs) -> str:
    """Return the signs above the columns of :func:`counts`."""
    return " ".join(f"{glyph(what, glyphs):>{COUNT_CELLS}}" for what in COUNTED)


def counts(phases: Mapping[Phase, int], glyphs: Glyphs) -> Spans:
    """Render the number of versions in each phase in columns, zero as a dot; other statuses follow if there are any."""
    spans: list[tuple[str, Role]] = []
    for what in COUNTED:
        number = phases.get(what, 0)
        text = _short_number(number) if number else glyphs.absent
        pad = " " * (
            COUNT_CELLS - len(text) + bool(spans)
        )  # on its own, as a reversed cursor has gaps for colours
        spans += [(pad, Role.PLAIN), (text, ROLES[what] if number else Role.MUTED)]
    if other := sum(phases.values()) - sum(phases.get(what, 0) for what in COUNTED):
        spans.append((f" {glyphs.other}{_short_number(other)}", ROLES[Phase.OTHER]))
    return tuple(spans)


def _short_number(number: int) -> str:
    """Return a number in at most four characters, up to ten million."""
    return str(number) if number < 10_000 else f"{number // 1000}k"
