"""The response cache: what the API last said, in one SQLite file an instance and user.

Only response bodies are kept: no header, no token, no password. Reads are synchronous (15 to 30 µs; through a
thread they take twenty times as long), writes go through one thread of the cache's own. A cache that is
locked, full, damaged or not writable is a miss, never an error on screen.
"""

import hashlib
import os
import queue
import sqlite3
import threading
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

SCHEMA_VERSION = 1
MAX_BYTES = 64 << 20
"""Compressed bodies kept; the least recently written leave first."""

_TABLE = """
create table if not exists answer (
    key blob primary key, path text not null, body blob not null,
    received real not null, size integer not null
) without rowid;
create index if not exists answer_received on answer (received);
"""
_PUT = "insert or replace into answer (key, path, body, received, size) values (?, ?, ?, ?, ?)"
_PRUNE = """
delete from answer where key in (
    select key from (select key, sum(size) over (order by received desc, key) as total from answer)
    where total > ?
)
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A response body and the time in UTC at which it was received."""

    body: bytes
    received: datetime


def cache_path(folder: Path, endpoint: str, account: str) -> Path:
    """The cache file of one instance and one user: neither ever sees another's data."""
    owner = f"{endpoint}\n{account}".encode()
    return folder / f"{hashlib.sha256(owner).hexdigest()[:20]}.db"


class Cache:
    """Response bodies by path and request body."""

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self.path = path
        self.max_bytes = max_bytes
        self._writes: queue.SimpleQueue[tuple[bytes, str, bytes, float] | None] = queue.SimpleQueue()
        self._recent: dict[bytes, tuple[bytes, float]] = {}
        self._reader = self._open()
        self._thread = threading.Thread(target=self._write_all, name="cache", daemon=True)
        self._thread.start()

    def get(self, path: str, request: Mapping[str, object]) -> Entry | None:
        """What the API last answered to this request, or None."""
        key = _key(path, request)
        if recent := self._recent.get(key):  # not on disk yet, perhaps
            return Entry(recent[0], datetime.fromtimestamp(recent[1], UTC))
        if self._reader is None:
            return None
        try:
            row = self._reader.execute("select body, received from answer where key = ?", (key,)).fetchone()
            return Entry(zlib.decompress(row[0]), datetime.fromtimestamp(row[1], UTC)) if row else None
        except (sqlite3.Error, zlib.error, ValueError, OverflowError, OSError):
            return None

    def put(self, path: str, request: Mapping[str, object], body: bytes, received: datetime) -> None:
        """Keep an answer; the disk follows in a moment."""
        key = _key(path, request)
        stamp = received.timestamp()
        self._recent[key] = body, stamp
        self._writes.put((key, path, body, stamp))

    def close(self) -> None:
        """Write what is still waiting, drop what is over the bound, and let go of the file."""
        self._writes.put(None)
        self._thread.join(timeout=1)
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _open(self) -> sqlite3.Connection | None:
        """A connection for the calling thread; None where there can be no cache."""
        for fresh in (False, True):
            try:
                if fresh:
                    for suffix in ("", "-wal", "-shm"):
                        self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
                return _connect(self.path)
            except (sqlite3.Error, OSError) as error:
                if not _is_damage(error):
                    return None
        return None

    def _write_all(self) -> None:
        connection = self._open()
        while (item := self._writes.get()) is not None:
            key, path, body, stamp = item
            if connection is None:
                continue
            packed = zlib.compress(body, 1)
            with suppress(sqlite3.Error):
                connection.execute(_PUT, (key, path, packed, stamp, len(packed)))
                if self._recent.get(key) == (body, stamp):
                    del self._recent[key]
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.execute(_PRUNE, (self.max_bytes,))
                connection.execute("pragma wal_checkpoint(truncate)")
            connection.close()


def _key(path: str, request: Mapping[str, object]) -> bytes:
    return hashlib.sha256(
        path.encode() + b"\n" + msgspec.json.encode(request, order="deterministic")
    ).digest()


def _is_damage(error: Exception) -> bool:
    """Whether the file is beyond reading, rather than locked, read-only or full."""
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # SQLite follows the umask, and its side files copy the main file's mode: so that one is made first.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, timeout=0.1)
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        connection.execute("pragma journal_size_limit = 4194304")
        version = connection.execute("pragma user_version").fetchone()[0]
        if version not in (0, SCHEMA_VERSION):
            raise sqlite3.DatabaseError(f"made by another version of this program ({version})")
        connection.executescript(_TABLE)
        connection.execute(f"pragma user_version = {SCHEMA_VERSION}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
