"""The response cache: what the API last said, in one SQLite file an instance and user.

Only response bodies are kept: no header, no token, no password. Reads are synchronous (15 to 30 µs; through a
thread they take twenty times as long), writes go through one thread of the cache's own. A cache that is
locked, full, damaged or not writable is a miss, never an error on screen.
"""

import hashlib
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

SCHEMA_VERSION = 2
MAX_BYTES = 64 << 20
"""Compressed bodies kept; the least recently written leave first."""
LOCK_TIMEOUT = 0.1
"""Seconds to wait for another process; reads happen between two key presses."""
FLUSH_TIMEOUT = 1.0
"""Seconds that closing waits for the disk."""

# The index holds sizes too, so that pruning need not walk through the bodies.
_CREATE = f"""
begin immediate;
create table if not exists answer (
    key blob primary key, body blob not null, received real not null, size integer not null
);
create index if not exists answer_age on answer (received, size);
pragma user_version = {SCHEMA_VERSION};
commit;
"""
_GET = "select body, received from answer where key = ?"
_PUT = "insert or replace into answer (key, body, received, size) values (?, ?, ?, ?)"
_PRUNE = """
delete from answer where rowid in (
    select rowid from (select rowid, sum(size) over (order by received desc, rowid desc) as total from answer)
    where total > ?
)
"""

_Failure = (sqlite3.Error, UnicodeDecodeError)
"""The second: SQLite's message quotes what is damaged, and Python can't read it."""


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
    """Response bodies by path and request body, for the thread that made it. Processes may share a file."""

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self.path = path
        self.max_bytes = max_bytes
        self._damaged = False
        self._waiting: dict[bytes, Entry] = {}
        """What is not on disk yet; every key in it is queued."""
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._reader = self._open()
        self._writer = threading.Thread(target=self._write_all, name="cache", daemon=True)
        if self._reader is not None:
            self._writer.start()

    def get(self, path: str, request: Mapping[str, object]) -> Entry | None:
        """What the API last answered to this request, or None."""
        if self._reader is None:
            return None
        key = _key(path, request)
        if waiting := self._waiting.get(key):
            return waiting
        try:
            row = self._reader.execute(_GET, (key,)).fetchone()
            return _unpacked(key, *row) if row else None
        except _Failure as error:
            self._note(error)
            return None
        except (zlib.error, TypeError, ValueError, OverflowError, OSError):  # a row of a damaged page
            return None

    def put(self, path: str, request: Mapping[str, object], body: bytes, received: datetime) -> None:
        """Keep an answer; the disk follows in a moment."""
        if self._reader is None:
            return
        key = _key(path, request)
        with self._lock:
            self._waiting[key] = Entry(body, received)
        self._queue.put(key)

    def close(self) -> None:
        """Write what is still waiting, drop what is over the bound, and let go of the file."""
        if self._reader is None:
            return
        self._queue.put(None)
        self._writer.join(timeout=FLUSH_TIMEOUT)
        self._reader.close()
        self._reader = None
        if self._damaged:
            with suppress(OSError):
                _delete(self.path)

    def _open(self) -> sqlite3.Connection | None:
        """A connection for the calling thread; None where there can be no cache."""
        try:
            try:
                return _connect(self.path)
            except _Failure as error:
                if not _is_damage(error):
                    return None
                _delete(self.path)
                return _connect(self.path)
        except (*_Failure, OSError):
            return None

    def _note(self, error: Exception) -> None:
        """Damage found while the file is in use: it is left to others until the end, and then begun anew."""
        self._damaged |= _is_damage(error)

    def _write_all(self) -> None:
        connection = self._open()
        unpruned = self.max_bytes  # a session that was killed may have left more than the bound
        while (key := self._queue.get()) is not None:
            entry = self._waiting.get(key)
            if entry is None:  # an earlier turn has written it
                continue
            if connection is not None:
                try:
                    unpruned += _write(connection, key, entry, self.max_bytes)
                    if unpruned > self.max_bytes // 8:
                        connection.execute(_PRUNE, (self.max_bytes,))
                        unpruned = 0
                except _Failure as error:
                    self._note(error)
            with self._lock:
                if self._waiting.get(key) is entry:
                    del self._waiting[key]
        if connection is not None:
            try:
                connection.execute(_PRUNE, (self.max_bytes,))
                connection.execute("pragma wal_checkpoint(truncate)")
            except _Failure as error:
                self._note(error)
            connection.close()


def _write(connection: sqlite3.Connection, key: bytes, entry: Entry, limit: int) -> int:
    """Write one entry; returns its compressed size. One that alone is over the bound would drive out all others."""
    packed = zlib.compress(key + entry.body, 1)
    if len(packed) > limit:
        return 0
    connection.execute(_PUT, (key, packed, entry.received.timestamp(), len(packed)))
    return len(packed)


def _unpacked(key: bytes, packed: bytes, received: float) -> Entry | None:
    """The entry, if it is this key's: a damaged file may lead to another one."""
    unpacked = zlib.decompress(packed)
    if not unpacked.startswith(key):
        return None
    return Entry(unpacked[len(key) :], datetime.fromtimestamp(received, UTC))


def _key(path: str, request: Mapping[str, object]) -> bytes:
    return hashlib.sha256(
        path.encode() + b"\n" + msgspec.json.encode(request, order="deterministic")
    ).digest()


def _is_damage(error: Exception) -> bool:
    """Whether the file is beyond reading, rather than locked, read-only or full, which have classes of their own."""
    return type(error) in (sqlite3.DatabaseError, UnicodeDecodeError)


def _delete(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # SQLite follows the umask, and its side files copy the main file's mode: so that one is made first. It must
    # not be opened once a connection has it, as closing it would silently take that connection's locks away.
    path.touch(mode=0o600)
    path.chmod(0o600)
    connection = sqlite3.connect(path, isolation_level=None, timeout=LOCK_TIMEOUT)
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        connection.execute("pragma journal_size_limit = 4194304")
        version = connection.execute("pragma user_version").fetchone()[0]
        if version not in (0, SCHEMA_VERSION):
            raise sqlite3.DatabaseError(f"made by another version of this program ({version})")
        if version == 0:
            connection.executescript(_CREATE)
    except _Failure:
        connection.close()
        raise
    return connection
