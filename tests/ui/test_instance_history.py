"""History of the instance: what is not sent, and what was saved from here, over all versions."""

from pathlib import Path

from tests.support.clock import Clock
from tests.support.editing import open_editor
from tests.support.screens import SIZES, check_screen, crumbs, cursor_line, line_with, refused, words
from tests.support.session import OpenApp, Session
from wltui.config.edit import ConfigEdit, Draft
from wltui.core.errors import WltuiError
from wltui.core.records import ModelVersion, VersionId, WorkspaceId
from wltui.demo import Demo
from wltui.store.drafts import Drafts
from wltui.ui.screens.instance_history import SETTLE_SECONDS

OWN = ModelVersion(id=VersionId(19), model_name="own", workspace_id=WorkspaceId(10))
FRAUD = ModelVersion(id=VersionId(6), model_name="[/x]", workspace_id=WorkspaceId(4))


async def save(session: Session, version: ModelVersion, **values: object) -> ConfigEdit:
    """Save a config from here; returns what was sent."""
    service = session.app.service
    held = (await service.config_to_edit(version)).config
    assert held is not None
    edit = ConfigEdit(version.id, held, values)
    try:
        await service.save_config(version, edit)
    except WltuiError:
        pass
    return edit


async def test_all_saves_and_unsent_edits_and_the_way_to_each(
    open_app: OpenApp, demo: Demo, redraw: bool
) -> None:
    clock = Clock()
    async with open_app(clock=clock, size=(80, 24)) as session:
        await save(session, OWN, tensor_fields=("a", "b"))
        clock.advance(hours=2)
        demo.script("models/insert_model_config", refused(400, "no"))
        edit = await save(session, FRAUD, filter_threshold=0.5, batch_config="single")
        clock.advance(minutes=5)
        session.app.saves.keep_draft(FRAUD, Draft(edit, {"openai_config": "{"}))
        clock.advance(minutes=1)
        await session.press("H")
        assert crumbs(session) == "Workspaces › History"
        rows = [line[1:].split()[:2] for line in session.text.split("\n")[3:6]]
        assert rows == [["✎", "unsent"], ["✖", "refused"], ["✔", "saved"]]
        assert "2 saves   ✎ 1 unsent edit" in session.text
        for size in (*SIZES, (200, 60)):
            await session.pilot.resize_terminal(*size)
            await session.settle()
            check_screen(session, "instance-history", redraw)
        assert "Version 6 of [/x]" in session.text
        assert "Typed and not valid yet: OpenAI" in session.text
        assert "ccfraud-quickstart" in line_with(session, "refused")

        await session.press("G", "enter")
        assert crumbs(session).endswith("History › History of version 19")
        await session.press("escape")
        assert "saved" in cursor_line(session)
        await session.press("enter", "enter")
        assert crumbs(session).endswith("Edit config of version 19")
        assert "Loaded into the form: the config from before your save of 14:30. Not sent yet." in words(
            session
        )
        await session.press("escape", "g", "j", "enter")
        assert crumbs(session).endswith("History › Edit config of version 6")
        assert "Your unsent edit of " in words(session)


async def test_enter_in_the_history_of_a_version_begins_at_that_save(open_app: OpenApp) -> None:
    clock = Clock()
    async with open_app(clock=clock) as session:
        await save(session, OWN, tensor_fields=("a", "b"))
        clock.advance(hours=2)
        await save(session, OWN, filter_threshold=0.5)
        await session.press("H", "j", "enter")
        assert "2026-03-02 14:30" in cursor_line(session)
        await session.press("slash", *"16:30", "enter")
        assert crumbs(session).endswith("History of version 19")
        assert "2026-03-02 16:30" in cursor_line(session)


async def test_a_filter_finds_a_save_by_its_model_and_fields(open_app: OpenApp) -> None:
    async with open_app() as session:
        await save(session, OWN, tensor_fields=("a", "b"))
        await save(session, FRAUD, filter_threshold=0.5)
        await session.press("H", "slash", *"threshold", "enter")
        assert "[/x]" in cursor_line(session)
        assert "own" not in session.text
        await session.press("escape")
        assert "own" in session.text


async def test_a_filter_finds_edits_and_saves_by_status_age_and_version(open_app: OpenApp) -> None:
    clock = Clock()
    async with open_app(clock=clock) as session:
        await save(session, OWN, tensor_fields=("a", "b"))
        clock.advance(days=2)
        edit = await save(session, FRAUD, filter_threshold=0.5)
        session.app.saves.keep_draft(FRAUD, Draft(edit, {}))
        clock.advance(seconds=33)
        await session.press("H")
        for text, found in (
            ("status:unsent", "1 unsent edit"),
            ("age<24h", "1 save ✎ 1 unsent edit"),
            ("age>24h", "1 save"),
            ("version:19", "1 save"),
            ("model:own status:saved", "1 save"),
        ):
            await session.press("slash", *text, "enter")
            assert found in words(session), text
            assert ("2 saves" in words(session)) is False, text
            await session.press("escape")
        await session.press("j", "enter", "slash", *"age<24h", "enter")
        assert "1 save" in words(session)


async def test_the_pane_shows_no_row_that_the_filter_has_removed(open_app: OpenApp) -> None:
    async with open_app() as session:
        await save(session, OWN, tensor_fields=("a", "b"))
        await save(session, FRAUD, filter_threshold=0.5)
        await session.press("H", "slash")
        session.waits.least = SETTLE_SECONDS
        await session.press(*"own")
        assert any(seconds == SETTLE_SECONDS for seconds, _ in session.waits.pauses)
        await session.press("x")
        while any(seconds == SETTLE_SECONDS for seconds, _ in session.waits.pauses):
            await session.time_passes()
        assert "Version 19 of own" not in session.text
        assert "The history holds what was saved with wltui" in words(session)


async def test_the_edit_of_another_program_is_left_to_it(open_app: OpenApp, tmp_path: Path) -> None:
    async with open_app() as session:
        service = session.app.service
        held = (await service.config_to_edit(OWN)).config
        assert held is not None
        other = Drafts(tmp_path / "state", service.owner, service.clock)
        try:
            other.keep(OWN, Draft(ConfigEdit(OWN.id, held, {"filter_threshold": 0.5})))
            other.flush()
            await session.press("H")
            assert "unsent edit, open in another wltui" in words(session)
            await session.press("enter")
            assert "another wltui has it open" in session.text
            assert crumbs(session).endswith("History")
        finally:
            other.close()


async def test_without_anything_it_says_so(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("H")
        assert "Nothing was saved from here yet, and there is no unsent edit." in words(session)
        assert "The history holds what was saved with wltui" in words(session)


async def test_a_workspace_with_an_unsent_edit_below_it_is_marked(open_app: OpenApp) -> None:
    async with open_app(workspace=10, size=(80, 24)) as session:
        await open_editor(session, "a")
        await session.press("escape", "escape", "escape")
        assert crumbs(session) == "Workspaces"
        (marked,) = [line for line in session.text.split("\n")[3:-2] if "✎" in line]
        assert marked.split()[:3] in (["10", "✎", "api-tutorial"], ["▸", "10", "✎"]), marked
        assert "✎ 1 unsent edit: H" in session.text
