"""The records of a list in the order, and the choice of them, in which it shows them."""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, cast

from wltui.ui.fuzzy import Search, haystack

from .columns import Column, R

if TYPE_CHECKING:
    from _typeshed import SupportsRichComparison


class Rows(Generic[R]):
    """Records, sorted by a column and filtered; those that sort alike stay in the order they came in."""

    def __init__(self, columns: Sequence[Column[R]], sort: Column[R] | None, reverse: bool) -> None:
        self.records: list[R] = []
        """All of them, as they came."""
        self.shown: list[R] = []
        """Those that match the filter, sorted."""
        self.numbers: Sequence[int] = ()
        """Of each record shown, its place in ``records``."""
        self.sort = sort
        self.reverse = reverse
        self.filter = ""
        self.patterns: tuple[re.Pattern[str], ...] = ()
        """What the filter's matched letters are found by."""
        self._searched = [column for column in columns if column.filter]
        self._order: Sequence[int] = ()
        self._keys: list[SupportsRichComparison | None] | None = None
        self._search: Search | None = None
        self._stale = False

    def load(self, records: Sequence[R]) -> bool:
        """Take other records; False where they are equal to the present ones, and nothing was forgotten."""
        records = list(records)
        if records == self.records and not self._stale:
            return False
        self.records = records
        self.forget()
        self._stale = False
        self._sort()
        self._choose()
        return True

    def forget(self) -> None:
        """Ask the columns anew when rows are next sorted, filtered or loaded."""
        self._keys = self._search = None
        self._stale = True

    def sort_by(self, column: Column[R] | None, reverse: bool) -> None:
        """Sort by ``column``, or leave the records as they came."""
        known = self._order if column is self.sort and self._keys is not None else None
        if known is None:
            self._keys = None
        self.sort, self.reverse = column, reverse
        self._sort(known)
        self._choose()

    def filter_by(self, text: str) -> None:
        """Show the records that match ``text``, as :class:`~wltui.ui.fuzzy.Search` tells."""
        self.filter = text
        self._choose()

    def row(self, number: int | None) -> int | None:
        """Where the record with this number is shown, None where it is not."""
        try:
            return None if number is None else self.numbers.index(number)
        except ValueError:
            return None

    def _searchable(self) -> Search:
        if self._search is None:
            fields = zip(*(map(column.text, self.records) for column in self._searched), strict=True)
            self._search = Search([*map(haystack, fields)])
        return self._search

    def _sort(self, known: Sequence[int] | None = None) -> None:
        """Put all records in order; ``known`` is one by the same keys, which a sort turns round in no time."""
        everything = range(len(self.records))
        if self.sort is None:
            self._order = everything[::-1] if self.reverse else everything
            return
        if self._keys is None:
            self._keys = _sort_keys(self.sort, self.records)
        keys = self._keys
        start = everything if known is None else known
        all_told = None not in keys
        order = [*start] if all_told else [number for number in start if keys[number] is not None]
        order.sort(
            key=cast("Callable[[int], SupportsRichComparison]", keys.__getitem__), reverse=self.reverse
        )
        self._order = order if all_told else order + [number for number in start if keys[number] is None]

    def _choose(self) -> None:
        self.numbers, self.patterns = self._order, ()
        if self.filter.strip():
            search = self._searchable()
            matches = bytearray(len(self.records))
            for number in search.find(self.filter):
                matches[number] = True
            self.numbers = [number for number in self._order if matches[number]]
            self.patterns = search.patterns
        self.shown = [*map(self.records.__getitem__, self.numbers)]


def _sort_keys(column: Column[R], records: Sequence[R]) -> "list[SupportsRichComparison | None]":
    if column.sort is not None:
        return [*map(column.sort, records)]
    text = column.text
    return [text(record).casefold() for record in records]
