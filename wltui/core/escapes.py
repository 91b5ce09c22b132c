"""Make text from outside safe to print: invisible characters become Python escape sequences."""


def escape_invisible(text: str) -> str:
    """Return ``text`` with control, bidi and other invisible characters escaped, except line breaks."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def escape_line(text: object) -> str:
    """Return text on one line: escaped as by :func:`escape_invisible`, line breaks too."""
    return escape_invisible(str(text)).replace("\n", "\\n")
