"""What a read returns: a value, the time at which it was true, and the responses that it was made from."""

from collections.abc import Mapping
from datetime import datetime
from typing import Generic, TypeVar

from msgspec import Struct

from wltui.store.bodies import Packed

T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")


class Source(Struct, frozen=True):
    """One response as received, for the JSON view."""

    path: str
    request: Mapping[str, object]
    kept: bytes | Packed

    @property
    def is_large(self) -> bool:
        """Whether it takes a while to be read."""
        return isinstance(self.kept, Packed)

    @property
    def body(self) -> bytes:
        """It takes a while where it is large."""
        return self.kept.body if isinstance(self.kept, Packed) else self.kept


class Answer(Struct, Generic[T_co], frozen=True):
    """A value, the time at which it was true, and whether the API said so just now."""

    value: T_co
    as_of: datetime
    live: bool
    sources: tuple[Source, ...] = ()

    def of(self, value: U) -> "Answer[U]":
        """Return the same answer with another value."""
        return Answer(value, self.as_of, self.live, self.sources)
