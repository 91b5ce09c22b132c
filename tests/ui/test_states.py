"""Every state of every screen as a picture in text."""

from tests.support.screens import check_screen, check_sizes, models, refused
from tests.support.session import OpenApp
from wltui.demo import Demo, Scripted

PAGE = Scripted(200, b"<html><title>Sign in</title><body>Please sign in to ACME</body></html>")


async def test_the_way_down(open_app: OpenApp, redraw: bool) -> None:
    async with open_app() as session:
        await check_sizes(session, "workspaces", redraw)
        await session.press("j", "enter")
        await check_sizes(session, "models", redraw)
        await session.press("enter")
        await session.press("j", "j", "j")
        await check_sizes(session, "versions", redraw)
        await session.press("enter")
        await check_sizes(session, "version", redraw)
        await session.press("question_mark")
        await check_sizes(session, "help", redraw)
        await session.press("escape", "y")
        await check_sizes(session, "json", redraw)


async def test_logs(open_app: OpenApp, redraw: bool) -> None:
    async with open_app(workspace=13) as session:
        await session.press("slash")
        await session.type("defect")
        await session.press("enter", "enter", "L")
        await check_sizes(session, "logs", redraw)


async def test_the_editor(open_app: OpenApp, redraw: bool) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter", "e")
        await check_sizes(session, "editor", redraw)
        await session.press("enter")
        await session.type("a, b")
        await session.press("tab", "space", "tab")
        await session.type("0.5")
        await check_sizes(session, "editor-changed", redraw)
        await session.press("ctrl+s")
        await check_sizes(session, "review", redraw)
        await session.press("enter")
        await session.type("x")
        await session.press("shift+tab", "shift+tab")
        await session.type(", a")
        await check_sizes(session, "editor-wrong", redraw)


async def test_a_review_that_would_clear_something(open_app: OpenApp, redraw: bool) -> None:
    async with open_app(workspace=4) as session:
        await session.press("enter", "e", "enter")
        await session.type("d1")
        await session.press("ctrl+s")
        await check_sizes(session, "review-clears", redraw)


async def test_filters(open_app: OpenApp, redraw: bool) -> None:
    async with open_app() as session:
        await session.press("slash")
        await session.type("de")
        await check_sizes(session, "filter-open", redraw)
        await session.type("zzz")
        await session.press("enter")
        await check_sizes(session, "filter-nothing", redraw)


async def test_an_empty_workspace(open_app: OpenApp, demo: Demo, redraw: bool) -> None:
    async with open_app() as session:
        demo.script("models/list", models())
        await session.press("enter")
        await check_sizes(session, "empty", redraw)


async def test_loading(open_app: OpenApp, demo: Demo, redraw: bool) -> None:
    visible = sum(not workspace.archived for workspace in demo.world.workspaces.values())
    demo.script("models/list", *[refused(500, "no")] * visible)
    async with open_app() as session:
        demo.script("models/list", *[Scripted(delay=60)] * 2)
        await session.pilot.press("enter")
        assert "by Updated" not in session.text  # which is said where the column has no room
        await check_sizes(session, "loading", redraw)


async def test_failures(open_app: OpenApp, demo: Demo, redraw: bool) -> None:
    async with open_app(workspace=10) as session:
        for name, failure in {
            "forbidden": refused(403, "No access to workspace 10"),
            "gone": refused(400, "The provided workspace id was not found."),
            "unreadable": PAGE,
        }.items():
            demo.script("models/list", failure)
            await session.press("r")
            await check_sizes(session, name, redraw)
        demo.refuse()
        await session.press("r")
        await check_sizes(session, "offline", redraw)


async def test_offline_from_the_start(open_app: OpenApp, demo: Demo, redraw: bool) -> None:
    demo.refuse()
    async with open_app(refresh=None) as session:
        await check_sizes(session, "offline-empty", redraw)


async def test_read_only(open_app: OpenApp, redraw: bool) -> None:
    async with open_app(workspace=10, read_only=True) as session:
        await session.press("enter")
        await check_sizes(session, "read-only", redraw)
        await session.press("question_mark")
        await check_sizes(session, "read-only-help", redraw)


async def test_ascii(open_app: OpenApp, redraw: bool) -> None:
    async with open_app(ascii=True) as session:
        await check_sizes(session, "ascii-workspaces", redraw)
        await session.press("j", "enter", "enter")
        await check_sizes(session, "ascii-versions", redraw)
        await session.press("e")
        await check_sizes(session, "ascii-editor", redraw)


async def test_a_release_of_2023(open_app: OpenApp, redraw: bool) -> None:
    with Demo(api="2023.4") as old:
        async with open_app(server=old, workspace=10) as session:
            await check_sizes(session, "old-models", redraw)
            await session.press("enter", "j", "j", "j", "enter")
            await check_sizes(session, "old-version", redraw)
            await session.press("e")
            await check_sizes(session, "old-editor", redraw)


async def test_too_small(open_app: OpenApp, redraw: bool) -> None:
    async with open_app(size=(50, 10)) as session:
        check_screen(session, "too-small", redraw)
