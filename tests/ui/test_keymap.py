"""Keys work alike on every screen, and texts that name a key name the user's own."""

import ast
import re
import tomllib
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.widget import Widget

from tests.support import key_table
from tests.support.key_table import classes, screens
from tests.support.screens import line_with, words
from tests.support.session import OpenApp
from wltui.cli.key_settings import groups, read_keys
from wltui.ui.app.app import WltuiApp
from wltui.ui.key_names import usual_keys, whole_keymap
from wltui.ui.screens.base.frame import Frame
from wltui.ui.screens.base.list import ListScreen
from wltui.ui.screens.base.live import LiveScreen
from wltui.ui.screens.editor.editor import ConfigEditor
from wltui.ui.screens.editor.save_list import SaveListFrame
from wltui.ui.screens.profiles import ProfilesScreen
from wltui.ui.screens.sign_in import SignInScreen
from wltui.ui.screens.upload.progress import UploadsScreen

TABLE = Path(__file__).parents[2] / "wltui" / "ui" / "key_table.py"
READ = (ProfilesScreen, SignInScreen, ConfigEditor, UploadsScreen)
"""Screens that read again, beside those that do so by themselves."""
STOCK = {"tab", "shift+tab", "ctrl+c", "super+c", "ctrl+q"}
"""Keys that Textual binds on every screen and in every app, and that have no name to change them by."""


def test_the_table_that_settings_are_checked_against_is_what_the_bindings_say(redraw: bool) -> None:
    text = key_table.render()
    if redraw:
        TABLE.write_text(text, encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == text, "pytest --redraw tests/ui/test_keymap.py writes it anew"


def keys_of(owner: type) -> dict[str, set[str]]:
    """The actions behind each key of a class and of those it is built on."""
    bindings = owner._merge_bindings().key_to_bindings  # type: ignore[attr-defined]
    return {
        key: {binding.action.removeprefix("app.") for binding in found} for key, found in bindings.items()
    }


@pytest.mark.parametrize("screen", screens(), ids=lambda screen: screen.__name__)
def test_every_screen_is_left_by_the_same_keys(screen: type[Frame[Any]]) -> None:
    keys = keys_of(screen)
    assert all("back" in keys[key] for key in ("escape", "h", "left")), "where no text is typed"
    assert keys["q"] == {"quit" if screen.Q_QUITS else "leave"}
    assert keys["backspace"] & {"back", "stay"}
    if screen.Q_QUITS:
        assert issubclass(screen, ListScreen), "a reader is left by q"


@pytest.mark.parametrize("screen", screens(), ids=lambda screen: screen.__name__)
def test_f5_reads_again_on_every_screen_that_reads_and_so_does_r(screen: type[Frame[Any]]) -> None:
    """All others show what was read before, or a form."""
    keys = keys_of(screen)
    reads = issubclass(screen, LiveScreen | SaveListFrame) or screen in READ
    assert (("f5" in keys), ("r" in keys)) == (reads, reads)
    assert keys.get("f5") == keys.get("r")


def test_ctrl_z_suspends_and_ctrl_q_quits_whatever_has_the_focus() -> None:
    for owner in classes():
        if issubclass(owner, Widget | App):
            keys = keys_of(owner)
            assert keys.get("ctrl+z", {"suspend_process"}) == {"suspend_process"}, owner
            assert keys.get("ctrl+q", {"quit"}) == {"quit"}, owner


def test_a_key_that_is_bound_has_a_name_and_all_others_do_nothing() -> None:
    """No key of Textual's own acts on a screen, beside those that go to the next field, copy and quit."""
    for owner in (*screens(), WltuiApp):
        bindings = owner._merge_bindings().key_to_bindings  # type: ignore[attr-defined]
        nameless = {key for key, found in bindings.items() for binding in found if not binding.id}
        assert nameless <= STOCK | {"backspace"}, owner


FALLS = {
    "q": {("app.quit", "frame.leave")},
    "enter": {
        ("choice.pick", "conflict.next"), ("choice.pick", "editor.type"), ("choice.pick", "file.put"),
        ("choice.pick", "sign.go"), ("choice.pick", "sign.retry"), ("compare.fold", "menu.close"),
        ("conflict.next", "menu.close"),
        ("filter.done", "history.before"), ("filter.done", "pick.take"), ("filter.done", "profiles.switch"),
        ("history.before", "list.open"), ("history.before", "menu.close"), ("list.open", "palette.pick"),
        ("list.open", "pick.take"), ("list.open", "profiles.switch"), ("list.open", "uploads.open"),
        ("menu.close", "pick.take"), ("menu.close", "profiles.switch"), ("sign.go", "sign.retry"),
    },
    "s": {("list.sort", "uploads.unrecorded")},
    "ctrl+p": {("app.palette", "palette.up")},
}  # fmt: skip
"""Two actions that share a key by design: if the user moves one of them, the key becomes that of the other.

Of all other keys they only move, or go back as they do everywhere. ``q`` quits on lists alone. ``enter`` takes the row
under the cursor in each list; in the filter's text box and in a menu it can be nothing else. An unrecorded upload is
asked for.
"""


def test_a_key_whose_action_was_moved_does_nothing_by_surprise() -> None:
    usual, found = usual_keys(), dict[str, set[tuple[str, str]]]()
    for group in groups():
        for one, other in combinations(sorted(group), 2):
            for key in set(usual[one]) & set(usual[other]):
                found.setdefault(key, set()).add((one, other))
    moves = {
        "up",
        "down",
        "left",
        "j",
        "k",
        "h",
        "tab",
        "shift+tab",
        "pageup",
        "pagedown",
        "escape",
        "backspace",
    }
    assert {key: pairs for key, pairs in found.items() if key not in moves} == FALLS


def test_a_moved_key_takes_none_from_other_actions() -> None:
    """Textual takes a key away from all actions of a class that share it, if one of them is moved."""
    for owner in classes():
        if not issubclass(owner, Widget | App):
            continue
        bindings = owner._merge_bindings()
        shared = [found for found in bindings.key_to_bindings.values() if len(found) > 1]
        for moved in {binding.id for found in shared for binding in found if binding.id}:
            present = bindings.copy()
            present.apply_keymap(dict(whole_keymap({moved: "f20"})))
            kept = {(key, binding.id) for key, each in present.key_to_bindings.items() for binding in each}
            was = {(key, binding.id) for key, each in bindings.key_to_bindings.items() for binding in each}
            assert {pair for pair in was - kept if pair[1] != moved} == set(), owner


async def test_keys_of_the_user_work_and_are_named_wherever_a_key_is(open_app: OpenApp) -> None:
    changed, mistakes = read_keys(
        {"list.sort": "f2", "version.edit": "m", "frame.back": "f9", "app.quit": "f10", "editor.save": "f11",
         "live.refresh": "ctrl+t", "field.undo": "f12", "app.suspend": "alt+z",
         "frame.help": "X"}
    )  # fmt: skip
    assert mistakes == []
    async with open_app(workspace=10, size=(120, 60), keys=changed) as session:
        await session.press("ctrl+t", "s", "f2")
        assert "n Name" in session.text, "the menu of columns"
        await session.press("escape", "c", "left", "X")
        assert " f2 " in line_with(session, "choose the column to sort by")
        assert " f9 esc " in line_with(session, "one step back: ")
        await session.press("G")
        assert "your edit, not sent yet; m opens it" in session.text
        await session.press("f9")
        assert "X Help" in session.text
        await session.press("slash")
        assert "X Help" not in session.text, "it would be typed"
        await session.press("escape", "ctrl+p")
        await session.type("choose the column")
        assert "f2" in line_with(session, "action     Sort")
        await session.press("escape", "enter", "e", "m")
        assert "Edit config of version 19" in session.text, "m, and e no more"
        assert "f11 Review" in session.text
        await session.press("enter", "a", "f12", "ctrl+z")
        assert "No changes" in session.text
        await session.press("alt+z")
        assert "No shell to go back to" in session.text
        await session.press("f9", "escape", "escape", "escape", "escape")
        assert "This is the first screen. Press f10 to quit." in words(session)
        await session.press("q")
        assert session.app.return_code is None
        await session.press("f10")
        assert session.app.return_code == 0


async def test_a_wrong_key_is_named_on_screen_and_the_usual_keys_work(open_app: OpenApp) -> None:
    problem = (
        "config.toml, line 2: list.sort: 'ctrl+S' is not a key. Did you mean ctrl+s? The usual keys work."
    )
    keys = {"frame.leave": "alt+q"}
    async with open_app(size=(80, 24), key_problem=problem, keys=keys) as session:
        assert problem in words(session)
        await session.press("s")
        assert "n Name" in session.text
        await session.press("escape", "question_mark")
        assert "The usual keys work" not in words(session), "it takes lines from no other screen"
        await session.press("q")
        assert "› Help" in session.text, "it no longer leaves the help, and must not quit"
        await session.press("alt+q")
        assert problem in words(session)


def test_the_keys_that_the_reference_shows_as_an_example_are_no_mistake() -> None:
    text = TABLE.parents[2].joinpath("REFERENCE.md").read_text(encoding="utf-8")
    example = tomllib.loads(text.partition("```toml\n[keys]\n")[2].partition("```")[0])
    assert read_keys(example) == ({"list.sort": "f2", "version.edit": "m,ctrl+e"}, [])


NAMED = re.compile(
    r"(?<![\w+-])(?:f\d\d?|ctrl\+(?![qc]\b)\w)(?![\w+-])|\b[Pp]ress (?!esc\b|it\b|ctrl\+[qc]\b)\S"
    r"|[.;,] [b-zA-HJ-Z] [a-z]+s\b"
)
"""A key that the user can change, in a text."""


def test_no_text_names_a_key_that_the_user_can_change() -> None:
    """Such a text asks ``key_of``; esc, ctrl+q and ctrl+c stay what they are."""
    found = []
    for path in sorted(TABLE.parent.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if path.name in ("key_table.py", "key_names.py") or not NAMED.search(text):
            continue
        tree = ast.parse(text)
        left_out: set[int] = set()  # docstrings, and the bindings themselves
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr):
                left_out.add(id(node.value))
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "Binding":
                left_out |= {id(part) for part in (*node.args, *(word.value for word in node.keywords))}
        found += [
            f"{path.name}:{node.lineno}: {node.value}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in left_out
            and " " in node.value
            and NAMED.search(node.value)
        ]
    assert found == []
