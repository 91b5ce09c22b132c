"""Clients of the embedded Wallaroo, whose pauses pass at once and are remembered."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from tests.support.servers import serving
from tests.support.waiting import LIMIT
from wltui.api.auth import PasswordLogin
from wltui.api.client import Client
from wltui.core.settings import Secret
from wltui.demo import Demo

PASSWORD = Secret("demo")

OpenClient = Callable[..., Client]


class Pauses(list[float]):
    """A ``wait`` that remembers how long it was to be."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def open_client(demo: Demo, pauses: Pauses) -> AsyncIterator[OpenClient]:
    """Makes clients: ``open_client(read_only=True)``; a full jitter makes each pause as long as it may be."""
    opened: list[Client] = []

    def make(endpoint: str = demo.url, **options: object) -> Client:
        chosen: dict[str, object] = {
            "auth": PasswordLogin(endpoint, "demo", PASSWORD),
            "timeout": LIMIT,
            "wait": pauses,
            "jitter": lambda: 1.0,
        }
        client = Client(endpoint, **chosen | options)  # type: ignore[arg-type]
        opened.append(client)
        return client

    yield make
    for client in opened:
        await client.aclose()


@pytest.fixture
def client(open_client: OpenClient) -> Client:
    return open_client()


def sent(demo: Demo, path: str) -> int:
    """How many requests to ``path`` arrived."""
    return sum(request.path == path for request in demo.requests)


class HeldServer:
    """A server that gives every request one answer, but none before the test opens it."""

    def __init__(self) -> None:
        self.knocks = 0
        self.knocked, self.opened = asyncio.Event(), asyncio.Event()
        self.status, self.body = 200, b'{"access_token":"a","workspaces":[]}'
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.knocks += 1
        self.knocked.set()
        await self.opened.wait()
        head = f"HTTP/1.1 {self.status} Said\r\ncontent-length: {len(self.body)}\r\nconnection: close\r\n\r\n"
        writer.write(head.encode() + self.body)
        await writer.drain()
        writer.close()


@pytest.fixture
async def held() -> AsyncIterator[HeldServer]:
    held = HeldServer()
    async with serving(held.serve) as port:
        held.url = f"http://127.0.0.1:{port}"
        yield held
