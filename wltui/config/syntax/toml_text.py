"""Format values as TOML for people, one flat setting per line, and find the line of each setting in a text."""

import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

WIDE = 88
"""Maximum characters of a list on one line; a longer one has one item per line."""

DEEPEST = 50
"""Maximum keys in the path of a value, and maximum brackets around one."""

Path = tuple[str, ...]
"""Keys of a value, outermost first."""


class NotToml(ValueError):
    """TOML can't express a value, or only in an unreadable way.

    Such are null in a list, NaN and infinity, half a surrogate pair, and deeply nested objects and lists.
    """


class Place(Struct, frozen=True):
    """Line of a setting, counted from 1."""

    line: int
    text_line: int
    """First line of its text: the line after the setting if that begins a text of several lines."""


def format_setting(path: Path, value: object) -> list[str]:
    """Return the lines that set a value other than null. Keys of objects are dotted; null values are left out.

    Raises:
        NotToml: TOML can't express the value.
    """
    if len(path) > DEEPEST:
        raise NotToml("nested too deeply")
    if isinstance(value, Mapping) and (items := {key: one for key, one in value.items() if one is not None}):
        return [line for key, one in items.items() for line in format_setting((*path, key), one)]
    text = "{}" if isinstance(value, Mapping) else _format_value(value)
    return f"{_format_path(path)} = {text}".split("\n")


def format_text_setting(path: Path, text: str) -> list[str]:
    """Return the lines that set a text of several lines; a line break is added to its end if it has none."""
    return f"{_format_path(path)} = {_format_lines(text.removesuffix(chr(10)) + chr(10))}".split("\n")


def find_places(text: str) -> dict[Path, Place]:
    """Return the place of each setting of a TOML text, and of the first setting in each object."""
    found: dict[Path, Place] = {}
    table: Path = ()
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    for start, end, settings in _statements(lines):
        paths = list(_paths(settings))
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
    """Return the line of the first setting that is incomplete or invalid."""
    return max((end for _, end, _ in _statements(text.split("\n"))), default=0) + 1


def _statements(lines: list[str]) -> Iterator[tuple[int, int, dict[str, object]]]:
    """Yield the first line, the line after the last, and the settings of each statement, comment and empty line.

    Stops at the first syntax error.
    """
    start = 0
    while start < len(lines):
        for end in range(start + 1, len(lines) + 1):
            # A statement of several lines ends on a line with a bracket or three quotes.
            if end > start + 1 and not re.search("]|\"\"\"|'''", lines[end - 1]):
                continue
            try:
                settings = tomllib.loads("\n".join(lines[start:end]))
            except tomllib.TOMLDecodeError:
                continue
            yield start, end, settings
            break
        else:
            return
        start = end


def _paths(settings: Mapping[str, object], depth: int = 1) -> Iterator[Path]:
    for key, value in settings.items():
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
        raise NotToml("nested too deeply")
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
    """Return a text of several lines, without escapes if possible."""
    plain = all(character.isprintable() or character in "\n\t" for character in text)
    if "\\" in text and plain and "'''" not in text and not text.endswith("'"):
        return f"'''\n{text}'''"
    body = _escaped(text, '\n\t"').replace('"""', '""\\"')
    # A backslash removes the following line break, so that the closing quotes can have their own line.
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
