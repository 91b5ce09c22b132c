"""The menu of what can be copied: on every screen with a record or a text, and what each letter copies."""

import json
from typing import Any

from tests.support.editing import send
from tests.support.mouse import Mouse
from tests.support.screens import answer, asked, check_sizes, crumbs, custom_item, model_item, models, words
from tests.support.session import OpenApp, Session
from wltui.api import calls, snippets
from wltui.api.calls import Call
from wltui.api.graphql import config_rows
from wltui.core.records import VersionId, WorkspaceId
from wltui.core.settings import Settings
from wltui.demo import Demo, Scripted
from wltui.ui.terminal.clipboard import MOST, osc52
from wltui.ui.text.copies import MOST_REQUESTS, request_copies, row_copy, value_copies
from wltui.ui.widgets.copy_menu import CopyMenu
from wltui.ui.widgets.version_pane import VersionPane

INSERT = "models/insert_model_config"


async def copied(session: Session, letter: str) -> str:
    """What a letter of the menu copies."""
    await session.burst("c", letter)
    return session.app.clipboard


def program(session: Session, call: Call[object]) -> str:
    return snippets.curl(call, snippets.target_of(session.app.settings)).rstrip("\n")


async def test_each_letter_copies_what_the_record_under_the_cursor_has(
    open_app: OpenApp, demo: Demo, redraw: bool
) -> None:
    async with open_app() as session:
        assert await copied(session, "n") == "ccfraud-quickstart"
        assert "Copied name, 18 characters, if your terminal lets it." in session.text
        assert await copied(session, "c") == program(session, calls.list_workspaces())
        await session.press("j", "enter")  # models
        assert await copied(session, "c") == program(session, calls.list_models(WorkspaceId(10)))
        assert "list_models.sync" in await copied(session, "k")
        assert "characters." in session.text
        await session.press("enter", "G", "k", "c")  # versions, with their pane
        await check_sizes(session, "copy-menu", redraw)
        await session.press("m")
        version = demo.world.versions[16]
        assert session.app.clipboard == version.image_path
        assert (await copied(session, "r")).split("\t")[-1] == (version.uuid or "")[:8]
        assert json.loads(await copied(session, "j"))["model_version"]["id"] == 16
        await session.press("enter")  # its detail
        assert version.image_path in await copied(session, "t")
        await session.press("y")  # JSON
        assert '"model_version": {' in await copied(session, "j")
        assert "requests.post(" in await copied(session, "p")


async def test_marked_rows_give_a_line_each_and_a_comparison_its_differences(open_app: OpenApp) -> None:
    async with open_app(workspace=10, size=(80, 24)) as session:
        await session.press("enter", "space", "space")
        assert await copied(session, "i") == "19\n18"
        assert "Copied id of 2, 5 characters" in session.text
        found = [json.loads(line) for line in (await copied(session, "j")).split("\n")]
        assert [each["model_version"]["id"] for each in found] == [19, 18]
        await session.press("c")
        await Mouse(session).click("n name")
        assert session.app.clipboard.split("\n") == ["api-upload-pytorch-multi-io"] * 2
        await session.press("equals_sign")
        lines = (await copied(session, "d")).split("\n")
        assert lines[0].startswith("--- version 18 of ")
        assert lines[1].startswith("+++ version 19 of ")
        assert any(line.startswith("+ ") for line in lines)
        assert {f'"model_version_id":{number}' in await copied(session, "c") for number in (18, 19)} == {True}


async def test_other_lists_have_the_menu_too(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(size=(80, 24), graphql=True) as session:
        await session.press("exclamation_mark")  # Problems
        number = await copied(session, "i")
        assert number in (await copied(session, "r")).split("\t")
        await session.press("escape", "D")  # pipelines
        assert await copied(session, "n") == "ccfraud-pipeline"
        await session.press("enter")
        assert "ccfraud-pipeline" in crumbs(session)
        assert (await copied(session, "t")).startswith("✔ ")
        await session.press("escape", "escape", "H", "c")  # no save, and so no row
        assert "There is nothing to copy here yet." in session.text
        demo.script("status/get_deployment", *[Scripted(403, b'{"msg": "not a member"}')] * 2)
        await session.press("escape", "D", "enter")
        assert "not a member" in await copied(session, "w")


async def test_a_review_gives_the_very_request_that_is_sent(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10, size=(80, 24)) as session:
        await session.press("enter", "e", "enter", "a", "ctrl+s")
        assert "tensor_fields" in await copied(session, "d")
        text = await copied(session, "j")
        curl = await copied(session, "c")
        assert crumbs(session).endswith("Review")
        assert asked(demo, INSERT) == []
        await send(session)
        assert asked(demo, INSERT) == [json.loads(text)]
        call = calls.insert_config(json.loads(text))
        assert curl == program(session, call)
        assert call.encode() == next(each.body for each in demo.requests if each.path == INSERT)


async def test_the_menu_takes_every_letter_and_gives_the_focus_back(open_app: OpenApp) -> None:
    async with open_app(workspace=10, size=(60, 15)) as session:
        written: list[str] = []
        session.app._driver.write = written.append  # type: ignore[union-attr, method-assign]
        await session.press("enter", "enter", "c")
        assert isinstance(session.app.focused, CopyMenu)
        assert "i id  u UUID  h SHA  n name  e reason" in session.text  # without texts, as there is no room
        await session.press("q", "z", "n")
        assert session.app.clipboard == "api-upload-pytorch-multi-io"
        assert isinstance(session.app.focused, VersionPane)
        place = crumbs(session)
        await session.press("c", "enter")
        assert "i id" not in session.text
        assert crumbs(session) == place
        await session.press("ctrl+c")
        assert "Nothing is selected to copy; c offers what there is" in words(session)
        assert session.app.clipboard == "api-upload-pytorch-multi-io"
        copied = [text for text in written if "]52;" in text]
        assert copied == [osc52("api-upload-pytorch-multi-io")]  # an empty one would clear the clipboard


async def test_ctrl_c_names_a_key_that_quits_while_a_menu_takes_the_letters(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as session:
        await session.press("ctrl+c")
        assert "Press q to quit." in session.text
        for menu in "cs":
            await session.press(menu, "ctrl+c")
            assert "Nothing is selected to copy. Press ctrl+q to quit." in session.text
            await session.press("escape")


async def test_what_no_terminal_takes_is_not_copied(open_app: OpenApp, demo: Demo) -> None:
    logs = ["2026-03-01T12:00:01Z stdout F " + "x" * 900] * (MOST // 900 + 1)
    async with open_app(size=(80, 24)) as session:
        await session.press("j")
        demo.script("models/list", *[models(model_item(15, "model", custom_item(1)))] * 6)
        await session.press("enter", "enter")
        demo.script("models/get_upload_logs", answer({"logs": logs}))
        await session.press("L")
        await copied(session, "t")
        assert "Not copied: text," in session.text
        assert "Terminals take 75.0 kB at most." in session.text


def test_a_message_says_how_many_requests_are_left_out() -> None:
    lists = [calls.list_models(WorkspaceId(number)) for number in range(20)]
    requests: list[Call[Any]] = [*lists, config_rows(VersionId(1)).call()]
    by_letter = {
        copy.letter: copy for copy in request_copies(requests, Settings(endpoint="https://a.example"))
    }
    curl, sdk = by_letter["c"], request_copies(requests[-2:], Settings(endpoint="https://a.example"))[-1]
    assert curl.make().count("curl '") == MOST_REQUESTS
    assert curl.lacks == "9 other requests"
    assert curl.preview.endswith("/list and 20 more")
    assert sdk.make().count("import httpx") == 1
    assert sdk.lacks == "1 other request"


def test_hostile_names_are_copied_without_what_a_shell_or_terminal_obeys() -> None:
    from wltui.core.records import ModelVersion, VersionId

    name = "a\n$(id)\x1b]52;c;!\x07\u202e漢字"
    version = ModelVersion(id=VersionId(1), model_name=name, error_summary="no\n\nroom\x07")
    found = {copy.letter: copy for copy in value_copies([version])}
    assert found["n"].make() == "a␊$(id)␛]52;c;!␇\u202e漢字"
    assert "\u202e" not in found["n"].preview
    assert found["e"].make() == "no\n\nroom␇"
    assert set(found) == {"i", "n", "e"}
    assert row_copy([("a\tb", "c"), ("d", "")]).make() == "a␉b\tc\nd\t"
