"""Where the lists of the whole instance may open, and what they show when they are opened again."""

import re
from dataclasses import replace
from typing import Any

import pytest
from textual.events import AppBlur, AppFocus

from tests.support.clock import NOW, Clock
from tests.support.editing import said
from tests.support.screens import (
    answer,
    crumbs,
    cursor_line,
    header,
    model_item,
    refused,
    version_item,
    words,
)
from tests.support.session import OpenApp, key_event
from wltui.demo import Demo
from wltui.ui.screens.fleet import FleetScreen


@pytest.mark.parametrize("key", ["exclamation_mark", "0"])
@pytest.mark.parametrize(
    ("keys", "why"),
    [
        (("enter", "enter", "e", "down", "ctrl+s"), "answer the question first"),
        (("enter", "enter", "e", "tab", "f5"), "leave the editor first; what was typed is kept"),
    ],
)
async def test_no_list_covers_an_edit_or_a_question(
    open_app: OpenApp, key: str, keys: tuple[str, ...], why: str
) -> None:
    async with open_app(workspace=10) as session:
        await session.press(*keys[:3], "enter")
        await session.type("d1")
        await session.press(*keys[3:])
        session.app.set_focus(None)  # a text box would take the key as text
        before = crumbs(session)
        await session.press(key)
        assert crumbs(session) == before
        assert why in words(session)


async def test_offline_a_list_that_is_opened_again_is_as_full_as_before(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("exclamation_mark")
    async with open_app(offline=True) as session:
        for keys in (("exclamation_mark",), ("escape", "exclamation_mark"), ("0",), ("b",)):
            await session.press(*keys)
            assert "list of workspaces could not be read" not in session.text
            assert len(re.findall("✖ error|mac-deploy:v", str(session.text))) > 3
        assert "offline" in header(session)


async def test_the_counts_follow_when_archived_versions_are_shown(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("0", "a")
        line = words(session)
        total = int(re.findall(r"of (\d+) versions", line)[0])
        assert sum(map(int, re.findall(r"[✖◐✔] (\d+)", line.rpartition("versions")[2]))) == total


async def test_archived_versions_are_shown_though_the_list_was_left_before_it_was_judged_anew(
    open_app: OpenApp, demo: Demo
) -> None:
    def place(number: int, versions: range) -> tuple[Any, Any]:
        workspace = {"id": number, "name": "w", "models": [*versions], "archived": number == 5}
        items = [version_item(each, workspace_id=number) for each in versions]
        model = model_item(number, "m", *items, workspace_id=number)
        return workspace, model | {"workspace": {"id": number}}

    workspaces, models = zip(place(4, range(100, 103)), place(5, range(50, 51)), strict=True)
    async with open_app() as session:
        demo.script("workspaces/list", answer({"workspaces": workspaces}))
        demo.script("models/list", answer({"models": models}))
        await session.press("0")
        assert " 3 ─" in session.text
        demo.script("workspaces/list", refused(500, "down"))
        for key in ("a", "enter"):
            session.app.post_message(key_event(key))
        await session.until(lambda: len(session.app.screen_stack) > 3)
        await session.press("escape")
        assert " 4 ─" in session.text


async def test_groups_count_the_archived_versions_that_the_list_shows(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("0", "b")
        without = sum(map(int, re.findall(r"  (\d+) +[·\d]+ +[·\d]+ +[·\d]+  ", str(session.text))))
        await session.press("escape", "a", "b")
        assert (
            sum(map(int, re.findall(r"  (\d+) +[·\d]+ +[·\d]+ +[·\d]+  ", str(session.text)))) > without > 100
        )


async def test_an_arrival_is_announced_once_by_two_lists_that_saw_it(open_app: OpenApp, demo: Demo) -> None:
    async with open_app() as session:
        await session.press("exclamation_mark", "0")
        moving = next(v for v in demo.world.versions.values() if v.build.status(NOW) == "uploading")
        moving.build = replace(moving.build, stages=(), outcome="ready", period=None)
        await session.press("r")
        assert f"{moving.id} is ready" in said(session)
        await session.press("exclamation_mark", "r")
        assert "is ready" not in said(session)


async def test_a_screen_that_opened_while_the_terminal_was_away_takes_keys_afterwards(
    open_app: OpenApp,
) -> None:
    async with open_app() as session:
        session.app.post_message(AppBlur())
        await session.settle()
        session.app.push_screen(FleetScreen(problems=True))
        await session.settle()
        session.app.post_message(AppFocus())
        await session.settle()
        first = cursor_line(session)
        await session.press("j")
        assert cursor_line(session) != first


async def test_a_version_that_becomes_stuck_appears_though_no_answer_changes(
    open_app: OpenApp, demo: Demo
) -> None:
    clock = Clock()
    async with open_app(clock=clock, refresh=None) as session:
        await session.press("exclamation_mark")
        before = session.text.count("◐ stuck")
        clock.advance(minutes=45)  # the server's clock stands still, so that its answers stay the same
        await session.press("r")
        assert session.text.count("◐ stuck") > before
