"""Open the file of an upload.

Nothing but a regular file is opened: a pipe may never end, and to open a device can have effects of its own.
"""

import os
import stat
from io import FileIO
from pathlib import Path

from wltui.core.errors import WltuiError
from wltui.core.file_kinds import other_kind


class UnusableFile(WltuiError):
    """The file can't be read, or is of a kind that can't be uploaded."""


def open_regular(path: Path) -> FileIO:
    """Open a regular file for reading, without a buffer; a link to one will do. ``~`` is not expanded.

    Raises:
        UnusableFile: there is no such file, it can't be read, or it is of another kind.
    """
    try:
        _refuse_other_kinds(path, path.stat().st_mode)
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            _refuse_other_kinds(path, os.fstat(number).st_mode)
        except UnusableFile:
            os.close(number)
            raise
        return open(number, "rb", buffering=0)
    except (OSError, ValueError) as error:
        raise unusable(path, error) from error


def unusable(path: Path, error: OSError | ValueError) -> UnusableFile:
    """Return the error for a file that the system did not open or read."""
    if isinstance(error, FileNotFoundError):
        return _unusable(path, "there is no such file", "Check the path.")
    if isinstance(error, PermissionError):
        return _unusable(path, "you have no permission to read it", "Ask its owner, or copy it.")
    if isinstance(error, OSError):
        return _unusable(path, (error.strerror or str(error)).lower())
    return _unusable(path, "its name is not valid", "Check the path.")  # it holds a NUL or half a character


def _refuse_other_kinds(path: Path, mode: int) -> None:
    if kind := other_kind(mode):
        makes = "Make a zip of it" if stat.S_ISDIR(mode) else "Save its content to a file"
        raise _unusable(path, f"it is {kind}", f"{makes}, and upload that.")


def _unusable(path: Path, why: str, advice: str = "") -> UnusableFile:
    return UnusableFile(f"{path} can't be uploaded", why, advice)
