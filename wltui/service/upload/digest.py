"""Find the SHA-256 of a file: the platform names each upload by it, so a lost answer is settled by it."""

import asyncio
import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from wltui.core.errors import FileChanged as FileChanged
from wltui.core.errors import WltuiError
from wltui.core.threads import run_in_thread

from .local_file import open_regular, unusable

CHUNK = 1 << 20
"""Bytes that are read at once, and all that is held in memory."""
_REPORTS = 200
"""Maximum reports of progress."""
OnProgress = Callable[[int, int], object]
"""Called with the bytes that are done, and the size."""


class DigestCancelled(WltuiError):
    """The reading was cancelled."""


class FileDigest(Struct, frozen=True):
    """The hash of a file, and its properties then: while none of them differs, its content is taken to be the same."""

    sha256: str
    """64 lower-case hexadecimal digits, as the API has them."""
    size: int
    """Bytes."""
    mtime_ns: int
    inode: int

    def changed_reason(self, now: os.stat_result) -> str:
        """Return how the file differs from the one that was hashed; empty if it is the same.

        Args:
            now: ``os.fstat`` of the open file, so that it is about the bytes that will be read from it.
        """
        if self.inode != now.st_ino:
            return "another file has taken its place"
        if self.size != now.st_size:
            return f"its size went from {self.size:,} to {now.st_size:,} bytes"
        return "it was written to" if self.mtime_ns != now.st_mtime_ns else ""


def digest(
    path: Path, on_progress: OnProgress | None = None, is_cancelled: Callable[[], bool] = lambda: False
) -> FileDigest:
    """Return the hash of a regular file, read once. It blocks: call it in a thread.

    Args:
        path: The file.
        on_progress: Called in the same thread.
        is_cancelled: Asked before each chunk.

    Raises:
        UnusableFile: it can't be read, or is no regular file.
        FileChanged: it changed meanwhile.
        DigestCancelled: ``is_cancelled`` returned True.
    """
    sha, done, reported = hashlib.sha256(), 0, 0
    chunk = memoryview(bytearray(CHUNK))
    with open_regular(path) as file:
        found = os.fstat(file.fileno())
        size, step = found.st_size, max(CHUNK, found.st_size // _REPORTS)
        begun = FileDigest("", size, found.st_mtime_ns, found.st_ino)
        try:
            while read := file.readinto(chunk):
                if is_cancelled():
                    raise DigestCancelled(f"Reading {path} was cancelled")
                sha.update(chunk[:read])
                done += read
                if on_progress and done - reported >= step:
                    on_progress(reported := done, size)
            why = begun.changed_reason(os.fstat(file.fileno())) or begun.changed_reason(path.stat())
        except OSError as error:
            raise unusable(path, error) from error
    if why or done != size:
        why = why or f"{done:,} bytes were read of {size:,}"
        raise FileChanged(
            f"{path} changed while it was read", why, "Wait until it is complete, and try again."
        )
    if on_progress and reported < done:
        on_progress(done, size)
    return replace(begun, sha256=sha.hexdigest())


async def digest_in_thread(path: Path, on_progress: OnProgress | None = None) -> FileDigest:
    """Return the hash of a regular file, read in a thread. ``on_progress`` is called in the event loop.

    If cancelled, the reading ends after at most one more chunk.

    Raises:
        UnusableFile: it can't be read, or is no regular file.
        FileChanged: it changed meanwhile.
    """
    loop, cancelled = asyncio.get_running_loop(), threading.Event()

    def report(done: int, size: int) -> None:
        if on_progress and not cancelled.is_set():
            loop.call_soon_threadsafe(on_progress, done, size)

    try:
        return await run_in_thread(digest, path, report, cancelled.is_set)
    finally:
        cancelled.set()
