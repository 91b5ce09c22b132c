"""Find the rows that match a filter, fast enough for each keystroke on a million rows."""

import re
from array import array
from collections.abc import Iterable, Sequence
from itertools import compress, groupby
from operator import attrgetter, itemgetter, not_

from msgspec import Struct

from .corpus import Corpus
from .query import Matcher, Term
from .spans import Role, Spans, plain


class _Found(Struct, frozen=True):
    term: Term
    places: Sequence[int]
    """The places that match the term, among those left by the terms before it."""


class Search:
    """Finds the rows of which one entry matches all terms, and none matches an excluded term.

    A row has an entry for itself, and may have one for each record below it: a model is found by a version that failed
    and is younger than a day, not by two versions of which one failed and the other is new. If no row is found so,
    words find what otherwise only a key finds.
    """

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._found: dict[bool, list[_Found]] = {False: [], True: []}
        """What the terms of the last call found, and what they found everywhere."""

    def find(self, terms: Sequence[Term], now: float) -> Sequence[int]:
        """Return the numbers of the rows that match, ascending. The result of the last call is narrowed if possible.

        ``now`` is in seconds since 1970.
        """
        if not terms:
            return range(self.corpus.count)
        places = self._narrowed(terms, now)
        if not places and self.corpus.has_hidden:
            places = self._narrowed(terms, now, everywhere=True)
        if self.corpus.is_flat:
            return places
        return array("I", dict.fromkeys(self.corpus.at(places, self.corpus.rows)))

    def _narrowed(self, terms: Sequence[Term], now: float, *, everywhere: bool = False) -> Sequence[int]:
        """Return the places of the entries that match."""
        places: Sequence[int] = range(len(self.corpus))
        before, self._found[everywhere] = self._found[everywhere], []
        for number, term in enumerate(terms):
            last = before[number] if number < len(before) else None
            if last is not None and last.term == term and not term.is_age:
                found = last
            else:
                narrows = last is not None and term.narrows(last.term)
                pool = last.places if last is not None and narrows else self._pool(term, places)
                found = _Found(term, self._matching(term.matcher(now, everywhere=everywhere), pool))
                before = []  # the terms after it were found among other rows
            self._found[everywhere].append(found)
            places = self._without(places, found.places) if term.is_excluded else found.places
        return places

    def _matching(self, matcher: Matcher, pool: Sequence[int]) -> Sequence[int]:
        """Return the places in ``pool`` whose entries match."""
        corpus = self.corpus
        hits = self._in_texts(matcher, pool) if matcher.field else ()
        if not matcher.beyond:
            return array("I", compress(pool, hits))
        found = bytearray(len(corpus))
        for place in compress(pool, hits):
            found[place] = True
        if 2 * found.count(True) > len(pool):  # it takes time to leave them out
            left: Sequence[int] = [*compress(pool, map(not_, corpus.at(pool, found)))]
        else:
            left = pool
        for test in matcher.beyond:
            for place in test(corpus, left):
                found[place] = True
        return array("I", compress(pool, corpus.at(pool, found)))

    def _in_texts(self, matcher: Matcher, pool: Sequence[int]) -> Iterable[bool]:
        """Return for each place in ``pool`` whether its text matches. One that many entries have is tested once."""
        read, corpus = attrgetter(matcher.field), self.corpus
        numbers = corpus.at(pool, corpus.text_of)
        if 2 * len(corpus.texts) > len(pool):
            return map(matcher.in_text, map(read, map(corpus.texts.__getitem__, numbers)))
        hits = [*map(matcher.in_text, map(read, corpus.texts))]
        return map(hits.__getitem__, numbers)

    def _pool(self, term: Term, places: Sequence[int]) -> Sequence[int]:
        """Return the places among which a term is looked for: an excluded one in all entries of the rows left."""
        corpus = self.corpus
        if not term.is_excluded or corpus.is_flat or len(places) == len(corpus):
            return places
        left = {*corpus.at(places, corpus.rows)}
        return array("I", compress(range(len(corpus)), map(left.__contains__, corpus.rows)))

    def _without(self, places: Sequence[int], excluded: Sequence[int]) -> Sequence[int]:
        """Return the places that are of no row with an excluded place."""
        corpus, stays = self.corpus, bytearray(b"\1") * self.corpus.count
        for row in corpus.at(excluded, corpus.rows):
            stays[row] = False
        return array("I", compress(places, map(stays.__getitem__, corpus.at(places, corpus.rows))))


def highlight(spans: Spans, patterns: Iterable[re.Pattern[str]]) -> Spans:
    """Return the spans with matched letters in the role ``MATCH``."""
    text = plain(spans)
    hits = {
        place
        for pattern in patterns
        for match in pattern.finditer(text)
        for start, end in match.regs[1:] or match.regs
        for place in range(start, end)
    }
    if not hits:
        return spans
    roles = [role for piece, role in spans for _ in piece]
    letters = ((letter, Role.MATCH if place in hits else roles[place]) for place, letter in enumerate(text))
    return tuple(
        ("".join(letter for letter, _ in run), role) for role, run in groupby(letters, key=itemgetter(1))
    )
