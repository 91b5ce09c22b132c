"""Tables as files: each format is read back by another program or library."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET
from pyarrow import ipc, parquet

from tests.support.clock import NOW
from wltui.core.errors import UsageError
from wltui.service.table import Column, Kind, Table
from wltui.service.table_files import Format, write_table

HOSTILE = '[/x] $(id) "quoted", =1+1\r\nsecond\x1b[2J\u202e\x85 \ud800 é 🦊'
VALUES: dict[str, tuple[Kind, list[Any]]] = {
    "whole": (Kind.INTEGER, [1, None, UNSET]),
    "part": (Kind.NUMBER, [0.1, None, UNSET]),
    "words": (Kind.TEXT, [HOSTILE, None, UNSET]),
    "yes": (Kind.TRUTH, [True, None, UNSET]),
    "at": (Kind.TIME, [datetime(2026, 11, 29, 18, 32, 22, 500_000, UTC), None, UNSET]),
    "names": (Kind.TEXTS, [("a", HOSTILE), None, UNSET]),
    "ids": (Kind.INTEGERS, [(1, 2), None, UNSET]),
    "any": (Kind.JSON, [{"b": [1, None, HOSTILE]}, None, UNSET]),
}
QUERY = """
    select count(*), sum(id), count(words), any_value(words), epoch(any_value(seen)), bool_and(yes),
        typeof(any_value(id)) from """
QUERIES = {
    "csv": QUERY + "read_csv(?)",
    "json": QUERY + "(select unnest(items, recursive := true) from read_json(?))",  # noqa: S608  of constants
    "jsonl": QUERY + "read_json(?)",
    "parquet": QUERY + "read_parquet(?)",
}
ESCAPED = r'[/x] $(id) "quoted", =1+1\r' + "\n" + r"second\x1b[2J\u202e\x85 \ud800 é 🦊"
REPAIRED = HOSTILE.replace("\ud800", "\ufffd")


def table_of(values: dict[str, tuple[Kind, list[Any]]], **about: Any) -> Table[int]:
    """A table whose records are places in lists of values."""
    columns = [
        Column[int](name, kind, name, f"The {name}.", column.__getitem__, has_null=True)
        for name, (kind, column) in values.items()
    ]
    rows = range(len(next(iter(values.values()))[1]))
    return Table("things", columns, rows, NOW, **about)


def texts_table(texts: Sequence[str]) -> Table[int]:
    return table_of({"id": (Kind.INTEGER, list(range(len(texts)))), "words": (Kind.TEXT, list(texts))})


def written(table: Table[Any], format: Format) -> bytes:
    stream = io.BytesIO()
    assert write_table(table, format, stream) == len(stream.getvalue())
    return stream.getvalue()


# JSON


def test_json_has_an_envelope_and_tells_null_from_unknown() -> None:
    answer = json.loads(written(table_of(VALUES), Format.JSON))
    items = answer.pop("items")
    assert answer == {
        "format": 1,
        "kind": "things",
        "as_of": "2026-03-02T14:30:00Z",
        "live": True,
        "complete": True,
    }
    assert items[0] == {
        "whole": 1,
        "part": 0.1,
        "words": REPAIRED,
        "yes": True,
        "at": "2026-11-29T18:32:22.500000Z",
        "names": ["a", REPAIRED],
        "ids": [1, 2],
        "any": {"b": [1, None, REPAIRED]},
    }
    assert items[1] == dict.fromkeys(VALUES)
    assert items[2] == {}


def test_json_lines_has_an_item_a_line() -> None:
    items = json.loads(written(table_of(VALUES), Format.JSON))["items"]
    assert [json.loads(line) for line in written(table_of(VALUES), Format.JSONL).splitlines()] == items


def test_json_of_a_list_that_is_not_complete_says_so() -> None:
    partial = table_of(VALUES, live=False, missing=2, missing_reason="a row is no object")
    answer = json.loads(written(partial, Format.JSON))
    assert (answer["live"], answer["complete"], answer["missing"]) == (False, False, 2)
    assert answer["missing_reason"] == "a row is no object"
    assert json.loads(written(texts_table([]), Format.JSON))["items"] == []


@pytest.mark.skipif(shutil.which("jq") is None, reason="there is no jq")
def test_jq_reads_json() -> None:
    found = subprocess.run(
        ["jq", "-c", "[.items[].words, .items[1].whole]"],
        input=written(table_of(VALUES), Format.JSON), capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert json.loads(found) == [REPAIRED, None, None, None]


# Text


def test_csv_is_that_of_rfc_4180() -> None:
    text = written(table_of(VALUES), Format.CSV).decode()
    assert text.startswith("whole,part,words,yes,at,names,ids,any\r\n1,0.1,")
    head, first, *empty = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert first[:5] == ["1", "0.1", ESCAPED, "true", "2026-11-29T18:32:22.500000Z"]
    assert json.loads(first[5]) == ["a", REPAIRED]
    assert json.loads(first[7]) == {"b": [1, None, REPAIRED]}
    assert empty == [[""] * len(head)] * 2


def test_tsv_has_a_line_for_each_row_and_no_quotes() -> None:
    text = written(texts_table(["a\tb\nc", 'say "x"']), Format.TSV).decode()
    assert text == 'id\twords\n0\ta\\tb\\nc\n1\tsay "x"\n'


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", " =1", "＝1"])
def test_a_spreadsheet_runs_no_cell(cell: str) -> None:
    assert written(texts_table([cell]), Format.CSV).decode() == f"id,words\r\n0,'{cell}\r\n"
    assert written(texts_table([cell]), Format.TSV).decode() == f"id\twords\n0\t'{cell}\n"


@pytest.mark.parametrize("cell", ["-1", "+1.5e-3", "-.5", "a=1", "", "2026-11-29"])
def test_plain_numbers_and_other_texts_stay_as_they_are(cell: str) -> None:
    assert written(texts_table([cell]), Format.CSV) == f"id,words\r\n0,{cell}\r\n".encode()


@given(st.lists(st.text() | st.text("=+-@\t\r\n\"',;\\\x1b\x7f\x9b\u2028 1"), max_size=3))
def test_any_text_comes_back_from_csv_and_never_reaches_a_terminal_raw(texts: list[str]) -> None:
    content = written(texts_table(texts), Format.CSV).decode()
    assert all(letter.isprintable() or letter in "\r\n" for letter in content)
    assert "\r" not in content.replace("\r\n", "")
    rows = [*csv.reader(io.StringIO(content, newline=""), strict=True)][1:]
    cells = [
        cell.removeprefix("'") if text[:1] != "'" else cell
        for (_, cell), text in zip(rows, texts, strict=True)
    ]
    escapes = ["".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text) for text in texts]
    assert cells == escapes
    assert not any(cell.lstrip()[:1] in set("=+@") and not re.match(r"\+[\d.]", cell) for _, cell in rows)
    read = json.loads(written(texts_table(texts), Format.JSON))["items"]
    assert [item["words"] for item in read] == [re.sub("[\ud800-\udfff]", "\ufffd", text) for text in texts]
    lines = written(texts_table(texts), Format.TSV).decode().split("\n")
    assert len(lines) == len(texts) + 2
    assert {line.count("\t") for line in lines[:-1]} == {1}


# Arrow and Parquet


def test_arrow_and_parquet_have_typed_columns() -> None:
    partial = table_of(VALUES, missing=2)
    for read in (
        ipc.open_file(pyarrow.py_buffer(written(partial, Format.ARROW))).read_all(),
        parquet.read_table(pyarrow.BufferReader(written(partial, Format.PARQUET))),
    ):
        assert [str(field.type).replace("element", "item") for field in read.schema] == [
            "int64", "double", "string", "bool", "timestamp[us, tz=UTC]", "list<item: string>", "list<item: int64>",
            "string",
        ]  # fmt: skip
        assert read["words"].to_pylist() == [REPAIRED, None, None]
        assert read["names"].to_pylist() == [["a", REPAIRED], None, None]
        assert read["at"].to_pylist()[0] == datetime(2026, 11, 29, 18, 32, 22, 500_000, UTC)
        assert json.loads(read["any"][0].as_py()) == {"b": [1, None, REPAIRED]}
        assert read.schema.metadata[b"wltui.complete"] == b"false"
        assert read.schema.field("ids").metadata[b"doc"] == b"The ids."


def test_duckdb_reads_each_file_by_its_suffix(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    rows = 2_500
    table = table_of(
        {
            "id": (Kind.INTEGER, list(range(rows))),
            "words": (Kind.TEXT, [HOSTILE if number % 2 else None for number in range(rows)]),
            "seen": (Kind.TIME, [NOW] * rows),
            "yes": (Kind.TRUTH, [True] * rows),
        }
    )
    texts = {"csv": ESCAPED, "json": REPAIRED, "jsonl": REPAIRED, "parquet": REPAIRED}
    with duckdb.connect() as database:
        for name, text in texts.items():
            path = tmp_path / f"a.{name}"
            path.write_bytes(written(table, Format(name)))
            found = database.execute(QUERIES[name], [str(path)]).fetchone()
            assert found == (rows, 3_123_750, 1_250, text, NOW.timestamp(), True, "BIGINT"), name


def test_arrow_in_a_pipe_is_a_stream() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as source:
        with os.fdopen(writer, "wb") as stream:
            write_table(texts_table(["a"]), Format.ARROW, stream)  # a few hundred bytes: the pipe holds them
        assert ipc.open_stream(source.read()).read_all()["words"].to_pylist() == ["a"]


def test_a_number_that_arrow_can_not_hold_is_refused_and_json_has_it() -> None:
    table = table_of({"whole": (Kind.INTEGER, [2**70])})
    with pytest.raises(UsageError, match="whole"):
        written(table, Format.PARQUET)
    assert json.loads(written(table, Format.JSON))["items"] == [{"whole": 2**70}]


# All


@pytest.mark.parametrize("format", Format)
def test_progress_may_end_the_writing(format: Format) -> None:
    table = texts_table(["a"] * 20_001)
    seen: list[int] = []

    def stop(rows: int) -> None:
        seen.append(rows)
        if rows >= 10_000:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        write_table(table, format, io.BytesIO(), stop)
    assert seen == sorted(seen)
    assert seen[-1] == 10_000


def test_only_arrow_and_parquet_import_pyarrow() -> None:
    program = (
        "import sys, io; from wltui.service.tables import *; from wltui.service.table_files import *; "
        "from datetime import datetime, UTC; from wltui.service.answers import Answer; "
        "from wltui.core.records import Workspace; "
        "t = workspaces_table(Answer((Workspace(1, 'a'),), datetime.now(UTC), True)); "
        "[write_table(t, f, io.BytesIO()) for f in Format if f not in (Format.ARROW, Format.PARQUET)]; "
        "assert 'pyarrow' not in sys.modules and 'textual' not in sys.modules and 'httpx' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
