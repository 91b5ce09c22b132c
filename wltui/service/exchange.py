"""Cache and client as one: what a read gives, and the gate that requests pass on their way.

At most 16 reads are under way at once, identical ones are one request, and a request that nobody waits for any
more is cancelled. Nothing is imported for the network, and nothing sent, before the first live read.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar, cast

from msgspec import Struct
from msgspec.structs import replace

from wltui.api.calls import Call
from wltui.core.errors import (
    ApiFormatError,
    ConnectionFailed,
    NoSuchEndpoint,
    NotSignedIn,
    ServiceError,
    WltuiError,
)
from wltui.core.threads import run_in_thread
from wltui.lifecycle.prefetch import Prefetch
from wltui.store.response_cache import Cache, Found, Packed, pack, unpacked

from .answers import Answer, Source
from .gate import Gate, Ticket

if TYPE_CHECKING:
    from wltui.api.client import Client

T = TypeVar("T")

REQUESTS_AT_ONCE = 16
LARGE, LARGE_PACKED = 1 << 19, 1 << 16
"""Bytes from which on an answer is read in a thread, and those of a compressed one."""
LARGE_KEPT = 2
"""How many large answers are known again when they come once more."""


class _Read(Struct, frozen=True):
    """A large body that has been read: what it is known again by, and what is in it."""

    digest: bytes
    value: object
    source: Source
    received: datetime


class _Flight(Struct):
    """A request on its way, and how many wait for it."""

    task: asyncio.Task[Answer[object]]
    ticket: Ticket
    waiting: int = 0


class Exchange:
    """Reads and writes of one session. ``cache`` is None where nothing is kept; ``offline`` never connects."""

    def __init__(
        self,
        connect: Callable[[], "Client"],
        cache: Cache | None,
        clock: Callable[[], datetime],
        *,
        offline: bool = False,
        prefetch: Prefetch | None = None,
    ) -> None:
        self._prefetch = prefetch
        self.offline = offline
        self.on_auth_change: Callable[[NotSignedIn | None], object] = lambda error: None
        """Is told when the instance no longer knows the user, and when it does again or for the first time."""
        self._known: bool | None = None
        """Whether it knew the user at the last call that says so."""
        self._refusals = 0
        """How many calls were refused for want of a valid sign-in."""
        self._closed = False
        self.cache = cache
        self.clock = clock
        self._connect = connect
        self._connecting: asyncio.Task[Client] | None = None
        self._flights: dict[tuple[str, bytes], _Flight] = {}
        self._gate = Gate(REQUESTS_AT_ONCE)
        self._large: dict[tuple[str, bytes], _Read] = {}
        """The large answers that were read last, the latest at the end."""

    async def close(self) -> None:
        """End what is in flight and let go of network and disk."""
        self._closed = True
        flying = [flight.task for flight in self._flights.values()]
        for task in flying:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)
        if self._connecting is not None:
            with suppress(WltuiError):
                await (await self._connecting).aclose()
        if self.cache is not None:
            self.cache.close()

    async def read(self, call: Call[T], *, background: bool = False) -> AsyncIterator[Answer[T]]:
        """What the cache knows, if anything; then what the API says, as :meth:`live`.

        What the API has said already while the program started comes without the former.
        """
        early = None
        if self._prefetch and self._prefetch.has(call):
            with suppress(ServiceError):  # which is told below, after what the cache knows
                early = await self.live(call)
        if early is None and (cached := await self.remembered(call)):
            yield cached
        yield early or await self.live(call, background=background)

    async def remembered(self, call: Call[T]) -> Answer[T] | None:
        """As :meth:`cached`; a large answer is read in a thread."""
        read = self._large.get(call.key)
        if read is None:
            found = self._find(call)
            if found is None or found.size < LARGE_PACKED:
                return self._read_small(call, found)
            entry = await run_in_thread(unpacked, found)
            if entry is None:
                return None
            try:
                read = await self._read(call, entry.body, entry.received, found.kept)
            except ApiFormatError:  # kept by a program that understood it differently
                return None
        return Answer(cast("T", read.value), read.received, live=False, sources=(read.source,))

    def cached(self, call: Call[T]) -> Answer[T] | None:
        """What the API last said, or None."""
        return self._read_small(call, self._find(call))

    def _find(self, call: Call[object]) -> Found | None:
        return self.cache.find(call.path, call.body) if self.cache else None

    def _read_small(self, call: Call[T], found: Found | None) -> Answer[T] | None:
        entry = unpacked(found) if found else None
        if entry is None:
            return None
        try:
            value = call.decode(entry.body)
        except ApiFormatError:  # kept by a program that understood it differently
            return None
        return Answer(value, entry.received, live=False, sources=(Source(call.path, call.body, entry.body),))

    async def live(self, call: Call[T], *, fresh: bool = False, background: bool = False) -> Answer[T]:
        """What the API says now; an answer that can be read is kept in the cache.

        With ``background``, what somebody waits for goes before it.

        With ``fresh``, what a request that is already under way brings back will not do, since it may have been
        answered before something that the caller knows of.
        """
        self._check_online(call)
        key = call.key
        flight = None if fresh else self._flights.get(key)
        if flight is None:
            ticket = Ticket(background)
            flight = self._flights[key] = _Flight(asyncio.create_task(self._ask(call, ticket)), ticket)
        if not background:
            self._gate.hurry(flight.ticket)
        flight.waiting += 1
        try:
            # What a body is read as depends on path and request alone, so sharers ask for the same type.
            return cast("Answer[T]", await asyncio.shield(flight.task))
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                flight.task.cancel()
                if self._flights.get(key) is flight:
                    del self._flights[key]

    async def live_or_none(self, call: Call[T]) -> Answer[T] | None:
        """As :meth:`live`; None where the server does not have this call."""
        try:
            return await self.live(call)
        except NoSuchEndpoint:
            return None

    async def write(self, call: Call[object]) -> bytes:
        """Send a write, once and without queueing behind reads; raises as ``Client.send`` does."""
        self._check_online(call)
        return await self._send(await self._client(), call)

    def _check_online(self, call: Call[object]) -> None:
        if self.offline:
            verb = "saved" if call.write else "read"
            raise ConnectionFailed(
                f"{call.what} could not be {verb}",
                "--offline was asked for",
                f"Start wltui without --offline to {'save' if call.write else 'read'} it",
                endpoint=call.path,
            )

    async def _ask(self, call: Call[T], ticket: Ticket) -> Answer[T]:
        told = await self._prefetch.take(call) if self._prefetch else None
        if told is not None:
            body, received = told
            self._learn(None)
        else:
            client = await self._client()
            async with self._gate.passed(ticket):
                body = await self._send(client, call)
            received = self.clock()
        if len(body) < LARGE:
            value, source = call.decode(body), Source(call.path, call.body, body)
            again = False
        else:
            before = self._large.get(call.key)
            read = await self._read(call, body, received)
            value, source = cast("T", read.value), read.source
            again = before is not None and source is before.source
        if self.cache is not None and again:
            self.cache.put_again(call.path, call.body, received)
        elif self.cache is not None:
            self.cache.put(call.path, call.body, source.kept, received)
        return Answer(value, received, live=True, sources=(source,))

    async def _read(
        self, call: Call[T], body: bytes, received: datetime, kept: bytes | Packed | None = None
    ) -> _Read:
        """Read a large body in threads; one that came before is known again, and costs next to nothing."""
        key = call.key
        before = self._large.get(key)
        hashing = asyncio.create_task(run_in_thread(_digest, body))
        if before is not None and before.digest == await hashing:
            found = replace(before, received=received)
        else:
            # All at once: the first two need no Python, and leave it to the reading.
            packed, digest, value = await asyncio.gather(
                run_in_thread(_packed, call, body, kept),
                hashing,
                run_in_thread(call.read, body, cast("T", before.value) if before else None),
            )
            found = _Read(digest, value, Source(call.path, call.body, packed), received)
        self._large.pop(key, None)
        self._large[key] = found
        while len(self._large) > LARGE_KEPT:
            del self._large[next(iter(self._large))]
        return found

    async def _send(self, client: "Client", call: Call[object]) -> bytes:
        refusals = self._refusals
        try:
            body = await client.send(call)
        except NotSignedIn as error:
            if call.patience is None:  # else there is another way to have it, which will say so
                self._refusals += 1
                self._learn(error)
            raise
        if (
            refusals == self._refusals
        ):  # else it was sent before a refusal, and says nothing of the time since
            self._learn(None)
        return body

    def _learn(self, error: NotSignedIn | None) -> None:
        """Tell whether the user is known, where that is news."""
        known = error is None
        if known is not self._known:
            self._known = known
            self.on_auth_change(error)

    async def _client(self) -> "Client":
        """The client, made off the event loop at first use: its imports take a fifth of a second."""
        if self._closed:
            raise ConnectionFailed("This session has ended", "another one has taken its place")
        if self._connecting is None:
            self._connecting = asyncio.create_task(asyncio.to_thread(self._connect))
        return await asyncio.shield(self._connecting)


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body).digest()


def _packed(call: Call[object], body: bytes, kept: bytes | Packed | None) -> Packed:
    return kept if isinstance(kept, Packed) else pack(call.path, call.body, body)
