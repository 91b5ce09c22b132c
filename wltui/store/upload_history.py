"""The history of uploads: recorded before the first byte is sent, before the last one, and when the outcome is known.

As the line before the last byte is on disk first, an upload without it was never complete, and nothing can have been
stored, once its program is gone. A lock on each model name shows whether one still runs.
"""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from wltui.core.errors import HistoryUnwritable
from wltui.core.instant import Instant
from wltui.core.records import Outcome, VersionId, WorkspaceId

from .file_errors import why
from .journal import Journal, instant_of
from .private_files import try_history_lock


class UploadRecord(Struct, frozen=True, kw_only=True):
    """One upload."""

    id: str
    """Empty if it could not be recorded."""
    began: Instant
    """When it was recorded, just before it was sent."""
    user: str
    model_name: str
    workspace_id: WorkspaceId
    file_name: str
    sha256: str
    size: int
    route: str
    metadata: Mapping[str, Any]
    """The JSON object that was sent with the file."""
    newest_before: VersionId
    """The highest id of the model's versions before; 0 if it had none."""
    completed: Instant | None = None
    """When its last byte was about to be sent; None if that never happened."""
    outcome: Outcome | None = None
    """None if the program ended first."""
    version_id: VersionId | None = None
    """The version that it made, if known."""
    given_up: Instant | None = None
    """When the program stopped waiting for the answer; None if the answer came, or if that is not known."""
    reason: str = ""
    """Why it was refused, or why its outcome had to be looked up."""

    @property
    def is_settled(self) -> bool:
        """Return whether its outcome is known."""
        return self.outcome not in (None, Outcome.UNKNOWN)


class UploadHistory:
    """The uploads of one instance and user. Every method may be called from any thread, and waits for the disk.

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
        self._folder, self._owner = folder, owner
        path = folder / "history" / f"{owner}-uploads.jsonl" if folder else None
        self._journal = Journal(path, self._apply, clock, ticks=ticks, boot=boot)
        self._entries: dict[str, UploadRecord] = {}
        self._lock = threading.Lock()

    def now(self) -> Instant:
        """Return the current time."""
        return self._journal.now()

    @property
    def unreadable(self) -> str | None:
        """Why uploads may be missing, since the file can't be read: a sentence for the user, or None."""
        return self._journal.unreadable("uploads")

    def begin(self, record: UploadRecord, *, completed: bool = False) -> UploadRecord:
        """Record an upload whose first byte is about to be sent; return it with its id.

        Args:
            record: The upload.
            completed: Record in advance that the last byte may have been sent, since nothing will be recorded then.

        Raises:
            HistoryUnwritable: it could not be recorded.
        """
        began = self.now()
        record = replace(record, id=secrets.token_hex(8), began=began, completed=began if completed else None)
        line: dict[str, object] = {name: getattr(record, name) for name in _RECORDED}
        if completed:
            line["completed"] = True
        self._append({**self._journal.head(), **line, "id": record.id}, record.file_name)
        return record

    def complete(self, record: UploadRecord) -> None:
        """Record that the last byte is about to be sent; raise HistoryUnwritable if it can't be recorded."""
        if record.id:
            self._append({**self._journal.head(), "completes": record.id}, record.file_name)

    def _append(self, line: Mapping[str, object], file_name: str) -> None:
        try:
            self._journal.append(line)
        except OSError as error:
            raise HistoryUnwritable(
                f"{file_name} was not uploaded, since the upload could not be recorded first",
                f"{why(error)}: {self._journal.path}",
                "Nothing was stored. Make room or mend that, and upload it again",
            ) from None

    def end(
        self, record: UploadRecord, outcome: Outcome, version_id: VersionId | None = None, reason: str = ""
    ) -> None:
        """Record the outcome of an upload.

        A line that can't be written lasts until the program ends, and :attr:`trouble` says so.
        """
        if not record.id:
            return
        line = {
            **self._journal.head(),
            "outcome": outcome.name,
            "version_id": version_id,
            "reason": reason,
            "of": record.id,
        }
        try:
            self._journal.append(line)
            self.trouble = None
        except OSError as error:
            self.trouble = (
                f"The outcome of an upload could not be recorded ({why(error)}: {self._journal.path})."
            )
            self._apply(line)

    def entries(self) -> tuple[UploadRecord, ...]:
        """Return all uploads in reverse order of recording; other processes' too."""
        self._journal.catch_up()
        with self._lock:
            return tuple(self._entries.values())[::-1]

    def latest(self, record: UploadRecord) -> UploadRecord:
        """Return a record with all that has been recorded of its upload by now, also by other processes."""
        self._journal.catch_up()
        with self._lock:
            return self._entries.get(record.id, record)

    def try_lock(self, workspace_id: WorkspaceId, name: str) -> BinaryIO | None:
        """Return a lock on a model's name that holds until it is closed, or None while another task or process has it.

        It keeps out the other uploads of this user and instance on this host. The system frees it if a process dies.

        Raises:
            OSError: there can be no lock.
        """
        key = hashlib.sha256(f"{workspace_id}\n{name}".encode("utf-8", "surrogatepass")).hexdigest()[:20]
        return try_history_lock(self._folder, f"{self._owner}-{key}")

    def _apply(self, line: Mapping[str, Any]) -> None:
        """Apply a line; applying it twice changes nothing."""
        at = instant_of(line)
        with self._lock:
            if "of" in line:
                self._apply_end(line, at)
            elif "completes" in line:
                if entry := self._entries.get(line["completes"]):
                    self._entries[entry.id] = replace(entry, completed=entry.completed or at)
            else:
                values = {name: line[name] for name in _RECORDED}
                values |= {"id": line["id"], "began": at, "completed": at if line.get("completed") else None}
                self._entries.setdefault(line["id"], msgspec.convert(values, UploadRecord))

    def _apply_end(self, line: Mapping[str, Any], at: Instant) -> None:
        outcome = Outcome[line["outcome"]]
        version_id = msgspec.convert(line["version_id"], VersionId | None)
        entry = self._entries.get(line["of"])
        if entry is None:
            return
        self._entries[entry.id] = replace(
            entry,
            outcome=outcome,
            version_id=version_id,
            given_up=entry.given_up or (at if outcome is Outcome.UNKNOWN else None),
            reason=str(line["reason"]) or entry.reason,
        )


_RECORDED = (
    "user", "model_name", "workspace_id", "file_name", "sha256", "size", "route", "metadata", "newest_before",
)  # fmt: skip
"""Fields of a record that its first line holds."""
