"""What an opening costs, in counts: each widget and each style that is worked out takes its part of a millisecond."""

from typing import Any

import pytest
from textual.css.stylesheet import Stylesheet
from textual.screen import Screen

from tests.support.session import OpenApp, Session
from wltui.ui.screens.editor.editor import ConfigEditor
from wltui.ui.screens.help import HelpScreen
from wltui.ui.screens.versions import VersionsScreen


class Costs:
    """What Textual does while screens open."""

    def __init__(self) -> None:
        self.styled = 0
        """Nodes whose styles were worked out: widgets, and their component classes."""
        self.laid_out: list[bool] = []
        """Of each layout, whether the screen had the class of a wide window by then."""


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch) -> Costs:
    costs = Costs()
    apply, lay_out = Stylesheet.apply, Screen._refresh_layout

    def count_apply(self: Stylesheet, *args: Any, **named: Any) -> None:
        costs.styled += 1
        apply(self, *args, **named)

    def count_layout(self: Screen[None], *args: Any, **named: Any) -> None:
        costs.laid_out.append(self.has_class("-wide"))
        lay_out(self, *args, **named)

    monkeypatch.setattr(Stylesheet, "apply", count_apply)
    monkeypatch.setattr(Screen, "_refresh_layout", count_layout)
    return costs


async def _open(session: Session, costs: Costs, key: str) -> tuple[int, int]:
    """Press a key; return how many widgets there are on the screen that it opens, and how many nodes were styled."""
    costs.styled, costs.laid_out = 0, []
    await session.press(key)
    return len(list(session.app.screen.walk_children())), costs.styled


async def test_a_screen_is_styled_once_and_laid_out_as_wide_as_it_is(open_app: OpenApp, costs: Costs) -> None:
    async with open_app(workspace=10) as session:
        widgets, styled = await _open(session, costs, "enter")
        assert isinstance(session.app.screen, VersionsScreen)
        assert all(costs.laid_out)  # a list that becomes narrower by a pane would be laid out again
        assert widgets <= 14
        assert (
            styled <= 75
        )  # 61 when this was written, of which 24 are of the list below, which loses the focus

        widgets, styled = await _open(session, costs, "e")
        assert isinstance(session.app.screen, ConfigEditor)
        assert widgets <= 60
        assert styled <= 180
        await session.press("escape")

        widgets, styled = await _open(session, costs, "question_mark")
        assert isinstance(session.app.screen, HelpScreen)
        assert widgets <= 12
        assert styled <= 30
