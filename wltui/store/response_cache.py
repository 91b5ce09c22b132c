"""The response cache: the last answers of the API, in one SQLite file per instance and user.

Only response bodies are kept: no header, no token, no password. Reads are synchronous (15 to 30 µs; through a
thread they take twenty times as long), writes go through one thread of the cache's own. A cache that is
locked, full, damaged or not writable is a miss, never an error on screen; :attr:`Cache.trouble` has the reason.
"""

import math
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec import Struct

from wltui.core.event_log import log
from wltui.core.folders import cache_folder as cache_folder
from wltui.core.settings import CACHE_BYTES
from wltui.core.times import from_seconds

from .bodies import SET_ASIDE, CachedAnswer, StoredBody, key_of, stored_body
from .cache_file import BEGUN_ANEW as BEGUN_ANEW
from .cache_file import DAMAGED as DAMAGED
from .cache_file import (
    FAILURE,
    NewerCache,
    connect,
    discard,
    error_name,
    is_damage,
    is_locked,
    limit_time,
    trouble_of,
)
from .cache_file import FULL as FULL
from .cache_file import IN_USE as IN_USE
from .cache_file import LOCKED as LOCKED
from .cache_file import NEWER as NEWER
from .cache_file import READ_ONLY as READ_ONLY
from .cache_file import SCHEMA_VERSION as SCHEMA_VERSION

OPEN_TIMEOUT = 0.5
"""Seconds to wait for another process at the start: it may be creating the file on a slow disk."""
LOCK_TIMEOUT = 0.1
"""Seconds to wait for another process later; reads happen between two key presses."""
FLUSH_TIMEOUT = 1.0
"""Seconds that closing waits for the disk, and the writer thread for another process."""
WRITE_TIMEOUT = 30.0
"""Seconds after which a write is given up: damage may make SQLite loop forever."""

_GET = "select body, received from answer where key = ? and received >= ?"
_WHEN = "select null, received from answer where key = ? and received >= ?"
_PUT = "insert or replace into answer (key, body, received, size) values (?, ?, ?, ?)"
_TOUCH = "update answer set received = ? where key = ? and size = ? and body = ?"
_SIGN = "insert or replace into about (id, endpoint, account) values (1, ?, ?)"
_FORGET = "delete from answer where received < ?"
_PRUNE = """
delete from answer where rowid in (
    select rowid from (select rowid, sum(size) over (order by received desc, rowid desc) as total from answer)
    where total > ?
)
"""


class Owner(Struct, frozen=True):
    """The instance and user of a file, for people to read; ``account`` is a name, never a token."""

    endpoint: str
    account: str


def cache_path(folder: Path, key: str) -> Path:
    """Return the cache file of the instance and user with that key; no other one ever reads it."""
    return folder / f"{key}.db"


class Cache:
    """Response bodies by path and request body, for the thread that made it. Processes may share a file.

    Args:
        path: The file. If a newer version of this program made it, one beside it is used.
        max_bytes: Bytes of compressed bodies to keep; the least recently received are deleted first.
        max_age: Older answers are not returned, and deleted later; None for no limit.
        owner: The owner that the file records.
        clock: The time in UTC, for ages.
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
        self._waiting: dict[bytes, CachedAnswer] = {}
        """Answers that are not on disk yet; every key in it is queued."""
        self._deadline = math.inf
        """When the write under way is given up, on the monotonic clock."""
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

        It may change at any time: the disk may fill up, and have room again.
        """
        return self._writing or self._opening

    def get(self, path: str, request: Mapping[str, object]) -> CachedAnswer | None:
        """Return the last answer to this request, or None; the body may turn out to be damaged."""
        if self._reader is None:
            return None
        key = key_of(path, request)
        if waiting := self._waiting.get(key):
            return waiting
        row = self._read(_GET, key)
        received = from_seconds(row[1]) if row else None
        if (
            row is None or received is None or not isinstance(row[0], bytes)
        ):  # none, or a row of a damaged page
            return None
        return CachedAnswer(stored_body(key, row[0]), received)

    def received(self, path: str, request: Mapping[str, object]) -> datetime | None:
        """Return when the last answer to this request was received, without reading it; None if there is none."""
        key = key_of(path, request)
        if waiting := self._waiting.get(key):
            return waiting.received
        row = self._read(_WHEN, key)
        return from_seconds(row[1]) if row else None

    def _read(self, statement: str, key: bytes) -> tuple[object, float] | None:
        if self._reader is None:
            return None
        try:
            row: tuple[object, float] | None = self._reader.execute(
                statement, (key, self._horizon())
            ).fetchone()
        except FAILURE as error:
            self._note(error)
            return None
        return row

    def put(self, stored: StoredBody, received: datetime) -> None:
        """Keep an answer; the disk follows in a moment. One that is on disk already is not written again."""
        if self._reader is None:
            return
        with self._lock:
            self._waiting[stored.key] = CachedAnswer(stored, received)
        self._queue.put(stored.key)

    def close(self) -> None:
        """Write the answers that are still waiting, delete those over the limits, and close the file."""
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
        """Return a connection for the calling thread; None if there can be no cache."""
        try:
            try:
                return self._connect(timeout)
            except NewerCache:
                self.path = self.path.with_suffix(f".v{SCHEMA_VERSION}.db")
                if not self.path.exists():
                    self._opening = NEWER
                return self._connect(timeout)
        except (*FAILURE, OSError, NewerCache) as error:
            self._opening = LOCKED if is_locked(error) else trouble_of(error)
            log("cache", error=error_name(error))
            return None

    def _connect(self, timeout: float) -> sqlite3.Connection:
        try:
            return connect(self.path, timeout)
        except FAILURE as error:
            if not is_damage(error) or self._reader is not None or not discard(self.path):
                raise
            self._opening = BEGUN_ANEW
            return connect(self.path, timeout)

    def _note(self, error: Exception) -> None:
        """Remember a failure of an open file. A damaged one is left to other processes, and begun anew at the end."""
        log("cache", error=error_name(error))
        if is_damage(error):
            self._damaged = True
            self._writing = DAMAGED
        elif not is_locked(error):  # a lock passes by itself
            self._writing = trouble_of(error)

    def _horizon(self) -> float:
        """Return the time before which answers are too old."""
        return (self._clock() - self._max_age).timestamp() if self._max_age else -math.inf

    def _write_all(self) -> None:
        connection = self._open(FLUSH_TIMEOUT)
        if connection is not None:
            limit_time(connection, lambda: self._deadline)
        if connection is not None and self._owner is not None:
            with self._noting():
                connection.execute(_SIGN, (self._owner.endpoint, self._owner.account))
        unpruned = self._max_bytes  # a session that was killed may have left more than the bound
        while (key := self._queue.get()) is not None:
            answer = self._waiting.get(key)
            if answer is None:  # an earlier turn has written it
                continue
            if connection is not None:
                with self._noting():
                    unpruned += _write(connection, answer, self._max_bytes)
                    if unpruned > self._max_bytes // 8:
                        self._prune(connection)
                        unpruned = 0
                    self._writing = DAMAGED if self._damaged else None
            with self._lock:
                if self._waiting.get(key) is answer:
                    del self._waiting[key]
            if answer.stored.size >= SET_ASIDE:
                _tidy_up()
        if connection is not None:
            with self._noting():
                self._prune(connection)
                connection.execute("pragma wal_checkpoint(truncate)")
            connection.close()

    @contextmanager
    def _noting(self) -> Iterator[None]:
        self._deadline = time.monotonic() + WRITE_TIMEOUT
        try:
            yield
        except OSError as error:  # a body that was set aside can't be read: nothing is wrong with the cache
            log("cache", error=error_name(error))
        except FAILURE as error:
            self._note(error)

    def _prune(self, connection: sqlite3.Connection) -> None:
        connection.execute(_FORGET, (self._horizon(),))
        connection.execute(_PRUNE, (self._max_bytes,))


def _tidy_up() -> None:
    """Give back what a large answer took: its write is the last that is done with it."""
    from wltui.core.memory import release_memory

    release_memory()


def _write(connection: sqlite3.Connection, answer: CachedAnswer, limit: int) -> int:
    """Write one answer and return the bytes that the file grew by.

    One that alone is over the ``limit`` is left out: it would drive out all others.
    """
    stored, received, size = answer.stored, answer.received.timestamp(), answer.stored.size
    if size > limit:
        return 0
    data = stored.data
    if connection.execute(_TOUCH, (received, stored.key, size, data)).rowcount:
        return 0
    connection.execute(_PUT, (stored.key, data, received, size))
    return size
