"""Paths as people type them, or copy them from a shell."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

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
        RuntimeError: The text begins with ``~`` and the name of no user.
    """
    return Path(text) if _exists(text) else Path(from_shell(text, environ)).expanduser()


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


def _value(written: str, name: str, environ: Mapping[str, str]) -> str:
    return environ.get(name, written)


def _exists(text: str) -> bool:
    try:
        return os.path.lexists(text)
    except ValueError:  # a lone surrogate, or a null character
        return False
