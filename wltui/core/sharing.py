"""One object for all equal parts of many versions, while they are read: 100,000 take a third of the memory."""

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import asdict, replace

R = TypeVar("R", bound=Struct)
S = TypeVar("S", bound=Struct)

_TEXTS = frozenset((str, tuple))
"""Types of values that are shared between all fields of a part; not numbers, since 1 equals True."""


class Sharing:
    """Keeps the parts that were made, and the texts in them."""

    def __init__(self) -> None:
        self._known: dict[object, Any] = {}
        self._first: dict[object, list[dict[object, Any]]] = {}
        """The first of all equal values, for each field of a kind."""

    def made(self, kind: Callable[..., R], *values: Any) -> R:
        """Return ``kind(*values)``: the same object for all equal values, with one object for equal ones of a field."""
        if (first := self._first.get(kind)) is None:
            first = self._first[kind] = [{} for _ in values]
        part = kind(*[*map(dict.setdefault, first, values, values)])  # else 2,000 freed tuples would be kept
        known: R = self._known.setdefault(part, part)
        return known

    def converted(self, part: R, given: object, convert: Callable[[R], S]) -> S:
        """Return what a part is converted to: the same object for all equal parts with equal ``given``.

        Its texts are shared with other parts. A part with a dictionary has no hash and is converted by itself.
        """
        try:
            known: S | None = self._known.get((part, given))
        except TypeError:
            return convert(part)
        if known is None:
            first = self._known.setdefault
            texts = {
                name: first(value, value) for name, value in asdict(part).items() if type(value) in _TEXTS
            }
            known = convert(replace(part, **texts))
            known = self._known[part, given] = self._known.setdefault(known, known)
        return known
