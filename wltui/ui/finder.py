"""The best few of many named things, for what somebody has typed so far."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from .fuzzy import Search, haystack

CHANCE = 3_000
"""Of so many rows at most it is looked how close the letters stand that found them."""


class Row(NamedTuple):
    """What is to be found, as :func:`row` makes it."""

    rank: int
    name: str
    haystack: str


def row(name: str, others: Iterable[str], rank: int) -> Row:
    """A row with a name, other texts to search, and a rank."""
    return Row(rank, name.casefold(), haystack((name, *others)))


class Finder:
    """Finds rows as :class:`~wltui.ui.fuzzy.Search` does, and tells the best first.

    Best is the row of that name, then those whose name begins with the text, has a word that does, holds it, holds
    all its terms; at last those that match elsewhere. Among equals the lower rank counts, then who came first.
    """

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._order: Sequence[int] = ()
        """The numbers of the rows by rank; the following two are in this order."""
        self._names: list[str] = []
        self._haystacks: list[str] = []
        self._search = Search(self._haystacks)
        self.matches = 0
        """How many rows the last text matched."""

    @property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        """What of a found row is to be marked; see :func:`~wltui.ui.fuzzy.highlight`."""
        return self._search.patterns

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows, which are numbered on."""
        self._rows += rows

    def best(self, text: str, limit: int) -> list[int]:
        """The numbers of the rows that match, best first, at most ``limit``."""
        if len(self._order) < len(self._rows):
            self._put_in_order()
        text = text.casefold().strip()
        found = self._search.find(text)
        self.matches = len(found)
        kept: dict[int, None] = {}
        for better in self._tiers(text, found):
            kept.update(dict.fromkeys(islice(better, limit)))
            if len(kept) >= limit:
                break
        return [self._order[place] for place in islice(kept, limit)]

    def _put_in_order(self) -> None:
        rows = self._rows
        new = range(len(self._order), len(rows))
        self._order = sorted([*self._order, *new], key=[row.rank for row in rows].__getitem__)
        self._names = [rows[number].name for number in self._order]
        self._haystacks = [rows[number].haystack for number in self._order]
        self._search = Search(self._haystacks)

    def _tiers(self, text: str, found: Sequence[int]) -> Iterator[Iterable[int]]:
        """Those of the found places that fit best, then those that fit as well or less, and so on to all."""
        names, terms = self._names, text.split()
        if terms:
            inside = [place for place in found if text in names[place]]
            begins = re.compile(rf"(?<![^\W_]){re.escape(text)}").search
            yield (place for place in inside if names[place] == text)
            yield (place for place in inside if names[place].startswith(text))
            yield (place for place in inside if begins(names[place]))
            yield inside
            if len(terms) > 1:
                yield (place for place in found if all(term in names[place] for term in terms))
        yield sorted(found, key=self._apart) if terms and len(found) <= CHANCE else found

    def _apart(self, place: int) -> int:
        """How many letters the terms take up; of a term that was found as typed, its own."""
        hits = (pattern.search(self._haystacks[place]) for pattern in self.patterns)
        return sum(hit.end() - hit.start() for hit in hits if hit)
