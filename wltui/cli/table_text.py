"""A table of records as text: aligned for people, and the columns that they see if they name none."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import UNSET

from wltui.core.problems import Trouble
from wltui.core.records import phase
from wltui.service.table import Column, Kind, Table
from wltui.service.table_cells import format_line
from wltui.ui.text.format import age
from wltui.ui.text.spans import Role, Spans, clip, width
from wltui.ui.widgets.status import ROLES

from .colours import find_cells, find_glyphs, is_terminal

LEAST, WORTH = 6, 16
"""Cells that a column keeps at least on a narrow terminal, and in how many less the last ones are left out."""
GAP = 2
_PROBLEMS = {
    "not_ready": Role.ERROR,
    "failed": Role.ERROR,
    **{each.name.lower(): Role.WARNING for each in list(Trouble)[2:]},
}
_WORDS: Mapping[str, Mapping[str, Role]] = {
    "trouble": _PROBLEMS,
    "config": {"outdated": Role.WARNING, "current": Role.SUCCESS, "stopped": Role.MUTED},
    "outcome": {
        "saved": Role.SUCCESS,
        "refused": Role.ERROR,
        "unknown": Role.WARNING,
        "not_saved": Role.ERROR,
    },
}
"""The colours of words, by column."""


def role_of(column: str, value: object) -> Role:
    """Return the colour of a value; it repeats what the word says."""
    if not isinstance(value, str):
        return Role.PLAIN
    if column in ("status", "newest_status"):
        return ROLES[phase(value)]
    return _WORDS.get(column, {}).get(value, Role.PLAIN)


def render_table(table: Table[Any], now: datetime, *, ages: bool, is_chosen: bool = False) -> list[Spans]:
    """Return a heading, and a line for each record, in aligned columns.

    Columns of which nothing is known are left out. With ``ages``, times are given as how long ago they were, and on a
    terminal no line is wider than that: if need be, cells are cut, and the last columns left out unless the user has
    chosen them.
    """
    rows = [[(value, _text(value, now, ages)) for value in row] for row in table.rows()]
    known = [
        place
        for place in range(len(table.columns))
        if not rows or any(row[place][0] is not UNSET for row in rows)
    ]
    columns = [table.columns[place] for place in known]
    heads = [column.title.upper() for column in columns]
    widths = [
        max(width(((head, Role.PLAIN),)), *(_width(row[place][1]) for row in rows), 0)
        for head, place in zip(heads, known, strict=True)
    ]
    if ages and is_terminal():
        room = find_cells()
        while (
            not is_chosen and len(widths) > 1 and sum(min(each, WORTH) + GAP for each in widths) - GAP > room
        ):
            del widths[-1], heads[-1], known[-1], columns[-1]
        _narrow(widths, room)
    ellipsis = find_glyphs().ellipsis
    fit = _fitter(columns, widths, ellipsis)
    lines = [fit([(head, Role.BOLD) for head in heads])]
    for row in rows:
        cells = [row[place] for place in known]
        lines.append(
            fit(
                [
                    (text, role_of(column.name, value))
                    for column, (value, text) in zip(columns, cells, strict=True)
                ]
            )
        )
    return lines


def render_record(table: Table[Any], now: datetime) -> list[Spans]:
    """Return a line for each known value of the first record of a table, without those that are for programs."""
    row = table.row(table.records[0])
    known = [
        (column, value)
        for column, value in zip(table.columns, row, strict=True)
        if value is not UNSET and column.kind is not Kind.JSON
    ]
    room = max((len(column.title) for column, _ in known), default=0) + GAP
    return [
        (
            (f"{column.title:<{room}}", Role.MUTED),
            (_record_text(value, now), role_of(column.name, value)),
        )
        for column, value in known
    ]


def _record_text(value: object, now: datetime) -> str:
    text = _text(value, now, ages=False)
    return f"{text} ({age(now - value)})" if isinstance(value, datetime) else text or "none"


def _text(value: object, now: datetime, ages: bool) -> str:
    if ages and isinstance(value, datetime):
        return age(now - value)
    if isinstance(value, list | tuple) and all(isinstance(each, str | int) for each in value):
        return ", ".join(map(format_line, value))
    return format_line(value)


def _width(text: str) -> int:
    return len(text) if text.isascii() else width(((text, Role.PLAIN),))


def _narrow(widths: list[int], cells: int) -> None:
    """Make the widest columns narrower until a line fits, as far as that is possible."""
    room = cells - GAP * (len(widths) - 1)
    while sum(widths) > room and (widest := max(widths)) > LEAST:
        place = len(widths) - 1 - widths[::-1].index(widest)
        second = max((other for other in widths if other < widest), default=LEAST)
        widths[place] -= min(sum(widths) - room, max(1, widest - second), widest - LEAST)


def _fitter(
    columns: Sequence[Column[Any]], widths: Sequence[int], ellipsis: str
) -> Callable[[Sequence[tuple[str, Role]]], Spans]:
    """Return a function that makes a line of cells: each cut or filled up to the width of its column."""
    is_number = [column.kind in (Kind.INTEGER, Kind.NUMBER) for column in columns]

    def fit(cells: Sequence[tuple[str, Role]]) -> Spans:
        spans: list[tuple[str, Role]] = []
        for (text, role), room, is_right in zip(cells, widths, is_number, strict=True):
            used = _width(text)
            cut = clip(((text, role),), room, ellipsis) if used > room else ((text, role),)
            blanks = " " * max(0, room - used)
            if spans:
                spans.append((" " * GAP, Role.PLAIN))
            spans += [(blanks, Role.PLAIN), *cut] if is_right else [*cut, (blanks, Role.PLAIN)]
        return tuple(spans)

    return fit
