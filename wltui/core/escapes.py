"""Text from outside, made safe to print: what can't be seen is written as an escape sequence of Python."""


def escape_invisible(text: str) -> str:
    """Return ``text`` with control, bidi and other invisible characters but line breaks as escape sequences."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def escape_line(text: object) -> str:
    """Return text from outside as part of a line: as :func:`escape_invisible`, line breaks too."""
    return escape_invisible(str(text)).replace("\n", "\\n")
