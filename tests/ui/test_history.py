"""The history of a version: what was saved from here, what became of it, and a config of then to go on with."""

from pathlib import Path

from tests.support.clock import Clock
from tests.support.screens import check_sizes, cursor_line, line_with, refused, words
from tests.support.session import OpenApp, Session
from wltui.config.edit import ConfigEdit
from wltui.config.fields import FIELD
from wltui.core.errors import WltuiError
from wltui.core.records import (
    UNSET,
    ConfigId,
    ModelConfig,
    ModelId,
    ModelVersion,
    Outcome,
    VersionId,
    WorkspaceId,
)
from wltui.demo import Demo, Scripted
from wltui.ui.screens.editor.history import HistoryScreen, Reload

OWN = ModelVersion(id=VersionId(19), model_id=ModelId(15), model_name="m", workspace_id=WorkspaceId(10))
INSERT = "models/insert_model_config"


async def save(session: Session, **values: object) -> None:
    """Save a config of version 19 from here."""
    service = session.app.service
    held = (await service.config_to_edit(OWN)).config
    assert held is not None
    edit = ConfigEdit(OWN.id, held)
    for key, value in values.items():
        edit = edit.with_value(key, value)
    try:
        await service.save_config(OWN, edit)
    except WltuiError:
        return


async def open_history(session: Session) -> list[Reload | None]:
    """Open the screen; what it answers comes into the list."""
    chosen: list[Reload | None] = []
    session.app.push_screen(HistoryScreen(OWN), chosen.append)
    await session.settle()
    return chosen


def pane(session: Session) -> str:
    """What stands beside the list, in one line."""
    return " ".join(" ".join(line.partition("│")[2] for line in session.text.split("\n")).split())


async def test_saves_newest_first_with_what_became_of_them(
    open_app: OpenApp, demo: Demo, redraw: bool
) -> None:
    clock = Clock()
    async with open_app(clock=clock, workspace=10) as session:
        await save(session, tensor_fields=("a", "b"))
        clock.advance(minutes=5)
        await save(session, filter_threshold=0.5, batch_config="single", input_schema=None)
        clock.advance(hours=3)
        demo.script(INSERT, refused(400, "openai is for llms"))
        await save(session, openai_config={"enabled": True})
        clock.advance(minutes=1)
        demo.script(INSERT, Scripted(drop=True))
        await save(session, tensor_fields=None)
        clock.advance(seconds=30)
        service = session.app.service
        held = (await service.config_to_edit(OWN)).config
        assert held is not None
        service.history.begin(ConfigEdit(OWN.id, held, {"batch_config": None}), OWN, "jane@example.com")
        await open_history(session)
        rows = [line.partition("│")[0].strip("▸ ") for line in session.text.split("\n")[3:8]]
        assert [row.split("  ")[0] for row in rows] == [
            "? may be saved", "? may be saved", "✖ refused", "✔ saved", "✔ saved"
        ]  # fmt: skip
        assert "2026-03-02 17:36" in rows[0]
        assert "Batch config, Filter thr" in rows[3]
        newest = demo.world.versions[19].configs[-1].id
        assert f" {newest} " in rows[3]
        assert f" {newest - 1} " in rows[4]
        assert "5 saves   ? 2 may be saved" in session.text
        assert "by jane@example.com" in pane(session)
        assert "It is not known whether this was saved" in pane(session)
        await check_sizes(session, "history", redraw)
        await session.press("j", "j")
        assert "openai is for llms" in pane(session)
        await session.press("j")
        await check_sizes(session, "history-took", redraw)
        assert "- null" in session.text
        assert "+ 0.5" in session.text


async def test_what_was_before_a_save_can_be_put_back(open_app: OpenApp) -> None:
    clock = Clock()
    async with open_app(clock=clock, workspace=10) as session:
        held = (await session.app.service.config_to_edit(OWN)).config
        assert held is not None
        await save(session, tensor_fields=("a", "b"), filter_threshold=0.5)
        clock.advance(minutes=2)
        await save(session, tensor_fields=None)
        chosen = await open_history(session)
        await session.press("j", "enter")
        (reload,) = chosen
        assert reload is not None
        assert reload.values == {key: getattr(held, key) for key in FIELD}
        assert reload.origin == "the config from before your save of 14:30"


async def test_from_the_list_of_versions_by_keys_alone(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        await save(session, filter_threshold=0.5)
        await session.press("enter", "H")
        assert "History of version 19" in session.text
        await session.press("enter")
        assert "Loaded into the form: the config from before your save of 14:30. Not sent yet." in words(
            session
        )
        assert "- 0.5" in session.text
        assert "+ null" in session.text


async def test_what_a_save_sent_can_be_sent_again(open_app: OpenApp) -> None:
    clock = Clock()
    async with open_app(clock=clock, workspace=10) as session:
        await save(session, tensor_fields=("a", "b"))
        clock.advance(days=2)
        await save(session, filter_threshold=0.5)
        chosen = await open_history(session)
        await session.press("G", "a")
        (reload,) = chosen
        assert reload is not None
        assert reload.values["tensor_fields"] == ("a", "b")
        assert reload.values["filter_threshold"] is None
        assert reload.values.keys() == FIELD.keys()
        assert reload.origin == "the config of your save of 2026-03-02 14:30"


async def test_fields_that_were_not_readable_are_left_out(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24), workspace=10) as session:
        base = ModelConfig(id=ConfigId(29), tensor_fields=("x",), filter_threshold=None, batch_config=UNSET)
        edit = ConfigEdit(OWN.id, base, {"filter_threshold": 0.25})
        number = session.app.service.history.begin(edit, OWN, "jane@example.com")
        session.app.service.history.end(
            number, Outcome.SAVED, ModelConfig(id=ConfigId(30)), "batch_config: sent null"
        )
        chosen = await open_history(session)
        assert "config 29 › 30" in session.text
        assert "The server kept something else: batch_config: sent null" in words(session)
        await session.press("enter")
        (reload,) = chosen
        assert reload is not None
        assert reload.values == {"tensor_fields": ("x",), "filter_threshold": None}
        assert reload.origin == "the config from before the save of 14:30 by jane@example.com"


async def test_no_saves_yet(open_app: OpenApp, redraw: bool) -> None:
    async with open_app(workspace=10) as session:
        chosen = await open_history(session)
        assert "No save of this version is recorded." in session.text
        assert "on this host and as this user" in words(session)
        await check_sizes(session, "history-empty", redraw)
        await session.press("enter", "a", "tab", "j")
        assert chosen == []
        await session.press("escape")
        assert chosen == [None]


async def test_other_programs_saves_come_in_and_the_cursor_stays(open_app: OpenApp) -> None:
    clock = Clock()
    async with open_app(clock=clock, workspace=10) as session:
        await save(session, filter_threshold=0.5)
        await open_history(session)
        clock.advance(hours=30)
        await save(session, filter_threshold=0.75)
        await session.press("r")
        assert "2 saves" in session.text
        assert "2026-03-02" in cursor_line(session)
        assert "2026-03-03" in line_with(session, "2026-03-03")


async def test_it_can_be_read_but_not_loaded_where_nothing_may_be_written(open_app: OpenApp) -> None:
    for settings in ({"read_only": True}, {"offline": True}):
        async with open_app(workspace=10, **settings) as session:
            base = ModelConfig(id=ConfigId(29))
            session.app.service.history.begin(
                ConfigEdit(OWN.id, base, {"filter_threshold": 0.5}), OWN, "demo"
            )
            chosen = await open_history(session)
            await session.press("enter", "a")
            assert chosen == []
            assert "+ 0.5" in session.text
            assert "Put back" not in session.text
            await session.press("question_mark")
            assert "(this session is read-only)" in words(session) or "(offline, and an edit needs" in words(
                session
            )


async def test_hostile_texts_and_a_damaged_request_stay_text(open_app: OpenApp) -> None:
    odd = "[/x]\x1b[2J\u202e"
    async with open_app(workspace=10) as session:
        base = ModelConfig(id=ConfigId(29), tensor_fields=(odd,), filter_threshold=None)
        history = session.app.service.history
        number = history.begin(ConfigEdit(OWN.id, base, {"tensor_fields": (odd, "a")}), OWN, odd)
        history.end(number, Outcome.REFUSED, reason=odd)
        history.begin(ConfigEdit(OWN.id, base, {"filter_threshold": "text"}), OWN, odd)
        await open_history(session)
        assert "It changed no field." in session.text
        await session.press("j")
        assert "Why: [/x]␛[2J<U+202E>" in words(session)
        assert "\x1b" not in session.text
        assert "\u202e" not in session.text


async def test_without_unicode(open_app: OpenApp, redraw: bool) -> None:
    async with open_app(workspace=10, ascii=True) as session:
        await save(session, filter_threshold=0.5)
        await open_history(session)
        assert "+ saved" in session.text
        assert session.text.isascii()


async def test_a_history_that_cannot_be_read_is_no_empty_one(open_app: OpenApp, tmp_path: Path) -> None:
    async with open_app(workspace=10) as session:
        await save(session, filter_threshold=0.5)
        (file,) = (tmp_path / "state" / "history").glob("*.jsonl")
        file.write_bytes(file.read_bytes().replace(b'"format": 1', b'"format": 2'))
    async with open_app(workspace=10, size=(80, 24)) as session:
        await open_history(session)
        assert "No save of this version can be read." in session.text
        assert "unreadable lines" in words(session)
        assert "No save of this version is recorded" not in session.text
        await save(session, filter_threshold=0.25)
        await session.press("r")
        assert "✔ saved" in session.text
        assert "Saves may be missing here" in words(session)
