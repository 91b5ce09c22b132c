"""The request that uploads a file: multipart, streamed from disk, and complete only if the file is the right one.

The last bytes are withheld until the whole file has been read and is the file whose hash was confirmed. Until they are
sent the server has no complete request, so that nothing can have been stored; :attr:`UploadBody.is_complete` says it.
"""

import asyncio
import hashlib
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import Future
from io import FileIO
from pathlib import Path

import httpx
import msgspec
from msgspec import Struct

from wltui.core.errors import ApiFormatError, FileChanged
from wltui.core.records import VersionId
from wltui.core.threads import start_in_thread

from .calls import Call
from .connection import Route
from .early_answer import EarlyAnswer
from .lenient import decode

CHUNK = 1 << 19
"""Bytes that are read at a time."""
PIECE = 1 << 17
"""Bytes that are sent at a time. Over a slow link a chunk would take too long to be reported, and for its timeout."""


class FileToSend(Struct, frozen=True, kw_only=True):
    """A file as it was when its hash was made."""

    path: Path
    name: str
    """The name to send: without folders, since the server keeps what it gets."""
    sha256: str
    size: int
    mtime_ns: int
    inode: int


class _Answer(Struct):
    insert_models: "_Inserted"

    def version_id(self) -> VersionId:
        return VersionId(self.insert_models.returning[0].models[0].id)


class _Inserted(Struct):
    returning: "list[_Returned]" = msgspec.field(default_factory=list)


class _Returned(Struct):
    models: "list[_Row]" = msgspec.field(default_factory=list)


class _Row(Struct):
    id: int


def upload_call(route: str, metadata: Mapping[str, object], what: str) -> Call[VersionId]:
    """Build the call of an upload, without its file; its answer is the id of a version.

    The id is the highest of the model's versions: after two uploads at once it may be the other one's.

    Args:
        route: ``models/upload`` or ``models/upload_and_convert``.
        metadata: The JSON object of the part ``metadata``, in the order to send.
        what: Subject of messages, such as ``Version of model fraud``.
    """

    def read(body: bytes, _: VersionId | None) -> VersionId:
        failed = f"The answer to {what} could not be read"
        answer = decode(body, _Answer, what=failed, endpoint=route)
        try:
            return answer.version_id()
        except IndexError:
            raise ApiFormatError(failed, "it names no version", endpoint=route) from None

    return Call(route, metadata, read, what, write=True)


class UploadBody(AsyncIterator[bytes]):
    """The body of one upload. It can be read once, so that nothing can send it twice.

    Args:
        metadata: The JSON of the part ``metadata``.
        file: The file as it was confirmed.
        on_progress: Called with the number of bytes of the file that were sent.
        before_end: Awaited when the file has proved right, before the last bytes are sent; what it raises breaks
            the request off.
    """

    timeout = httpx.Timeout(900, connect=10, write=60, pool=10)
    """Seconds to connect, for a chunk to be written, and for the answer, from the last byte that was sent."""

    def __init__(
        self,
        metadata: bytes,
        file: FileToSend,
        on_progress: Callable[[int], object] = lambda sent: None,
        before_end: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        self.is_complete = False
        """True if the last byte may have been sent."""
        self._file, self._on_progress, self._before_end = file, on_progress, before_end
        self._early: EarlyAnswer | None = None
        self.request: httpx.Request | None = None
        """The request that sends it; with it, an answer that comes too early is noticed."""
        boundary = secrets.token_hex(16)
        self._head = _head(boundary, metadata, file.name)
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self._is_begun = False
        self._reader: _Reader | None = None
        self._next: Future[bytes] | None = None
        """The chunk that is read while the one before it is sent; None before the first and after the last."""
        self._chunk = memoryview(b"")
        """The part of a chunk that is still to be sent."""
        self._sent = self._given = 0
        """Bytes of the file that were sent, and those that httpx has been given."""
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(self._head) + file.size + len(self._tail)),
        }

    def __aiter__(self) -> AsyncIterator[bytes]:
        if self._is_begun:
            raise httpx.StreamConsumed
        self._is_begun = True
        return self

    async def __anext__(self) -> bytes:
        """Return the next part; when httpx asks for it, the one before has been written."""
        if self._given > self._sent:
            self._sent = self._given
            self._on_progress(self._sent)
        if self._reader is None:
            self._reader = _Reader(self._file)
            self._next = start_in_thread(self._reader.read)
            self._listen()
            return self._head
        if not self._chunk:
            if self._next is None:
                raise StopAsyncIteration
            await self._load()
        piece, self._chunk = self._chunk[:PIECE], self._chunk[PIECE:]
        self._given += len(piece)
        if self._chunk or self._next is not None:
            return bytes(piece)
        if self._before_end is not None:
            await self._before_end()
        self.is_complete = True
        return bytes(piece) + self._tail

    async def _load(self) -> None:
        """Take the chunk that has been read, and begin to read the one after it unless that was the last."""
        if self._reader is not None and self._next is not None:
            chunk = await asyncio.wrap_future(self._next)
            self._chunk = memoryview(chunk)
            is_last = self._given + len(self._chunk) == self._file.size
            self._next = None if is_last else start_in_thread(self._reader.read)

    def _listen(self) -> None:
        """Watch for an answer from now on: the stream that carries this request is known only here."""
        route = self.request.extensions.get("trace") if self.request is not None else None
        if isinstance(route, Route) and route.stream is not None:
            self._early = EarlyAnswer(route.stream)

    async def aclose(self) -> None:
        """Close the file, as soon as the disk has answered, and stop watching for an early answer."""
        if self._reader is not None:
            close = self._reader.close
            if self._next is None:
                close()
            else:
                self._next.add_done_callback(lambda _: close())
        if self._early is not None:
            await self._early.close()


class _Reader:
    """Reads a file in chunks and hashes it."""

    def __init__(self, file: FileToSend) -> None:
        self._of = file
        self._hash = hashlib.sha256()
        self._left = file.size
        self._file: FileIO | None = None

    def read(self) -> bytes:
        """Return the next chunk, empty if the file is; it waits for the disk.

        Raises:
            FileChanged: it is not the confirmed file, which is certain only with its last chunk, or can't be read.
        """
        try:
            file = self._file
            if file is None:
                # Not blocking, since a pipe may have taken its place.
                flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
                file = self._file = FileIO(os.open(self._of.path, flags))
                self._check_identity(file, "it is not the file any more whose hash was made")
            chunk = self._read(file)
            self._left -= len(chunk)
            self._hash.update(chunk)
            if not self._left:
                if self._hash.hexdigest() != self._of.sha256:
                    raise self._changed("its bytes are not those whose hash was made")
                self._check_identity(file, "something wrote to it meanwhile")
        except OSError as error:
            raise self._unreadable(error) from None
        return chunk

    def _read(self, file: FileIO) -> bytes:
        size, parts = min(CHUNK, self._left), list[bytes]()
        while size and (part := file.read(size)):
            parts.append(part)
            size -= len(part)
        if size:
            raise self._changed("it has become shorter")
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _check_identity(self, file: FileIO, why: str) -> None:
        status, confirmed = os.fstat(file.fileno()), self._of
        if (status.st_size, status.st_mtime_ns, status.st_ino) != (
            confirmed.size, confirmed.mtime_ns, confirmed.inode,
        ):  # fmt: skip
            raise self._changed(why)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _changed(self, why: str) -> FileChanged:
        return FileChanged(
            f"{self._of.name} changed while it was uploaded",
            why,
            "Nothing was stored, since the upload was broken off before its end. Choose the file again",
        )

    def _unreadable(self, error: OSError) -> FileChanged:
        return FileChanged(
            f"{self._of.name} could not be read",
            (error.strerror or "it can't be opened").lower(),
            "Nothing was stored, since the upload was broken off before its end. Choose the file again",
        )


def _head(boundary: str, metadata: bytes, file_name: str) -> bytes:
    """Return all that stands before the file."""
    return b"".join(
        (
            f'--{boundary}\r\nContent-Disposition: form-data; name="metadata"\r\n'.encode(),
            b"Content-Type: application/json\r\n\r\n",
            metadata,
            f"\r\n--{boundary}\r\n".encode(),
            b'Content-Disposition: form-data; name="file"; filename="',
            escape_file_name(file_name),
            b'"\r\nContent-Type: application/octet-stream\r\n\r\n',
        )
    )


def escape_file_name(file_name: str) -> bytes:
    """Return a file name for a header, in UTF-8: quotes and control characters as browsers escape them.

    Half a surrogate pair, by which Python spells a byte that is not UTF-8, becomes a question mark.
    """
    escapes: dict[str, str | int | None] = {chr(code): f"%{code:02X}" for code in (*range(32), 127)}
    escapes |= {'"': "%22", "\\": "\\\\"}
    return file_name.translate(str.maketrans(escapes)).encode("utf-8", "replace")
