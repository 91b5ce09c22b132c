"""Tests of many entries at once, for conditions that no text decides: a million take some 0.3 s.

Each is given a corpus and ascending places in it, and yields the places whose entries pass, and maybe places that it
was not asked about.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, compress, repeat
from operator import attrgetter, contains, eq, ge, lt

from .corpus import Corpus
from .digests import holding
from .facts import digits_of

Test = Callable[[Corpus, Sequence[int]], Iterable[int]]

FEW = 50
"""The entries whose digests are searched in the time that it takes to write out those of one."""


def age_test(limit: float, *, is_older: bool) -> Test:
    """Return a test for entries from before a time, or from then on; one without a time is neither.

    ``limit`` is in seconds since 1970.
    """
    compare = lt if is_older else ge
    return lambda corpus, places: compress(
        places, map(compare, corpus.at(places, corpus.since), repeat(limit))
    )


def digit_test(word: str, *fields: str, at_start: bool = False) -> Test:
    """Return a test for entries with a word in their UUID or hash.

    Args:
        word: Hexadecimal digits, with or without dashes, or another word.
        fields: The properties that may have it: ``uuid``, ``sha``, or both.
        at_start: Whether the word is looked for at their beginning alone, and not in records below a row.
    """

    def test(corpus: Corpus, places: Sequence[int]) -> Iterable[int]:
        def holds(place: int) -> bool:
            if at_start and corpus.texts[corpus.text_of[place]].is_below:
                return False
            texts = (digits_of(corpus.sources[place], field) for field in fields)
            return any(text.startswith(word) if at_start else word in text for text in texts)

        if FEW * len(places) < len(corpus) or len(places) <= len(corpus.unpacked):
            return filter(holds, places)
        sure, maybe = holding(corpus.digests, word, fields, at_start=at_start)
        maybe = chain(maybe, corpus.unpacked)
        return filter(holds, chain(sure, maybe)) if at_start else chain(sure, filter(holds, maybe))

    return test


def id_test(number: int | None) -> Test:
    """Return a test for entries with this id."""
    return lambda corpus, places: compress(places, map(eq, corpus.at(places, corpus.ids), repeat(number)))


def config_test(number: int | None) -> Test:
    """Return a test for entries whose config has this id."""

    def test(corpus: Corpus, places: Sequence[int]) -> Iterable[int]:
        configs = map(attrgetter("config_id"), corpus.at(places, corpus.sources))
        return compress(places, map(eq, configs, repeat(number)))

    return test


def id_part_test(digits: str) -> Test:
    """Return a test for entries whose id has these digits in it; a record below a row has to have that id."""
    number = int(digits)

    def test(corpus: Corpus, places: Sequence[int]) -> Iterable[int]:
        has_part = map(contains, map(str, corpus.at(places, corpus.ids)), repeat(digits))
        if corpus.has_below:
            below = [texts.is_below for texts in corpus.texts]
            has_part = map(lt, map(below.__getitem__, corpus.at(places, corpus.text_of)), has_part)
        elif str(number) == digits:
            return compress(places, has_part)
        return chain(compress(places, has_part), id_test(number)(corpus, places))

    return test


def id_text_test(text: str) -> Test:
    """Return a test for entries whose id is written like this, without zeros before it."""
    return lambda corpus, places: compress(
        places, map(eq, map(str, corpus.at(places, corpus.ids)), repeat(text))
    )
