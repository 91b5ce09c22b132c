"""Opening the editor lays its form out once: a layout of a hundred widgets takes tens of milliseconds."""

import inspect
from pathlib import Path
from typing import Any

from tests.support.session import OpenApp
from wltui.core.records import ModelVersion, VersionId
from wltui.ui.screens.editor.editor import ConfigEditor
from wltui.ui.widgets.field_row import FieldRow
from wltui.ui.widgets.notice import Notice

VERSION = ModelVersion(id=VersionId(19))


class SeenEditor(ConfigEditor):
    """Notes of each layout how many rows take part in it, where the cursor is, and what the notice says."""

    CSS_PATH = str(Path(inspect.getfile(ConfigEditor)).with_name("editor.tcss"))  # not beside this file

    def __init__(self, version: ModelVersion) -> None:
        super().__init__(version)
        self.layouts: list[tuple[int, str, str]] = []

    def _refresh_layout(self, *args: Any, **named: Any) -> None:
        if self.is_mounted:
            said = self.query_one("#notice", Notice).text
            rows = len(self.query(FieldRow)) if self.form.display else 0
            self.layouts.append((rows, self.form.field, said))
        super()._refresh_layout(*args, **named)


async def test_the_form_is_laid_out_when_it_is_filled_and_not_before(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        editor = SeenEditor(VERSION)
        await session.app.push_screen(editor)
        await session.settle()
        await session.press("enter")
        await session.type("a")
        with_rows = [layout for layout in editor.layouts if layout[0]]
        assert {layout[1:] for layout in with_rows} == {("tensor_fields", "")}
        await session.press("escape")

        editor = SeenEditor(VERSION)
        await session.app.push_screen(editor)
        await session.settle()
        with_rows = [layout for layout in editor.layouts if layout[0]]
        assert {field for _, field, _ in with_rows} == {"tensor_fields"}
        assert all("Your unsent edit" in said for _, _, said in with_rows)

        await session.press(*["down"] * 7)
        await session.pilot.resize_terminal(60, 15)
        await session.settle()
        assert editor.form.field == "output_schema"
        assert "Output schema" in session.text  # the field that has the cursor
