"""Cache and client as one: what a read gives, and the gate that requests pass on their way.

At most 16 reads are under way at once, identical ones are one request, and a request that nobody waits for any
more is cancelled. Nothing is imported for the network, and nothing sent, before the first live read.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast
from weakref import WeakValueDictionary

from msgspec import Struct

from wltui.api.calls import Call
from wltui.core.errors import (
    ApiFormatError,
    ConnectionFailed,
    NoSuchEndpoint,
    NotSignedIn,
    ServiceError,
    WltuiError,
)
from wltui.core.threads import run_in_thread, start_in_thread
from wltui.lifecycle.prefetch import Prefetch
from wltui.store.bodies import LARGE, StoredBody, pack
from wltui.store.response_cache import Cache

from .answers import Answer, Source
from .gate import Gate, Ticket

if TYPE_CHECKING:
    from wltui.api.client import Client

T = TypeVar("T")

REQUESTS_AT_ONCE = 16
LARGE_KEPT = 2
"""How many large answers are held, to be recognised when they come again, though nothing shows them any more."""


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
        self._signed_in: bool | None = None
        """Whether the server knew the user at the last call that says so."""
        self._refusals = 0
        """How many calls were refused for want of a valid sign-in."""
        self._closed = False
        self.cache = cache
        self.clock = clock
        self._connect = connect
        self._connecting: asyncio.Task[Client] | None = None
        self._flights: dict[tuple[str, bytes], _Flight] = {}
        self._gate = Gate(REQUESTS_AT_ONCE)
        self._known: WeakValueDictionary[tuple[str, bytes], Source] = WeakValueDictionary()
        """The last answer to each call that something still holds."""
        self._large: dict[tuple[str, bytes], Source] = {}
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
        if early is None and (cached := await self.cached(call)):
            yield cached
        yield early or await self.live(call, background=background)

    async def cached(self, call: Call[T], *, background: bool = False) -> Answer[T] | None:
        """Return the last answer that the cache has, or None.

        A small one is read at once, so that a screen can open with it. A large one, or with ``background`` any, is
        read in a thread.
        """
        found = self.cache.get(call.path, call.body) if self.cache else None
        if found is None:
            return None
        source = self._known.get(call.key)
        if source is None or source.stored != found.stored:
            read = partial(_read_stored, call, found.stored, source)
            try:
                source = await run_in_thread(read) if background or found.stored.is_large else read()
            except (
                ValueError,
                ApiFormatError,
            ):  # damaged, or kept by a program that understood it differently
                return None
            self._remember(call, source)
        return Answer(cast("T", source.value), found.received, live=False, sources=(source,))

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
        read = partial(_read, call, body, self._known.get(call.key))
        source = read() if len(body) < LARGE else await run_in_thread(read)
        self._remember(call, source)
        if self.cache is not None:
            self.cache.put(source.stored, received)
        return Answer(cast("T", source.value), received, live=True, sources=(source,))

    def _remember(self, call: Call[object], source: Source) -> None:
        key = call.key
        self._known[key] = source
        if source.is_large:
            self._large.pop(key, None)
            self._large[key] = source
            while len(self._large) > LARGE_KEPT:
                del self._large[next(iter(self._large))]

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
        signed_in = error is None
        if signed_in is not self._signed_in:
            self._signed_in = signed_in
            self.on_auth_change(error)

    async def _client(self) -> "Client":
        """The client, made off the event loop at first use: its imports take a fifth of a second."""
        if self._closed:
            raise ConnectionFailed("This session has ended", "another one has taken its place")
        if self._connecting is None:
            self._connecting = asyncio.create_task(run_in_thread(self._connect))
        return await asyncio.shield(self._connecting)


def _read(call: Call[object], body: bytes, before: Source | None, stored: StoredBody | None = None) -> Source:
    """Return a body with its value, or ``before`` if that was the same; slow if it is large.

    Raises:
        ApiFormatError: it is not an answer to the call.
    """
    digest = hashlib.sha256(body).digest()
    if before is not None and before.digest == digest:
        return before
    packing = None
    if stored is None and len(body) >= LARGE:  # it needs no Python, and leaves it to the decoding beside
        packing = start_in_thread(pack, call.path, call.body, body)
    value = call.decode(body, before.value if before else None)
    if stored is None:
        stored = packing.result() if packing else pack(call.path, call.body, body)
    return Source(call.path, call.body, stored, digest, value)


def _read_stored(call: Call[object], stored: StoredBody, before: Source | None) -> Source:
    """As :func:`_read`; raises ValueError if the body is damaged."""
    return _read(call, stored.unpack(), before, stored)
