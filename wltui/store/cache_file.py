"""One cache file: SQLite, opened for this user alone, of a known schema, and begun anew if it is damaged.

A file that others could have written is not opened. One that this program wrote may be damaged in any way; that must
cost no more than its content.
"""

import errno
import fcntl
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from .bodies import LARGEST
from .private_files import Unsafe, make_private, private_folder

SCHEMA_VERSION = 3

_CREATE = (
    "drop table if exists answer",
    "drop table if exists about",
    "create table answer (key blob primary key, body blob not null, received real not null, size integer not null)",
    # The index holds sizes too, so that pruning need not walk through the bodies.
    "create index answer_age on answer (received, size)",
    "create table about (id integer primary key check (id = 1), endpoint text not null, account text not null)",
    f"pragma user_version = {SCHEMA_VERSION}",
)
_SCHEMA = {sql for sql in _CREATE if sql.startswith("create")}

_SHARED_LOCK = (510, 0x40000002)
"""Length and offset of the byte range that every SQLite connection with a write-ahead log keeps locked."""

FAILURE = (sqlite3.Error, UnicodeDecodeError)
"""The second: SQLite's message quotes damaged bytes that Python can't decode."""

STEPS = 10_000
"""SQLite's steps between two checks of the deadline."""

CLEAR = "wltui cache clear"
BEGUN_ANEW = "The response cache was damaged and has been begun anew."
DAMAGED = "The response cache is damaged and will be begun anew when wltui ends."
IN_USE = f"The response cache is damaged, and in use by another wltui. Run {CLEAR} once that has ended."
NEWER = "The response cache was made by a newer wltui, which keeps it; a new one was begun."
LOCKED = "The response cache is locked by another program; nothing is kept this time."
READ_ONLY = "The response cache is not writable; nothing is kept this time."
FULL = "The disk is full: the response cache keeps nothing new."


class NewerCache(Exception):
    """The file was made by a newer version of this program."""


class Unusable(sqlite3.DatabaseError):
    """The file holds something else than this program's tables."""


def connect(path: Path, timeout: float) -> sqlite3.Connection:
    """Open a cache file; create it if it is missing.

    Raises:
        Unsafe: others own or can write the file or its folder.
        OSError: it can't be opened, or is a link, a pipe or the like.
        NewerCache: a newer version of this program made it.
        sqlite3.Error: it is locked, damaged or :class:`Unusable`.
    """
    private_folder(path.parent)
    # SQLite follows the umask, and its side files copy the main file's mode: so create that one first.
    make_private(path)
    # A statement that is kept for its next use would keep a copy of the last body too.
    connection = sqlite3.connect(path, isolation_level=None, timeout=timeout, cached_statements=0)
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST + (1 << 20))
        if _version(connection) > SCHEMA_VERSION:
            raise NewerCache
        _use_log(connection, timeout)
        connection.execute("pragma synchronous = normal")
        connection.execute("pragma journal_size_limit = 4194304")
        if _version(connection) < SCHEMA_VERSION:
            connection.execute("begin immediate")
            if _version(connection) < SCHEMA_VERSION:  # no other process was faster
                for statement in _CREATE:
                    connection.execute(statement)
            connection.execute("commit")
        check_schema(connection)
    except (*FAILURE, NewerCache) as error:
        connection.close()
        if isinstance(error, sqlite3.OperationalError) and code(error) == sqlite3.SQLITE_ERROR:
            raise Unusable(str(error)) from None  # such as a view in the place of a table
        raise
    return connection


def check_schema(connection: sqlite3.Connection) -> None:
    """Check that there are this program's tables and nothing else, such as a view without end; raises Unusable."""
    found = connection.execute("select sql from sqlite_schema where sql is not null").fetchmany(
        len(_SCHEMA) + 1
    )
    if {str(sql).lower() for (sql,) in found} != _SCHEMA:
        raise Unusable("it does not hold the tables of wltui")


def limit_time(connection: sqlite3.Connection, deadline: Callable[[], float]) -> None:
    """Interrupt SQLite after a deadline on the monotonic clock: damage may make it loop forever."""
    connection.set_progress_handler(lambda: time.monotonic() > deadline(), STEPS)


def is_damage(error: Exception) -> bool:
    """Return whether the file is damaged, and not just locked, read-only or full, which have their own classes."""
    return type(error) in (sqlite3.DatabaseError, Unusable, UnicodeDecodeError)


def is_locked(error: Exception) -> bool:
    """Return whether another process or connection holds the file."""
    return code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def code(error: Exception) -> int | None:
    """Return SQLite's primary result code, or None for another error."""
    number = getattr(error, "sqlite_errorcode", None)
    return None if number is None else number & 0xFF


def error_name(error: Exception) -> str:
    """Return a name for an error: of SQLite, of the system, or of its class."""
    number = error.errno if isinstance(error, OSError) else None
    name: str = getattr(error, "sqlite_errorname", "") or errno.errorcode.get(
        number or 0, type(error).__name__
    )
    return name


def trouble_of(error: Exception) -> str:
    """Return the reason why there is no cache, as a sentence for the user."""
    if isinstance(error, Unsafe):
        return (
            f"The response cache is not used: {error.filename}: {error.strerror}. To mend it: {error.advice}"
        )
    number = error.errno if isinstance(error, OSError) else None
    if code(error) == sqlite3.SQLITE_FULL or number in (errno.ENOSPC, errno.EDQUOT):
        return FULL
    if code(error) == sqlite3.SQLITE_READONLY or number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return READ_ONLY
    if is_damage(error):
        return IN_USE
    reason = error.strerror if isinstance(error, OSError) else error
    return f"The response cache can't be used ({reason}); nothing is kept this time. To begin anew: {CLEAR}"


def delete(path: Path) -> None:
    """Delete a cache file and its side files; no process may go on using it."""
    for file in reversed(files_of(path)):  # the log first, or it might be a new file's
        file.unlink(missing_ok=True)


def discard(path: Path) -> bool:
    """Delete a damaged cache file, unless another process has it open; return whether it is gone.

    A process that has it open would continue with a file without a name, and take the next one's log for its own.
    It must not be open in this process.
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
    """Return a cache file and the files that SQLite keeps beside it."""
    return [path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm")]


def _use_log(connection: sqlite3.Connection, timeout: float) -> None:
    """Switch the file to a write-ahead log. SQLite itself does not wait for another process that does the same."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError as error:
            if not is_locked(error) or time.monotonic() > deadline:
                raise
        time.sleep(timeout / 20)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("pragma user_version").fetchone()[0])
