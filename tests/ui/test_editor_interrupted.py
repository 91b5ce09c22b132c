"""Whatever comes between: nothing that was typed is lost, and no screen opens over another one's."""

from pathlib import Path

from textual.events import Paste
from textual.message import Message

from tests.support.screens import asked, crumbs, line_with, refused, words
from tests.support.services import configure
from tests.support.session import OpenApp, Session, key_event
from wltui.core.records import VersionId
from wltui.demo import Demo, Scripted

INSERT = "models/insert_model_config"
CONFIG = "models/get_config_by_id"


async def interrupt(session: Session, demo: Demo, path: str, *events: Message) -> None:
    """Send keys and texts all at once; the answer to the first one's request comes when all have arrived."""
    before, arrived = len(asked(demo, path)), False
    demo.script(path, Scripted(processed=True, may_answer=lambda: arrived))
    for event in events:
        session.app.post_message(event)
    await session.until(lambda: len(asked(demo, path)) > before)
    await session.pilot.pause()
    arrived = True
    await session.settle()


async def open_editor(session: Session) -> None:
    await session.press("enter", "e", "enter")
    assert crumbs(session).endswith("Edit config of version 19")


async def test_a_conflict_waits_until_the_help_is_closed(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await session.type("d1")
        await session.press("ctrl+s", "right")
        configure(demo, 19, filter_threshold=0.75)
        await interrupt(session, demo, CONFIG, *map(key_event, ("enter", "f1")))
        assert crumbs(session).endswith("Help"), "it was opened while the config was being read"
        while not crumbs(session).endswith("Conflict"):
            assert crumbs(session).split(" › ")[-1] in ("Help", "Edit config of version 19")
            await session.press("escape")
        await session.press("escape")
        assert "Not merged" in words(session)
        assert "d1" in line_with(session, "Tensor fields")
        await session.press("escape", "escape")
        assert session.app.return_code is None
        assert asked(demo, INSERT) == []


async def test_what_is_typed_while_the_config_is_read_again_is_kept(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await session.type("abc")
        await session.press("escape")
        demo.script(CONFIG, refused(500, "the database is away"))
        await session.press("e", "enter")
        assert "Your unsent edit of 0 s ago is open all the same" in words(session)
        assert "abc" in line_with(session, "Tensor fields")
        await interrupt(session, demo, CONFIG, *map(key_event, ("f5", *"def")))
        assert "abcdef" in line_with(session, "Tensor fields")
        await session.press("escape", "e")
        assert "abcdef" in line_with(session, "Tensor fields")


async def test_what_is_pasted_before_the_form_is_there_lands_in_it(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter")
        pasted = Paste("input_1\ninput_2")
        await interrupt(session, demo, CONFIG, key_event("e"), key_event("enter"), pasted)
        draft = session.app.service.drafts.take(VersionId(19))
        assert draft is not None
        assert draft.draft.edit.values == {"tensor_fields": ("input_1", "input_2")}


async def test_a_config_of_the_history_replaces_an_unsent_edit_only_when_told_to(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await session.type("a")
        await session.press("ctrl+s", "right", "enter")
        await session.press("e", "enter", "tab", "tab")
        await session.type("0.25")
        await session.press("escape", "H", "enter")
        assert crumbs(session).endswith("Replace?")
        assert "[ Keep my edit ]" in session.text
        await session.press("enter")
        assert "0.25" in line_with(session, "Filter threshold")
        await session.press("escape", "H", "enter", "right", "enter")
        assert "0.25" not in line_with(session, "Filter threshold")
        assert "none" in line_with(session, "Tensor fields")


async def test_what_became_of_an_earlier_save_can_be_looked_up_again(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10, size=(80, 24)) as session:
        await open_editor(session)
        await session.type("a")
        await session.press("ctrl+s", "right")
        demo.script(INSERT, Scripted(504, b"too slow", processed=True))
        demo.script(CONFIG, Scripted(processed=True), *[refused(500, "no")] * 6)
        await session.press("enter")
        assert "The outcome is not known; f5 looks again" in session.text
        await session.press("escape")
        assert "Version 19: Your save may" in words(session), "pressed before it was read"
        assert len(asked(demo, INSERT)) == 1
    async with open_app(workspace=10, size=(200, 40)) as session:
        await session.press("enter", "e")
        for _ in range(6):
            if "f5 Read again" in session.text:
                await session.press("f5")
        number = demo.world.versions[19].configs[-1].id
        assert "Your save of 2026-03-02" in words(session)
        assert f"from config {number}" in session.text
        await session.press("down")
        assert "No changes" in session.text
        assert len(asked(demo, INSERT)) == 1


async def test_a_key_that_is_off_says_why(open_app: OpenApp) -> None:
    async with open_app(workspace=10, read_only=True) as session:
        await session.press("enter", "e")
        assert "Edit config: this session is read-only." in session.text
        assert "READ-ONLY" in session.text


async def test_a_question_about_discarding_does_not_keep_one_from_quitting(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await session.type("a")
        await session.press("ctrl+n", "ctrl+q")
        assert session.app.return_code == 0


async def test_what_is_typed_at_the_foot_of_the_form_is_seen_with_what_is_wrong(open_app: OpenApp) -> None:
    async with open_app(workspace=10, size=(80, 24)) as session:
        await session.press("enter", "e", "enter", "shift+tab", "ctrl+u")
        for line in ("f1: int32", "f2: int32", "f3: int32", "f4: int32", "f5: int32"):
            await session.type(line)
            await session.press("enter")
        await session.type("f6: nonsense")
        assert "f6: nonsense" in session.text
        assert "'nonsense'" in words(session)


async def test_a_schema_from_a_file_leaves_what_is_refused_in_other_fields(
    open_app: OpenApp, demo: Demo, tmp_path: Path
) -> None:
    file = tmp_path / "schema.txt"
    file.write_text(str(demo.world.versions[19].configs[-1].output_schema))
    async with open_app(workspace=10) as session:
        await session.press("enter", "e", "enter", "tab", "tab")
        await session.type("0,5")
        await session.press("shift+tab", "shift+tab", "shift+tab", "shift+tab", "f3")
        await session.type(str(file))
        await session.press("enter")
        assert "0,5" in line_with(session, "Filter threshold")
        assert "  Input schema         output_1: fixed_size_list" in session.text.replace("✎", " ")


async def test_quitting_the_demo_asks_before_an_unsent_edit_is_lost(open_app: OpenApp) -> None:
    async with open_app(workspace=10, lasting=False) as session:
        await open_editor(session)
        await session.type("a")
        await session.press("ctrl+q")
        assert crumbs(session).endswith("Quit?")
        assert "There are unsent edits, of version 19. The demo keeps nothing when it ends." in words(session)
        await session.press("enter")
        assert session.app.return_code is None
        await session.press("ctrl+n", "right", "enter", "ctrl+q")
        assert session.app.return_code == 0
