"""Private files: folders that only their owner may enter, and files that are whole or not there at all."""

import errno
import hashlib
import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec


def state_folder() -> Path:
    """The folder of what wltui itself must not lose; it may not exist yet."""
    import platformdirs

    return Path(platformdirs.user_state_dir("wltui", appauthor=False))


def owner_key(endpoint: str, account: str) -> str:
    """A name for one instance and one user that tells neither: what is kept for one is never another's."""
    return hashlib.sha256(f"{endpoint}\n{account}".encode()).hexdigest()[:20]


def private_folder(folder: Path) -> None:
    """Make a folder, and those above it, that nobody else may enter; one that is there stays as it is."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)


def open_private(path: Path, flags: int) -> int:
    """A descriptor for a file that is made, if need be, for its owner alone."""
    return os.open(path, flags | os.O_CREAT | os.O_CLOEXEC, 0o600)


def read_regular(path: Path) -> bytes:
    """The content of a file; what is no regular one, such as a pipe, is not waited for.

    Raises:
        OSError: it can't be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "No regular file", str(path))
        return file.read()


def plain(value: object) -> Any:
    """Records as dictionaries and lists.

    Raises:
        OSError: it is too deep to be written.
    """
    try:
        return msgspec.to_builtins(value)
    except RecursionError:
        raise OSError(errno.EINVAL, "Too deeply nested") from None


def to_json(value: object) -> bytes:
    """JSON in ASCII, on one line. Not by msgspec, which does not write half a surrogate pair.

    Raises:
        OSError: it is too deep to be written.
    """
    try:
        return json.dumps(value).encode()
    except RecursionError:
        raise OSError(errno.EINVAL, "Too deeply nested") from None


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in place of the one that is there, or leave that one; on disk when it returns.

    Raises:
        OSError: the old file, if any, is still there.
    """
    passing = path.with_suffix(".tmp")
    descriptor = open_private(passing, os.O_WRONLY | os.O_TRUNC)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        passing.replace(path)
    except OSError:
        with suppress(OSError):
            passing.unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """See to it that a folder's names are on disk; where a disk can't do that, nothing is lost but time."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def why(error: OSError) -> str:
    """What kept a file from being written, in a few words."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return "the disk is full"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "it is not writable"
        case _:
            return (error.strerror or "it can't be written").lower()
