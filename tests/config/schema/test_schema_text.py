"""Schemas as text: what pyarrow prints, for every type, back and forth without loss; faults say where and what."""

import base64
import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.arrow_schemas import (
    carried,
    decoded,
    encode,
    leaves,
    names,
    of,
    schemas,
    schemas_of,
    simple_metadata,
    simple_names,
    unhurried,
)
from wltui.config.schema import SchemaError
from wltui.config.schema.text import SchemaTextError, format_schema, looks_like_base64, parse_schema


def told_whole(type: pa.DataType) -> bool:
    """Whether what pyarrow prints tells all of a type, of its parts and of their metadata."""
    return not re.search("map<|dictionary<|extension<|tz=", str(type))


clear = schemas_of(leaves.filter(told_whole), simple_names, simple_metadata).filter(
    lambda arrow: len(arrow) and all(told_whole(field.type) for field in arrow)
)


@given(schemas)
@settings(unhurried, max_examples=3 * unhurried.max_examples)
def test_text_and_schema_are_the_same_thing(arrow: pa.Schema) -> None:
    text = format_schema(encode(arrow))

    assert decoded(parse_schema(text)).equals(arrow, check_metadata=True)
    assert format_schema(parse_schema(text)) == text


@given(schemas)
@unhurried
def test_a_terminal_shows_all_of_a_text(arrow: pa.Schema) -> None:
    assert all(line.isprintable() for line in format_schema(encode(arrow)).split("\n"))


@given(clear)
@unhurried
def test_a_schema_with_simple_names_is_told_as_pyarrow_prints_it(arrow: pa.Schema) -> None:
    printed = (
        arrow.remove_metadata().to_string(show_field_metadata=False, element_size_limit=10_000).split("\n")
    )
    told = format_schema(encode(arrow.remove_metadata())).split("\n")

    assert [line for line in told if line[0] != " "] == [line for line in printed if line[0] != " "]


@given(clear)
@unhurried
def test_what_pyarrow_prints_can_be_pasted(arrow: pa.Schema) -> None:
    printed = arrow.to_string(truncate_metadata=False, element_size_limit=10_000)

    assert decoded(parse_schema(printed)).equals(arrow, check_metadata=True)


def test_what_pyarrow_prints_of_richer_types_can_be_pasted() -> None:
    arrow = pa.schema(
        [
            pa.field("map", pa.map_(pa.string(), pa.field("value", pa.int8(), metadata={"k": "v"}))),
            pa.field("words", pa.dictionary(pa.int8(), pa.string()), nullable=False),
            pa.field("image", pa.fixed_shape_tensor(pa.uint8(), [480, 640], ["y", "x"], [1, 0])),
            pa.field("when", pa.timestamp("us", tz="Europe/Berlin"), metadata={"k": "v"}),
            pa.field("id", pa.uuid()),
        ]
    )
    assert decoded(parse_schema(arrow.to_string(element_size_limit=1000))).equals(arrow, check_metadata=True)


HIDDEN = pa.map_(pa.string(), pa.field("value", pa.int8(), nullable=False))


@pytest.mark.parametrize(
    "type",
    [
        pytest.param(HIDDEN, id="map"),
        pytest.param(pa.list_(HIDDEN), id="in a list"),
        pytest.param(pa.map_(pa.string(), pa.field("value", HIDDEN, nullable=False)), id="in a map"),
        pytest.param(pa.map_(HIDDEN, pa.int8()), id="as the key of a map"),
        pytest.param(pa.run_end_encoded(pa.int32(), HIDDEN), id="run-end encoded"),
        pytest.param(
            pa.struct([("a", HIDDEN), ("b", pa.int8()), ("c", pa.map_(HIDDEN, HIDDEN))]), id="in a struct"
        ),
    ],
)
def test_a_printed_map_whose_values_are_not_null_can_be_pasted(type: pa.DataType) -> None:
    about = {"k": "v"}
    arrow = carried(
        pa.schema([pa.field("m", type, metadata=about), pa.field("n", type, nullable=False)], about)
    )

    assert decoded(parse_schema(arrow.to_string(element_size_limit=10_000))).equals(
        arrow, check_metadata=True
    )


def test_a_map_is_as_its_own_line_says_where_not_all_of_it_was_printed() -> None:
    arrow = pa.schema([("m", pa.map_(pa.string(), pa.field("value", pa.int8(), False, {"k": "v"})))])
    text = format_schema(encode(arrow)).replace("map<string, int8 not null>", "map<string, int8>")
    told = outcome(text)
    assert isinstance(told, SchemaTextError)
    assert (told.line, "Change it there" in told.advice) == (2, True)


def test_printed_metadata_with_an_apostrophe_can_be_pasted() -> None:
    arrow = pa.schema([pa.field("a", pa.int8(), metadata={"k": "it's 'so'"})])
    assert decoded(parse_schema(arrow.to_string())).equals(arrow, check_metadata=True)


@pytest.mark.parametrize(
    "arrow",
    [
        pytest.param(pa.schema([pa.field("a", pa.int8(), metadata={"k": "v" * 500})]), id="metadata"),
        pytest.param(pa.schema([pa.field("a", pa.int8(), metadata={"k" * 500: "v"})]), id="a key"),
        pytest.param(pa.schema([("a", pa.struct([("x" * 300, pa.int8())]))]), id="a type"),
        pytest.param(
            pa.schema([pa.field("a", pa.struct([("x" * 300, pa.int8())]), False, {"k": "v" * 500})]),
            id="both",
        ),
    ],
)
def test_the_advice_for_a_print_that_was_cut_off_leads_out(arrow: pa.Schema) -> None:
    printed = arrow.to_string()
    for _ in range(2):
        told = outcome(printed)
        if isinstance(told, str):
            break
        assert told.advice.startswith("Print schema.to_string(")
        printed = eval(told.advice.removeprefix("Print "), {"schema": arrow})  # noqa: S307  what we advise
    assert decoded(parse_schema(printed)).equals(arrow, check_metadata=True)


def outcome(text: str) -> str | SchemaTextError:
    try:
        return parse_schema(text)
    except SchemaTextError as fault:
        return fault


@given(schemas, st.data())
@unhurried
def test_a_damaged_text_is_read_or_refused_with_a_place_in_it(arrow: pa.Schema, data: st.DataObject) -> None:
    text = format_schema(encode(arrow))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        put = data.draw(
            st.sampled_from(("", "<", ">", ",", ":", " ", "\n", '"', "'", "\\", "[", "1", "x", "\x1b"))
        )
        text = text[:at] + put + text[at + data.draw(st.integers(0, 2)) :]
    told = outcome(text)
    if isinstance(told, SchemaTextError):
        lines = text.split("\n")
        assert 1 <= told.line <= len(lines)
        assert 1 <= told.column <= len(lines[told.line - 1]) + 1
        assert told.why
        assert str(told).isprintable()
    else:
        assert decoded(told) == decoded(parse_schema(format_schema(told)))


pieces = names | st.sampled_from((": ", "list<", "struct<", ">", "int8", "\n", "  ", "-- field metadata --"))


@given(st.text() | st.lists(pieces).map("".join))
@unhurried
def test_garbage_is_refused_in_plain_words(text: str) -> None:
    told = outcome(text)
    assert isinstance(told, str) or (told.why and str(told).isprintable())


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("a:float32", "a: float"),
        ("a : Float64  not  null ", "a: double not null"),
        ("a: str\r\nb: int\r\n\r\n", "a: string\nb: int64"),
        ("   a: i1\n   b: u8", "a: int8\nb: uint64"),
        ("a: list<float>", "a: list<item: float>"),
        ("a: list<float32 not null>", "a: list<item: float not null>"),
        ("a: list<struct<x: half>>", "a: list<item: struct<x: halffloat>>"),
        ("a: fixed_size_list< float >[ 10 ]", "a: fixed_size_list<item: float>[10]"),
        ("a: uint8[480, 3]", "a: fixed_size_list<item: fixed_size_list<item: uint8>[3]>[480]"),
        ("a: list<x: uint8[3] not null>", "a: list<x: fixed_size_list<item: uint8>[3] not null>"),
        ("a: fixed_size_binary[7][2]", "a: fixed_size_list<item: fixed_size_binary[7]>[2]"),
        ("a: date32\nb: date64[ ms ]", "a: date32[day]\nb: date64[ms]"),
        ("a: datetime64[ns]\nb: timedelta64[ms]", "a: timestamp[ns]\nb: duration[ms]"),
        ("a: timestamp[ms,tz='UTC']", "a: timestamp[ms, tz=UTC]"),
        ("a: decimal(9,2)\nb: decimal256(5)", "a: decimal128(9, 2)\nb: decimal256(5, 0)"),
        ("a: dictionary<values=str>", "a: dictionary<values=string, indices=int32, ordered=0>"),
        ("a: dictionary<values=str, indices=i1, ordered=true>",
         "a: dictionary<values=string, indices=int8, ordered=1>"),
        ("a: dense_union<x: int8, y: str>", "a: dense_union<x: int8=0, y: string=1>"),
        ("a: map<string ('K'), int8 ('V')>", "a: map<string, int8>"),
        ("a: map<string not null, int8 not null, keys_sorted>", "a: map<string, int8 not null, keys_sorted>"),
        ("a: extension<arrow.json[storage_type=str]>", "a: extension<arrow.json>"),
        ("'a: b': str\n\"c\": str", "\"a: b\": string\nc: string"),
        ("a:\xa0int8", "a: int8"),
        ("\ufeffa: int8", "a: int8"),
        ("{}\n-- schema metadata --\nk: 'v'", "{}\n-- schema metadata --\nk: 'v'"),
        ("a: int8\n\t-- field metadata --\n\tk : \"v\"\nb: int8", "a: int8\n  -- field metadata --\n  k: 'v'\nb: int8"),
        ("a: int8\n    --field metadata--\n k: 'v'", "a: int8\n  -- field metadata --\n  k: 'v'"),
    ],
)  # fmt: skip
def test_what_people_type_is_understood_and_normalised(typed: str, normal: str) -> None:
    assert format_schema(parse_schema(typed)) == normal


def test_metadata_is_told_below_its_field_however_deep() -> None:
    inner = pa.struct(
        [pa.field("b", pa.int8(), metadata={"PARQUET:field_id": "7"}), pa.field("c", pa.string())]
    )
    outer = pa.field("a", pa.list_(pa.field("item", inner)), nullable=False, metadata={"unit": "m/s"})
    arrow = pa.schema([outer], {b"raw\xff": "it's\n\u202e", "made by": "me"})

    assert format_schema(encode(arrow)).split("\n") == [
        "a: list<item: struct<b: int8, c: string>> not null",
        "  child 0, item: struct<b: int8, c: string>",
        "    child 0, b: int8",
        "      -- field metadata --",
        "      PARQUET:field_id: '7'",
        "  -- field metadata --",
        "  unit: 'm/s'",
        "-- schema metadata --",
        r'''"raw\xff": "it's\n\u202e"''',
        "made by: 'me'",
    ]


def test_metadata_reaches_into_maps_dictionaries_and_extensions() -> None:
    marked = pa.struct([pa.field("x", pa.int8(), metadata={"k": "v"})])
    types = [
        pa.map_(pa.string(), pa.field("value", marked, nullable=False)),
        pa.dictionary(pa.int8(), marked),
        pa.run_end_encoded(pa.int16(), marked),
        pa.opaque(marked, "t", "v"),
        pa.fixed_shape_tensor(marked, [2]),
    ]
    for type in types:
        text = format_schema(of(pa.field("a", type)))
        assert text.endswith("  -- field metadata --\n" + text.splitlines()[-1])
        assert decoded(parse_schema(text)).equals(pa.schema([("a", type)]), check_metadata=True)


def test_types_that_pyarrow_reads_but_does_not_make() -> None:
    text = "a: month_interval\nb: list<item: day_time_interval>"
    assert [str(field.type) for field in decoded(parse_schema(text))] == [
        "month_interval",
        "list<item: day_time_interval>",
    ]
    assert format_schema(parse_schema(text)) == text


def test_tensors_of_variable_shape() -> None:
    said = "value_type=int8, ndim=2, dim_names=[x,y], uniform_shape=[3,null]"
    text = f"a: extension<arrow.variable_shape_tensor[{said}]>"
    assert "extension<arrow.variable_shape_tensor" in str(decoded(parse_schema(text)).field(0).type)
    assert format_schema(parse_schema(text)) == text


def test_extensions_that_nobody_knows_keep_their_storage_and_metadata() -> None:
    carried = {"ARROW:extension:name": "my.type", "ARROW:extension:metadata": "{}"}
    text = format_schema(of(pa.field("a", pa.int8(), metadata=carried)))
    assert text.split("\n")[2:] == ["  ARROW:extension:name: 'my.type'", "  ARROW:extension:metadata: '{}'"]


def test_a_schema_that_text_would_not_keep_is_refused() -> None:
    twice = pa.KeyValueMetadata([("k", "one"), ("k", "two")])
    with pytest.raises(SchemaError, match="text can't express"):
        format_schema(of(pa.field("a", pa.int8(), metadata=twice)))


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("", 1, 1, "no field. A schema without fields is {}"),
        (" \n\t\n", 1, 1, "no field"),
        ("a: flot32", 1, 4, "unknown type 'flot32'. Did you mean float32?"),
        ("a: int8\n\nb: list<x: strng>", 3, 12, "Did you mean string?"),
        ("a: datetime", 1, 4, "timestamp[us]"),
        ("a: uuid", 1, 4, "extension<arrow.uuid>"),
        ("a", 1, 2, "expected : after the name 'a', but the line ends here"),
        ('a: "int8"', 1, 4, "expected a type, not '\"int8\"'"),
        ("a: dense_union<x: int8=-1>", 1, 24, "out of range"),
        ("a: extension<>", 1, 14, "expected an extension's name"),
        ("a:", 1, 3, "expected a type, but the line ends here"),
        (": int8", 1, 1, "expected a field's name, not ':'"),
        ("a: int8 null", 1, 9, "expected the end of the line, not 'null'"),
        ("a: list<item: float", 1, 20, "expected > after the item's type, but the line ends here"),
        ("a: list<float,", 1, 14, "expected > after the item's type, not ','"),
        ("a: list", 1, 8, "expected < after list, but the line ends here. Example: list<item: float>"),
        ("a: struct<float>", 1, 16, "expected : after the name 'float'"),
        ("a: struct<x: float y: float>", 1, 20, "expected , or > after the field's type, not 'y:'"),
        ("a: map<string>", 1, 14, "expected , after the type of the keys"),
        ("a: map<string, int8, sorted>", 1, 22, "expected keys_sorted"),
        ("a: fixed_size_list<float>", 1, 26, "expected the list's size"),
        ("a: float[4294967296]", 1, 10, "out of range"),
        ("a: float[-1]", 1, 10, "out of range"),
        ("a: float[" + "9" * 5000 + "]", 1, 10, "out of range"),
        ("a: date32[ms]", 1, 11, "expected the size"),
        ("a: time32[us]", 1, 11, "the unit of time32 must be s or ms"),
        ("a: timestamp", 1, 13, "Example: timestamp[s|ms|us|ns]"),
        ("a: timestamp[us, UTC]", 1, 18, "expected tz"),
        ("b: int8\na: decimal128(39, 1)", 2, 4, "precision should be between 1 and 38"),
        ("a: dictionary<values=str, indices=float>", 1, 35, "whole numbers"),
        ("a: dictionary<values=dictionary<values=str>>", 1, 22, "a schema can't contain dictionary of dictionary"),
        ("a: dictionary<values=str, indices=int8, ordered=2>", 1, 49, "expected 0 or 1"),
        ("a: run_end_encoded<run_ends: int8, values: str>", 1, 4, "'int16', 'int32', or 'int64'"),
        ("a: dense_union<x: int8=128>", 1, 24, "out of range"),
        ("a: extension<arrow.uid>", 1, 14, "Did you mean arrow.uuid?"),
        ("a: extension<my.type>", 1, 14, "ARROW:extension:name"),
        ("a: extension<arrow.uuid[x=1]>", 1, 25, "parameters of arrow.uuid: none"),
        ("a: extension<arrow.opaque[storage_type=int8]>", 1, 45, "arrow.opaque requires type_name"),
        ("a: extension<arrow.fixed_shape_tensor[value_type=int8, shape=[2], shape=[3]]>", 1, 67, "appears twice"),
        ("a: extension<arrow.fixed_shape_tensor[value_type=int8, shape=[2], permutation=[4]]>", 1, 4, "ermutation"),
        ("b: int8\na: list<extension<arrow.fixed_shape_tensor[value_type=int8, shape=[2147483648]]>>", 2, 9, "large"),
        ("a: fixed_size_binary[268435456]", 1, 22, "out of range: from 0 to 268435455"),
        ("b: int8\na: extension<arrow.json[storage_type=int8]>", 2, 4, "storage type"),
        ("a: list<null not null>", 1, 9, "can't be not null"),
        ("a\x1bb: int8", 1, 2, "U+001B. Delete it"),
        ('"a: int8', 1, 1, "not closed"),
        (r'"\q": int8', 1, 1, r"\q is not a valid escape"),
        ('"\\\x1b": int8', 1, 1, r"\\u001b is not a valid escape"),
        (r'"\ud800": int8', 1, 1, "not a valid escape"),
        (r'"\xff": int8', 1, 1, "can't contain bytes"),
        ("{}\na: int8", 2, 1, "Delete {}"),
        ("a: int8\n-- field metadata --", 2, 1, "Indent it below its field"),
        ("  -- field metadata --", 1, 3, "this metadata has no field above it"),
        ("child 0, x: int8", 1, 1, "this child has no field above it"),
        ("a: int8\n  child 0, x: int8", 2, 3, "'a' has no child 0"),
        ("a: list<int8>\n  child 0, item: int16", 2, 12, "child 0 of 'a' is item: int8 above. Change it there"),
        ("a: int8\n  -- field metadata --\n  k: v", 3, 3, "Example: unit: 'm/s'"),
        ("a: int8\n  -- field metadata --\n  \"k\": v", 3, 8, "in quotes, not 'v'"),
        ("a: int8\n  -- field metadata --\n  k: 'v' + 33", 3, 9, "pyarrow cut this value off"),
        ("a: int8\n  -- field metadata --\n  k: 'v'\n  k: 'w'", 4, 3, "'k' appears twice"),
        ("a: struct<b: int8, (... 31 chars omitted)", 1, 1, "pyarrow cut this line off"),
        ("a: struct<b: int8, (... 31 chars omitted) not null", 1, 1, "pyarrow cut this line off"),
        ("-- schema metadata --\nk: 'v'\na: int8", 3, 1, "line of metadata"),
        ("-- schema metadata --\nk: 'v'", 1, 1, "no field"),
        ("a: map<string, int8>\n  child 0, entries: struct<key: string not null, value: int8> not null\n"
         "    -- field metadata --\n    k: 'v'", 1, 4, "no metadata for the entries of a map"),
        ("a: int8\nb: " + "list<" * 10_000, 2, 644, "nested more than 128 levels deep"),
        ("a: int8\nb: " + "list<" * 127 + "int8" + ">" * 127, 2, 4, "Use fewer levels of nested types"),
        ("a: float[" + "2," * 200 + "2]", 1, 412, "nested more than 128 levels deep"),
        ("/////3AAAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAMAAAACAAIAAAABAAIAAAABAAAAAEAAAAU", 1, 1, "base64"),
        ("a" * 4_000_001, 1, 1, "more than"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place(text: str, line: int, column: int, words: str) -> None:
    with pytest.raises(SchemaTextError) as refused:
        parse_schema(text)
    fault = refused.value
    assert words in str(fault)
    assert (fault.line, fault.column) == (line, column)
    assert str(fault).isprintable()


def test_a_schema_is_told_as_deep_as_pyarrow_reads() -> None:
    type = pa.int8()
    for _ in range(120):
        type = pa.struct([("x", type)])
    encoded = of(pa.field("a", type))
    assert decoded(parse_schema(format_schema(encoded))) == decoded(encoded)


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("a: int8", False),
        ("{}", False),
        ("inputs", False),
        ("petal length in centimetres", False),
        (base64.b64encode(bytes(60)).decode(), True),
        ("\n".join(("/////3AAAAAQAAAAAAAK", "AAwABgAFAAgACgAAAA==")) + "\n", True),
        ("_____3AAAAAQAAAAAAAKAAwABgAF", True),
    ],
)
def test_pasted_base64_is_told_from_text(text: str, yes: bool) -> None:
    assert looks_like_base64(text) is yes
