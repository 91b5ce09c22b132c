"""What has changed since the user's last visit, above the workspaces and in a list."""

from datetime import timedelta
from pathlib import Path

from tests.support.clock import NOW, Clock
from tests.support.screens import SIZES, calls, check_screen, crumbs, cursor_line
from tests.support.services import configure
from tests.support.session import OpenApp
from wltui.core.records import ModelVersion, VersionId
from wltui.core.visits import Changes
from wltui.demo import Demo
from wltui.demo.world import Build
from wltui.ui.text.glyphs import UNICODE
from wltui.ui.text.spans import plain, width
from wltui.ui.widgets.visit_changes import changes_spans

SINCE = "Last visit"


def becomes(demo: Demo, number: int, status: str) -> None:
    """A version gets another status."""
    demo.world.versions[VersionId(number)].build = Build(NOW, outcome=status)


async def test_changes_since_the_last_visit_are_shown_and_listed(
    open_app: OpenApp, demo: Demo, redraw: bool
) -> None:
    clock = Clock()
    becomes(demo, 17, "error")
    async with open_app(clock=clock, graphql=True) as session:
        assert SINCE not in session.text
        await session.press("0", "escape")  # the list of all versions asks for the configs in use
        await session.press("v")
        assert crumbs(session) == "Workspaces"
    becomes(demo, 6, "error")
    becomes(demo, 17, "ready")
    clock.advance(hours=14)
    async with open_app(clock=clock, size=(80, 24)) as session:
        assert "Last visit 14 h ago: ✖ 1 broke ✔ 1 ready" in session.text
        before = len(demo.requests)
        await session.press("v")
        assert calls(demo, before) == []
        for size in (*SIZES, (200, 60)):
            await session.pilot.resize_terminal(*size)
            await session.settle()
            check_screen(session, "since-visit", redraw)
        assert "✖ broke" in cursor_line(session)
        await session.press("enter")
        assert crumbs(session).endswith("Since your last visit › version 6")
        await session.press("escape", "slash", *"ready", "enter")
        assert "17" in cursor_line(session)
        for text, number in (
            ("status:error", "6"),
            ("is:broke", "6"),
            ("status:ready", "17"),
            ("id:17", "17"),
        ):
            await session.press("escape", "slash", *text, "enter")
            assert "1 change " in session.text, text
            assert f" {number} " in cursor_line(session), text
        await session.press("escape", "slash", *"age<9y", "enter")
        assert "2 changes" in session.text
        await session.press("escape", "slash", *"age<1s", "enter")
        assert "Nothing matches. esc clears the filter." in session.text
        await session.press("escape", "escape", "exclamation_mark")
        assert "Last visit 14 h ago: ✖ 1 broke ✔ 1 ready" in session.text
        await session.press("v")
        assert crumbs(session).endswith("Problems › Since your last visit")
        await session.press("escape", "escape")
        for size in (*SIZES, (200, 60)):
            await session.pilot.resize_terminal(*size)
            await session.settle()
            check_screen(session, "workspaces-since", redraw)
    clock.advance(hours=1)
    async with open_app(clock=clock) as session:
        assert SINCE not in session.text


def test_all_kinds_of_changes_fit_in_80_cells() -> None:
    versions = (ModelVersion(id=VersionId(6)),) * 999
    changes = Changes(versions, versions, versions, (VersionId(6),) * 999)
    spans = changes_spans(changes, NOW - timedelta(minutes=59), NOW, UNICODE)
    assert plain(spans).split("  ")[1:] == ["✖ 999 broke", "✔ 999 ready", "+ 999 new", "◂ 999 new config"]
    assert width(spans) < 80


async def test_a_config_that_somebody_else_made_is_news(open_app: OpenApp, demo: Demo) -> None:
    clock = Clock()
    for changed in (False, True):
        async with open_app(clock=clock, graphql=True) as session:
            await session.press("0", "escape")
            assert ("1 new config" in session.text) is changed
            if changed:
                await session.press("v")
                assert "ccfraud-model" in cursor_line(session)
        clock.advance(days=1)
        configure(demo, 6)


async def test_offline_nothing_is_said_and_the_last_visit_stays(
    open_app: OpenApp, demo: Demo, tmp_path: Path
) -> None:
    clock = Clock()
    async with open_app(clock=clock):
        pass
    (file,) = (tmp_path / "cache").glob("*.visit")
    kept = file.read_bytes()
    becomes(demo, 6, "error")
    clock.advance(days=1)
    async with open_app(clock=clock, offline=True) as session:
        assert SINCE not in session.text
    assert file.read_bytes() == kept
    async with open_app(clock=clock) as session:
        assert "1 broke" in session.text
