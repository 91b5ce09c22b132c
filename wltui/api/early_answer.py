"""Notice an answer that comes while the request is still being sent, as a gateway's refusal of a large body does.

httpcore reads nothing before it has sent everything. A server that refuses and closes would then reset the connection,
and its answer be lost; one that refuses and waits would get a whole file for nothing.
"""

import asyncio
from contextlib import suppress
from typing import Any

import httpcore

READ_AT_A_TIME = 64 << 10
_INTERIM = b"HTTP/1.1 1"
"""Begins an answer that is not the last one, such as ``100 Continue``."""


class EarlyAnswer:
    """Reads from a connection while a request is being written to it.

    As soon as the server answers or hangs up, writing fails with ``httpcore.WriteError``. httpcore then goes on to read
    the answer, and gets what was read here first.
    """

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        """Take over the reading and writing of ``stream``, whose request has begun and not been answered."""
        self._read, self._write = stream.read, stream.write
        patched: Any = stream  # httpcore holds this very object, and has no seam for another one
        patched.read, patched.write = self.read, self.write
        self._guard: asyncio.Timeout | None = None
        self._is_answered = False
        self._ahead: asyncio.Task[bytes] | None = asyncio.create_task(self._read(READ_AT_A_TIME, None))
        self._ahead.add_done_callback(self._on_read)

    def _on_read(self, task: asyncio.Task[bytes]) -> None:
        """Stop a write that is under way, unless the answer is only an interim one."""
        if task.cancelled() or (task.exception() is None and task.result().startswith(_INTERIM)):
            return
        self._is_answered = True
        if self._guard is not None:
            self._guard.reschedule(asyncio.get_running_loop().time())

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109  httpcore's own
        """Write as the stream does; raise WriteError once the server has answered or hung up."""
        if self._is_answered:
            raise httpcore.WriteError("the server answered before the request was complete")
        try:
            async with asyncio.timeout(None) as self._guard:
                await self._write(buffer, timeout)
        except TimeoutError:
            raise httpcore.WriteError("the server answered before the request was complete") from None
        finally:
            self._guard = None

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109  httpcore's own
        """Return what was read meanwhile, and then what the stream reads."""
        ahead = self._ahead
        if ahead is None:
            return await self._read(max_bytes, timeout)
        try:
            async with asyncio.timeout(timeout):
                data = await asyncio.shield(ahead)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from None
        self._ahead = None
        return data

    async def close(self) -> None:
        """Stop reading."""
        if self._ahead is not None:
            self._ahead.cancel()
            with suppress(asyncio.CancelledError, httpcore.NetworkError):
                await self._ahead
            self._ahead = None
