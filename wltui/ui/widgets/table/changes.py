"""The records of a table that changed recently, and the columns in which they did."""

from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Generic

from .columns import Column, R, changed_columns


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
        same = {*map(id, old)}
        others = [record for record in new if id(record) not in same] if old else []
        if not others:
            return
        keys = {*map(self._key, others)}
        before = {key: record for record in old if (key := self._key(record)) in keys}
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
