"""The body of an answer, bounded and decompressed.

httpx decompresses without a bound, and as often as a server says: 13 kB can become 8 GB before anybody looks.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator

import httpx

from .reasons import shorten

ACCEPTED = "gzip"
"""The only compression that is asked for."""
BODY_LIMIT = 256 << 20
"""Bytes of an answer of the API. There is no paging, and 100,000 versions with schemas are about 100 MB."""
SLICE = 1 << 20
"""Bytes that are decompressed at a time; then other tasks have their turn."""
REFUSAL_LIMIT = 64 << 10
"""Bytes that are read of an answer that is not a success; the rest is left out."""

_KNOWN = ("gzip", "x-gzip", "deflate")
_ANY_HEADER = 47
"""What zlib calls "15 bits of window, behind the header of gzip or of zlib"."""


class TooLarge(httpx.DecodingError):
    """The body has more bytes than it may have."""


class Body(httpx.AsyncByteStream):
    """A response's body as it is read: at most ``limit`` bytes, decompressed.

    httpx must not decompress it again: it is made after ``Content-Encoding`` is taken off the response. Of an answer
    that is not a success the status counts, so what can't be read of its body is left out.
    """

    def __init__(
        self, stream: httpx.AsyncByteStream, encodings: list[str], limit: int, *, success: bool
    ) -> None:
        self._stream = stream
        self._encodings = [name for name in map(_normal, encodings) if name not in ("", "identity")]
        self._limit = limit if success else min(limit, REFUSAL_LIMIT)
        self._success = success

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._bounded():
                yield part
        except httpx.DecodingError:
            if self._success:
                raise

    async def aclose(self) -> None:
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
            return aiter(self._stream)
        if len(self._encodings) == 1 and self._encodings[0] in _KNOWN:
            return self._unzipped()
        raise httpx.DecodingError(
            f"the answer is compressed as {shorten(', '.join(self._encodings))}, not as {ACCEPTED}"
        )

    async def _unzipped(self) -> AsyncIterator[bytes]:
        unzip, begun, received = zlib.decompressobj(_ANY_HEADER), False, 0
        try:
            async for received_part in self._stream:
                data = received_part
                received += len(data)
                if received > self._limit:  # of data that become nothing, too
                    raise TooLarge(f"the answer is larger than {self._limit / 1e6:,.0f} MB, compressed")
                while data:
                    if unzip.eof:
                        if not data.startswith(b"\x1f"):  # no further part of gzip: padding
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
