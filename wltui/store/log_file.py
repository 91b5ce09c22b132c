"""The log file: lines that several processes append to, written by a thread that nobody waits for.

A line is one ``write``, which the system appends whole. A file that was moved or deleted is made anew, as after
``logrotate``. No failure ends anything: lines get lost, and :attr:`LogFile.trouble` says why.
"""

import errno
import os
import queue
import threading
from contextlib import suppress
from pathlib import Path

from .file_errors import why
from .private_files import open_private

MOST_WAITING = 10_000
"""Lines that may wait for the disk; those beyond are lost."""
CLOSE_TIMEOUT = 2.0
"""Maximum seconds to wait at the end for a disk that hangs."""
_FLAGS = os.O_RDWR | os.O_APPEND


class LogFile:
    """A log file; see :class:`wltui.core.event_log.Sink`."""

    def __init__(self, path: Path) -> None:
        """Open the file, which is made for this user alone if need be.

        Raises:
            Unsafe: it belongs to another user, or others can write to it.
            OSError: it can't be opened, or is a link, a pipe or the like.
        """
        self.path = path
        self.trouble: str | None = None
        """Why lines can't be written now, as a sentence for the user; None if they can."""
        self._gaps: str | None = None
        """Why lines are missing."""
        self._file = open_private(path, _FLAGS)
        self._is_torn = False
        """Whether the disk took only a part of the last line."""
        self._queue: queue.Queue[str | None] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def write(self, line: str) -> None:
        """Write a line in a while; returns at once, in any thread."""
        try:
            self._queue.put_nowait(line)
        except queue.Full:
            self._note("the disk is too slow")
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._write_all, name="log", daemon=True)
                    self._thread.start()

    def write_at_once(self, line: str) -> None:
        """Write a line in this thread, such as the first one: the dashboard forks before it has other threads."""
        try:
            self._append(line)
        except OSError as error:
            self._note(why(error))
        else:
            self.trouble = None

    def close(self) -> str | None:
        """Write what is waiting, unless the disk hangs; return why lines are missing, as a sentence, if any are."""
        if self._thread is not None:
            with suppress(queue.Full):
                self._queue.put(None, timeout=CLOSE_TIMEOUT)
            self._thread.join(CLOSE_TIMEOUT)
            if self._thread.is_alive():
                self._note("the disk does not answer")
        return self._gaps

    def _write_all(self) -> None:
        while (line := self._queue.get()) is not None:
            self.write_at_once(line)
        os.close(self._file)

    def _append(self, line: str) -> None:
        """Append a line by one write; raise OSError if the disk does not take all of it."""
        self._reopen_if_moved()
        start = "\n" if self._is_torn else ""
        text = f"{start}{line}\n".encode("ascii", "backslashreplace")
        written = os.write(self._file, text)
        self._is_torn = written < len(text)
        if self._is_torn:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _reopen_if_moved(self) -> None:
        own = os.fstat(self._file)
        with suppress(FileNotFoundError):
            there = os.stat(self.path, follow_symlinks=False)
            if (there.st_dev, there.st_ino) == (own.st_dev, own.st_ino):
                return
        file = open_private(self.path, _FLAGS)
        os.dup2(file, self._file, inheritable=False)
        os.close(file)
        self._is_torn = False

    def _note(self, reason: str) -> None:
        self.trouble = f"Lines are missing in the log {self.path}: {reason}"
        self._gaps = self._gaps or self.trouble
