"""Make text from outside safe to print: invisible characters become Python escape sequences."""

import re

HIDDEN = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff\U000e0000-\U000e0fff]"
)
"""Characters that a terminal does not show, or that change how it shows others: controls, zero-width and bidi ones,
fillers, and halves of surrogate pairs. :meth:`str.isprintable` returns True for some of them."""


def is_visible(text: str) -> bool:
    """Return whether a terminal shows every character, and in order."""
    return text.isprintable() and not HIDDEN.search(text)


def escape_invisible(text: str) -> str:
    """Return ``text`` with control, bidi and other invisible characters escaped, except line breaks."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c == "\n" or is_visible(c) else ascii(c)[1:-1] for c in text)


def escape_line(text: object) -> str:
    """Return text on one line: escaped as by :func:`escape_invisible`, line breaks too."""
    return escape_invisible(str(text)).replace("\n", "\\n")
