"""What the tests of the service share: sessions on a server, their clock, and what is asked and told."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from tests.support.clock import NOW
from tests.support.clock import Clock as Clock
from tests.support.clock import at_once as at_once
from tests.support.servers import serving
from tests.support.waiting import LIMIT, limit
from wltui.api.auth import PasswordLogin
from wltui.api.client import Client
from wltui.core.records import VersionId
from wltui.core.settings import Secret
from wltui.demo import Demo, Scripted
from wltui.demo.world import Config
from wltui.service.exchange import Exchange
from wltui.service.graphql import GraphQl
from wltui.service.latest import Latest
from wltui.service.service import Answer, Service
from wltui.service.session import Session
from wltui.store.drafts import Drafts
from wltui.store.private_files import owner_key
from wltui.store.response_cache import Cache, cache_path
from wltui.store.save_history import History
from wltui.store.upload_history import UploadHistory

T = TypeVar("T")

LIST = "models/list"
CONFIG = "models/get_config_by_id"
VERSION = "models/get_version_by_id"
INSERT = "models/insert_model_config"

Reply = Callable[[object], None]
"""Answers a request with JSON."""


@asynccontextmanager
async def session(
    url: str,
    folder: Path | None,
    *,
    clock: Callable[[], datetime] = lambda: NOW,
    patience: float = LIMIT,
    read_only: bool = False,
    wait: Callable[[float], Awaitable[None]] = at_once,
    boot: str = "one start of the host",
    graphql: bool = False,
) -> AsyncIterator[Service]:
    """One run of the program, whose reads repeat without pauses; ``folder`` is where it keeps what it keeps.

    ``patience``: seconds until a request is given up; ``wait`` lets seconds pass before a second look. A
    :class:`Clock` is the monotonic clock as well.
    """
    ticks = clock.ticks if isinstance(clock, Clock) else lambda: 0.0
    auth = PasswordLogin(url, "demo", Secret("demo"))

    def connect() -> Client:
        return Client(url, auth, timeout=patience, read_only=read_only, wait=at_once)

    cache = Cache(cache_path(folder, owner_key(url, "demo"))) if folder else None
    service = Service(
        connect,
        cache,
        drafts=Drafts(folder, "demo", clock),
        history=History(folder, "demo", clock, ticks=ticks, boot=boot),
        upload_history=UploadHistory(folder, "demo", clock, ticks=ticks, boot=boot),
        user="demo",
        graphql=graphql,
        clock=clock,
        wait=wait,
    )
    try:
        yield service
    finally:
        await service.close()


def over_rest(exchange: Exchange, history: History) -> Session:
    """Return what a save needs, without GraphQL."""
    return Session(exchange, GraphQl(exchange, is_on=False), history, Latest(exchange))


async def told(stream: AsyncIterator[T]) -> list[T]:
    """Everything that a stream tells."""
    return [answer async for answer in stream]


async def last(stream: AsyncIterator[Answer[T]]) -> T:
    """What a stream tells in the end."""
    return (await told(stream))[-1].value


def count_requests(demo: Demo, path: str = "") -> int:
    """How many requests arrived; those that sign in do not count."""
    return sum(
        request.path == path if path else not request.path.startswith("/") for request in demo.requests
    )


def sent(demo: Demo) -> list[dict[str, Any]]:
    """The bodies of the config inserts that arrived."""
    return [json.loads(request.body) for request in demo.requests if request.path == INSERT]


def saying(answer: object, status: int = 200) -> Scripted:
    """A scripted answer in JSON."""
    return Scripted(status, json.dumps(answer).encode())


def refusing(message: str, status: int) -> Scripted:
    """The API's no."""
    return saying({"msg": message, "code": status}, status)


def configure(demo: Demo, version_id: int, **fields: Any) -> int:
    """Somebody else gives a version a new config; returns its id."""
    version = demo.world.versions[VersionId(version_id)]
    config = Config(
        id=demo.world.next_config_id(),
        model_version_id=version_id,
        runtime=version.configs[-1].runtime,
        **fields,
    )
    version.configs.append(config)
    return config.id


class ManualServer:
    """A server whose requests the test answers one by one."""

    def __init__(self) -> None:
        self.url = ""
        self._inbox: asyncio.Queue[tuple[str, Reply]] = asyncio.Queue()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
                await reader.readexactly(length)
                answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
                path = head.split()[1].decode().removeprefix("/v1/api/")
                await self._inbox.put((path, answer.set_result))
                body = json.dumps(await answer).encode()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        writer.close()

    async def next(self, path: str) -> Reply:
        """The next request that arrives, which must be to ``path``; call what is returned to answer it."""
        async with limit(lambda: f"a request to {path}"):
            arrived, reply = await self._inbox.get()
        assert arrived == path
        return reply


@asynccontextmanager
async def open_manual_server() -> AsyncIterator[ManualServer]:
    """A server whose requests wait for the test."""
    server = ManualServer()
    async with serving(server.serve) as port:
        server.url = f"http://127.0.0.1:{port}"
        yield server
