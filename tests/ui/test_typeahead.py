"""Keys that come in a burst, as over a slow link, do what they do one by one."""

from pathlib import Path

import pytest
from textual.events import Key
from textual.widgets import Input

from tests.support.screens import asked, crumbs, refused, words
from tests.support.session import OpenApp, key_event
from tests.support.slow_disk import hung
from tests.support.waiting import reached
from wltui.demo import Demo
from wltui.ui.app import typeahead
from wltui.ui.screens.editor.editor import ConfigEditor
from wltui.ui.screens.palette import PaletteScreen


async def test_letters_after_tab_land_in_the_next_field(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("down", "enter", "enter", "e", "enter")
        await session.burst(*"input_1", "tab", "right", "tab", *"0.25", "up", "up", *", b")
        assert isinstance(session.app.screen, ConfigEditor)
        draft = session.app.screen.form.draft
        assert draft is not None
        assert dict(draft.edit.values) == {
            "tensor_fields": ("input_1", "b"),
            "batch_config": "single",
            "filter_threshold": 0.25,
        }


async def test_a_second_enter_does_not_open_a_row_twice(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("down", "enter", "enter", "escape", "escape")
        await session.burst("enter", "enter", "enter")
        way = "Workspaces › api-tutorial ⟨10⟩ › api-upload-pytorch-multi-io ⟨15⟩ › version 19"
        assert crumbs(session) == way


async def test_long_work_gives_way_to_the_keys_that_have_arrived(open_app: OpenApp) -> None:
    async with open_app() as session:
        before = session.app.keys_served
        for key in ("down", "down"):
            session.app.post_message(Key(key, None))
        await session.app.give_way()
        assert session.app.keys_served == before + 2
        for key in ("down", "up") * 1_000:
            session.app.post_message(Key(key, None))
        for _ in range(50):
            await session.app.give_way()
        served = session.app.keys_served - before
        assert served < 2_000  # a key that is held down does not keep it from ending
        await session.app.serve_held(give_up=True)
        await session.settle()


async def test_keys_after_ctrl_s_reach_the_review_and_send_nothing_that_was_not_shown(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app() as session:
        await session.press("down", "enter", "enter", "e", "enter")
        await session.burst("a", "b", "ctrl+s", "right", "enter")
        assert "Not sent: it was pressed before this was shown. Press it again." in session.text
        assert "[ Send ]" in session.text
        assert asked(demo, "models/insert_model_config") == []
        await session.press("enter")
        assert "saved as config" in session.text


async def test_a_question_is_not_confirmed_before_it_was_shown(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("down", "enter", "enter", "e", "enter", "a")
        await session.burst("ctrl+n", "right", "enter")
        assert "Not done: it was pressed before this was shown. Press it again." in session.text
        await session.press("enter")
        assert "No changes" in session.text


async def test_keys_behind_one_that_takes_long_wait_for_it(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typeahead, "PATIENCE", 0.001)  # as if each key took 500 times as long
    monkeypatch.setattr(typeahead, "LOOKS", 20_000)
    async with open_app() as session:
        await session.burst("slash", *"detection", "enter", "slash", "backspace")
        assert session.app.screen.query_one(Input).value == "detectio"


async def test_a_key_is_served_though_its_screen_has_gone(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("down", "enter", "enter", "enter")
        await session.burst("escape", "escape", "escape", "down")
        assert "▸    11  fraud-detection" in session.text


async def test_what_is_typed_before_the_form_is_there_is_typed_into_it(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("down", "enter", "enter")
        await session.burst("e", "enter", *"qp:1", "tab", "right", "tab", *"0.25")
        assert isinstance(session.app.screen, ConfigEditor)
        draft = session.app.screen.form.draft
        assert draft is not None
        assert dict(draft.edit.values) == {
            "tensor_fields": ("qp:1",),
            "batch_config": "single",
            "filter_threshold": 0.25,
        }


async def test_who_leaves_before_the_form_is_there_has_typed_nothing(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("down", "enter", "enter")
        await session.burst("e", "enter", *"qq", "escape", "down")
        assert session.app.return_code is None
        assert "▸    18  ✖ error" in session.text


@pytest.mark.parametrize("leaves", [False, True])
async def test_enter_in_the_palette_waits_for_what_the_disk_has_not_brought_yet(
    open_app: OpenApp, tmp_path: Path, leaves: bool
) -> None:
    async with open_app() as session:
        await session.press("down", "enter", "enter", "e", "enter", "a", "escape", "escape", "escape")
        (kept,) = (tmp_path / "state" / "drafts").glob("*/*.json")
        lock = kept.with_name("killed.lock")
        lock.touch()  # as a killed process leaves it
        (kept.parent / "16-killed-1.json").touch()
        with hung(lock):
            for key in ("ctrl+p", *"fraud-d", "enter", "slash", *"ccf", *(["escape"] if leaves else [])):
                session.app.post_message(key_event(key))
            await reached(lambda: isinstance(session.app.screen, PaletteScreen))
            if leaves:
                await reached(lambda: not isinstance(session.app.screen, PaletteScreen))
            else:
                await reached(lambda: getattr(session.app.screen, "holds_keys", False))
        await session.settle()
        assert crumbs(session) == ("Workspaces" if leaves else "Workspaces › fraud-detection ⟨11⟩")
        assert ("/ccf" in words(session) or "/ ccf" in words(session)) != leaves


async def test_what_was_typed_for_a_form_that_does_not_come_does_nothing(
    open_app: OpenApp, demo: Demo
) -> None:
    demo.script("models/get_config_by_id", *[refused(500, "the database is away")] * 4)
    async with open_app() as session:
        await session.press("down", "enter", "enter")
        await session.burst("e", "enter", *"qq")
        await session.settle()
        assert session.app.return_code is None
        assert "the database is away" in session.text
