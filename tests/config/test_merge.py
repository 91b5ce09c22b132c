"""Merges of configs: nobody's change is overwritten unseen, and nothing is asked that answers itself."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from tests.support.configs import NULLS
from wltui.config.edit import ConfigEdit, is_equal_json
from wltui.config.fields import FIELD
from wltui.config.merge import MergedField, Side, merge_edit, merge_fields
from wltui.config.schema import is_same
from wltui.core.records import ConfigId, ModelConfig, VersionId
from wltui.demo.schemas import LLM_INPUT, TEXT

BASE, THEIRS, YOURS = Side
SCHEMAS = [None, TEXT.base64, TEXT.base64 + "\n", LLM_INPUT.base64, "no schema"]
"""The second and the third are the same schema."""
BATCHING = [None, {}, {"max_batch_delay_ms": 10, "batch_size_limit": None}]
VALUES: dict[str, list[Any]] = {
    "tensor_fields": [None, (), ("a",), ("a", "b")],
    "batch_config": [None, "single", "another"],
    "filter_threshold": [None, 0, 0.0, 0.5],
    "dynamic_batching_config": BATCHING,
    "continuous_batching_config": [None, {"max_concurrent_batch_size": 1}],
    "openai_config": [None, {"enabled": True}, {"enabled": 1}],
    "input_schema": SCHEMAS,
    "output_schema": SCHEMAS,
}


def config(number: int, **fields: Any) -> ModelConfig:
    return ModelConfig(id=ConfigId(number), **(NULLS | fields))


def edit_of(base: ModelConfig, **values: Any) -> ConfigEdit:
    """An edit made as the form makes it, field by field."""
    made = ConfigEdit(VersionId(19), base)
    for key, value in values.items():
        made = made.with_value(key, value)
    return made


def alike(key: str, one: object, other: object) -> bool:
    if key.endswith("_schema") and isinstance(one, str) and isinstance(other, str):
        return is_same(one, other)
    return is_equal_json(one, other)


def sent(value: object) -> object:
    """What a request carries of a value."""
    return None if value is UNSET else value


def rows(number: int, *, readable: bool = False) -> st.SearchStrategy[ModelConfig]:
    pools = {key: values if readable else [*values, UNSET] for key, values in VALUES.items()}
    drawn = st.fixed_dictionaries({key: st.sampled_from(pool) for key, pool in pools.items()})
    return drawn.map(lambda fields: config(number, **fields))


settings = st.fixed_dictionaries({}, optional={key: st.sampled_from(pool) for key, pool in VALUES.items()})
sides = st.lists(st.integers(0, 2), min_size=len(FIELD), max_size=len(FIELD))


def chosen(fields: tuple[MergedField, ...], numbers: list[int]) -> dict[str, Side]:
    """Some choice for each field that needs one."""
    return {
        field.key: field.options[number % len(field.options)]
        for field, number in zip(fields, numbers, strict=False)
        if field.choice is None
    }


# Each way in which three values can differ. The user leaves a field alone where ``yours`` is the base's value.


@pytest.mark.parametrize(
    ("base", "theirs", "yours", "options"),
    [
        # All is readable.
        (0.1, 0.2, 0.1, {THEIRS}),
        (0.1, 0.1, 0.3, {YOURS}),
        (0.1, 0.2, 0.2, {THEIRS}),
        (0.1, 0.2, 0.3, {BASE, THEIRS, YOURS}),
        (0.1, None, 0.3, {BASE, THEIRS, YOURS}),
        (0.1, 0.2, None, {BASE, THEIRS, YOURS}),
        (None, 0.0, 0.3, {BASE, THEIRS, YOURS}),
        (None, 0.0, None, {THEIRS}),
        (0.0, 0.0, None, {YOURS}),
        # The base was not readable: nobody knows whether they changed it, and it can't be gone back to.
        (UNSET, 0.2, UNSET, {THEIRS}),
        (UNSET, None, UNSET, {THEIRS}),
        (UNSET, 0.2, 0.3, {THEIRS, YOURS}),
        (UNSET, 0.2, None, {THEIRS, YOURS}),
        (UNSET, None, 0.3, {THEIRS, YOURS}),
        (UNSET, 0.2, 0.2, {THEIRS}),
        (UNSET, None, None, {THEIRS}),
        # Theirs is not readable: taking it clears it.
        (0.1, UNSET, 0.1, {BASE, THEIRS}),
        (0.0, UNSET, 0.0, {BASE, THEIRS}),
        (0.1, UNSET, 0.3, {BASE, THEIRS, YOURS}),
        # It sends null in any case; as theirs, the review still says that it clears what is not readable.
        (None, UNSET, None, {THEIRS}),
        # Of two ways to send null one is offered.
        (None, UNSET, 0.3, {THEIRS, YOURS}),
        (0.1, UNSET, None, {BASE, YOURS}),
        # Neither is readable.
        (UNSET, UNSET, 0.3, {THEIRS, YOURS}),
        (UNSET, UNSET, None, {YOURS}),
    ],
)
def test_what_is_asked_of_three_values(base: Any, theirs: Any, yours: Any, options: set[Side]) -> None:
    edit = edit_of(config(29, filter_threshold=base), filter_threshold=yours)
    newest = config(31, filter_threshold=theirs)

    (field,) = merge_fields(edit, newest)

    assert (field.key, field.title) == ("filter_threshold", "Filter threshold")
    assert (field.base, field.theirs, field.yours) == (base, theirs, yours)
    assert field.options == tuple(side for side in Side if side in options)
    assert field.choice is (field.options[0] if len(options) == 1 else None)
    for side in field.options:
        assert merge_edit(edit, newest, {field.key: side}).request()[field.key] == sent(field.value(side))


@pytest.mark.parametrize("value", [None, 0.0, 0.5, UNSET])
def test_what_is_alike_on_all_sides_is_not_mentioned(value: Any) -> None:
    edit = edit_of(config(29, filter_threshold=value))
    assert merge_fields(edit, config(31, filter_threshold=value)) == ()


def test_what_is_not_readable_and_taken_as_theirs_is_still_said_to_be_lost() -> None:
    edit = edit_of(config(29), tensor_fields=("a",))
    made = merge_edit(edit, config(31, batch_config=UNSET), {})

    assert made.cleared_titles() == ("Batch config",)
    assert dict(made.values) == {"tensor_fields": ("a",)}


def test_one_schema_in_two_spellings_is_one_schema() -> None:
    edit = edit_of(config(29, input_schema=TEXT.base64), input_schema=LLM_INPUT.base64)

    (field,) = merge_fields(edit, config(31, input_schema=TEXT.base64 + "\n"))
    assert field.choice is YOURS
    (field,) = merge_fields(edit, config(31, input_schema=LLM_INPUT.base64 + "\n"))
    assert field.choice is THEIRS


@pytest.mark.parametrize("tells_less", [{}, {"filter_threshold": UNSET, "input_schema": UNSET}])
def test_one_row_read_twice_is_no_conflict_whatever_each_reading_tells(tells_less: dict[str, Any]) -> None:
    known = {"filter_threshold": 0.5, "input_schema": TEXT.base64}
    edit = edit_of(config(29, **known, batch_config=UNSET), batch_config="single", tensor_fields=("a",))
    again = config(29, **(known | tells_less), batch_config="another")

    assert [field.choice for field in merge_fields(edit, again)] == [YOURS, YOURS]
    made = merge_edit(edit, again, {})
    assert made.request() == edit.request()
    assert made.cleared_titles() == ()


def test_a_field_that_was_not_chosen_is_refused() -> None:
    edit = edit_of(config(29), filter_threshold=0.3)
    newest = config(31, filter_threshold=0.2)

    with pytest.raises(ValueError, match="filter_threshold"):
        merge_edit(edit, newest, {})
    with pytest.raises(ValueError, match="filter_threshold"):
        merge_edit(edit, config(31, filter_threshold=0.2, tensor_fields=()), {"tensor_fields": THEIRS})


def test_a_side_that_is_not_offered_is_refused() -> None:
    edit = edit_of(config(29), filter_threshold=0.3)
    with pytest.raises(ValueError, match="filter_threshold"):
        merge_edit(edit, config(31), {"filter_threshold": THEIRS})


# Laws.


@given(rows(29), settings)
def test_where_nobody_else_changed_anything_the_edit_comes_back(
    base: ModelConfig, values: dict[str, Any]
) -> None:
    edit = edit_of(base, **values)
    made = merge_edit(edit, base, {})
    assert all(alike(key, value, edit.request()[key]) for key, value in made.request().items())
    assert made.cleared_titles() == edit.cleared_titles()


@given(rows(29, readable=True), rows(31, readable=True))
def test_without_an_edit_theirs_is_taken_unasked(base: ModelConfig, theirs: ModelConfig) -> None:
    made = merge_edit(edit_of(base), theirs, {})
    assert not made.is_changed
    assert made.base is theirs


@given(rows(29), settings, rows(31), sides)
def test_each_field_is_sent_as_it_is_on_the_side_that_was_taken(
    base: ModelConfig, values: dict[str, Any], theirs: ModelConfig, numbers: list[int]
) -> None:
    edit = edit_of(base, **values)
    fields = merge_fields(edit, theirs)
    choices = chosen(fields, numbers)
    made = merge_edit(edit, theirs, choices)

    expected = {key: getattr(theirs, key) for key in FIELD}
    for field in fields:
        side = field.choice or choices[field.key]
        assert side in field.options
        expected[field.key] = field.value(side)
    assert made.version_id == edit.version_id
    assert made.base is theirs
    for key, value in expected.items():
        assert alike(key, made.request()[key], sent(value)), key


@given(rows(29), settings, rows(31))
def test_a_field_is_settled_without_asking_only_where_nobody_loses(
    base: ModelConfig, values: dict[str, Any], theirs: ModelConfig
) -> None:
    edit = edit_of(base, **values)
    settled = [field for field in merge_fields(edit, theirs) if field.choice is not None]
    assume(settled)
    for field in settled:
        assert field.choice is not None
        taken = sent(field.value(field.choice))
        theirs_lost = not alike(field.key, taken, sent(field.theirs))
        yours_lost = not alike(field.key, taken, sent(field.yours))
        if theirs_lost:
            assert alike(field.key, field.theirs, field.base)
            assert field.theirs is not UNSET
        if yours_lost:
            assert alike(field.key, field.yours, field.base)


@given(rows(29), settings, rows(31))
def test_a_question_has_answers_that_differ(
    base: ModelConfig, values: dict[str, Any], theirs: ModelConfig
) -> None:
    fields = merge_fields(edit_of(base, **values), theirs)
    assume(fields)
    for field in fields:
        values_sent = [sent(field.value(side)) for side in field.options]
        assert len(field.options) == 1 if field.choice else len(field.options) > 1
        for number, value in enumerate(values_sent):
            assert not any(alike(field.key, value, other) for other in values_sent[:number])


@given(rows(29), settings, rows(31), sides)
def test_a_merge_brings_nothing_that_nobody_asked_for(
    base: ModelConfig, values: dict[str, Any], theirs: ModelConfig, numbers: list[int]
) -> None:
    edit = edit_of(base, **values)
    choices = chosen(merge_fields(edit, theirs), numbers)
    made = merge_edit(edit, theirs, choices)

    assume(made.changes())
    for change in made.changes():
        wanted = edit.value(change.key)
        back = choices.get(change.key) is BASE and alike(change.key, change.after, getattr(base, change.key))
        assert back or alike(change.key, change.after, wanted)
        assert back or not alike(change.key, wanted, getattr(base, change.key)) or change.key in choices


@given(rows(29, readable=True), rows(31, readable=True), rows(31, readable=True))
def test_it_does_not_matter_who_came_first(base: ModelConfig, one: ModelConfig, other: ModelConfig) -> None:
    mirror = {BASE: BASE, THEIRS: YOURS, YOURS: THEIRS}
    here = merge_fields(edit_of(base, **{key: getattr(one, key) for key in FIELD}), other)
    there = merge_fields(edit_of(base, **{key: getattr(other, key) for key in FIELD}), one)

    assert [field.key for field in here] == [field.key for field in there]
    for field, mirrored in zip(here, there, strict=True):
        if field.choice and mirrored.choice:
            taken, other_taken = field.value(field.choice), mirrored.value(mirrored.choice)
            assert alike(field.key, taken, other_taken)
        else:
            assert set(field.options) == {mirror[side] for side in mirrored.options}


@given(rows(29), settings, rows(31), sides)
def test_a_merge_that_was_made_needs_no_second_one(
    base: ModelConfig, values: dict[str, Any], theirs: ModelConfig, numbers: list[int]
) -> None:
    edit = edit_of(base, **values)
    made = merge_edit(edit, theirs, chosen(merge_fields(edit, theirs), numbers))
    assert all(field.choice is YOURS for field in merge_fields(made, theirs))
    assert merge_edit(made, replace(theirs), {}).request() == made.request()
