"""Draft files, and the process that each belongs to.

A running process holds a lock that dies with it. The file of an ended process goes to the first that renames it; the
file of a running process, and one that can't be read, is left alone.
"""

import fcntl
import itertools
import json
import os
import secrets
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from wltui.core.compact import fields_of, parse_fields
from wltui.core.records import ModelConfig, ModelVersion, VersionId
from wltui.core.times import require_time

from .file_errors import why
from .private_files import (
    list_files,
    open_private,
    plain,
    private_folder,
    read_private,
    sync_folder,
    to_json,
    write_whole,
)

if TYPE_CHECKING:
    from wltui.config.edit import Draft

FORMAT = 1


class Kept(Struct, frozen=True, dict=True):
    """A draft, and the version and times to offer it again with."""

    version: ModelVersion
    """The version when the edit was kept, without its config."""
    draft: "Draft"
    began: datetime
    changed: datetime
    elsewhere: bool = False
    """True if another running wltui holds it."""


class DraftFiles:
    """One process's view of a folder of drafts. Nothing is made there before the first write or adoption."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.unreadable: frozenset[str] = frozenset()
        """Names of files that could not be read when they were last looked at."""
        self.trouble = ""
        """Why the folder could not be read when it was last looked at."""
        self._process = secrets.token_hex(8)
        self._numbers = itertools.count(1)
        self._alive: int | None = None
        """The descriptor of the lock that shows other processes that this one runs."""
        self._lock = threading.Lock()
        """Guards ``_alive``; held during disk access."""

    def new_name(self, version_id: VersionId) -> str:
        """Return a file name for this process that is never used twice, without disk access."""
        return f"{version_id}-{self._process}-{next(self._numbers)}.json"

    def write(self, name: str, kept: Kept) -> None:
        """Write a whole file, which is on disk when this returns; raises OSError."""
        self._lock_alive()
        write_whole(self.folder / name, encode(kept))

    def remove(self, name: str) -> None:
        """Remove a file of this process, if it is there; raises OSError."""
        (self.folder / name).unlink(missing_ok=True)
        sync_folder(self.folder)

    def adopt(self, version_id: VersionId) -> tuple[str, Kept] | None:
        """Return the newest draft of a version that an ended process left, renamed to this process, or None.

        If it can't be renamed it keeps its name and is used all the same.
        """
        left = [file for file in self.others(version_id) if not file[1].elsewhere]
        for path, kept in sorted(left, key=lambda file: file[1].changed, reverse=True):
            name = self.new_name(version_id)
            try:
                self._lock_alive()
                path.rename(self.folder / name)
            except FileNotFoundError:  # another process was faster
                continue
            except OSError:
                name = path.name
            return name, kept
        return None

    def others(self, version_id: VersionId | None = None) -> list[tuple[Path, Kept]]:
        """Return the readable drafts of other processes, of one version or of all."""
        found: list[tuple[Path, Kept]] = []
        prefix = "" if version_id is None else f"{version_id}-"
        unreadable = {name for name in self.unreadable if not name.startswith(prefix)}
        lives: dict[str, bool] = {}
        try:
            paths = list_files(self.folder, ".json")
        except OSError as error:
            self.trouble = why(error)
            return []
        self.trouble = ""
        for path in paths:
            if path.name.count("-") < 2 or not path.name.startswith(prefix):
                continue
            process = _process_of(path)
            if process == self._process:
                continue
            if process not in lives:
                lives[process] = self._lives(process)
            try:
                kept = decode(read_private(path))
                if not path.name.startswith(f"{kept.version.id}-"):
                    raise ValueError("another version's")
                found.append((path, replace(kept, elsewhere=lives[process])))
            except FileNotFoundError:  # sent or adopted in this moment
                continue
            except (OSError, ValueError):
                unreadable.add(path.name)
        self.unreadable = frozenset(unreadable)
        return found

    def close(self) -> None:
        """Leave the files to the next process."""
        with self._lock:
            if self._alive is not None:
                with suppress(OSError):
                    self._lock_file(self._process).unlink()
                os.close(self._alive)
                self._alive = None

    def _lock_file(self, process: str) -> Path:
        return self.folder / f"{process}.lock"

    def _lock_alive(self) -> None:
        """Take the lock that shows that this process runs, before its first file exists; raises OSError."""
        with self._lock:
            if self._alive is not None:
                return
            private_folder(self.folder)
            path = self._lock_file(self._process)
            while self._alive is None:
                descriptor = open_private(path, os.O_RDWR)
                with suppress(OSError):  # a disk without locks
                    fcntl.flock(descriptor, fcntl.LOCK_EX)
                with suppress(FileNotFoundError):  # taken for an ended one's in between, and removed
                    if os.path.samestat(os.fstat(descriptor), path.stat()):
                        self._alive = descriptor
                        break
                os.close(descriptor)
        for path in list_files(self.folder, ".tmp"):
            if path.name.count("-") >= 2 and not self._lives(_process_of(path)):
                with suppress(OSError):
                    path.unlink()

    def _lives(self, process: str) -> bool:
        """Return whether a process holds its lock; remove the lock of one that does not."""
        try:
            descriptor = os.open(self._lock_file(process), os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # others may be looking too
            self._lock_file(process).unlink(missing_ok=True)
        except OSError:
            return True
        finally:
            os.close(descriptor)
        return False


def _process_of(path: Path) -> str:
    return path.stem.split("-")[1]


def encode(kept: Kept) -> bytes:
    """Return a draft as JSON; fields that are not readable are left out.

    Raises:
        OSError: JSON can't hold it.
    """
    edit = kept.draft.edit
    return to_json(
        {
            "format": FORMAT,
            "version": plain(fields_of(kept.version)),
            "began": kept.began.isoformat(),
            "changed": kept.changed.isoformat(),
            "base": plain(edit.base),
            "values": plain(dict(edit.values)),
            "refused": dict(kept.draft.refused),
        }
    )


def decode(content: bytes) -> Kept:
    """Parse the draft in a file.

    Raises:
        ValueError: it is damaged, or another or a newer program's.
    """
    from wltui.config.edit import ConfigEdit, Draft  # most starts find no draft

    try:
        document: Any = json.loads(content)
        if document["format"] != FORMAT:
            raise ValueError("not of this format")
        version = parse_fields(ModelVersion, document["version"])
        base = msgspec.convert(document["base"], ModelConfig)
        edit = ConfigEdit(version.id, base, _values(document["values"]))
        refused = msgspec.convert(document["refused"], dict[str, str])
        return Kept(
            version, Draft(edit, refused), require_time(document["began"]), require_time(document["changed"])
        )
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError("not a draft") from error


def _values(document: Mapping[str, object]) -> dict[str, object]:
    from wltui.config.fields import FIELD

    if unknown := document.keys() - FIELD.keys():
        raise ValueError(f"unknown fields: {unknown}")
    msgspec.convert({"id": 0, **document}, ModelConfig)  # the form relies on the kind of each value
    return {key: tuple(value) if isinstance(value, list) else value for key, value in document.items()}
