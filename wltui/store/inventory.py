"""All cache files of a folder: list their contents, and clear them while other programs run."""

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from time import monotonic

from msgspec import Struct

from wltui.core.errors import WltuiError
from wltui.core.times import from_seconds

from .cache_file import (
    SCHEMA_VERSION,
    check_schema,
    delete,
    discard,
    files_of,
    is_damage,
    is_locked,
    limit_time,
)
from .file_errors import unreadable
from .private_files import list_files
from .response_cache import Owner

TIMEOUT = 2.0
"""Seconds to wait for another process, and for an answer from a file that may be damaged."""
LONGEST = 1000
"""Characters of an endpoint or a name; and bytes of anything that is read from a file, a hundred times as many."""
_Failure = (sqlite3.Error, UnicodeDecodeError, ValueError, TypeError, OverflowError, OSError)


class CacheFile(Struct, frozen=True):
    """One instance and user's cache."""

    path: Path
    size: int
    """Bytes on disk, with the files that SQLite keeps beside it."""
    owner: Owner | None = None
    """None if the file does not say."""
    answers: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    unreadable: str = ""
    """The reason if the file can't be read, else empty."""


def cache_paths(folder: Path) -> list[Path]:
    """Return the path of every cache file in a folder; none if there is no such folder.

    Raises:
        UsageError: the folder can't be read.
    """
    try:
        return list_files(folder, ".db")
    except OSError as error:
        raise unreadable("The folder of the cache", error) from None


def cache_files(folder: Path) -> list[CacheFile]:
    """Return the contents of every cache file in a folder; raises as :func:`cache_paths`."""
    return [_inspected(path) for path in cache_paths(folder)]


def clear(path: Path, *, timeout: float = TIMEOUT) -> int:
    """Delete a cache file, or empty it if another process has it open; return the bytes freed.

    ``timeout``: seconds to wait for another process.

    Raises:
        WltuiError: it could not be done.
    """
    before = _size(path)
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            path.unlink()  # a link, whose target is somebody else's, or a pipe
            return 0
        try:
            with _connected(path, timeout) as connection:
                _empty(connection, path, timeout)
        except sqlite3.DatabaseError as error:
            if is_locked(error) or not (is_damage(error) or type(error) is sqlite3.OperationalError):
                raise
            if not discard(path):
                raise WltuiError(
                    f"{path} was not cleared", "it is damaged, and in use by another wltui", "End that first"
                ) from None
    except (sqlite3.Error, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        advice = "Delete it yourself"
        if is_locked(error):
            advice = "Try again when no other wltui uses it, or delete it yourself"
        raise WltuiError(f"{path} was not cleared", str(reason), advice) from None
    return before - _size(path)


def _empty(connection: sqlite3.Connection, path: Path, timeout: float) -> None:
    # A file that is in use must keep its name: who has it open would take the new one's log for its own.
    try:
        connection.execute("pragma busy_timeout = 0")
        connection.execute("pragma journal_mode = delete")  # refused while anybody else has it open
        connection.execute("begin exclusive")
    except sqlite3.OperationalError:
        connection.execute(f"pragma busy_timeout = {1000 * timeout:.0f}")
        connection.execute("delete from answer")
        connection.execute("vacuum")
        connection.execute("pragma wal_checkpoint(truncate)")
    else:
        delete(path)


def _inspected(path: Path) -> CacheFile:
    size = _size(path)
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return CacheFile(path, size, unreadable="it is not a regular file")
        with _connected(path) as connection:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 100 * LONGEST)
            deadline = monotonic() + TIMEOUT
            limit_time(connection, lambda: deadline)
            version = connection.execute("pragma user_version").fetchone()[0]
            if version == 0:  # begun, and nothing more
                return CacheFile(path, size)
            if version != SCHEMA_VERSION:
                return CacheFile(path, size, unreadable="made by another version of wltui")
            check_schema(connection)
            owner = connection.execute("select endpoint, account from about").fetchone()
            answers, *ages = connection.execute(
                "select count(*), min(received), max(received) from answer"
            ).fetchone()
            oldest, newest = (_time(age) if answers else None for age in ages)
            return CacheFile(path, size, _owner(*owner) if owner else None, answers, oldest, newest)
    except _Failure as error:
        return CacheFile(path, size, unreadable=str(error))


def _owner(endpoint: object, account: object) -> Owner | None:
    """Return the owner of a file; None if the record is damaged."""
    if isinstance(endpoint, str) and isinstance(account, str) and len(endpoint) + len(account) < LONGEST:
        return Owner(endpoint, account)
    return None


def _time(received: object) -> datetime:
    if (time := from_seconds(received)) is None:
        raise ValueError("a time in it is damaged")
    return time


@contextmanager
def _connected(path: Path, timeout: float = TIMEOUT) -> Iterator[sqlite3.Connection]:
    """Open an existing file; never create one."""
    address = f"{path.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None, timeout=timeout)) as connection:
        yield connection


def _size(path: Path) -> int:
    size = 0
    for file in files_of(path):
        with suppress(OSError):
            size += file.lstat().st_size
    return size
