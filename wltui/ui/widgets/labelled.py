"""Lines of a detail: headings, labels with values, and indented text."""

from collections.abc import Iterable

from wltui.ui.text.spans import Role, Spans, wrap

LABEL = 14
"""Width of the labels' column in cells."""
VALUE = 2 + LABEL + 1
"""The column at which values begin."""
LEAST_VALUE = 8
"""The least cells of a value's line, however narrow the window is."""


def heading(text: str) -> Spans:
    """Render the heading of a group."""
    return ((text, Role.ACCENT),)


def indented(spans: Spans, cells: int) -> list[Spans]:
    """Render a text below a heading, wrapped."""
    return [(("  ", Role.PLAIN), *line) for line in wrap(spans, cells - 2)]


def labelled(label: str, paragraphs: Iterable[Spans], cells: int, role: Role = Role.MUTED) -> list[Spans]:
    """Render a label, and to its right the paragraphs one below the other, wrapped."""
    first, *rest = [line for spans in paragraphs for line in wrap(spans, max(LEAST_VALUE, cells - VALUE))]
    return [
        ((f"  {label:<{LABEL}} ", role), *first),
        *(((" " * VALUE, Role.PLAIN), *line) for line in rest),
    ]
