"""The menu of columns to sort by: a letter each, and the order that a list came with."""

from pathlib import Path

from textual.events import AppBlur, AppFocus

from tests.support.key_table import screens
from tests.support.screens import check_sizes, cursor_line, words
from tests.support.session import OpenApp
from wltui.store.view_choices import FILE
from wltui.ui.widgets.sort_menu import orders


def test_each_column_has_a_letter_of_its_title() -> None:
    titles = ["ID", "Status", "Image", "SHA", "UUID", "", "S", "Orders"]
    assert [order.letter for order in orders([(title, title) for title in titles])] == [
        *("i", "s", "m", "h", "u", "1", "2", "r"), "o",
    ]  # fmt: skip


async def test_a_letter_sorts_and_the_order_is_kept_for_lists_of_the_kind(
    open_app: OpenApp, redraw: bool
) -> None:
    async with open_app(size=(80, 24)) as session:
        await session.press("j", "j", "enter")
        assert "▲ Updated" in session.text
        await session.press("s")
        assert (
            " ".join(session.text.split("\n")[-1].split())
            == "esc Close ctrl+p Palette f5 Refresh ctrl+q Quit f1 Help"
        )
        await check_sizes(session, "sort-menu", redraw)
        await session.pilot.resize_terminal(80, 24)
        await session.press("q", "y")  # no choices, and no keys of the list
        assert "as it came" in session.text
        await session.press("n")
        assert "as it came" not in session.text
        assert "Name ▲" in session.text
        assert "▲ Updated" not in session.text
        await session.burst("s", "n")  # typed fast
        assert "Name ▼" in session.text
        await session.press("escape", "enter")
        assert "Name ▼" in session.text
        assert "probability-of" in cursor_line(session)
        await session.press("s", "escape", "s", "S")
        assert "Name ▲" in session.text
        await session.press("s", "v")
        assert "by Vers. ▼" in words(session)  # which has no room
        await session.press("s", "o")
        assert "▲ Updated" in session.text
        await session.press("escape", "slash", *"fraud", "enter", "enter", "escape")
        assert "/fraud" in session.text  # the filter is kept, too


async def test_what_the_user_chose_holds_after_a_restart(open_app: OpenApp, tmp_path: Path) -> None:
    async with open_app() as session:
        await session.press("j", "j", "enter")
        assert "▲ Updated" in session.text
        await session.press("enter")
        assert "Framework" in session.text  # in the pane
        await session.press("escape")
        await session.press("s", "n", "enter", "z")
        assert "Framework" not in session.text
    async with open_app() as session:
        await session.press("j", "j", "enter")
        assert "Name ▲" in session.text
        await session.press("enter")
        assert "Framework" not in session.text
    kept = tmp_path / "state" / FILE
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.write_bytes(b'{"pane": "aslant", "orders": 7}')
    async with open_app() as session:  # as if nothing had been chosen
        await session.press("j", "j", "enter")
        assert "▲ Updated" in session.text
        await session.press("enter")
        assert "Framework" in session.text


async def test_the_youngest_come_first_by_age(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as session:
        await session.press("j", "j", "enter", "j", "enter", "s", "a")
        assert "▲ Age" in session.text
        rows = [line for line in session.text.split("\n")[3:] if " d" in line]
        ages = [int(line.split(" d")[0].split()[-1]) for line in rows]
        assert len(ages) > 2
        assert ages == sorted(ages)


async def test_the_menu_takes_keys_again_after_the_terminal_had_lost_the_focus(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as session:
        await session.press("s")
        session.app.post_message(AppBlur())
        await session.settle()
        session.app.post_message(AppFocus())
        await session.settle()
        assert "as it came" in session.text
        await session.press("n")
        assert "Name ▲" in session.text
        await session.press("s")
        for event in (AppBlur(), AppFocus()):  # in one packet
            session.app.post_message(event)
        await session.settle()
        assert "as it came" in session.text
        await session.press("escape")
        first = cursor_line(session)
        await session.press("j")
        assert cursor_line(session) != first


async def test_the_menu_goes_when_something_else_is_done(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as session:
        await session.press("s", "ctrl+p", "escape")
        assert "Workspaces" in session.text
        await session.press("escape", "j", "enter")
        assert "as it came" not in session.text


def test_each_list_has_a_name_of_its_own_that_stays() -> None:
    names = {screen.__name__: screen.KEPT_AS for screen in screens() if hasattr(screen, "KEPT_AS")}
    assert names == {
        "ModelsScreen": "models",
        "PickVersion": "versions to pick",
        "PipelinesScreen": "pipelines",
        "VersionGroupsScreen": "groups",
        "VersionsScreen": "versions",
        "WorkspacesScreen": "workspaces",
    }
