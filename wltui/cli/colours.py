"""Print styled text: with colours if standard output is a terminal that has them, else as plain text."""

import os
import sys
from collections.abc import Iterable
from shutil import get_terminal_size

from wltui.lifecycle.console import say
from wltui.lifecycle.terminal import can_show_unicode, original_environ
from wltui.ui.text.glyphs import ASCII, UNICODE, Glyphs
from wltui.ui.text.spans import Role, Spans

WIDE = 100
"""Cells of a line if nobody says how many there are, as in a pipe."""
_CODES = {
    Role.BOLD: "1",
    Role.MUTED: "2",
    Role.SUCCESS: "32",
    Role.WARNING: "33",
    Role.ERROR: "31",
    Role.ACCENT: "36",
    Role.HEADING: "36",
}
"""The terminal's own colours, which suit its background."""


def is_terminal() -> bool:
    """Return whether standard output is a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def has_colours() -> bool:
    """Return whether standard output is a terminal with colours, and the user wants them."""
    return is_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def find_cells() -> int:
    """Return how many cells a line has: those of the terminal, or :data:`WIDE`."""
    return max(20, get_terminal_size((WIDE, 24)).columns) if is_terminal() else WIDE


def find_glyphs() -> Glyphs:
    """Return the signs that standard output can show."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    return UNICODE if can_show_unicode(original_environ(os.environ), encoding) else ASCII


def paint(text: str, role: Role) -> str:
    """Return text, which has no control characters, in the colour of a role."""
    code = _CODES.get(role)
    return f"\x1b[{code}m{text}\x1b[0m" if code and text else text


def print_lines(lines: Iterable[Spans]) -> None:
    """Print lines of spans, without the lines that divide a screen; raise OutputLost if they can't be printed."""
    coloured = has_colours()
    words = (((text, role) for text, role in spans if role is not Role.RULE) for spans in lines)
    texts = ("".join(paint(text, role) if coloured else text for text, role in spans) for spans in words)
    say("".join(f"{text.rstrip()}\n" for text in texts), end="")
