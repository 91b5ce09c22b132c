"""Private files: folders that only their owner may change, and files that are written whole or not at all.

Every folder and file that wltui keeps is opened through this module. Like ssh, it refuses paths that belong to another
user or that others can write to. Nothing here waits for a pipe, and nothing follows a link when it writes.
"""

import errno
import fcntl
import hashlib
import json
import os
import shlex
import stat
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from wltui.core.folders import state_folder as state_folder

WRITABLE, READABLE = 0o022, 0o077
"""The bits of a mode by which others can write, and by which they can do anything."""
OWN = "wltui"
"""The name of the folders that belong to wltui as a whole."""
LARGEST = 64 << 20
"""Bytes of a file that is read at once; no file that wltui writes comes near it."""
ABANDONED = 60.0
"""Seconds after which a file that was being written is taken to be left behind by a process that was killed."""


class Unsafe(OSError):
    """Another user owns a file or folder, or could change or read it; ``strerror`` says which.

    ``advice`` is the command that mends it.
    """

    def __init__(self, path: Path, reason: str, advice: str) -> None:
        super().__init__(errno.EPERM, reason, str(path))
        self.advice = advice


def owner_key(endpoint: str, account: str) -> str:
    """Return a name for one instance and one user that reveals neither."""
    return hashlib.sha256(f"{endpoint}\n{account}".encode("utf-8", "surrogatepass")).hexdigest()[:20]


def private_folder(folder: Path) -> None:
    """Make a folder, and those missing above it, for this user alone; check one that exists.

    Raises:
        Unsafe: as :func:`check_folder`. Nothing was made.
        OSError: it can't be made or entered.
    """
    missing: list[Path] = []
    for path in (folder, *folder.parents):
        try:
            os.stat(path)
        except FileNotFoundError:
            missing.append(path)
        else:
            check_folder(path, own=not missing or OWN in path.parts)
            break
    for path in reversed(missing):
        path.mkdir(
            mode=0o700, exist_ok=True
        )  # one by one, as mkdir(parents=True) gives parents the umask's mode


def check_folder(folder: Path, *, own: bool = True) -> None:
    """Check that nobody else can change the content of a folder.

    That is: this user or root owns it, every folder above it up to wltui's own, and the next one above that, and no
    group or others can write to them. The last of these may let a group write, as many systems have it, or everybody
    if it is sticky as ``/tmp`` is.

    Args:
        folder: the folder.
        own: whether it belongs to wltui; if not, it is the last of these itself.

    Raises:
        Unsafe: somebody else can.
        OSError: it can't be looked at.
    """
    above = folder
    while own:
        _check(above, os.stat(above), WRITABLE, {0})
        own = OWN in above.parent.parts
        above = above.parent
    status = os.stat(above)
    _check(above, status, 0 if status.st_mode & stat.S_ISVTX else stat.S_IWOTH, {0})


def open_private(path: Path, flags: int) -> int:
    """Open a regular file of this user, which is made if need be; return its descriptor.

    ``flags`` hold ``O_RDWR`` or ``O_EXCL``: a pipe would be waited for without them.

    Raises:
        Unsafe: it belongs to another user, or others can write to it.
        OSError: it can't be opened, or is a link, a pipe or the like.
    """
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise OSError(errno.ELOOP, "a symbolic link, which is not followed", str(path)) from None
    try:
        _check_file(path, os.fstat(descriptor), WRITABLE, set())
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def try_lock(path: Path) -> BinaryIO | None:
    """Return a lock that holds until it is closed, or None while another task or process has it.

    The file is never removed: whoever locks a file that is then replaced has locked nothing.

    Raises:
        OSError: there can be no lock.
    """
    file = open(open_private(path, os.O_RDWR), "rb")  # noqa: SIM115  closed by the caller
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    except OSError:
        file.close()
        raise
    return file


def try_history_lock(folder: Path | None, name: str) -> BinaryIO | None:
    """Return a lock in the folder of histories, as :func:`try_lock`; ``folder`` is the state folder.

    Raises:
        OSError: there can be no lock, such as without a folder.
    """
    if folder is None:
        raise OSError(errno.ENOLCK, "there is no folder for it")
    private_folder(folder / "history")
    return try_lock(folder / "history" / f"{name}.lock")


def list_files(folder: Path, ending: str) -> list[Path]:
    """Return the paths in a folder whose names end so; none if there is no such folder.

    Raises:
        OSError: it can't be read. ``Path.glob`` treats such a folder as empty in some versions of Python.
    """
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    return sorted(folder / name for name in names if name.endswith(ending))


def make_private(path: Path) -> None:
    """Make an empty file for this user alone, or check the one that is there, and close it to others' eyes.

    It is not opened if it is there: to close it would take away the locks that this process has on it.

    Raises:
        Unsafe: it belongs to another user, or others can write to it.
        OSError: it can't be made, or is a link, a pipe or the like.
    """
    try:
        os.close(open_private(path, os.O_RDWR | os.O_EXCL))
    except FileExistsError:
        status = os.lstat(path)
        _check_file(path, status, WRITABLE, set())
        if status.st_mode & READABLE:
            path.chmod(0o600)


def open_checked(path: Path, *, secret: bool = False) -> BinaryIO:
    """Open a regular file for reading that nobody but this user and root can have written.

    Args:
        path: the file. A link is followed, and its target checked.
        secret: refuse the file also if others can read it.

    Raises:
        Unsafe: others can write to the file or, with ``secret``, read it.
        OSError: it can't be opened, or is a pipe or the like, which is not waited for.
    """
    flags = os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags | os.O_NONBLOCK)
    except BlockingIOError:  # another program has a lease on it, and so it is a file; it is given up in time
        descriptor = os.open(path, flags)
    try:
        _check_file(path, os.fstat(descriptor), READABLE if secret else WRITABLE, {0})
        return open(descriptor, "rb")
    except OSError:
        os.close(descriptor)
        raise


def read_private(path: Path, *, secret: bool = False, largest: int = LARGEST) -> bytes:
    """Return the content of a file, opened as by :func:`open_checked`; raise OSError also if it is larger."""
    with open_checked(path, secret=secret) as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return content


def _check_file(path: Path, status: os.stat_result, mask: int, owners: Iterable[int]) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "Not a regular file", str(path))
    _check(path, status, mask, owners)


def _check(path: Path, status: os.stat_result, mask: int, owners: Iterable[int]) -> None:
    """Raise Unsafe unless this user owns a path, or one of ``owners``, and others have none of the bits."""
    if status.st_uid != os.geteuid() and status.st_uid not in owners:
        advice = (
            "Run wltui as its owner"
            if stat.S_ISDIR(status.st_mode)
            else "Remove it, or run wltui as its owner"
        )
        raise Unsafe(path, "it belongs to another user", advice)
    if status.st_mode & mask & WRITABLE:
        raise Unsafe(path, "others can write to it", f"chmod go-w {shlex.quote(str(path))}")
    if status.st_mode & mask:
        raise Unsafe(path, "others can read it", f"chmod go-rwx {shlex.quote(str(path))}")


def plain(value: object) -> Any:
    """Return records as dictionaries and lists.

    Raises:
        OSError: it is too deep to be written.
    """
    try:
        return msgspec.to_builtins(value)
    except RecursionError:
        raise OSError(errno.EINVAL, "Too deeply nested") from None


def to_json(value: object) -> bytes:
    """Return JSON in ASCII, on one line. Not by msgspec, which does not write half a surrogate pair.

    Raises:
        OSError: it is too deep to be written.
    """
    try:
        return json.dumps(value).encode()
    except RecursionError:
        raise OSError(errno.EINVAL, "Too deeply nested") from None


def write_whole(path: Path, content: bytes, *, modified: float | None = None) -> None:
    """Replace a file, or leave the old one as it is; it is on disk when this returns.

    The folder is checked as by :func:`check_folder`. ``modified`` is the modification time that the file gets, in
    seconds since 1970, if the disk can store it; None for now.

    Raises:
        Unsafe: others can change the folder.
        OSError: the old file, if any, is still there.
    """
    check_folder(path.parent)
    # The name is not to be guessed, and nothing may have it: else another user could lay a link there beforehand.
    passing = path.with_name(f"{path.stem}-{os.urandom(8).hex()}.tmp")
    descriptor = open_private(passing, os.O_WRONLY | os.O_EXCL)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if modified is not None:
                with suppress(OSError):
                    os.utime(descriptor, (modified, modified))
            os.fsync(descriptor)
        passing.replace(path)
    except OSError:
        with suppress(OSError):
            passing.unlink()
        raise
    sync_folder(path.parent)
    _remove_abandoned(path)


def write_private(path: str, content: bytes) -> None:
    """As :func:`write_whole`, in a folder that is made if need be."""
    private_folder(Path(path).parent)
    write_whole(Path(path), content)


def _remove_abandoned(path: Path) -> None:
    """Remove the unfinished replacements of a file that killed processes left."""
    eldest = time.time() - ABANDONED
    for name in os.listdir(path.parent):
        if name.startswith(f"{path.stem}-") and name.endswith(".tmp"):
            with suppress(OSError):
                other = path.with_name(name)
                if other.lstat().st_mtime < eldest:
                    other.unlink()


def sync_folder(folder: Path) -> None:
    """Put a folder's names on disk; if the disk can't do that, nothing is lost but time."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
