"""The first screen, and the way from it down to a version and back."""

from dataclasses import replace

from tests.support.screens import (
    answer,
    asked,
    calls,
    counts_of,
    crumbs,
    cursor_line,
    header,
    line_with,
    refused,
)
from tests.support.session import OpenApp
from wltui.demo import Demo


async def test_the_first_screen_lists_workspaces_and_counts_their_models(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app() as session:
        assert crumbs(session) == "Workspaces"
        assert "● live 14:30:00" in header(session)
        assert "2  " in line_with(session, "api-tutorial")
        assert counts_of(session, "api-tutorial") == "4 · 2"
        assert line_with(session, "api-tutorial").index("4 ") == line_with(session, "Models ").index("✖")
        shown = sum(not workspace.archived for workspace in demo.world.workspaces.values())
        assert (
            f"1 of {shown} workspaces · 183 versions   ✖ 25  ◐ 10  ✔ 148  (1 archived hidden)" in session.text
        )
        await session.press("G")
        assert f"{shown} of {shown} workspaces · " in session.text
        assert calls(demo).count("workspaces/list") == 1
        counted = [body["workspace_id"] for body in asked(demo, "models/list")]
        assert len(counted) == len(set(counted)) == shown
        assert set(calls(demo)) == {"workspaces/list", "models/list"}


async def test_archived_workspaces_are_shown_when_asked_for(open_app: OpenApp) -> None:
    async with open_app() as session:
        assert "prototypes 2024" not in session.text
        await session.press("a")
        assert "archived" in line_with(session, "prototypes 2024")
        assert "1" in counts_of(session, "prototypes 2024")
        assert "hidden" not in session.text
        await session.press("a")
        assert "prototypes 2024" not in session.text


async def test_a_workspace_that_can_not_be_counted_is_listed_all_the_same(
    open_app: OpenApp, demo: Demo
) -> None:
    demo.script("models/list", *[refused(500, "no")] * len(demo.world.workspaces))
    async with open_app() as session:
        assert "● live" in header(session)
        assert counts_of(session, "api-tutorial") == ""
        assert " · 183 versions   11 not counted  (1 archived hidden)" in session.text


async def test_counts_are_as_fresh_as_the_header_says(open_app: OpenApp, demo: Demo) -> None:
    async with open_app() as session:
        assert counts_of(session, "api-tutorial") == "4 · 2"
        version = demo.world.versions[14]
        version.build = replace(version.build, outcome="error")
        await session.press("r")
        assert counts_of(session, "api-tutorial") == "5 · 1"


async def test_down_to_a_version_and_back(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("j")
        assert "api-tutorial" in cursor_line(session)
        places = [crumbs(session)]
        for _ in range(3):
            await session.press("enter")
            places.append(crumbs(session))
        assert places == [
            "Workspaces",
            "Workspaces › api-tutorial ⟨10⟩",
            "Workspaces › api-tutorial ⟨10⟩ › api-upload-pytorch-multi-io ⟨15⟩",
            "Workspaces › api-tutorial ⟨10⟩ › api-upload-pytorch-multi-io ⟨15⟩ › version 19",
        ]
        for keys in (("escape", "backspace", "h"), ("left", "h", "left")):
            for key, place in zip(keys, reversed(places[:-1]), strict=True):
                await session.press(key)
                assert crumbs(session) == place
            assert "api-tutorial" in cursor_line(session)
            await session.press("enter", "l", "right")
            assert crumbs(session) == places[-1]
        await session.press("escape", "escape", "escape", "escape")
        assert "Press q to quit" in session.text


async def test_a_workspace_named_at_the_start_opens_at_once(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        assert crumbs(session) == "Workspaces › api-tutorial ⟨10⟩"
        assert "api-upload-pytorch-multi-io" in session.text
        await session.press("escape")
        assert crumbs(session) == "Workspaces"
        assert "fraud-detection" in session.text


async def test_a_workspace_that_nobody_knows_is_said_to_be_so(open_app: OpenApp) -> None:
    async with open_app(workspace=4711) as session:
        assert "You see no workspace 4711 on this instance" in session.text


async def test_the_cursor_keeps_its_workspace_when_others_come_and_go(open_app: OpenApp, demo: Demo) -> None:
    async with open_app() as session:
        await session.press("j")
        told = [{"id": 1, "name": "new"}, {"id": 2, "name": "newer"}, {"id": 10, "name": "renamed"}]
        demo.script("workspaces/list", answer({"workspaces": told}))
        await session.press("r")
        assert "renamed" in cursor_line(session)
        assert "3 workspaces" in session.text
        assert "ccfraud-quickstart" not in session.text


async def test_no_workspace_at_all(open_app: OpenApp, demo: Demo) -> None:
    demo.script("workspaces/list", answer({"workspaces": []}))
    async with open_app() as session:
        assert "You see no workspaces on this instance" in session.text
        await session.press("enter", "y", "escape", "s", "space", "G")
        assert crumbs(session) == "Workspaces"


async def test_a_workspace_that_is_new_or_renamed_goes_by_its_name(open_app: OpenApp, demo: Demo) -> None:
    async with open_app() as session:
        told = answer({"workspaces": [{"id": 10, "name": "renamed"}, {"id": 900, "name": "brand-new"}]})
        demo.script("workspaces/list", told, told)
        await session.press("r", "g", "enter")
        assert crumbs(session) == "Workspaces › renamed ⟨10⟩"
        await session.press("escape", "j", "enter")
        assert crumbs(session) == "Workspaces › brand-new ⟨900⟩"


async def test_names_are_learned_once_there_is_a_connection(open_app: OpenApp, demo: Demo) -> None:
    demo.refuse()
    async with open_app(workspace=10) as session:
        assert crumbs(session) == "Workspaces › workspace ⟨10⟩"
        assert "! offline" in header(session)
        demo.start()
        await session.press("r")
        assert "api-upload-pytorch-multi-io" in session.text
        await session.press("escape")
        assert "fraud-detection" in session.text
        await session.press("g", "j", "enter")
        assert crumbs(session) == "Workspaces › api-tutorial ⟨10⟩"


async def test_counts_from_the_cache_say_so_until_they_are_read(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(size=(80, 24)):
        pass
    demo.script("models/list", *[refused(500, "away")] * 99)
    async with open_app(size=(80, 24)) as session:
        assert counts_of(session, "api-tutorial") == "◌ 4 · 2"
        assert "◌ 11 from the cache" in session.text


async def test_a_wide_terminal_shows_the_next_level_beside_the_list(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(size=(160, 40)) as session:
        before = len(demo.requests)
        await session.press("j", "j")
        assert "fraud-scorer" in session.text  # a model of the workspace under the cursor
        assert session.text.split("\n")[1].partition("┬")[2].startswith("─ fraud-detection ─")
        assert len(demo.requests) == before
        await session.press("enter", "j")
        before = len(demo.requests)
        assert "│    180  ✖ error" in session.text  # the newest version of the model under the cursor
        await session.press("tab", "tab", "z")
        assert "│" not in session.text
        assert len(demo.requests) == before
        await session.press("escape")
        assert "│" not in session.text  # what the user chose holds for all lists
        await session.pilot.resize_terminal(120, 40)
        await session.press("z")
        assert "│" not in session.text  # where there is no room
