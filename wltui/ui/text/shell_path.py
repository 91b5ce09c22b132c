"""Paths as people type them, or copy them from a shell."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from wltui.core.home_paths import expand_home

from .spans import visible

_PIECE = re.compile(
    r"'(?P<literal>[^']*)'?"
    r'|"(?P<quoted>(?:[^"\\]|\\.)*)"?'
    r"|\\(?P<escaped>.)"
    r"|(?P<plain>[^'\"\\]+|\\)",
    re.DOTALL,
)
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})", re.ASCII)
_ESCAPED_OR_VARIABLE = re.compile(r"\\([$`\"\\])|" + _VARIABLE.pattern, re.ASCII)


def find_path(text: str, environ: Mapping[str, str]) -> Path:
    """Return the path for a text: the file of exactly that name if it exists, else the text as a shell expands it.

    Reads the disk.

    Raises:
        UnknownHome: the text begins with ``~`` and the name of no user.
    """
    return Path(text) if _exists(text) else expand_home(from_shell(text, environ))


def from_shell(text: str, environ: Mapping[str, str]) -> str:
    r"""Return a text without quotes and backslashes, its variables replaced as a shell does.

    Unlike in a shell, a space needs no quotes, quotes need not be closed, and an unset variable stays unchanged.
    """
    path = ""
    for piece in _PIECE.finditer(text):
        literal, quoted, escaped, plain = piece.group("literal", "quoted", "escaped", "plain")
        if quoted is not None:
            path += _ESCAPED_OR_VARIABLE.sub(
                lambda found: found[1] or _value(found[0], found[2] or found[3], environ), quoted
            )
        elif plain is not None:
            path += _VARIABLE.sub(lambda found: _value(found[0], found[1] or found[2], environ), plain)
        else:
            path += escaped if literal is None else literal
    return path


def shorten_home(path: Path, environ: Mapping[str, str]) -> str:
    """Return a path with ``~`` in place of the user's home folder."""
    home = environ.get("HOME", "")
    is_below = home not in ("", "/") and path.is_relative_to(home)
    return f"~/{path.relative_to(home)}" if is_below else str(path)


def completions(text: str, environ: Mapping[str, str]) -> list[str]:
    """Return the paths that begin with a text, sorted; folders end with a slash.

    If there are none, the text is unquoted as by a shell. Hidden files are included if their first dot is typed.
    Names with characters that a terminal can't show are left out.
    """
    return _beginning(text) or _beginning(from_shell(text, environ))


def _beginning(text: str) -> list[str]:
    folder, slash, begin = text.rpartition("/")
    place = expand_home(folder + slash or ".")
    if not place.is_dir():
        return []
    return sorted(
        f"{folder}{slash}{entry.name}{'/' if entry.is_dir() else ''}"
        for entry in place.iterdir()
        if entry.name.startswith(begin)
        and visible(entry.name) == entry.name
        and (begin.startswith(".") or not entry.name.startswith("."))
    )


def _value(written: str, name: str, environ: Mapping[str, str]) -> str:
    return environ.get(name, written)


def _exists(text: str) -> bool:
    try:
        return os.path.lexists(text)
    except ValueError:  # a lone surrogate, or a null character
        return False
