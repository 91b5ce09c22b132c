"""Copy a text to the clipboard of the user's terminal, by OSC 52: also over SSH, and through tmux and GNU screen.

No terminal confirms it. :func:`find_reach` says what is known in advance.
"""

import subprocess
from base64 import b64encode
from collections.abc import Mapping

from msgspec import Struct

from wltui.core.credentials import child_environment

MOST = 74_994
"""The longest text in bytes: with it, the sequence has the 100,000 bytes that xterm and others take."""
_PIECE = 240
"""Bytes of one string that GNU screen hands on; 4.9 prints one of 1,000 on the screen (measured), older ones of 256."""
_PATIENCE = 2.0
"""Seconds in which tmux should answer."""
_LOAD = ("tmux", "load-buffer", "-w", "-")
_ASK = ("tmux", "display-message", "-p", "#{version};#{set-clipboard};#{client_termfeatures}")


class Reach(Struct, frozen=True):
    """Whether what is copied reaches the clipboard."""

    ok: bool | None
    """None if it is not known."""
    finding: str
    advice: str = ""


def osc52(text: str) -> str:
    """Return the sequence that sets a terminal's clipboard; an empty text would clear it, so do not ask for that."""
    return f"\x1b]52;c;{b64encode(text.encode('utf-8', 'replace')).decode()}\x07"


def clipboard_sequence(text: str, environ: Mapping[str, str]) -> str:
    """Return what to write to the terminal to set its clipboard.

    GNU screen drops OSC 52, but hands on what stands in device control strings. tmux takes it as it is, with its option
    ``set-clipboard`` on; its own passthrough is off by default and would keep the text from its buffers.
    """
    sequence = osc52(text)
    if "STY" not in environ or "TMUX" in environ:
        return sequence
    pieces = (sequence[start : start + _PIECE] for start in range(0, len(sequence), _PIECE))
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)


def load_into_tmux(text: str, environ: Mapping[str, str]) -> bool:
    """Let tmux set its buffer and the clipboard of its terminal; return whether it did. Slow: call it in a thread.

    It does so with every ``set-clipboard`` (measured with 3.3a), while OSC 52 is dropped unless that is "on". tmux
    before 3.2 refuses.
    """
    if "TMUX" not in environ:
        return False
    try:
        done = subprocess.run(  # noqa: S603  a fixed command; the text is its input
            _LOAD, input=text.encode("utf-8", "replace"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            timeout=_PATIENCE, check=False, env=child_environment(environ),
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def find_reach(environ: Mapping[str, str]) -> Reach:
    """Return whether what is copied reaches the user's clipboard, as far as that can be known. Slow within tmux."""
    if "TMUX" in environ:
        return _find_tmux_reach(environ)
    if "STY" in environ:
        return Reach(None, "GNU screen hands on what is copied; its terminal is not known", TRY)
    for is_named, reach in _KNOWN:
        if is_named(environ):
            return reach
    term = environ.get("TERM", "")
    if term.startswith(("tmux", "screen")):
        return Reach(
            None, "tmux or screen on another host decides", "There: tmux set-option -s set-clipboard on"
        )
    where = "at your end of the SSH connection " if environ.get("SSH_CONNECTION") else ""
    return Reach(None, f"unknown: the terminal {where}decides", TRY)


def _find_tmux_reach(environ: Mapping[str, str]) -> Reach:
    try:
        answer = subprocess.run(  # noqa: S603  a fixed question
            _ASK,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
            env=child_environment(environ),
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return Reach(None, "unknown: tmux does not answer", TRY)
    version, _, rest = answer.stdout.strip().partition(";")
    setting, _, features = rest.partition(";")
    if answer.returncode or not version:
        return Reach(None, "unknown: tmux does not answer", TRY)
    if _is_old(version) and setting != "on":
        return Reach(False, f"tmux {version} drops what programs copy", "tmux set-option -s set-clipboard on")
    if features and "clipboard" not in features.split(","):
        advice = "tmux set-option -as terminal-features ',*:clipboard', if your terminal can do it"
        return Reach(False, "tmux takes what is copied, and does not hand it on to its terminal", advice)
    return Reach(True, "tmux hands on what is copied, if its terminal takes it")


def _is_old(version: str) -> bool:
    """Return whether tmux is older than 3.2, whose load-buffer can't set the clipboard."""
    major, _, minor = version.removeprefix("next-").partition(".")
    digits = "".join(each for each in minor if each.isdigit())
    return major.isdigit() and (int(major), int(digits or 0)) < (3, 2)


TRY = "Copy something and paste it; else select with shift held"
_TAKES = ("WezTerm", "ghostty", "vscode", "kitty", "alacritty", "foot", "contour")
"""Terminals that take OSC 52 unless the user forbids it, as they name themselves in TERM or TERM_PROGRAM."""


def _is_taker(environ: Mapping[str, str]) -> bool:
    program, term = environ.get("TERM_PROGRAM", ""), environ.get("TERM", "")
    named = any(name.casefold() in (program.casefold(), term.removeprefix("xterm-")) for name in _TAKES)
    return named or term.startswith(("foot", "contour")) or bool(environ.get("WT_SESSION"))


_KNOWN = (
    (_is_taker, Reach(True, "this terminal takes what programs copy, unless its settings forbid it")),
    (
        lambda environ: environ.get("TERM") == "linux",
        Reach(False, "the Linux console has no clipboard", "Use another terminal, or write a file"),
    ),
    (
        lambda environ: environ.get("TERM_PROGRAM") == "iTerm.app" or environ.get("LC_TERMINAL") == "iTerm2",
        Reach(None, "iTerm2 takes it if its settings allow it",
              "Settings > General > Selection > Applications in terminal may access clipboard"),
    ),
    (
        lambda environ: bool(environ.get("XTERM_VERSION")),
        Reach(None, "xterm takes it only if its resources allow it", "XTerm*disallowedWindowOps: 20,21,SetXprop"),
    ),
    (
        lambda environ: environ.get("TERM_PROGRAM") == "Apple_Terminal" or "VTE_VERSION" in environ,
        Reach(None, "only new releases of this terminal take it, if any", TRY),
    ),
)  # fmt: skip
