"""The history of saves: appended to a file before a config is sent, and again when its outcome is known.

A line is a JSON object that records the start of a save or its outcome. Several processes append to one file.
Unreadable lines are counted and skipped; a last line that was cut off does not prevent appending.
"""

import errno
import fcntl
import json
import os
import secrets
import stat
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from wltui.core.errors import HistoryUnwritable
from wltui.core.instant import Instant, boot_id
from wltui.core.records import ConfigId, ModelConfig, ModelVersion, Outcome, VersionId, WorkspaceId, overlay
from wltui.core.times import require_time

from .private_files import open_checked, open_private, plain, private_folder, sync_folder, to_json, why

if TYPE_CHECKING:
    from wltui.config.edit import ConfigEdit

FORMAT = 1
LOCK_TIMEOUT = 2.0
"""Seconds to wait for another process that is appending."""
TAIL = 100
"""Bytes that identify a file that was read before; each line ends with its entry's id."""


class SaveRecord(Struct, frozen=True):
    """One save."""

    id: str
    began: Instant
    """When it was recorded, just before it was sent."""
    user: str
    version_id: VersionId
    model_name: str
    base: ModelConfig
    """The config before, as far as it was readable."""
    request: Mapping[str, object]
    """The body that was sent."""
    outcome: Outcome | None = None
    """None if the program ended first."""
    given_up: Instant | None = None
    """When the program stopped waiting for the answer; None if the answer came, or if that is not known."""
    config: ModelConfig | None = None
    """The row that the save made, as far as it is known; None if it was not saved."""
    differences: str = ""
    """The fields that the server kept differently, in words."""
    reason: str = ""
    """Why it was refused, or why its outcome had to be looked up."""
    workspace_id: WorkspaceId | None = None
    """None if it was not known, or if an older program recorded the save."""

    @property
    def at(self) -> datetime:
        """The time of its start, by the wall clock."""
        return self.began.time


class History:
    """The saves of one instance and user. Every method may be called from any thread.

    All but :meth:`row` wait for the disk.

    Args:
        folder: The state folder; None keeps the history in memory only.
        owner: The key of instance and user, as :func:`~wltui.store.private_files.owner_key` makes it.
        clock: The time in UTC.
        ticks: Seconds on a clock that is never set.
        boot: The id of the boot that ``ticks`` count from.
    """

    def __init__(
        self,
        folder: Path | None,
        owner: str,
        clock: Callable[[], datetime],
        *,
        ticks: Callable[[], float] = time.monotonic,
        boot: str | None = None,
    ) -> None:
        self.trouble: str | None = None
        """Why an outcome is not on disk: a sentence for the user, or None."""
        self._path = folder / "history" / f"{owner}.jsonl" if folder else None
        self._clock, self._ticks = clock, ticks
        self._boot = boot_id() if boot is None else boot
        self._newer = self._damaged = 0
        """Numbers of lines in a newer format, and of damaged ones."""
        self._unread: str | None = None
        """Why the file can't be read, or None."""
        self._entries: dict[str, SaveRecord] = {}
        self._rows: dict[ConfigId, ModelConfig] = {}
        self._seen: tuple[int, int, int] | None = None
        """Inode, modification time and size of the file that was read."""
        self._place = 0
        """Bytes of it that were read."""
        self._tail = b""
        """The last bytes before that place: if they differ, it is another file."""
        self._lock = threading.Lock()
        """Guards entries and rows; never held during disk access."""
        self._reading = threading.Lock()
        """Guards the reading position; held while the file is read."""

    def now(self) -> Instant:
        """Return the current time."""
        return Instant(self._clock(), self._boot, self._ticks())

    @property
    def unreadable(self) -> str | None:
        """Why saves may be missing, since the file can't be read: a sentence for the user, or None."""
        if self._unread:
            return f"The history of saves can't be read ({self._unread}): {self._path}."
        if not (self._newer or self._damaged):
            return None
        reasons = [
            f"{number} {word}"
            for number, word in ((self._newer, "of a newer wltui"), (self._damaged, "damaged"))
            if number
        ]
        lines = "line" if self._newer + self._damaged == 1 else "lines"
        return f"Saves may be missing here: the history has unreadable {lines} ({', '.join(reasons)}): {self._path}."

    def begin(self, edit: "ConfigEdit", version: ModelVersion, user: str) -> str:
        """Record a save that is about to be sent, on disk when this returns. Return the entry's id.

        Raises:
            HistoryUnwritable: it could not be recorded.
        """
        number = secrets.token_hex(8)
        line = {
            **self._head(),
            "user": user,
            "version_id": edit.version_id,
            "model_name": version.model_name,
            "workspace_id": version.workspace_id,
        }
        try:
            base, request = plain(edit.base), plain(edit.request())
            self._append(line | {"base": base, "request": request, "id": number})
        except OSError as error:
            raise HistoryUnwritable(
                f"The config of version {edit.version_id} was not sent, since the save could not be recorded first",
                f"{why(error)}: {self._path}",
                "Make room or mend that and save again, or send it without a record",
            ) from None
        return number

    def end(
        self,
        entry_id: str,
        outcome: Outcome,
        config: ModelConfig | None = None,
        differences: str = "",
        reason: str = "",
    ) -> None:
        """Record the outcome of a save. ``config`` is the row that it made, as far as it is known.

        A record that can't be written lasts until the program ends, and :attr:`trouble` says so.
        """
        line = {
            **self._head(),
            "outcome": outcome.name,
            "config": msgspec.to_builtins(config) if config else None,
            "differences": differences,
            "reason": reason,
            "of": entry_id,
        }
        try:
            self._append(line)
            self.trouble = None
        except OSError as error:
            self.trouble = f"The outcome of a save could not be recorded ({why(error)}: {self._path})."
            self._apply(line)

    def _head(self) -> dict[str, object]:
        now = self.now()
        return {"format": FORMAT, "at": now.time.isoformat(), "boot": now.boot, "ticks": now.ticks}

    def entries(self, version_id: VersionId | None = None) -> tuple[SaveRecord, ...]:
        """Return the saves of a version, or of all, in reverse order of recording; other processes' too."""
        self.catch_up()
        with self._lock:
            found = [entry for entry in self._entries.values() if version_id in (None, entry.version_id)]
        return tuple(found[::-1])

    def row(self, config_id: ConfigId) -> ModelConfig | None:
        """Return a config row that a save made, as read so far; None if it was not saved here. Does not wait."""
        with self._lock:
            return self._rows.get(config_id)

    def _append(self, line: Mapping[str, object]) -> None:
        """Append a line, on disk when this returns; raises OSError."""
        if self._path is None:
            self._apply(line)
            return
        content = to_json(line)
        private_folder(self._path.parent)
        descriptor = open_private(self._path, os.O_RDWR | os.O_APPEND)
        try:
            _lock(descriptor)
            _write_line(descriptor, content)
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_folder(self._path.parent)
        self.catch_up()

    def catch_up(self) -> None:
        """Read appended lines. A file that was replaced or cut is read from its start; earlier entries stay known."""
        if self._path is None:
            return
        with self._reading:
            try:
                self._read(self._path)
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

    def _apply(self, line: Mapping[str, Any]) -> None:
        """Apply a line; applying it twice changes nothing. Raises one of ``_MISFIT`` if it is damaged."""
        with self._lock:
            if "of" in line:
                self._apply_end(line)
            else:
                self._entries.setdefault(line["id"], _entry(line))

    def _apply_end(self, line: Mapping[str, Any]) -> None:
        outcome = Outcome[line["outcome"]]
        config = msgspec.convert(line["config"], ModelConfig | None)
        ended = _instant(line)
        if config and outcome is Outcome.SAVED:
            known = self._rows.get(config.id)
            config = self._rows[config.id] = overlay(known, config) if known else config
        entry = self._entries.get(line["of"])
        if entry is None:
            return
        self._entries[entry.id] = replace(
            entry,
            outcome=outcome,
            given_up=entry.given_up or (ended if outcome is Outcome.UNKNOWN else None),
            config=config if outcome is Outcome.SAVED else None,
            differences=str(line["differences"]),
            reason=str(line["reason"]) or entry.reason,
        )


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


def _entry(line: Mapping[str, Any]) -> SaveRecord:
    return SaveRecord(
        id=str(line["id"]),
        began=_instant(line),
        user=str(line["user"]),
        version_id=msgspec.convert(line["version_id"], VersionId),
        model_name=str(line["model_name"]),
        workspace_id=msgspec.convert(line.get("workspace_id"), WorkspaceId | None),
        base=msgspec.convert(line["base"], ModelConfig),
        request=msgspec.convert(line["request"], dict[str, Any]),
    )


def _instant(line: Mapping[str, Any]) -> Instant:
    """Return when a line was written; lines of older programs have the wall clock only."""
    return Instant(require_time(line["at"]), str(line.get("boot", "")), float(line.get("ticks", 0.0)))
