"""What is promised about configs: nothing is sent unseen or twice, and what became of a save is told truly."""

import json
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from textual.widgets import Input, TextArea

from tests.support.editing import (
    CONFIG,
    CONTINUOUS,
    DYNAMIC,
    INSERT,
    TITLES,
    clear,
    give,
    newest,
    open_editor,
    paste,
    said,
    send,
    sent,
    shown,
    to,
)  # fmt: skip
from tests.support.screens import Json, asked, crumbs, header, line_with, refused, words
from tests.support.services import Clock, configure
from tests.support.session import OpenApp, Session, key_event
from tests.ui.test_config_editor import meanwhile, relay, under_way
from wltui.config.edit import ConfigEdit
from wltui.config.fields import FIELD
from wltui.core.errors import ReadOnlyMode
from wltui.core.records import ModelConfig, ModelVersion, VersionId
from wltui.core.settings import Secret
from wltui.demo import Demo, Scripted
from wltui.demo.keycloak import TOKEN_PATH
from wltui.ui.screens.editor.editor import ConfigEditor
from wltui.ui.text.selected import whole_text
from wltui.ui.widgets.pager import Pager

TIMEOUT = Scripted(504, b"upstream request timeout")
"""A gateway gave up; the server may go on."""


def carry_out(demo: Demo, body: Json) -> int:
    """The server does late what it was asked to; the new config's id."""
    fields = {key: value for key, value in body.items() if key not in ("model_version_id", "openai_config")}
    return configure(demo, 19, openai=body["openai_config"], **fields)


def token(demo: Demo) -> Secret:
    """A token to sign in with that nothing renews."""
    form = b"grant_type=password&client_id=sdk-client&username=demo&password=demo"
    with urlopen(demo.url + TOKEN_PATH, form) as told:  # noqa: S310
        return Secret(json.load(told)["access_token"])


def is_upright(session: Session) -> bool:
    """Whether nothing on screen is scrolled sideways, or could be."""
    return not any(
        widget.size.width and (widget.scroll_x or widget.show_horizontal_scrollbar)
        for widget in session.app.screen.query("*")
    )


# Nothing is sent that was not seen


async def test_what_the_review_shows_is_what_the_server_gets(open_app: OpenApp, demo: Demo) -> None:
    give(
        demo, output_schema="not a schema", filter_threshold=0.125, dynamic_batching_config={"x": [None, 1.5]}
    )
    async with open_app(workspace=10, size=(1200, 80)) as session:
        await open_editor(session, *"é")
        await to(session, DYNAMIC)
        await session.press("left")
        await to(session, CONTINUOUS)
        await session.press("right")
        await to(session, "openai_config")
        await paste(session, '{"enabled": false, "completion_config": {"stop": ["</s>", "\\u202e\\n"]}}')
        await session.press("ctrl+s")
        assert "376 characters" in line_with(session, "input_schema")  # of which a selection has all
        lines = whole_text(session.app.screen.query_one(Pager).lines).split("\n")
        begin = next(y for y, line in enumerate(lines) if line.startswith("Request"))
        end = lines.index("}", begin)
        assert "[ Cancel ]" in session.text
        assert [line for line in lines if line and line not in session.text] == [
            line for line in lines if "input_schema" in line
        ]
        await session.press("right", "enter")
        seen = json.loads("\n".join(lines[begin + 1 : end + 1]))
        stop = seen["openai_config"]["completion_config"]["stop"]
        stop[1] = stop[1].replace("<U+202E>", "\u202e")
        assert seen == sent(demo)
        assert sent(demo) == {
            "model_version_id": 19,
            "tensor_fields": ["é"],
            "batch_config": None,
            "filter_threshold": 0.125,
            "dynamic_batching_config": None,
            "continuous_batching_config": {"max_concurrent_batch_size": 1},
            "openai_config": {"enabled": False, "completion_config": {"stop": ["</s>", "\u202e\n"]}},
            "input_schema": demo.world.versions[19].configs[0].input_schema,
            "output_schema": "not a schema",
        }


USUAL = ("tensor_fields", "dynamic_batching_config", "input_schema")
"""Fields of which a usual run edits one after the other: a text, parts and a schema."""


@pytest.mark.parametrize(
    "field", [key if key in USUAL else pytest.param(key, marks=pytest.mark.thorough) for key in FIELD]
)
async def test_every_field_that_is_not_touched_is_carried_along(
    open_app: OpenApp, demo: Demo, field: str
) -> None:
    """Each in turn is the one that is touched, by a letter that is taken away again."""
    held: dict[str, Any] = {
        "tensor_fields": [" a", "[b", "null"],
        "batch_config": "a word",
        "filter_threshold": 2**-30,
        "dynamic_batching_config": {
            "max_batch_delay_ms": 0,
            "batch_size_target": "4",
            "x": {"y": [1.0, 10**18]},
        },
        "continuous_batching_config": {},
        "openai": {"chat_template": "a\tb\r\n\u2028\ufeff", "n": 1.0},
        "input_schema": "",
        "output_schema": "/////w==",
    }
    give(demo, **held)
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await to(session, field)
        if field == "batch_config":
            await session.press("right", "left")
        elif field.endswith("batching_config"):
            await session.press("left", "right", "tab", *"7", "backspace")
        else:
            await session.press(*"7", "backspace")
        assert "No changes" in session.text
        other = "filter_threshold" if field != "filter_threshold" else "tensor_fields"
        await to(session, other)
        await clear(session)
        await send(session)
        held["openai_config"] = held.pop("openai")
        assert sent(demo) == held | {"model_version_id": 19, other: None}


async def test_keys_in_a_hurry_send_once(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session, *"a")
        await session.press("ctrl+s", "right")
        await session.burst("enter", "enter", "enter", "ctrl+s", "right", "enter")
        assert "saved as config" in words(session)
        assert len(asked(demo, INSERT)) == 1


# What became of it is told truly


async def test_a_save_that_may_still_be_under_way_is_looked_up_again_by_f5_until_it_took(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10, size=(140, 40)) as session:
        await open_editor(session, *"a")
        demo.script(INSERT, TIMEOUT)
        await send(session)
        assert "Your save may still be saved: its answer was lost" in words(session)
        await session.press("f5")
        assert "Your save may still be saved: its answer was lost" in words(session)
        await session.press("x", "ctrl+s", "ctrl+r", "ctrl+n")
        assert crumbs(session).endswith("Edit config of version 19")
        assert shown(session, "Tensor fields") == ["a"]
        number = carry_out(demo, sent(demo))
        await session.press("f5")
        assert f"saved as config {number}" in words(session)
        assert crumbs(session).endswith("⟨15⟩")
        assert len(asked(demo, INSERT)) == 1
        await session.press("e")
        assert "No changes" in session.text


async def test_a_save_that_can_not_be_carried_out_any_more_did_not_take_and_may_be_sent_again(
    open_app: OpenApp, demo: Demo
) -> None:
    clock = Clock()
    async with open_app(workspace=10, size=(140, 40), clock=clock, ticks=clock.ticks) as session:
        await open_editor(session, *"a")
        demo.script(INSERT, TIMEOUT)
        await send(session)
        clock.advance(minutes=31)
        await session.press("f5")
        assert "Your save was not saved: the newest config is still 29." in words(session)
        await session.press("b")
        await send(session)
        assert [body["tensor_fields"] for body in asked(demo, INSERT)] == [["a"], ["ab"]]
        assert newest(demo).tensor_fields == ["ab"]


@pytest.mark.parametrize("took", [True, False])
async def test_a_save_that_the_program_did_not_live_to_see_is_told_at_the_next_visit(
    open_app: OpenApp, demo: Demo, took: bool
) -> None:
    clock = Clock()
    async with relay(demo) as server:
        async with open_app(workspace=10, server=server) as session:
            if not took:
                demo.script(INSERT, Scripted(500, b"<h1>Internal Server Error</h1>"))
            await open_editor(session, *"a", "ctrl+s")
            await meanwhile(session, "right", "enter")
            await under_way(session, demo, 1)
            await meanwhile(session, "ctrl+q")
            assert "A save is under way; its outcome is not known yet." in session.text
            await meanwhile(session, "right")
            session.app.post_message(key_event("enter"))
            await session.until(lambda: session.app.return_code is not None)
        server.released.set()
        clock.advance(hours=25)
        async with open_app(
            workspace=10, server=server, clock=clock, ticks=clock.ticks, size=(140, 40)
        ) as session:
            await session.press("enter", "e")
            assert "Your save of 2026-03-02 14:30 was" in said(session)
            if took:
                assert f"was saved as config {newest(demo).id}" in said(session)
                assert "No changes" in session.text
            else:
                assert "was not saved: the newest config is still 29." in said(session)
                assert "Your unsent edit of 25 h ago is back" in words(session)
            assert shown(session, "Tensor fields") == ["a"]
            await session.press("escape", "e")
            assert "Your save of" not in said(session)
        assert len(asked(demo, INSERT)) == 1


async def test_an_expired_sign_in_at_the_save_sends_nothing_and_loses_nothing(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10, token=token(demo), login=None, size=(140, 40)) as session:
        await open_editor(session, *"a")
        demo.script(CONFIG, refused(401, "Unauthorized: the token is expired."))
        await send(session)
        assert "the token is expired" in words(session)
        assert crumbs(session).endswith("› Sign in")
        await session.press("escape")
        assert shown(session, "Tensor fields") == ["a"]
        assert newest(demo).id == 29
        await session.press("b")
        await send(session)
        assert newest(demo).tensor_fields == ["ab"]


async def test_an_expired_sign_in_in_the_middle_of_an_edit_keeps_it_open(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10, token=token(demo), login=None, size=(140, 40)) as session:
        await open_editor(session, *"a", "escape")
        demo.script(CONFIG, refused(401, "Unauthorized: the token is expired."))
        await session.press("e")
        assert "the token is expired" in words(session)
        assert crumbs(session).endswith("› Sign in")
        await session.press("escape")
        assert "Your unsent edit of 0 s ago is open all the same" in words(session)
        await session.press("enter", "b", "ctrl+s")
        assert crumbs(session).endswith("Edit config of version 19")
        await session.press("f5")
        await send(session)
        assert sent(demo)["tensor_fields"] == ["ab"]


async def test_a_save_that_met_with_a_401_is_sent_again_only_by_the_user(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session, *"a")
        demo.script(INSERT, refused(401, "Unauthorized: the token is expired."))
        await send(session)
        assert "Nothing was saved. Send it again" in words(session)
        assert len(asked(demo, INSERT)) == 1
        await send(session)
        assert f"saved as config {newest(demo).id}" in words(session)
        assert len(demo.world.versions[19].configs) == 2


async def test_a_save_that_can_not_be_recorded_is_sent_only_when_asked_for(
    open_app: OpenApp, demo: Demo, tmp_path: Path
) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / "history").write_text("in the way")
    async with open_app(workspace=10, size=(140, 40)) as session:
        await open_editor(session, *"a")
        await send(session)
        assert "was not sent, since the save could not be recorded first" in words(session)
        assert "[ Don't send ]" in session.text
        await session.press("enter")
        assert crumbs(session).endswith("Edit config of version 19")
        assert asked(demo, INSERT) == []
        await send(session)
        await session.press("right")
        assert "[ Send all the same ]" in session.text
        await session.press("enter")
        assert f"saved as config {newest(demo).id}" in words(session)
        assert len(asked(demo, INSERT)) == 1


# Nobody's change is overwritten unseen


async def test_an_edit_of_an_older_config_stands_on_what_was_saved_since(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10) as other, open_app(workspace=10, size=(140, 40)) as session:
        await open_editor(other)
        await open_editor(session, *"a", "escape")
        await other.press("tab", "tab", *"0.5")
        await send(other)
        number = newest(demo).id
        await session.press("e")
        assert f"It began from config 29; the newest is now {number}" in words(session)
        assert "1 field to change" in session.text
        await send(session)
        assert (newest(demo).tensor_fields, newest(demo).filter_threshold) == (["a"], 0.5)


async def test_what_was_saved_from_here_stays_readable(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session, *"a")
        await to(session, CONTINUOUS)
        await session.press("right")
        await send(session)
    async with open_app(workspace=10) as session:
        await open_editor(session, *"b")
        assert "not readable" not in session.text
        await send(session)
        assert asked(demo, INSERT)[1] == asked(demo, INSERT)[0] | {"tensor_fields": ["ab"]}
        assert newest(demo).input_schema is not None


# Where nothing may or can be written


async def test_a_read_only_session_says_so_and_opens_no_editor(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10, read_only=True) as session:
        assert "READ-ONLY" in header(session)
        await session.press("enter", "e", "E")
        assert crumbs(session).endswith("⟨15⟩")
        assert "Edit config" not in session.text
        await session.press("f1")
        for what in ("edit the config of this version", "edit its config in your own editor"):
            assert "(this session is read-only)" in line_with(session, what)
        await session.press("f1", "enter", "e", "E")
        assert crumbs(session).endswith("version 19")
        edit = ConfigEdit(VersionId(19), ModelConfig(id=newest(demo).id), {"filter_threshold": 0.5})
        with pytest.raises(ReadOnlyMode):
            await session.app.service.save_config(ModelVersion(id=VersionId(19)), edit)
        assert asked(demo, INSERT) == []


async def test_without_a_server_no_edit_begins_but_an_unsent_one_goes_on(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10, size=(140, 40)) as session:
        await open_editor(session, *"a", "escape")
        demo.refuse()
        await session.press("r", "j", "e")
        assert crumbs(session).endswith("⟨15⟩")
        await session.press("f1")
        assert "(offline, and an edit needs the newest config)" in line_with(session, "edit the config")
        await session.press("f1", "k", "e", "enter")
        assert "Your unsent edit of 0 s ago is open all the same" in words(session)
        await session.press("b", "ctrl+s")
        assert crumbs(session).endswith("Edit config of version 19")
        await session.press("f1")
        assert "(the newest config could not be read" in line_with(session, "ctrl+s")
        await session.press("f1", "f5")
        assert shown(session, "Tensor fields") == ["ab"]
        demo.start()
        await session.press("f5")
        assert shown(session, "Tensor fields") == ["ab"]
        await send(session)
        assert sent(demo)["tensor_fields"] == ["ab"]


# Keyboard first


async def test_every_field_is_reached_and_seen_at_80_by_24_without_scrolling_sideways(
    open_app: OpenApp, demo: Demo
) -> None:
    give(
        demo, tensor_fields=["long " * 40], openai={"enabled": True, "long": "x" * 300}, batch_config="w" * 90
    )
    async with open_app(workspace=10, size=(80, 24)) as session:
        await open_editor(session)
        for title, key in zip(TITLES[1:], FIELD, strict=True):
            await to(session, key)
            assert title in session.text
            if key == DYNAMIC:
                await session.press("right")
                assert "Size limit" in session.text
            assert is_upright(session)
        await session.press("ctrl+s")
        assert crumbs(session).endswith("Review")
        assert "[ Cancel ]" in session.text
        assert is_upright(session)


async def test_the_focused_field_is_seen_and_no_cursor_blinks(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await to(session, DYNAMIC)
        await session.press("right")
        for title, key in zip(TITLES[1:], FIELD, strict=True):
            await to(session, key)
            strips = session.app.screen._compositor.render_strips()
            bold = {
                segment.text.strip("● ")
                for strip in strips[2:-2]
                for segment in strip
                if segment.style and segment.style.bold and segment.text.strip("● ") in TITLES
            }
            assert bold == {title}
        assert isinstance(session.app.screen, ConfigEditor)
        boxes = [*session.app.screen.query(TextArea), *session.app.screen.query(Input)]
        assert boxes
        assert not any(box.cursor_blink for box in boxes)
