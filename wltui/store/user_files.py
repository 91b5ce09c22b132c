"""Files that the user asks for, in a place of their choice: written whole or not at all, and over no other unasked.

They are the user's own, to be handed on, so the umask decides on their mode as for any program's files; a replaced file
keeps its mode. While a file is being written its part stands beside it under a hidden name, and has no other.
"""

import errno
import os
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from io import BufferedWriter
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from wltui.core.errors import FileInTheWay, FileNotWritten

from .file_errors import why

PART = ".part"
"""The end of the name of a file that is being written."""


class Existing(Struct, frozen=True):
    """A file that is there, by which another one in its place is noticed."""

    device: int
    inode: int
    changed: int
    """Time of its last change in nanoseconds."""
    size: int
    mode: int


def find_existing(path: Path) -> Existing | None:
    """Return the file at a path, or None if there is none; a link counts as the file that it leads to.

    Raises:
        FileNotWritten: no file can be written there: it is a folder or a device, or its folder is missing.
    """
    try:
        found = os.stat(path)
    except FileNotFoundError:
        folder = Path(os.path.realpath(path)).parent
        if not folder.is_dir():
            raise _failed(path, FileNotFoundError(errno.ENOENT, "")) from None
        return None
    except (OSError, ValueError) as error:
        raise _failed(path, error) from error
    if stat.S_ISDIR(found.st_mode):
        raise FileNotWritten(f"{path} can't be written", "it is a folder", "Type a name after it.")
    if not stat.S_ISREG(found.st_mode):
        raise FileNotWritten(f"{path} can't be written", "it is no usual file", "Choose another name.")
    return Existing(found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size, stat.S_IMODE(found.st_mode))


def write_file(
    path: Path,
    write: Callable[[BinaryIO], object],
    *,
    replaces: Existing | None = None,
    on_written: Callable[[], object] = lambda: None,
) -> int:
    """Write a file, and return its bytes. Waits for the disk.

    Args:
        path: Where; a link is followed.
        write: Writes the content to a stream. If it raises an error, nothing is left.
        replaces: The file that the user agreed to replace, as it was then; None for a new file.
        on_written: Called when all is on disk and only the name is missing; as for ``write``.

    Raises:
        FileInTheWay: there is a file, or another one than the user agreed to replace.
        FileNotWritten: for any other reason.
    """
    stream, target = _open_part(path)
    part = Path(stream.name)
    try:
        with stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
            size = stream.tell()
        on_written()
        if replaces is None:
            _name_new(part, target)
        else:
            _replace(part, target, replaces)
    except OSError as error:
        raise _failed(path, error) from error
    finally:
        with suppress(OSError):
            part.unlink()
    return size


def _open_part(path: Path) -> tuple[BufferedWriter, Path]:
    """Create the part of a file, and return it with the path of the whole, behind all links."""
    try:
        target = Path(os.path.realpath(path))
        return open(target.with_name(f".wltui-{secrets.token_hex(6)}{PART}"), "xb"), target
    except (OSError, ValueError) as error:
        raise _failed(path, error) from error


def _name_new(part: Path, target: Path) -> None:
    """Give a file its name, if there is none of that name."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise _in_the_way(target) from None
    except OSError:  # a disk without links
        try:
            open(target, "xb").close()
        except FileExistsError:
            raise _in_the_way(target) from None
        os.replace(part, target)


def _replace(part: Path, target: Path, replaces: Existing) -> None:
    if find_existing(target) != replaces:
        raise _in_the_way(target)
    os.chmod(part, replaces.mode)
    os.replace(part, target)


def _in_the_way(target: Path) -> FileInTheWay:
    return FileInTheWay(
        f"{target} was not written", "there is another file now", "Write it again, or choose another name."
    )


def _failed(path: Path, error: OSError | ValueError) -> FileNotWritten:
    folder = Path(os.path.realpath(path)).parent if isinstance(error, OSError) else path  # behind a link
    match error:
        case FileNotFoundError() if folder.is_dir():
            reason, advice = f"no file can be made in {folder}", "Choose another folder."
        case FileNotFoundError():
            reason, advice = f"there is no folder {folder}", "Make it first, or choose another one."
        case NotADirectoryError():
            reason, advice = f"{folder} is no folder", "Choose another one."
        case OSError(errno=errno.EACCES | errno.EPERM | errno.EROFS):
            reason, advice = f"the folder {folder} is not writable", "Choose another one."
        case OSError(errno=errno.ELOOP | errno.ENAMETOOLONG):
            reason, advice = why(error), "Choose another name."
        case OSError():
            reason, advice = why(error), "Nothing of it is left."
        case _:
            reason, advice = "no file can have that name", "Choose another one."
    return FileNotWritten(f"{path} can't be written", reason, advice)
