"""The answer to a read: a value, the time at which it was true, and the responses that it was made from."""

from collections.abc import Mapping
from datetime import datetime
from typing import Generic, TypeVar

from msgspec import Struct

from wltui.api.calls import Call
from wltui.store.bodies import StoredBody

T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")


class Source(Struct, frozen=True, eq=False, weakref=True):
    """One response as received, and the value that was read from it.

    As long as anything holds it, the same bytes are answered with the same object.
    """

    path: str
    request: Mapping[str, object]
    stored: StoredBody
    digest: bytes = b""
    """By which the body is recognised when it comes again."""
    value: object = None
    sent: Mapping[str, object] | None = None
    """The JSON that was sent in place of ``request``, under which the answer is kept."""
    alternatives: tuple[str, ...] = ()
    """Other paths of the same call."""

    @property
    def call(self) -> Call[bytes]:
        """The request, to be sent again or shown."""
        return Call(
            self.path,
            self.request,
            lambda body, before: body,
            self.path,
            alternatives=self.alternatives,
            sent=self.sent,
        )

    @property
    def is_large(self) -> bool:
        """Whether :attr:`body` is slow."""
        return self.stored.is_large

    @property
    def body(self) -> bytes:
        """The response as received; unpacked each time."""
        return self.stored.unpack()


class Answer(Struct, Generic[T_co], frozen=True):
    """A value, the time at which it was true, and whether the API said so just now."""

    value: T_co
    as_of: datetime
    live: bool
    sources: tuple[Source, ...] = ()
    size: int = 0
    """Bytes on the wire that it takes to read this again: those that it took, compressed; 0 if it was not read."""

    def of(self, value: U) -> "Answer[U]":
        """Return the same answer with another value."""
        return Answer(value, self.as_of, self.live, self.sources, self.size)


def join_answers(value: U, *parts: Answer[object] | None, live: bool) -> Answer[U]:
    """Return an answer made from several: as old as the oldest of them, with the responses of all in their order."""
    known = [part for part in parts if part is not None]
    sources = tuple(source for part in known for source in part.sources)
    return Answer(value, min(part.as_of for part in known), live, sources, sum(part.size for part in known))
