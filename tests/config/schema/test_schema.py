"""Schemas: whatever pyarrow can write is told in pyarrow's words, and nothing else gets through."""

import base64
import subprocess
import sys

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.arrow_schemas import encode, of, schemas, unhurried
from wltui.config.schema import Field, Schema, SchemaError, decode, is_same, summary

TEXT_STRING = (
    "/////3AAAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAMAAAACAAIAAAABAAIAAAABAAAAAEAAAAUAAAAEAAUAAgABgAHAAwAAAAQABAAAAAAAAEF"
    "EAAAABwAAAAEAAAAAAAAAAQAAAB0ZXh0AAAAAAQABAAEAAAA"
)
"""``text: string``, as a server stores it."""


@given(schemas)
@unhurried
def test_every_schema_is_told_in_pyarrows_words(arrow: pa.Schema) -> None:
    schema = decode(encode(arrow))

    assert schema.fields == tuple(Field(field.name, str(field.type), field.nullable) for field in arrow)
    assert [f"pyarrow.Field<{line}>" for line in map(str, schema.fields)] == [str(field) for field in arrow]
    assert schema.metadata == tuple(
        (key.decode(errors="backslashreplace"), value.decode(errors="backslashreplace"))
        for key, value in (arrow.metadata or {}).items()
    )


@given(schemas, schemas)
@unhurried
def test_two_texts_are_the_same_when_their_schemas_are(one: pa.Schema, other: pa.Schema) -> None:
    assert is_same(encode(one), encode(one) + "\n")
    assert is_same(encode(one), encode(other)) == one.equals(other, check_metadata=True)


@given(st.text() | st.binary().map(lambda raw: base64.b64encode(raw).decode()))
@unhurried
def test_garbage_is_refused_with_a_reason_and_advice(text: str) -> None:
    with pytest.raises(SchemaError) as refused:
        decode(text)
    assert refused.value.why
    assert refused.value.advice


@given(schemas, st.data())
@unhurried
def test_a_damaged_schema_is_read_or_refused_but_never_crashes(arrow: pa.Schema, data: st.DataObject) -> None:
    raw = bytearray(arrow.serialize().to_pybytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        schema = decode(base64.b64encode(raw).decode())
    except SchemaError:
        return
    assert all(isinstance(line, str) for line in map(str, schema.fields))


@given(schemas, st.data())
@unhurried
def test_a_schema_that_was_cut_off_is_refused(arrow: pa.Schema, data: st.DataObject) -> None:
    text = encode(arrow)
    with pytest.raises(SchemaError):
        decode(text[: data.draw(st.integers(0, len(text) - 5))])


def test_a_servers_own_text() -> None:
    assert decode(TEXT_STRING) == Schema((Field("text", "string", nullable=True),))
    assert summary(TEXT_STRING) == "1 field"


def test_line_breaks_do_not_matter() -> None:
    wrapped = "\r\n".join(TEXT_STRING[i : i + 76] for i in range(0, len(TEXT_STRING), 76)) + "\n"
    assert decode(wrapped) == decode(TEXT_STRING)
    assert is_same(wrapped, TEXT_STRING)


def test_equal_length_does_not_make_equal_schemas() -> None:
    ten, five = (of(pa.field("x", pa.list_(pa.float32(), size))) for size in (10, 5))
    assert len(ten) == len(five)
    assert not is_same(ten, five)


def test_metadata_counts_in_a_comparison() -> None:
    assert not is_same(of(pa.field("x", pa.int64())), of(pa.field("x", pa.int64(), metadata={"unit": "m"})))


def test_null_and_texts_without_a_schema_compare_as_they_are() -> None:
    assert is_same(None, None)
    assert is_same("nonsense", "nonsense")
    assert not is_same(None, TEXT_STRING)
    assert not is_same("nonsense", TEXT_STRING)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "none"),
        (of(), "no fields"),
        (of(pa.field("a", pa.null())), "1 field"),
        (of(*(pa.field("a", pa.int8()) for _ in range(3))), "3 fields"),
        ("", "not decodable"),
    ],
)
def test_summary_tells_null_empty_and_broken_apart(text: str | None, words: str) -> None:
    assert summary(text) == words


def arrow_file() -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, pa.schema([("x", pa.int8())])):
        pass
    return bytes(sink.getvalue())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (" \n", "empty"),
        ("inputs: list<item: float>", "base64"),
        (TEXT_STRING.replace("/", "_"), "URL-safe"),
        (TEXT_STRING.rstrip("=")[:-1], "base64"),
        (TEXT_STRING[:80], "cut off"),
        (TEXT_STRING[:8] + "!" + TEXT_STRING[8:], "base64"),
        (base64.b64encode(base64.b64decode(TEXT_STRING).replace(b"text", b"t\xffxt")).decode(), "UTF-8"),
        (base64.b64encode(arrow_file()).decode(), "Arrow file"),
        (base64.b64encode(b"PAR1....PAR1").decode(), "Parquet file"),
    ],
)
def test_the_refusal_says_what_the_text_is_instead(text: str, reason: str) -> None:
    with pytest.raises(SchemaError, match=reason):
        decode(text)


def test_metadata_that_is_no_text_is_spelled_out() -> None:
    assert decode(encode(pa.schema([], {b"k": b"\xff"}))).metadata == (("k", r"\xff"),)


@pytest.mark.parametrize(
    "module",
    [
        "wltui.config.schema",
        "wltui.config.schema.text",
        "wltui.config.schema.files",
        "wltui.config.schema.preview",
    ],
)
def test_pyarrow_is_not_loaded_before_a_schema_is_read(module: str) -> None:
    code = f"import sys, {module}; import wltui.config.schema as s; print(s.summary(None), 'pyarrow' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "none False\n"


@pytest.mark.parametrize("about", [None, {"made by": "me" * 200}])
def test_a_damaged_schema_is_not_taken_for_an_empty_one(about: dict[str, str] | None) -> None:
    empty = pa.schema([], about)
    assert decode(encode(empty)).fields == ()
    message = bytearray(pa.schema([("a", pa.int8())], about).serialize())
    ones = [place for place in range(8, len(message), 4) if message[place : place + 4] == b"\1\0\0\0"]
    damaged: list[object] = []
    for place in ones:
        cleared = message.copy()
        cleared[place] = 0
        try:
            damaged.append(decode(base64.b64encode(cleared).decode()).fields)
        except SchemaError as refused:
            damaged.append(refused.why)
    assert () not in damaged
    assert any("no fields" in str(told) for told in damaged)
