"""The mouse: the left button acts, the others do nothing, and no double click writes."""

import pytest

from tests.support.screens import asked, crumbs, cursor_line
from tests.support.session import OpenApp, Session
from wltui.demo import Demo

INSERT = "models/insert_model_config"


async def click(session: Session, text: str, *, button: int = 1, times: int = 1) -> None:
    """Click on a text of the screen."""
    lines = session.text.split("\n")
    row = next(row for row, line in enumerate(lines) if text in line)
    column = lines[row].index(text)
    await session.pilot.click(offset=(column + 2, row), button=button, times=times)
    await session.settle()


@pytest.mark.parametrize("button", [2, 3])
async def test_other_buttons_neither_move_the_cursor_nor_open_a_row(button: int, open_app: OpenApp) -> None:
    async with open_app() as session:
        await click(session, "api-tutorial", button=button, times=2)
        assert "ccfraud" in cursor_line(session)
        assert crumbs(session) == "Workspaces"
        await click(session, "api-tutorial")
        assert "api-tutorial" in cursor_line(session)
        await click(session, "api-tutorial")
        assert crumbs(session).startswith("Workspaces › api-tutorial")


async def test_a_double_click_opens_a_row_once(open_app: OpenApp) -> None:
    async with open_app() as session:
        for name in ("ccfraud", "api-tutorial"):  # the row under the cursor, and another one
            await click(session, name, times=2)
            assert len(session.app.screen_stack) == 3
            await session.press("escape")
            assert crumbs(session) == "Workspaces"


@pytest.mark.parametrize("button", [1, 2, 3])
async def test_no_double_click_sends_a_config(button: int, open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter", "e", "a", "ctrl+s")
        assert "[ Cancel ]" in session.text
        await click(session, " Send", button=button, times=3)
        assert crumbs(session).endswith("Review")
        assert asked(demo, INSERT) == []


async def test_a_second_click_on_send_sends(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter", "e", "a", "ctrl+s")
        await click(session, " Send")
        assert "[ Send" in session.text
        assert asked(demo, INSERT) == []
        await click(session, "[ Send")
        await session.until(lambda: len(asked(demo, INSERT)) == 1)
