"""Cache and client as one stream of answers.

At most 16 reads are under way at once, identical ones are one request, and a request that nobody waits for any
more is cancelled. An answer with the same bytes as the one before has the same object as its value. Nothing is
imported for the network, and nothing sent, before the first live read.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
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
from wltui.core.memory import return_large_blocks
from wltui.core.threads import run_in_thread, start_in_thread
from wltui.lifecycle.prefetch import Prefetch
from wltui.store.bodies import LARGE, StoredBody, pack
from wltui.store.response_cache import Cache

from .answers import Answer, Source
from .gate import Gate, Ticket

if TYPE_CHECKING:
    from wltui.api.client import Client
    from wltui.api.upload import UploadBody

T = TypeVar("T")

REQUESTS_AT_ONCE = 16
LARGE_KEPT = 2
"""Number of large answers to hold after they have left the screen, so that they need not be decoded again."""

Observer = Callable[[Call[object], object], Callable[[], object]]


class _Flight(Struct):
    """A request under way, and the number of callers that wait for it."""

    task: asyncio.Task[Answer[object]]
    ticket: Ticket
    waiting: int = 0


class Exchange:
    """Reads and writes of one session. ``cache`` is None if nothing is kept; ``offline`` never connects."""

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
        """Called with NotSignedIn when a request gets 401, and with None when one succeeds after that or first."""
        self.observe: Observer = _ignore
        """Called with each call that the API answered, and the value of its answer: in a thread if that is large.

        What it returns is called in the event loop.
        """
        self._signed_in: bool | None = None
        """Whether the last call found the user signed in; None before the first."""
        self._refusals = 0
        """Number of calls that got 401."""
        self._closed = False
        self.cache = cache
        self._folder = cache.path.parent if cache else None
        """Where large bodies are set aside; None if nothing may be written."""
        self.clock = clock
        self._connect = connect
        self._connecting: asyncio.Task[Client] | None = None
        self.flights: dict[tuple[str, bytes], _Flight] = {}
        """The reads that the API has been asked for, and not answered."""
        self._gate = Gate(REQUESTS_AT_ONCE)
        self._known: WeakValueDictionary[tuple[str, bytes], Source] = WeakValueDictionary()
        """The last answer to each call, as long as something holds it."""
        self._large: dict[tuple[str, bytes], Source] = {}
        """The last large answers, the latest at the end."""
        self._turns: dict[tuple[str, bytes], asyncio.Lock] = {}
        self._sizes: dict[tuple[str, bytes], int] = {}
        """Bytes on the wire of answers that are not decoded yet."""

    @property
    def auth_state(self) -> tuple[int, bool]:
        """Return a value that changes when the sign-in is refused, and when it is good again."""
        return self._refusals, self._signed_in is not False

    async def close(self) -> None:
        """Cancel requests under way and close network and disk."""
        self._closed = True
        flying = [flight.task for flight in self.flights.values()]
        for task in flying:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)
        if self._connecting is not None:
            with suppress(WltuiError):
                await (await self._connecting).aclose()
        if self.cache is not None:
            self.cache.close()

    async def read(self, call: Call[T], *, background: bool = False) -> AsyncIterator[Answer[T]]:
        """Yield the cached answer, if there is one, and then the live one.

        If the live one was already requested while the program started, it is yielded alone.
        """
        early = None
        if self._prefetch and self._prefetch.has(call):
            with suppress(ServiceError):  # raised again below, after the cached answer
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
        try:
            read = partial(_read_stored, call, found.stored, self._folder)
            is_slow = background or found.stored.is_large
            source, _ = await self._decode(call, read, _ignore, in_thread=is_slow)
        except (ValueError, ApiFormatError):  # damaged, or of a version that reads it differently
            return None
        return Answer(cast("T", source.value), found.received, live=False, sources=(source,))

    def cached_at(self, call: Call[object]) -> datetime | None:
        """Return when the answer in the cache was received, or None if there is none. It may be unreadable."""
        return self.cache.received(call.path, call.body) if self.cache else None

    async def live(self, call: Call[T], *, fresh: bool = False, background: bool = False) -> Answer[T]:
        """Fetch an answer from the API and keep it in the cache.

        With ``background``, requests that the user waits for go first. With ``fresh``, the answer to a request that
        is already under way will not do: it may be older than something that the caller knows of.
        """
        self._check_online(call)
        key = call.key
        flight = None if fresh else self.flights.get(key)
        if flight is None:
            ticket = Ticket(background)
            flight = self.flights[key] = _Flight(asyncio.create_task(self._ask(call, ticket)), ticket)
        if not background:
            self._gate.hurry(flight.ticket)
        flight.waiting += 1
        try:
            # The type of the value depends on path and request alone, so all who share a request expect the same.
            return cast("Answer[T]", await asyncio.shield(flight.task))
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                flight.task.cancel()
                if self.flights.get(key) is flight:
                    del self.flights[key]

    async def live_or_none(self, call: Call[T]) -> Answer[T] | None:
        """As :meth:`live`; None if the server does not have this call."""
        try:
            return await self.live(call)
        except NoSuchEndpoint:
            return None

    async def write(self, call: Call[object]) -> bytes:
        """Send a write once, without queueing behind reads; raises as ``Client.send`` does."""
        self._check_online(call)
        return await self._send(await self._client(), call)

    async def renew_token(self) -> None:
        """Renew the token before a request that takes long; do nothing in offline mode. Raise WltuiError."""
        if not self.offline:
            await (await self._client()).renew_token()

    async def upload(self, call: Call[T], body: "UploadBody") -> T:
        """Send a file once and return its answer; raises as ``Client.upload`` does."""
        self._check_online(call)
        client = await self._client()
        return await self._learning(call, client.upload(call, body))

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
        size: int | None = None
        fetched = await self._prefetch.take(call) if self._prefetch else None
        if fetched is not None:
            body, received = fetched
            self._learn(None)
        else:
            client = await self._client()
            async with self._gate.passed(ticket):
                body = await self._send(client, call)
            received, size = self.clock(), self._sizes.pop(call.key, None)
        read = partial(_read, call, body, self._folder)
        source, record = await self._decode(call, read, self.observe, in_thread=len(body) >= LARGE)
        del body, read  # they may be 100 MB, and the rest takes a while
        if self.cache is not None:
            self.cache.put(source.stored, received)
        record()
        if size is None:  # of a prefetched one it is not known; it may be compressed as the cache does it
            size = source.stored.size
        return Answer(cast("T", source.value), received, live=True, sources=(source,), size=size)

    async def _decode(
        self,
        call: Call[object],
        read: Callable[[Source | None], Source],
        observe: Observer,
        *,
        in_thread: bool,
    ) -> tuple[Source, Callable[[], object]]:
        """Return the source that ``read`` makes of the last known one, and what ``observe`` returns for its value.

        In a thread, calls take turns: the next one knows the result.
        """

        def work(before: Source | None) -> tuple[Source, Callable[[], object]]:
            if in_thread:
                return_large_blocks()  # what this takes and frees goes back to the system
            source = read(before)
            return source, observe(call, source.value)

        if not in_thread:
            source, record = work(self._known.get(call.key))
            self._remember(call, source)
            return source, record
        async with self._turns.setdefault(call.key, asyncio.Lock()):
            source, record = await run_in_thread(work, self._known.get(call.key))
            self._remember(call, source)
            return source, record

    def _remember(self, call: Call[object], source: Source) -> None:
        key = call.key
        self._known[key] = source
        if source.is_large:
            self._large.pop(key, None)
            self._large[key] = source
            while len(self._large) > LARGE_KEPT:
                del self._large[next(iter(self._large))]

    async def _send(self, client: "Client", call: Call[object]) -> bytes:
        if call.is_open:  # its answer does not depend on the sign-in
            return await client.send(call)
        return await self._learning(call, client.send(call))

    async def _learning(self, call: Call[object], sending: Awaitable[T]) -> T:
        """Return what a request returns, and learn from it whether the user is signed in."""
        refusals = self._refusals
        try:
            answer = await sending
        except NotSignedIn as error:
            if call.patience is None:  # else a fallback follows, whose own answer says it
                self._refusals += 1
                self._learn(error)
            raise
        if refusals == self._refusals:  # else it was sent before a refusal, and does not undo that
            self._learn(None)
        return answer

    def _learn(self, error: NotSignedIn | None) -> None:
        """Call :attr:`on_auth_change` if the server's knowledge of the user has changed."""
        signed_in = error is None
        if signed_in is not self._signed_in:
            self._signed_in = signed_in
            self.on_auth_change(error)

    async def _client(self) -> "Client":
        """Return the client, made in a thread at first use: its imports take a fifth of a second."""
        if self._closed:
            raise ConnectionFailed("This session has ended", "another one has taken its place")
        if self._connecting is None:
            self._connecting = asyncio.create_task(run_in_thread(self._connect))
        client = await asyncio.shield(self._connecting)
        client.on_size = self._note_size
        return client

    def _note_size(self, call: Call[object], size: int) -> None:
        if not call.write:
            self._sizes[call.key] = size


def _ignore(call: Call[object], value: object) -> Callable[[], object]:
    """Observe nothing."""
    return lambda: None


def _read(
    call: Call[object],
    body: bytes,
    folder: Path | None,
    before: Source | None,
    stored: StoredBody | None = None,
) -> Source:
    """Return a body with its value, or ``before`` if that was the same; slow if it is large.

    ``folder`` is where a large body may be set aside.

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
    if folder is not None:
        stored = stored.set_aside(folder)
    return Source(call.path, call.body, stored, digest, value, call.sent, call.alternatives)


def _read_stored(
    call: Call[object], stored: StoredBody, folder: Path | None, before: Source | None
) -> Source:
    """As :func:`_read`; raises ValueError if the body is damaged."""
    if before is not None and before.stored.is_same(stored):
        return before
    return _read(call, stored.unpack(), folder, before, stored)
