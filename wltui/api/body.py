"""Read the body of an answer: limit its size and decompress it.

httpx decompresses without a limit, and as often as the headers say: 13 kB can become 8 GB in memory.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator

import httpx

from .reasons import shorten

ACCEPTED = "gzip"
"""The only compression that requests accept."""
BODY_LIMIT = 256 << 20
"""Maximum bytes of an API answer. There is no paging, and 100,000 versions with schemas are about 100 MB."""
SLICE = 1 << 20
"""Bytes that are decompressed at a time, before other tasks get their turn."""
REFUSAL_LIMIT = 64 << 10
"""Maximum bytes that are read of an unsuccessful answer; the rest is dropped."""

_KNOWN = ("gzip", "x-gzip", "deflate")
_ANY_HEADER = 47
"""zlib's number for a window of 15 bits and a header of gzip or zlib, detected automatically."""


class TooLarge(httpx.DecodingError):
    """The body exceeds its limit."""


class Body(httpx.AsyncByteStream):
    """Stream the body of a response: at most ``limit`` bytes, decompressed.

    Remove ``Content-Encoding`` from the response first, so that httpx does not decompress it again. In an unsuccessful
    answer only the status matters, so the unreadable part of its body is dropped.
    """

    def __init__(
        self, stream: httpx.AsyncByteStream, encodings: list[str], limit: int, *, success: bool
    ) -> None:
        self._stream = stream
        self._encodings = [name for name in map(_normal, encodings) if name not in ("", "identity")]
        self._limit = limit if success else min(limit, REFUSAL_LIMIT)
        self._success = success
        self.received = 0
        """Bytes so far, as they came."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._bounded():
                yield part
        except httpx.DecodingError:
            if self._success:
                raise

    async def aclose(self) -> None:
        """Close the stream below."""
        await self._stream.aclose()

    async def _bounded(self) -> AsyncIterator[bytes]:
        left = self._limit
        async for part in self._parts():
            if len(part) > left:
                yield part[:left]
                raise TooLarge(f"the answer is larger than {self._limit / 1e6:,.0f} MB")
            left -= len(part)
            yield part

    def _parts(self) -> AsyncIterator[bytes]:
        if not self._encodings:
            return self._counted()
        if len(self._encodings) == 1 and self._encodings[0] in _KNOWN:
            return self._unzipped()
        raise httpx.DecodingError(
            f"the answer is compressed as {shorten(', '.join(self._encodings))}; wltui reads {ACCEPTED} only"
        )

    async def _counted(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            self.received += len(part)
            yield part

    async def _unzipped(self) -> AsyncIterator[bytes]:
        unzip, begun = zlib.decompressobj(_ANY_HEADER), False
        try:
            async for part in self._counted():
                data = part
                if self.received > self._limit:  # also if the data decompress to nothing
                    raise TooLarge(f"the answer is larger than {self._limit / 1e6:,.0f} MB, compressed")
                while data:
                    if unzip.eof:
                        if not data.startswith(b"\x1f"):  # padding, not another part of gzip
                            break
                        unzip = zlib.decompressobj(_ANY_HEADER)
                    begun = True
                    yield unzip.decompress(data, SLICE)
                    data = unzip.unconsumed_tail or unzip.unused_data
                    await asyncio.sleep(0)
            if begun:
                yield unzip.flush()
        except zlib.error:
            raise httpx.DecodingError("the answer's compression is damaged") from None
        if begun and not unzip.eof:
            raise httpx.DecodingError("the answer's compression ends too early")


def _normal(encoding: str) -> str:
    return encoding.strip().lower()
