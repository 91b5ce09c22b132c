"""The breadcrumb of every screen: the way from the first screen to this one."""

from collections.abc import Sequence

from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans, width
from wltui.ui.widgets.parts_line import Part


def crumb_parts(crumbs: Sequence[Spans], glyphs: Glyphs, cells: int) -> Sequence[Part]:
    """Return the crumbs of the open screens in one line; if they don't fit, the first ones are left out.

    The name of a part is the place of its screen among them; the last one, the screen in front, has no name.
    """
    *before, last = crumbs
    arrow: Part = ((f" {glyphs.crumb} ", Role.MUTED),), ""
    parts: list[Part] = [(tuple((text, Role.BOLD) for text, _ in last), "")]
    cut: Part = ((glyphs.ellipsis, Role.MUTED),), ""
    room = cells - 1 - width(parts[0][0])
    for place, crumb in reversed([*enumerate(before)]):
        room -= width(crumb) + width(arrow[0])
        if room < (width((*cut[0], *arrow[0])) if place else 0):
            parts = [cut, arrow, *parts]
            break
        parts = [(crumb, str(place)), arrow, *parts]
    return (((" ", Role.PLAIN),), ""), *parts
