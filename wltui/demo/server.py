"""The embedded Wallaroo as a server: its thread, its address, and its bad days."""

import asyncio
import random
import socket
import threading
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Self

from .api import Api
from .company import build_world
from .faults import UploadFault, UploadReception, is_upload, refuse_upload
from .graphql import Access
from .http import Outcome, Reception, Request, Response, Traffic, converse
from .keycloak import INTERVAL, REALM_PATH, Keycloak
from .releases import Era
from .scripted import Scripted as Scripted
from .uploads import receive_upload
from .world import World

REMEMBERED, REMEMBERED_BYTES = 20_000, 64 << 20
"""Requests kept in ``Demo.requests``, and bytes of their bodies; beyond either the older half is forgotten."""
LARGEST_REMEMBERED = 1 << 20
"""Bytes of one body that are kept there."""
HELD = 1 << 20
"""Bytes of a connection that the system holds, about: its own limit may be more than half of an upload."""
MEETING_TURNS = 10
"""Turns of the event loop in which who has just been accepted is met; who is not by then would be lost, not cut off."""
GATEWAY_PAGE = (
    b"<html>\n<head><title>502 Bad Gateway</title></head>\n<body><h1>502 Bad Gateway</h1></body>\n</html>\n"
)


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Demo:
    """A Wallaroo on loopback, with data.

    As a context manager, or by ``start`` and ``stop``, it runs in a thread of its own; ``bind`` and
    ``serve_forever`` run it in the caller's event loop. A stopped one can be started again, and keeps its
    address and its data.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        models: int | None = None,
        versions: int | None = None,
        api: Era = "2026.1",
        latency_ms: float = 0,
        failures: float = 0.0,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], datetime] | None = None,
        token_ttl: float = 60.0,
        device_interval: float = INTERVAL,
        listed_row: int = 0,
        graphql: Access = "whole",
        graphql_hidden: Collection[str] = (),
        upload_fault: UploadFault = "none",
    ) -> None:
        """Nothing is built or bound yet.

        Args:
            seed: The same seed and clock give the same data to the byte.
            models: How many models there are, in place of the usual number.
            versions: How many versions there are, likewise.
            api: The release whose answers it gives.
            latency_ms: Milliseconds before every answer.
            failures: The share (0 to 1) of API calls that meet a 502, a 503 or a dropped connection.
            host: Where to listen.
            port: Where to listen; 0 for any free one.
            clock: The time in UTC, which moves statuses and ends tokens. The data's ages count from its
                time now.
            token_ttl: Seconds that an access token lives.
            device_interval: Seconds between two questions of a device that waits to be signed in.
            listed_row: Which config row comes with a version: 0 for its first, -1 for its newest. A real server
                does not order them.
            graphql: How much ``/v1/graphql`` shows: ``whole``, ``partial`` (some tables and columns are
                unknown), ``refused`` (403) or ``absent`` (404).
            graphql_hidden: More that it does not know: names of tables, and of columns as ``table.column``.
            upload_fault: How uploads fail, see :data:`~wltui.demo.faults.UPLOAD_FAULTS`.
        """
        self.requests: list[Request] = []
        """The requests so far, in order; of a large body the beginning."""
        self.traffic = Traffic()
        """Bytes that went over the wire so far, in both directions."""
        self.uploads_begun = 0
        """Number of uploads whose head has come; those that were broken off are not among ``requests``."""
        self._remembered = 0
        """Bytes of the bodies in there, or more."""
        self._clock = clock or utc_now
        self._born = self._clock()
        self._size = (models, versions)
        self._seed, self._era, self._listed_row = seed, api, listed_row
        self._graphql: Access = graphql
        self._hidden = frozenset(graphql_hidden)
        self._upload_fault: UploadFault = upload_fault
        self._upload_faults: list[UploadFault] = []
        self._latency = latency_ms / 1000
        self._failures, self._luck = failures, random.Random(seed)
        self._address = (host, port)
        self._socket: socket.socket | None = None
        self._keycloak = Keycloak(self._clock, token_ttl, device_interval)
        self._conversations: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._scripts: dict[str, list[Scripted]] = defaultdict(list)
        self._running: tuple[threading.Thread, Callable[[], object]] | None = None

    @cached_property
    def world(self) -> World:
        """The data; built when first asked for."""
        return build_world(self._seed, self._born, *self._size)

    @cached_property
    def _api(self) -> Api:
        return Api(
            self.world,
            self._keycloak,
            self._clock,
            self._era,
            listed_row=self._listed_row,
            graphql=self._graphql,
            hidden=self._hidden,
        )

    @property
    def url(self) -> str:
        """The base URL; of use once bound."""
        host, port = self._address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def connections(self) -> int:
        """The number of open connections; while one is open, what came by it may still be carried out."""
        return len(self._conversations)

    def script(self, path: str, *responses: Scripted) -> None:
        """Answer the next requests to ``path`` (as in ``Request.path``) by these, one each, in order.

        A request gets the first one that suits it.
        """
        self._scripts[path].extend(responses)

    def forget_scripts(self) -> None:
        """Forget the answers and faults that were to come."""
        self._scripts.clear()
        self._upload_faults.clear()

    def sign_everybody_out(self) -> None:
        """End every sign-in, as an administrator of Keycloak can."""
        self._keycloak.end_all()

    def bind(self) -> str:
        """Take the address and return the URL.

        Raises:
            OSError: it is taken, forbidden, or none of this host.
        """
        self._listen()
        return self.url

    def _listen(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_server(self._address, family=self._family, backlog=128)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, HELD)
            self._address = (self._address[0], self._socket.getsockname()[1])
        return self._socket

    async def serve_forever(self) -> None:
        """Answer requests until cancelled; bind first if that was not done.

        Raises:
            OSError: as ``bind``.
        """
        await self._serve(lambda: None)

    def start(self) -> Self:
        """Serve from a thread of its own.

        Raises:
            OSError: as ``bind``.
        """
        if self._running:
            return self
        self.bind()
        _ = self._api  # built here, where a failure reaches the caller
        up = threading.Event()

        async def serve() -> None:
            serving = asyncio.create_task(self._serve(up.set))
            self._running = (thread, partial(asyncio.get_running_loop().call_soon_threadsafe, serving.cancel))
            await asyncio.wait([serving])

        thread = threading.Thread(target=lambda: asyncio.run(serve()), name="wltui-demo", daemon=True)
        thread.start()
        up.wait()
        return self

    def stop(self) -> None:
        """End every connection and the thread, and free the address."""
        if self._running:
            thread, cancel = self._running
            self._running = None
            cancel()
            thread.join()
        if self._socket:
            self._socket.close()
            self._socket = None

    def refuse(self) -> None:
        """Stop, but keep the address, so that connections are refused until ``start``, and nobody else takes it."""
        self.stop()
        self._socket = socket.socket(self._family)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(self._address)

    @property
    def _family(self) -> socket.AddressFamily:
        return socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _serve(self, up: Callable[[], None]) -> None:
        """Answer until cancelled; call ``up`` once requests are taken."""
        listening = self._listen()
        _ = self._api  # built before the first request, which would wait for it
        conversations = self._conversations
        conversations.clear()

        def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(converse(reader, writer, self._answer, self._receive, self.traffic))
            conversations[task] = writer
            task.add_done_callback(conversations.pop)

        server = await asyncio.start_server(meet, sock=listening, limit=1 << 20)
        try:
            up()
            await asyncio.get_running_loop().create_future()
        finally:
            self._socket = None
            asyncio.get_running_loop().remove_reader(listening)
            for _ in range(MEETING_TURNS):
                await asyncio.sleep(0)
            server.close()
            cut_off = dict(conversations)
            for task in cut_off:
                task.cancel()
            await asyncio.gather(*cut_off, return_exceptions=True)
            for writer in cut_off.values():  # one had not begun, or its client does not read the answer
                writer.transport.abort()

    def fail_uploads(self, *faults: UploadFault) -> None:
        """Let the next uploads meet these faults, one each, in order; those after them meet the usual one."""
        self._upload_faults.extend(faults)

    def _receive(self, request: Request) -> Reception | None:
        """Return what takes in the body of an upload that has just begun; other bodies are held whole."""
        if not is_upload(request):
            return None
        fault = self._upload_faults.pop(0) if self._upload_faults else self._upload_fault
        self.uploads_begun += 1
        signed_in = self._keycloak.accepts(request.headers.get("authorization", ""))
        return receive_upload(request, fault, kept=LARGEST_REMEMBERED, signed_in=signed_in)

    async def _answer(self, request: Request) -> Outcome:
        self._remember(request)
        if self._latency:
            await asyncio.sleep(self._latency)
        if scripted := self._scripted(request):
            return await self._play(scripted, request)
        if not request.path.startswith("/") and self._luck.random() < self._failures:
            return self._fail(request)
        if is_upload(request):
            return self._upload(request)
        return self._respond(request)

    def _upload(self, request: Request) -> Outcome:
        reception = request.reception
        fault = reception.fault if isinstance(reception, UploadReception) else "none"
        if (refusal := refuse_upload(fault)) is not False:
            return refusal
        answer = self._respond(request)
        return None if fault == "lost-answer" and answer.status < 300 else answer

    def _remember(self, request: Request) -> None:
        """Keep a request, and forget the older half when there are too many or they hold too much."""
        self.requests.append(replace(request, body=request.body[:LARGEST_REMEMBERED], reception=None))
        self._remembered += len(self.requests[-1].body)
        if len(self.requests) > REMEMBERED or self._remembered > REMEMBERED_BYTES:
            del self.requests[: len(self.requests) // 2]
            self._remembered = sum(len(request.body) for request in self.requests)

    def _scripted(self, request: Request) -> Scripted | None:
        script = self._scripts.get(request.path, [])
        scripted = next((scripted for scripted in script if scripted.suits(request)), None)
        if scripted:
            script.remove(scripted)
        return scripted

    async def _play(self, scripted: Scripted, request: Request) -> Outcome:
        real = self._respond(request) if scripted.processed else None
        if scripted.delay:
            await asyncio.sleep(scripted.delay)
        while not scripted.may_answer():  # noqa: ASYNC110  it is for another thread to say
            await asyncio.sleep(0.001)
        if scripted.drop:
            return None
        if scripted.raw is not None:
            return scripted.raw
        if real and scripted.body is None and scripted.status == 200:
            return (
                Response(200, real.body, {**real.headers, **scripted.headers}) if real.status == 200 else real
            )
        return Response(scripted.status, scripted.body or b"", scripted.headers)

    def _fail(self, request: Request) -> Outcome:
        """Fail in one of the ways of a gateway; a dropped call may have been carried out, or not."""
        match self._luck.randrange(4):
            case 0:
                return Response(
                    503, b"no healthy upstream", {"content-type": "text/plain", "retry-after": "1"}
                )
            case 1:
                return Response(502, GATEWAY_PAGE, {"content-type": "text/html"})
            case 2:
                self._respond(request)
        return None

    def _respond(self, request: Request) -> Response:
        of_keycloak = self._keycloak.answer(request, f"{self.url}{REALM_PATH}")
        return of_keycloak or self._api.answer(request)
