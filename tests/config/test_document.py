"""A config as text for the user's own editor: what isn't touched stays, whatever it is, and faults have a line."""

import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from tests.support.configs import (
    DYNAMIC,
    MARKED,
    NOTHING,
    ONE,
    config,
    edit,
    edits,
    json_values,
    objects,
    texts,
)
from wltui.config.document import add_problem_lines, format_document, parse_document
from wltui.config.edit import ConfigEdit, Draft
from wltui.config.fields import FIELD, Problem
from wltui.config.syntax import toml_text
from wltui.config.syntax.toml_text import NotToml
from wltui.core.records import VersionId


def text_of(made: ConfigEdit) -> str:
    return format_document(Draft(made))


def changed(made: ConfigEdit, old: str, new: str) -> ConfigEdit | tuple[Problem, ...]:
    """What an edit is after somebody replaced something in its text."""
    text = text_of(made)
    assert text.count(old) == 1, text
    return parse_document(text.replace(old, new), made)


def refusal(text: str, made: ConfigEdit) -> tuple[Problem, ...]:
    """Why a text can't be read."""
    result = parse_document(text, made)
    assert isinstance(result, tuple), result
    return result


def problem(made: ConfigEdit, old: str, new: str) -> Problem:
    """What is wrong after that, which is one thing."""
    result = changed(made, old, new)
    assert isinstance(result, tuple), result
    (only,) = result
    return only


def line_of(text: str, begin: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if line.startswith(begin))


# What is not touched.


@given(edits)
def test_the_text_of_an_edit_is_that_edit(made: ConfigEdit) -> None:
    assert parse_document(text_of(made), made) == made


@given(edits)
def test_so_it_is_after_an_editor_that_writes_as_on_windows(made: ConfigEdit) -> None:
    assert parse_document("\ufeff" + text_of(made).replace("\n", "\r\n"), made) == made


@given(edits, st.text())
def test_nothing_in_the_text_is_hidden(made: ConfigEdit, model_name: str) -> None:
    text = format_document(Draft(made), model_name=model_name)
    assert all(character.isprintable() or character in "\n\t" for character in text)


@pytest.mark.parametrize("value", [["a", None], {"a": [{"b": None}]}, ["\ud800"], {"a": [[{"\udc00": 1}]]}])
def test_what_toml_cannot_say_is_written_as_json(value: object) -> None:
    made = edit(openai_config={"enabled": True, "x": value})
    assert parse_document(text_of(made), made) == made
    result = changed(made, '"enabled": true', '"enabled": false')
    assert isinstance(result, ConfigEdit | tuple)
    if isinstance(result, ConfigEdit):
        assert result.value("openai_config") == {"enabled": False, "x": value}
    else:
        assert "not valid Unicode" in result[0].text


@pytest.mark.parametrize("depth", [49, 60, 225])
@pytest.mark.parametrize("around", [lambda inner: {"a": inner}, lambda inner: [inner]])
def test_what_is_far_down_in_objects_and_lists_is_carried_along(
    depth: int, around: Callable[[object], object]
) -> None:
    deep: object = {"end": 1}
    for _ in range(depth):
        deep = around(deep)
    made = edit(openai_config={"a": deep})
    assert parse_document(text_of(made), made) == made
    assert isinstance(parse_document(f"zzz = 1\n{text_of(made)}", made), tuple)


@given(edits, st.data())
def test_whatever_becomes_of_the_text_it_is_read_or_refused_with_a_line(
    made: ConfigEdit, data: st.DataObject
) -> None:
    text = text_of(made)
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, min(len(text), begin + 40)))
    typed = data.draw(st.sampled_from(list(" #=\"'[]{}.,\\\n\r\x00\ud800")) | st.text(max_size=9))
    result = parse_document(text[:begin] + typed + text[end:], made)
    if isinstance(result, tuple):
        lines = (text[:begin] + typed + text[end:]).count("\n") + 1
        assert all(one.text and one.line and 1 <= one.line <= lines for one in result)


# What the text tells.


def test_the_text_tells_where_it_is_from() -> None:
    text = format_document(Draft(ConfigEdit(VersionId(16), config(runtime="onnx"))), model_name="a\nb")
    assert '# Version 16 of "a\\nb", based on config 20.\n' in text
    assert '# Runtime: "onnx", set by the platform.\n' in text


def test_the_settings_begin_and_end_with_lines_that_no_server_wrote() -> None:
    """Editors obey some comments in the first and the last five lines."""
    lines = (
        format_document(Draft(edit(output_schema="vim: set x:")), model_name="vim: set x:")
        .rstrip("\n")
        .split("\n")
    )
    assert "vim:" not in "".join(lines[:5] + lines[-5:])


def test_every_field_has_a_line_to_uncomment() -> None:
    lines = text_of(edit()).split("\n")
    settings = [line.removeprefix("# ") for line in lines]
    first = next(place for place, line in enumerate(lines) if line == "# Tensor fields")
    kept = [
        line for line in settings[first:] if "=" in line or line.startswith(('"""', "inputs:", "variable:"))
    ]
    told = tomllib.loads("\n".join(line for line in kept if ': "single" is one' not in line))
    assert list(told) == list(FIELD)


def test_uncommented_examples_are_taken() -> None:
    made = edit()
    text = text_of(made)
    for key in FIELD:
        text = text.replace(f"# {key}", key)
    text = (
        text.replace('"""\n# inputs', '"""\ninputs')
        .replace('"""\n# variable', '"""\nvariable')
        .replace('\n# """', '\n"""')
    )
    result = parse_document(text, made)
    assert isinstance(result, ConfigEdit)
    assert result.value("tensor_fields") == ("input_1", "input_2")
    assert result.value("openai_config") == {"enabled": True, "completion_config": {"max_tokens": 100}}
    assert {change.key for change in result.changes()} == set(FIELD)


# Changes.


@pytest.mark.parametrize(
    ("fields", "old", "new", "value"),
    [
        ({"tensor_fields": ("a",)}, '["a"]', '["b", "c,d"]', ("b", "c,d")),
        ({"tensor_fields": ("a",)}, '["a"]', "[]", ()),
        ({"tensor_fields": ("a",)}, '["a"]', '"b, c"', ("b", "c")),
        ({"tensor_fields": ("a",)}, "tensor_fields =", "# tensor_fields =", None),
        ({"batch_config": "single"}, 'batch_config = "single"\n', "", None),
        ({}, "# batch_config =", "batch_config =", "single"),
        ({"filter_threshold": 0.5}, "= 0.5", "= 0", 0.0),
        ({"filter_threshold": 0.5}, "= 0.5", "= 1_000", 1000.0),
        ({"filter_threshold": 0.5}, "= 0.5", '= "1e3"', 1000.0),
        ({"filter_threshold": 0.5}, "= 0.5", '= ""', None),
        ({"openai_config": {"enabled": True}}, "enabled = true", "enabled = false", {"enabled": False}),
        ({"openai_config": {"enabled": True}}, "openai_config.enabled = true\n", "", None),
        ({"openai_config": {"enabled": True}}, "openai_config.enabled = true", "openai_config = '{\"a\": null}'",
         {"a": None}),
        ({"input_schema": NOTHING}, "{}", "a: int64", ONE),
        ({"input_schema": NOTHING}, "{}", ONE, ONE),
    ],
)  # fmt: skip
def test_what_is_changed_in_the_text_is_changed(
    fields: dict[str, Any], old: str, new: str, value: object
) -> None:
    made = edit(**fields)
    (key,) = fields or ("batch_config",)
    result = changed(made, old, new)
    assert isinstance(result, ConfigEdit), result
    assert result.values == {key: value}
    assert type(result.value(key)) is type(value)


def test_a_chat_template_is_edited_line_by_line() -> None:
    template = "{% for m in ms %}\n  {{ m }}'''\\n\n{% endfor %}"
    made = edit(
        openai_config={"enabled": True, "chat_completion_config": {"chat_template": template, "n": None}}
    )
    result = changed(made, "\n  {{ m }}'''", "\n  {{ other }}'''")
    assert isinstance(result, ConfigEdit)
    assert result.value("openai_config") == {
        "enabled": True,
        "chat_completion_config": {"chat_template": template.replace("m }}", "other }}"), "n": None},
    }


def test_what_toml_cannot_tell_of_an_object_stays_when_the_rest_changes() -> None:
    held = DYNAMIC | {"new": {"x": None, "y": 1}}
    made = edit(dynamic_batching_config=held)
    result = changed(made, "batch_size_target = 8", "batch_size_target = 16")
    assert isinstance(result, ConfigEdit)
    assert result.value("dynamic_batching_config") == held | {"batch_size_target": 16}


def test_a_part_that_may_be_null_is_set_to_null_by_deleting_its_line() -> None:
    made = edit(dynamic_batching_config=DYNAMIC | {"batch_size_limit": 8})
    result = changed(made, "dynamic_batching_config.batch_size_limit = 8\n", "")
    assert isinstance(result, ConfigEdit)
    assert result.value("dynamic_batching_config") == DYNAMIC


def test_batching_is_switched_on_by_one_line() -> None:
    result = changed(
        edit(),
        "# dynamic_batching_config.batch_size_target = 4",
        "dynamic_batching_config.batch_size_target = 6",
    )
    assert isinstance(result, ConfigEdit)
    assert result.value("dynamic_batching_config") == {
        "max_batch_delay_ms": 10,
        "batch_size_target": 6,
        "batch_size_limit": None,
    }


def test_a_number_of_the_same_value_is_no_change() -> None:
    made = edit(dynamic_batching_config=DYNAMIC, filter_threshold=5)
    assert changed(made, "batch_size_target = 8", "batch_size_target = 8.0") == made
    assert changed(made, "filter_threshold = 5", "filter_threshold = 5.0") == made


# Not readable.


def test_what_is_not_readable_is_left_alone_or_set_to_null_on_purpose() -> None:
    made = edit(input_schema=UNSET, batch_config=UNSET)
    assert "# Not readable." in text_of(made)
    result = changed(
        made, '# set_to_null = ["batch_config", "input_schema"]', 'set_to_null = ["input_schema"]'
    )
    assert result == made.with_value("input_schema", None)
    assert parse_document(text_of(made), made.with_value("input_schema", None)) == made


def test_a_field_is_either_set_or_null() -> None:
    made = edit(batch_config="single")
    text = 'set_to_null = ["batch_config"]\n' + text_of(made)
    (both,) = refusal(text, made)
    assert (both.field, both.line) == ("batch_config", line_of(text, "batch_config ="))
    assert "remove one" in both.text


# Refused texts.


@given(st.sampled_from([spec.key for spec in FIELD.values() if spec.parse]), texts | st.text("0,1\n'\"\\ "))
def test_a_refused_text_is_kept_and_refused_again(key: str, typed: str) -> None:
    made = edit(filter_threshold=0.5)
    if not isinstance(made.with_text(key, typed), Problem):
        return
    text = format_document(Draft(made, {key: typed}))
    told = tomllib.loads(text)[key]
    assert told in (typed, f"{typed}\n", typed.removesuffix("\n") + "\n")
    (refused,) = refusal(text, made)
    assert refused.field == key
    assert refused.line is not None


def test_refused_parts_are_kept_beside_those_that_were_taken() -> None:
    draft = Draft(edit(), {"dynamic_batching_config.batch_size_target": "4.5"})
    text = format_document(draft)
    assert "\ndynamic_batching_config.max_batch_delay_ms = 10\n" in text
    (refused,) = refusal(text, draft.edit)
    assert (refused.part, refused.text) == ("batch_size_target", "Must be a whole number, without a point")
    assert refused.line == line_of(text, "dynamic_batching_config.batch_size_target")


# What is wrong.


@pytest.mark.parametrize(
    ("old", "new", "field", "said"),
    [
        ("# batch_config =", "batch_confg =", "", "did you mean batch_config?"),
        ("# batch_config =", "zzz =", "", "valid names: tensor_fields, batch_config"),
        ("# batch_config =", "set_to_null =", "", "Must be a list of names"),
        ('# batch_config = "single"', 'set_to_null = ["inpt_schema"]', "", "did you mean input_schema?"),
        ('# batch_config = "single"', 'batch_config = "double"', "batch_config", 'such as: batch_config = "single"'),
        ('# batch_config = "single"', "batch_config = 1", "batch_config", 'such as: batch_config = "single"'),
        ("# filter_threshold = 0.5", "filter_threshold = nan", "filter_threshold", "Not a number"),
        ("# filter_threshold = 0.5", "filter_threshold = true", "filter_threshold", "filter_threshold = 0.5"),
        ("# filter_threshold = 0.5", f"filter_threshold = 1{'0' * 400}", "filter_threshold", "too large"),
        ("# filter_threshold = 0.5", "filter_threshold = 2020-01-01", "filter_threshold", "filter_threshold = 0.5"),
        ('# tensor_fields = ["input_1", ', 'tensor_fields = ["input_2", ', "tensor_fields", "appears twice"),
        ('# tensor_fields = ["input_1", ', "tensor_fields = [1, ", "tensor_fields", "Item 1"),
        ("# openai_config.enabled = true", "openai_config.at = 2020-01-01", "openai_config", "01 in quotes"),
        ("# openai_config.enabled = true", "openai_config.n = [-inf]", "openai_config", "JSON has no -inf"),
        ("# openai_config.enabled = true", f"openai_config.n = {2**64}", "openai_config", "64 bits"),
        ("# openai_config.enabled = true", f"openai_config.n = {'[' * 60}{']' * 60}", "openai_config", "than 50"),
        ("# openai_config.enabled = true", f"openai_config{'.a' * 3000} = 1", "openai_config", "nested more than 50"),
        ("# openai_config.enabled = true", "openai_config = 1", "openai_config", "openai_config.enabled = true"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, field: str, said: str) -> None:
    made = edit()
    wrong = problem(made, old, new)
    assert said in wrong.text
    assert (wrong.field, wrong.line) == (field, line_of(text_of(made), old))


@pytest.mark.parametrize(
    ("new", "part", "said"),
    [
        ("batch_size_target = 4.5", "batch_size_target", "without a point"),
        ("batch_size_target = true", "batch_size_target", "Not a whole number"),
        ("batch_size_target = [8]", "batch_size_target", "Not a whole number"),
        ("batch_size_limit = 0", "batch_size_limit", "above 0"),
        ("batch_size_taget = 4", "batch_size_taget", "did you mean batch_size_target?"),
    ],
)
def test_what_is_wrong_with_a_part_is_told_with_its_line(new: str, part: str, said: str) -> None:
    made = edit()
    old = "# dynamic_batching_config.batch_size_target = 4"
    wrong = problem(made, old, f"dynamic_batching_config.{new}")
    assert said in wrong.text
    assert (wrong.part, wrong.line) == (part, line_of(text_of(made), old))


def test_a_part_that_must_be_a_number_cannot_be_deleted_alone() -> None:
    wrong = problem(
        edit(dynamic_batching_config=DYNAMIC), "dynamic_batching_config.batch_size_target = 8\n", ""
    )
    assert (wrong.part, wrong.text) == ("batch_size_target", "Must be a whole number above 0")


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a = 1\nb = [1\nc", 3, 1),
        ("a = 1\n\nb 1", 3, 3),
        ("a = 1\na = 2", 2, 6),
        ('a = "', 1, 6),
        ('a = 1\n\n# b\nb = """\nx\n\n', 4, 1),
        ("a = 1\nb = \ud800", 2, 5),
        ("a = " + "9" * 5000, 1, 1),
        ("a = " + "[" * 100_000, 1, 1),
        ("a = " + ".a" * 5000, 1, 5),
    ],
)
def test_a_text_that_is_no_toml_is_refused_with_the_place(text: str, line: int, column: int) -> None:
    (wrong,) = refusal(text, edit())
    assert wrong.text
    assert (wrong.field, wrong.line, wrong.column) == ("", line, column)


def test_a_fault_in_a_schema_has_its_line_in_the_file() -> None:
    made = edit(output_schema=NOTHING)
    text = text_of(made).replace("{}", "a: int64\n  b: flot")
    (wrong,) = refusal(text, made)
    assert "flot" in wrong.text
    assert (wrong.line, wrong.column) == (line_of(text, "  b: flot"), 6)


def test_problems_come_in_the_order_of_the_lines() -> None:
    made = edit()
    text = "filter_threshold = true\nbatch_config = 1\nzzz = 1\n" + text_of(made)
    found = parse_document(text, made)
    assert isinstance(found, tuple)
    assert [(one.field, one.line) for one in found] == [("filter_threshold", 1), ("batch_config", 2), ("", 3)]


# Reasons on top.


def test_reasons_stand_above_the_text_as_it_was_and_take_the_place_of_former_ones() -> None:
    made = edit()
    typed = "x = 1\r\n\n  filter_threshold = 'y'  # mine\n"
    first = add_problem_lines(typed, refusal(typed, made))
    assert first.endswith(f"\n{typed}")
    second = add_problem_lines(first, refusal(first, made))
    assert second == first
    mended = first.replace("x = 1\r\n", "")
    third = add_problem_lines(mended, refusal(mended, made))
    assert third.endswith("\n\n  filter_threshold = 'y'  # mine\n")
    assert third.count("# >>> ") == 2


def test_reasons_name_the_lines_of_the_text_that_they_stand_above() -> None:
    made = edit()
    typed = 'zzz = 1\ninput_schema = """\na: flot\n"""\n'
    lines = add_problem_lines(typed, refusal(typed, made)).split("\n")
    assert lines[1].startswith('# >>> line 4: zzz: "zzz" is not a valid name')
    assert lines[2].startswith("# >>> line 6, column 4: input_schema: ")
    assert (lines[3], lines[5]) == ("zzz = 1", "a: flot")


def test_a_byte_order_mark_is_no_hindrance() -> None:
    made = edit()
    typed = f"\ufefffilter_threshold = 'y'\n{text_of(made)}"
    found = parse_document(typed, made)
    assert isinstance(found, tuple)
    assert [one.line for one in found] == [1]
    again = parse_document(add_problem_lines(typed, found).replace("'y'", "2"), made)
    assert again == made.with_value("filter_threshold", 2.0)


def test_what_stands_in_a_reason_is_one_line() -> None:
    lines = add_problem_lines("x", [Problem("", "a\nb\x1b")]).split("\n")
    assert lines[1:] == [r"# >>> a\u000ab\u001b", "x"]


def test_problems_across_fields_can_be_told_too() -> None:
    made = edit(batch_config="single", input_schema=ONE, output_schema=MARKED)
    both = made.with_switch("dynamic_batching_config", True)
    text = format_document(Draft(both), both.problems())
    assert text.startswith("# >>> ")
    assert parse_document(text, both) == both
    assert text.split("\n")[1].endswith("batch_config: Dynamic batching can't be combined with 'single'")


# TOML.


@given(objects)
def test_objects_come_back_but_for_their_nulls(value: dict[str, object]) -> None:
    try:
        lines = toml_text.format_setting(("a b",), value)
    except NotToml:
        assert "null" in str(value) or "None" in str(value)
        return
    assert tomllib.loads("\n".join(lines)) == {"a b": without_null(value)}


def without_null(value: object) -> object:
    if isinstance(value, dict):
        return {key: without_null(one) for key, one in value.items() if one is not None}
    return value


@given(st.lists(st.tuples(texts, json_values), max_size=6, unique_by=lambda pair: pair[0]))
def test_every_setting_is_found_on_its_line(pairs: list[tuple[str, object]]) -> None:
    lines: list[str] = []
    expected = {}
    for key, value in pairs:
        try:
            more = toml_text.format_setting((key,), value)
        except NotToml:
            continue
        lines += ["", "# comment"]
        expected[key,] = len(lines) + 1
        lines += more
    found = toml_text.find_places("\n".join(lines))
    assert {path: place.line for path, place in found.items() if len(path) == 1} == expected


def test_settings_below_a_header_are_found() -> None:
    found = toml_text.find_places('a = 1\n[b.c]\nd = 2\ne.f = """\nx\n"""\n[[g]]\nh = [\n1,\n]\n')
    assert {path: place.line for path, place in found.items()} == {
        ("a",): 1, ("b",): 2, ("b", "c"): 2, ("b", "c", "d"): 3, ("b", "c", "e"): 4, ("b", "c", "e", "f"): 4,
        ("g",): 7, ("g", "h"): 8,
    }  # fmt: skip
    assert found["b", "c", "e", "f"].text_line == 5
