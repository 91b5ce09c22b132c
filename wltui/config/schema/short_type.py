"""The short notation of nested lists of fixed size, as people type it in the editor: ``float[10]``."""

import re

_INNERMOST = re.compile(r"fixed_size_list<item: ((?!fixed_size_binary)\w+)(?:\[([\d, ]+)\])?>\[(\d+)\]")


def short_type(text: str) -> str:
    """Return pyarrow's text of a type with ``double[96, 12]`` for each list of fixed size that can be written so.

    Others stay as they are: those whose item has another name, can't be null, or is itself no plain type.
    """
    while (shorter := _INNERMOST.sub(_shorten, text)) != text:
        text = shorter
    return text


def _shorten(match: re.Match[str]) -> str:
    word, inner, size = match.groups()
    return f"{word}[{size}, {inner}]" if inner else f"{word}[{size}]"
