"""The best few of many named things, for what somebody has typed so far."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct

from .fuzzy import Search, haystack
from .spans import LONGEST_LINE

CHANCE = 3_000
"""Of so many rows at most it is looked how close the letters stand that found them."""


class FinderRow(Struct, frozen=True, gc=False):
    """What is to be found, as :func:`row` makes it. There may be many: the garbage collector need not look at them."""

    rank: int
    name: str
    haystack: str


def row(name: str, others: Iterable[str], rank: int) -> FinderRow:
    """Return a row with a name, other texts to search, and a rank."""
    return FinderRow(rank, name[:LONGEST_LINE].casefold(), haystack((name, *others)))


class Index:
    """Rows by rank, ready to be searched."""

    def __init__(self, rows: Sequence[FinderRow], before: "Index | None" = None) -> None:
        """``before`` is an index of the first of these rows, whose order spares work."""
        known: Sequence[int] = before.order if before else ()
        self.order: Sequence[int] = sorted(
            [*known, *range(len(known), len(rows))], key=[row.rank for row in rows].__getitem__
        )
        """The numbers of the rows."""
        self.names = [rows[number].name for number in self.order]
        self.haystacks = [rows[number].haystack for number in self.order]
        self.search = Search(self.haystacks)


class Finder:
    """Finds rows as :class:`~wltui.ui.text.fuzzy.Search` does, and tells the best first.

    Best is the row of that name, then those whose name begins with the text, has a word that does, holds it, holds
    all its terms; at last those that match elsewhere. Among equals the lower rank counts, then who came first.
    """

    def __init__(self) -> None:
        self._rows: list[FinderRow] = []
        self._index = Index(())
        self.matches = 0
        """How many rows the last text matched."""

    def __len__(self) -> int:
        """How many rows there are to be found."""
        return len(self._index.order)

    @property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        """What of a found row is to be marked; see :func:`~wltui.ui.text.fuzzy.highlight`."""
        return self._index.search.patterns

    def add(self, rows: Iterable[FinderRow]) -> None:
        """Add rows, which are numbered on. They are found once they are in the index."""
        self._rows += rows

    def index(self) -> Index:
        """Return an index of all rows, to be used; many take a while, so it may be made in a thread."""
        return Index(self._rows[:], self._index)

    def use(self, index: Index) -> None:
        """Search by this index from now on."""
        self._index = index

    def best(self, text: str, limit: int) -> list[int]:
        """Return the numbers of the rows that match, best first, at most ``limit``."""
        text = text.casefold().strip()
        found = self._index.search.find(text)
        self.matches = len(found)
        kept: dict[int, None] = {}
        for better in self._tiers(text, found):
            kept.update(dict.fromkeys(islice(better, limit)))
            if len(kept) >= limit:
                break
        return [self._index.order[place] for place in islice(kept, limit)]

    def _tiers(self, text: str, found: Sequence[int]) -> Iterator[Iterable[int]]:
        """Those of the found places that fit best, then those that fit as well or less, and so on to all."""
        names, terms = self._index.names, text.split()
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
        haystack = self._index.haystacks[place]
        hits = (pattern.search(haystack) for pattern in self.patterns)
        return sum(hit.end() - hit.start() for hit in hits if hit)
