"""Check the terminal for ``wltui doctor``: size, colours, characters and clipboard."""

import shutil
import sys
from collections.abc import Iterator, Mapping

from wltui.core.errors import UsageError
from wltui.lifecycle.terminal import can_show_unicode, detect_terminal, find_color_system, original_environ
from wltui.ui.terminal.clipboard import find_reach

from .checks import Check

_MIN_COLUMNS, _MIN_ROWS = 60, 15
_COLOURS = {
    "truecolor": "24-bit",
    "256": "256; set COLORTERM=truecolor where the terminal can do more",
    "standard": "16",
}


def check_terminal(environ: Mapping[str, str]) -> Iterator[Check]:
    """Yield each check of the terminal that standard input and standard error are."""
    yield _check_size(environ)
    colours = "none, as NO_COLOR asks" if environ.get("NO_COLOR") else _COLOURS[find_color_system(environ)]
    yield Check("Colours", True, colours)
    encoding = getattr(sys.__stderr__, "encoding", None) or "ascii"
    if can_show_unicode(original_environ(environ), encoding):
        yield Check("UTF-8", True, "yes")
    else:
        yield Check("UTF-8", None, "no: wltui draws with ASCII", "Set LANG to a locale of UTF-8")
    yield _check_clipboard(environ)


def _check_size(environ: Mapping[str, str]) -> Check:
    try:
        detect_terminal(environ)
    except UsageError as error:
        is_dumb = environ.get("TERM") == "dumb"
        return Check("Terminal", False if is_dumb else None, error.why or error.what, error.advice)
    columns, rows = shutil.get_terminal_size()
    is_enough = columns >= _MIN_COLUMNS and rows >= _MIN_ROWS
    advice = "" if is_enough else f"Make it {_MIN_COLUMNS}×{_MIN_ROWS} or larger"
    return Check("Terminal", is_enough, f"{environ.get('TERM', 'unknown')}, {columns}×{rows}", advice)


def _check_clipboard(environ: Mapping[str, str]) -> Check:
    """Check whether text that is copied by OSC 52 reaches the user's clipboard."""
    reach = find_reach(environ)
    return Check("Clipboard", reach.ok or None, reach.finding, reach.advice)  # nothing else fails for it
