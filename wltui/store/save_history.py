"""The history of saves: appended to a file before a config is sent, and again when its outcome is known.

A line is a JSON object that records the start of a save or its outcome. Several processes append to one file.
Unreadable lines are counted and skipped; a last line that was cut off does not prevent appending.
"""

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from wltui.core.errors import HistoryUnwritable
from wltui.core.instant import Instant
from wltui.core.records import ConfigId, ModelConfig, ModelVersion, Outcome, VersionId, WorkspaceId, overlay

from .file_errors import why
from .journal import Journal, instant_of
from .private_files import plain, try_history_lock

if TYPE_CHECKING:
    from wltui.config.edit import ConfigEdit


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
        self._folder, self._owner = folder, owner
        path = folder / "history" / f"{owner}.jsonl" if folder else None
        self._journal = Journal(path, self._apply, clock, ticks=ticks, boot=boot)
        self._entries: dict[str, SaveRecord] = {}
        self._rows: dict[ConfigId, ModelConfig] = {}
        self._lock = threading.Lock()
        """Guards entries and rows; never held during disk access."""

    def now(self) -> Instant:
        """Return the current time."""
        return self._journal.now()

    @property
    def unreadable(self) -> str | None:
        """Why saves may be missing, since the file can't be read: a sentence for the user, or None."""
        return self._journal.unreadable("saves")

    def try_lock(self, version_id: VersionId) -> BinaryIO | None:
        """Return a lock on a version that holds until it is closed, or None while another task or process has it.

        It keeps out the other saves of this user and instance on this host. The system frees it if a process dies.

        Raises:
            OSError: there can be no lock.
        """
        return try_history_lock(self._folder, f"{self._owner}-version-{version_id}")

    def begin(self, edit: "ConfigEdit", version: ModelVersion, user: str) -> str:
        """Record a save that is about to be sent, on disk when this returns. Return the entry's id.

        Raises:
            HistoryUnwritable: it could not be recorded.
        """
        number = secrets.token_hex(8)
        line = {
            **self._journal.head(),
            "user": user,
            "version_id": edit.version_id,
            "model_name": version.model_name,
            "workspace_id": version.workspace_id,
        }
        try:
            base, request = plain(edit.base), plain(edit.request())
            self._journal.append(line | {"base": base, "request": request, "id": number})
        except OSError as error:
            raise HistoryUnwritable(
                f"The config of version {edit.version_id} was not sent, since the save could not be recorded first",
                f"{why(error)}: {self._journal.path}",
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
            **self._journal.head(),
            "outcome": outcome.name,
            "config": msgspec.to_builtins(config) if config else None,
            "differences": differences,
            "reason": reason,
            "of": entry_id,
        }
        try:
            self._journal.append(line)
            self.trouble = None
        except OSError as error:
            self.trouble = (
                f"The outcome of a save could not be recorded ({why(error)}: {self._journal.path})."
            )
            self._apply(line)

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

    def catch_up(self) -> None:
        """Read appended lines. A file that was replaced or cut is read from its start; earlier entries stay known."""
        self._journal.catch_up()

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
        ended = instant_of(line)
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


def _entry(line: Mapping[str, Any]) -> SaveRecord:
    return SaveRecord(
        id=str(line["id"]),
        began=instant_of(line),
        user=str(line["user"]),
        version_id=msgspec.convert(line["version_id"], VersionId),
        model_name=str(line["model_name"]),
        workspace_id=msgspec.convert(line.get("workspace_id"), WorkspaceId | None),
        base=msgspec.convert(line["base"], ModelConfig),
        request=msgspec.convert(line["request"], dict[str, Any]),
    )
