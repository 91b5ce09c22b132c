"""The rows of a table in view, its cursor and its marks; knows nothing of drawing or of Textual."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import chain
from typing import Generic

from .columns import Column, R
from .rows import Rows


class TableView(Generic[R]):
    """A window on rows, with a cursor and marks that stay on their records when rows come, go or change places."""

    def __init__(self, rows: Rows[R], key: Callable[[R], Hashable]) -> None:
        """
        Args:
            rows: All records, sorted and filtered.
            key: Returns a record's identity, which stays the same when its data change.
        """
        self.rows = rows
        self.key = key
        self.cursor = 0
        """The cursor's row, counted from 0."""
        self.top = 0
        """The first row in view."""
        self.page = 1
        """How many rows are in view at most."""
        self._marks: dict[Hashable, int] = {}
        """The keys of the marked records, with their numbers."""
        self._chosen: int | None = None
        """The number of the record that the user put the cursor on."""

    @property
    def total(self) -> int:
        """How many records there are."""
        return len(self.rows.records)

    @property
    def shown(self) -> int:
        """How many records match the filter."""
        return len(self.rows.matching)

    @property
    def in_view(self) -> Sequence[R]:
        """The records in view, from top to bottom."""
        return self.rows.matching[self.top : self.top + self.page]

    @property
    def record(self) -> R | None:
        """The record under the cursor, None if there is no row."""
        return self.rows.matching[self.cursor] if self.cursor < self.shown else None

    @property
    def _number(self) -> int | None:
        """The number, among all records, of the one under the cursor."""
        return self.rows.numbers[self.cursor] if self.rows.matching else None

    # Other rows

    def load(self, records: Sequence[R]) -> bool:
        """Replace the records; return False if they equal the present ones.

        Cursor and marks stay on their records by key. If the cursor's record is gone, it stays on its row, or on the
        last one.
        """
        current = self._number
        before = {
            self.key(self.rows.records[number]): number
            for number in (self._chosen, current, *self._marks.values())
            if number is not None
        }
        if not self.rows.load(records):
            return False
        now = self._locate(before)
        moved: dict[int | None, int] = {number: now[key] for key, number in before.items() if key in now}
        self._marks = {key: now[key] for key in self._marks if key in now}
        self._chosen = moved.get(self._chosen)
        self._restore_cursor(moved.get(current), otherwise=self.cursor)
        return True

    def _locate(self, before: Mapping[Hashable, int]) -> dict[Hashable, int]:
        """Return the numbers of the records with these keys, which are likely to be the same as ``before``."""
        records = self.rows.records
        likely = (number for number in before.values() if number < len(records))
        found: dict[Hashable, int] = {}
        for number in chain(likely, range(len(records))):
            if len(found) == len(before):
                break
            key = self.key(records[number])
            if key in before:
                found[key] = number
        return found

    def filter_by(self, text: str) -> None:
        """Show the records that match ``text``.

        If the cursor's record does not match, the cursor goes to the first row, and back once it matches again.
        """
        current = self._number
        self.rows.filter_by(text)
        self._restore_cursor(current)

    def filter_again(self) -> None:
        """Filter by what the records know now, as :meth:`filter_by` does."""
        current = self._number
        self.rows.filter_again()
        self._restore_cursor(current)

    def sort_by(self, column: Column[R] | None, reverse: bool) -> None:
        """Sort by ``column``, or by the order of the answer if it is None."""
        current = self._number
        self.rows.sort_by(column, reverse)
        self._restore_cursor(current)

    def _restore_cursor(self, current: int | None, otherwise: int = 0) -> None:
        """Put the cursor back on the record that the user chose, else on the ``current`` one, else on that row."""
        offset = self.cursor - self.top
        was_in_view = 0 <= offset < self.page
        places = (self.rows.row(number) for number in (self._chosen, current))
        row = next((place for place in places if place is not None), otherwise)
        self.cursor = max(0, min(row, self.shown - 1))
        if not self.rows.filter:
            self._chosen = self._number
        # A view at the top stays there, so that new records are seen; any other keeps the cursor's line.
        self.top = self._clamp_top(self.cursor - offset if self.top else 0)
        if was_in_view:
            self._reveal()

    # The cursor and the view

    def move(self, row: int) -> None:
        """Move the cursor to a row that the user chose, or to the nearest."""
        self.cursor = max(0, min(row, self.shown - 1))
        self._chosen = self._number
        self._reveal()

    def move_by_pages(self, pages: float) -> None:
        """Move cursor and view by ``pages``, at least by one row; negative is up."""
        rows = max(1, int(abs(pages) * self.page)) * (1 if pages > 0 else -1)
        self.scroll(rows)
        self.move(self.cursor + rows)

    def find_row(self, key: Hashable) -> int | None:
        """Return the row of the record with this key, or None if no such row is shown."""
        return next(
            (row for row, other in enumerate(map(self.key, self.rows.matching)) if other == key), None
        )

    def scroll(self, rows: int) -> None:
        """Scroll the view by ``rows``; the cursor stays."""
        self.top = self._clamp_top(self.top + rows)

    def resize(self, page: int) -> None:
        """Set the number of rows that fit, and bring the cursor into view."""
        self.page = page
        self._reveal()

    def _clamp_top(self, top: int) -> int:
        return min(max(top, 0), max(0, self.shown - self.page))

    def _reveal(self) -> None:
        """Scroll just enough to bring the cursor into view."""
        first, last = self.cursor - self.page + 1, self.cursor
        self.top = self._clamp_top(min(max(self.top, first), last))

    # The marks

    @property
    def marked(self) -> tuple[R, ...]:
        """The marked records in the order they were marked in, also those that the filter hides."""
        return tuple(self.rows.records[number] for number in self._marks.values())

    @property
    def marked_keys(self) -> tuple[Hashable, ...]:
        """The keys of the marked records."""
        return tuple(self._marks)

    def is_marked(self, record: R) -> bool:
        """Return whether a record is marked."""
        return self.key(record) in self._marks

    def mark(self) -> None:
        """Mark or unmark the record under the cursor."""
        if (record := self.record) is None or (number := self._number) is None:
            return
        key = self.key(record)
        if key in self._marks:
            del self._marks[key]
        else:
            self._marks[key] = number

    def clear_marks(self) -> None:
        """Remove all marks."""
        self._marks = {}
