"""Response bodies as the cache keeps them: compressed, each behind the key of the request that it answers."""

import hashlib
import zlib
from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Struct

LARGEST = 256 << 20
"""Bytes of a body: no answer that is read from the network is larger, so that a row that would be is damaged."""
LARGE = 1 << 16
"""Bytes of a body, compressed or not, from which on it is read in a thread: that takes more than a millisecond."""


class StoredBody(Struct, frozen=True):
    """A compressed response body, with the key of its request in front of it."""

    key: bytes
    data: bytes

    @property
    def is_large(self) -> bool:
        """Whether unpacking and reading it takes so long that it belongs in a thread."""
        return len(self.data) >= LARGE

    def unpack(self) -> bytes:
        """Return the body.

        Raises:
            ValueError: it is damaged, larger than any body, or another key's, to which a damaged file may lead.
        """
        unpacker = zlib.decompressobj()
        try:
            content = unpacker.decompress(self.data, LARGEST + 100)
        except zlib.error as error:
            raise ValueError(str(error)) from None
        if not unpacker.eof:
            raise ValueError("cut off, or too large")
        if not content.startswith(self.key):
            raise ValueError("the body of another request")
        return content[len(self.key) :]


class CachedAnswer(Struct, frozen=True):
    """A response body and the time in UTC at which it was received."""

    stored: StoredBody
    received: datetime


def pack(path: str, request: Mapping[str, object], body: bytes) -> StoredBody:
    """Compress a body; slow if it is large."""
    key = key_of(path, request)
    packer = zlib.compressobj(1)
    return StoredBody(key, b"".join((packer.compress(key), packer.compress(body), packer.flush())))


def key_of(path: str, request: Mapping[str, object]) -> bytes:
    """Return the key of a request: the same for the same path and JSON."""
    return hashlib.sha256(
        path.encode() + b"\n" + msgspec.json.encode(request, order="deterministic")
    ).digest()
