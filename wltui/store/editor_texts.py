"""Configs as text files for the user's own editor, kept with the drafts.

Each text has its own folder, which also holds the edit that it began from and the text of that edit. A folder belongs
to the process that holds its lock, which dies with the process: after a kill, the next process takes over the text.
"""

import fcntl
import os
import secrets
import threading
import time
from contextlib import suppress
from pathlib import Path

from wltui.core.records import VersionId

from .draft_files import Kept, decode, encode
from .private_files import open_private, private_folder, read_private, write_whole

UNCHANGED_SECONDS = 86_400
"""Seconds that an unchanged text is kept: its editor may still be open."""

_EDIT, _OPENED, _LOCK = ".edit.json", ".opened.toml", ".lock"


class EditorText:
    """A config's text in a file."""

    def __init__(self, folder: Path, kept: Kept, lock: int, opened: bytes) -> None:
        self.folder = folder
        self.kept = kept
        """The edit that the text began from."""
        self.failed = False
        """True if the editor failed: then open the text again, do not just read it."""
        self._lock, self._opened = lock, opened

    @property
    def path(self) -> Path:
        """The file that the editor opens."""
        return self.folder / f"config-of-version-{self.kept.version.id}.toml"

    def begin(self, kept: Kept, content: bytes) -> None:
        """Write the text of an edit to the file; raises OSError."""
        write_whole(self.folder / _EDIT, encode(kept))
        write_whole(self.folder / _OPENED, content)
        self.write(content)
        self.kept, self.failed, self._opened = kept, False, content

    def write(self, content: bytes) -> None:
        """Write the typed text to the file again, with additions; raises OSError."""
        write_whole(self.path, content)

    def read(self) -> bytes:
        """Return the content of the file, empty if it is gone; raises OSError."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""

    def note_taken(self, content: bytes) -> None:
        """Record that a text was taken from the file: it counts as unchanged until it changes again."""
        self._opened = content
        with suppress(OSError):  # then it is offered once more
            write_whole(self.folder / _OPENED, content)

    def is_changed(self) -> bool:
        """Return whether the file holds a text that differs from the edit's; raises OSError."""
        content = self.read()
        return content != self._opened and bool(content.strip())

    def has_more(self) -> bool:
        """Return whether the editor left other files beside the text, as many do when they are killed."""
        with suppress(OSError):
            return not {path.name for path in self.folder.iterdir()} <= {
                _EDIT,
                _OPENED,
                _LOCK,
                self.path.name,
            }
        return False

    def remove(self) -> None:
        """Remove the file and its folder."""
        import shutil  # a start needs neither this nor tempfile

        shutil.rmtree(self.folder, ignore_errors=True)
        self.close()

    def close(self) -> None:
        """Leave the folder to the next process."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


class EditorTexts:
    """The texts of one instance and user. Every method may be called from any thread, and waits for the disk.

    With ``folder`` None they are temporary files, for this process only.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._held: dict[VersionId, EditorText] = {}
        self._guard = threading.Lock()
        self.recovering = threading.Lock()
        """Held while the texts that :meth:`adopt` returned are turned into unsent edits."""

    def begin(self, kept: Kept, content: bytes) -> EditorText:
        """Write the text of an edit to a file, in place of the version's text that this process holds, if any.

        Raises:
            OSError: it can't be written.
        """
        with self._guard:
            text = self._held.get(kept.version.id)
            if text is None or not text.folder.is_dir():
                folder = self._new_folder(kept.version.id)
                text = EditorText(folder, kept, _lock(folder), content)
                self._held[kept.version.id] = text
            try:
                text.begin(kept, content)
            except OSError:
                del self._held[kept.version.id]
                text.remove()
                raise
            return text

    def held(self, version_id: VersionId) -> EditorText | None:
        """Return the text of a version that this process holds, begun by it or by one that has ended."""
        with self._guard:
            return self._held.get(version_id)

    def remove(self, text: EditorText) -> None:
        """Remove a text that was used or discarded."""
        with self._guard:
            if self._held.get(text.kept.version.id) is text:
                del self._held[text.kept.version.id]
        text.remove()

    def adopt(self) -> list[EditorText]:
        """Take over the changed texts that ended processes left, and remove old unchanged ones.

        If a version has several, the one written last is taken.
        """
        found: list[EditorText] = []
        with self._guard:
            for folder in sorted(
                self._folder.glob("*-*") if self._folder else (), key=_written, reverse=True
            ):
                text = _left(folder)
                if text is None:
                    continue
                if text.kept.version.id not in self._held and (text.is_changed() or text.has_more()):
                    self._held[text.kept.version.id] = text
                    found.append(text)
                elif _written(folder) < time.time() - UNCHANGED_SECONDS and not text.is_changed():
                    text.remove()
                else:
                    text.close()
        return found

    def close(self) -> None:
        """Leave the texts to the next process."""
        with self._guard:
            for text in self._held.values():
                if self._folder is None and not text.is_changed():
                    text.remove()  # no process looks there again
                text.close()
            self._held.clear()

    def _new_folder(self, version_id: VersionId) -> Path:
        import tempfile

        if self._folder is None:
            return Path(tempfile.mkdtemp(prefix="wltui-"))
        folder = self._folder / f"{version_id}-{secrets.token_hex(4)}"
        try:
            private_folder(folder)
        except OSError:
            return Path(tempfile.mkdtemp(prefix="wltui-"))
        return folder


def _left(folder: Path) -> EditorText | None:
    """Lock and return the text in the folder of an ended process; None if the process runs or it is damaged."""
    try:
        lock = _lock(folder, wait=False)
    except OSError:
        return None
    try:
        return EditorText(folder, decode(read_private(folder / _EDIT)), lock, read_private(folder / _OPENED))
    except (OSError, ValueError):
        os.close(lock)
        return None


def _lock(folder: Path, *, wait: bool = True) -> int:
    """Return a descriptor that holds the lock on a folder; raises OSError if another process has it."""
    descriptor = open_private(folder / _LOCK, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        os.close(descriptor)
        raise
    except OSError:  # a disk without locks
        pass
    return descriptor


def _written(folder: Path) -> float:
    """Return the last modification time in a folder; 0 if it is gone."""
    try:
        return max((path.stat().st_mtime for path in (folder, *folder.iterdir())), default=0.0)
    except OSError:
        return 0.0
