"""Print a table in the format that the user asked for: on a terminal aligned, in a pipe separated by tabs."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import UNSET

from wltui.core.errors import UsageError
from wltui.lifecycle.console import escape_line, open_output, say
from wltui.service.table import Column, Kind, Table
from wltui.service.table_files import Format, write_table

from .arguments import parse_positive
from .session import say_age

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

    With ``is_single`` it has one record, of which people see a line for each column.

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
    if limit is not None and len(table) > limit:
        say(f"wltui: {limit:,} of {len(table):,} {table.name} are shown", error=True)
        table = table.with_records(table.records[:limit])
    _say_gaps(table)
    if columns:
        table = table.with_columns([column.name for column in columns])
    if format == "name":
        column = table.with_columns([NAMES.get(table.name, "id")])
        _print_names(column)
    elif format is None or format in TEXT:
        if is_single:
            _print_record(table, format)
        else:
            _print_text(table, format, is_chosen=bool(columns))
    else:
        with open_output() as stream:
            write_table(table, Format(format), stream)


def check_output(arguments: argparse.Namespace) -> None:
    """Raise UsageError if bytes that are no text would be printed on a terminal."""
    if arguments.output in BINARY and sys.stdout is not None and sys.stdout.isatty():
        raise UsageError(
            f"-o {arguments.output} is no text", "", "Send it to a file: wltui … > versions.parquet"
        )


def split_names(text: str) -> list[str]:
    """Return the names in a list that is separated by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def _print_names(column: Table[Any]) -> None:
    from wltui.service.table_cells import format_line

    say("".join(f"{format_line(value)}\n" for (value,) in column.rows() if value is not UNSET), end="")


def _print_text(table: Table[Any], format: str | None, *, is_chosen: bool) -> None:
    """Print a table for people; a list without records is nothing on standard output, so that cron sends no mail."""
    if not table.records:
        if sys.stderr is not None and sys.stderr.isatty():
            say(f"wltui: no {table.name}", error=True)
        return
    if not is_chosen and format == "wide":
        wide = [column.name for column in table.columns if column.kind is not Kind.JSON]
        table = table.with_columns(wide)
    elif not is_chosen:
        from .table_columns import DEFAULTS

        table = table.with_columns(DEFAULTS.get(table.name, table.names))
    if format is None and (sys.stdout is None or not sys.stdout.isatty()):
        with open_output() as stream:
            write_table(table, Format.TSV, stream)
        return
    from .colours import print_lines
    from .table_text import render_table

    print_lines(render_table(table, datetime.now(UTC), ages=format != "wide", is_chosen=is_chosen))


def _print_record(table: Table[Any], format: str | None) -> None:
    """Print a line for each value that is known; names and values are separated by a tab in a pipe."""
    if format is None and (sys.stdout is None or not sys.stdout.isatty()):
        from wltui.service.table_cells import format_line

        pairs = zip(table.names, table.row(table.records[0]), strict=True)
        say("".join(f"{name}\t{format_line(value)}\n" for name, value in pairs if value is not UNSET), end="")
        return
    from .colours import print_lines
    from .table_text import render_record

    print_lines(render_record(table, datetime.now(UTC)))


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
            sorted_by = ", ".join(each.name for each in table.columns if each.kind is not Kind.JSON)
            raise UsageError(f"--sort {name}: it has no order", "", f"Choose from {sorted_by}")
        values = {id(record): column.value(record) for record in records}
        known = [record for record in records if values[id(record)] not in (UNSET, None)]
        unknown = [record for record in records if values[id(record)] in (UNSET, None)]
        known.sort(key=lambda record: _key(values[id(record)]), reverse=direction == "desc")
        records = [*known, *unknown]
    return records


def _key(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
