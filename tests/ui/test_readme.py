"""The README promises what tests prove, and the reference's tables are made from the code."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.support.key_table import classes, own_bindings
from wltui.service.tables import Column, documented_tables
from wltui.ui.app.app import WltuiApp
from wltui.ui.app.session import SessionApp
from wltui.ui.keys import declared_keys
from wltui.ui.screens.base.copying import CopyFrame
from wltui.ui.screens.base.file_keys import FileKeys
from wltui.ui.screens.base.filtered import FilteredFrame
from wltui.ui.screens.base.frame import Frame, QuitKeys
from wltui.ui.screens.base.live import LiveScreen
from wltui.ui.screens.base.news import NewsFrame
from wltui.ui.screens.base.path_frame import PathFrame
from wltui.ui.screens.base.search import SearchFrame
from wltui.ui.screens.base.side_pane import SidePaneScreen
from wltui.ui.screens.base.upload_keys import UploadKeys
from wltui.ui.screens.base.version_actions import VersionKeys
from wltui.ui.screens.compare import CompareScreen
from wltui.ui.screens.editor.conflict import ConflictScreen
from wltui.ui.screens.editor.editor import ConfigEditor
from wltui.ui.screens.editor.frame import EditorFrame
from wltui.ui.screens.editor.history import HistoryScreen
from wltui.ui.screens.editor.save_list import SaveListFrame
from wltui.ui.screens.editor.sources import EditorSources
from wltui.ui.screens.fleet import FleetScreen
from wltui.ui.screens.palette import PaletteScreen
from wltui.ui.screens.pick_version import PickVersion
from wltui.ui.screens.profiles import ProfilesScreen
from wltui.ui.screens.raw import RawScreen
from wltui.ui.screens.sign_in import SignInScreen
from wltui.ui.screens.upload.form import UploadScreen
from wltui.ui.screens.upload.progress import UploadsScreen
from wltui.ui.screens.version_groups import VersionGroupsScreen
from wltui.ui.screens.workspaces import WorkspacesScreen
from wltui.ui.screens.write_file import WriteFileScreen
from wltui.ui.widgets.choice import Choice
from wltui.ui.widgets.filter_bar import FilterBar
from wltui.ui.widgets.letter_menu import LetterMenu
from wltui.ui.widgets.pager import Pager
from wltui.ui.widgets.table.table import RecordTable
from wltui.ui.widgets.text_field import TextField
from wltui.ui.widgets.three_way import ThreeWay

README = Path(__file__).parents[2] / "README.md"
REFERENCE = README.with_name("REFERENCE.md")
LONGEST = 15_000
"""Bytes of the README: a newcomer reads it to its end. Tables belong into the reference."""
PART = re.compile(r"(?<=test_readme\.py -->\n).*?(?=<!-- keys: end -->)", re.DOTALL)
COLUMNS = re.compile(r"(?<=as the keys are -->\n).*?(?=<!-- columns: end -->)", re.DOTALL)
BESIDE = {
    "version": (("versions", "configs"), "versions and configs, `version_id` and the schemas as text aside"),
    "problems": (("versions",), "versions, their `reason` aside"),
    "changes": (("versions",), "versions"),
}
"""The tables that have the columns of others beside their own."""
TABLES = {
    "Everywhere": (WltuiApp, SessionApp, Frame),
    "Records and texts": (CopyFrame,),
    "What is read live": (LiveScreen,),
    "Lists": (RecordTable, FilteredFrame),
    "Lists, a version, a comparison, logs, JSON": (FileKeys,),
    "Writing a file": (PathFrame, WriteFileScreen),
    "Typing a filter": (FilterBar,),
    "A menu": (LetterMenu,),
    "Workspaces, problems": (NewsFrame,),
    "Workspaces": (WorkspacesScreen,),
    "Problems, all versions": (FleetScreen, VersionGroupsScreen),
    "Versions": (SidePaneScreen,),
    "A version": (VersionKeys,),
    "Workspaces, models, versions": (QuitKeys, UploadKeys),
    "Upload": (UploadScreen,),
    "Uploads": (UploadsScreen,),
    "Config editor": (ConfigEditor, EditorSources, EditorFrame, TextField),
    "Conflict": (ConflictScreen, ThreeWay),
    "Compare": (CompareScreen,),
    "Pick a version": (PickVersion,),
    "History": (HistoryScreen, SaveListFrame),
    "Palette": (PaletteScreen,),
    "Profiles": (ProfilesScreen,),
    "Signing in": (SignInScreen,),
    "JSON as received": (RawScreen,),
    "A question": (Choice,),
    "While reading": (Pager, SearchFrame),
}


def rows(heading: str, owners: Iterable[type]) -> Iterable[str]:
    for key in declared_keys(binding for owner in owners for binding in own_bindings(owner)):
        names = " ".join(f"`{name}`" for name in key.names.split(" "))
        yield f"| {heading} | {names} | {key.text} | `{key.binding.id}` |"
        heading = ""


def test_the_table_of_keys_is_what_the_bindings_say(redraw: bool) -> None:
    lines = ["| where | keys | what they do | action |", "| --- | --- | --- | --- |"]
    lines += [row for heading, owners in TABLES.items() for row in rows(heading, owners)]
    check_table(PART, lines, redraw)


def test_the_table_of_columns_is_what_files_and_commands_write(redraw: bool) -> None:
    tables = documented_tables()
    lines = ["| of | column | kind | holds |", "| --- | --- | --- | --- |"]
    for name, columns in tables.items():
        rows = [column_row(column) for column in columns]
        if name in BESIDE:
            others, words = BESIDE[name]
            shared = {column_row(column) for other in others for column in tables[other]}
            rows = [*(row for row in rows if row not in shared), f" | | all columns of {words} |"]
        lines += [f"| {'' if place else name}{row}" for place, row in enumerate(rows)]
    check_table(COLUMNS, lines, redraw)


def column_row(column: Column[Any]) -> str:
    return f" | `{column.name}` | {column.kind.value} | {column.doc.removesuffix('.').replace('|', '/')} |"


def check_table(place: re.Pattern[str], lines: list[str], redraw: bool) -> None:
    table = "\n".join(lines) + "\n"
    text = REFERENCE.read_text(encoding="utf-8")
    if redraw:
        REFERENCE.write_text(place.sub(lambda _: table, text), encoding="utf-8")
        text = REFERENCE.read_text(encoding="utf-8")
    found = place.search(text)
    assert found is not None, "the reference has lost the marks around its table"
    assert found[0] == table, "pytest --redraw tests/ui/test_readme.py writes the table anew"


def test_every_key_is_in_the_table() -> None:
    """A key of a class that is not in it, but in one of the same heading, is one that its readers know."""
    listed = {owner for owners in TABLES.values() for owner in owners}
    known = {key.names for owner in listed for key in declared_keys(own_bindings(owner))}
    missing = []
    for owner in classes():
        if owner not in listed:
            missing += [
                (owner, key.names) for key in declared_keys(own_bindings(owner)) if key.names not in known
            ]
    assert missing == []


@pytest.mark.parametrize("page", [README, REFERENCE], ids=["readme", "reference"])
def test_a_page_shows_only_pictures_that_are_there_and_names_sections_that_there_are(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    shown = set(re.findall(r"\((screenshots/[^)]+)\)", text))
    assert shown
    assert [name for name in shown if not (page.parent / name).exists()] == []
    for name, section in re.findall(r"\((\w+\.md)?#([\w-]+)\)", text):
        other = page.with_name(name).read_text(encoding="utf-8") if name else text
        headings = {
            line.lstrip("# ").lower().replace(" ", "-") for line in other.splitlines() if line.startswith("#")
        }
        assert section in headings


def test_the_readme_is_short() -> None:
    assert len(README.read_bytes()) <= LONGEST


def test_the_keys_in_the_readme_are_bound() -> None:
    rows = README.read_text(encoding="utf-8").partition("## Keys\n")[2].partition("\n\n[")[0]
    named = {key for line in rows.splitlines()[3:] for key in re.findall(r"`([^`]+)`", line)}
    table = PART.search(REFERENCE.read_text(encoding="utf-8"))
    bound = set(re.findall(r"`([^`]+)`", table[0] if table else ""))
    assert named
    assert named <= bound


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
