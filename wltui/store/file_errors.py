"""Why a file could not be read or written, in words, and what to do about it."""

import errno
import os
import shlex
from contextlib import suppress
from pathlib import Path

from wltui.core.errors import UsageError

from .private_files import Unsafe


def why(error: OSError) -> str:
    """Return the reason why a file could not be written, in a few words."""
    if isinstance(error, Unsafe):
        return f"{error.filename}: {error.strerror}"
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return "the disk is full"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "it is not writable"
        case _:
            return (error.strerror or "it can't be written").lower()


def remedy(error: OSError, usual: str) -> str:
    """Return what to do about a file that could not be written: ``usual``, unless others could change it."""
    return error.advice if isinstance(error, Unsafe) else usual


def unreadable(what: str, error: OSError) -> UsageError:
    """Return the error for a file or folder that can't be read, with advice."""
    where = "" if error.filename == what else f"{error.filename}: "
    reason = f"{where}{(error.strerror or '').lower()}"
    if isinstance(error, Unsafe):
        return UsageError(f"{what} is not used", reason, error.advice)
    advice = advice_to_enter(Path(error.filename)) if error.errno == errno.EACCES else ""
    return UsageError(f"{what} can't be read", reason, advice)


def advice_to_enter(path: Path) -> str:
    """Return the command that gives this user access to a folder: ``sudo -E wltui`` may have made it root's."""
    for folder in (path, *path.parents):
        with suppress(OSError):
            if os.stat(folder).st_uid == os.geteuid():
                return f"Run: chmod u+rwx {shlex.quote(str(folder))}"
            return f"Run: sudo chown -R $USER {shlex.quote(str(folder))}"
    return ""
