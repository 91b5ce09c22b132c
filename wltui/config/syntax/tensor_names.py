"""Parse and format lists of names: one per line, or several with commas, or JSON strings if needed.

A name is written as a JSON string if it is empty, looks like null, or has a comma, a quote, an invisible character,
or a space at either end; otherwise it is written without quotes.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import cast

from . import json_text
from .json_text import TextFault


def parse(text: str) -> tuple[str, ...]:
    """Return the names in a text: one per line, several on a line as in ``a, b``, or a JSON array.

    Empty lines and a comma at the end of a line are ignored. ``[]`` is the empty list.

    Raises:
        TextFault: a name is missing, repeated or ambiguous.
    """
    found = [*(_json_names(text) if text.lstrip().startswith("[") else _typed_names(text))]
    names = tuple(name for name, _, _ in found)
    seen = set()
    for name, line, column in found:
        if name in seen or not _is_unicode(name):
            raise TextFault(problem_text(names), line, column)
        seen.add(name)
    return names


def format(names: Iterable[str]) -> str:
    """Return the text that :func:`parse` accepts for these names, one per line."""
    return "\n".join(map(_format_name, names)) or "[]"


def summary(names: Iterable[str]) -> str:
    """Return the names on one line."""
    return ", ".join(map(_format_name, names)) or "[]"


def problem_text(names: Iterable[str]) -> str:
    """Return the problem of a list of names, or an empty text."""
    for name, count in Counter(names).items():
        if count > 1:
            return f"{json_text.format(name)} appears {'twice' if count == 2 else f'{count} times'}"
        if not _is_unicode(name):
            return f"{json_text.format(name)} is not valid Unicode"
    return ""


def _is_unicode(name: str) -> bool:
    return not re.search("[\ud800-\udfff]", name)


def _format_name(name: str) -> str:
    return name if _is_plain(name) else json_text.format(name)


def _is_plain(name: str) -> bool:
    """Return whether a name needs no quotes."""
    return (
        name.isprintable()
        and name == name.strip()
        # Empty, or a word that means null.
        and name.lower() not in ("", "null", "none", "not readable")
        and not name.startswith("[")
        and not set(name) & set(",\"'")
    )


def _json_names(text: str) -> Iterator[tuple[str, int, int]]:
    try:
        names = cast(list[object], json_text.parse(text))  # the text begins with a bracket
    except TextFault as fault:
        words = f"Not a JSON list: {fault}. You can also write one name per line, without brackets"
        raise TextFault(words, fault.line, fault.column) from None
    strings = re.finditer(r'"(?:[^"\\]|\\.)*"', text, re.DOTALL)
    for place, name in enumerate(names, 1):
        if not isinstance(name, str):
            raise TextFault(f"Item {place} of the list is not a text; put it in quotes", 1, 1)
        yield name, *json_text.place_of(text, next(strings).start())


def _typed_names(text: str) -> Iterator[tuple[str, int, int]]:
    for number, whole in enumerate(text.split("\n"), 1):
        line = whole.strip()
        while line:
            column = len(whole.rstrip()) - len(line) + 1
            name, line = _next_name(line, number, column)
            yield name, number, column


def _next_name(line: str, number: int, column: int) -> tuple[str, str]:
    """Return the first name of a line, and the rest of the line."""
    if line.startswith('"'):
        try:
            name, end = json.JSONDecoder().raw_decode(line)
        except ValueError:
            raise TextFault(
                "A name in quotes does not end, or is not a valid JSON string", number, column
            ) from None
        between, _, rest = line[end:].partition(",")
        if between.strip():
            raise TextFault(f"A comma is missing after {json_text.format(name)}", number, column + end)
        return str(name), rest.strip()
    name, _, rest = line.partition(",")
    name = name.strip()
    if not name:
        raise TextFault('A name is missing beside a comma; write an empty name as ""', number, column)
    if not _is_plain(name):
        raise TextFault(f"If this is the name, write it as {json_text.format(name)}", number, column)
    return name, rest.strip()
