"""Find the rows that match a filter, fast enough for each keystroke on 100,000 rows."""

import re
from array import array
from collections.abc import Iterable, Sequence
from itertools import chain, compress, groupby
from operator import attrgetter, itemgetter, not_

from msgspec import Struct

from .facts import Facts
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

    def __init__(self, rows: Sequence[Sequence[Facts]]) -> None:
        """``rows`` holds the entries of each row."""
        # What is kept for each row is a tuple or an array: the garbage collector goes through every list.
        self._entries: Sequence[Facts] = (*chain.from_iterable(rows),)
        self._size = len(rows)
        self._rows: Sequence[int] | None = None
        """The row of each entry; None if each row has one."""
        if len(self._entries) != len(rows) or not all(rows):
            self._rows = array("I", (number for number, row in enumerate(rows) for _ in row))
        self._has_more = any(entry.text is not entry.words for entry in self._entries)
        """Whether anything is found by its key alone."""
        self._found: dict[bool, list[_Found]] = {False: [], True: []}
        """What the terms of the last call found, and what they found everywhere."""
        self._texts: dict[str, set[str] | None] = {}
        """All texts of a field of the entries; None where most entries have a text of their own."""

    def find(self, terms: Sequence[Term], now: float) -> Sequence[int]:
        """Return the numbers of the rows that match, ascending. The result of the last call is narrowed if possible.

        ``now`` is in seconds since 1970.
        """
        if not terms:
            return range(self._size)
        places = self._narrowed(terms, now)
        if not places and self._has_more:
            places = self._narrowed(terms, now, everywhere=True)
        return (
            places if self._rows is None else array("I", dict.fromkeys(map(self._rows.__getitem__, places)))
        )

    def _narrowed(self, terms: Sequence[Term], now: float, *, everywhere: bool = False) -> Sequence[int]:
        """Return the places of the entries that match."""
        places: Sequence[int] = range(len(self._entries))
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
        """Return the places in ``pool`` whose entries match. A text that many entries have is tested once."""
        is_whole = len(pool) == len(self._entries)
        entries = self._entries if is_whole else [*map(self._entries.__getitem__, pool)]
        hits: Iterable[int] = self._in_texts(matcher, entries, is_whole=is_whole) if matcher.field else ()
        if matcher.beyond:
            found = bytearray(hits if matcher.field else len(entries))
            places: Sequence[int] = range(len(entries))
            if 2 * found.count(True) > len(entries):  # it takes time to leave them out
                places = [*compress(places, map(not_, found))]
            left = entries if len(places) == len(entries) else [*map(entries.__getitem__, places)]
            for test in matcher.beyond:
                for place in compress(places, test(left)):
                    found[place] = True
            hits = found
        return array("I", compress(pool, hits))

    def _in_texts(self, matcher: Matcher, entries: Sequence[Facts], *, is_whole: bool) -> Iterable[bool]:
        """Return for each entry whether its text matches. ``is_whole`` says that these are all entries."""
        field = attrgetter(matcher.field)
        if matcher.field not in self._texts:
            texts = {*map(field, self._entries)}
            self._texts[matcher.field] = texts if 2 * len(texts) <= len(self._entries) else None
        shared = self._texts[matcher.field]
        if shared is None:
            return map(matcher.in_text, map(field, entries))
        texts = shared if is_whole else {*map(field, entries)}
        return map({text: matcher.in_text(text) for text in texts}.__getitem__, map(field, entries))

    def _pool(self, term: Term, places: Sequence[int]) -> Sequence[int]:
        """Return the places among which a term is looked for: an excluded one in all entries of the rows left."""
        if not term.is_excluded or self._rows is None or len(places) == len(self._entries):
            return places
        left = {*map(self._rows.__getitem__, places)}
        return array("I", compress(range(len(self._rows)), map(left.__contains__, self._rows)))

    def _without(self, places: Sequence[int], excluded: Sequence[int]) -> Sequence[int]:
        """Return the places that are of no row with an excluded place."""
        if self._rows is None:
            out = {*excluded}
            return array("I", [place for place in places if place not in out])
        out = {*map(self._rows.__getitem__, excluded)}
        return array("I", [place for place in places if self._rows[place] not in out])


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
