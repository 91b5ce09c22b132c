"""Schemas out of files: whatever Arrow is written in, without what a file says about itself, and never hanging."""

import base64
import gzip
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from tests.support.arrow_schemas import decoded, encode
from wltui.config.schema import SchemaError
from wltui.config.schema.files import read_schema
from wltui.config.schema.read_file import read_here

SCHEMA = pa.schema(
    [
        pa.field("pixels", pa.list_(pa.float32(), 4), nullable=False, metadata={"unit": "lux"}),
        pa.field("word", pa.dictionary(pa.int32(), pa.string())),
        pa.field("at", pa.timestamp("us", tz="Europe/Berlin")),
    ],
    {"made by": "me"},
)


def arrow_file(path: Path, schema: pa.Schema) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        writer.write_table(schema.empty_table())


def arrow_stream(path: Path, schema: pa.Schema) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(schema.empty_table())


def old_stream(path: Path, schema: pa.Schema) -> None:
    old = pa.ipc.IpcWriteOptions(use_legacy_format=True, metadata_version=pa.ipc.MetadataVersion.V4)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, schema, options=old) as writer:
        writer.write_table(schema.empty_table())


WRITERS: dict[str, Callable[[Path, pa.Schema], object]] = {
    "Arrow file": arrow_file,
    "Arrow stream": arrow_stream,
    "Arrow stream before 0.15": old_stream,
    "Feather 2": lambda path, schema: feather.write_feather(schema.empty_table(), str(path)),
    "Parquet": lambda path, schema: parquet.write_table(schema.empty_table(), path),
    "serialized": lambda path, schema: path.write_bytes(schema.serialize().to_pybytes()),
    "base64": lambda path, schema: path.write_text(encode(schema)),
    "wrapped": lambda path, schema: path.write_bytes(
        b"\xef\xbb\xbf" + base64.encodebytes(schema.serialize()) + b"\r\n"
    ),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_a_files_own_schema_is_read(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "data [x]"
    WRITERS[kind](path, SCHEMA)
    assert decoded(read_schema(path)).equals(SCHEMA, check_metadata=True)


@pytest.mark.filterwarnings("ignore:Feather V1:DeprecationWarning")
def test_feather_of_version_1_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.feather"
    table = pa.table({"a": pa.array([1, 2], pa.int16()), "b": ["x", None]})
    feather.write_feather(table, str(path), version=1)
    assert decoded(read_schema(path)) == table.schema
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert decoded(read_schema(path)) == table.schema


def test_a_file_that_pyarrow_crashes_on_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.feather"
    wild = (
        "RkVBMQAAAAABAAAAAAAAABQAAAAAAAAADAAYAAAADAABAAgADAAAABQAAAACAAAAAQAAAAAAAAAAAAAAAQAAAAwAAAAIAAwABAAIAAgAAAAI"
        "AAAAHAAAAAEAAABhAAAAEAAgAAcAAAAIABAAAAAYABAAAAAAAAABCAAAAAAAAAABAAAAAAAAAAgAAAAAAAAAgAAAAEZFQTE="
    )
    path.write_bytes(base64.b64decode(wild))
    with pytest.raises(SchemaError, match="it is damaged"):
        read_schema(path)


@pytest.mark.parametrize("kind", WRITERS)
def test_a_file_in_gzip_is_read_also_in_several_members(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "data.gz"
    WRITERS[kind](path, SCHEMA)
    content = path.read_bytes()
    path.write_bytes(
        b"".join(gzip.compress(content[start : start + 50]) for start in range(0, len(content), 50))
    )
    assert decoded(read_here(path)).equals(SCHEMA, check_metadata=True)


def test_a_file_in_gzip_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.gz"
    arrow_file(path, SCHEMA)
    path.write_bytes(gzip.compress(path.read_bytes())[:-30])
    with pytest.raises(SchemaError, match="damaged or cut off"):
        read_here(path)


def test_parquets_own_names_of_list_items_stay_in_parquet(tmp_path: Path) -> None:
    schema = pa.schema(
        [("a", pa.list_(pa.list_(pa.int8()))), ("b", pa.map_(pa.string(), pa.list_(pa.int8())))]
    )
    parquet.write_table(schema.empty_table(), tmp_path / "data")
    assert [str(field.type) for field in decoded(read_schema(tmp_path / "data"))] == [
        "list<item: list<item: int8>>",
        "map<string, list<item: int8>>",
    ]


@pytest.mark.parametrize("kind", ["Arrow file", "Arrow stream", "Parquet", "serialized"])
def test_what_a_file_says_about_itself_is_dropped(kind: str, tmp_path: Path) -> None:
    about = {"PARQUET:field_id": "7"}
    inner = pa.struct([pa.field("x", pa.int8(), metadata={**about, "unit": "m"})])
    written = pa.schema(
        [pa.field("a", inner, metadata=about)], {"pandas": "{}", "k": "v", "huggingface": "{}"}
    )
    WRITERS[kind](tmp_path / "data", written)

    found = decoded(read_schema(tmp_path / "data"))
    kept = pa.schema(
        [pa.field("a", pa.struct([pa.field("x", pa.int8(), metadata={"unit": "m"})]))], {"k": "v"}
    )
    assert found.equals(kept, check_metadata=True)


def test_only_the_schema_of_a_large_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large"
    arrow_stream(path, SCHEMA)
    with path.open("r+b") as file:
        file.truncate(2**40)  # a hole: reading it all would fill the memory
    assert decoded(read_schema(path)) == SCHEMA


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"a: int8", "this kind of file is not supported. Choose an Arrow, Feather or Parquet file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "this kind of file is not supported"),
        (bytes(100), "this kind of file is not supported"),
        (b"PAR1", "damaged or cut off"),
        (b"PAR1" + bytes(100) + b"\xff\xff\xff\x7fPAR1", "damaged or cut off"),
        (b"PARE" + bytes(100) + b"\x04\0\0\0PARE", "it is encrypted. Save it without"),
        (gzip.compress(b"a: int8", mtime=0), "this kind of file is not supported"),
        (gzip.compress(b"PAR1" + bytes(100), mtime=0)[:-9], "damaged or cut off"),
        (b"ARROW1\0\0" + b"\xff" * 100 + b"ARROW1", "damaged or cut off"),
        (b"FEA1" + b"\xff" * 100, "damaged or cut off"),
        (b"\xff\xff\xff\xff\xff\xff\xff\x7f" + bytes(40), "damaged or cut off"),
        (SCHEMA.serialize().to_pybytes()[:-20], "damaged or cut off"),
        (SCHEMA.serialize().to_pybytes().replace(b"word", b"w\xffrd"), "not valid UTF-8"),
        (encode(SCHEMA).encode()[:-40], "damaged or cut off"),
        (encode(SCHEMA).replace("/", "_").encode(), "URL-safe"),
    ],
)
def test_other_files_are_refused_in_plain_words(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(content)
    with pytest.raises(SchemaError) as refused:
        read_schema(path)
    assert words in str(refused.value)
    assert str(refused.value).startswith(f"The schema of {path} could not be read: ")


@pytest.mark.parametrize("kind", WRITERS)
def test_a_file_that_was_cut_off_is_refused_or_still_tells_all(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "data"
    WRITERS[kind](path, SCHEMA)
    content = path.read_bytes()
    for length in range(0, len(content), 13):
        path.write_bytes(content[:length])
        try:
            encoded = read_here(path)
        except SchemaError:
            continue
        assert decoded(encoded).equals(SCHEMA, check_metadata=True)


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        for name, words in {
            "missing": "there is no such file",
            ".": "it is a folder",
            "pipe": "it is not a regular file",
            "socket": "it is not a regular file",
            "/dev/zero": "it is not a regular file",
            "pipe/x": "not a directory",
            "x" * 300: "file name too long",
            "a\0b": "the name of the file is not valid",
            "\ud800": "the name of the file is not valid",
        }.items():
            with pytest.raises(SchemaError, match=words):
                read_schema(tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data"
    arrow_file(path, SCHEMA)
    path.chmod(0)
    with pytest.raises(SchemaError, match="you may not read it"):
        read_schema(path)
