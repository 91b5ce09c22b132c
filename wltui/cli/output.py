"""Print a table in the format that the user asked for: on a terminal aligned, in a pipe separated by tabs."""

import argparse
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from msgspec import UNSET

from wltui.core.errors import UsageError
from wltui.lifecycle.console import escape_line, open_output, say
from wltui.service.table import Column, Kind, Table
from wltui.service.table_cells import format_line
from wltui.service.table_files import Format, write_table

from .arguments import parse_positive
from .session import say_age

if TYPE_CHECKING:
    from wltui.lifecycle.kept_output import KeptOutput

FORMATS = ("table", "wide", "json", "jsonl", "csv", "tsv", "name", "arrow", "parquet")
TEXT = ("table", "wide", "name")
NAMES = {
    "workspaces": "name", "models": "name", "history": "version_id", "drafts": "version_id", "configs": "version_id",
}  # fmt: skip
"""The column that ``-o name`` prints if that is not ``id``: what other commands take as words."""
BINARY = ("arrow", "parquet")


def add_output(parser: argparse.ArgumentParser, formats: Sequence[str] = FORMATS) -> None:
    """Add the flag that chooses the format."""
    parser.add_argument(
        "-o",
        "--output",
        choices=formats,
        metavar="FORMAT",
        help=f"{', '.join(formats)}; by default a table on a terminal, and separated by tabs in a pipe",
    )


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Add the flags that choose and sort records and columns."""
    group = parser.add_argument_group("selection")
    group.add_argument(
        "--filter", metavar="WORDS", default="", help="as after / on a screen: 'status:error age<24h'"
    )
    group.add_argument(
        "--sort", metavar="COLUMN[:desc],…", default="", help="sort by columns; unknown values are last"
    )
    group.add_argument("--columns", metavar="NAME,…", default="", help="these columns only, in this order")
    group.add_argument("--limit", metavar="N", type=parse_positive, help="at most so many records")


def print_table(table: Table[Any], arguments: argparse.Namespace, *, is_single: bool = False) -> None:
    """Print a table, sorted and cut as the user asked; what is missing in it is said on standard error.

    A list without records is nothing on standard output, except for programs, so that cron sends no mail. With
    ``is_single`` it has one record, of which people see a line for each column.

    Raises:
        UsageError: a column that the user named does not exist, or the format is not for a terminal.
        OutputLost: standard output can't be written.
    """
    format: str | None = arguments.output
    check_output(arguments)
    names = split_names(getattr(arguments, "columns", ""))
    columns = [_find(table.columns, name) for name in names]
    if order := getattr(arguments, "sort", ""):
        table = table.with_records(_sorted(table, split_names(order)))
    limit: int | None = getattr(arguments, "limit", None)
    is_cut = limit is not None and len(table) > limit
    if is_cut:
        say(f"wltui: {limit:,} of {len(table):,} {table.name} are shown", error=True)
        table = table.with_records(table.records[:limit])
    _say_gaps(table)
    if columns:
        table = table.with_columns([column.name for column in columns])
    is_for_people = format in ("table", "wide") or (format is None and _is_terminal())
    if not (is_single or table.records) and (format is None or format in TEXT):
        if sys.stderr is not None and sys.stderr.isatty():
            say(f"wltui: no {table.name}", error=True)
        return
    if not columns and format in (None, "table", "wide") and not is_single:
        table = table.with_columns(_usual_columns(table, is_wide=format == "wide"))
    if is_for_people:
        _print_text(table, is_single=is_single, is_wide=format == "wide")
        return
    may_keep = not getattr(arguments, "filter", "") and not is_cut and table.complete
    with _stream(getattr(arguments, "kept", None) if may_keep else None, table) as stream:
        if format == "name":
            stream.write(_format_names(table))
        elif format is None and is_single:
            stream.write(_format_record(table))
        else:
            write_table(table, Format(format or "tsv"), stream)


def check_output(arguments: argparse.Namespace) -> None:
    """Raise UsageError if bytes that are no text would be printed on a terminal."""
    if arguments.output in BINARY and _is_terminal():
        raise UsageError(
            f"-o {arguments.output} is no text", "", "Send it to a file: wltui … > versions.parquet"
        )


def split_names(text: str) -> list[str]:
    """Return the names in a list that is separated by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


@contextmanager
def _stream(kept: "KeptOutput | None", table: Table[Any]) -> Iterator[BinaryIO]:
    """Yield what is written to standard output; ``kept`` gets it too, for the next time."""
    if kept is None:
        with open_output() as stream:
            yield stream
        return
    buffer = io.BytesIO()
    yield buffer
    kept.body, kept.as_of = buffer.getvalue(), table.as_of.timestamp()
    with open_output() as stream:
        stream.write(kept.body)


def _format_names(table: Table[Any]) -> bytes:
    column = table.with_columns([NAMES.get(table.name, "id")])
    return "".join(f"{format_line(value)}\n" for (value,) in column.rows() if value is not UNSET).encode()


def _format_record(table: Table[Any]) -> bytes:
    """Return a line for each value that is known: its name, a tab, and the value."""
    pairs = zip(table.names, table.row(table.records[0]), strict=True)
    return "".join(f"{name}\t{format_line(value)}\n" for name, value in pairs if value is not UNSET).encode()


def _usual_columns(table: Table[Any], *, is_wide: bool) -> Sequence[str]:
    if is_wide:
        return [column.name for column in table.columns if column.kind is not Kind.JSON]
    from .table_columns import DEFAULTS

    return DEFAULTS.get(table.name, table.names)


def _print_text(table: Table[Any], *, is_single: bool, is_wide: bool) -> None:
    """Print a table for people."""
    from .colours import print_lines
    from .table_text import render_record, render_table

    now = datetime.now(UTC)
    print_lines(render_record(table, now) if is_single else render_table(table, now, ages=not is_wide))


def _say_gaps(table: Table[Any]) -> None:
    """Say on standard error how old a table from disk is, and what is missing in it."""
    if not table.live:
        say_age(table.as_of)
    if table.complete:
        return
    what = (
        f"{table.missing:,} {table.name} could not be read" if table.missing else "a part could not be read"
    )
    reason = f": {escape_line(table.missing_reason)}" if table.missing_reason else ""
    say(f"wltui: the list is not complete, {what}{reason}", error=True)


def _find(columns: Iterable[Column[Any]], name: str) -> Column[Any]:
    """Return the column of a name; raise UsageError with the nearest ones if there is none."""
    by_name = {column.name: column for column in columns}
    if name in by_name:
        return by_name[name]
    import difflib

    near = difflib.get_close_matches(name, by_name, n=1)
    advice = f"Did you mean {near[0]}?" if near else f"Choose from {', '.join(by_name)}"
    raise UsageError(f"there is no column {name!r}", "", advice)


def _sorted(table: Table[Any], orders: Sequence[str]) -> list[Any]:
    records = list(table.records)
    for order in reversed(orders):
        name, _, direction = order.partition(":")
        if direction not in ("", "asc", "desc"):
            raise UsageError(f"--sort {order}: there is no {direction!r}", "", "Write :asc or :desc")
        column = _find(table.columns, name)
        if column.kind is Kind.JSON:
            raise UsageError(f"--sort {name}: it has no order")
        values = {id(record): column.value(record) for record in records}
        known = [record for record in records if values[id(record)] not in (UNSET, None)]
        unknown = [record for record in records if values[id(record)] in (UNSET, None)]
        known.sort(key=lambda record: _key(values[id(record)]), reverse=direction == "desc")
        records = [*known, *unknown]
    return records


def _key(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
