"""A list of saves with a pane that shows the changes of the one under the cursor."""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.events import DescendantFocus
from textual.widget import Widget

from wltui.service.file_content import FileContent
from wltui.service.tables import history_table, with_gaps
from wltui.store.drafts import Kept
from wltui.store.save_history import SaveRecord
from wltui.ui.screens.base.crumbs import PaneTitle
from wltui.ui.screens.base.file_contents import table_file
from wltui.ui.screens.base.file_keys import FileKeys
from wltui.ui.screens.base.filtered import FilteredFrame
from wltui.ui.text.copies import Copy
from wltui.ui.text.facts import Facts
from wltui.ui.text.format import count
from wltui.ui.text.spans import Role, Spans, wrap
from wltui.ui.widgets.filter_bar import FilterBar
from wltui.ui.widgets.pager import Pager
from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.table.table import RecordTable

T = TypeVar("T")
R = TypeVar("R")

MOST_PANE = 90
PANE_FROM = 110
"""Columns from which on the change is shown beside the list and not below it."""
WHICH = (
    "The history holds what was saved with wltui, on this host and as this user, and nothing else: other programs and "
    "other people make configs that are not in it."
)


class SaveListFrame(FileKeys[T], FilteredFrame[T], Generic[T, R]):
    """A table of saves, and the changes of one. They come from the disk, so they are loaded and not refreshed."""

    CSS_PATH = str(Path(__file__).with_name("save_list.tcss"))
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (PANE_FROM, "-wide")]
    BINDINGS = [
        Binding("tab", "other_pane", "Pane", id="history.pane", tooltip="to the change, or back to the list"),
        Binding("r,f5", "refresh", "Refresh", id="live.refresh", tooltip="read again now"),
    ]  # fmt: skip

    _read = False
    """Whether the list has been loaded once."""

    def columns(self) -> Sequence[Column[R]]:
        """Return the table's columns."""
        raise NotImplementedError

    def identity(self, row: R) -> str:
        """Return the identity of a row, by which it is found after a refresh."""
        raise NotImplementedError

    def facts(self, row: R) -> Sequence[Facts]:
        """Return what a row knows, which the filter searches."""
        raise NotImplementedError

    async def load(self) -> Sequence[R]:
        """Load the rows from the disk."""
        raise NotImplementedError

    def show_change(self, row: R, *, top: bool) -> None:
        """Show the changes of a row in the pane, from its top if it is another row than before."""
        raise NotImplementedError

    @property
    def nothing(self) -> str:
        """The text for an empty list."""
        raise NotImplementedError

    @property
    def table(self) -> RecordTable[R]:
        """The table of saves."""
        return self.query_one(RecordTable)

    @property
    def pane(self) -> Pager:
        """The pane with the changes of the row under the cursor."""
        return self.query_one(Pager)

    def body(self) -> Iterable[Widget]:
        table = RecordTable(
            self.columns(), self.identity, glyphs=self.glyphs, marks=False, facts=self.facts,
            clock=self.app.service.clock, id="main",
        )  # fmt: skip
        pane = Pager(id="pane")
        if self._pane_cells:
            pane.styles.width = self._pane_cells
        yield Horizontal(table, pane, id="panes")
        yield FilterBar()

    @property
    def _pane_cells(self) -> int:
        """The cells of the pane beside the list; 0 if it is below it."""
        columns = self.app.size.width
        return min(MOST_PANE, columns * 2 // 5) if columns >= PANE_FROM else 0

    @property
    def pane_title(self) -> PaneTitle | None:
        if not self._pane_cells or not self.is_mounted:
            return None
        return PaneTitle("Change", self._pane_cells, self.pane.has_focus)

    def on_resize(self) -> None:
        self.pane.styles.width = self._pane_cells or "100%"

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self.show_titles()

    def on_screen_resume(self) -> None:
        if self.app.screen is self:
            self.action_refresh()

    def action_refresh(self) -> None:
        """Load the history again: another wltui may have saved."""
        self.start(self._load, group="read")

    async def _load(self) -> None:
        rows = await self.load()
        self._read = True
        self.table.show(rows, news=False)
        self.table.redraw()  # for ages and saves under way
        self.notice(self.app.service.history.unreadable, role=Role.WARNING)
        self._show_change()
        self.redraw()
        self.refresh_bindings()

    def redraw(self) -> None:
        super().redraw()
        if self.is_mounted and self._read:
            text = self.nothing if not self.table.total else "Nothing matches. esc clears the filter."
            self.table.placeholder = ((text, Role.MUTED),)

    def on_record_table_moved(self) -> None:
        self._show_change(top=True)
        self.refresh_bindings()

    def _show_change(self, *, top: bool = False) -> None:
        if self.table.record is not None:
            self.show_change(self.table.record, top=top)
        else:
            self.workers.cancel_group(self, "read change")  # of a row that the filter has removed meanwhile
            self.pane.show(lambda cells: wrap(((WHICH, Role.MUTED),), cells) if self._read else ())

    def copies(self) -> list[Copy]:
        return [*super().copies(), *(self.text_copies("change") if self.table.record is not None else [])]

    def what(self, row: R) -> SaveRecord | Kept:
        """Return the save or unsent edit of a row."""
        raise NotImplementedError

    def file_words(self) -> Sequence[str]:
        """Return words for the name of a file with this list."""
        return ("history",)

    def file_content(self) -> FileContent | None:
        if not self._read:
            return None
        rows = [self.what(row) for row in self.table.rows]
        unread = self.app.service.history.unreadable
        make = partial(history_table, rows, self.app.service.clock(), dict(self.app.workspace_names))
        return table_file(
            self,
            self.file_words(),
            count(len(rows), "row"),
            lambda: with_gaps(make(), 0, unread or "", bool(unread)),
            rows=len(rows),
            warnings=[unread] if unread else (),
            is_filtered=bool(self.table.filter),
        )

    def filter_spans(self) -> Spans:
        """Return the filter for the right end of the status line."""
        text = self.table.filter
        return ((f"/{self.shown(text)}", Role.ACCENT),) if text else ()

    def action_other_pane(self) -> None:
        """Focus the pane with the change, or the list again."""
        (self.pane if self.table.has_focus else self.table).focus()
