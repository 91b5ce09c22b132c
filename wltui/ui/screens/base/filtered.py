"""A screen with a table that the user can filter."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from textual.binding import Binding
from textual.screen import Screen

from wltui.ui.actions import hidden_if
from wltui.ui.widgets.filter_bar import FilterBar
from wltui.ui.widgets.sort_menu import SortMenu
from wltui.ui.widgets.table.table import RecordTable

from .copying import CopyFrame, has_open_menu

if TYPE_CHECKING:
    from wltui.ui.text.copies import Copied, Copy

T = TypeVar("T")


def is_filtering(screen: Screen[T]) -> bool:
    """Return whether the filter's text box is open."""
    return screen.query_one(FilterBar).has_class("-open")


def is_asking(screen: Screen[T]) -> bool:
    """Return whether the filter's text box or a menu takes the keys."""
    return is_filtering(screen) or has_open_menu(screen)


class FilteredFrame(CopyFrame[T]):
    """A frame with one :class:`RecordTable` and a :class:`FilterBar`."""

    BINDINGS = [
        Binding(
            "slash",
            "filter",
            "Filter",
            id="list.filter",
            tooltip="show only rows that match words, keys or ages",
        ),
    ]

    SORT: str | None = None
    """The column that the table is sorted by at first; None keeps the order of the answer."""

    _filter_text = ""
    """The filter as typed; if there are many rows, that of the table follows a moment later."""

    @property
    def table(self) -> RecordTable[Any]:
        """The table that is filtered."""
        return self.query_one(RecordTable)

    def on_record_table_changed(self) -> None:
        self.redraw()

    @hidden_if(is_asking)
    async def action_filter(self) -> None:
        """Open the filter's text box."""
        self._filter_text = self.table.filter
        await self.query_one(FilterBar).open(self._filter_text)
        if not self.table.is_prepared:
            self.start(self._filter, group="read filter")

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        self._filter_text = event.text
        if self.table.is_prepared or not event.text:
            self.table.filter = event.text
            self.redraw()
        else:  # in the background, so that typing can continue
            self.start(self._filter, group="read filter")

    async def _filter(self) -> None:
        """Apply the filter as soon as the rows are prepared for a search."""
        await self.table.prepare_filter(self.app.give_way)
        if self.table.filter != self._filter_text and is_filtering(self):
            self.table.filter = self._filter_text
            self.redraw()

    def on_filter_bar_done(self, event: FilterBar.Done) -> None:
        self.query_one(FilterBar).close()
        self.table.filter = self._filter_text
        self.table.focus()
        self.redraw()

    # Copying

    @property
    def chosen(self) -> Sequence[Any]:
        """The marked rows, or the one under the cursor."""
        record = self.table.record
        return self.table.marked or (() if record is None else (record,))

    def copied(self) -> "Sequence[Copied]":
        """Return the records whose values can be copied."""
        from wltui.ui.text.copies import Copied

        return [row for row in self.chosen if isinstance(row, Copied)]

    def copies(self) -> "list[Copy]":
        from wltui.ui.text.copies import row_copy, value_copies

        rows = [self.table.cells_of(row) for row in self.chosen]
        return [*value_copies(self.copied()), *([row_copy(rows)] if rows else []), *super().copies()]

    # Sorting

    async def action_sort(self) -> None:
        """Open the menu of columns."""
        if not self.query(SortMenu):  # not earlier, as it would slow each start
            await self.mount(SortMenu(), after=self.query_one(FilterBar))
        table = self.table
        self.query_one(SortMenu).open(table.titles, table.sort_column, table.arrow)

    def on_sort_menu_chosen(self, event: SortMenu.Chosen) -> None:
        """Sort by a column, in its own direction or if it is sorted by already in the other; or as at first."""
        table = self.table
        again = event.column is not None and event.column == table.sort_column
        table.sort_by(event.column or self.SORT, not table.sort_reverse if again else None)

    def on_sort_menu_reversed(self) -> None:
        self.table.action_reverse()

    def action_back(self) -> None:
        """Clear the filter if there is one, else leave the screen."""
        if self.table.filter:
            self.table.filter = ""
            self.redraw()
        else:
            super().action_back()
