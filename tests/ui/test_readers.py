"""Keys that leave: q leaves what is read and quits from a list, h and left lead back, ctrl+c and ctrl+z do no harm."""

import pytest

from tests.support.screens import crumbs, custom_item, model_item, models, words
from tests.support.session import OpenApp
from wltui.demo import Demo


@pytest.mark.parametrize("leave", ["q", "h", "left", "escape"])
@pytest.mark.parametrize(
    ("key", "name"), [("question_mark", "Help"), ("y", "JSON"), ("L", "Upload logs"), ("H", "History")]
)
async def test_what_is_read_is_left_and_the_program_goes_on(
    leave: str, key: str, name: str, open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(size=(80, 24)) as session:
        await session.press("j")
        demo.script("models/list", *[models(model_item(15, "model", custom_item(19)))] * 2)
        await session.press("enter", "enter")
        below = crumbs(session)
        await session.press(key)
        assert name in crumbs(session)
        await session.press(leave)
        assert crumbs(session) == below
        assert session.app.return_code is None


async def test_q_leads_up_to_a_list_and_quits_there(open_app: OpenApp) -> None:
    async with open_app(workspace=10, size=(80, 24)) as session:
        await session.press("enter")
        versions = crumbs(session)
        await session.press("enter", "question_mark", "q")
        assert "version 19" in crumbs(session)
        await session.press("q")
        assert crumbs(session) == versions
        await session.press("e", "enter", "a", "ctrl+s", "q")
        assert crumbs(session).endswith("Edit config of version 19")
        await session.press("escape", "q")
        assert session.app.return_code == 0


async def test_ctrl_q_quits_everywhere(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("y", "question_mark", "ctrl+q")
        assert session.app.return_code == 0


async def test_help_says_what_q_does_on_the_screen_that_it_is_about(open_app: OpenApp) -> None:
    async with open_app(size=(120, 60)) as session:
        await session.press("question_mark")
        assert "q ctrl+q quit;" in words(session)
        await session.press("q", "y", "question_mark")
        assert "q ctrl+q quit;" not in words(session)
        assert "leave the screen" in session.text


async def test_ctrl_c_says_what_quits_and_leaves_the_clipboard_alone(open_app: OpenApp) -> None:
    async with open_app() as session:
        session.app.copy_to_clipboard("kept")
        await session.settle()  # its own message comes later
        await session.press("ctrl+c")
        assert "Press q to quit." in session.text
        await session.press("slash", "ctrl+c")
        assert "Press ctrl+q to quit." in session.text
        await session.press("escape", "y", "ctrl+c")
        assert "Press ctrl+q to quit." in session.text
        assert session.app.clipboard == "kept"


async def test_ctrl_z_that_can_not_stop_the_program_says_so(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("ctrl+z")
        assert "No shell to go back to" in session.text
