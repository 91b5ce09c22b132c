"""The response cache: what the API last said, in one SQLite file an instance and user.

Only response bodies are kept: no header, no token, no password. Reads are synchronous (15 to 30 µs; through a
thread they take twenty times as long), writes go through one thread of the cache's own. A cache that is
locked, full, damaged or not writable is a miss, never an error on screen; :attr:`Cache.trouble` tells of it.
"""

import errno
import fcntl
import hashlib
import math
import os
import queue
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from wltui.folders import cache_folder as cache_folder
from wltui.settings import CACHE_BYTES
from wltui.times import from_seconds

SCHEMA_VERSION = 3
OPEN_TIMEOUT = 0.5
"""Seconds to wait for another process at the start: it may be making the file, on a slow disk."""
LOCK_TIMEOUT = 0.1
"""Seconds to wait for another process from then on; reads happen between two key presses."""
FLUSH_TIMEOUT = 1.0
"""Seconds that closing waits for the disk, and the cache's own thread for another process."""

_CREATE = (
    "drop table if exists answer",
    "drop table if exists about",
    "create table answer (key blob primary key, body blob not null, received real not null, size integer not null)",
    # The index holds sizes too, so that pruning need not walk through the bodies.
    "create index answer_age on answer (received, size)",
    "create table about (id integer primary key check (id = 1), endpoint text not null, account text not null)",
    f"pragma user_version = {SCHEMA_VERSION}",
)
_GET = "select body, received from answer where key = ? and received >= ?"
_PUT = "insert or replace into answer (key, body, received, size) values (?, ?, ?, ?)"
_TOUCH = "update answer set received = ? where key = ?"
_SIGN = "insert or replace into about (id, endpoint, account) values (1, ?, ?)"
_FORGET = "delete from answer where received < ?"
_PRUNE = """
delete from answer where rowid in (
    select rowid from (select rowid, sum(size) over (order by received desc, rowid desc) as total from answer)
    where total > ?
)
"""

_SHARED_LOCK = (510, 0x40000002)
"""Length and place of what every connection to an SQLite file with a write-ahead log keeps locked."""

_Failure = (sqlite3.Error, UnicodeDecodeError)
"""The second: SQLite's message quotes what is damaged, and Python can't read it."""

BEGUN_ANEW = "The response cache was damaged and has been begun anew."
DAMAGED = "The response cache is damaged and will be begun anew when wltui ends."
IN_USE = "The response cache is damaged, and in use by another wltui; nothing is kept this time."
NEWER = "The response cache was made by a newer wltui, which keeps it; a new one was begun."
LOCKED = "The response cache is locked by another program; nothing is kept this time."
READ_ONLY = "The response cache is not writable; nothing is kept this time."
FULL = "The disk is full: the response cache keeps nothing new."


class _Newer(Exception):
    """The file was made by a newer version of this program."""


class Entry(Struct, frozen=True):
    """A response body and the time in UTC at which it was received."""

    body: bytes
    received: datetime


class Packed(Struct, frozen=True):
    """A response body as it is kept: compressed, behind the key that it belongs to."""

    key: bytes
    data: bytes

    @property
    def body(self) -> bytes:
        """The body itself, which takes a while where it is large."""
        return zlib.decompress(self.data)[len(self.key) :]


class Found(Struct, frozen=True):
    """A response that may be large: it can be unpacked in any thread."""

    kept: bytes | Packed
    received: datetime

    @property
    def size(self) -> int:
        """Its bytes, compressed or not."""
        return len(self.kept.data if isinstance(self.kept, Packed) else self.kept)


def pack(path: str, request: Mapping[str, object], body: bytes) -> Packed:
    """A body as :meth:`Cache.put` keeps it: for large ones, in a thread."""
    key = _key(path, request)
    return Packed(key, _pack(key, body))


class Owner(Struct, frozen=True):
    """Whose answers a file holds, in words for people; ``account`` is a name and never a token."""

    endpoint: str
    account: str


def cache_path(folder: Path, key: str) -> Path:
    """The cache file of one instance and one user, who have that key: neither ever sees another's data."""
    return folder / f"{key}.db"


class Cache:
    """Response bodies by path and request body, for the thread that made it. Processes may share a file.

    Args:
        path: the file. Where a newer version of this program has made it, one beside it is used.
        max_bytes: compressed bodies kept; the least recently written leave first.
        max_age: older answers are not told, and leave in time; None for no such bound.
        owner: what the file says of itself.
        clock: the time in UTC that ages count to.
    """

    def __init__(
        self,
        path: Path,
        *,
        max_bytes: int = CACHE_BYTES,
        max_age: timedelta | None = None,
        owner: Owner | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.path = path
        self._max_bytes, self._max_age, self._owner, self._clock = max_bytes, max_age, owner, clock
        self._damaged = False
        self._opening: str | None = None
        self._writing: str | None = None
        self._waiting: dict[bytes, Found] = {}
        """What is not on disk yet; every key in it is queued."""
        self._again: dict[bytes, datetime] = {}
        """When what is on disk was received once more; every key in it is queued."""
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._reader: sqlite3.Connection | None = None
        self._reader = self._open(OPEN_TIMEOUT)
        self._writer = threading.Thread(target=self._write_all, name="cache", daemon=True)
        if self._reader is not None:
            self._reader.execute(f"pragma busy_timeout = {LOCK_TIMEOUT * 1000:.0f}")
            self._writer.start()

    @property
    def trouble(self) -> str | None:
        """Why the cache can't be used, or that it was begun anew: a sentence for the user, or None.

        It may change at any time, as the disk may fill up later, and have room again.
        """
        return self._writing or self._opening

    def get(self, path: str, request: Mapping[str, object]) -> Entry | None:
        """What the API last answered to this request, or None."""
        return unpacked(found) if (found := self.find(path, request)) else None

    def find(self, path: str, request: Mapping[str, object]) -> Found | None:
        """As :meth:`get`, for :func:`unpacked` to make an entry of: in a thread, if it is large."""
        if self._reader is None:
            return None
        key = _key(path, request)
        if waiting := self._waiting.get(key):
            return waiting
        try:
            row = self._reader.execute(_GET, (key, self._horizon())).fetchone()
            received = from_seconds(row[1]) if row else None
            return Found(Packed(key, row[0]), received) if received else None
        except _Failure as error:
            self._note(error)
            return None

    def put(self, path: str, request: Mapping[str, object], body: bytes | Packed, received: datetime) -> None:
        """Keep an answer; the disk follows in a moment."""
        if self._reader is None:
            return
        key = _key(path, request)
        with self._lock:
            self._waiting[key] = Found(body, received)
        self._queue.put(key)

    def put_again(self, path: str, request: Mapping[str, object], received: datetime) -> None:
        """Keep that the API gave the kept answer once more."""
        if self._reader is None:
            return
        key = _key(path, request)
        with self._lock:
            if waiting := self._waiting.get(key):
                self._waiting[key] = Found(waiting.kept, received)
            else:
                self._again[key] = received
        self._queue.put(key)

    def close(self) -> None:
        """Write what is still waiting, drop what is over the bound, and let go of the file."""
        if self._reader is None:
            return
        self._queue.put(None)
        self._writer.join(timeout=FLUSH_TIMEOUT)
        self._reader.close()
        self._reader = None
        if self._damaged and not self._writer.is_alive():
            with suppress(OSError):
                discard(self.path)

    def _open(self, timeout: float) -> sqlite3.Connection | None:
        """A connection for the calling thread; None where there can be no cache."""
        try:
            try:
                return self._connect(timeout)
            except _Newer:
                self.path = self.path.with_suffix(f".v{SCHEMA_VERSION}.db")
                if not self.path.exists():
                    self._opening = NEWER
                return self._connect(timeout)
        except (*_Failure, OSError, _Newer) as error:
            self._opening = LOCKED if _is_locked(error) else _trouble(error)
            return None

    def _connect(self, timeout: float) -> sqlite3.Connection:
        try:
            return _connect(self.path, timeout)
        except _Failure as error:
            if not _is_damage(error) or self._reader is not None or not discard(self.path):
                raise
            self._opening = BEGUN_ANEW
            return _connect(self.path, timeout)

    def _note(self, error: Exception) -> None:
        """What happened while the file is in use; damage is left to others until the end, and then begun anew."""
        if _is_damage(error):
            self._damaged = True
            self._writing = DAMAGED
        elif not _is_locked(error):  # that passes by itself
            self._writing = _trouble(error)

    def _horizon(self) -> float:
        """The time before which answers are too old."""
        return (self._clock() - self._max_age).timestamp() if self._max_age else -math.inf

    def _write_all(self) -> None:
        connection = self._open(FLUSH_TIMEOUT)
        if connection is not None and self._owner is not None:
            with self._noting():
                connection.execute(_SIGN, (self._owner.endpoint, self._owner.account))
        unpruned = self._max_bytes  # a session that was killed may have left more than the bound
        while (key := self._queue.get()) is not None:
            entry = self._waiting.get(key)
            if entry is None:  # an earlier turn has written it
                received = self._again.pop(key, None)
                if connection is not None and received is not None:
                    with self._noting():
                        connection.execute(_TOUCH, (received.timestamp(), key))
                continue
            if connection is not None:
                with self._noting():
                    unpruned += _write(connection, key, entry, self._max_bytes)
                    if unpruned > self._max_bytes // 8:
                        self._prune(connection)
                        unpruned = 0
                    self._writing = DAMAGED if self._damaged else None
            with self._lock:
                if self._waiting.get(key) is entry:
                    del self._waiting[key]
        if connection is not None:
            with self._noting():
                self._prune(connection)
                connection.execute("pragma wal_checkpoint(truncate)")
            connection.close()

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except _Failure as error:
            self._note(error)

    def _prune(self, connection: sqlite3.Connection) -> None:
        connection.execute(_FORGET, (self._horizon(),))
        connection.execute(_PRUNE, (self._max_bytes,))


def _write(connection: sqlite3.Connection, key: bytes, found: Found, limit: int) -> int:
    """Write one entry; returns its compressed size. One that alone is over the bound would drive out all others."""
    packed = found.kept.data if isinstance(found.kept, Packed) else _pack(key, found.kept)
    if len(packed) > limit:
        return 0
    connection.execute(_PUT, (key, packed, found.received.timestamp(), len(packed)))
    return len(packed)


def unpacked(found: Found) -> Entry | None:
    """The entry, if it is this key's: a damaged file may lead to another one."""
    if isinstance(found.kept, bytes):
        return Entry(found.kept, found.received)
    key = found.kept.key
    try:
        body = zlib.decompress(found.kept.data)
    except (zlib.error, TypeError):  # a row of a damaged page
        return None
    return Entry(body[len(key) :], found.received) if body.startswith(key) else None


def _pack(key: bytes, body: bytes) -> bytes:
    packer = zlib.compressobj(1)
    return b"".join((packer.compress(key), packer.compress(body), packer.flush()))


def _key(path: str, request: Mapping[str, object]) -> bytes:
    return hashlib.sha256(
        path.encode() + b"\n" + msgspec.json.encode(request, order="deterministic")
    ).digest()


def _is_damage(error: Exception) -> bool:
    """Whether the file is beyond reading, rather than locked, read-only or full, which have classes of their own."""
    return type(error) in (sqlite3.DatabaseError, UnicodeDecodeError)


def _is_locked(error: Exception) -> bool:
    return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _code(error: Exception) -> int | None:
    """SQLite's result code, without what details it."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _trouble(error: Exception) -> str:
    """Why there is no cache, for the user."""
    number = error.errno if isinstance(error, OSError) else None
    if _code(error) == sqlite3.SQLITE_FULL or number in (errno.ENOSPC, errno.EDQUOT):
        return FULL
    if _code(error) == sqlite3.SQLITE_READONLY or number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return READ_ONLY
    if _is_damage(error):
        return IN_USE
    reason = error.strerror if isinstance(error, OSError) else error
    return f"The response cache can't be used ({reason}); nothing is kept this time."


def delete(path: Path) -> None:
    """Delete a cache file and what belongs to it; nobody may have it open who goes on using it."""
    for file in reversed(files_of(path)):  # the log first, or it might be a new file's
        file.unlink(missing_ok=True)


def discard(path: Path) -> bool:
    """Delete a damaged cache file, unless another process has it open; returns whether it is gone.

    Whoever has it open would go on with a file that has no name, and take the next one's log for its own. Nothing
    in this process may have it open.
    """
    try:
        file = path.open("r+b")
    except FileNotFoundError:
        return True
    with file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, *_SHARED_LOCK)
        except (BlockingIOError, PermissionError):
            return False
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):  # else somebody was faster
                delete(path)
    return True


def files_of(path: Path) -> list[Path]:
    """A cache file and the files that SQLite keeps beside it."""
    return [path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm")]


def _connect(path: Path, timeout: float) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # SQLite follows the umask, and its side files copy the main file's mode: so that one is made first. It must
    # not be opened once a connection has it, as closing it would silently take that connection's locks away.
    path.touch(mode=0o600)
    path.chmod(0o600)
    connection = sqlite3.connect(path, isolation_level=None, timeout=timeout)
    try:
        if _version(connection) > SCHEMA_VERSION:
            raise _Newer
        _use_log(connection, timeout)
        connection.execute("pragma synchronous = normal")
        connection.execute("pragma journal_size_limit = 4194304")
        if _version(connection) < SCHEMA_VERSION:
            connection.execute("begin immediate")
            if _version(connection) < SCHEMA_VERSION:  # no other process was faster
                for statement in _CREATE:
                    connection.execute(statement)
            connection.execute("commit")
    except (*_Failure, _Newer):
        connection.close()
        raise
    return connection


def _use_log(connection: sqlite3.Connection, timeout: float) -> None:
    """Switch the file to a write-ahead log. SQLite itself does not wait for another process that does so too."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError as error:
            if not _is_locked(error) or time.monotonic() > deadline:
                raise
        time.sleep(timeout / 20)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("pragma user_version").fetchone()[0])
