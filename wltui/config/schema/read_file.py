"""Read the schema of a file. Meant for a process of its own (:mod:`wltui.config.schema.files` starts it).

pyarrow reads some damaged files into a segmentation fault, a hang or gigabytes of memory; here that ends this process
alone. Run as ``python -m wltui.config.schema.read_file PATH``, it prints one JSON object: ``{"schema": base64}``, or
``{"why": …, "advice": …}`` if the file holds no schema.
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
"""The kinds of file that can be read, each also packed by gzip."""
SECONDS = 60
"""How long reading may take, the disk included."""

_CPU_SECONDS = 20
_MEMORY = 4 * 2**30
"""Bytes of address space; importing pyarrow takes 240 MB."""
_LONGEST_MESSAGE = 64 * 2**20
"""Bytes of a schema at the head of a stream; a damaged head may ask for 4 GiB."""
_LARGEST_UNPACKED = 512 * 2**20
"""Bytes of a file in gzip that has to be unpacked whole, as its schema stands at its end."""
_ENCRYPTED = b"PARE"
"""The head of a Parquet file whose schema is encrypted too."""
_WHOLE_MESSAGE = b"\xff\xff\xff\xff"
_OF_THE_FILE = {
    b"ARROW:schema", b"PARQUET:field_id", b"huggingface", b"iceberg.schema", b"org.apache.spark.legacyDateTime",
    b"org.apache.spark.legacyINT96", b"org.apache.spark.sql.parquet.row.metadata", b"org.apache.spark.timeZone",
    b"org.apache.spark.version", b"pandas", b"parquet.avro.schema", b"parquet.proto.class",
    b"parquet.proto.descriptor", b"writer.date.proleptic", b"writer.model.name", b"writer.time.zone",
}  # fmt: skip
"""Metadata by which programs know their own files again: it says nothing about data that come in a request."""


def main() -> NoReturn:
    """Read the file that the command line names, within limits of time and memory, and print the outcome."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    signal.alarm(SECONDS)  # also if the program that waits for it was killed
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    warnings.simplefilter("ignore")  # pyarrow's, of a format that it gives up
    try:
        outcome = {"schema": read_here(Path(sys.argv[1]))}
    except SchemaError as error:
        outcome = {"why": error.why, "advice": error.advice}
    except MemoryError:
        outcome = {"why": "reading it takes too much memory", "advice": ""}
    print(json.dumps(outcome), flush=True)
    os._exit(0)  # at an ordinary end, pyarrow's threads may abort the process


def read_here(path: Path) -> str:
    """Return the schema of a file as base64, without metadata that describes the file. Reads in this process.

    Raises:
        SchemaError: there is no such file, or it holds no schema.
    """
    try:
        if not stat.S_ISREG(mode := path.stat().st_mode):  # to open a device may do something
            raise _refusal("it is a folder" if stat.S_ISDIR(mode) else "it is no regular file")
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _refusal("it is no regular file")
            if file.peek(2).startswith(b"\x1f\x8b"):
                with gzip.open(file) as packed:
                    return _read(cast("BinaryIO", packed), packed=True)
            return _read(file, packed=False)
    except FileNotFoundError as error:
        raise _refusal("there is no such file") from error
    except PermissionError as error:
        raise _refusal("you may not read it") from error
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
    return _of_the_data(_schema(head, file), of_parquet=head.startswith(b"PAR1"))


def _schema(head: bytes, file: BinaryIO) -> pyarrow.Schema:
    """Return the schema as the file has it, and make pyarrow's complaints, which are of many types, one."""
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
            return _of_old_feather(file)
        if head.startswith(_WHOLE_MESSAGE):
            length = int.from_bytes(head[4:], "little")
            return decode_message(head + file.read(min(length, _LONGEST_MESSAGE)))
        content = head + file.read(LONGEST)
        text = content.decode("utf-8", "replace").lstrip("\ufeff")
        return decode_base64(text) if looks_like_base64(text) else _of_old_stream(content)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise _refusal(f"it is damaged or cut off: {error}") from error


def _of_old_feather(file: BinaryIO) -> pyarrow.Schema:
    """Read a Feather file of version 1, which pyarrow reads as a table only; mapped, its columns stay on disk."""
    from pyarrow import BufferReader, feather

    if isinstance(file, BytesIO):
        table = feather.read_table(BufferReader(file.getvalue()))
    else:
        table = feather.read_table(f"/dev/fd/{file.fileno()}", memory_map=True)
    if not table.num_columns:  # nobody wrote such a file
        raise _refusal("it is damaged: it has no columns")
    return table.schema


def _of_old_stream(content: bytes) -> pyarrow.Schema:
    """Read a stream as Arrow wrote it before 0.15: a message's length, and no mark before it."""
    import pyarrow

    try:
        found = decode_message(content)
    except (SchemaError, pyarrow.ArrowException, OSError, ValueError):
        found = None
    if not found:  # without fields it is chance: any bytes may read so
        raise _refusal("it is of no kind that holds one", f"Name an {KINDS}")
    return found


def _of_the_data(arrow: pyarrow.Schema, *, of_parquet: bool) -> str:
    """Return the schema as base64, without what is there for the file's sake."""
    try:
        items = tuple(map(item_of, arrow))
        if of_parquet:
            items = tuple(map(_named, items))
        metadata: Metadata = {}
        for place, pairs in metadata_of(arrow).items():
            if kept := {key: value for key, value in pairs.items() if key not in _OF_THE_FILE}:
                metadata[place] = kept
        return encode_base64(build_schema(items, metadata))
    except UnicodeDecodeError as error:
        raise _refusal(encoding_error(error).why) from error
    except Unbuildable as error:
        raise _refusal(str(error)) from error


def _named(item: Item) -> Item:
    """Return the field with the items of its lists named as Arrow does; in Parquet they all are called elements."""
    children = tuple(map(_named, item.type.children))
    if item.type.word in LISTS and children[0].name == "element":
        children = (replace(children[0], name="item"),)
    inner = item.type.inner and _named(Item("", item.type.inner)).type
    return replace(item, type=replace(item.type, children=children, inner=inner))


def _refusal(why: str, advice: str = "") -> SchemaError:
    return SchemaError("No schema was read", why, advice)


if __name__ == "__main__":
    main()
