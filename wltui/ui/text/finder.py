"""Find the best matches among many named things while somebody types."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct

from .fuzzy import Search, haystack
from .spans import LONGEST_LINE

CHANCE = 3_000
"""The most matches that are ranked by how close together their matched letters are."""


class FinderRow(Struct, frozen=True, gc=False):
    """A row to find, made by :func:`row`. There may be many, so the garbage collector does not track them."""

    rank: int
    name: str
    haystack: str


def row(name: str, others: Iterable[str], rank: int) -> FinderRow:
    """Return a row with a name, other texts to search, and a rank."""
    return FinderRow(rank, name[:LONGEST_LINE].casefold(), haystack((name, *others)))


class Index:
    """Rows by rank, ready to be searched."""

    def __init__(self, rows: Sequence[FinderRow], before: "Index | None" = None) -> None:
        """``before`` is an index of the first of these rows; its order makes sorting faster."""
        known: Sequence[int] = before.order if before else ()
        self.order: Sequence[int] = sorted(
            [*known, *range(len(known), len(rows))], key=[row.rank for row in rows].__getitem__
        )
        """The numbers of the rows, by rank."""
        self.names = [rows[number].name for number in self.order]
        self.haystacks = [rows[number].haystack for number in self.order]
        self.search = Search(self.haystacks)


class Finder:
    """Finds rows by the rules of :class:`~wltui.ui.text.fuzzy.Search`, and returns the best first.

    The best is the row of that name, then rows whose name begins with the text, has a word that does, contains it,
    contains all its terms, and then rows that match elsewhere. Equal matches are sorted by rank, then by number.
    """

    def __init__(self) -> None:
        self._rows: list[FinderRow] = []
        self._index = Index(())
        self.matches = 0
        """How many rows the last text matched."""

    def __len__(self) -> int:
        """Return the number of rows in the index."""
        return len(self._index.order)

    @property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        """Patterns of the letters to highlight in a row; see :func:`~wltui.ui.text.fuzzy.highlight`."""
        return self._index.search.patterns

    def add(self, rows: Iterable[FinderRow]) -> None:
        """Add rows with the next numbers. They are found once an index with them is in use."""
        self._rows += rows

    def index(self) -> Index:
        """Return an index of all rows for :meth:`use`. Slow if there are many; a thread may call it."""
        return Index(self._rows[:], self._index)

    def use(self, index: Index) -> None:
        """Search this index from now on."""
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
        """Yield the best of the found places, then the next best, and at last all; a later set may repeat a place."""
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
        yield sorted(found, key=self._spanned_letters) if terms and len(found) <= CHANCE else found

    def _spanned_letters(self, place: int) -> int:
        """Return the number of letters from the first to the last match of each term, summed up."""
        haystack = self._index.haystacks[place]
        hits = (pattern.search(haystack) for pattern in self.patterns)
        return sum(hit.end() - hit.start() for hit in hits if hit)
