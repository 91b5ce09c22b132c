"""Tests of many versions at once, by the bytes that :mod:`~wltui.core.compact` packs: a million take 0.1 s."""

import re
from collections.abc import Iterable, Sequence
from itertools import repeat
from math import ceil
from operator import and_, contains, ge, itemgetter, lt, or_

from .compact import CREATED, created_micros

_first = itemgetter(0)


def created_since(packed: Sequence[bytes], limit: float) -> Iterable[object]:
    """Return for each version whether it was created at ``limit`` or later, in seconds since 1970."""
    if limit <= 0:
        return map(CREATED.__and__, map(_first, packed))
    return map(ge, map(created_micros, packed), repeat((ceil(limit * 1e6),)))  # an unknown time is 0


def created_before(packed: Sequence[bytes], limit: float) -> Iterable[object]:
    """Return for each version whether it was created before ``limit``, in seconds since 1970."""
    is_before = map(lt, map(created_micros, packed), repeat((ceil(limit * 1e6),)))
    return map(and_, is_before, map(bool, map(CREATED.__and__, map(_first, packed))))


def may_begin_with(packed: Sequence[bytes], digits: str) -> Iterable[object]:
    """Return for each version whether its UUID or hash may begin with digits: with their whole bytes, it does."""
    whole = re.escape(bytes.fromhex(digits[: len(digits) & ~1]))
    return map(re.compile(b"(?s).(?:%b|.{16}%b)" % (whole, whole)).match, packed)


def may_have(packed: Sequence[bytes], digits: str) -> Iterable[object]:
    """Return for each version whether its UUID or hash may have digits in it: their whole bytes, it has."""
    even, odd = (bytes.fromhex(part[: len(part) & ~1]) for part in (digits, digits[1:]))
    return map(or_, map(contains, packed, repeat(even)), map(contains, packed, repeat(odd)))
