"""Write a table with typed columns: Arrow and Parquet."""

from collections.abc import Sequence
from typing import Any, BinaryIO

import pyarrow as pa
from msgspec import UNSET
from pyarrow import ipc, parquet

from wltui.core.errors import UsageError

from .table import Column, Kind, Progress, Table, in_pieces
from .table_cells import format_json, format_time, repair

ROWS = 10_000
"""Rows of a record batch of Arrow, and of a row group of Parquet."""

_TYPES = {
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.TEXT: pa.string(),
    Kind.TRUTH: pa.bool_(),
    Kind.TIME: pa.timestamp("us", tz="UTC"),
    Kind.TEXTS: pa.list_(pa.string()),
    Kind.INTEGERS: pa.list_(pa.int64()),
    Kind.JSON: pa.string(),
}


class _Counted:
    """A stream that only writes, and counts its bytes, so that a pipe will do."""

    closed = False

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.size = 0

    def write(self, data: Any) -> int:
        """Write bytes, all of them."""
        view = memoryview(data)
        while view:
            written = self._stream.write(view)
            view = view[written:]
            self.size += written
        return memoryview(data).nbytes

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self.size

    def writable(self) -> bool:
        """Return true."""
        return True

    def flush(self) -> None:
        """Leave that to the owner of the stream."""

    def close(self) -> None:
        """Leave that to the owner of the stream."""


def write_typed(table: Table[Any], is_parquet: bool, stream: BinaryIO, on_progress: Progress) -> int:
    """Write a table as Parquet or Arrow; see :func:`~wltui.service.table_files.write_table`."""
    schema = _schema(table)
    counted = _Counted(stream)
    sink = pa.PythonFile(counted, mode="w")
    if is_parquet:
        writer = parquet.ParquetWriter(sink, schema, compression="zstd")
    else:
        writer = (ipc.new_file if stream.seekable() else ipc.new_stream)(sink, schema)
    done = 0
    with writer:
        for piece in in_pieces(table.rows(), ROWS):
            writer.write_batch(_batch(table.columns, schema, piece))
            done += len(piece)
            on_progress(done)
    pa.default_memory_pool().release_unused()  # else it keeps 20 MB after 100,000 versions
    return counted.size


def _schema(table: Table[Any]) -> pa.Schema:
    """Return the schema, with the meaning of each column, and the facts about the whole list, as metadata."""
    fields = [
        pa.field(column.name, _TYPES[column.kind], metadata={"doc": column.doc}) for column in table.columns
    ]
    about = {**table.head, "as_of": format_time(table.as_of)}
    texts = {
        f"wltui.{key}": value if isinstance(value, str) else format_json(value)
        for key, value in about.items()
    }
    return pa.schema(fields, metadata={key: repair(value) for key, value in texts.items()})


def _batch(
    columns: Sequence[Column[Any]], schema: pa.Schema, rows: Sequence[tuple[Any, ...]]
) -> pa.RecordBatch:
    arrays = []
    for column, type, values in zip(columns, schema.types, zip(*rows, strict=True), strict=True):
        try:
            arrays.append(pa.array([_value(column.kind, value) for value in values], type=type))
        except OverflowError:
            raise UsageError(
                f"The column {column.name} can't be written", "it has a number of more than 64 bits",
                "Write CSV or JSON, which hold it.",
            ) from None  # fmt: skip
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _value(kind: Kind, value: Any) -> Any:
    if value is None or value is UNSET:
        return None
    if kind is Kind.TEXT:
        return repair(value)
    if kind is Kind.TEXTS:
        return [repair(each) for each in value]
    return format_json(value) if kind is Kind.JSON else value
