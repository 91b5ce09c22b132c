"""Serve on loopback, and leave nothing open."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from wltui.demo.server import HELD

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve each connection by ``serve``; yields the port.

    The system holds some of what comes, but less than a large upload. At the end it cuts off who is still connected,
    and waits until all conversations are over: what outlives a test fails another one.
    """
    conversations: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(converse(reader, writer))
        conversations[task] = writer
        task.add_done_callback(conversations.pop)

    async with await asyncio.start_server(meet, "127.0.0.1", 0, ssl=tls) as server:
        (listening,) = server.sockets
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, HELD)
        try:
            yield listening.getsockname()[1]
        finally:
            server.close()
            left = dict(conversations)
            for task, writer in left.items():
                writer.transport.abort()
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
