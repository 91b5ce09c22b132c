"""Response bodies as the cache keeps them: compressed, each behind the key of the request that it answers."""

import hashlib
import os
import zlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec
from msgspec import Struct
from msgspec.structs import replace

LARGEST = 256 << 20
"""Bytes of a body: no answer that is read from the network is larger, so that a row that would be is damaged."""
LARGE = 1 << 16
"""Bytes of a body, compressed or not, from which on it is read in a thread: that takes more than a millisecond."""


PIECE = 1 << 14
"""Compressed bytes that are unpacked at once, to 16 MB at most: meanwhile no other thread goes on."""
SET_ASIDE = 1 << 20
"""Bytes of a compressed body from which on it is held in a file: it is read again only to show JSON as received."""


class StoredBody(Struct, frozen=True):
    """A compressed response body, with the key of its request in front of it."""

    key: bytes
    size: int
    """Bytes of ``data``."""
    held: bytes | IO[bytes]
    """The data, or the unnamed file that holds them."""

    @property
    def data(self) -> bytes:
        """The compressed bytes; slow if they are in a file.

        Raises:
            OSError: the file can't be read.
        """
        held = self.held
        if isinstance(held, bytes):
            return held
        data = os.pread(held.fileno(), self.size, 0)
        if len(data) < self.size:
            raise OSError("the file is cut off")
        return data

    @property
    def is_large(self) -> bool:
        """Whether unpacking and reading it takes so long that it belongs in a thread."""
        return self.size >= LARGE

    def is_same(self, other: "StoredBody") -> bool:
        """Return whether another one has the same key and data; slow if they are large."""
        if (self.key, self.size) != (other.key, other.size):
            return False
        try:
            return self.data == other.data
        except OSError:
            return False

    def set_aside(self, folder: Path) -> "StoredBody":
        """Return the same body held in an unnamed file in the folder; itself if it is small or can't be written.

        The file is gone when nothing holds it any more, and when the process ends.
        """
        if self.size < SET_ASIDE or not isinstance(self.held, bytes):
            return self
        import tempfile  # no start needs it

        try:
            file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115  it stays open
            if file.write(self.held) < self.size:
                return self
        except OSError:
            return self
        return replace(self, held=file)

    def unpack(self) -> bytes:
        """Return the body.

        Raises:
            ValueError: it is damaged, larger than any body, or another key's, to which a damaged file may lead.
        """
        unpacker, content = zlib.decompressobj(), bytearray()
        try:
            data = self.data
            for start in range(0, len(data), PIECE):
                content += unpacker.decompress(data[start : start + PIECE])
                if len(content) > LARGEST + 100:
                    raise ValueError("too large")
        except (zlib.error, OSError) as error:
            raise ValueError(str(error)) from None
        if not unpacker.eof:
            raise ValueError("cut off")
        if not content.startswith(self.key):
            raise ValueError("the body of another request")
        return bytes(memoryview(content)[len(self.key) :])


class CachedAnswer(Struct, frozen=True):
    """A response body and the time in UTC at which it was received."""

    stored: StoredBody
    received: datetime


def pack(path: str, request: Mapping[str, object], body: bytes) -> StoredBody:
    """Compress a body; slow if it is large."""
    key = key_of(path, request)
    packer = zlib.compressobj(1)
    return stored_body(key, b"".join((packer.compress(key), packer.compress(body), packer.flush())))


def stored_body(key: bytes, data: bytes) -> StoredBody:
    """Return the compressed bytes that were kept for a request with this key."""
    return StoredBody(key, len(data), data)


def key_of(path: str, request: Mapping[str, object]) -> bytes:
    """Return the key of a request: the same for the same path and JSON."""
    return hashlib.sha256(
        path.encode() + b"\n" + msgspec.json.encode(request, order="deterministic")
    ).digest()
