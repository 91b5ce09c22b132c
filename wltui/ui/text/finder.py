"""Find the best matches among many named things while somebody types."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from .corpus import Corpus
from .facts import Facts
from .query import Term, in_order, parse, whole_number
from .search import Search
from .spans import LONGEST_LINE

CHANCE = 3_000
"""The most matches that are ranked by how close together their matched letters are."""
EVER = 0.0
"""The time that ages count back from if nobody filters by them."""


class FinderRow(Struct, frozen=True, gc=False):
    """A row to find, made by :func:`row`. There may be many, so the garbage collector does not track them."""

    rank: int
    name: str
    facts: Facts


def row(name: str, facts: Facts, rank: int) -> FinderRow:
    """Return a row with a name, what it knows besides, and a rank."""
    return FinderRow(rank, name[:LONGEST_LINE].casefold(), facts)


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
        self.search = Search(Corpus.of((rows[number].facts,) for number in self.order))


class Finder:
    """Finds rows by the language of :mod:`~wltui.ui.text.query`, and returns the best first.

    The best have the typed number as their id, then comes the row of that name, then rows whose name begins with the
    text, has a word that does, contains it, contains all its words, and then rows that match elsewhere. Equal matches
    are sorted by rank, then by number. If no row holds the words, names are found that have their letters in order.
    """

    def __init__(self) -> None:
        self._rows: list[FinderRow] = []
        self._index = Index(())
        self._terms: tuple[Term, ...] = ()
        self._guessed: tuple[tuple[Term, ...], Sequence[int]] = ((), ())
        """The words of the last guess, and the places of the names that it found."""
        self.matches = 0
        """How many rows the last text matched."""
        self.is_guess = False
        """Whether no row holds the words, and those found have their letters in order."""

    def __len__(self) -> int:
        """Return the number of rows in the index."""
        return len(self._index.order)

    @property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        """Patterns of the letters to highlight in a row; see :func:`~wltui.ui.text.search.highlight`."""
        return tuple(pattern for term in self._terms if (pattern := term.pattern))

    def add(self, rows: Iterable[FinderRow]) -> None:
        """Add rows with the next numbers. They are found once an index with them is in use."""
        self._rows += rows

    def index(self) -> Index:
        """Return an index of all rows for :meth:`use`. Slow if there are many; a thread may call it."""
        return Index(self._rows[:], self._index)

    def use(self, index: Index) -> None:
        """Search this index from now on."""
        self._index = index
        self._guessed = ((), ())

    def best(self, text: str, limit: int, now: float = EVER) -> list[int]:
        """Return the numbers of the rows that match, best first, at most ``limit``.

        ``now`` is the time that ages count back from, in seconds since 1970.
        """
        self._terms = parse(text).terms
        found = self._index.search.find(self._terms, now)
        self.is_guess = not found and all(_is_word(term) for term in self._terms)
        if self.is_guess:
            self._terms = tuple(replace(term, is_fuzzy=True) for term in self._terms)
            found = self._guess()
        self.matches = len(found)
        kept: dict[int, None] = {}
        for better in self._tiers(found):
            kept.update(dict.fromkeys(islice(better, limit)))
            if len(kept) >= limit:
                break
        return [self._index.order[place] for place in islice(kept, limit)]

    def _guess(self) -> Sequence[int]:
        """Return the places of the names that have the letters of each word in order."""
        before, places = self._guessed
        if not before or len(before) > len(self._terms) or not all(map(Term.narrows, self._terms, before)):
            places = range(len(self))
        names = self._index.names
        for search in [in_order(term.value).search for term in self._terms]:
            places = [place for place in places if search(names[place])]
        self._guessed = self._terms, places
        return places

    def _tiers(self, found: Sequence[int]) -> Iterator[Iterable[int]]:
        """Yield the best of the found places, then the next best, and at last all; a later set may repeat a place."""
        names, ids = self._index.names, self._index.search.corpus.ids
        words = [term.value for term in self._terms if _is_word(term)]
        text = " ".join(words)
        if (number := whole_number(text)) is not None:
            yield (place for place in reversed(found) if ids[place] == number)
        if words:
            inside = [place for place in found if text in names[place]]
            begins = re.compile(rf"(?<![^\W_]){re.escape(text)}").search
            yield (place for place in inside if names[place] == text)
            yield (place for place in inside if names[place].startswith(text))
            yield (place for place in inside if begins(names[place]))
            yield inside
            if len(words) > 1:
                yield (place for place in found if all(word in names[place] for word in words))
        is_close = (
            any(term.is_fuzzy and not term.is_excluded for term in self._terms) and len(found) <= CHANCE
        )
        yield sorted(found, key=self._spanned_letters) if is_close else found

    def _spanned_letters(self, place: int) -> int:
        """Return the number of letters from the first to the last match of each term in the name, summed up."""
        name = self._index.names[place]
        hits = [pattern.search(name) for pattern in self.patterns]
        return sum(hit.end() - hit.start() if hit else LONGEST_LINE for hit in hits)


def _is_word(term: Term) -> bool:
    """Return whether a term is a word that rows must hold."""
    return not (term.key or term.is_excluded or term.is_fuzzy)
