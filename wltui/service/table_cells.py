"""The values of a table as text, each safe to show on a terminal.

One rule for every text that is made here: a control, bidi or other invisible character, and half a surrogate pair,
becomes its Python escape (``\\x1b``); a line break stays where the format can hold it. JSON holds them all as escapes
of its own, so nothing is lost there but half a pair, which no UTF-8 can hold.
"""

import re
from datetime import UTC, datetime
from math import isfinite
from typing import Any

import msgspec
from msgspec import UNSET

from wltui.core.escapes import escape_invisible, escape_line

DAMAGE = "\ufffd"
"""Replaces half of a surrogate pair where text has to be UTF-8."""
_FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20"
"""First characters of a formula; spreadsheets read the wide ones alike."""
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_HALF = re.compile("[\ud800-\udfff]")
_INVISIBLE = re.compile(r"[^ -~\n\r\t]")  # those three stand between the values of JSON, never raw in a text


def format_time(time: datetime) -> str:
    """Return a time as RFC 3339 in UTC: ``2026-11-29T18:32:22.500000Z``, or without a fraction if that is 0."""
    return f"{time.astimezone(UTC).isoformat()[: -len('+00:00')]}Z"


def format_cell(value: object) -> str:
    """Return a value as text, which may have line breaks; empty for null and for unknown values.

    Lists and objects are JSON, times RFC 3339, and truth is ``true`` or ``false``.
    """
    if value is None or value is UNSET:
        return ""
    if isinstance(value, str):
        return escape_invisible(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime):
        return format_time(value)
    return format_json(value)


def format_line(value: object) -> str:
    """Return a value as :func:`format_cell` does, on one line without tabs."""
    return escape_line(value) if isinstance(value, str) else format_cell(value)


def disarm(cell: str) -> str:
    """Return a cell that no spreadsheet runs: after an apostrophe if it begins like a formula and is no number."""
    is_formula = cell.lstrip()[:1] in _FORMULA and cell.lstrip() != "" and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if is_formula else cell


def format_json(value: object) -> str:
    """Return a value as JSON on one line, in which each invisible character is an escape."""
    try:
        text = msgspec.json.encode(_plain(value), enc_hook=_plain).decode()
    except UnicodeEncodeError:
        text = msgspec.json.encode(_repaired(value)).decode()
    return escape_json(text)


def escape_json(text: str) -> str:
    """Return JSON in which each invisible character is an escape; nothing else changes."""
    return text if text.isascii() and "\x7f" not in text else _INVISIBLE.sub(_escaped, text)


def repair(text: str) -> str:
    """Return text that UTF-8 can hold: half of a surrogate pair becomes :data:`DAMAGE`."""
    return text if text.isascii() else _HALF.sub(DAMAGE, text)


def _escaped(found: re.Match[str]) -> str:
    letter = found[0]
    if letter.isprintable():
        return letter
    pairs = letter.encode("utf-16-be").hex()
    return "".join(f"\\u{pairs[at : at + 4]}" for at in range(0, len(pairs), 4))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, float) and not isfinite(value):
        return repr(value)
    return value


def _repaired(value: object) -> Any:
    """Return a value in which every text can be UTF-8."""
    if isinstance(value, str):
        return repair(value)
    if isinstance(value, dict):
        return {repair(str(key)): _repaired(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_repaired(each) for each in value]
    return _plain(value)
