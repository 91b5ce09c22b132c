"""Files that are kept for the next start of the same command, and are valid as long as other files are as they were.

A file's name is made from all that decides what the command shows and is known at once: its words and the
environment. It lists the files that decide so too, with their state. One that is damaged or outdated only costs the
time that it would have saved. Nothing imported here takes long.
"""

import hashlib
import os
import stat
import time

from wltui import __version__
from wltui.core.folders import user_folder

TYPE_CHECKING = False  # typing takes its time
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

MOST_BYTES = 1 << 20
MOST_FILES = 24
"""Files of one host user: a start, such as of a profile, has one for each size of the terminal."""
VARIABLES = (
    "HOME", "TERM", "COLORTERM", "NO_COLOR", "TERM_PROGRAM", "LANG", "TZ", "PYTHONIOENCODING", "PYTHONUTF8",
)  # fmt: skip
PREFIXES = ("WLTUI_", "WALLAROO_", "TEXTUAL_", "LC_", "XDG_")
"""Prefixes of variables that decide who the user is and how a screen looks, beside :data:`VARIABLES`."""
TOKEN = "WLTUI_TOKEN"  # noqa: S105
"""The variable whose user decides; the token itself is another one every time."""
PASSWORD = "WALLAROO_PASSWORD"  # noqa: S105
"""The variable whose presence decides, not its value: a file name must not confirm a guessed password."""


class Inputs:
    """The state of the files that decide what is shown, recorded before they are read."""

    def __init__(self) -> None:
        self._paths: tuple[str, ...] = ()
        self._state = ""

    def record(self, paths: "Iterable[os.PathLike[str] | str]") -> None:
        """Remember the state of these files, and of the sign-ins and caches in these folders.

        If one of them changes later, nothing is saved, and nothing that was saved is loaded.
        """
        self._paths = tuple(os.fspath(path) for path in paths)
        try:
            self._state = _hash_state(self._paths)
        except OSError:
            self._paths = ()

    def save(
        self, path: str, form: bytes, body: bytes, *, until: float, write: "Callable[[str, bytes], object]"
    ) -> bool:
        """Save a file for the next start; return False if it would not be valid there.

        Args:
            path: the file, in :func:`kept_folder`.
            form: what it holds, with the number of its format.
            body: its content.
            until: when it is no longer valid, in seconds since 1970.
            write: writes a whole file, in a folder for this user alone.

        Raises:
            OSError: it can't be written.
        """
        if not self._paths or _hash_state(self._paths) != self._state:
            return False  # somebody else has signed in meanwhile, or read something
        head = "\n".join((f"{until}", self._state, "\0".join(self._paths)))
        content = head.encode("utf-8", "surrogateescape") + b"\n\n" + body
        if any("\n" in each for each in self._paths) or len(content) > MOST_BYTES:
            return False
        write(path, b"%s %s\n%s" % (form, _hash(content), content))
        return True


def load(path: str, form: bytes) -> bytes:
    """Return the content of a file, or nothing if there is none that may be shown now."""
    try:
        if any(map(_is_open_to_others, (os.path.dirname(path), os.path.dirname(os.path.dirname(path))))):
            return b""
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077 or status.st_uid != os.geteuid():
                return b""
            head, _, content = file.read(MOST_BYTES + 100).partition(b"\n")
        if head != b"%s %s" % (form, _hash(content)):
            return b""
        until, state, rest = content.split(b"\n", 2)
        paths, _, body = rest.partition(b"\n\n")
        named = paths.decode("utf-8", "surrogateescape").split("\0")
        is_valid = time.time() < float(until) and _hash_state(named).encode() == state
    except (OSError, ValueError):
        return b""
    return body if is_valid else b""


def build_name(words: "Sequence[str]", environ: "Mapping[str, str]") -> str:
    """Return a file name made from words and variables, which can't be read back from it."""
    decides: dict[str, Callable[[str], object]] = {PASSWORD: bool, TOKEN: _token_user}
    variables = [
        f"{name}={decides.get(name, str)(value)}"
        for name, value in sorted(environ.items())
        if name in VARIABLES or name.startswith(PREFIXES)
    ]
    text = "\0".join((__version__, *words, "", *variables))
    # A variable may hold bytes that are no UTF-8.
    return _hash(text.encode("utf-8", "surrogatepass"))[:20].decode()


def kept_folder(environ: "Mapping[str, str]") -> str:
    """Return the folder of these files, in that of the cache; it may not exist."""
    return f"{user_folder('XDG_CACHE_HOME', environ)}/pictures"


def list_kept(folder: str) -> list[str]:
    """Return the paths of the files in a folder, newest first."""
    try:
        with os.scandir(folder) as entries:
            aged = [(entry.stat(follow_symlinks=False).st_mtime, entry.path) for entry in entries]
    except OSError:
        return []
    return [path for _, path in sorted(aged, reverse=True)]


def delete_kept(paths: "Iterable[str]") -> int:
    """Delete files and return the bytes freed; one that is gone already is skipped.

    Raises:
        OSError: one can't be deleted.
    """
    freed = 0
    for path in paths:
        try:
            size = os.lstat(path).st_size
            os.unlink(path)
            freed += size
        except FileNotFoundError:
            pass
    return freed


def find_surplus(folder: str, seconds: float) -> list[str]:
    """Return the files beyond the limits of number and age, and those that a killed process left half written."""
    oldest = time.time() - seconds
    kept = list_kept(folder)
    old = [path for path in kept[:MOST_FILES] if os.lstat(path).st_mtime < oldest]
    return kept[MOST_FILES:] + old


def _token_user(token: str) -> str:
    """Return whom a token names, as :func:`wltui.auth.identity.identify` does, or the token if it names nobody."""
    from wltui.core.jwt import user_id  # many starts have no such variable

    return user_id(token.strip()) or token


def _hash_state(paths: "Iterable[str]") -> str:
    """Return a hash of when files were written and, for a folder, its sign-ins and caches.

    Their content does not count: it is secret, and that of a sign-in changes with every renewal. The modification time
    of a sign-in's file is when the user signed in, see :meth:`wltui.auth.token_store.TokenStore.save`.
    """
    parts: list[str] = []
    for path in paths:
        try:
            names = sorted(os.listdir(path))
        except NotADirectoryError:
            parts.append(_file_state(path))
        except FileNotFoundError:
            pass  # the same as an empty folder
        else:
            sign_ins = [f"{path}/{name}" for name in names if name.endswith(".json")]
            parts += [f"{sign_in} {os.stat(sign_in).st_mtime_ns}" for sign_in in sign_ins]
            parts += [_file_state(f"{path}/{name}") for name in names if name.endswith((".db", ".db-wal"))]
    return _hash("\0".join(parts).encode("utf-8", "surrogateescape")).decode()


def _file_state(path: str) -> str:
    """Return when a file was written; nothing for an empty one, such as the log beside a cache that is at rest."""
    status = os.stat(path)
    if not status.st_size:
        return ""
    return f"{path} {status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


def _is_open_to_others(folder: str) -> bool:
    """Return whether others own a folder or can write to it, as :mod:`wltui.store.private_files` does more slowly."""
    status = os.stat(folder)
    return status.st_uid != os.geteuid() or bool(status.st_mode & 0o022)


def _hash(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
