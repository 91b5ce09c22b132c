"""A bar that shows how far a long read is."""

from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans

CELLS = 10


def progress(left: int, total: int, noun: str, glyphs: Glyphs) -> Spans:
    """Render how many of ``total`` have been read: a bar with numbers, or words alone while none has been."""
    done = max(0, total - left)
    if not done:
        return ((f"reading {total:,} {noun}s", Role.MUTED),)
    filled = CELLS * done // max(1, total)
    bar = glyphs.bar * filled, glyphs.track * (CELLS - filled)
    return ((bar[0], Role.ACCENT), (bar[1], Role.MUTED), (f" {done:,} of {total:,} {noun}s read", Role.MUTED))
