"""The records of a list in the order, and the choice of them, in which it shows them."""

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
        self._orders: dict[tuple[str, bool], Sequence[int]] = {}
        """Every order that the records have been in, by column and whether it is reversed."""
        self._keys: list[SupportsRichComparison | None] | None = None
        self._haystacks: list[str] = []
        """Of the first records: all that were read so far."""
        self._search: Search | None = None
        self._stale = False

    def load(self, records: Sequence[R]) -> bool:
        """Take other records; False where they are equal to the present ones, and nothing was forgotten."""
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
        """Ask the columns anew when rows are next sorted, filtered or loaded."""
        self._keys = self._search = None
        self._orders = {}
        self._haystacks = []
        self._stale = True

    def sort_by(self, column: Column[R] | None, reverse: bool) -> None:
        """Sort by ``column``, or leave the records as they came."""
        if column is not self.sort:
            self._keys = None
        self.sort, self.reverse = column, reverse
        self._sort()
        self._choose()

    def filter_by(self, text: str) -> None:
        """Show the records that match ``text``, as :class:`~wltui.ui.text.fuzzy.Search` tells."""
        self.filter = text
        self._choose()

    def row(self, number: int | None) -> int | None:
        """Where the record with this number is shown, None where it is not."""
        try:
            return None if number is None else self.numbers.index(number)
        except ValueError:
            return None

    @property
    def unread(self) -> int:
        """How many records have not been made ready to be searched; the next filter does that to all."""
        return len(self.records) - len(self._haystacks)

    def read(self, count: int) -> None:
        """Make so many records more ready to be searched."""
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
        """Put all records in order; an order that was there before is found again."""
        everything = range(len(self.records))
        if self.sort is None:
            self._order = everything[::-1] if self.reverse else everything
            return
        name = self.sort.key
        if (name, self.reverse) not in self._orders:
            # The other direction is turned round in no time.
            start = self._orders.get((name, not self.reverse), everything)
            self._orders[name, self.reverse] = self._sorted(start)
        self._order = self._orders[name, self.reverse]

    def _sorted(self, start: Sequence[int]) -> Sequence[int]:
        if self._keys is None:
            self._keys = _sort_keys(self.sort, self.records) if self.sort else []
        keys = self._keys
        all_told = None not in keys
        order = [*start] if all_told else [number for number in start if keys[number] is not None]
        order.sort(
            key=cast("Callable[[int], SupportsRichComparison]", keys.__getitem__), reverse=self.reverse
        )
        # Numbers in an array take a tenth of the memory.
        return array("L", order if all_told else [*order, *(n for n in start if keys[n] is None)])

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
        self.shown = [*map(self.records.__getitem__, self.numbers)]


def _sort_keys(column: Column[R], records: Sequence[R]) -> "list[SupportsRichComparison | None]":
    if column.sort is not None:
        return [*map(column.sort, records)]
    text = column.text
    return [text(record)[:LONGEST_LINE].casefold() for record in records]
