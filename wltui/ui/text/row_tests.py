"""Tests of many rows at once, for conditions that no text of a row decides: a million take a quarter of a second.

Each returns something true for each row that passes. Most of the work is done by functions of C on what versions hold
packed; rows that are no versions, or unusual ones, are tested one by one.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain, compress, repeat
from operator import attrgetter, contains, eq, is_not, lt, or_

from wltui.core.compact import NOTHING, PACKED
from wltui.core.packed_versions import created_before, created_since, may_begin_with, may_have

from .facts import Facts

Test = Callable[[Sequence[Facts]], Iterable[object]]

_packed = attrgetter(f"source.{PACKED}")
_id, _is_below, _began = attrgetter("id"), attrgetter("is_below"), attrgetter("began")


def _tested(
    rows: Sequence[Facts],
    find: Callable[[Sequence[bytes]], Iterable[object]],
    holds: Callable[[Facts], bool],
    *,
    is_sure: bool,
    apart: Iterable[int] = (),
) -> Iterable[object]:
    """Test rows by their bytes, and one by one where those do not decide.

    Args:
        rows: The rows.
        find: Tests the bytes of all rows.
        holds: Tests one row.
        is_sure: Whether what ``find`` finds needs no other test.
        apart: The places of rows whose bytes do not count.
    """
    packed = [*map(_packed, rows)]
    odd = {*apart}
    if {*map(type, packed)} != {bytes}:
        odd.update(place for place, each in enumerate(packed) if type(each) is not bytes)
    for place in odd:
        packed[place] = NOTHING
    hits = find(packed)
    if is_sure and not odd:
        return hits
    found = bytearray(map(bool, hits))
    for place in chain(odd, () if is_sure else compress(range(len(rows)), found)):
        found[place] = holds(rows[place])
    return found


def age_test(limit: float, *, is_older: bool) -> Test:
    """Return a test for rows from before a time, or from then on; a row without a time is neither.

    ``limit`` is in seconds since 1970.
    """
    find = partial(created_before if is_older else created_since, limit=limit)

    def holds(row: Facts) -> bool:
        since = row.since
        return since is not None and (since < limit) is is_older

    def test(rows: Sequence[Facts]) -> Iterable[object]:
        apart = compress(range(len(rows)), map(is_not, map(_began, rows), repeat(None)))
        return _tested(rows, find, holds, is_sure=True, apart=apart)

    return test


def digit_test(word: str, *fields: str, at_start: bool = False, is_below: bool = True) -> Test:
    """Return a test for rows with a word in their UUID or hash.

    Args:
        word: Hexadecimal digits, with or without dashes; any other word is looked for one by one.
        fields: The fields of :class:`Facts` that may have it: ``uuid``, ``sha``, or both.
        at_start: Whether the word is looked for at their beginning alone.
        is_below: Whether records below a row are tested too.
    """
    digits = word.replace("-", "")

    def holds(row: Facts) -> bool:
        if row.is_below and not is_below:
            return False
        texts = (getattr(row, field) for field in fields)
        return any(text.startswith(word) if at_start else word in text for text in texts)

    if not re.fullmatch("[0-9a-f]*", digits):
        return partial(map, holds)
    find = partial(may_begin_with if at_start else may_have, digits=digits)
    return partial(_tested, find=find, holds=holds, is_sure=False)


def id_test(number: int | None) -> Test:
    """Return a test for rows with this id."""
    return lambda rows: map(eq, map(_id, rows), repeat(number))


def config_test(number: int | None) -> Test:
    """Return a test for rows whose config has this id."""
    return lambda rows: map(eq, map(attrgetter("config"), rows), repeat(number))


def id_part_test(digits: str) -> Test:
    """Return a test for rows whose id has these digits in it; a record below a row has to have that id."""
    number = int(digits)

    def test(rows: Sequence[Facts]) -> Iterable[object]:
        has_part = map(contains, map(str, map(_id, rows)), repeat(digits))
        if str(number) == digits and True not in {*map(_is_below, rows)}:
            return has_part
        at_top = map(lt, map(_is_below, rows), has_part)
        return map(or_, at_top, map(eq, map(_id, rows), repeat(number)))

    return test


def id_text_test(text: str) -> Test:
    """Return a test for rows whose id is written like this, without zeros before it."""
    return lambda rows: map(eq, map(str, map(_id, rows)), repeat(text))
