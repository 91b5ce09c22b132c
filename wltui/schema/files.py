"""The schema of a local file; what the file holds besides is not read."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from .arrow import Unbuildable, build, item_of, metadata_of
from .codec import SchemaError, not_text, read, unpacked, write
from .shape import LISTS, Item, Metadata
from .text import LONGEST, looks_like_base64

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]

KINDS = "Arrow, Feather or Parquet file, an Arrow stream, a serialized schema, or its base64"
"""What can be read."""

_LONGEST_MESSAGE = 64 * 2**20
"""Bytes of a schema at the head of a stream; a damaged head may ask for 4 GiB."""
_PARQUET = (b"PAR1", b"PARE")
_OF_THE_FILE = {
    b"ARROW:schema", b"PARQUET:field_id", b"huggingface", b"iceberg.schema", b"org.apache.spark.legacyDateTime",
    b"org.apache.spark.legacyINT96", b"org.apache.spark.sql.parquet.row.metadata", b"org.apache.spark.timeZone",
    b"org.apache.spark.version", b"pandas", b"parquet.avro.schema", b"parquet.proto.class",
    b"parquet.proto.descriptor", b"writer.date.proleptic", b"writer.model.name", b"writer.time.zone",
}  # fmt: skip
"""Metadata by which programs know their own files again: it says nothing about data that come in a request."""


def read_schema(path: Path) -> str:
    """The schema of the file as base64, without metadata that describes the file. ``~`` is not expanded.

    Raises:
        SchemaError: there is no such file, or it holds no schema.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise _refusal(path, "it is a folder" if stat.S_ISDIR(mode) else "it is no regular file")
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            head = file.read(8)
            arrow = _schema(path, head, file)
            return _of_the_data(path, arrow, of_parquet=head.startswith(_PARQUET))
    except FileNotFoundError as error:
        raise _refusal(path, "there is no such file") from error
    except PermissionError as error:
        raise _refusal(path, "you may not read it") from error
    except OSError as error:
        raise _refusal(path, (error.strerror or str(error)).lower()) from error
    except ValueError as error:
        raise _refusal(path, "no file can have such a name") from error


def _schema(path: Path, head: bytes, file: BinaryIO) -> pyarrow.Schema:
    """The schema as the file has it. pyarrow's complaints, which are of many types, become one."""
    import pyarrow

    if not head:
        raise _refusal(path, "it is empty")
    try:
        if head.startswith(_PARQUET):
            import pyarrow.parquet  # type: ignore[import-untyped]

            return pyarrow.parquet.read_schema(file)
        if head.startswith(b"ARROW1"):
            import pyarrow.ipc  # type: ignore[import-untyped]

            return pyarrow.ipc.open_file(file).schema
        if head.startswith(b"FEA1"):
            return _old_feather(path)
        if head.startswith(b"\xff\xff\xff\xff"):
            length = int.from_bytes(head[4:], "little")
            return unpacked(head + file.read(min(length, _LONGEST_MESSAGE)))
        return read(_base64(path, head + file.read(LONGEST)))
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise _refusal(path, f"it is damaged or cut off: {error}") from error
    except SchemaError as error:
        raise _refusal(path, error.why, error.advice) from error


def _old_feather(path: Path) -> pyarrow.Schema:
    """Of a Feather file of version 1, which pyarrow reads as a table only; mapped, its columns stay on disk."""
    from pyarrow import feather

    return feather.read_table(str(path), memory_map=True).schema


def _base64(path: Path, raw: bytes) -> str:
    text = raw.decode("utf-8", "replace").lstrip("\ufeff")
    if not looks_like_base64(text):
        raise _refusal(path, "it is of no kind that holds one", f"Name an {KINDS}")
    return text


def _of_the_data(path: Path, arrow: pyarrow.Schema, *, of_parquet: bool) -> str:
    """The schema as base64, without what is there for the file's sake."""
    try:
        items = tuple(map(item_of, arrow))
        if of_parquet:
            items = tuple(map(_named, items))
        metadata: Metadata = {}
        for place, pairs in metadata_of(arrow).items():
            if kept := {key: value for key, value in pairs.items() if key not in _OF_THE_FILE}:
                metadata[place] = kept
        return write(build(items, metadata))
    except UnicodeDecodeError as error:
        raise _refusal(path, not_text(error).why) from error
    except Unbuildable as error:
        raise _refusal(path, str(error)) from error
    except SchemaError as error:
        raise _refusal(path, error.why) from error


def _named(item: Item) -> Item:
    """The field with the items of its lists called so, as Arrow does; in Parquet they all are called elements."""
    children = tuple(map(_named, item.type.children))
    if item.type.word in LISTS and children[0].name == "element":
        children = (replace(children[0], name="item"),)
    inner = item.type.inner and _named(Item("", item.type.inner)).type
    return replace(item, type=replace(item.type, children=children, inner=inner))


def _refusal(path: Path, why: str, advice: str = "") -> SchemaError:
    return SchemaError(f"No schema was read from {path}", why, advice)
