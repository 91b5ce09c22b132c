"""The palette: what can be done here, unsent edits, and all that was on screen before."""

from textual.events import Paste

from tests.support.screens import (
    answer,
    calls,
    check_sizes,
    cursor_line,
    line_with,
    model_item,
    models,
    version_item,
    words,
)
from tests.support.session import OpenApp, Session
from wltui.config.edit import ConfigEdit, Draft
from wltui.core.compact import replace_fields
from wltui.core.records import ConfigId, ModelConfig, ModelId, ModelVersion, VersionId, WorkspaceId
from wltui.demo import Demo, Scripted
from wltui.ui.palette_targets import Command, OpenDraft, OpenModel, OpenVersion, OpenWorkspace, RunAction
from wltui.ui.screens.base.frame import Frame
from wltui.ui.screens.palette import PaletteScreen

OWN = ModelVersion(id=VersionId(19), model_id=ModelId(15), model_name="ccfraud", workspace_id=WorkspaceId(10))


async def open_palette(session: Session) -> list[Command | None]:
    """Open the palette over the screen in front; what it answers comes into the list."""
    chosen: list[Command | None] = []
    beneath = session.app.screen
    assert isinstance(beneath, Frame)
    session.app.push_screen(PaletteScreen(beneath), chosen.append)
    await session.settle()
    return chosen


def rows(session: Session) -> list[str]:
    """The rows on screen."""
    return [line for line in session.text.split("\n")[4:-3] if line.strip()]


async def test_everything_that_can_be_done_and_gone_to(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(size=(120, 60), workspace=10) as session:
        await session.press("enter")
        before = len(demo.requests)
        chosen = await open_palette(session)
        assert "Open open the row under the cursor" in " ".join(cursor_line(session).split())
        assert line_with(session, "compare two versions").rstrip().endswith("=")
        assert "workspace fraud-detection ⟨11⟩" in words(session)
        assert "model api-sample-model ⟨14⟩" in words(session)
        assert "✔ ready  ccfraud.onnx" in line_with(session, "api-sample-model 14")
        assert calls(demo, before) == []
        await session.press("escape")
        assert chosen == [None]


async def test_an_action_runs_where_its_key_would(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        chosen = await open_palette(session)
        await session.type("sort")
        await session.press("enter")
        (command,) = chosen
        assert isinstance(command, RunAction)
        await session.app.run_action(command.action, command.node)
        await session.settle()
        assert "as it came" in session.text


async def test_going_to_a_workspace_a_model_or_a_version(open_app: OpenApp, redraw: bool) -> None:
    async with open_app(workspace=10) as session:
        for text, wanted in {
            "fraud-d": OpenWorkspace(WorkspaceId(11)),
            "api-sample-model": OpenModel(WorkspaceId(10), ModelId(14), "api-sample-model"),
        }.items():
            chosen = await open_palette(session)
            await session.type(text)
            await session.press("enter")
            assert chosen == [wanted]
        chosen = await open_palette(session)
        await session.type("api")
        await check_sizes(session, "palette-typed", redraw)
        await session.type("upl 17")
        assert "api-upload-pytorch-multi-io 17" in cursor_line(session)
        await session.press("enter")
        (command,) = chosen
        assert isinstance(command, OpenVersion)
        version = command.version
        assert (version.id, version.model_id, version.workspace_id) == (17, 15, 10)


async def test_a_jump_from_the_list_of_failures_leads_to_the_next_one(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        await session.press("ctrl+p")
        await session.type("status:failed api")
        assert "4 found status error and api" not in words(session)
        first, second = rows(session)[0], rows(session)[1]
        await session.press("enter")
        assert "› Palette" not in session.text
        await session.press("ctrl+p")
        assert cursor_line(session).strip("▸ ") == first.strip("▸ ")
        await session.press("down")
        assert cursor_line(session).strip("▸ ") == second.strip("▸ ")
        await session.type("ccfraud")  # takes the place of the text
        assert ": ccfraud " in session.text
        await session.press("escape", "ctrl+p")
        assert ": status:failed api" in session.text
        await session.press("backspace")
        await session.type("help")
        await session.press("enter", "escape", "ctrl+p")  # an action is no place to come back from
        assert ": an action, or a workspace" in words(session)


async def test_ids_uuids_and_hashes_find_their_version_first(open_app: OpenApp, demo: Demo) -> None:
    async with open_app() as session:
        version = demo.world.versions[16]
        chosen = await open_palette(session)
        same = [each.id for each in demo.world.versions.values() if each.sha == version.sha]
        for text, ids in ((version.uuid, [16]), (version.sha, same), ("16", [16])):
            session.app.screen.query_one("#main").post_message(Paste(text))
            await session.settle()
            assert (text, {int(row.split()[2]) for row in rows(session)[: len(ids)]}) == (text, {*ids})
            await session.press("ctrl+u")
        await session.type("16")
        await session.press("enter")
        (command,) = chosen
        assert isinstance(command, OpenVersion)
        assert command.version.id == 16


async def test_a_wrong_term_is_explained_and_letters_find_names_where_nothing_holds_them(
    open_app: OpenApp,
) -> None:
    async with open_app(workspace=10) as session:
        await open_palette(session)
        await session.type("statsu:error api-sample")
        assert "Unknown key statsu:. Did you mean status:?" in words(session)
        assert "api-sample-model" in cursor_line(session)
        await session.press(*["backspace"] * 30)
        await session.type("apsmpl")
        assert "found by their letters, as nothing holds the text" in words(session)
        assert "api-sample-model" in cursor_line(session)
        await session.press(*["backspace"] * 6)
        await session.type("theme")  # letters of descriptions find nothing
        assert "Compare" not in session.text


async def test_the_cursor_moves_while_one_types(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24), workspace=10) as session:
        chosen = await open_palette(session)
        await session.press("down", "down", "up", "down")
        third = cursor_line(session)
        assert third != rows(session)[0]
        await session.press("pagedown", "pageup", "up", "up")
        assert cursor_line(session).strip("▸ ") == rows(session)[0].strip("▸ ")
        await session.press("pagedown")
        await session.type("api")
        assert cursor_line(session) == rows(session)[0]
        await session.press("down", "enter")
        assert chosen == [OpenModel(WorkspaceId(10), ModelId(15), "api-upload-pytorch-multi-io")]


def unsent(session: Session, version: ModelVersion = OWN) -> None:
    """Leave an edit of a version unsent."""
    base = ModelConfig(id=ConfigId(29), filter_threshold=None)
    draft = Draft(ConfigEdit(version.id, base, {"filter_threshold": 0.5}))
    session.app.service.drafts.keep(version, draft)
    session.app.service.drafts.flush()


async def test_unsent_edits_stand_first(open_app: OpenApp, redraw: bool) -> None:
    async with open_app(workspace=10) as session:
        unsent(session)
        chosen = await open_palette(session)
        assert rows(session)[0].rstrip(" ▐").endswith("  0 s ago")
        assert "unsent ccfraud 19 unsent edit" in " ".join(rows(session)[0].split())
        await session.type("unsent")
        await check_sizes(session, "palette-unsent", redraw)
        await session.press("enter")
        (command,) = chosen
        assert isinstance(command, OpenDraft)
        assert command.version.id == OWN.id


async def test_an_edit_that_another_wltui_holds_says_so(open_app: OpenApp) -> None:
    long = replace_fields(OWN, id=VersionId(17), model_name="a-name-that-takes-all-the-room-there-is")
    async with open_app(workspace=10) as other:
        unsent(other)
        unsent(other, long)
        async with open_app(size=(80, 24), workspace=10) as session:
            chosen = await open_palette(session)
            await session.type("all the room")
            assert "(another wltui has it open)" in cursor_line(session)
            assert cursor_line(session).rstrip(" ▐").endswith("0 s ago")
            await session.press(*["backspace"] * 12)
            await session.type("ccfraud 19")
            assert "ccfraud 19 (another wltui has it open)" in " ".join(cursor_line(session).split())
            await session.press("enter")
            assert chosen == []
            assert "ccfraud 19: another wltui has it open" in words(session)


async def test_without_leave_to_write_an_unsent_edit_is_off(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24), workspace=10, read_only=True) as session:
        unsent(session)
        chosen = await open_palette(session)
        await session.type("unsent")
        assert "ccfraud 19 (this session is read-only)" in " ".join(cursor_line(session).split())
        await session.press("enter")
        assert chosen == []
        assert "ccfraud 19: this session is read-only" in words(session)


async def test_an_edit_that_is_being_sent_is_off(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(size=(80, 24), workspace=10) as session:
        await session.press("enter", "e", "enter")
        await session.type("d1")
        await session.press("ctrl+s", "right")
        seen: list[str] = []
        held = Scripted(processed=True, may_answer=lambda: len(seen) > 0)
        demo.script("models/insert_model_config", held)
        await session.pilot.press("enter", "escape", "colon", *"unsent")
        await session.until(lambda: "is being saved" in session.text)
        assert len(session.app.saves.under_way) == 1
        seen.append(cursor_line(session))
        assert "19  (its config is being saved)" in seen[0]


async def test_what_is_off_says_why_and_stands_last(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24), workspace=10, read_only=True) as session:
        await session.press("enter")
        chosen = await open_palette(session)
        assert "Edit config" not in session.text
        await session.type("edit config")
        await session.press("enter")
        assert chosen == []
        assert "Edit config: this session is read-only" in session.text


async def test_nothing_found(open_app: OpenApp, redraw: bool) -> None:
    async with open_app(workspace=10) as session:
        chosen = await open_palette(session)
        await session.type("qqqq")
        assert "No match. Only what wltui has loaded can be found" in words(session)
        assert "0 found" in session.text
        await session.press("enter", "down", "pageup")
        assert chosen == []
        await session.press("backspace", "backspace", "backspace", "backspace", "backspace")
        assert "open the row under the cursor" in cursor_line(session)
        await check_sizes(session, "palette", redraw)


async def test_more_than_can_be_shown_is_counted(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        told = [
            model_item(n, f"model-{n:04}", version_item(1000 + n), version_item(5000 + n))
            for n in range(1000)
        ]
        demo.script("models/list", models(*told))
        await session.press("r")
        await open_palette(session)
        await session.type("model-0")
        assert "the best 200 of 3,000 found" in session.text
        assert "model-0999" in cursor_line(session)
        await session.type("777 5777")
        assert "model-0777 5777" in cursor_line(session)


async def test_hostile_names_stay_text_and_a_paste_is_one_line(open_app: OpenApp, demo: Demo) -> None:
    odd = "[/x]\x1b[2J\u202e"
    async with open_app(workspace=10) as session:
        long = f"customer-{'x' * 60}"
        one = models(
            model_item(15, odd, version_item(7, odd, file_name=odd, status=odd)),
            model_item(16, long, version_item(8888, long, status="pending_load_container")),
        )
        all_of_them = answer({"workspaces": [{"id": 10, "name": odd}]})
        demo.script("models/list", one, one)
        demo.script("workspaces/list", all_of_them, all_of_them)
        await session.press("escape", "r")
        await open_palette(session)
        session.app.screen.query_one("#main").post_message(Paste("[/x]\n\x1b[2J"))
        await session.settle()
        assert session.text.count("[/x]␛[2J<U+202E>") >= 6
        assert "\x1b" not in session.text
        assert "\u202e" not in session.text
        await session.pilot.resize_terminal(80, 24)
        await session.press("ctrl+u", *"customer")
        assert "xxx  ⟨16⟩" in session.text  # of a long name its middle is cut
        assert "xxx 8888  ◐ pe…container" in session.text


async def test_help_tells_its_keys_and_it_is_legible_without_unicode(open_app: OpenApp, redraw: bool) -> None:
    async with open_app(workspace=10, ascii=True) as session:
        await open_palette(session)
        await session.type("sample")
        await check_sizes(session, "palette-ascii", redraw)
        assert session.text.replace("\n", "").isascii()
        await session.press("f1")
        assert "do it, or go there" in session.text
        await session.press("escape", "escape", "question_mark")
        assert "  esc backspace h left\n" in session.text  # its meaning has no room beside it
