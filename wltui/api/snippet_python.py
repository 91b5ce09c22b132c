"""Write values as Python source, in lines that are short enough to be pasted and hold printable characters only."""

from collections.abc import Mapping, Sequence

LONGEST_PART = 900
"""Maximum bytes of a text on one line."""
INDENT = "    "


def format_text(text: str) -> str:
    """Return a text as Python source; a long one in parentheses, in parts of a line each."""
    parts, size = [""], 0
    for character in text:
        width = len(repr(character).encode()) - 2
        if size + width > LONGEST_PART:
            parts.append("")
            size = 0
        parts[-1] += character
        size += width
    if len(parts) == 1:
        return _in_quotes(text)
    return "\n".join(["(", *(INDENT + _in_quotes(part) for part in parts), ")"])


def format_value(value: object, indent: str = "") -> str:
    """Return a value that JSON can hold as Python source, one key or item a line."""
    inner = indent + INDENT
    if isinstance(value, str):
        return format_text(value).replace("\n", f"\n{indent}")
    if isinstance(value, Mapping) and value:
        items = (f"{inner}{format_value(key)}: {format_value(item, inner)}," for key, item in value.items())
        return "\n".join(["{", *items, indent + "}"])
    if isinstance(value, Sequence) and value:
        return "\n".join(["[", *(f"{inner}{format_value(item, inner)}," for item in value), indent + "]"])
    return repr(value)


def _in_quotes(text: str) -> str:
    source = repr(text)
    return source if '"' in source or "\\'" in source else f'"{source[1:-1]}"'
