"""Edits of a config: nothing is lost that the user did not mean to lose, and what is said is what is sent."""

import json
import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from wltui.config_edit import (
    ConfigEdit,
    FieldChange,
    batch_choices,
    diff,
    equal,
    read_back,
)
from wltui.config_fields import FIELD, Problem
from wltui.records import ConfigId, ModelConfig, VersionId

KEYS = tuple(FIELD)
NULLS: dict[str, Any] = dict.fromkeys(KEYS)
DYNAMIC = {"max_batch_delay_ms": 1000, "batch_size_target": 8, "batch_size_limit": None}
NOTHING = "/////zAAAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAMAAAACAAIAAAABAAIAAAABAAAAAAAAAA="
"""A schema without fields."""


def config(**fields: Any) -> ModelConfig:
    return ModelConfig(id=ConfigId(20), **(NULLS | fields))


def edit(**fields: Any) -> ConfigEdit:
    return ConfigEdit(VersionId(16), config(**fields))


numbers = st.floats(allow_nan=False, allow_infinity=False)
names = st.lists(st.text() | st.sampled_from(["null", "[0]", "a,b", "'x'", "\u200b"]), unique=True).map(tuple)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
objects = st.dictionaries(st.text(), json_values, max_size=3)
values: dict[str, st.SearchStrategy[object]] = {
    "tensor_fields": st.none() | names,
    "filter_threshold": st.none() | numbers | st.integers(-5, 5),
    "batch_config": st.sampled_from([None, "single", "", "whatever"]),
    "dynamic_batching_config": st.none() | objects,
    "continuous_batching_config": st.none() | objects,
    "openai_config": st.none() | objects,
    "input_schema": st.none() | st.text(),
    "output_schema": st.none() | st.text(),
}
configs = st.fixed_dictionaries({key: st.just(UNSET) | value for key, value in values.items()}).map(
    lambda fields: config(**fields)
)
settings = st.sampled_from(KEYS).flatmap(lambda key: st.tuples(st.just(key), values[key]))


def after(base: ModelConfig, steps: list[tuple[str, object]]) -> ConfigEdit:
    made = ConfigEdit(VersionId(16), base)
    for key, value in steps:
        made = made.with_value(key, value)
    return made


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
        assert equal(request[key], expected)


@given(configs, st.lists(settings))
def test_what_is_set_is_sent_as_set_last(base: ModelConfig, steps: list[tuple[str, object]]) -> None:
    request = after(base, steps).request()

    assert all(equal(request[key], value) for key, value in dict(steps).items())


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
        assert (key in changes) == (not equal(held, now))
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
    assert partly.lost() == ("Batch config", "Input schema")
    assert partly.request()["input_schema"] is None


def test_null_on_purpose_is_a_change_and_no_loss() -> None:
    cleared = edit(batch_config=UNSET).with_value("batch_config", None)

    assert cleared.changes() == (FieldChange("batch_config", "Batch config", UNSET, None),)
    assert cleared.lost() == ()


def test_not_readable_is_nothing_that_can_be_set() -> None:
    kept = edit(filter_threshold=0.1).with_value("filter_threshold", UNSET)
    assert kept.request()["filter_threshold"] == 0.1


# What is wrong.


def wrong(made: ConfigEdit) -> set[str]:
    return {problem.field for problem in made.problems()}


SCHEMAS = {"input_schema": NOTHING, "output_schema": NOTHING}


def test_dynamic_batching_excludes_single_batches_only() -> None:
    dynamic = edit(dynamic_batching_config=DYNAMIC, **SCHEMAS)
    assert wrong(dynamic.with_value("batch_config", "single")) == {"batch_config"}
    assert not wrong(dynamic.with_value("batch_config", "whatever"))


@pytest.mark.parametrize("word", ["single", "whatever", ""])
def test_continuous_batching_excludes_every_batch_config(word: str) -> None:
    continuous = edit(continuous_batching_config={"max_concurrent_batch_size": 100}, **SCHEMAS)
    assert wrong(continuous.with_value("batch_config", word)) == {"batch_config"}


@pytest.mark.parametrize("batching", ["dynamic_batching_config", "continuous_batching_config"])
def test_batching_needs_both_schemas(batching: str) -> None:
    batched = edit(input_schema=NOTHING).with_value(batching, {})
    assert batched.problems() == (Problem("output_schema", f"{FIELD[batching].title} needs it"),)
    assert not wrong(batched.with_value("output_schema", NOTHING))


def test_rules_are_silent_about_what_is_not_readable() -> None:
    partly = edit(dynamic_batching_config=UNSET, input_schema=UNSET, output_schema=UNSET)
    assert not wrong(partly.with_value("batch_config", "single"))
    assert not wrong(partly.with_value("dynamic_batching_config", DYNAMIC))


def test_what_was_wrong_before_does_not_stop_an_edit() -> None:
    odd = edit(dynamic_batching_config=DYNAMIC, tensor_fields=("a", "a"))

    assert not wrong(odd.with_value("filter_threshold", 0.1))
    assert wrong(odd.with_value("batch_config", "single")) == {"batch_config"}
    assert wrong(odd.with_value("tensor_fields", ("b", "b"))) == {"tensor_fields"}


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


@given(configs, st.sampled_from(["tensor_fields", "filter_threshold"]))
def test_the_text_that_a_box_begins_with_changes_nothing(base: ModelConfig, key: str) -> None:
    untouched = ConfigEdit(VersionId(16), base)
    assert untouched.typed(key, FIELD[key].text(getattr(base, key))) == untouched


def test_typed_text_becomes_the_fields_value() -> None:
    typed = edit(tensor_fields=("a", "a")).typed("tensor_fields", "a, b")
    assert isinstance(typed, ConfigEdit)
    assert typed.value("tensor_fields") == ("a", "b")
    assert typed.typed("tensor_fields", "a\na") == edit(tensor_fields=("a", "a"))


def test_emptying_a_box_means_null() -> None:
    emptied = edit(filter_threshold=0.1).typed("filter_threshold", "")
    assert isinstance(emptied, ConfigEdit)
    assert emptied.changes() == (FieldChange("filter_threshold", "Filter threshold", 0.1, None),)


def test_refused_text_is_told_as_a_problem() -> None:
    assert edit().typed("filter_threshold", "0,1") == Problem("filter_threshold", "Use a point: 0.1")


def test_a_choice_is_not_typed() -> None:
    with pytest.raises(ValueError, match="batch_config"):
        edit().typed("batch_config", "single")


# The diff.


def test_a_diff_shows_each_field_before_and_after() -> None:
    made = (
        edit(tensor_fields=("input",))
        .with_value("tensor_fields", ("dense_1",))
        .with_value("filter_threshold", 0.1)
    )
    assert diff(made.changes()) == (
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
    lines = diff(made.changes())

    assert [line for line in lines if line[0] != " "] == [("-", '  "input_4",'), ("+", '  "other",')]
    assert json.loads("".join(text for sign, text in lines[1:] if sign != "+")) == list(many)


def test_the_order_of_an_objects_keys_is_no_difference() -> None:
    one = {"chat_template": "x" * 80, "enabled": True, "top_p": 0.5}
    other = {"top_p": 0.9, "enabled": True, "chat_template": "x" * 80}
    lines = diff(edit(openai_config=one).with_value("openai_config", other).changes())

    assert [line for line in lines if line[0] != " "] == [("-", '  "top_p": 0.5'), ("+", '  "top_p": 0.9')]


def test_a_diff_tells_schemas_and_what_is_not_readable_in_words() -> None:
    made = edit(input_schema=UNSET).with_value("input_schema", "ab\u200b")
    assert diff(made.changes()) == (
        (" ", "input_schema"),
        ("-", "not readable"),
        ("+", r'not decodable: "ab\u200b"'),
    )


@given(configs, configs)
def test_a_diff_shows_both_sides_whole(base: ModelConfig, wanted: ModelConfig) -> None:
    for change in after(base, [(key, getattr(wanted, key)) for key in KEYS]).changes():
        title, *lines = diff([change])
        assert title == (" ", change.key)
        for side, value in (("-", change.before), ("+", change.after)):
            text = "".join(line for sign, line in lines if sign in (" ", side))
            if value is UNSET:
                assert text == "not readable"
            else:
                assert equal(json.loads(text.removeprefix("not decodable: ")), value)


# Reading back.


@given(configs, st.lists(settings))
def test_a_faithful_server_differs_in_nothing(base: ModelConfig, steps: list[tuple[str, object]]) -> None:
    request = after(base, steps).request()
    kept = json.loads(json.dumps({key: request[key] for key in KEYS}))
    if kept["tensor_fields"] is not None:
        kept["tensor_fields"] = tuple(kept["tensor_fields"])

    assert read_back(request, config(**kept)) == ()


@given(configs, settings)
def test_a_field_that_the_server_kept_otherwise_is_told(base: ModelConfig, step: tuple[str, object]) -> None:
    key, value = step
    request = ConfigEdit(VersionId(16), base).request()
    assume(not equal(request[key], value))
    got = replace(config(**dict.fromkeys(KEYS, UNSET)), **{key: value})

    assert read_back(request, got) == (FieldChange(key, FIELD[key].title, request[key], value),)


# Equality.


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
    ],
)
def test_equality_is_that_of_json(one: object, other: object, same: bool) -> None:
    assert equal(one, other) is same
    assert equal(other, one) is same
