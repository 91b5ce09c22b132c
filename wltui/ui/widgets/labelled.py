"""Lines of a detail: headings, labels with values, and indented text."""

from collections.abc import Callable, Iterable, Sequence

from wltui.ui.text.glyphs import UNICODE, Glyphs
from wltui.ui.text.spans import Role, Spans, width, wrap

LABEL = 14
"""Width of the labels' column in cells."""
VALUE = 2 + LABEL + 1
"""The column at which values begin."""
BELOW = 4
"""The column at which values begin that stand below their labels."""
LEAST_VALUE = 8
"""The least cells of a value's line, however narrow the window is."""
NARROW = 60
"""Cells in less than which values may stand below their labels."""


def heading(text: str, cells: int = 0, glyphs: Glyphs = UNICODE, after: Spans = ()) -> Spans:
    """Render the heading of a group, with words after it, and in a wide window a line up to ``cells`` behind them.

    A narrow one is a pane, where headings move with each step of the cursor, and a line costs three bytes a cell.
    """
    spans: Spans = ((text, Role.HEADING), *after)
    rest = cells - width(spans) - 1
    return (*spans, (f" {glyphs.rule * rest}", Role.RULE)) if rest > 0 and cells >= NARROW else spans


def indented(spans: Spans, cells: int) -> list[Spans]:
    """Render a text below a heading, wrapped."""
    return [(("  ", Role.PLAIN), *line) for line in wrap(spans, cells - 2)]


def labelled(label: str, paragraphs: Iterable[Spans], cells: int, role: Role = Role.MUTED) -> list[Spans]:
    """Render a label, and beside it or below it the paragraphs one below the other, wrapped."""
    texts = list(paragraphs)
    return placed(label, lambda room: [line for spans in texts for line in wrap(spans, room)], cells, role)


def placed(
    label: str, value: Callable[[int], Sequence[Spans]], cells: int, role: Role = Role.MUTED
) -> list[Spans]:
    """Render a label with the lines that ``value`` returns for a width in cells.

    They stand beside the label; in a narrow window below it, if that takes no more lines.
    """
    first, *rest = value(max(LEAST_VALUE, cells - VALUE))
    if rest and cells < NARROW:
        below = value(max(LEAST_VALUE, cells - BELOW))
        if len(below) <= len(rest):
            return [
                ((f"  {label}", role),),
                *(((" " * BELOW, Role.PLAIN), *line) for line in below),
            ]
    return [
        ((f"  {label:<{LABEL}} ", role), *first),
        *(((" " * VALUE, Role.PLAIN), *line) for line in rest),
    ]
