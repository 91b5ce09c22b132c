"""The fields of a config: whatever is typed is read or refused in words, and what is read can be written again."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from tests.support.configs import NOTHING, ONE, ONE_WRAPPED, names, numbers, objects, schemas
from wltui.config.fields import (
    FIELD,
    FIELDS,
    PartSpec,
    Problem,
    openai_problems,
    parse_openai,
    parse_tensor_fields,
    parse_threshold,
)
from wltui.config.syntax.thresholds import is_same_threshold

# Tensor fields, typed.


@given(st.none() | names)
def test_names_come_back_as_they_were_written(fields: tuple[str, ...] | None) -> None:
    text = FIELD["tensor_fields"].text(fields)
    assert all(line.isprintable() for line in text.split("\n"))
    assert parse_tensor_fields(text) == fields
    assert parse_tensor_fields(text.replace("\n", " ,\r\n\n ")) == fields


@given(names)
def test_names_told_on_one_line_can_be_typed_so(fields: tuple[str, ...]) -> None:
    line = FIELD["tensor_fields"].describe(fields)
    assert line.isprintable()
    assert parse_tensor_fields(line) == fields


@given(names)
def test_a_pasted_json_array_is_read(fields: tuple[str, ...]) -> None:
    assert parse_tensor_fields(json.dumps(fields, indent=1)) == fields


@given(st.text() | st.text("[]{}\",' \\ab1\n"))
def test_whatever_is_typed_is_read_or_refused_in_words(text: str) -> None:
    read = parse_tensor_fields(text)
    if isinstance(read, Problem):
        assert read.field == "tensor_fields"
        assert read.text
    else:
        assert parse_tensor_fields(FIELD["tensor_fields"].text(read)) == read


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", None),
        ("  ", None),
        ("[]", ()),
        ("dense_1", ("dense_1",)),
        ("a\n\n  b\n", ("a", "b")),
        ('a, b\n"c,d",\ne', ("a", "b", "c,d", "e")),
        ("a,", ("a",)),
        (" a ,b b,  c/d:0 ", ("a", "b b", "c/d:0")),
        ('"a,b", " c ", ""', ("a,b", " c ", "")),
        (r'"say \"hi\"", x', ('say "hi"', "x")),
        (' ["input", ""] ', ("input", "")),
        ('"null"', ("null",)),
    ],
)
def test_names_as_people_type_them(text: str, fields: tuple[str, ...] | None) -> None:
    assert parse_tensor_fields(text) == fields


@pytest.mark.parametrize(
    ("text", "said", "place"),
    [
        ("a\n  b, a", '"a" appears twice', (2, 6)),
        ('["b",\n "b", "b"]', '"b" appears 3 times', (2, 2)),
        ("a\nb,,c", "A name is missing", (2, 3)),
        (",", "A name is missing", (1, 1)),
        ('"a" b', 'after "a"', (1, 4)),
        ('b\n "a\n"', "does not end", (2, 2)),
        ("'a'", "\"'a'\"", (1, 1)),
        ("null", '"null"', (1, 1)),
        ("a\u200b", r'"a\u200b"', (1, 1)),
        ("['a']", "Not a JSON list", (1, 2)),
        ("[" * 100_000, "Not a JSON list", (1, 51)),
        ('["a", 2]', "Item 2", (1, 1)),
        ('["a"]\nb', "more text after the end", (2, 1)),
        (r'"\ud800"', "not valid Unicode", (1, 1)),
    ],
)
def test_refused_names_say_what_is_wrong_and_where(text: str, said: str, place: tuple[int, int]) -> None:
    refused = parse_tensor_fields(text)
    assert isinstance(refused, Problem)
    assert said in refused.text
    assert (refused.line, refused.column) == place


# The threshold, typed.


@given(st.none() | numbers)
def test_numbers_come_back_as_they_were_written(number: float | None) -> None:
    assert is_same_threshold(parse_threshold(FIELD["filter_threshold"].text(number)), number)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (0.1, 0.10000000149011612, True),
        (0.123456789, 0.12345679, True),
        (16777217, 16777216.0, True),
        (0.1, 0.1000001, False),
        (0.0, None, False),
        (1, True, False),
        (1e39, 1e40, False),
        (1e39, 1e39, True),
        (UNSET, UNSET, True),
        (UNSET, None, False),
    ],
)
def test_a_threshold_is_a_32_bit_float_to_the_server(one: object, other: object, same: bool) -> None:
    assert is_same_threshold(one, other) is same
    assert is_same_threshold(other, one) is same


def test_a_number_may_have_more_zeros_in_front_than_python_reads() -> None:
    part = FIELD["dynamic_batching_config"].part("batch_size_target")
    assert part.parse("0" * 5000 + "7") == 7
    assert isinstance(part.parse("7" * 5000), Problem)


def test_a_widened_threshold_is_shown_in_the_digits_that_stand_for_it() -> None:
    spec = FIELD["filter_threshold"]
    assert [spec.text(value) for value in (0.10000000149011612, 0.1, 0.5, 3.4028234663852886e38, 2)] == [
        "0.1", "0.1", "0.5", "3.4028235e+38", "2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "number"),
    [("", None), (" ", None), ("0", 0.0), (" 0.1 ", 0.1), ("1e-3", 0.001), ("-2.", -2.0), (".5", 0.5)],
)
def test_numbers_as_people_type_them(text: str, number: float | None) -> None:
    read = parse_threshold(text)
    assert read == number
    assert isinstance(read, float | None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0,1", "Use a point: 0.1"),
        (",5", "Use a point: .5"),
        ("high", "Not a number"),
        ("nan", "Not a number"),
        ("-inf", "Not a number"),
        ("1_000", "Not a number"),
        ("１", "Not a number"),
        ("10%", "Not a number"),
        ("1e999", "too large"),
    ],
)
def test_a_refused_number_says_what_is_wrong(text: str, said: str) -> None:
    refused = parse_threshold(text)
    assert isinstance(refused, Problem)
    assert refused.field == "filter_threshold"
    assert said in refused.text


# The numbers of batching, typed.

PARTS = [part for spec in FIELDS for part in spec.parts]
LIMIT = FIELD["dynamic_batching_config"].part("batch_size_limit")
TARGET = FIELD["dynamic_batching_config"].part("batch_size_target")


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.key)
@given(number=st.integers(1, 2**63 - 1))
def test_whole_numbers_come_back_as_they_were_written(part: PartSpec, number: int) -> None:
    assert part.parse(part.format(number)) == number
    assert part.parse(f" +{number} ") == number
    assert not part.problem_text(number)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.key)
def test_a_field_is_switched_on_with_numbers_that_can_be_typed(part: PartSpec) -> None:
    assert part.parse(part.format(part.default)) == part.default


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Must be a whole number above 0"),
        ("4.0", "without a point"),
        ("4,", "without a point"),
        ("true", "Not a whole number"),
        ("null", "Not a whole number"),
        ("４", "Not a whole number"),
        ("1e3", "Not a whole number"),
        ("0", "above 0"),
        ("-3", "above 0"),
        ("9223372036854775808", "too large"),
        ("9" * 5000, "too large"),
    ],
)
def test_a_refused_whole_number_says_what_is_wrong(text: str, said: str) -> None:
    refused = TARGET.parse(text)
    assert isinstance(refused, Problem)
    assert (refused.field, refused.part) == ("dynamic_batching_config", "batch_size_target")
    assert said in refused.text


def test_the_limit_alone_may_be_null() -> None:
    assert [part.key for part in PARTS if part.parse(" ") is None] == ["batch_size_limit"]
    refused = LIMIT.parse("many")
    assert isinstance(refused, Problem)
    assert refused.text.endswith("leave it empty for none")


@pytest.mark.parametrize("value", [True, 4.0, "8", 0, -1, [1], {}])
def test_a_part_of_another_kind_shows_and_is_wrong(value: object) -> None:
    assert json.loads(TARGET.format(value)) == value
    assert TARGET.problem_text(value)


# The OpenAI config, typed.


@given(objects)
def test_json_comes_back_as_it_was_written(value: dict[str, object]) -> None:
    text = FIELD["openai_config"].text(value)
    assert all(line.isprintable() for line in text.split("\n"))
    assert parse_openai(text) == value


@given(st.text() | st.text('[]{}",: \\1eu\n-.truefalsn'))
def test_whatever_is_typed_as_json_is_read_or_refused_in_words(text: str) -> None:
    read = parse_openai(text)
    if isinstance(read, Problem):
        assert read.text
        assert read.line is not None
    else:
        assert parse_openai(FIELD["openai_config"].text(read)) == read


def test_a_text_with_line_breaks_may_be_pasted_between_quotes() -> None:
    pasted = '{"enabled": true, "chat_template": "{% for m in messages %}\n\t{{ m }}\n{% endfor %}"}'
    read = parse_openai(pasted)
    assert isinstance(read, dict)
    assert read["chat_template"] == "{% for m in messages %}\n\t{{ m }}\n{% endfor %}"


@pytest.mark.parametrize(
    ("text", "said", "place"),
    [
        ("[]", "Must be an object", (1, 1)),
        ("true", "Must be an object", (1, 1)),
        ('{"a": 1\n "b": 2}', "comma is missing", (2, 2)),
        ('{\n"a" 1}', "colon is missing", (2, 5)),
        ('{"a": }', "value is missing", (1, 7)),
        ('{"a": True}', "value is missing", (1, 7)),
        ('{"a": 1} x', "more text after the end", (1, 10)),
        ('{"a": "b}', "closing quotes of this text are missing", (1, 7)),
        ('{"a": "b,\n "c": "d"}', "closing quotes of this text are missing", (1, 10)),
        (r'{"a": "\d"}', "backslash", (1, 8)),
        ('{"a": [1,\n NaN]}', "JSON has no NaN", (2, 2)),
        ('{"a": -Infinity}', "JSON has no -Infinity", (1, 7)),
        ('{"a": 1e999}', "too large", (1, 7)),
        ('{"a": 18446744073709551616}', "64 bits", (1, 7)),
        ('{"a":\n' + "9" * 5000 + "}", "64 bits", (2, 1)),
        ('{"a": 1, "b": {"a": 1},\n "\\u0061": 2}', 'The key "a" appears twice', (2, 2)),
        (r'{"a": "\udc00"}', "not valid Unicode", (1, 7)),
        ('{"a":' + "[" * 100_000, "nested more than 50", (1, 55)),
    ],
)
def test_refused_json_says_what_is_wrong_and_where(text: str, said: str, place: tuple[int, int]) -> None:
    refused = parse_openai(text)
    assert isinstance(refused, Problem)
    assert said in refused.text
    assert (refused.line, refused.column) == place


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({}, ['"enabled" is missing']),
        ({"enabled": "yes"}, ['"enabled" must be true or false, not "yes"']),
        ({"enabled": 1}, ['"enabled" must be true or false, not 1']),
        ({"enabled": True, "stream": False}, ['"stream" must not be set']),
        (
            {"enabled": True, "completion_config": {"stream": True}},
            ['must not be set in "completion_config"'],
        ),
        ({"enabled": True, "chat_completion_config": []}, ['"chat_completion_config" must be an object']),
        ({"enabled": False, "completion_config": None, "chat_completion_config": {"n": 1}, "new": 1}, []),
    ],
)
def test_what_wallaroo_forbids_in_an_openai_config(value: dict[str, Any], said: list[str]) -> None:
    wrong = list(openai_problems(value))
    assert len(wrong) == len(said)
    assert all(words in text for words, text in zip(said, wrong, strict=True))


# Schemas, typed.


@pytest.mark.parametrize("key", ["input_schema", "output_schema"])
def test_a_schema_is_typed_as_text_or_pasted_as_base64(key: str) -> None:
    parse = FIELD[key].parse
    assert parse is not None
    assert parse(" \n") is None
    assert parse("{}") == NOTHING
    assert parse("a: int64") == ONE
    assert parse(f" {ONE_WRAPPED}\n") == ONE
    assert FIELD[key].text(ONE_WRAPPED) == "a: int64"


@pytest.mark.parametrize(
    ("text", "said", "place"),
    [
        ("a: int64\n  b: flot", "flot", (2, 6)),
        ("A" * 40, "not an Arrow schema", (None, None)),
        (ONE[:40], "cut off", (None, None)),
    ],
)
def test_a_refused_schema_says_what_is_wrong_and_where(
    text: str, said: str, place: tuple[int | None, int | None]
) -> None:
    parse = FIELD["output_schema"].parse
    refused = parse(text) if parse else None
    assert isinstance(refused, Problem)
    assert refused.field == "output_schema"
    assert said in refused.text
    assert refused.text[0].isupper()
    assert (refused.line, refused.column) == place


@given(schemas)
def test_a_string_that_is_no_schema_shows_whole(text: str) -> None:
    shown = FIELD["input_schema"].text(text)
    assert shown.strip()
    assert all(line.isprintable() for line in shown.split("\n"))


# In words.


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (
            "tensor_fields",
            {UNSET: "not readable", None: "none", (): "[]", ("none",): '"none"', ("a", "b"): "a, b"},
        ),
        ("filter_threshold", {UNSET: "not readable", None: "none", 0.0: "0.0", 0.1: "0.1"}),
        (
            "batch_config",
            {
                UNSET: "not readable",
                None: "multiple rows",
                "single": "single",
                "": '""',
                "multiple rows": '"multiple rows"',
            },
        ),
        ("input_schema", {UNSET: "not readable", None: "none", NOTHING: "no fields", "": "not decodable"}),
        ("dynamic_batching_config", {UNSET: "not readable", None: "off"}),
    ],
)
def test_null_empty_zero_and_not_readable_are_told_apart(key: str, told: dict[object, str]) -> None:
    assert {value: FIELD[key].describe(value) for value in told} == told


def test_objects_are_told_as_json() -> None:
    assert FIELD["dynamic_batching_config"].describe({"batch_size_target": 8}) == '{"batch_size_target": 8}'
    assert FIELD["openai_config"].describe({}) == "{}"
