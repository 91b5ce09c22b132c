"""Unsent edits: each is on disk a moment after a key press, and in memory until then."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from wltui.core.compact import without_config
from wltui.core.records import ModelVersion, VersionId

from .draft_files import DraftFiles
from .draft_files import Kept as Kept
from .editor_texts import EditorTexts
from .file_errors import why

if TYPE_CHECKING:
    from wltui.config.edit import Draft

FLUSH_TIMEOUT = 1.0
"""Seconds that :meth:`Drafts.flush` waits for the disk, and after which a write counts as hanging."""


class _Mine(Struct, frozen=True, dict=True):
    """A draft of this process."""

    kept: Kept
    name: str
    """The name of its file."""


class Drafts:
    """The drafts of one instance and user. Every method may be called from any thread.

    :meth:`take` and :meth:`all` read files and may be slow; no other method waits for them.

    Args:
        folder: The state folder; None keeps drafts in memory only.
        owner: The key of instance and user, as :func:`~wltui.store.private_files.owner_key` makes it.
        clock: The time in UTC.
    """

    def __init__(self, folder: Path | None, owner: str, clock: Callable[[], datetime]) -> None:
        self._files = DraftFiles(folder / "drafts" / owner) if folder else None
        self.texts = EditorTexts(folder / "drafts" / owner / "editor" if folder else None)
        """Edits as text in files for the user's own editor."""
        self._clock = clock
        self._mine: dict[VersionId, _Mine] = {}
        self._pending: dict[str, Kept | None] = {}
        """Writes that are not on disk yet, by file; None for a file to remove."""
        self._failed: str | None = None
        self._lock = threading.Lock()
        """Guards all of this; never held during disk access."""
        self._adopting = threading.Lock()
        """Held while drafts of ended processes are looked for."""
        self._requested, self._served = 0, threading.Condition(self._lock)
        """The number of write requests, and the condition that is notified after each."""
        self._turn = 0
        """The last request that was written, or failed."""
        self._wake = threading.Event()
        self._writing_since: float | None = None
        """Start of the write under way, on the monotonic clock; None between writes."""
        self._is_late = False
        """Whether a flush was over before its writes: each of many may be quick enough, and all together take long."""
        self._closing = False
        self._writer = threading.Thread(target=self._write_on, name="drafts", daemon=True)

    @property
    def trouble(self) -> str | None:
        """Why drafts are not on disk, or which can't be read: a sentence for the user, or None."""
        if unwritten := self.unwritten:
            return unwritten
        if self._files and self._files.trouble:
            return self._unkept(self._files.trouble)
        if self._files and self._files.unreadable:
            names = ", ".join(sorted(self._files.unreadable))
            return f"An unsent edit can't be read and was left as it is in {self._files.folder}: {names}."
        return None

    @property
    def unwritten(self) -> str | None:
        """Why drafts of this process are not on disk and would be lost with it: a sentence, or None."""
        since = self._writing_since
        if since is not None and time.monotonic() - since > FLUSH_TIMEOUT:
            return self._unkept("the disk does not answer")
        if self._failed is None and self._is_late:
            return self._unkept("the disk is slow")
        return self._failed

    def keep(self, version: ModelVersion, draft: "Draft") -> None:
        """Keep a draft in place of the version's last one; forget that if it is empty. Doesn't wait for the disk."""
        if not (draft.edit.values or draft.refused):  # is_empty may compare schemas, which takes time
            self.forget(version.id)
            return
        now = self._clock()
        with self._lock:
            held = self._mine.get(version.id)
            began = held.kept.began if held else now
            kept = Kept(without_config(version), draft, began, now)
            name = held.name if held else self._files.new_name(version.id) if self._files else ""
            self._mine[version.id] = _Mine(kept, name)
            self._change(name, kept)

    def forget(self, version_id: VersionId) -> None:
        """Forget this process's draft of a version after it was sent or discarded. Does not wait for the disk."""
        with self._lock:
            if mine := self._mine.pop(version_id, None):
                self._change(mine.name, None)

    def take(self, version_id: VersionId) -> Kept | None:
        """Return the draft of a version: this process's own, else the newest that an ended one left, or None.

        The latter belongs to this process from then on. Older ones are offered once it is forgotten.
        """
        if (kept := self._own(version_id)) or self._files is None:
            return kept
        with self._adopting:
            if kept := self._own(version_id):
                return kept
            if (adopted := self._files.adopt(version_id)) is None:
                return None
            name, kept = adopted
            with self._lock:  # text typed meanwhile wins; the other one is left for the next session
                return self._mine.setdefault(version_id, _Mine(kept, name)).kept

    def all(self) -> tuple[Kept, ...]:
        """Return every draft, newest first, also those that other processes hold or have left."""
        with self._adopting:  # else one that is being adopted would be listed twice
            others = self._files.others() if self._files else []
            with self._lock:
                mine = tuple(self._mine.values())
        names = {one.name for one in mine}
        found = [one.kept for one in mine] + [kept for path, kept in others if path.name not in names]
        return tuple(sorted(found, key=lambda kept: kept.changed, reverse=True))

    def flush(self) -> None:
        """Write, or try again, whatever is not on disk yet. Returns after :data:`FLUSH_TIMEOUT` at the latest.

        What is not on disk then is :attr:`unwritten`, until it is.
        """
        with self._lock:
            if self._pending:
                self._request()
                turn = self._requested
                self._is_late = not self._served.wait_for(lambda: self._turn >= turn, FLUSH_TIMEOUT)

    def close(self) -> None:
        """Write whatever is not on disk yet and leave the drafts to the next process. Never waits long."""
        self.flush()
        self._closing = True
        self._wake.set()
        if self._files is not None:
            leaving = threading.Thread(target=self._leave, name="drafts-close", daemon=True)
            leaving.start()
            leaving.join(FLUSH_TIMEOUT)

    def _leave(self) -> None:
        self.texts.close()
        if self._files is not None:
            self._files.close()

    def _own(self, version_id: VersionId) -> Kept | None:
        with self._lock:
            mine = self._mine.get(version_id)
        return mine.kept if mine else None

    def _unkept(self, reason: str) -> str:
        folder = self._files.folder if self._files else ""
        return f"Unsent edits can't be kept in {folder} ({reason}); they last until you quit."

    def _change(self, name: str, kept: Kept | None) -> None:
        """Queue a write, or with None a removal, of a file; call it with the lock held."""
        if self._files is None:
            return
        self._pending[name] = kept
        if self._writer.ident is None:
            self._writer.start()
        self._request()

    def _request(self) -> None:
        self._requested += 1
        self._wake.set()

    def _write_on(self) -> None:
        while not self._closing:
            self._wake.wait()
            self._wake.clear()
            with self._lock:
                turn = self._requested
            self._write_pending()
            with self._lock:
                self._turn = turn
                self._is_late = self._is_late and bool(self._pending)
                self._served.notify_all()

    def _write_pending(self) -> None:
        """Write each pending file once; those that fail stay pending until the next change."""
        if (files := self._files) is None:
            return
        with self._lock:
            pending = dict(self._pending)
        failed: str | None = None
        for name, kept in pending.items():
            self._writing_since = time.monotonic()
            try:
                if kept is None:
                    files.remove(name)
                else:
                    files.write(name, kept)
            except OSError as error:
                failed = self._unkept(why(error))
                continue
            except Exception as error:  # noqa: BLE001  without this thread nothing more would be kept
                failed = self._unkept(f"unexpectedly, {type(error).__name__}: {error}")
                continue
            finally:
                self._writing_since = None
            with self._lock:
                if self._pending[name] is kept:
                    del self._pending[name]
        self._failed = failed
