"""The README's table of keys is the bindings' own."""

import re
from collections.abc import Iterable
from pathlib import Path

from textual.binding import Binding

from wltui.ui.app.app import WltuiApp
from wltui.ui.app.session import SessionApp
from wltui.ui.keys import declared_keys
from wltui.ui.screens.base.frame import Frame
from wltui.ui.screens.base.list import ListScreen
from wltui.ui.screens.base.live import LiveScreen
from wltui.ui.screens.base.version_actions import VersionKeys
from wltui.ui.screens.compare import CompareScreen
from wltui.ui.screens.editor.conflict import ConflictScreen
from wltui.ui.screens.editor.editor import ConfigEditor
from wltui.ui.screens.editor.frame import EditorFrame
from wltui.ui.screens.editor.history import HistoryScreen
from wltui.ui.screens.editor.sources import EditorSources
from wltui.ui.screens.palette import PaletteScreen
from wltui.ui.screens.pick_version import PickVersion
from wltui.ui.screens.profiles import ProfilesScreen
from wltui.ui.screens.sign_in import SignInScreen
from wltui.ui.screens.workspaces import WorkspacesScreen
from wltui.ui.widgets.pager import Pager
from wltui.ui.widgets.table.table import RecordTable
from wltui.ui.widgets.text_field import TextField
from wltui.ui.widgets.three_way import ThreeWay

README = Path(__file__).parents[2] / "README.md"
PART = re.compile(r"(?<=test_readme\.py -->\n).*?(?=<!-- keys: end -->)", re.DOTALL)
TABLES = {
    "Everywhere": (WltuiApp, SessionApp, Frame),
    "What is read live": (LiveScreen,),
    "Lists": (RecordTable, ListScreen),
    "Workspaces": (WorkspacesScreen,),
    "A version": (VersionKeys,),
    "Config editor": (ConfigEditor, EditorSources, EditorFrame, TextField),
    "Conflict": (ConflictScreen, ThreeWay),
    "Compare": (CompareScreen,),
    "Pick a version": (PickVersion,),
    "History": (HistoryScreen,),
    "Palette": (PaletteScreen,),
    "Profiles": (ProfilesScreen,),
    "Signing in": (SignInScreen,),
    "While reading": (Pager,),
}


def rows(heading: str, owners: Iterable[type]) -> Iterable[str]:
    bindings = [
        binding for owner in owners for binding in vars(owner)["BINDINGS"] if isinstance(binding, Binding)
    ]
    for key in declared_keys(bindings):
        names = " ".join(f"`{name}`" for name in key.names.split(" "))
        yield f"| {heading} | {names} | {key.text} |"
        heading = ""


def test_the_table_of_keys_is_what_the_bindings_say(redraw: bool) -> None:
    lines = ["| where | keys | what they do |", "| --- | --- | --- |"]
    lines += [row for heading, owners in TABLES.items() for row in rows(heading, owners)]
    table = "\n".join(lines) + "\n"
    text = README.read_text(encoding="utf-8")
    if redraw:
        README.write_text(PART.sub(lambda _: table, text), encoding="utf-8")
        text = README.read_text(encoding="utf-8")
    found = PART.search(text)
    assert found is not None, "the README has lost the marks around its table of keys"
    assert found[0] == table, "pytest --redraw tests/ui/test_readme.py writes the table anew"


def test_the_readme_shows_only_pictures_that_are_there() -> None:
    shown = set(re.findall(r"\((screenshots/[^)]+)\)", README.read_text(encoding="utf-8")))
    assert shown
    assert [name for name in shown if not (README.parent / name).exists()] == []


def test_each_promise_names_tests_that_there_are() -> None:
    text = README.read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", text[text.index("### What wltui promises about your configs") :]))
    written = "\n".join(path.read_text(encoding="utf-8") for path in README.parent.glob("tests/**/test_*.py"))
    assert len(named) > 10
    assert {name for name in named if f"def {name}(" not in written} == set()
    left_out = set(
        re.findall(
            r"^@pytest\.mark\.thorough\n(?:(?!def |async def ).*\n)*(?:async )?def (\w+)",
            written,
            re.MULTILINE,
        )
    )
    assert named & left_out == set(), "a usual run proves every promise"
