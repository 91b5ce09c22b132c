"""The records of a list, sorted and filtered."""

import re
from array import array
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, cast

from wltui.ui.text.fuzzy import Search, haystack
from wltui.ui.text.spans import LONGEST_LINE

from .columns import Column, R

if TYPE_CHECKING:
    from _typeshed import SupportsRichComparison


class Rows(Generic[R]):
    """Records, sorted by a column and filtered; records with equal sort keys keep the order of the answer."""

    def __init__(self, columns: Sequence[Column[R]], sort: Column[R] | None, reverse: bool) -> None:
        self.records: list[R] = []
        """All records, in the order of the answer."""
        self.matching: list[R] = []
        """The records that match the filter, sorted."""
        self.numbers: Sequence[int] = ()
        """For each record in ``matching``, its index in ``records``."""
        self.sort = sort
        self.reverse = reverse
        self.filter = ""
        self.patterns: tuple[re.Pattern[str], ...] = ()
        """Patterns that find the letters to highlight, one for each term of the filter."""
        self._searched = [column for column in columns if column.filter]
        self._order: Sequence[int] = ()
        self._orders: dict[tuple[str, bool], Sequence[int]] = {}
        """Orders sorted so far, by column and whether it is reversed."""
        self._keys: list[SupportsRichComparison | None] | None = None
        self._haystacks: list[str] = []
        """Searchable texts of the first records; the rest is made when a filter needs it."""
        self._search: Search | None = None
        self._stale = False

    def load(self, records: Sequence[R]) -> bool:
        """Replace the records; return False if they equal the present ones and :meth:`forget` was not called."""
        records = list(records)
        if records == self.records and not self._stale:
            return False
        searched, self.records = self.records, records
        self._keys = self._search = None
        self._orders = {}
        if self._stale or not self._haystacks or len(self._haystacks) < len(searched):
            self._haystacks = []
        else:
            known = dict(zip(map(id, searched), self._haystacks, strict=True))
            self._haystacks = [known.get(id(record)) or self._haystack(record) for record in records]
        self._stale = False
        self._sort()
        self._choose()
        return True

    def forget(self) -> None:
        """Drop all texts and sort keys: columns are asked again when rows are next sorted, filtered or loaded."""
        self._keys = self._search = None
        self._orders = {}
        self._haystacks = []
        self._stale = True

    def sort_by(self, column: Column[R] | None, reverse: bool) -> None:
        """Sort by ``column``, or by the order of the answer if it is None."""
        if column is not self.sort:
            self._keys = None
        self.sort, self.reverse = column, reverse
        self._sort()
        self._choose()

    def filter_by(self, text: str) -> None:
        """Keep the records that match ``text`` by the rules of :class:`~wltui.ui.text.fuzzy.Search`."""
        self.filter = text
        self._choose()

    def row(self, number: int | None) -> int | None:
        """Return the row of the record with this number, or None if it does not match the filter."""
        try:
            return None if number is None else self.numbers.index(number)
        except ValueError:
            return None

    @property
    def unread(self) -> int:
        """How many records have no searchable text yet; the next filter makes all of them."""
        return len(self.records) - len(self._haystacks)

    def read(self, count: int) -> None:
        """Make the searchable texts of the next ``count`` records."""
        start = len(self._haystacks)
        self._haystacks += map(self._haystack, self.records[start : start + count])

    def _haystack(self, record: R) -> str:
        return haystack([column.text(record) for column in self._searched])

    def _searchable(self) -> Search:
        if self._search is None:
            self.read(self.unread)
            self._search = Search(self._haystacks)
        return self._search

    def _sort(self) -> None:
        """Sort all records, or use an order from before."""
        everything = range(len(self.records))
        if self.sort is None:
            self._order = everything[::-1] if self.reverse else everything
            return
        name = self.sort.key
        if (name, self.reverse) not in self._orders:
            # Sorting the reverse of a sorted order is fast.
            start = self._orders.get((name, not self.reverse), everything)
            self._orders[name, self.reverse] = self._sort_numbers(start)
        self._order = self._orders[name, self.reverse]

    def _sort_numbers(self, start: Sequence[int]) -> Sequence[int]:
        if self._keys is None:
            self._keys = _sort_keys(self.sort, self.records) if self.sort else []
        keys = self._keys
        none_missing = None not in keys
        order = [*start] if none_missing else [number for number in start if keys[number] is not None]
        order.sort(
            key=cast("Callable[[int], SupportsRichComparison]", keys.__getitem__), reverse=self.reverse
        )
        # An array of numbers takes a tenth of a list's memory.
        return array("L", order if none_missing else [*order, *(n for n in start if keys[n] is None)])

    def _choose(self) -> None:
        self.numbers, self.patterns = self._order, ()
        if self.filter.strip():
            search = self._searchable()
            found = search.find(self.filter)
            if len(found) < len(self.records):
                matches = bytearray(len(self.records))
                for number in found:
                    matches[number] = True
                self.numbers = [number for number in self._order if matches[number]]
            self.patterns = search.patterns
        self.matching = [*map(self.records.__getitem__, self.numbers)]


def _sort_keys(column: Column[R], records: Sequence[R]) -> "list[SupportsRichComparison | None]":
    if column.sort is not None:
        return [*map(column.sort, records)]
    text = column.text
    return [text(record)[:LONGEST_LINE].casefold() for record in records]
