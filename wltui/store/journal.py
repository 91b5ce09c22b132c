"""A file of records: JSON objects, one a line, appended before something is done and again when its outcome is known.

Several processes append to one file. Unreadable lines are counted and skipped; a last line that was cut off does not
prevent appending.
"""

import errno
import fcntl
import json
import os
import stat
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from wltui.core.instant import Instant, boot_id
from wltui.core.times import require_time

from .private_files import open_checked, open_private, private_folder, sync_folder, to_json

FORMAT = 1
LOCK_TIMEOUT = 2.0
"""Seconds to wait for another process that is appending."""
TAIL = 100
"""Bytes that identify a file that was read before; each line ends with its entry's id."""


class Journal:
    """The lines of one file. Every method may be called from any thread, and waits for the disk.

    Args:
        path: The file; None keeps the lines in memory only.
        apply: Takes a line in; to take it in twice must change nothing. It may raise KeyError, TypeError,
            AttributeError, ValueError, OverflowError or RecursionError if the line is damaged.
        clock: The time in UTC.
        ticks: Seconds on a clock that is never set.
        boot: The id of the boot that ``ticks`` count from.
    """

    def __init__(
        self,
        path: Path | None,
        apply: Callable[[Mapping[str, Any]], object],
        clock: Callable[[], datetime],
        *,
        ticks: Callable[[], float] = time.monotonic,
        boot: str | None = None,
    ) -> None:
        self.path = path
        self._apply = apply
        self._clock, self._ticks = clock, ticks
        self._boot = boot_id() if boot is None else boot
        self._newer = self._damaged = 0
        """Numbers of lines in a newer format, and of damaged ones."""
        self._unread: str | None = None
        """Why the file can't be read, or None."""
        self._seen: tuple[int, int, int] | None = None
        """Inode, modification time and size of the file that was read."""
        self._place = 0
        """Bytes of it that were read."""
        self._tail = b""
        """The last bytes before that place: if they differ, it is another file."""
        self._reading = threading.Lock()
        """Guards the reading position; held while the file is read."""

    def now(self) -> Instant:
        """Return the current time."""
        return Instant(self._clock(), self._boot, self._ticks())

    def head(self) -> dict[str, object]:
        """Return what each line begins with: the format and the time."""
        now = self.now()
        return {"format": FORMAT, "at": now.time.isoformat(), "boot": now.boot, "ticks": now.ticks}

    def unreadable(self, records: str) -> str | None:
        """Return why ``records``, such as "saves", may be missing: a sentence for the user, or None."""
        if self._unread:
            return f"The history of {records} can't be read ({self._unread}): {self.path}."
        if not (self._newer or self._damaged):
            return None
        reasons = [
            f"{number} {word}"
            for number, word in ((self._newer, "of a newer wltui"), (self._damaged, "damaged"))
            if number
        ]
        lines = "line" if self._newer + self._damaged == 1 else "lines"
        return (
            f"{records.capitalize()} may be missing here: the history has unreadable {lines} "
            f"({', '.join(reasons)}): {self.path}."
        )

    def append(self, line: Mapping[str, object]) -> None:
        """Append a line, on disk when this returns; raises OSError."""
        if self.path is None:
            self._apply(line)
            return
        content = to_json(line)
        private_folder(self.path.parent)
        descriptor = open_private(self.path, os.O_RDWR | os.O_APPEND)
        try:
            _lock(descriptor)
            _write_line(descriptor, content)
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_folder(self.path.parent)
        self.catch_up()

    def catch_up(self) -> None:
        """Read appended lines. A file that was replaced or cut is read from its start; earlier entries stay known."""
        if self.path is None:
            return
        with self._reading:
            try:
                self._read(self.path)
                self._unread = None
            except FileNotFoundError:
                self._unread = None
            except OSError as error:
                self._unread = (error.strerror or "it can't be opened").lower()

    def _read(self, path: Path) -> None:
        """Read the new lines of the file; raises OSError."""
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # reading a pipe would block
            raise OSError(errno.EINVAL, "it is no file")
        seen = status.st_ino, status.st_mtime_ns, status.st_size
        if seen == self._seen:
            return
        with open_checked(path) as file:
            file.seek(max(0, self._place - len(self._tail)))
            if file.read(len(self._tail)) != self._tail:
                self._place = self._newer = self._damaged = 0
                file.seek(0)
            content = file.read(max(0, status.st_size - self._place))
        whole = content[: content.rfind(b"\n") + 1]
        for line in whole.splitlines():
            self._take(line)
        self._place += len(whole)
        self._tail = whole[-TAIL:] or self._tail
        self._seen = seen

    def _take(self, content: bytes) -> None:
        """Apply a line of the file, or count it as unreadable."""
        try:
            line = json.loads(content)
            if line["format"] == FORMAT:
                self._apply(line)
            else:
                self._newer += 1
        except _MISFIT:
            self._damaged += 1


_MISFIT = (KeyError, TypeError, AttributeError, ValueError, OverflowError, RecursionError)
"""Errors that a damaged line raises."""


def _lock(descriptor: int) -> None:
    """Lock the file against other writers; a disk without locks is written to all the same."""
    deadline = time.monotonic() + LOCK_TIMEOUT
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise OSError(errno.EAGAIN, "another program holds it") from None
        except OSError:
            return
        time.sleep(LOCK_TIMEOUT / 100)


def _write_line(descriptor: int, line: bytes) -> None:
    """Append a whole line with one write, or nothing. End a line before it that was cut off."""
    size = os.fstat(descriptor).st_size
    cut = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
    content = b"\n" * cut + line + b"\n"
    written = os.write(descriptor, content)
    if written < len(content):
        os.ftruncate(descriptor, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def instant_of(line: Mapping[str, Any]) -> Instant:
    """Return when a line was written; lines of older programs have the wall clock only."""
    return Instant(require_time(line["at"]), str(line.get("boot", "")), float(line.get("ticks", 0.0)))
