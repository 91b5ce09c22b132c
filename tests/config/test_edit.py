"""Edits of a config: nothing is lost that the user did not mean to lose, and what is said is what is sent."""

import json
import math
from functools import reduce
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from tests.support.configs import (
    DYNAMIC,
    KEYS,
    MARKED,
    NOTHING,
    ONE,
    ONE_WRAPPED,
    after,
    config,
    configs,
    edit,
    edits,
    is_schema,
    settings,
    values,
)
from wltui.config.edit import (
    ConfigEdit,
    FieldChange,
    batch_choices,
    find_mismatches,
    format_diff,
    is_equal_json,
    is_same_value,
)
from wltui.config.fields import FIELD, Problem
from wltui.core.records import ModelConfig, VersionId

# The request.


@given(configs, st.lists(settings))
def test_a_request_carries_all_nine_keys_and_is_json(
    base: ModelConfig, steps: list[tuple[str, object]]
) -> None:
    request = after(base, steps).request()

    assert set(request) == {"model_version_id", *KEYS}
    assert request["model_version_id"] == 16
    assert json.loads(json.dumps(request, allow_nan=False)) == request


@given(configs, st.lists(settings))
def test_what_is_not_touched_is_sent_as_it_is(base: ModelConfig, steps: list[tuple[str, object]]) -> None:
    request = after(base, steps).request()

    for key in set(KEYS) - {key for key, _ in steps}:
        held = getattr(base, key)
        expected = list(held) if isinstance(held, tuple) else None if held is UNSET else held
        assert is_equal_json(request[key], expected)


@given(configs, st.lists(settings))
def test_what_is_set_is_sent_as_set_last(base: ModelConfig, steps: list[tuple[str, object]]) -> None:
    request = after(base, steps).request()

    # alike: another spelling of the schema that is there changes nothing
    assert all(is_same_value(key, request[key], value) for key, value in dict(steps).items())


@pytest.mark.parametrize(
    "fields", [{"filter_threshold": 0.0}, {"tensor_fields": ()}, {"batch_config": ""}, {"openai_config": {}}]
)
def test_zero_and_empty_values_are_values(fields: dict[str, Any]) -> None:
    ((key, value),) = fields.items()
    sent = [] if value == () else value

    assert edit(**fields).request()[key] == sent
    assert edit().with_value(key, value).request()[key] == sent
    assert edit().with_value(key, value).changes() == (FieldChange(key, FIELD[key].title, None, value),)


def test_runtime_cannot_be_set() -> None:
    with pytest.raises(KeyError):
        edit().with_value("runtime", "flight")


# Changes.


@given(configs)
def test_an_edit_that_does_nothing_has_no_changes(base: ModelConfig) -> None:
    untouched = ConfigEdit(VersionId(16), base)
    assert not untouched.is_changed
    assert not untouched.changes()
    assert not untouched.problems()


@given(configs, settings)
def test_set_and_reset_leaves_no_trace(base: ModelConfig, step: tuple[str, object]) -> None:
    untouched = ConfigEdit(VersionId(16), base)
    assert untouched.with_value(*step).reset(step[0]) == untouched


@given(configs, settings)
def test_setting_a_field_back_is_no_change(base: ModelConfig, step: tuple[str, object]) -> None:
    key = step[0]
    back = after(base, [step, (key, getattr(base, key))])
    assert back == ConfigEdit(VersionId(16), base)


@given(configs, configs)
def test_the_changes_lead_from_the_base_to_the_request(base: ModelConfig, wanted: ModelConfig) -> None:
    made = after(base, [(key, getattr(wanted, key)) for key in KEYS])
    changes = {change.key: change for change in made.changes()}

    assert list(changes) == [key for key in KEYS if key in changes]
    for key in KEYS:
        held, now = getattr(base, key), made.value(key)
        assert (key in changes) == (not is_equal_json(held, now))
        if key in changes:
            assert (changes[key].before, changes[key].after) == (held, now)


def test_an_edit_survives_a_newer_base() -> None:
    mine = edit(filter_threshold=0.1).with_value("filter_threshold", 0.5)
    theirs = ConfigEdit(mine.version_id, config(filter_threshold=0.5, batch_config="single"), mine.values)

    assert not theirs.is_changed
    assert theirs.request()["batch_config"] == "single"


# Fields that are not readable.


def test_a_field_that_is_not_readable_is_neither_changed_nor_forgotten() -> None:
    partly = edit(input_schema=UNSET, batch_config=UNSET)

    assert partly.value("input_schema") is UNSET
    assert not partly.changes()
    assert partly.cleared_titles() == ("Batch config", "Input schema")
    assert partly.request()["input_schema"] is None


def test_null_on_purpose_is_a_change_and_no_loss() -> None:
    cleared = edit(batch_config=UNSET).with_value("batch_config", None)

    assert cleared.changes() == (FieldChange("batch_config", "Batch config", UNSET, None),)
    assert cleared.cleared_titles() == ()


def test_not_readable_is_nothing_that_can_be_set() -> None:
    kept = edit(filter_threshold=0.1).with_value("filter_threshold", UNSET)
    assert kept.request()["filter_threshold"] == 0.1


# What is wrong.


def problem_fields(made: ConfigEdit) -> set[str]:
    return {problem.field for problem in made.problems()}


SCHEMAS = {"input_schema": NOTHING, "output_schema": NOTHING}


def test_dynamic_batching_excludes_single_batches_only() -> None:
    dynamic = edit(dynamic_batching_config=DYNAMIC, **SCHEMAS)
    assert problem_fields(dynamic.with_value("batch_config", "single")) == {"batch_config"}
    assert not problem_fields(dynamic.with_value("batch_config", "whatever"))


@pytest.mark.parametrize("word", ["single", "whatever", ""])
def test_continuous_batching_excludes_every_batch_config(word: str) -> None:
    continuous = edit(continuous_batching_config={"max_concurrent_batch_size": 100}, **SCHEMAS)
    assert problem_fields(continuous.with_value("batch_config", word)) == {"batch_config"}


@pytest.mark.parametrize("batching", ["dynamic_batching_config", "continuous_batching_config"])
def test_batching_needs_both_schemas(batching: str) -> None:
    batched = edit(input_schema=NOTHING).with_value(batching, {})
    assert batched.problems() == (Problem("output_schema", f"{FIELD[batching].title} requires this schema"),)
    assert not problem_fields(batched.with_value("output_schema", NOTHING))


def test_dynamic_and_continuous_batching_exclude_each_other() -> None:
    both = edit(dynamic_batching_config=DYNAMIC, **SCHEMAS).with_switch("continuous_batching_config", True)
    assert problem_fields(both) == {"continuous_batching_config"}
    assert not problem_fields(both.with_switch("dynamic_batching_config", False))


def test_a_limit_below_the_target_is_wrong() -> None:
    def with_limit(limit: object) -> ConfigEdit:
        return edit(**SCHEMAS).with_value("dynamic_batching_config", DYNAMIC | {"batch_size_limit": limit})

    assert with_limit(7).problems() == (
        Problem("dynamic_batching_config", "The limit 7 is below the target 8", part="batch_size_limit"),
    )
    assert not problem_fields(with_limit(8))
    assert not problem_fields(with_limit(None))


def test_a_part_of_another_kind_is_wrong_where_it_is_new() -> None:
    odd = DYNAMIC | {"batch_size_target": True}
    made = edit(**SCHEMAS).with_value("dynamic_batching_config", odd)
    text = "Not a whole number above 0"
    assert made.problems() == (Problem("dynamic_batching_config", text, part="batch_size_target"),)
    assert not problem_fields(
        edit(dynamic_batching_config=odd, **SCHEMAS).with_value("filter_threshold", 0.1)
    )


def test_an_openai_config_that_wallaroo_forbids_is_wrong_where_it_is_new() -> None:
    held = {"enabled": True, "stream": True}
    assert problem_fields(edit().with_value("openai_config", held)) == {"openai_config"}
    changed = edit(openai_config=held).with_value("openai_config", held | {"top_p": 0.5})
    assert not problem_fields(changed)


def test_rules_are_silent_about_what_is_not_readable() -> None:
    partly = edit(dynamic_batching_config=UNSET, input_schema=UNSET, output_schema=UNSET)
    assert not problem_fields(partly.with_value("batch_config", "single"))
    assert not problem_fields(partly.with_value("dynamic_batching_config", DYNAMIC))


def test_what_was_wrong_before_does_not_stop_an_edit() -> None:
    odd = edit(dynamic_batching_config=DYNAMIC, tensor_fields=("a", "a"))

    assert not problem_fields(odd.with_value("filter_threshold", 0.1))
    assert problem_fields(odd.with_value("batch_config", "single")) == {"batch_config"}
    assert problem_fields(odd.with_value("tensor_fields", ("b", "b"))) == {"tensor_fields"}


def test_problems_come_in_the_order_of_the_form() -> None:
    made = edit().with_value("dynamic_batching_config", DYNAMIC).with_value("batch_config", "single")
    made = made.with_value("filter_threshold", math.inf).with_value("tensor_fields", ("a", "a"))
    assert [problem.field for problem in made.problems()] == [
        "tensor_fields",
        "batch_config",
        "filter_threshold",
        "input_schema",
        "output_schema",
    ]


def test_batch_choices_keep_a_word_of_the_servers_own() -> None:
    assert batch_choices(config()) == (None, "single")
    assert batch_choices(config(batch_config="single")) == (None, "single")
    assert batch_choices(config(batch_config="pairs")) == (None, "single", "pairs")
    assert batch_choices(config(batch_config=UNSET)) == (None, "single")


# Typing in the form.


TYPED = [key for key, spec in FIELD.items() if spec.parse]


@pytest.mark.parametrize("key", TYPED)
@given(made=edits)
def test_the_text_that_a_box_begins_with_changes_nothing(key: str, made: ConfigEdit) -> None:
    untouched = ConfigEdit(VersionId(16), made.base)
    assert untouched.with_text(key, FIELD[key].text(made.base_value(key))) == untouched
    assert made.with_text(key, FIELD[key].text(made.value(key))) == made


@pytest.mark.parametrize("key", TYPED)
@given(made=edits, data=st.data())
def test_what_was_typed_is_undone_by_typing_what_stood_there(
    key: str, made: ConfigEdit, data: st.DataObject
) -> None:
    text = data.draw(values[key].map(FIELD[key].text) | st.text())
    first = FIELD[key].text(made.base_value(key))
    typed = made.with_text(key, text)
    if isinstance(typed, ConfigEdit) and FIELD[key].text(typed.value(key)) != first:
        assert typed.with_text(key, first) == made.reset(key)


def test_typed_text_becomes_the_fields_value() -> None:
    typed = edit(tensor_fields=("a", "a")).with_text("tensor_fields", "a, b")
    assert isinstance(typed, ConfigEdit)
    assert typed.value("tensor_fields") == ("a", "b")
    assert typed.with_text("tensor_fields", "a\na") == edit(tensor_fields=("a", "a"))


def test_emptying_a_box_means_null() -> None:
    emptied = edit(filter_threshold=0.1).with_text("filter_threshold", "")
    assert isinstance(emptied, ConfigEdit)
    assert emptied.changes() == (FieldChange("filter_threshold", "Filter threshold", 0.1, None),)


def test_refused_text_is_told_as_a_problem() -> None:
    assert edit().with_text("filter_threshold", "0,1") == Problem("filter_threshold", "Use a point: 0.1")


def test_a_choice_is_not_typed() -> None:
    with pytest.raises(ValueError, match="batch_config"):
        edit().with_text("batch_config", "single")


# Batching, switched and typed part by part.

BATCHING = [key for key, spec in FIELD.items() if spec.parts]
PARTS = [(key, part.key) for key in BATCHING for part in FIELD[key].parts]


@pytest.mark.parametrize(("key", "part"), PARTS)
@given(made=edits)
def test_the_text_that_a_parts_box_begins_with_changes_nothing(key: str, part: str, made: ConfigEdit) -> None:
    on = made.with_switch(key, True)
    assert on.with_part_text(key, part, on.part_text(key, part)) == on


@pytest.mark.parametrize(("key", "part"), PARTS)
@given(made=edits, number=st.integers(1, 99))
def test_a_typed_part_leaves_all_others_as_they_are(
    key: str, part: str, made: ConfigEdit, number: int
) -> None:
    on = made.with_switch(key, True)
    typed = on.with_part_text(key, part, str(number))
    assert isinstance(typed, ConfigEdit)
    before, after_it = on.value(key), typed.value(key)
    assert isinstance(before, dict)
    assert is_equal_json(after_it, before | {part: number})


@pytest.mark.parametrize(("key", "part"), PARTS)
@given(base=configs, number=st.integers(1, 99))
def test_a_typed_part_is_undone_by_typing_what_stood_there(
    key: str, part: str, base: ModelConfig, number: int
) -> None:
    on = ConfigEdit(VersionId(16), base).with_switch(key, True)
    typed = on.with_part_text(key, part, str(number))
    assert isinstance(typed, ConfigEdit)
    assert typed.with_part_text(key, part, on.part_text(key, part)) == on


@pytest.mark.parametrize("key", BATCHING)
@given(made=edits)
def test_switching_off_is_null_and_back_on_is_what_the_base_holds(key: str, made: ConfigEdit) -> None:
    off = made.with_switch(key, False)
    assert off.value(key) is None
    defaults = {part.key: part.default for part in FIELD[key].parts}
    held = made.base_value(key)
    assert is_equal_json(off.with_switch(key, True).value(key), held if isinstance(held, dict) else defaults)


def test_what_is_on_is_not_switched_on_again() -> None:
    on = edit(dynamic_batching_config=DYNAMIC).with_value("dynamic_batching_config", {"batch_size_target": 9})
    assert on.with_switch("dynamic_batching_config", True) == on


def test_a_part_that_the_base_lacks_is_taken_away_again() -> None:
    held = {"batch_size_target": 8, "new": [1]}
    typed = edit(dynamic_batching_config=held).with_part_text(
        "dynamic_batching_config", "batch_size_limit", "9"
    )
    assert isinstance(typed, ConfigEdit)
    assert typed.value("dynamic_batching_config") == held | {"batch_size_limit": 9}
    assert typed.with_part_text("dynamic_batching_config", "batch_size_limit", "") == edit(
        dynamic_batching_config=held
    )


def test_typing_a_part_switches_its_field_on() -> None:
    typed = edit().with_part_text("continuous_batching_config", "max_concurrent_batch_size", "100")
    assert isinstance(typed, ConfigEdit)
    assert typed.value("continuous_batching_config") == {"max_concurrent_batch_size": 100}
    assert edit().part_text("continuous_batching_config", "max_concurrent_batch_size") == "1"


def test_a_refused_part_is_told_as_a_problem_of_its_own() -> None:
    refused = edit().with_part_text("dynamic_batching_config", "batch_size_target", "4.0")
    assert refused == Problem(
        "dynamic_batching_config", "Must be a whole number, without a point", part="batch_size_target"
    )


@pytest.mark.parametrize("key", ["openai_config", "tensor_fields"])
def test_only_fields_of_parts_are_switched(key: str) -> None:
    with pytest.raises(ValueError, match=key):
        edit().with_switch(key, True)
    with pytest.raises(ValueError, match=key):
        edit().with_switch(key, False)
    with pytest.raises(ValueError, match=key):
        edit().with_part_text(key, "n", "1")


def test_there_are_no_other_parts() -> None:
    with pytest.raises(KeyError):
        edit().with_part_text("dynamic_batching_config", "max_concurrent_batch_size", "1")


# Schemas.


def test_a_schema_of_another_spelling_is_no_change() -> None:
    made = edit(input_schema=ONE_WRAPPED)
    assert made.with_value("input_schema", ONE) == made
    assert made.with_value("input_schema", ONE).request()["input_schema"] == ONE_WRAPPED
    assert made.with_text("input_schema", "  a:   int64 \n") == made
    assert find_mismatches({"input_schema": ONE_WRAPPED}, config(input_schema=ONE)) == ()
    assert find_mismatches({"input_schema": ONE}, config(input_schema=MARKED)) != ()


def test_a_schema_that_can_not_be_decoded_is_carried_along() -> None:
    made = edit(input_schema="gar\u200bbage")
    assert FIELD["input_schema"].text("gar\u200bbage") == r'"gar\u200bbage"'
    typed = made.with_text("input_schema", "a: int64")
    assert isinstance(typed, ConfigEdit)
    assert typed.value("input_schema") == ONE
    assert typed.with_text("input_schema", r'"gar\u200bbage"') == made


# The diff.


def test_a_diff_shows_each_field_before_and_after() -> None:
    made = (
        edit(tensor_fields=("input",))
        .with_value("tensor_fields", ("dense_1",))
        .with_value("filter_threshold", 0.1)
    )
    assert format_diff(made.changes()) == (
        (" ", "tensor_fields"),
        ("-", '["input"]'),
        ("+", '["dense_1"]'),
        (" ", "filter_threshold"),
        ("-", "null"),
        ("+", "0.1"),
    )


def test_a_diff_of_long_lists_shows_the_items_that_differ() -> None:
    many = tuple(f"input_{place}" for place in range(10))
    made = edit(tensor_fields=many).with_value("tensor_fields", (*many[:4], "other", *many[5:]))
    lines = format_diff(made.changes())

    assert [line for line in lines if line[0] != " "] == [("-", '  "input_4",'), ("+", '  "other",')]
    assert json.loads("".join(text for sign, text in lines[1:] if sign != "+")) == list(many)


def test_the_order_of_an_objects_keys_is_no_difference() -> None:
    one = {"chat_template": "x" * 80, "enabled": True, "top_p": 0.5}
    other = {"top_p": 0.9, "enabled": True, "chat_template": "x" * 80}
    lines = format_diff(edit(openai_config=one).with_value("openai_config", other).changes())

    assert [line for line in lines if line[0] != " "] == [("-", '  "top_p": 0.5'), ("+", '  "top_p": 0.9')]


def test_a_diff_shows_schemas_field_by_field() -> None:
    made = edit(input_schema=ONE).with_value("input_schema", schema_of(a="int64", b="string"))
    assert format_diff(made.changes()) == ((" ", "input_schema"), (" ", "a: int64"), ("+", "b: string"))


def schema_of(**fields: str) -> str:
    typed = edit().with_text("input_schema", "\n".join(f"{name}: {kind}" for name, kind in fields.items()))
    assert isinstance(typed, ConfigEdit)
    return str(typed.value("input_schema"))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (UNSET, "not readable"),
        (None, "null"),
        (NOTHING, "{}"),
        ("", 'not decodable: ""'),
        ("ab\u200b", r'not decodable: "ab\u200b"'),
    ],
)
def test_a_diff_tells_schemas_that_are_none_apart(value: object, told: str) -> None:
    made = edit(input_schema=value).with_value("input_schema", ONE)
    assert format_diff(made.changes()) == ((" ", "input_schema"), ("-", told), ("+", "a: int64"))


def test_a_diff_breaks_texts_of_several_lines() -> None:
    template = "{% for m in ms %}\n  {{ m }}\\n\n{% endfor %}"
    made = edit(openai_config={"enabled": True, "chat_template": template})
    made = made.with_value(
        "openai_config", {"enabled": True, "chat_template": template.replace("m }}", "n }}")}
    )
    assert format_diff(made.changes())[1:] == (
        (" ", "{"),
        (" ", r'  "chat_template": "{% for m in ms %}\n'),
        ("-", r"  {{ m }}\\n\n"),
        ("+", r"  {{ n }}\\n\n"),
        (" ", '{% endfor %}",'),
        (" ", '  "enabled": true'),
        (" ", "}"),
    )


@given(configs, configs)
def test_a_diff_shows_both_sides_whole(base: ModelConfig, wanted: ModelConfig) -> None:
    for change in after(base, [(key, getattr(wanted, key)) for key in KEYS]).changes():
        title, *lines = format_diff([change])
        assert title == (" ", change.key)
        for side, value in (("-", change.before), ("+", change.after)):
            text = "".join(line for sign, line in lines if sign in (" ", side))
            if value is UNSET:
                assert text == "not readable"
            elif change.key.endswith("_schema") and is_schema(value):
                assert text == FIELD[change.key].text(value).replace("\n", "")
            else:
                assert is_equal_json(json.loads(text.removeprefix("not decodable: ")), value)


# Reading back.


@given(configs, st.lists(settings))
def test_a_faithful_server_differs_in_nothing(base: ModelConfig, steps: list[tuple[str, object]]) -> None:
    request = after(base, steps).request()
    kept = json.loads(json.dumps({key: request[key] for key in KEYS}))
    if kept["tensor_fields"] is not None:
        kept["tensor_fields"] = tuple(kept["tensor_fields"])

    assert find_mismatches(request, config(**kept)) == ()


@given(configs, settings)
def test_a_field_that_the_server_kept_otherwise_is_told(base: ModelConfig, step: tuple[str, object]) -> None:
    key, value = step
    request = ConfigEdit(VersionId(16), base).request()
    assume(not is_same_value(key, request[key], value))
    got = replace(config(**dict.fromkeys(KEYS, UNSET)), **{key: value})

    assert find_mismatches(request, got) == (FieldChange(key, FIELD[key].title, request[key], value),)


# Equality.

DEEP: dict[str, object] = reduce(lambda inner, _: {"a": inner}, range(450), {})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (True, 1, False),
        (0, False, False),
        (1, 1.0, True),
        (0.1 + 0.2, 0.3, False),
        ((), [], True),
        (("a",), ["a"], True),
        ([], None, False),
        (None, UNSET, False),
        (UNSET, UNSET, True),
        ("", None, False),
        ({"enabled": True}, {"enabled": 1}, False),
        ({"a": 1, "b": [True]}, {"b": [True], "a": 1.0}, True),
        ({"a": None}, {}, False),
        (DEEP, json.loads(json.dumps(DEEP)), True),
        (DEEP, {"a": DEEP}, False),
    ],
)
def test_equality_is_that_of_json(one: object, other: object, same: bool) -> None:
    assert is_equal_json(one, other) is same
    assert is_equal_json(other, one) is same
