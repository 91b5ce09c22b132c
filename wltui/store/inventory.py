"""The cache's files as a whole: what each holds, and how to get rid of them while other programs run."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from wltui.errors import WltuiError
from wltui.times import from_seconds

from .cache import SCHEMA_VERSION, Owner, delete, discard, files_of

TIMEOUT = 2.0
_Failure = (sqlite3.Error, UnicodeDecodeError, ValueError, TypeError, OverflowError, OSError)


class CacheFile(Struct, frozen=True):
    """One instance and user's cache."""

    path: Path
    size: int
    """Bytes on disk, with the files that SQLite keeps beside it."""
    owner: Owner | None = None
    """None where the file does not say."""
    answers: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    unreadable: str = ""
    """Why nothing more is known of it."""


def cache_paths(folder: Path) -> list[Path]:
    """Where every cache file in a folder is; none where there is no such folder."""
    return sorted(folder.glob("*.db"))


def cache_files(folder: Path) -> list[CacheFile]:
    """Every cache file in a folder, looked into."""
    return [_inspected(path) for path in cache_paths(folder)]


def clear(path: Path, *, timeout: float = TIMEOUT) -> int:
    """Delete a cache file, or empty it where another process has it open; returns the bytes freed.

    ``timeout``: seconds to wait for another process.

    Raises:
        WltuiError: it could not be done.
    """
    before = _size(path)
    try:
        try:
            with _connected(path, timeout) as connection:
                _empty(connection, path, timeout)
        except sqlite3.DatabaseError as error:
            if type(error) is not sqlite3.DatabaseError:  # those of its own classes tell of no damage
                raise
            if not discard(path):
                raise WltuiError(
                    f"{path} was not cleared", "it is damaged, and in use by another wltui", "End that first"
                ) from None
    except (sqlite3.Error, OSError) as error:
        raise WltuiError(f"{path} was not cleared", str(error)) from None
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
        with _connected(path) as connection:
            version = connection.execute("pragma user_version").fetchone()[0]
            if version == 0:  # begun, and nothing more
                return CacheFile(path, size)
            if version != SCHEMA_VERSION:
                return CacheFile(path, size, unreadable="made by another version of wltui")
            owner = connection.execute("select endpoint, account from about").fetchone()
            answers, *ages = connection.execute(
                "select count(*), min(received), max(received) from answer"
            ).fetchone()
            oldest, newest = (from_seconds(age) for age in ages)
            return CacheFile(path, size, Owner(*owner) if owner else None, answers, oldest, newest)
    except _Failure as error:
        return CacheFile(path, size, unreadable=str(error))


@contextmanager
def _connected(path: Path, timeout: float = TIMEOUT) -> Iterator[sqlite3.Connection]:
    """A connection to a file that is there; none is made."""
    address = f"{path.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None, timeout=timeout)) as connection:
        yield connection


def _size(path: Path) -> int:
    size = 0
    for file in files_of(path):
        with suppress(FileNotFoundError):
            size += file.stat().st_size
    return size
