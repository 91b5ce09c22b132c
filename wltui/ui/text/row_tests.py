"""Tests of many entries at once, for conditions that no text decides: a million take a fifth of a second.

Each is given a corpus and ascending places in it, and returns something true for each place whose entry passes.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from operator import attrgetter, contains, eq, ge, lt, or_

from .corpus import Corpus
from .facts import digits_of

Test = Callable[[Corpus, Sequence[int]], Iterable[object]]

FEW = 50
"""The entries whose digests are searched in the time that it takes to write out those of one."""
_id, _config_id, _is_below = attrgetter("id"), attrgetter("config_id"), attrgetter("is_below")


def age_test(limit: float, *, is_older: bool) -> Test:
    """Return a test for entries from before a time, or from then on; one without a time is neither.

    ``limit`` is in seconds since 1970.
    """
    compare = lt if is_older else ge
    return lambda corpus, places: map(compare, corpus.at(places, corpus.since), repeat(limit))


def digit_test(word: str, *fields: str, at_start: bool = False, is_below: bool = True) -> Test:
    """Return a test for entries with a word in their UUID or hash.

    Args:
        word: Hexadecimal digits, with or without dashes, or another word.
        fields: The properties that may have it: ``uuid``, ``sha``, or both.
        at_start: Whether the word is looked for at their beginning alone.
        is_below: Whether records below a row are tested too.
    """
    digits = word.replace("-", "")
    is_hex = re.fullmatch("[0-9a-f]*", digits) is not None

    def test(corpus: Corpus, places: Sequence[int]) -> Iterable[object]:
        def holds(place: int) -> bool:
            if not is_below and corpus.texts[place].is_below:
                return False
            texts = (digits_of(corpus.sources[place], field) for field in fields)
            return any(text.startswith(word) if at_start else word in text for text in texts)

        if FEW * len(places) < len(corpus):
            return map(holds, places)
        may_hold = corpus.with_digits(digits, at_start=at_start) if is_hex else corpus.unpacked
        if len(may_hold) > len(places):
            return map(holds, places)
        return map({*filter(holds, may_hold)}.__contains__, places)

    return test


def id_test(number: int | None) -> Test:
    """Return a test for entries with this id."""
    return lambda corpus, places: map(eq, map(_id, corpus.at(places, corpus.sources)), repeat(number))


def config_test(number: int | None) -> Test:
    """Return a test for entries whose config has this id."""
    return lambda corpus, places: map(eq, map(_config_id, corpus.at(places, corpus.sources)), repeat(number))


def id_part_test(digits: str) -> Test:
    """Return a test for entries whose id has these digits in it; a record below a row has to have that id."""
    number = int(digits)

    def test(corpus: Corpus, places: Sequence[int]) -> Iterable[object]:
        has_part = map(contains, map(str, map(_id, corpus.at(places, corpus.sources))), repeat(digits))
        if str(number) == digits and not corpus.has_below:
            return has_part
        at_top = map(lt, map(_is_below, corpus.at(places, corpus.texts)), has_part)
        return map(or_, at_top, id_test(number)(corpus, places))

    return test


def id_text_test(text: str) -> Test:
    """Return a test for entries whose id is written like this, without zeros before it."""
    return lambda corpus, places: map(eq, map(str, map(_id, corpus.at(places, corpus.sources))), repeat(text))
