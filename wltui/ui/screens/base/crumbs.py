"""The breadcrumb of every screen: the way from the first screen to this one."""

from collections.abc import Sequence

from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans, width


def crumb_spans(crumbs: Sequence[Spans], glyphs: Glyphs, cells: int) -> Spans:
    """Return the crumbs of the open screens in one line; if they don't fit, the first ones are left out."""
    *before, last = crumbs
    arrow = (f" {glyphs.crumb} ", Role.MUTED)
    cut: Spans = ((glyphs.ellipsis, Role.MUTED), arrow)
    spans: Spans = tuple((text, Role.BOLD) for text, _ in last)
    while before:
        longer = (*before[-1], arrow, *spans)
        if 1 + width(longer) + (width(cut) if len(before) > 1 else 0) > cells:
            break
        spans = longer
        before.pop()
    return ((" ", Role.PLAIN), *(cut if before else ()), *spans)
