"""Response bodies as the cache keeps them: compressed, each behind the key that it belongs to."""

import hashlib
import zlib
from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Struct

LARGEST = 256 << 20
"""Bytes of a body: no answer that is read from the network is larger, so that a row that would be is damaged."""


class CachedAnswer(Struct, frozen=True):
    """A response body and the time in UTC at which it was received."""

    body: bytes
    received: datetime


class Packed(Struct, frozen=True):
    """A response body as it is kept: compressed, behind the key that it belongs to."""

    key: bytes
    data: bytes

    @property
    def body(self) -> bytes:
        """The body itself, which takes a while if it is large; raises ValueError if it is damaged."""
        return unpack(self.data)[len(self.key) :]


class Found(Struct, frozen=True):
    """A response that may be large: it can be unpacked in any thread."""

    kept: bytes | Packed
    received: datetime

    @property
    def size(self) -> int:
        """Its bytes, compressed or not."""
        return len(self.kept.data if isinstance(self.kept, Packed) else self.kept)


def pack(path: str, request: Mapping[str, object], body: bytes) -> Packed:
    """Return a body as :meth:`~wltui.store.response_cache.Cache.put` keeps it: for large ones, in a thread."""
    key = key_of(path, request)
    return Packed(key, compress(key, body))


def unpacked(found: Found) -> CachedAnswer | None:
    """Return the entry, or None if it is damaged or another key's, to which a damaged file may lead."""
    if isinstance(found.kept, bytes):
        return CachedAnswer(found.kept, found.received)
    key = found.kept.key
    try:
        body = unpack(found.kept.data)
    except ValueError:
        return None
    return CachedAnswer(body[len(key) :], found.received) if body.startswith(key) else None


def compress(key: bytes, body: bytes) -> bytes:
    packer = zlib.compressobj(1)
    return b"".join((packer.compress(key), packer.compress(body), packer.flush()))


def unpack(data: bytes) -> bytes:
    """Return key and body; raises ValueError if the data is damaged, or would be larger than any body."""
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(data, LARGEST + 100)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if not unpacker.eof:
        raise ValueError("cut off, or too large")
    return content


def key_of(path: str, request: Mapping[str, object]) -> bytes:
    return hashlib.sha256(
        path.encode() + b"\n" + msgspec.json.encode(request, order="deterministic")
    ).digest()
