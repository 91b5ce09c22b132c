"""The filter of the lists: what is below a row finds it, and nothing is called missing that was not searched."""

from textual.events import Paste
from textual.widgets import Input

from tests.support.screens import answer, check_sizes, cursor_line, line_with, words
from tests.support.session import OpenApp, Session
from wltui.demo import Demo, Scripted


def ids(session: Session) -> list[int]:
    """The first numbers of the rows on screen."""
    lines = session.text.split("\n")[3:]
    return [int(line.lstrip(" ▸").split()[0]) for line in lines[: lines.index("")]]


async def filter_by(session: Session, text: str) -> None:
    await session.press("slash")
    session.app.screen.query_one(Input).post_message(Paste(text))
    await session.settle()


async def test_a_whole_uuid_or_hash_finds_its_version_from_each_list(open_app: OpenApp, demo: Demo) -> None:
    version = demo.world.versions[16]
    same = [each.model_id for each in demo.world.versions.values() if each.sha == version.sha]
    spaces = {demo.world.models[number].workspace_id for number in same}
    async with open_app(size=(80, 24)) as session:
        for text, found in ((version.uuid, {10}), (version.sha, spaces)):
            await filter_by(session, text)
            assert {*ids(session)} == found
            await session.press("enter")
            while "api-tutorial" not in cursor_line(session):
                await session.press("j")
            await session.press("enter")
            await filter_by(session, text)
            assert "api-upload-pytorch-multi-io" in session.text
            await session.press("escape")
            await session.press("g", "enter")
            await filter_by(session, text)
            assert 16 in ids(session)
            await session.press("escape", "escape", "escape", "escape", "escape", "g")


async def test_what_failed_is_found_from_the_lists_above_it(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as session:
        rows = [
            line.lstrip(" ▸").split()
            for line in session.text.split("\n")[3:]
            if line.strip("▸ ")[:1].isdigit()
        ]
        shown = {int(row[0]) for row in rows if len(row) > 4 and row[-3].isdigit()}
        assert len(shown) > 5
        for text in ("status:error", "error failed", "status:failed"):
            await filter_by(session, text)
            assert {*ids(session)} == shown
            await session.press("escape")
        await filter_by(session, "!error !pending")
        assert not {*ids(session)} & shown
        await session.press("escape", "j", "j", "enter")
        await filter_by(session, "status:error")
        assert "merchant-embedding" in session.text
        assert "ccfraud" not in session.text
        await session.press("escape")
        await filter_by(session, "status:error image:deploy")  # the version that failed has none
        assert "None of 7 models matches" in words(session)


async def test_workspaces_that_are_not_loaded_are_not_called_searched(open_app: OpenApp, demo: Demo) -> None:
    demo.script("models/list", *[Scripted(status=503)] * 60)
    async with open_app(size=(80, 24)) as session:
        await filter_by(session, "status:error")
        assert "None of 11 workspaces matches 'status:error'." in words(session)
        assert "The versions of 11 workspaces are not loaded yet, and not searched." in words(session)
        await session.press("enter")
        assert "11 not searched yet" in words(session)


async def test_models_without_their_versions_are_not_called_searched(open_app: OpenApp, demo: Demo) -> None:
    flat = answer({"models": [{"id": 15, "name": "ccfraud", "owner_id": ""}]})
    demo.script("models/list", *[flat] * 9)
    demo.script("models/list_versions", *[Scripted(status=503)] * 9)
    async with open_app(size=(80, 24), workspace=10) as session:
        await filter_by(session, "error")
        assert "The versions of 1 model are not loaded yet, and not searched." in words(session)


async def test_the_line_says_what_it_understood_and_what_comes_next(open_app: OpenApp, redraw: bool) -> None:
    async with open_app(size=(80, 24)) as session:
        await session.press("slash")
        assert 'words !not "two words" status:error age<24h image: ws: by: ~letters' in words(session)
        await session.type("!jane st")
        assert line_with(session, "not jane").split() == ["not", "jane", "and", "st", "tab", "status:"]
        await session.press("tab")
        assert line_with(session, "not jane").split() == [
            "not", "jane", "tab", "error", "failed", "pending", "ready",
        ]  # fmt: skip
        await session.press("tab")
        assert "!jane status:error" in session.text
        await session.type(" 24h")
        await check_sizes(session, "filter-understood", redraw)
        await session.type(" imgae:x")
        assert "Unknown key imgae:. Did you mean image:?" in session.text
        await session.press("enter", "slash")
        assert "Unknown key" in session.text
