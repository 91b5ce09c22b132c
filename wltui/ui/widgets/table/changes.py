"""The records of a table that changed recently, and the columns in which they did."""

from collections.abc import Callable, Collection, Hashable, Sequence
from itertools import compress
from operator import is_not
from typing import Generic

from .columns import Column, R, changed_columns

ALIGNED = 100
"""Of so many records one may differ from its neighbour in the other list: more, and they are compared as sets."""


def _others(old: Sequence[R], new: Sequence[R]) -> Sequence[R]:
    """Return the records that are not among the old ones, and maybe some that are.

    New records come first or last in most lists; then all others stand where they stood, which is checked in a tenth
    of the time.
    """
    more = max(0, len(new) - len(old))
    for first in {0, more}:
        others = [*new[:first], *compress(new[first:], map(is_not, new[first:], old))]
        others += new[first + len(old) :]
        if len(others) <= more + len(new) // ALIGNED:
            return others
    same = {*map(id, old)}
    return [record for record in new if id(record) not in same]


class Changes(Generic[R]):
    """Records that differ from an earlier state, until :meth:`forget` or :meth:`expire`."""

    def __init__(self, columns: Sequence[Column[R]], key: Callable[[R], Hashable]) -> None:
        self._columns, self._key = columns, key
        self._pairs: dict[Hashable, tuple[R, R]] = {}
        """By key, each changed record as it was when changes were last forgotten, and as it is now.

        There is one pair for each key, however often a record changes: a list may be watched for hours.
        """
        self._recent: set[Hashable] = set()
        """The keys that changed since :meth:`expire` was called last."""

    def __bool__(self) -> bool:
        return bool(self._pairs)

    def note(self, old: Sequence[R], new: Sequence[R]) -> None:
        """Compare the records before and after an answer, and note those that differ; new keys are no changes.

        Most records of an answer are the same objects as before, which is cheap to check.
        """
        others = _others(old, new) if old else []
        if not others:
            return
        keys = {*map(self._key, others)}
        is_wanted = map(keys.__contains__, map(self._key, old))
        before = {self._key(record): record for record in compress(old, is_wanted)}
        for record in others:
            known = before.get(key := self._key(record))
            if known is None or known == record:
                continue
            first, _ = self._pairs.get(key, (known, known))
            if first == record:
                del self._pairs[key]  # back to its first state
            else:
                self._pairs[key] = first, record
                self._recent.add(key)
        if len(self._pairs) > len(new):  # records that changed and then left the list
            present = {*map(self._key, new)}
            self._pairs = {key: pair for key, pair in self._pairs.items() if key in present}

    def columns(self, key: Hashable) -> Collection[str]:
        """Return the keys of the columns that changed for the record with this key."""
        pair = self._pairs.get(key)
        return changed_columns(self._columns, *pair) if pair else ()

    def expire(self) -> bool:
        """Forget records that have not changed again since the last call; return whether there were any."""
        before = len(self._pairs)
        self._pairs = {key: pair for key, pair in self._pairs.items() if key in self._recent}
        self._recent.clear()
        return len(self._pairs) < before

    def forget(self) -> None:
        """Forget all changes."""
        self._pairs = {}
        self._recent.clear()
