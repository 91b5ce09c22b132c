"""Find rows by the letters that somebody types, fast enough for each keystroke on 100,000 rows."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

from msgspec import Struct

from .spans import LONGEST_LINE, Role, Spans, plain


class _Found(Struct, frozen=True):
    term: str
    literal: bool
    rows: Sequence[int]


class Search:
    """Finds the rows that match a filter: each of its space-separated terms must match, regardless of case.

    A term that some row contains as typed matches only such rows. A term that no row contains matches rows
    with its letters in that order within one field. So a few letters find a long name, and a term that is typed
    in full does not bring up chance matches.
    """

    def __init__(self, haystacks: Sequence[str]) -> None:
        """``haystacks`` holds one :func:`haystack` a row."""
        self._haystacks = haystacks
        self._found: list[_Found] = []

    def find(self, text: str) -> Sequence[int]:
        """Return the numbers of the rows that match, ascending. The result of the last call is narrowed if possible."""
        rows: Sequence[int] = range(len(self._haystacks))
        before, self._found = self._found, []
        for place, term in enumerate(text.casefold().split()):
            last = before[place] if place < len(before) else None
            if last and last.term == term:
                found = last
            else:
                found = self._narrow(term, rows, last if last and term.startswith(last.term) else None)
                before = []  # the terms after it were found among other rows
            self._found.append(found)
            rows = found.rows
        return rows

    def _narrow(self, term: str, rows: Sequence[int], last: _Found | None) -> _Found:
        """Return the rows among ``rows`` that match ``term``; ``last`` is the result for a beginning of it."""
        haystacks = self._haystacks
        if last is None or last.literal:
            hits = [row for row in (last.rows if last else rows) if term in haystacks[row]]
            if hits:
                return _Found(term, True, hits)
            last = None
        in_order = _in_order(term).search
        return _Found(term, False, [row for row in (last.rows if last else rows) if in_order(haystacks[row])])

    @property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        """Patterns for :func:`highlight`, one for each term of the last filter."""
        return tuple(_letters(found.term, found.literal) for found in self._found)


def haystack(fields: Iterable[str]) -> str:
    """Return a row's fields in one text for :class:`Search`, each cut to the length that a line shows."""
    return "\n".join(field[:LONGEST_LINE] for field in fields).casefold()


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


def _in_order(term: str) -> re.Pattern[str]:
    """Return a pattern of the term's letters in one field, with others between; possessive, so as not to backtrack."""
    rest = map(re.escape, term[1:])
    return re.compile(re.escape(term[0]) + "".join(f"[^{letter}\n]*+{letter}" for letter in rest))


def _letters(term: str, literal: bool) -> re.Pattern[str]:
    if literal:
        return re.compile(re.escape(term), re.IGNORECASE)
    return re.compile("[^\n]*?".join(f"({re.escape(letter)})" for letter in term), re.IGNORECASE)
