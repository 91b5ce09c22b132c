"""The dividing line below the header: the way from the first screen to this one, and the titles of the panes."""

from collections.abc import Sequence
from typing import NamedTuple

from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans, clip, plain, width
from wltui.ui.widgets.parts_line import Part

ENDS = 4
"""Cells of a section's line before and behind its title at least, with a blank on each side of it."""


class PaneTitle(NamedTuple):
    """The title above a pane at the right of a list."""

    text: str
    cells: int
    """The pane's width with the line at its left; 0 if it takes the whole screen, in place of the list."""
    has_keys: bool
    """Whether keys go to the pane, and not to the list."""


def crumb_parts(
    crumbs: Sequence[Spans], glyphs: Glyphs, cells: int, *, has_keys: bool = True
) -> Sequence[Part]:
    """Return the crumbs of the open screens in one line; if they don't fit, the first ones are left out.

    The name of a part is the place of its screen among them; the last one, the screen in front, has no name. It stands
    out if the keys go to it.
    """
    *before, last = crumbs
    arrow: Part = _muted(f" {glyphs.crumb} ")
    title: Spans = ((plain(last), Role.TITLE if has_keys else Role.MUTED),)
    parts: list[Part] = [(clip(title, cells, glyphs.ellipsis), "")]
    cut: Part = _muted(glyphs.ellipsis)
    room = cells - width(title)
    for place, crumb in reversed([*enumerate(before)]):
        room -= width(crumb) + width(arrow[0])
        if room < (width((*cut[0], *arrow[0])) if place else 0):
            return [cut, arrow, *parts] if room + width(crumb) >= width(cut[0]) else parts
        parts = [(((plain(crumb), Role.MUTED),), str(place)), arrow, *parts]
    return parts


def dividing_line(
    crumbs: Sequence[Spans], glyphs: Glyphs, cells: int, *, count: str = "", pane: PaneTitle | None = None
) -> Sequence[Part]:
    """Return a line of ``cells`` with the crumbs, the number of rows, and the title of the pane beside them."""
    if pane is None:
        return _section(crumb_parts(crumbs, glyphs, cells - ENDS), count, glyphs, cells)
    if not pane.cells:
        whole = crumb_parts([*crumbs, ((pane.text, Role.PLAIN),)], glyphs, cells - ENDS)
        return _section([(spans, "") for spans, _ in whole], "", glyphs, cells)
    room = cells - pane.cells
    here = crumb_parts(crumbs, glyphs, room - ENDS, has_keys=not pane.has_keys)
    title: Spans = ((pane.text, Role.TITLE if pane.has_keys else Role.MUTED),)
    beside = [(clip(title, pane.cells - ENDS - 1, glyphs.ellipsis), "")]
    return [
        *_section(here, count, glyphs, room),
        _muted(glyphs.tee),
        *_section(beside, "", glyphs, pane.cells - 1),
    ]


def _section(title: Sequence[Part], count: str, glyphs: Glyphs, cells: int) -> Sequence[Part]:
    """Return a part of the line: a title at its left, and a number at its right if there is room for it."""
    taken = sum(width(spans) for spans, _ in title)
    if not taken:
        return [_muted(glyphs.rule * cells)]
    rest = cells - taken - 3
    number = f" {count} {glyphs.rule}" if count and len(count) + ENDS <= rest else ""
    return [_muted(f"{glyphs.rule} "), *title, _muted(f" {glyphs.rule * (rest - len(number))}{number}")]


def _muted(text: str) -> Part:
    return ((text, Role.MUTED),), ""
