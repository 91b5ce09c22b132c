"""Write a table as CSV, TSV, JSON, JSON Lines, Arrow or Parquet, in pieces, so that memory stays bounded.

CSV is RFC 4180: a row of names first, quotes where needed, and CRLF after each row on every system. TSV has no quotes,
which ``cut`` and ``awk`` do not know: a tab or line break in a text is an escape, and rows end with LF. In both an
unknown value and null are empty, lists and objects are JSON, and texts that a spreadsheet would run are disarmed.
"""

import csv
import io
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, BinaryIO

from .table import Progress, Table, in_pieces
from .table_cells import disarm, format_cell, format_json, format_line

TEXT_ROWS = 1_000
"""Rows of a text that are made at once: some milliseconds."""


class Format(Enum):
    """How a table is written; the value is the suffix of its files."""

    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    JSONL = "jsonl"
    ARROW = "arrow"
    PARQUET = "parquet"


def write_table(
    table: Table[Any], format: Format, stream: BinaryIO, on_progress: Progress = lambda rows: None
) -> int:
    """Write a whole table, and return the number of bytes. The stream is neither flushed nor closed.

    Arrow is a file (Feather 2) if the stream can seek, else Arrow's format for streams. Only Arrow and Parquet import
    pyarrow.

    Raises:
        OSError: the stream can't be written.
        UsageError: a number is too large for the types of Arrow and Parquet.
    """
    if format in (Format.ARROW, Format.PARQUET):
        from .table_arrow import write_typed

        return write_typed(table, format is Format.PARQUET, stream, on_progress)
    written = 0
    for rows, text in _WRITERS[format](table):
        written += stream.write(text.encode())
        on_progress(rows)
    return written


Pieces = Iterator[tuple[int, str]]
"""Pieces of a text, each with the number of rows up to its end."""


def _json(table: Table[Any]) -> Pieces:
    yield 0, f'{format_json(table.head)[:-1]},"items":['
    done = 0
    for piece in in_pieces(table.items(), TEXT_ROWS):
        comma = ",\n" if done else "\n"
        done += len(piece)
        yield done, comma + ",\n".join(map(format_json, piece))
    yield done, "\n]}\n" if done else "]}\n"


def _json_lines(table: Table[Any]) -> Pieces:
    done = 0
    for piece in in_pieces(table.items(), TEXT_ROWS):
        done += len(piece)
        yield done, "".join(f"{format_json(item)}\n" for item in piece)


def _csv(table: Table[Any]) -> Pieces:
    def lines(rows: list[Any]) -> str:
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        for row in rows:  # one by one: a long call would keep other threads waiting
            writer.writerow(
                [disarm(format_cell(value)) if _is_text(value) else format_cell(value) for value in row]
            )
        return text.getvalue()

    return _rows(table, lines)


def _tsv(table: Table[Any]) -> Pieces:
    def lines(rows: list[Any]) -> str:
        cells = (
            (disarm(format_line(value)) if _is_text(value) else format_line(value) for value in row)
            for row in rows
        )
        return "".join("\t".join(row) + "\n" for row in cells)

    return _rows(table, lines)


def _rows(table: Table[Any], lines: Callable[[list[Any]], str]) -> Pieces:
    yield 0, lines([table.names])
    done = 0
    for piece in in_pieces(table.rows(), TEXT_ROWS):
        done += len(piece)
        yield done, lines(piece)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


_WRITERS: dict[Format, Callable[[Table[Any]], Pieces]] = {
    Format.CSV: _csv,
    Format.TSV: _tsv,
    Format.JSON: _json,
    Format.JSONL: _json_lines,
}
