"""Which records of a table have changed of late, and in which columns."""

from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Generic

from .columns import Column, R, differing


class Changes(Generic[R]):
    """Records that came to say something else than before, until that is forgotten."""

    def __init__(self, columns: Sequence[Column[R]], key: Callable[[R], Hashable]) -> None:
        self._columns, self._key = columns, key
        self._pairs: dict[Hashable, tuple[R, R]] = {}
        """By key, each changed record as it was when changes were last forgotten, and as it is now.

        One pair a key: a list that is only watched changes for hours before a key forgets the changes.
        """
        self._recent: set[Hashable] = set()
        """The keys that changed since :meth:`expire` was called last."""

    def __bool__(self) -> bool:
        return bool(self._pairs)

    def note(self, old: Sequence[R], new: Sequence[R]) -> None:
        """Other records have come; those of new keys are no changes.

        Most records of an answer are the very objects of the one before, which costs little to see.
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
                del self._pairs[key]  # it is again as it was
            else:
                self._pairs[key] = first, record
                self._recent.add(key)
        if len(self._pairs) > len(new):  # records that changed and then left the list
            present = {*map(self._key, new)}
            self._pairs = {key: pair for key, pair in self._pairs.items() if key in present}

    def columns(self, key: Hashable) -> Collection[str]:
        """Return the keys of the columns that show something new of the record with this key."""
        pair = self._pairs.get(key)
        return differing(self._columns, *pair) if pair else ()

    def expire(self) -> bool:
        """Forget what has not changed again since the last call; return whether that was anything."""
        before = len(self._pairs)
        self._pairs = {key: pair for key, pair in self._pairs.items() if key in self._recent}
        self._recent.clear()
        return len(self._pairs) < before

    def forget(self) -> None:
        """Nothing has changed."""
        self._pairs = {}
        self._recent.clear()
