"""What a filter searches, in columns: of a million versions 70 MB, and most letters take a third of a second.

Times and digests stand side by side, as to ask a million objects for theirs takes longer than to search them all.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import chain
from math import nan
from operator import attrgetter, eq, is_
from typing import TypeVar, cast

from msgspec import Struct

from wltui.core.compact import DIGESTS, PACKED

from .digests import SIZE
from .facts import Facts, Source, Texts

T = TypeVar("T")

_NO_DIGESTS = bytes(SIZE)


class Corpus(Struct, frozen=True):
    """What rows know: each has an entry for itself, and may have one for each record below it.

    The columns are no lists, as the garbage collector goes through each of those.
    """

    count: int
    """The number of rows."""
    rows: Sequence[int]
    """The row of each entry, ascending."""
    texts: Sequence[Texts]
    """The distinct texts."""
    text_of: Sequence[int]
    """For each entry, which of the texts it has."""
    sources: Sequence[Source]
    ids: Sequence[int | None]
    """The ids of the sources."""
    since: Sequence[float]
    """The time by which ``age<24h`` finds an entry, in seconds since 1970; NaN if it is unknown, which is neither older
    nor younger than any."""
    digests: bytearray
    """The UUID and the hash of each entry as :mod:`.digests` has them, zeros if its source does not hold them packed.
    Empty if none does."""
    unpacked: Sequence[int]
    """The places of other entries with a UUID or a hash, ascending."""
    has_hidden: bool
    """Whether any entry has texts that only a key finds."""
    has_below: bool
    """Whether any entry is for a record below a row."""

    @classmethod
    def of(cls, rows: Iterable[Sequence[Facts]]) -> "Corpus":
        """Return what rows know."""
        builder = CorpusBuilder()
        builder.add((*rows,))
        return builder.build()

    def __len__(self) -> int:
        return len(self.text_of)

    @property
    def is_flat(self) -> bool:
        """Whether each row has one entry."""
        return isinstance(self.rows, range)

    def at(self, places: Sequence[int], column: Sequence[T]) -> Iterable[T]:
        """Return what a column has at ascending places."""
        return column if len(places) == len(column) else map(column.__getitem__, places)


class _Numbers(dict[Texts, int]):
    """Numbers texts in the order in which they are asked for."""

    def __missing__(self, texts: Texts) -> int:
        self[texts] = number = len(self)
        return number


class CorpusBuilder:
    """Makes a corpus, some rows at a time."""

    def __init__(self) -> None:
        self.count = 0
        """The number of rows so far."""
        self._rows: array[int] | None = None
        """The row of each entry; None as long as each row has one."""
        self._texts = _Numbers()
        self._text_of = array("I")
        self._sources: list[Source] = []
        self._ids: array[int] | list[int | None] = array("I")
        self._since = array("d")
        self._digests = bytearray()
        self._unpacked = array("I")

    def add(self, rows: Sequence[Sequence[Facts]]) -> None:
        """Add rows; many at once take less time."""
        entries = (*chain.from_iterable(rows),)
        if len(entries) != len(rows) or not all(rows) or self._rows is not None:
            self._count_rows().extend([number for number, row in enumerate(rows, self.count) for _ in row])
        self.count += len(rows)
        sources = [*map(attrgetter("source"), entries)]
        self._add_digests(sources)
        self._since.extend(map(_time, entries))
        self._text_of.extend(map(self._texts.__getitem__, map(attrgetter("texts"), entries)))
        self._sources += sources
        self._add_ids([*map(attrgetter("id"), sources)])

    def add_from(self, corpus: Corpus, rows: Sequence[int]) -> None:
        """Add these rows of another corpus. A range is copied as a whole; others take 0.3 µs each."""
        places, numbers = _entries_of(corpus, rows)
        if numbers is not None or self._rows is not None:
            counted = range(len(rows)) if numbers is None else numbers
            self._count_rows().extend([self.count + number for number in counted])
        self.count += len(rows)
        if corpus.digests:
            self._fill_digests()
            if isinstance(places, range):
                self._digests += corpus.digests[places.start * SIZE : places.stop * SIZE]
            else:
                self._digests += b"".join(
                    [corpus.digests[start : start + SIZE] for start in map(SIZE.__mul__, places)]
                )
        if corpus.unpacked:
            unpacked = {*corpus.unpacked}
            first = len(self)
            self._unpacked.extend([first + place for place, old in enumerate(places) if old in unpacked])
        self._since.extend(_taken(corpus.since, places))
        self._add_ids(_taken(corpus.ids, places))
        self._sources += _taken(corpus.sources, places)
        self._add_texts_from(corpus, _taken(corpus.text_of, places))

    def __len__(self) -> int:
        """Return the number of entries so far."""
        return len(self._text_of)

    def _add_texts_from(self, corpus: Corpus, taken: Sequence[int]) -> None:
        """Add the texts with these numbers in another corpus, and none of those that no entry has any more."""
        is_whole = len(taken) == len(corpus)
        numbers = {
            old: self._texts[corpus.texts[old]]
            for old in (range(len(corpus.texts)) if is_whole else {*taken})
        }
        is_same = all(map(eq, numbers, numbers.values()))
        self._text_of.extend(taken if is_same else map(numbers.__getitem__, taken))

    def _count_rows(self) -> "array[int]":
        if self._rows is None:
            self._rows = array("I", range(self.count))
        return self._rows

    def _add_digests(self, sources: Sequence[Source]) -> None:
        """Add the digests of sources whose texts are added next."""
        first, packed = len(self), [*map(attrgetter(PACKED), sources)]
        kinds = {*map(type, packed)}
        if bytes in kinds:
            digests = [own[DIGESTS] if type(own) is bytes else _NO_DIGESTS for own in packed]
            self._fill_digests()
            self._digests += b"".join(digests)
        if kinds != {bytes}:
            self._unpacked.extend(
                [
                    place
                    for place, (own, source) in enumerate(zip(packed, sources, strict=True), first)
                    if type(own) is not bytes and (source.uuid or source.sha)
                ]
            )

    def _fill_digests(self) -> None:
        """Add zeros for the entries so far that have no digests yet."""
        self._digests += bytes(len(self) * SIZE - len(self._digests))

    def _add_ids(self, ids: Sequence[int | None]) -> None:
        size = len(self._ids)
        try:
            self._ids.extend(ids)  # type: ignore[arg-type]  # one that is missing raises TypeError
        except (TypeError, OverflowError):
            self._ids = [*self._ids[:size], *ids]

    def build(self, records: Sequence[object] = ()) -> Corpus:
        """Return the corpus; the builder is of no use after that.

        If the sources are just these records, they take no memory of their own.
        """
        is_record = len(records) == len(self._sources) and all(map(is_, records, self._sources))
        sources = cast("Sequence[Source]", records) if is_record else (*self._sources,)
        if self._digests:
            self._fill_digests()
        return Corpus(
            self.count,
            range(self.count) if self._rows is None else self._rows,
            (*self._texts,),
            self._text_of,
            sources,
            self._ids if isinstance(self._ids, array) else (*self._ids,),
            self._since,
            self._digests,
            self._unpacked,
            any(each.text is not each.words for each in self._texts),
            any(each.is_below for each in self._texts),
        )


def _time(facts: Facts) -> float:
    since = facts.source.created_seconds if facts.began is None else facts.began
    return nan if since is None else since


def _taken(column: Sequence[T], places: Sequence[int]) -> Sequence[T]:
    """Return what a column has at these places."""
    if isinstance(places, range):
        return column[places.start : places.stop]
    return [*map(column.__getitem__, places)]


def _entries_of(corpus: Corpus, rows: Sequence[int]) -> tuple[Sequence[int], Sequence[int] | None]:
    """Return the places of the entries of rows, and which of the rows each is of; None if each row has one."""
    if corpus.is_flat:
        return rows, None
    ends = [(bisect_left(corpus.rows, row), bisect_left(corpus.rows, row + 1)) for row in rows]
    numbers = [number for number, (start, end) in enumerate(ends) for _ in range(start, end)]
    return [place for start, end in ends for place in range(start, end)], numbers
