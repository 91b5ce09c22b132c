"""Quote texts for a POSIX shell, to be pasted into sh, dash, bash, ksh or zsh.

The result is printable: characters that a terminal may act on become octal escapes, which ``printf '%b'`` reads.
"""

LONGEST_PART = 900
"""Maximum bytes of a word from :func:`printf`, without its quotes: terminals cut pasted lines after 4,096 bytes."""


def quote(text: str) -> str:
    """Return one word of a command line that is the text; an unprintable line break at its end is lost."""
    if text.isprintable():
        return _in_quotes(text)
    return f"\"$(printf '%b' {_in_quotes(''.join(map(_escape, text)))})\""


def printf(text: str) -> tuple[str, ...]:
    """Return the words of a command that prints the text exactly, in short parts."""
    is_plain = text.isprintable()
    parts, size = [""], 0
    for character in text:
        piece = character if is_plain else _escape(character)
        width = len(_in_quotes(piece).encode(errors="surrogateescape")) - 2
        if size + width > LONGEST_PART:
            parts.append("")
            size = 0
        parts[-1] += piece
        size += width
    return ("printf", "'%s'" if is_plain else "'%b'", *map(_in_quotes, parts))


def _in_quotes(text: str) -> str:
    return "'" + text.replace("'", r"'\''") + "'"


def _escape(character: str) -> str:
    """Return a character as ``printf '%b'`` reads it; a surrogate stands for a byte of a file's name."""
    if character == "\\":
        return r"\\"
    if character.isprintable():
        return character
    return "".join(f"\\0{byte:03o}" for byte in character.encode(errors="surrogateescape"))
