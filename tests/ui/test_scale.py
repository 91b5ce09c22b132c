"""Lists of some thousand rows, as an answer of a megabyte brings them: as any other list, and nothing twice."""

from textual.widgets import Input

from tests.support.screens import answer, cursor_line, header, model_item, version_item, words
from tests.support.session import OpenApp
from wltui.demo import Demo, Scripted
from wltui.ui.screens.versions import VersionsScreen

MANY = 5_000


def many(*, status: str = "ready") -> Scripted:
    """A model with many versions, of which the newest has this status."""
    versions = [
        version_item(
            number, "big", status=status if number == MANY else "ready", file_name=f"file-{number}.onnx"
        )
        for number in range(1, MANY + 1)
    ]
    return answer({"models": [model_item(90, "big", *versions)]})


async def test_a_list_of_thousands_comes_live_and_from_the_cache(open_app: OpenApp, demo: Demo) -> None:
    demo.script("models/list", many(), Scripted(status=503), Scripted(status=503), Scripted(status=503))
    async with open_app(workspace=10) as session:
        await session.press("enter")
        assert f"{MANY:,} versions" in session.text
        assert f"✔ {MANY:,}" in session.text
    async with open_app(workspace=10, offline=True) as session:
        await session.press("enter")
        assert f"{MANY:,} versions" in session.text
        assert "offline mode" in header(session)
        await session.press("y")
        assert f"file-{MANY}.onnx" in session.text


async def test_an_answer_that_says_the_same_is_known_again(open_app: OpenApp, demo: Demo) -> None:
    demo.script("models/list", *[many()] * 3, many(status="error"))
    async with open_app(workspace=10, refresh=None) as session:
        await session.press("enter")
        screen = session.app.screen
        assert isinstance(screen, VersionsScreen)
        rows = [*screen.table.rows]
        await session.press("r")
        assert all(one is other for one, other in zip(rows, screen.table.rows, strict=True))
        await session.press("r")
        changed = [other for one, other in zip(rows, screen.table.rows, strict=True) if one is not other]
        assert [(version.id, version.status) for version in changed] == [(MANY, "error")]
        assert "✖ error" in cursor_line(session)


async def test_letters_typed_before_thousands_of_rows_are_ready_find_what_they_should(
    open_app: OpenApp, demo: Demo
) -> None:
    demo.script("models/list", *[many()] * 2)
    async with open_app(workspace=10) as session:
        await session.press("enter")
        await session.burst("slash", *"file-123")
        assert session.app.screen.query_one(Input).value == "file-123"
        assert "11 of 5,000 versions" in words(session)
        await session.press("backspace", "enter", "down")
        assert "111 of 5,000 versions" in words(session)
        await session.burst("slash", "4", "enter")
        assert "11 of 5,000 versions" in words(session)
