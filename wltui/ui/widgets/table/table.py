"""The table of every list: it draws the lines in view and repaints those that changed."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from textual import events
from textual.binding import Binding
from textual.message import Message

from wltui.ui.actions import hidden_if, is_hidden
from wltui.ui.text.facts import Facts
from wltui.ui.text.glyphs import UNICODE, Glyphs
from wltui.ui.text.spans import plain

from .columns import GAP, MARGIN, UNCUT, Column, R
from .ordered import OrderedLines
from .rows import Rows
from .view import TableView

M = TypeVar("M")

DOUBLE = 2
"""Clicks in a row that open a row."""
WHEEL = 3
"""Rows that one notch of the mouse wheel scrolls."""


def has_no_row(table: "RecordTable[M]") -> bool:
    """Return whether no row is under the cursor."""
    return table.record is None


def has_no_marks(table: "RecordTable[M]") -> bool:
    """Return whether rows can't be marked."""
    return not table.takes_marks


class RecordTable(OrderedLines[R], can_focus=True):
    """Records in rows, with a cursor, marks, a filter and sorted columns; any number of them.

    A bar at the right end shows which part is in view; screens show ``position``, ``shown`` and ``total`` besides.
    The screen's own action ``sort`` offers the columns. The header stays on top. Nothing scrolls sideways: columns
    without room are left out.
    """

    BINDINGS = [
        Binding("up,k", "step(-1)", "Up", False, id="list.up", tooltip="to the row above"),
        Binding("down,j", "step(1)", "Down", False, id="list.down", tooltip="to the row below"),
        Binding("pageup", "page(-1)", "Page up", False, id="list.page_up", tooltip="a page up"),
        Binding("pagedown", "page(1)", "Page down", False, id="list.page_down", tooltip="a page down"),
        Binding("ctrl+u", "page(-0.5)", "Half page up", False, id="list.half_up", tooltip="half a page up"),
        Binding("ctrl+d", "page(0.5)", "Half page down", False, id="list.half_down", tooltip="half a page down"),
        Binding("home,g", "first", "First", False, id="list.first", tooltip="to the first row"),
        Binding("end,G", "last", "Last", False, id="list.last", tooltip="to the last row"),
        Binding("enter,l,right", "open", "Open", id="list.open", tooltip="open the row under the cursor"),
        Binding("space", "mark", "Mark", False, id="list.mark", tooltip="mark the row, or take its mark off"),
        Binding("s", "screen.sort", "Sort", id="list.sort", tooltip="choose the column to sort by"),
        Binding("S", "reverse", "Reverse", False, id="list.reverse", tooltip="reverse the order"),
    ]  # fmt: skip

    @dataclass
    class Opened(Message, Generic[M]):
        """The user opened a row."""

        table: "RecordTable[M]"
        record: M

        @property
        def control(self) -> "RecordTable[M]":
            """The sender, which ``@on`` selectors match."""
            return self.table

    @dataclass
    class Moved(Message, Generic[M]):
        """Another record is under the cursor, or other data of the same one; None if there is no row."""

        table: "RecordTable[M]"
        record: M | None

        @property
        def control(self) -> "RecordTable[M]":
            """The sender, which ``@on`` selectors match."""
            return self.table

    @dataclass
    class Changed(Message, Generic[M]):
        """The table's counts, filter, sorting or marks changed."""

        table: "RecordTable[M]"

        @property
        def control(self) -> "RecordTable[M]":
            """The sender, which ``@on`` selectors match."""
            return self.table

    _clicked_row = -1
    """The row of the last click; a double click on one row opens it."""

    def __init__(
        self,
        columns: Sequence[Column[R]],
        key: Callable[[R], Hashable],
        *,
        glyphs: Glyphs = UNICODE,
        sort: str | None = None,
        reverse: bool | None = None,
        marks: bool = True,
        facts: Callable[[R], Sequence[Facts]] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        usable: Callable[[int], int] = lambda cells: cells,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """
        Args:
            columns: All columns, left to right; their keys differ.
            key: Returns a record's identity, which stays the same when its data change.
            glyphs: The signs to draw with; with ASCII ones all text is drawn in ASCII.
            sort: The key of the column to sort by; None for the order of the answer.
            reverse: Whether to sort from greatest to least; by default the column's own direction.
            marks: Whether rows can be marked.
            facts: Returns what a record knows, which the filter searches; by default the texts of the columns.
            clock: Returns the time that ages in a filter count back from.
            usable: Returns how many cells of a line the columns may take.
        """
        by = next(column for column in columns if column.key == sort) if sort is not None else None
        backwards = (by is not None and by.descending) if reverse is None else reverse
        rows = Rows(columns, by, backwards, facts, clock)
        super().__init__(columns, TableView(rows, key), glyphs, usable=usable, id=id, classes=classes)
        self.takes_marks = marks
        """Whether rows can be marked."""
        self._posted: tuple[object, ...] = (0, 0, "", sort, rows.reverse, ())
        self._posted_record: R | None = None

    # Records

    def show(self, records: Sequence[R], *, news: bool = True) -> None:
        """Show these records. Cursor and marks stay on their records by key; only lines that differ are painted.

        If the cursor's record is gone, the cursor stays on its line, or moves to the last one. With ``news``, cells
        that changed get a sign.
        """
        known = self._rows.records
        if not self._view.load(records):
            self._repaint()
        else:
            if news:
                self._changes.note(known, self._rows.records)
            self._fit_snugly()
            self._measure_texts()
            self._update()

    @property
    def total(self) -> int:
        """How many records there are."""
        return self._view.total

    @property
    def shown(self) -> int:
        """How many records match the filter."""
        return self._view.shown

    @property
    def rows(self) -> Sequence[R]:
        """The records that match the filter, in the order on screen."""
        return self._rows.matching

    def cells_of(self, record: R) -> Sequence[str]:
        """Return the texts of a record in all columns, those without room included, as they are drawn."""
        return [
            plain(column.cell(record, UNCUT)) if column.cell else column.text(record)
            for column in self._columns.values()
        ]

    @property
    def in_view(self) -> Sequence[R]:
        """The records in view, from top to bottom."""
        return self._view.in_view

    # The cursor and the marks

    @property
    def record(self) -> R | None:
        """The record under the cursor, or None if there is no row."""
        return self._view.record

    @property
    def position(self) -> int:
        """The cursor's row, counted from 1; 0 if there is no row."""
        return self._view.cursor + 1 if self._rows.matching else 0

    def move_to(self, key: Hashable) -> bool:
        """Move the cursor to the row with this key; return False if no such row is shown."""
        row = self._view.find_row(key)
        if row is not None:
            self._move(row)
        return row is not None

    @property
    def marked(self) -> tuple[R, ...]:
        """The marked records in the order they were marked in, also those that the filter hides."""
        return self._view.marked

    def clear_marks(self) -> None:
        """Remove all marks."""
        self._view.clear_marks()
        self._update()

    # Keys and mouse

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not is_hidden(self, action)

    def action_step(self, rows: int) -> None:
        """Move the cursor by ``rows``."""
        self._move(self._view.cursor + rows)

    def action_page(self, pages: float) -> None:
        """Move cursor and view by ``pages``; negative is up."""
        self._view.move_by_pages(pages)
        self._update()

    def action_first(self) -> None:
        """Move the cursor to the first row."""
        self._move(0)

    def action_last(self) -> None:
        """Move the cursor to the last row."""
        self._move(self.shown - 1)

    @hidden_if(has_no_row)
    def action_open(self) -> None:
        """Open the row under the cursor."""
        if (record := self.record) is not None:
            self.post_message(self.Opened(self, record))

    @hidden_if(has_no_marks, has_no_row)
    def action_mark(self) -> None:
        """Mark or unmark the row under the cursor, and move to the next."""
        if self.record is not None:
            self._view.mark()
            self._move(self._view.cursor + 1)

    def action_reverse(self) -> None:
        """Reverse the order."""
        self.sort_by(self.sort_column, not self.sort_reverse)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row under the mouse; open it on a double click; sort by a column's title."""
        event.prevent_default()  # which would select a word
        place = event.get_content_offset(self)
        if place is None or self.has_dragged():
            return
        event.stop()
        row = self._view.top + place.y - 1
        before, self._clicked_row = self._clicked_row, -1
        if place.y == 0:
            self._click_header(place.x)
        elif row < self.shown:
            self._move(row)
            self._clicked_row = row
            if event.chain == DOUBLE and row == before:
                self.action_open()

    def _click_header(self, x: int) -> None:
        end = MARGIN
        for column, cells in self._fitted:
            end += cells + GAP
            if x < end:
                again = column.key == self.sort_column
                self.sort_by(column.key, not self.sort_reverse if again else None)
                return

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll(-WHEEL)

    def _scroll(self, rows: int) -> None:
        self._view.scroll(rows)
        self._repaint()

    def _move(self, row: int) -> None:
        """Move the cursor to a row that the user chose."""
        self._view.move(row)
        self._update()

    def _update(self) -> None:
        """Repaint changed lines and post messages on changes."""
        self._repaint()
        self._post_changes()

    def _post_changes(self) -> None:
        """Post messages on changes since the last call."""
        record, rows = self.record, self._rows
        now = (self.total, self.shown, rows.filter, self.sort_column, rows.reverse, self._view.marked_keys)
        if now != self._posted:
            self._posted = now
            self.post_message(self.Changed(self))
        if record != self._posted_record:
            self._posted_record = record
            self.post_message(self.Moved(self, record))
