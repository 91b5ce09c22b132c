"""The table that every list of the program is: it draws the lines in view and repaints those that changed."""

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Generic, TypeVar

from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size, clamp
from textual.message import Message
from textual.strip import Strip

from wltui.ui.text.glyphs import UNICODE, Glyphs
from wltui.ui.text.spans import Role, Spans, wrap
from wltui.ui.widgets.layered import Layered

from .changes import Changes
from .columns import GAP, MARGIN, Column, R, fit, heading, quiet, reading, snug_widths
from .rows import Rows

M = TypeVar("M")

FEW = 2_000
"""So many rows are made ready for a filter when it is typed: some milliseconds."""
AT_ONCE = 400
"""Of more, so many before others have a turn; a key needs some turns."""
WHEEL = 3
"""Rows that one notch of the mouse wheel scrolls."""

HEADER, CURSOR, MARKED = "record-table--header", "record-table--cursor", "record-table--marked"


class RecordTable(Layered, Generic[R], can_focus=True):
    """Records in rows, with a cursor, marks, a filter and sorted columns; any number of them.

    There is no scroll bar, whose cells would be painted with each row: ``position``, ``shown`` and ``total``
    tell where the cursor is. The header stays on top, and nothing scrolls sideways: columns leave instead.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {HEADER, CURSOR, MARKED}
    DEFAULT_CSS = """
    RecordTable {
        height: 1fr;
        & > .record-table--header { background: $panel; text-style: bold; }
        & > .record-table--marked { text-style: bold; }
        & > .record-table--cursor { background: $band; }
        &:focus > .record-table--cursor { background: $cursor-background; color: $cursor-foreground; }
        &:ansi > .record-table--header { text-style: underline; }
        &:ansi:focus > .record-table--cursor, &:nocolor:focus > .record-table--cursor { text-style: reverse; }
    }
    """
    BINDINGS = [
        Binding("up,k", "step(-1)", "Up", False, id="table.up", tooltip="to the row above"),
        Binding("down,j", "step(1)", "Down", False, id="table.down", tooltip="to the row below"),
        Binding("pageup", "page(-1)", "Page up", False, id="table.page_up", tooltip="a page up"),
        Binding("pagedown", "page(1)", "Page down", False, id="table.page_down", tooltip="a page down"),
        Binding("ctrl+u", "page(-0.5)", "Half page up", False, id="table.half_up", tooltip="half a page up"),
        Binding(
            "ctrl+d", "page(0.5)", "Half page down", False, id="table.half_down", tooltip="half a page down"
        ),
        Binding("home,g", "first", "First", False, id="table.first", tooltip="to the first row"),
        Binding("end,G", "last", "Last", False, id="table.last", tooltip="to the last row"),
        Binding("enter,l,right", "open", "Open", id="table.open", tooltip="open the row under the cursor"),
        Binding(
            "space", "mark", "Mark", False, id="table.mark", tooltip="mark the row, or take its mark off"
        ),
        Binding("s", "sort", "Sort", id="table.sort", tooltip="sort by the next column"),
        Binding("S", "reverse", "Reverse", False, id="table.reverse", tooltip="turn the order round"),
    ]

    @dataclass
    class Opened(Message, Generic[M]):
        """The user opened a row."""

        table: "RecordTable[M]"
        record: M

        @property
        def control(self) -> "RecordTable[M]":
            return self.table

    @dataclass
    class Moved(Message, Generic[M]):
        """Another record is under the cursor, or other data of the same one; None: there is no row."""

        table: "RecordTable[M]"
        record: M | None

        @property
        def control(self) -> "RecordTable[M]":
            return self.table

    @dataclass
    class Changed(Message, Generic[M]):
        """What the table tells of itself is not what it was: its counts, filter, sorting or marks."""

        table: "RecordTable[M]"

        @property
        def control(self) -> "RecordTable[M]":
            return self.table

    def __init__(
        self,
        columns: Sequence[Column[R]],
        key: Callable[[R], Hashable],
        *,
        glyphs: Glyphs = UNICODE,
        sort: str | None = None,
        reverse: bool | None = None,
        marks: bool = True,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """
        Args:
            columns: All columns, left to right; their keys differ.
            key: What tells one record from all others, and stays the same when its data change.
            glyphs: The signs to draw with; with ASCII ones all text is drawn in ASCII.
            sort: The column to sort by, None for the order in which records come.
            reverse: From greatest to least; by default as the column wants it.
            marks: Whether rows can be marked.
        """
        super().__init__(id=id, classes=classes)
        self._columns = {column.key: column for column in columns}
        self._key = key
        self._glyphs = glyphs
        by = self._columns[sort] if sort is not None else None
        self._rows = Rows(columns, by, (by is not None and by.descending) if reverse is None else reverse)
        self._stops = [*([None] if by is None else []), *columns]
        self._placeholder: Spans = ()
        self._takes_marks = marks
        self._marks: dict[Hashable, int] = {}  # with the numbers of their records
        self._cursor = 0
        self._top = 0
        self._chosen: int | None = None
        self._told: tuple[object, ...] = (0, 0, "", sort, self._rows.reverse, ())
        self._told_record: R | None = None
        self._drawn_size = Size()
        self._changes = Changes(columns, key)
        self._snug: dict[str, int] = {}
        self._fitted: list[tuple[Column[R], int]] = []
        self._lines: dict[int, Strip] = {}  # as last painted

    # What it shows

    def show(self, records: Sequence[R], *, news: bool = True) -> None:
        """Show these records. Cursor and marks stay on their rows by key; only lines that differ are painted.

        Where the cursor's row is gone the cursor stays on its line, or on the last one. With ``news``, cells that
        say something else than before get a sign.
        """
        chosen, current = self._chosen, self._number
        before = {
            self._key(self._rows.records[n]): n
            for n in (chosen, current, *self._marks.values())
            if n is not None
        }
        known = self._rows.records
        if not self._rows.load(records):
            self._repaint()
            return
        if news:
            self._changes.note(known, self._rows.records)
        self._fit_snugly()
        now = self._locate(before)
        moved: dict[int | None, int] = {n: now[key] for key, n in before.items() if key in now}
        self._marks = {key: now[key] for key in self._marks if key in now}
        self._chosen = moved.get(chosen)
        self._settle(moved.get(current), otherwise=self._cursor)

    @property
    def has_changes(self) -> bool:
        """Whether cells are marked as changed."""
        return bool(self._changes)

    def expire_changes(self) -> None:
        """Take the signs off the cells that have not changed again since this was called last."""
        if self._changes.expire():
            self._repaint()

    def forget_changes(self) -> None:
        """Take the signs off the cells that changed."""
        if self._changes:
            self._changes.forget()
            self._repaint()

    def _locate(self, before: Mapping[Hashable, int]) -> dict[Hashable, int]:
        """The numbers of the records with these keys, which are likely to be what they were before."""
        records = self._rows.records
        likely = (n for n in before.values() if n < len(records))
        found: dict[Hashable, int] = {}
        for n in chain(likely, range(len(records))):
            if len(found) == len(before):
                break
            key = self._key(records[n])
            if key in before:
                found[key] = n
        return found

    def redraw(self, key: Hashable = None) -> None:
        """Draw the rows in view anew, or only that with this key: what cells say depends on more than the records.

        Rows change their places when they are next sorted, filtered or shown, so that none moves unasked.
        """
        self._rows.forget()
        if key is None:
            self._fit_snugly()
            self._repaint()
            return
        row = next((y for y, record in enumerate(self.in_view, 1) if self._key(record) == key), None)
        if row is not None:
            self._repaint(row)

    def _repaint(self, *only: int) -> None:
        """Have those lines painted that are not as they were; ``only`` these are looked at, else all."""
        changed = []
        for y in only or [*self._lines]:
            before = self._lines.get(y)
            if before is None:  # not painted yet
                continue
            self._lines[y] = line = self._draw(y)
            if line != before:
                changed.append(Region(0, y, self._drawn_size.width, 1))
        if changed:
            self.refresh(*changed)

    @property
    def placeholder(self) -> Spans:
        """What is said in place of rows where there are none."""
        return self._placeholder

    @placeholder.setter
    def placeholder(self, spans: Spans) -> None:
        self._placeholder = spans
        self._repaint()

    @property
    def total(self) -> int:
        """How many records there are."""
        return len(self._rows.records)

    @property
    def shown(self) -> int:
        """How many records match the filter."""
        return len(self._rows.shown)

    @property
    def rows(self) -> Sequence[R]:
        """The records that match the filter, in the order on screen."""
        return self._rows.shown

    @property
    def in_view(self) -> Sequence[R]:
        """The records in view, from top to bottom."""
        return self._rows.shown[self._top : self._top + self._page]

    # The cursor and the marks

    @property
    def record(self) -> R | None:
        """The record under the cursor, None where there is no row."""
        rows = self._rows.shown
        return rows[self._cursor] if self._cursor < len(rows) else None

    @property
    def position(self) -> int:
        """The cursor's row, counted from 1; 0 where there is no row."""
        return self._cursor + 1 if self._rows.shown else 0

    def move_to(self, key: Hashable) -> bool:
        """Put the cursor on the row with this key; False where no such row is shown."""
        row = next((row for row, other in enumerate(map(self._key, self._rows.shown)) if other == key), None)
        if row is not None:
            self._move(row)
        return row is not None

    @property
    def marked(self) -> tuple[R, ...]:
        """The marked records in the order they were marked in, also those that the filter hides."""
        return tuple(self._rows.records[n] for n in self._marks.values())

    def clear_marks(self) -> None:
        """Take all marks off."""
        self._marks = {}
        self._repaint()
        self._tell()

    # Filter and order

    @property
    def filter(self) -> str:
        """Only records that match this are shown; :class:`~wltui.ui.text.fuzzy.Search` tells how.

        Where the cursor's row does not match the cursor goes to the first, and back once it matches again.
        """
        return self._rows.filter

    @filter.setter
    def filter(self, text: str) -> None:
        if text != self._rows.filter:
            current = self._number
            self._rows.filter_by(text)
            self._settle(current)

    async def prepare_filter(self) -> None:
        """Make all rows ready to be searched, bit by bit, so that many of them hold up no key."""
        while self._rows.unread:
            self._rows.read(AT_ONCE)
            await asyncio.sleep(0)

    @property
    def is_prepared(self) -> bool:
        """Whether a filter finds its rows without much ado."""
        return self._rows.unread <= FEW

    @property
    def sort_column(self) -> str | None:
        """The key of the column that rows are sorted by, None for the order in which records came."""
        return self._rows.sort.key if self._rows.sort else None

    @property
    def sort_reverse(self) -> bool:
        """Whether rows go from greatest to least."""
        return self._rows.reverse

    def sort_by(self, column: str | None, reverse: bool | None = None) -> None:
        """Sort by the column with this key, if not told as it wants to be; None: in the order they came."""
        by = self._columns[column] if column is not None else None
        current = self._number
        self._rows.sort_by(by, (by is not None and by.descending) if reverse is None else reverse)
        self._settle(current)

    # Keys and mouse

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "mark" and not self._takes_marks:
            return False
        return action not in ("open", "mark") or self.record is not None

    def action_step(self, rows: int) -> None:
        """Move the cursor by ``rows``."""
        self._move(self._cursor + rows)

    def action_page(self, pages: float) -> None:
        """Move cursor and view by ``pages``; negative is up."""
        rows = max(1, int(abs(pages) * self._page)) * (1 if pages > 0 else -1)
        self._top = self._clamp_top(self._top + rows)
        self._move(self._cursor + rows)

    def action_first(self) -> None:
        """Move the cursor to the first row."""
        self._move(0)

    def action_last(self) -> None:
        """Move the cursor to the last row."""
        self._move(self.shown - 1)

    def action_open(self) -> None:
        """Tell that the user opened the row under the cursor."""
        if (record := self.record) is not None:
            self.post_message(self.Opened(self, record))

    def action_mark(self) -> None:
        """Mark the row under the cursor or take its mark off, and move on."""
        if (record := self.record) is None or (number := self._number) is None:
            return
        key = self._key(record)
        if key in self._marks:
            del self._marks[key]
        else:
            self._marks[key] = number
        self._move(self._cursor + 1)

    def action_sort(self) -> None:
        """Sort by the next column in view."""
        in_view = [None, *(column for column, _ in self._fitted)]
        stops = [column for column in self._stops if column in in_view] or [None]
        place = stops.index(self._rows.sort) if self._rows.sort in stops else -1
        following = stops[(place + 1) % len(stops)]
        self.sort_by(following.key if following else None)

    def action_reverse(self) -> None:
        """Turn the order round."""
        self.sort_by(self.sort_column, not self.sort_reverse)

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        if place is None:
            return
        event.stop()
        row = self._top + place.y - 1
        if place.y == 0:
            self._click_header(place.x)
        elif row == self._cursor:
            self.action_open()
        elif row < self.shown:
            self._move(row)

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
        self._top = self._clamp_top(self._top + rows)
        self._repaint()

    # Where things are

    @property
    def _page(self) -> int:
        """Rows in view."""
        return max(1, self._drawn_size.height - 1)

    @property
    def _number(self) -> int | None:
        """The number, among all records, of the one under the cursor."""
        return self._rows.numbers[self._cursor] if self._rows.shown else None

    def _move(self, row: int) -> None:
        """Put the cursor there, as the user's own choice."""
        self._cursor = max(0, min(row, self.shown - 1))
        self._chosen = self._number
        self._reveal()
        self._repaint()
        self._tell()

    def _settle(self, current: int | None, otherwise: int = 0) -> None:
        """Find the cursor's row again: the record that the user chose, else the ``current`` one, else that row."""
        offset = self._cursor - self._top
        was_in_view = 0 <= offset < self._page
        places = (self._rows.row(number) for number in (self._chosen, current))
        row = next((place for place in places if place is not None), otherwise)
        self._cursor = max(0, min(row, self.shown - 1))
        if not self._rows.filter:
            self._chosen = self._number
        # A view at the top stays there, so that what is new is seen; any other keeps the cursor's line.
        self._top = self._clamp_top(self._cursor - offset if self._top else 0)
        if was_in_view:
            self._reveal()
        self._repaint()
        self._tell()

    def _clamp_top(self, top: int) -> int:
        return clamp(top, 0, max(0, self.shown - self._page))

    def _reveal(self) -> None:
        """Scroll as little as brings the cursor into view."""
        self._top = self._clamp_top(clamp(self._top, self._cursor - self._page + 1, self._cursor))

    def _tell(self) -> None:
        """Post what changed since the last time."""
        record, rows = self.record, self._rows
        now = (self.total, self.shown, rows.filter, self.sort_column, rows.reverse, tuple(self._marks))
        if now != self._told:
            self._told = now
            self.post_message(self.Changed(self))
        if record != self._told_record:
            self._told_record = record
            self.post_message(self.Moved(self, record))

    # Drawing

    def on_resize(self) -> None:
        self._measure()

    def render_line(self, y: int) -> Strip:
        self._measure()  # a resized widget is asked for its lines before it is told of its size
        line = self._lines[y] = self._draw(y)
        return line

    def _measure(self) -> None:
        if self.size == self._drawn_size:
            return
        self._drawn_size = self.size
        self._fitted = fit([*self._columns.values()], self.size.width, self._snug)
        self._lines.clear()
        self._reveal()

    def _fit_snugly(self) -> None:
        """Give the snug columns the width that their texts need now."""
        columns = [*self._columns.values()]
        snug = snug_widths(columns, self._rows.records)
        if snug != self._snug:
            self._snug = snug
            self._fitted = fit(columns, self._drawn_size.width, snug)
            self._lines.clear()
            self.refresh()

    def _draw(self, y: int) -> Strip:
        """The line of the widget as it should be now."""
        cells, rows = self._drawn_size.width, self._rows.shown
        if y == 0:
            return self.paint(
                heading(self._fitted, self._rows.sort, self.sort_reverse, self._glyphs), cells, HEADER
            )
        row = self._top + y - 1
        if row >= len(rows):
            lines = [] if rows else wrap(self._placeholder, cells - 2)
            return self.paint(((" ", Role.PLAIN), *lines[y - 1]) if y <= len(lines) else (), cells)
        cursor, marked = row == self._cursor, self._key(rows[row]) in self._marks
        sign = self._glyphs.mark if marked else self._glyphs.more if cursor else " "
        fresh = self._changes.columns(self._key(rows[row]))
        line = reading(self._fitted, rows[row], self._rows.patterns, self._glyphs, fresh)
        looks = [name for name, on in ((MARKED, marked), (CURSOR, cursor)) if on]
        return self.paint(((sign, Role.PLAIN), *(quiet(line) if cursor else line)), cells, *looks)
