"""What an opening costs, in counts: each widget and each style that is worked out takes its part of a millisecond."""

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from rich.style import Style
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.screen import Screen

from tests.support.session import OpenApp, Session
from wltui.service.exchange import Exchange
from wltui.ui.screens.base.opening import OpeningScreen
from wltui.ui.screens.editor.editor import ConfigEditor
from wltui.ui.screens.fleet import FleetScreen
from wltui.ui.screens.help import HelpScreen
from wltui.ui.screens.versions import VersionsScreen
from wltui.ui.stylesheet import MatchingStylesheet


class Costs:
    """What Textual does while screens open."""

    def __init__(self) -> None:
        self.styled = 0
        """Nodes for which rules were matched: widgets, and their component classes."""
        self.widths: defaultdict[tuple[Screen[Any], str | None], set[int]] = defaultdict(set)
        """The widths that lists and forms have had in layouts, by their screen and their ids.

        The screen that is left may be laid out once more, as wide as it is.
        """


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch) -> Costs:
    costs = Costs()
    apply, lay_out = Stylesheet.apply, Screen._refresh_layout

    def count_apply(self: Stylesheet, *args: Any, **named: Any) -> None:
        costs.styled += 1
        apply(self, *args, **named)

    def count_layout(self: Screen[None], *args: Any, **named: Any) -> None:
        lay_out(self, *args, **named)
        for widget in self.query("#main, #form"):
            if widget.display:
                costs.widths[self, widget.id].add(widget.outer_size.width)

    monkeypatch.setattr(MatchingStylesheet, "memories", None)  # each app matches for the first time
    monkeypatch.setattr(Stylesheet, "apply", count_apply)
    monkeypatch.setattr(Screen, "_refresh_layout", count_layout)
    return costs


async def _open(session: Session, costs: Costs, key: str) -> tuple[int, int]:
    """Press a key; return how many widgets there are on the screen that it opens, and how many nodes were styled."""
    costs.styled = 0
    costs.widths.clear()
    await session.press(key)
    return len(list(session.app.screen.walk_children())), costs.styled


def _styles_by_the_book(session: Session) -> None:
    """Style the screen in front by Textual's own stylesheet, which remembers nothing; that must change nothing."""
    book = session.app.stylesheet.copy()
    book.parse()
    for node in session.app.screen.walk_children(with_self=True):
        parts, rules = _parts(node), node.styles.base.get_rules()
        book.apply(node)
        assert node.styles.base.get_rules() == rules, node
        assert _parts(node) == parts, node


def _parts(node: DOMNode) -> dict[str, tuple[object, Style]]:
    """Return the rules of a node's component classes, and their styles on the background of this node."""
    found = {part: node.get_component_styles(part) for part in node._get_component_classes()}
    return {part: (styles.get_rules(), styles.rich_style) for part, styles in found.items()}


async def test_a_timer_that_is_late_at_its_start_is_not_lost(open_app: OpenApp) -> None:
    """Else a screen would never be painted if the processor did other work for the 2 ms that it waits."""
    async with open_app() as session:
        called: list[str] = []
        for pump in (session.app, session.app.screen):
            pump.set_timer(1e-9, partial(called.append, type(pump).__name__))
        await session.until(lambda: len(called) == 2)


async def test_a_screen_is_styled_once_and_laid_out_as_wide_as_it_is(open_app: OpenApp, costs: Costs) -> None:
    async with open_app(workspace=10) as session:
        widgets, styled = await _open(session, costs, "enter")
        assert isinstance(session.app.screen, VersionsScreen)
        assert (
            len(costs.widths[session.app.screen, "main"]) == 1
        )  # a list that a pane makes narrower would be laid out again
        assert widgets <= 13, "11 when this was written"
        assert styled <= 45, "94 before screens were styled once, 33 when this was written"

        widgets, styled = await _open(session, costs, "e")
        assert isinstance(session.app.screen, ConfigEditor)
        assert len(costs.widths[session.app.screen, "form"]) == 1
        assert widgets <= 38, "75 when all boxes were made at once, 32 when this was written"
        assert styled <= 150
        await session.press("escape", "e", "escape")  # since then, no rules have been added

        _, styled = await _open(session, costs, "e")
        assert styled == 0, "rules are matched once for each kind of widget"
        _styles_by_the_book(session)
        await session.press("escape")

        widgets, styled = await _open(session, costs, "question_mark")
        assert isinstance(session.app.screen, HelpScreen)
        assert widgets <= 10
        assert styled <= 30


async def test_what_is_cached_is_on_screen_before_anything_is_asked(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else requests, and threads that read their answers, would take the processor from the first paint."""
    asked: list[tuple[type[object], bool]] = []
    live = Exchange.live

    async def note(self: Exchange, call: Any, **named: Any) -> Any:
        screen = session.app.screen
        assert isinstance(screen, OpeningScreen)
        asked.append((type(screen), screen.is_painted))
        return await live(self, call, **named)

    async def at_once(work: Callable[[], object]) -> None:
        work()

    async with open_app(workspace=10) as session:
        monkeypatch.setattr(Exchange, "live", note)
        monkeypatch.setattr("wltui.ui.screens.base.live.CACHE_SECONDS", 60)  # the cache answers before that
        monkeypatch.setattr("wltui.service.reads.run_in_thread", at_once)  # else it depends on a thread
        for key, kind in (("enter", VersionsScreen), ("!", FleetScreen), ("0", FleetScreen)):
            for _ in range(2):  # then the cache has the list, and the detail of its first version
                await session.press(key)
                await session.settle()
                await session.press("escape")
            asked.clear()
            await session.press(key)
            await session.until(partial(asked.count, (kind, True)))
            assert (kind, False) not in asked
            await session.press("escape")
