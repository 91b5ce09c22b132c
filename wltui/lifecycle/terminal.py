"""Detect the abilities of the terminal, before Textual is imported, which reads its environment only then."""

import os
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping

from msgspec import Struct

from wltui.core.errors import UsageError

_TRUECOLOR = ("kitty", "ghostty", "alacritty", "wezterm", "foot", "contour", "iterm")
_UNDERSTATED = ("screen", "tmux", "xterm")
"""Names that terminals of 256 colours use, while terminfo lists them with 8."""
_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")


class Terminal(Struct, frozen=True):
    """The abilities of a terminal."""

    ascii: bool
    """Whether only ASCII characters can be shown."""
    variables: Mapping[str, str]
    """Variables to set for Textual, without those that the user has set."""
    is_elsewhere: bool = False
    """Whether the screen is drawn elsewhere, as in a browser by ``textual serve``."""

    def prepare(self, environ: MutableMapping[str, str]) -> None:
        """Set the environment for Textual; call it before that is imported."""
        environ.update(self.variables)
        # An exported size outlives the window's, so the terminal is asked. Elsewhere the size is exported, and a
        # multiplexer around the server is not around the screen.
        for name in ("TMUX", "STY") if self.is_elsewhere else ("COLUMNS", "LINES"):
            environ.pop(name, None)
        if not environ.get("NO_COLOR"):  # empty, it is as if it were not set; Textual takes it for set
            environ.pop("NO_COLOR", None)
        if sys.__stderr__ is not None:  # Textual draws there, and no character is worth a crash
            sys.__stderr__.reconfigure(errors="replace")


def detect_terminal(environ: Mapping[str, str], *, stdin: int = 0, stderr: int = 2) -> Terminal:
    """Return the abilities of the terminal that Textual reads from and draws on, given by file descriptors.

    Raises:
        UsageError: there is none, or it cannot move its cursor.
    """
    if draws_elsewhere(environ):
        return Terminal(ascii=False, variables=textual_variables(environ), is_elsewhere=True)
    for descriptor, name in ((stdin, "standard input"), (stderr, "standard error")):
        if not os.isatty(descriptor):
            raise UsageError(
                f"{name} is not a terminal", "", "Run wltui in a terminal, without redirecting it"
            )
    if environ.get("TERM") == "dumb":
        raise UsageError("this terminal cannot draw a screen", "TERM is dumb", "Use another one, or set TERM")
    return Terminal(
        ascii=not can_show_unicode(
            original_environ(environ), getattr(sys.__stderr__, "encoding", None) or "ascii"
        ),
        variables=textual_variables(environ),
    )


def draws_elsewhere(environ: Mapping[str, str]) -> bool:
    """Return whether ``TEXTUAL_DRIVER`` names a driver that needs no terminal, such as that of ``textual serve``."""
    driver = environ.get("TEXTUAL_DRIVER", "")
    return bool(driver) and not driver.endswith(":LinuxDriver")


def textual_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables to set for Textual, without those that ``environ`` holds, NO_COLOR's theme excepted."""
    wanted = {"TEXTUAL_COLOR_SYSTEM": find_color_system(environ), "TEXTUAL_ANIMATIONS": "none"}
    missing = {name: value for name, value in wanted.items() if name not in environ}
    if environ.get("NO_COLOR"):
        missing["TEXTUAL_THEME"] = "ansi-dark"  # any other theme would be turned into greys, in colour codes
    return missing


def find_terminfo_colors(term: str) -> int | None:
    """Return how many colours terminfo gives a terminal, or None if it does not know the terminal.

    Curses reads one entry in the life of a process, so for a second terminal this returns None.
    """
    if term not in _COLORS:
        _COLORS[term] = None if _COLORS else _read_colors(term)
    return _COLORS[term]


_COLORS: dict[str, int | None] = {}


def _read_colors(term: str) -> int | None:
    try:
        import curses
    except ImportError:  # a Python without it
        return None
    try:
        curses.setupterm(term, 2)
        colors = curses.tigetnum("colors")
    except curses.error:
        return None
    return colors if colors > 0 else None


def find_color_system(
    environ: Mapping[str, str], terminfo: Callable[[str], int | None] = find_terminfo_colors
) -> str:
    """Return ``truecolor``, ``256`` or ``standard``: the best that the terminal is known to support.

    SSH passes TERM on but not COLORTERM, so the names of terminals count. A name that gives a number of colours, such
    as ``xterm-16color``, is the user's own choice and holds before anything else; terminfo comes before guesses.
    """
    term = environ.get("TERM", "").lower()
    named = re.search(r"-(\d{1,3})color", term)
    if named and int(named[1]) < 256:
        return "standard"
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return "truecolor"
    names = (term, environ.get("LC_TERMINAL", "").lower(), environ.get("TERM_PROGRAM", "").lower())
    inside = term.startswith(("screen", "tmux"))  # whatever terminal is around them
    if not inside and (
        term.endswith("-direct") or any(known in name for name in names for known in _TRUECOLOR)
    ):
        return "truecolor"
    if _is_console(term):
        return "standard"
    colors = terminfo(term) if term and term not in _UNDERSTATED else None
    return "standard" if colors is not None and colors < 256 else "256"


def original_environ(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment with the ``LC_CTYPE`` that the process was started with.

    Python replaces one that is not installed. Only Linux shows which one it was.
    """
    try:
        with open("/proc/self/environ", "rb") as file:
            given = dict(line.partition(b"=")[::2] for line in file.read().split(b"\0"))
    except OSError:
        return environ
    kind = given.get(b"LC_CTYPE", b"").decode("ascii", "replace")
    return {**environ, "LC_CTYPE": kind} if environ is os.environ else environ


def can_show_unicode(environ: Mapping[str, str], encoding: str) -> bool:
    """Return whether the locale and the ``encoding`` of standard error are UTF-8, and the font has the glyphs."""
    if encoding.lower().replace("-", "") != "utf8" or _is_console(environ.get("TERM", "").lower()):
        return False
    # Python sets LC_CTYPE to one of a few names if it finds the C locale, which is also what the system takes for a
    # locale that is not installed: so they say nothing if LANG names another one.
    kind = environ.get("LC_CTYPE", "")
    kind = environ.get("LANG", "") or kind if kind in _COERCED else kind
    locale = environ.get("LC_ALL") or kind or environ.get("LANG", "")
    return not locale or locale.lower().replace("-", "").partition("@")[0].endswith("utf8")


def _is_console(term: str) -> bool:
    """Return whether this is a text console, with 16 colours and a font of a few hundred glyphs."""
    return term in ("linux", "ansi", "cons25") or term.startswith("vt")
