"""The records of a list, sorted and filtered."""

import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import compress, count, filterfalse, groupby, islice
from math import nan
from operator import gt, is_not, lt, ne
from typing import TYPE_CHECKING, Generic, cast, overload

from wltui.ui.text.corpus import Corpus, CorpusBuilder
from wltui.ui.text.facts import Facts, text_facts
from wltui.ui.text.query import Query, parse
from wltui.ui.text.record_facts import forget_texts
from wltui.ui.text.search import Search
from wltui.ui.text.spans import LONGEST_LINE

from .columns import Column, R

if TYPE_CHECKING:
    from _typeshed import SupportsRichComparison


KEYS_AT_ONCE = 10_000
"""Sort keys that are made in one step: a few milliseconds."""


MANY = 50
"""Rows that are faster copied as a whole than one by one."""


class Picked(Sequence[R]):
    """Some of many records in an order, looked up when they are asked for: to copy 100,000 takes 5 ms and 0.8 MB."""

    def __init__(self, records: Sequence[R], numbers: Sequence[int]) -> None:
        """``numbers`` are the indexes of the records in their order."""
        self._records, self._numbers = records, numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> R: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[R]: ...
    def __getitem__(self, place: int | slice) -> R | Sequence[R]:
        if isinstance(place, slice):
            return (*map(self._records.__getitem__, self._numbers[place]),)
        return self._records[self._numbers[place]]

    def __iter__(self) -> Iterator[R]:
        return map(self._records.__getitem__, self._numbers)


class Rows(Generic[R]):
    """Records, sorted by a column and filtered; records with equal sort keys keep the order of the answer.

    All that is kept for each record is in tuples and arrays: the garbage collector goes through every list, which
    would hold up a key for 10 ms and more for each list of 100,000.
    """

    def __init__(
        self,
        columns: Sequence[Column[R]],
        sort: Column[R] | None,
        reverse: bool,
        facts: Callable[[R], Sequence[Facts]] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """
        Args:
            columns: The columns, whose texts are searched if there are no ``facts``.
            sort: The column to sort by; None for the order of the answer.
            reverse: Whether to sort from greatest to least.
            facts: Returns what a record knows, which the filter searches.
            clock: Returns the time that ages in a filter count back from.
        """
        self.records: Sequence[R] = ()
        """All records, in the order of the answer."""
        self.matching: Sequence[R] = ()
        """The records that match the filter, sorted."""
        self.numbers: Sequence[int] = ()
        """For each record in ``matching``, its index in ``records``."""
        self.sort = sort
        self.reverse = reverse
        self.filter = ""
        self.query = Query()
        """The filter as understood."""
        self._searched = [column for column in columns if column.filter]
        self._make_facts = facts or self._column_facts
        self.now = clock
        self._order: Sequence[int] = ()
        self._orders: dict[tuple[str, bool], Sequence[int]] = {}
        """Orders sorted so far, by column and whether it is reversed."""
        self._keys: Sequence[SupportsRichComparison | None] | None = None
        self._prepared: tuple[object, object, Sequence[SupportsRichComparison | None]] | None = None
        """Records that are loaded next, a column, and the sort keys of these records for it."""
        self._known = CorpusBuilder()
        """What the first records know, until a search has it; the rest is asked for when a filter needs it."""
        self._search: Search | None = None
        self._stale = False

    def load(self, records: Sequence[R]) -> bool:
        """Replace the records; return False if they equal the present ones and :meth:`forget` was not called."""
        records = tuple(records)
        if records == self.records and not self._stale:
            return False
        before, corpus = self.records, self._corpus()
        self._drop()
        self.records = records
        if corpus.count and not self._stale:
            self._keep(before[: corpus.count], corpus)
        self._stale = False
        self._sort()
        self._choose()
        return True

    def prepare_order(self, records: Sequence[R]) -> Iterator[None]:
        """Make the sort keys of records that are loaded next, part by part, and yield after each."""
        column = self.sort
        parts: list[Sequence[SupportsRichComparison | None]] = []
        for start in range(0, len(records) if column else 0, KEYS_AT_ONCE):
            parts += [_sort_keys(column, records[start : start + KEYS_AT_ONCE])] if column else []
            yield
        self._prepared = records, column, _joined(parts)

    def forget(self) -> None:
        """Drop all texts and sort keys: columns are asked again when rows are next sorted, filtered or loaded."""
        self._drop()
        self._stale = True

    def _drop(self) -> None:
        self._keys = self._search = None
        self._orders = {}
        self._known = CorpusBuilder()

    def _keep(self, before: Sequence[R], corpus: Corpus) -> None:
        """Keep what is known of those records of before that are still there.

        Mostly few have changed, so the first and the last ones are compared before any other is looked for.
        """
        first = _equal(before, self.records)
        self._known.add_from(corpus, range(first))
        if not self.query.terms:
            return  # the others are asked in steps before the next filter
        last = _equal(before[first:][::-1], self.records[first:][::-1])
        between = range(first, len(before) - last)
        records = self.records[first : len(self.records) - last]
        places = dict(zip(map(id, before[between.start : between.stop]), count()))
        new = [record for record in records if id(record) not in places]
        places.update(zip(map(id, new), count(len(between))))
        both = CorpusBuilder()
        both.add_from(corpus, between)
        both.add([*map(self._make_facts, new)])
        built = both.build()
        for rows in _stretches(map(places.__getitem__, map(id, records))):
            self._known.add_from(built, rows)
        self._known.add_from(corpus, range(len(before) - last, len(before)))

    def sort_by(self, column: Column[R] | None, reverse: bool) -> None:
        """Sort by ``column``, or by the order of the answer if it is None."""
        if column is not self.sort:
            self._keys = None
        self.sort, self.reverse = column, reverse
        self._sort()
        self._choose()

    def filter_by(self, text: str) -> None:
        """Keep the records that match ``text`` by the rules of :mod:`~wltui.ui.text.query`."""
        self.filter, self.query = text, parse(text)
        self._choose()

    def filter_again(self) -> None:
        """Ask for the facts of all records again, and filter by them."""
        self.forget()
        self._choose()

    def row(self, number: int | None) -> int | None:
        """Return the row of the record with this number, or None if it does not match the filter."""
        try:
            return None if number is None else self.numbers.index(number)
        except ValueError:
            return None

    @property
    def unread(self) -> int:
        """How many records have not been asked for their facts; the next filter asks all."""
        return 0 if self._search else len(self.records) - self._known.count

    def read(self, count: int) -> None:
        """Ask the next records for their facts: for ``count`` or more, as a model also has those of its versions."""
        made, rows = 0, list[Sequence[Facts]]()
        for place in range(self._known.count, len(self.records) if self.unread else 0):
            rows.append(self._make_facts(self.records[place]))
            made += len(rows[-1])
            if made >= count:
                break
        self._known.add(rows)

    def _column_facts(self, record: R) -> Sequence[Facts]:
        return (text_facts([column.text(record) for column in self._searched]),)

    def _corpus(self) -> Corpus:
        """Return what the records know that have been asked."""
        return self._search.corpus if self._search else self._known.build(self.records)

    def _searchable(self) -> Search:
        if self._search is None:
            self.read(sys.maxsize)
            self._search = Search(self._corpus())
            self._known = CorpusBuilder()
            forget_texts()
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
            prepared, self._prepared = self._prepared, None
            if prepared and prepared[0] is self.records and prepared[1] is self.sort:
                self._keys = prepared[2]
            else:
                self._keys = _sort_keys(self.sort, self.records) if self.sort else ()
        keys = self._keys
        is_known = _is_known(keys)
        everything = range(len(keys))
        if is_known is None and start == everything and self.sort and (falls := _is_strict(keys)) is not None:
            self._keys = None  # both orders are known, and need no memory
            orders = everything, everything[::-1]
            self._orders[self.sort.key, not self.reverse] = orders[falls is self.reverse]
            return orders[falls is not self.reverse]
        order = [*filter(is_known, start)] if is_known else [*start]
        order.sort(
            key=cast("Callable[[int], SupportsRichComparison]", keys.__getitem__), reverse=self.reverse
        )
        if is_known:
            order += filterfalse(is_known, start)
        return everything if order == [*everything] else array("I", order)  # most come in the usual order

    def _choose(self) -> None:
        everything = range(len(self.records))
        self.numbers = order = self._order
        if self.query.terms:
            found = self._searchable().find(self.query.terms, self.now().timestamp())
            if len(found) == len(self.records):
                pass
            elif order == everything:
                self.numbers = found
            else:
                matches = bytearray(len(self.records))
                for number in found:
                    matches[number] = True
                self.numbers = array("I", compress(order, map(matches.__getitem__, order)))
        is_all = self.numbers == everything
        self.matching = self.records if is_all else Picked(self.records, self.numbers)


def _equal(before: Sequence[object], after: Sequence[object]) -> int:
    """Return how many of the first records are the same objects."""
    return next(compress(count(), map(is_not, before, after)), min(len(before), len(after)))


def _stretches(numbers: Iterable[int]) -> Iterator[Sequence[int]]:
    """Yield numbers in their order: many that follow one another as a range, others as lists."""
    others: list[int] = []
    for _, run in groupby(enumerate(numbers), lambda each: each[1] - each[0]):
        found = [number for _, number in run]
        if len(found) < MANY:
            others += found
            continue
        yield others
        yield range(found[0], found[-1] + 1)
        others = []
    yield others


def _sort_keys(column: Column[R], records: Sequence[R]) -> "Sequence[SupportsRichComparison | None]":
    """Return the sort keys of records; floats and None as an array with NaN, in a fifth of the memory."""
    if column.sort is None:
        text = column.text
        return tuple([text(record)[:LONGEST_LINE].casefold() for record in records])
    keys = (*map(column.sort, records),)
    if not {*map(type, keys)} <= {float, type(None)}:
        return keys
    return array("d", [nan if key is None else cast("float", key) for key in keys])


def _joined(
    parts: "Sequence[Sequence[SupportsRichComparison | None]]",
) -> "Sequence[SupportsRichComparison | None]":
    """Return parts of sort keys as one sequence."""
    if all(isinstance(part, array) for part in parts):
        whole = array("d")
        for part in parts:
            whole.extend(cast("array[float]", part))
        return whole
    return tuple([
        None if is_array and key != key else key  # noqa: PLR0124  NaN
        for part in parts
        for is_array in (isinstance(part, array),)
        for key in part
    ])  # fmt: skip


def _is_known(keys: "Sequence[SupportsRichComparison | None]") -> Callable[[int], bool] | None:
    """Return a function that returns whether the key at a place is known; None if all are."""
    if isinstance(keys, array):
        return (lambda place: keys[place] == keys[place]) if any(map(ne, keys, keys)) else None
    return (lambda place: keys[place] is not None) if None in keys else None


def _is_strict(keys: "Sequence[SupportsRichComparison | None]") -> bool | None:
    """Return whether each key is less than the one before (True) or greater (False), or None if neither holds."""
    comparable = cast("Sequence[float]", keys)  # or texts
    for falls, compare in ((True, gt), (False, lt)):
        if all(map(compare, comparable, islice(comparable, 1, None))):
            return falls
    return None
