"""Conflict: what somebody else saved meanwhile and what the user wants, field by field."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from rich.cells import cell_len

from tests.support.configs import NULLS
from tests.support.mouse import Mouse
from tests.support.screens import calls, check_sizes, crumbs, header, line_with, words
from tests.support.session import OpenApp, Session
from wltui.config.edit import ConfigEdit
from wltui.config.fields import FIELD
from wltui.core.records import UNSET, ConfigId, ModelConfig, ModelVersion, VersionId
from wltui.demo import Demo
from wltui.demo.schemas import LLM_INPUT, LLM_OUTPUT, SUMMARY_INPUT, TEXT
from wltui.ui.screens.editor.conflict import ConflictScreen

VERSION = ModelVersion(id=VersionId(19), model_name="summary-[/x]\u202e")
DYNAMIC = {"max_batch_delay_ms": 10, "batch_size_target": 4, "batch_size_limit": None}
TWO = {"filter_threshold": 0.75, "batch_config": None, "tensor_fields": ("a", "c")}
"""What somebody else saved; the edit changed two of these as well."""


def config(number: int, **fields: Any) -> ModelConfig:
    return ModelConfig(id=ConfigId(number), **(NULLS | fields))


def edit_of(base: ModelConfig, **values: Any) -> ConfigEdit:
    made = ConfigEdit(VERSION.id, base)
    for key, value in values.items():
        made = made.with_value(key, value)
    return made


def two_conflicts() -> ConfigEdit:
    """An edit of config 29 that differs from what ``TWO`` says in the threshold and the tensor fields."""
    base = config(29, filter_threshold=0.5, tensor_fields=("a",), batch_config="single")
    return edit_of(base, filter_threshold=0.2, tensor_fields=("a", "b"))


class Meeting:
    """A conflict on screen, and what it was answered with."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.answers: list[ConfigEdit | None] = []


@asynccontextmanager
async def conflict(
    open_app: OpenApp, edit: ConfigEdit, theirs: ModelConfig, **how: Any
) -> AsyncIterator[Meeting]:
    async with open_app(workspace=10, **how) as session:
        meeting = Meeting(session)
        session.app.push_screen(ConflictScreen(VERSION, edit, theirs), meeting.answers.append)
        await session.settle()
        assert crumbs(session).endswith("Conflict")
        yield meeting


def focused_on(session: Session, key: str) -> bool:
    return session.app.focused is not None and session.app.focused.id == f"sides-{key}"


async def test_it_says_who_saved_what_and_when_it_was_read(open_app: OpenApp) -> None:
    async with conflict(open_app, two_conflicts(), config(31, **TWO)) as meeting:
        told = words(meeting.session)
        assert "Somebody else saved config 31 of version 19 of summary-[/x]<U+202E> while you edited" in told
        assert "you began from config 29. Nothing was sent." in told
        assert "● read 14:30:00" in header(meeting.session)
        assert "2 fields to choose" in told


async def test_an_edit_that_began_from_no_config_says_so(open_app: OpenApp) -> None:
    edit = edit_of(config(0), filter_threshold=0.2)
    async with conflict(open_app, edit, config(31, filter_threshold=0.5)) as meeting:
        assert "you began from no config" in words(meeting.session)
        assert "original, no config" in line_with(meeting.session, "theirs, config 31")


async def test_a_choice_for_each_field_and_on_to_the_review(open_app: OpenApp, demo: Demo) -> None:
    async with conflict(open_app, two_conflicts(), config(31, **TWO)) as meeting:
        session = meeting.session
        assert focused_on(session, "tensor_fields")
        await session.press("3", "down")
        assert focused_on(session, "filter_threshold")
        assert "1 field to choose" in session.text
        await session.press("right", "right")
        assert "All is chosen; 1 field to change" in session.text
        await session.press("c", "d")
        assert "Copied differences" in session.text
        await session.press("ctrl+s")
        assert "models/insert_model_config" not in calls(demo)

        (made,) = meeting.answers
        assert made is not None
        assert made.base.id == 31
        assert dict(made.values) == {"tensor_fields": ("a", "b")}
        assert made.request()["filter_threshold"] == 0.75
        assert made.request()["batch_config"] is None


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (["right"], 0.5),
        (["space", "space"], 0.75),
        (["right", "l", "right"], 0.2),
        (["right", "right", "right", "right"], 0.5),
        (["left"], 0.2),
        (["h", "left"], 0.75),
        (["1"], 0.5),
        (["2"], 0.75),
        (["1", "3"], 0.2),
    ],
)
async def test_keys_that_choose(open_app: OpenApp, keys: list[str], value: float) -> None:
    edit = edit_of(config(29, filter_threshold=0.5), filter_threshold=0.2)
    async with conflict(open_app, edit, config(31, filter_threshold=0.75)) as meeting:
        await meeting.session.press(*keys, "ctrl+s")
        (made,) = meeting.answers
        assert made is not None
        assert made.request()["filter_threshold"] == value


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_click_chooses(open_app: OpenApp, size: tuple[int, int]) -> None:
    edit = edit_of(config(29, filter_threshold=0.5), filter_threshold=0.25)
    async with conflict(open_app, edit, config(31, filter_threshold=0.75), size=size) as meeting:
        session, mouse = meeting.session, Mouse(meeting.session)
        for text, value in (("0.75", 0.75), ("3 yours", 0.25), ("1 original", 0.5)):
            await mouse.click(text)
            assert f"◉ {'123'[[0.5, 0.75, 0.25].index(value)]}" in session.text
            assert session.text.count("◉") == 1
        await session.press("ctrl+s")
        (made,) = meeting.answers
        assert made is not None
        assert made.request()["filter_threshold"] == 0.5


async def test_nothing_goes_on_before_all_is_chosen(open_app: OpenApp) -> None:
    async with conflict(open_app, two_conflicts(), config(31, **TWO)) as meeting:
        session = meeting.session
        await session.press("2", "down", "down", "ctrl+s")
        assert focused_on(session, "filter_threshold")
        assert "Filter threshold is not chosen yet" in session.text
        await session.press("down", "right", "enter")
        assert focused_on(session, "filter_threshold")
        assert meeting.answers == []
        assert crumbs(session).endswith("Conflict")


async def test_the_buttons_start_on_cancel(open_app: OpenApp) -> None:
    async with conflict(open_app, two_conflicts(), config(31, **TWO)) as meeting:
        session = meeting.session
        await session.press("2", "tab", "2", "tab")
        assert "[ Cancel ]" in session.text
        await session.press("tab")
        assert focused_on(session, "tensor_fields")
        await session.press("shift+tab", "right")
        assert "[ Review the merge ]" in session.text
        await session.press("enter")
        (made,) = meeting.answers
        assert made is not None
        assert not made.is_changed


@pytest.mark.parametrize("keys", [["escape"], ["tab", "tab", "enter"], ["2", "tab", "3", "escape"]])
async def test_going_back_loses_nothing(open_app: OpenApp, keys: list[str]) -> None:
    edit = two_conflicts()
    async with conflict(open_app, edit, config(31, **TWO)) as meeting:
        await meeting.session.press(*keys)
        assert meeting.answers == [None]
        assert edit == two_conflicts()


async def test_what_merges_by_itself_is_told_and_not_asked(open_app: OpenApp) -> None:
    base = config(29, filter_threshold=0.5, batch_config="single")
    edit = edit_of(base, filter_threshold=0.25, tensor_fields=("a",))
    theirs = config(31, filter_threshold=0.5, tensor_fields=("a",), dynamic_batching_config=UNSET)
    async with conflict(open_app, edit, theirs) as meeting:
        session = meeting.session
        assert "No field was changed on both sides" in words(session)
        assert line_with(session, "Filter threshold").split() == [
            "Filter", "threshold", "yours", "0.25", "(was", "0.5)"
        ]  # fmt: skip
        assert "theirs  multiple rows  (was single)" in line_with(session, "Batch config")
        assert "both    a  (was none)" in line_with(session, "Tensor fields")
        assert "theirs  not readable: a save clears it" in line_with(session, "Dynamic batching")
        assert "4 other fields alike on all sides" in session.text
        await session.press("enter")
        assert meeting.answers == [None]
        session.app.push_screen(ConflictScreen(VERSION, edit, theirs), meeting.answers.append)
        await session.settle()
        await session.press("ctrl+s")
        made = meeting.answers[1]
        assert made is not None
        assert dict(made.values) == {"filter_threshold": 0.25}
        assert made.cleared_titles() == ("Dynamic batching",)


async def test_what_is_not_readable_is_never_taken_silently(open_app: OpenApp) -> None:
    base = config(29, openai_config={"enabled": True}, batch_config="single")
    edit = edit_of(base, batch_config=None)
    theirs = ModelConfig(id=ConfigId(31), tensor_fields=None, filter_threshold=None)
    async with conflict(open_app, edit, theirs) as meeting:
        session = meeting.session
        assert "2 fields to choose" in session.text
        assert focused_on(session, "batch_config")
        await session.press("2")
        assert "It is not readable, so it can't be taken" in session.text
        await session.press("3", "down", "3")
        assert "You did not change it: it is what the edit began from" in session.text
        assert "not readable: taking it clears it" in words(session)
        await session.press("1", "ctrl+s")
        (made,) = meeting.answers
        assert made is not None
        assert made.request()["openai_config"] == {"enabled": True}
        assert made.request()["batch_config"] is None
        assert "OpenAI" not in made.cleared_titles()
        assert "Batch config" not in made.cleared_titles()


async def test_of_two_ways_to_send_null_one_is_offered(open_app: OpenApp) -> None:
    edit = edit_of(config(29), batch_config="single")
    async with conflict(open_app, edit, config(31, batch_config=UNSET)) as meeting:
        session = meeting.session
        await session.press("1")
        assert "It would send null, as another one does" in session.text
        await session.press("2", "ctrl+s")
        (made,) = meeting.answers
        assert made is not None
        assert made.cleared_titles() == ("Batch config",)


async def test_what_does_not_go_together_is_said(open_app: OpenApp) -> None:
    schemas = {"input_schema": TEXT.base64, "output_schema": TEXT.base64}
    edit = edit_of(config(29, **schemas), dynamic_batching_config=DYNAMIC, filter_threshold=0.2)
    theirs = config(31, **schemas, batch_config="single", filter_threshold=0.5)
    async with conflict(open_app, edit, theirs) as meeting:
        session = meeting.session
        assert "does not go together" not in words(session)
        await session.press("3")
        assert "Batch config: Dynamic batching can't be combined with 'single'" in words(session)
        assert "the form shows it beside the field" in words(session)
        await session.press("ctrl+s")
        (made,) = meeting.answers
        assert made is not None
        assert made.problems()


async def test_long_values_are_told_as_differences(open_app: OpenApp) -> None:
    names = tuple(f"dense_input_{number}" for number in range(10))
    edit = edit_of(config(29, tensor_fields=names), tensor_fields=(*names, "[/x]\x1b"))
    theirs = config(31, tensor_fields=(*names[:4], *names[5:]))
    async with conflict(open_app, edit, theirs) as meeting:
        session = meeting.session
        assert "… 8 more lines" in session.text
        assert '-   "dense_input_4",' in session.text
        assert '+   "[/x]␛"' in session.text.replace("\\u001b", "␛")
        assert "lines alike" in session.text
        assert session.text.count("dense_input_7") == 0
        assert "3 yours" in line_with(session, "1 original, config 29")


async def test_values_that_only_two_sides_have_are_compared_with_each_other(open_app: OpenApp) -> None:
    theirs = {**DYNAMIC, "batch_size_target": 8}
    edit = edit_of(config(29), dynamic_batching_config=DYNAMIC)
    async with conflict(open_app, edit, config(31, dynamic_batching_config=theirs), size=(80, 24)) as meeting:
        session = meeting.session
        assert line_with(session, "original, config 29 ").endswith("off")
        assert '-   "batch_size_target": 8,' in session.text
        assert '+   "batch_size_target": 4,' in session.text


async def test_text_from_outside_is_data(open_app: OpenApp) -> None:
    hostile = "\x1b[31m[/x]\u202e"
    edit = edit_of(config(29), batch_config="single", openai_config={"x": hostile})
    theirs = config(31, batch_config=hostile, tensor_fields=(hostile,))
    async with conflict(open_app, edit, theirs) as meeting:
        text = meeting.session.text
        assert text.count("[31m[/x]") == 3
        assert not {"\x1b", "\u202e"}.intersection(text)


async def test_no_line_is_wider_than_the_window(open_app: OpenApp) -> None:
    long = tuple(f"{letter}" * 200 for letter in ("a", "名", "[/x]"))
    edit = edit_of(config(29, tensor_fields=long[:1], openai_config={"x": long[1]}), tensor_fields=long[1:])
    theirs = config(31, tensor_fields=long[2:], openai_config={"x": long[2]}, batch_config="\x1b[31m" * 30)
    async with conflict(open_app, edit, theirs) as meeting:
        for size in ((60, 15), (80, 24), (100, 30), (120, 40)):
            await meeting.session.pilot.resize_terminal(*size)
            await meeting.session.settle()
            strips = meeting.session.app.screen._compositor.render_strips()
            assert {strip.cell_length for strip in strips} == {size[0]}
            assert all(cell_len(strip.text) == size[0] and "\x1b" not in strip.text for strip in strips)
            cut = [strip.text for strip in strips if strip.text.rstrip().endswith("…")]
            assert cut == []


async def test_a_field_that_is_reached_is_in_view(open_app: OpenApp) -> None:
    base = config(
        29, dynamic_batching_config=DYNAMIC, openai_config={"a" * 30: 1, "b" * 30: 2}, filter_threshold=0.5
    )
    edit = edit_of(
        base, dynamic_batching_config=None, openai_config={"a" * 30: 1, "b" * 30: 3}, filter_threshold=0.2
    )
    theirs = config(
        31, dynamic_batching_config={**DYNAMIC, "x": 1}, openai_config=None, filter_threshold=0.75
    )
    async with conflict(open_app, edit, theirs, size=(80, 20)) as meeting:
        session = meeting.session
        for key in ("filter_threshold", "dynamic_batching_config", "openai_config"):
            assert focused_on(session, key)
            assert "choose one" in line_with(session, f" {FIELD[key].title} ")
            await session.press("down")
        assert "Merged automatically" not in session.text
        await session.press(*["pagedown"] * 8)
        assert "alike on all sides" in session.text
        await session.press(*["pageup"] * 8)
        assert " Filter threshold " in session.text


async def test_the_field_stays_in_view_when_the_window_shrinks(open_app: OpenApp) -> None:
    base = config(29, openai_config={"enabled": True}, batch_config="single", tensor_fields=("a",))
    edit = edit_of(base, openai_config=None, batch_config=None, tensor_fields=("b",))
    theirs = config(31, openai_config={"enabled": False}, batch_config="other", tensor_fields=("c",))
    async with conflict(open_app, edit, theirs) as meeting:
        session = meeting.session
        await session.press("down", "down")
        assert focused_on(session, "openai_config")
        await session.pilot.resize_terminal(80, 16)
        await session.settle()
        assert "choose one" in line_with(session, " OpenAI ")


async def test_ctrl_s_is_explained_in_the_help(open_app: OpenApp) -> None:
    async with conflict(open_app, two_conflicts(), config(31, **TWO)) as meeting:
        await meeting.session.press("f1")
        assert "review the merge, when all is chosen" in line_with(meeting.session, "ctrl+s")
        await meeting.session.press("f1", "escape")
        assert meeting.answers == [None]


def everything() -> tuple[ConfigEdit, ModelConfig]:
    """A conflict of each kind."""
    base = config(
        29,
        filter_threshold=0.5,
        tensor_fields=("a", "b"),
        input_schema=SUMMARY_INPUT.base64,
        dynamic_batching_config=DYNAMIC,
    )
    edit = edit_of(
        base,
        filter_threshold=0.2,
        batch_config="single",
        input_schema=LLM_INPUT.base64,
        output_schema=LLM_OUTPUT.base64,
    )
    theirs = config(
        31,
        filter_threshold=0.75,
        tensor_fields=("a", "b", "c"),
        input_schema=TEXT.base64,
        dynamic_batching_config=UNSET,
    )
    return edit, theirs


async def test_a_picture_of_it(open_app: OpenApp, redraw: bool) -> None:
    async with conflict(open_app, *everything()) as meeting:
        await check_sizes(meeting.session, "conflict", redraw)
        await meeting.session.press("1", "down", "2", "down", "3")
        await check_sizes(meeting.session, "conflict-chosen", redraw)


async def test_a_picture_of_it_in_ascii(open_app: OpenApp, redraw: bool) -> None:
    async with conflict(open_app, *everything(), ascii=True) as meeting:
        assert meeting.session.text.isascii()
        await check_sizes(meeting.session, "ascii-conflict", redraw)


async def test_a_picture_of_a_merge_without_questions(open_app: OpenApp, redraw: bool) -> None:
    edit = edit_of(config(29, filter_threshold=0.5), filter_threshold=0.2)
    theirs = config(31, filter_threshold=0.5, tensor_fields=("a", "b"), output_schema=TEXT.base64)
    async with conflict(open_app, edit, theirs) as meeting:
        await check_sizes(meeting.session, "conflict-merged", redraw)
