"""The lines of a table whose rows are filtered and sorted."""

from collections.abc import Awaitable, Callable, Sequence

from wltui.ui.text.record_facts import forget_texts

from .columns import R
from .lines import TableLines

AT_ONCE = 400
"""Facts that are made in one step of the event loop: a millisecond or two."""


class OrderedLines(TableLines[R]):
    """Lines of the rows that match a filter, in the order of a column; has no keys."""

    def _update(self) -> None:
        """Repaint changed lines; a subclass also posts what has changed."""
        self._repaint()

    # Filter and order

    @property
    def filter(self) -> str:
        """The text that shown records match; for the rules see :mod:`~wltui.ui.text.query`.

        If the cursor's record does not match, the cursor goes to the first row, and back once it matches again.
        """
        return self._rows.filter

    @filter.setter
    def filter(self, text: str) -> None:
        if text != self._rows.filter:
            self._view.filter_by(text)
            self._update()

    def filter_again(self) -> None:
        """Filter by what the records know now, since facts depend on more than the records."""
        self._view.filter_again()
        self._update()

    async def prepare_filter(self, between: Callable[[], Awaitable[None]]) -> None:
        """Make the facts of all rows in small steps; ``between`` is awaited after each, so that keys are served."""
        try:
            while self._rows.unread:
                self._rows.read(AT_ONCE)
                await between()
        finally:
            forget_texts()

    async def prepare_order(self, records: Sequence[R], between: Callable[[], Awaitable[None]]) -> None:
        """Read by what records are sorted that are shown next, in steps; ``between`` is awaited after each."""
        for _ in self._rows.prepare_order(records):
            await between()

    @property
    def is_prepared(self) -> bool:
        """Whether a filter can be applied within some milliseconds."""
        return not self._rows.unread

    @property
    def titles(self) -> Sequence[tuple[str, str]]:
        """The keys and titles of all columns, those without room included."""
        return [(column.key, column.title) for column in self._columns.values()]

    @property
    def arrow(self) -> str:
        """The sign of the direction that rows are sorted in."""
        return self._glyphs.down if self._rows.reverse else self._glyphs.up

    @property
    def hidden_order(self) -> str:
        """The title of the column that rows are sorted by, with its arrow, if it has no room; else an empty string."""
        by = self._rows.sort
        if by is None or any(column is by for column, _ in self._fitted):
            return ""
        return f"{by.title} {self.arrow}"

    @property
    def sort_column(self) -> str | None:
        """The key of the column that rows are sorted by, or None for the order of the answer."""
        return self._rows.sort.key if self._rows.sort else None

    @property
    def sort_reverse(self) -> bool:
        """Whether rows are sorted from greatest to least."""
        return self._rows.reverse

    def sort_by(self, column: str | None, reverse: bool | None = None) -> None:
        """Sort by the column with this key, by default in its own direction; None for the order of the answer."""
        by = self._columns[column] if column is not None else None
        self._view.sort_by(by, (by is not None and by.descending) if reverse is None else reverse)
        self._update()
