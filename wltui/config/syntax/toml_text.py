"""Values as TOML that people edit, one flat setting a line, and on which line of a text each setting is."""

import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

WIDE = 88
"""A list that would be longer takes a line an item."""

DEEPEST = 50
"""So many keys lead to a value at most, and so many brackets stand around one."""

Path = tuple[str, ...]
"""The keys that lead to a value, outermost first."""


class NotToml(ValueError):
    """A value has what TOML can't say, or nobody could read in it.

    That is null in a list, a number that is none, half a surrogate pair, and an object or a list far down in others.
    """


class Place(Struct, frozen=True):
    """Where a setting is, counted from 1."""

    line: int
    text_line: int
    """Where the first line of its text is, if it is one: below the setting where that opens a text of lines."""


def format_setting(path: Path, value: object) -> list[str]:
    """Lines that set a value other than null. Each key in an object is a dotted one, and is left out if null.

    Raises:
        NotToml: as it says.
    """
    if len(path) > DEEPEST:
        raise NotToml("too deep")
    if isinstance(value, Mapping) and (told := {key: one for key, one in value.items() if one is not None}):
        return [line for key, one in told.items() for line in format_setting((*path, key), one)]
    spelled = "{}" if isinstance(value, Mapping) else _format_value(value)
    return f"{_format_path(path)} = {spelled}".split("\n")


def format_text_setting(path: Path, text: str) -> list[str]:
    """Lines that set a text whose last line may get a line break: it stands on lines of its own."""
    return f"{_format_path(path)} = {_format_lines(text.removesuffix(chr(10)) + chr(10))}".split("\n")


def find_places(text: str) -> dict[Path, Place]:
    """Where each setting of a TOML text is, and each object that settings are in: where it begins."""
    found: dict[Path, Place] = {}
    table: Path = ()
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    for start, end, told in _statements(lines):
        paths = list(_paths(told))
        if not paths:
            continue
        if lines[start].lstrip().startswith("["):
            table = paths[-1]
            paths = [()]
        below = re.search("(\"\"\"|''')$", lines[start]) is not None and end > start + 1
        place = Place(start + 1, start + 1 + below)
        for path in paths:
            whole = (*table, *path)
            for length in range(1, len(whole) + 1):
                found.setdefault(whole[:length], place)
    return found


def find_unfinished_line(text: str) -> int:
    """The line on which the setting begins that does not end before the text does."""
    return max((end for _, end, _ in _statements(text.split("\n"))), default=0) + 1


def _statements(lines: list[str]) -> Iterator[tuple[int, int, dict[str, object]]]:
    """The first line, the line after the last, and what it sets, of each statement, comment and empty line.

    It ends at a fault.
    """
    start = 0
    while start < len(lines):
        for end in range(start + 1, len(lines) + 1):
            # What is open after a line ends on one that has a bracket or three quotes.
            if end > start + 1 and not re.search("]|\"\"\"|'''", lines[end - 1]):
                continue
            try:
                told = tomllib.loads("\n".join(lines[start:end]))
            except tomllib.TOMLDecodeError:
                continue
            yield start, end, told
            break
        else:
            return
        start = end


def _paths(told: Mapping[str, object], depth: int = 1) -> Iterator[Path]:
    for key, value in told.items():
        yield (key,)
        inner = value[-1] if isinstance(value, list) and value else value
        if isinstance(inner, Mapping) and depth < DEEPEST:
            yield from ((key, *rest) for rest in _paths(inner, depth + 1))


def _format_path(path: Iterable[str]) -> str:
    return ".".join(key if re.fullmatch("[A-Za-z0-9_-]+", key) else _format_line(key) for key in path)


def _format_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return repr(value)
    if isinstance(value, str):
        return _format_lines(value) if "\n" in value else _format_line(value)
    if isinstance(value, list | tuple):
        items = [_format_inline(item) for item in value]
        line = f"[{', '.join(items)}]"
        return line if len(line) < WIDE else "\n".join(["[", *(f"    {item}," for item in items), "]"])
    raise NotToml(f"TOML has no {value}")


def _format_inline(value: object, depth: int = 0) -> str:
    if depth > DEEPEST:
        raise NotToml("too deep")
    if isinstance(value, str):
        return _format_line(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_format_inline(one, depth + 1) for one in value)}]"
    if isinstance(value, Mapping):
        pairs = (f"{_format_path([key])} = {_format_inline(one, depth + 1)}" for key, one in value.items())
        return f"{{ {', '.join(pairs)} }}" if value else "{}"
    return _format_value(value)


def _format_line(text: str) -> str:
    return f'"{_escaped(text, "")}"'


def _format_lines(text: str) -> str:
    """A text of several lines, without escapes where that can be."""
    plain = all(character.isprintable() or character in "\n\t" for character in text)
    if "\\" in text and plain and "'''" not in text and not text.endswith("'"):
        return f"'''\n{text}'''"
    body = _escaped(text, '\n\t"').replace('"""', '""\\"')
    # A backslash before a line break takes it away, so that the closing quotes stand alone.
    return f'"""\n{body}"""' if text.endswith("\n") else f'"""\n{body}\\\n"""'


def _escaped(text: str, raw: str) -> str:
    return "".join(character if character in raw else _escape(character) for character in text)


def _escape(character: str) -> str:
    if character in '\\"':
        return f"\\{character}"
    if character.isprintable():
        return character
    short = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
    code = ord(character)
    if 0xD800 <= code < 0xE000:
        raise NotToml("half a surrogate pair")
    return short.get(character) or (f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}")
