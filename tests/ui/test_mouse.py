"""The mouse: the left button acts, the others do nothing, and no double click writes."""

from collections.abc import Sequence
from pathlib import Path

from tests.support.configs import edit
from tests.support.mouse import FAST, SLOW, Mouse, place_of
from tests.support.screens import asked, crumbs, cursor_line
from tests.support.session import OpenApp, Session
from wltui.core.records import ModelVersion, VersionId, WorkspaceId
from wltui.core.upload_plan import UploadPlan
from wltui.demo import Demo
from wltui.service.upload.digest import FileDigest
from wltui.ui.screens.confirm import ConfirmScreen, Question, QuitScreen
from wltui.ui.screens.editor.review import ReviewScreen
from wltui.ui.screens.upload.review import Ready, UploadReview
from wltui.ui.widgets.choice import Choice
from wltui.ui.widgets.pointer import HURRY, PointerScreen

INSERT = "models/insert_model_config"


async def test_a_click_moves_the_cursor_and_a_double_click_opens_once(open_app: OpenApp) -> None:
    async with open_app() as session:
        mouse = Mouse(session)
        for button in (2, 3):
            await mouse.click("api-tutorial", button=button, times=2)
            assert "ccfraud" in cursor_line(session)
            assert crumbs(session) == "Workspaces"
        for _ in range(2):
            await mouse.click("api-tutorial")
            assert "api-tutorial" in cursor_line(session)
            assert crumbs(session) == "Workspaces"
        for name in ("ccfraud", "api-tutorial"):
            await mouse.click(name, times=2)
            assert len(session.app.screen_stack) == 3
            await session.press("escape")
            assert crumbs(session) == "Workspaces"
        x, y = place_of(session, "api-tutorial")
        await mouse.press(x, y, at=mouse.time + 9)
        await mouse.press(x, y - 1, at=mouse.time + 9 + FAST)  # another row: two clicks
        assert crumbs(session) == "Workspaces"


def questions() -> Sequence[Question]:
    """Return every kind of screen whose second button writes something, or loses something."""
    plan = UploadPlan(name="m", workspace_id=WorkspaceId(10), file=Path("m.onnx"), framework="onnx")
    return (
        ReviewScreen(ModelVersion(id=VersionId(16), model_name="m"), edit()),
        UploadReview(Ready(plan, FileDigest("5e" * 32, 1, 0, 0), (), None)),
        ConfirmScreen("Sure?", [], keep="Keep", go="Go on"),
        QuitScreen("Quit?", [], keep="Stay", go="Quit"),
    )


async def test_no_button_acts_by_a_double_click_by_another_button_or_before_it_is_seen(
    open_app: OpenApp,
) -> None:
    async with open_app(workspace=10) as session:
        mouse = Mouse(session)
        for question in questions():
            answers: list[bool | None] = []
            session.app.push_screen(question, answers.append)
            await session.settle()
            buttons = question.query_one(Choice)
            (harmless, _), (_, label) = buttons._options
            y = buttons.region.y
            x = session.text.split("\n")[y].index(label)
            for at in (question.appeared_at - FAST, question.appeared_at + HURRY / 2):
                await mouse.press(x, y, at=at)  # the second click of one that was meant for the screen behind
            for button in (2, 3):
                await mouse.press(x, y, at=mouse.time, button=button)
                await mouse.press(x, y, at=mouse.time, button=button)
            assert buttons.value == harmless
            mouse.time += SLOW
            for places in range(4):  # the hand slips, and clicks on
                await mouse.press(x + places, y, at=mouse.time + FAST * places)
            assert buttons.value != harmless
            assert session.app.screen is question
            assert answers == []
            mouse.time += SLOW
            await mouse.press(x, y, at=mouse.time)  # as enter does
            assert answers == [True]


async def test_a_second_click_on_send_sends(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter", "e")
        mouse = Mouse(session)
        (x, y), (to, _) = place_of(session, "multiple rows"), place_of(session, "single")
        await mouse.press(x, y, at=mouse.time, to=to)  # a drag chooses nothing
        assert "No changes" in session.text
        await session.press("shift+tab", "enter", "a", "ctrl+s")
        await mouse.click("  Send")
        assert "[ Send" in session.text
        assert asked(demo, INSERT) == []
        await mouse.click("[ Send")
        await session.until(lambda: len(asked(demo, INSERT)) == 1)


# The footer and the breadcrumb


async def double_click(session: Session, mouse: Mouse, text: str) -> None:
    """Click where another screen appears between the presses."""
    x, y = place_of(session, text)
    await mouse.click(text)
    screen = session.app.screen
    assert isinstance(screen, PointerScreen)
    await mouse.press(x + 1, y, at=screen.appeared_at + FAST)


async def test_a_click_in_the_footer_does_what_the_key_does_once(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        mouse = Mouse(session)
        await double_click(session, mouse, "enter Open")
        assert crumbs(session).endswith("api-upload-pytorch-multi-io ⟨15⟩")
        await mouse.click("e Edit config", button=3)
        await mouse.click("/ Filter")
        await session.press("p", "y")
        await mouse.click("esc Clear", times=2)
        assert "▸    19" in session.text
        assert crumbs(session).endswith("api-upload-pytorch-multi-io ⟨15⟩")
        await double_click(session, mouse, "? Help")
        assert crumbs(session).endswith("Help")


async def test_a_click_on_a_crumb_goes_back_and_asks_what_esc_asks(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        mouse = Mouse(session)
        await session.press("enter", "space", "enter", "question_mark")
        await mouse.click("version ")
        assert crumbs(session).endswith("version 18")
        await session.press("e", "enter", "a", "ctrl+s")
        await mouse.click("version 18")
        assert crumbs(session).endswith("version 18")
        assert session.app.saves.drafted == {18}  # kept, as esc keeps it
        await double_click(session, mouse, "Workspaces")
        assert crumbs(session) == "Workspaces"
        await mouse.click("Workspaces")
        assert crumbs(session) == "Workspaces"
        assert asked(demo, INSERT) == []
