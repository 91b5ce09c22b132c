"""Read the schema of a file. Runs in a separate process (:mod:`wltui.config.schema.files` starts it).

Some damaged files make pyarrow crash, hang or use gigabytes of memory; here that ends this process only. Run
as ``python -m wltui.config.schema.read_file PATH``, it prints one JSON object: ``{"schema": base64}``,
or ``{"why": …, "advice": …}`` if the file has no schema.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import signal
import stat
import sys
import warnings
import zlib
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn, cast

from .arrow import Unbuildable, build_schema, item_of, metadata_of
from .codec import SchemaError, decode_base64, decode_message, encode_base64, encoding_error
from .text import LONGEST, looks_like_base64
from .types import LISTS, Item, Metadata

if TYPE_CHECKING:
    import pyarrow

KINDS = "Arrow, Feather or Parquet file, an Arrow stream, a serialized schema, or its base64"
"""Supported files, each also compressed by gzip."""
SECONDS = 60
"""Maximum seconds for reading, the disk included."""

_CPU_SECONDS = 20
_MEMORY = 4 * 2**30
"""Maximum bytes of address space; importing pyarrow takes 240 MB."""
_LONGEST_MESSAGE = 64 * 2**20
"""Maximum bytes of a schema at the start of a stream; a damaged head may claim 4 GiB."""
_LARGEST_UNPACKED = 512 * 2**20
"""Maximum bytes of a gzip file that must be unpacked completely, since its schema is at the end."""
_ENCRYPTED = b"PARE"
"""The first bytes of a Parquet file with an encrypted schema."""
_WHOLE_MESSAGE = b"\xff\xff\xff\xff"
_FILE_METADATA = {
    b"ARROW:schema", b"PARQUET:field_id", b"huggingface", b"iceberg.schema", b"org.apache.spark.legacyDateTime",
    b"org.apache.spark.legacyINT96", b"org.apache.spark.sql.parquet.row.metadata", b"org.apache.spark.timeZone",
    b"org.apache.spark.version", b"pandas", b"parquet.avro.schema", b"parquet.proto.class",
    b"parquet.proto.descriptor", b"writer.date.proleptic", b"writer.model.name", b"writer.time.zone",
}  # fmt: skip
"""Metadata that describes a file for the program that wrote it; it does not apply to the data of a request."""


def main() -> NoReturn:
    """Read the file that the command line names, within limits of time and memory, and print the outcome."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    signal.alarm(SECONDS)  # also ends the process if its parent was killed
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    warnings.simplefilter("ignore")  # pyarrow warns of a format that it deprecates
    try:
        outcome = {"schema": read_here(Path(sys.argv[1]))}
    except SchemaError as error:
        outcome = {"why": error.why, "advice": error.advice}
    except MemoryError:
        outcome = {"why": "reading it takes too much memory", "advice": ""}
    print(json.dumps(outcome), flush=True)
    os._exit(0)  # at a normal exit, pyarrow's threads may abort the process


def read_here(path: Path) -> str:
    """Return the schema of a file as base64, without metadata that describes the file. Reads in this process.

    Raises:
        SchemaError: there is no such file, or it has no schema.
    """
    try:
        if not stat.S_ISREG(mode := path.stat().st_mode):  # opening a device may have side effects
            raise _refusal("it is a folder" if stat.S_ISDIR(mode) else "it is not a regular file")
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _refusal("it is not a regular file")
            if file.peek(2).startswith(b"\x1f\x8b"):
                with gzip.open(file) as packed:
                    return _read(cast("BinaryIO", packed), packed=True)
            return _read(file, packed=False)
    except FileNotFoundError as error:
        raise _refusal("there is no such file") from error
    except PermissionError as error:
        raise _refusal("you have no permission to read it") from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _refusal(f"it is damaged or cut off: {error}") from error
    except OSError as error:
        raise _refusal((error.strerror or str(error)).lower()) from error


def _read(file: BinaryIO, *, packed: bool) -> str:
    head = file.read(8)
    if not head:
        raise _refusal("it is empty")
    if packed and head.startswith((b"PAR1", b"ARROW1", b"FEA1")):
        rest = file.read(_LARGEST_UNPACKED)
        if file.read(1):
            raise _refusal(f"unpacked it is larger than {_LARGEST_UNPACKED >> 20} MiB", "Unpack it first")
        file = BytesIO(head + rest)
    return _without_file_metadata(_schema(head, file), of_parquet=head.startswith(b"PAR1"))


def _schema(head: bytes, file: BinaryIO) -> pyarrow.Schema:
    """Return the schema of the file; raise SchemaError in place of pyarrow's many exceptions."""
    import pyarrow

    try:
        if head.startswith(_ENCRYPTED):
            raise _refusal("it is encrypted", "Save it without encryption")
        if head.startswith(b"PAR1"):
            import pyarrow.parquet

            return pyarrow.parquet.read_schema(file)
        if head.startswith(b"ARROW1"):
            import pyarrow.ipc

            return pyarrow.ipc.open_file(file).schema
        if head.startswith(b"FEA1"):
            return _read_feather_1(file)
        if head.startswith(_WHOLE_MESSAGE):
            length = int.from_bytes(head[4:], "little")
            return decode_message(head + file.read(min(length, _LONGEST_MESSAGE)))
        content = head + file.read(LONGEST)
        text = content.decode("utf-8", "replace").lstrip("\ufeff")
        return decode_base64(text) if looks_like_base64(text) else _read_old_stream(content)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise _refusal(f"it is damaged or cut off: {error}") from error


def _read_feather_1(file: BinaryIO) -> pyarrow.Schema:
    """Return the schema of a Feather file of version 1. pyarrow reads a whole table, so map the file into memory."""
    from pyarrow import BufferReader, feather

    if isinstance(file, BytesIO):
        table = feather.read_table(BufferReader(file.getvalue()))
    else:
        table = feather.read_table(f"/dev/fd/{file.fileno()}", memory_map=True)
    if not table.num_columns:  # no program writes such a file
        raise _refusal("it is damaged: it has no columns")
    return table.schema


def _read_old_stream(content: bytes) -> pyarrow.Schema:
    """Return the schema of a stream from before Arrow 0.15, which begins with a message's length without a marker."""
    import pyarrow

    try:
        found = decode_message(content)
    except (SchemaError, pyarrow.ArrowException, OSError, ValueError):
        found = None
    if not found:  # without fields it is accidental: any bytes may decode so
        raise _refusal("this kind of file is not supported", f"Choose an {KINDS}")
    return found


def _without_file_metadata(arrow: pyarrow.Schema, *, of_parquet: bool) -> str:
    """Return the schema as base64, without metadata about the file."""
    try:
        items = tuple(map(item_of, arrow))
        if of_parquet:
            items = tuple(map(_rename_items, items))
        metadata: Metadata = {}
        for place, pairs in metadata_of(arrow).items():
            if kept := {key: value for key, value in pairs.items() if key not in _FILE_METADATA}:
                metadata[place] = kept
        return encode_base64(build_schema(items, metadata))
    except UnicodeDecodeError as error:
        raise _refusal(encoding_error(error).why) from error
    except Unbuildable as error:
        raise _refusal(str(error)) from error


def _rename_items(item: Item) -> Item:
    """Return the field with list items named ``item`` as in Arrow; Parquet names them ``element``."""
    children = tuple(map(_rename_items, item.type.children))
    if item.type.word in LISTS and children[0].name == "element":
        children = (replace(children[0], name="item"),)
    inner = item.type.inner and _rename_items(Item("", item.type.inner)).type
    return replace(item, type=replace(item.type, children=children, inner=inner))


def _refusal(why: str, advice: str = "") -> SchemaError:
    return SchemaError("The schema could not be read", why, advice)


if __name__ == "__main__":
    main()
