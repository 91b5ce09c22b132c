"""Paint the first picture of a start: the last screen of the same start, before anything large is imported.

It is painted only if it certainly belongs to the same user and instance, and fits: its name is made from all that
decides so and is known at once, and it lists the files that decide so too, with their state. A picture that is damaged
or outdated only costs the time that it would have saved. Nothing imported here takes long.
"""

import hashlib
import os
import select
import signal
import stat
import termios
import time

from wltui import __version__
from wltui.core.folders import user_folder

TYPE_CHECKING = False  # typing takes its time
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import NoReturn

FORMAT = b"wltui picture 1"
MOST_BYTES = 1 << 20
PATIENCE = 0.2
"""Seconds without progress after which the terminal is left to Textual."""
MOST_PICTURES = 12
"""Pictures of one host user: a start, such as of a profile, has one for each size of the terminal."""
VARIABLES = (
    "HOME", "TERM", "COLORTERM", "NO_COLOR", "TERM_PROGRAM", "LANG", "TZ", "PYTHONIOENCODING", "PYTHONUTF8",
)  # fmt: skip
PREFIXES = ("WLTUI_", "WALLAROO_", "TEXTUAL_", "LC_", "XDG_")
"""Prefixes of variables that decide who the user is and how a screen looks, beside :data:`VARIABLES`."""
TOKEN = "WLTUI_TOKEN"  # noqa: S105
"""The variable whose user decides; the token itself is another one every time."""
PASSWORD = "WALLAROO_PASSWORD"  # noqa: S105
"""The variable whose presence decides, not its value: a file name must not confirm a guessed password."""

_NUMBERS = frozenset("0123456789;:")
_MOVES = frozenset("mHCG")
"""Final characters of the sequences that a picture may hold: styles, and moves of the cursor."""

_ENTER, _LEAVE = b"\x1b[?1049h\x1b[?25l\x1b[0m\x1b[H\x1b[2J", b"\x1b[0m\x1b[?1049l\x1b[?25h"
_ENDING = signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM
_IFLAG, _LFLAG, _CC = 0, 3, 6


class FirstPicture:
    """The picture that stands on the terminal before the app, and the one that is saved for the next start."""

    def __init__(self, words: "Sequence[str]", environ: "Mapping[str, str]") -> None:
        self.folder = pictures_folder(environ)
        self.text = ""
        """The picture that is on the terminal; empty for none."""
        self.size = 0, 0
        """Columns and rows of the terminal, if it was painted on."""
        self.attributes: list[int | list[bytes | int]] | None = None
        """The terminal's attributes before; None if it was not touched."""
        self.is_taken_over = False
        """Whether the app's driver has taken the terminal over, and will restore it."""
        self._name = _build_name(words, environ)
        self._paths: tuple[str, ...] = ()
        self._inputs = ""

    def paint(self) -> None:
        """Paint the picture, if there is one for this terminal.

        Keys are not echoed from then on, and wait until they are read. SIGHUP and SIGTERM wait for the signal guard.
        """
        try:
            if os.tcgetpgrp(0) != os.getpgrp():
                return
            self.size = columns, rows = os.get_terminal_size(2)
            shown = _load(self._path(columns, rows))
            if not shown:
                return
            before = termios.tcgetattr(0)
            quiet = termios.tcgetattr(0)
            # Like Textual, except that ctrl+c ends a start that hangs.
            quiet[_IFLAG] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
            quiet[_LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
            for key in (termios.VSUSP, termios.VQUIT):
                quiet[_CC][key] = b"\0"
            quiet[_CC][termios.VMIN], quiet[_CC][termios.VTIME] = 1, 0
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP, signal.SIGTERM})
            for number in _ENDING:
                signal.signal(number, self._end)
            self.attributes = before
            termios.tcsetattr(0, termios.TCSANOW, quiet)
            _write(_ENTER + shown)
        except (OSError, termios.error):
            self.restore_terminal()
        else:
            self.text = shown.decode()

    def _end(self, number: int, _: object) -> "NoReturn":
        """End the process at ctrl+c and the like: an exception may get lost in an import, or bring Python down."""
        self.restore_terminal()
        os._exit(128 + number)

    def restore_terminal(self) -> None:
        """Restore the terminal, unless the app's driver does."""
        if self.attributes is None or self.is_taken_over:
            return
        try:
            termios.tcsetattr(0, termios.TCSANOW, self.attributes)
            _write(_LEAVE)
        except (OSError, termios.error):
            pass  # the terminal is gone, or is not read
        self.attributes, self.text = None, ""

    def record_inputs(self, paths: "Iterable[os.PathLike[str] | str]") -> None:
        """Remember the state of the files that decide whose data is shown; call it before they are read.

        If one of them changes later, no picture is saved, and none that was saved is painted.
        """
        self._paths = tuple(os.fspath(path) for path in paths)
        try:
            self._inputs = _hash_inputs(self._paths)
        except OSError:
            self._paths = ()

    def save(
        self,
        picture: str,
        columns: int,
        rows: int,
        *,
        seconds: float,
        write: "Callable[[str, bytes], object]",
    ) -> bool:
        """Save a picture for the next start; return False if it would not be valid there.

        Args:
            picture: the text, as :func:`is_plain` allows it.
            columns: the width of the terminal.
            rows: its height.
            seconds: how long the picture may be painted.
            write: writes a whole file, in a folder for this user alone.

        Raises:
            OSError: it can't be written.
        """
        if not self._paths or _hash_inputs(self._paths) != self._inputs:
            return False  # somebody else has signed in meanwhile
        head = "\n".join((f"{time.time() + seconds}", self._inputs, "\0".join(self._paths)))
        content = head.encode("utf-8", "surrogateescape") + b"\n\n" + picture.encode()
        if not is_plain(picture) or any("\n" in path for path in self._paths) or len(content) > MOST_BYTES:
            return False
        write(self._path(columns, rows), b"%s %s\n%s" % (FORMAT, _hash(content), content))
        delete_pictures(_find_surplus(self.folder, seconds))
        return True

    def _path(self, columns: int, rows: int) -> str:
        return f"{self.folder}/{self._name}-{columns}x{rows}"


def pictures_folder(environ: "Mapping[str, str]") -> str:
    """Return the folder of the pictures, in that of the cache; it may not exist."""
    return f"{user_folder('XDG_CACHE_HOME', environ)}/pictures"


def list_pictures(folder: str) -> list[str]:
    """Return the paths of the pictures in a folder, newest first."""
    try:
        with os.scandir(folder) as entries:
            aged = [(entry.stat(follow_symlinks=False).st_mtime, entry.path) for entry in entries]
    except OSError:
        return []
    return [path for _, path in sorted(aged, reverse=True)]


def is_plain(picture: str) -> bool:
    """Return whether a picture holds only text, styles and moves of the cursor, as wltui paints it.

    Somebody may have changed the file, and another sequence could write to the clipboard, for example.
    """
    text, *sequences = picture.split("\x1b")
    texts = [text]
    for sequence in sequences:
        end = 1
        while sequence[end : end + 1] in _NUMBERS:
            end += 1
        if sequence[:1] != "[" or sequence[end : end + 1] not in _MOVES:
            return False
        texts.append(sequence[end + 1 :])
    return (
        "".join(texts).replace("\r", "").isprintable()
    )  # of the control characters a picture may hold CR only


def delete_pictures(paths: "Iterable[str]") -> int:
    """Delete pictures and return the bytes freed; a picture that is gone already is skipped.

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


def _find_surplus(folder: str, seconds: float) -> list[str]:
    """Return the pictures beyond the limits of number and age, and those that a killed process left half written."""
    oldest = time.time() - seconds
    kept = list_pictures(folder)
    old = [path for path in kept[:MOST_PICTURES] if os.lstat(path).st_mtime < oldest]
    return kept[MOST_PICTURES:] + old


def _build_name(words: "Sequence[str]", environ: "Mapping[str, str]") -> str:
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


def _token_user(token: str) -> str:
    """Return whom a token names, as :func:`wltui.auth.identity.identify` does, or the token if it names nobody."""
    from wltui.core.jwt import user_id  # many starts have no such variable

    return user_id(token.strip()) or token


def _hash_inputs(paths: "Iterable[str]") -> str:
    """Return a hash of when files were written and, for a folder of sign-ins, of who signed in when.

    Their content does not count: it is secret, and that of a sign-in changes with every renewal. The modification time
    of a sign-in's file is when the user signed in, see :meth:`wltui.auth.token_store.TokenStore.save`.
    """
    parts: list[str] = []
    for path in paths:
        try:
            names = sorted(os.listdir(path))
        except NotADirectoryError:
            status = os.stat(path)
            parts.append(f"{path} {status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}")
        except FileNotFoundError:
            pass  # the same as an empty folder
        else:
            sign_ins = [f"{path}/{name}" for name in names if name.endswith(".json")]
            parts += [f"{sign_in} {os.stat(sign_in).st_mtime_ns}" for sign_in in sign_ins]
    return _hash("\0".join(parts).encode("utf-8", "surrogateescape")).decode()


def _load(path: str) -> bytes:
    """Return the picture in a file, or nothing if there is none that may be painted now."""
    try:
        if any(map(_is_open_to_others, (os.path.dirname(path), os.path.dirname(os.path.dirname(path))))):
            return b""
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077 or status.st_uid != os.geteuid():
                return b""
            head, _, content = file.read(MOST_BYTES + 100).partition(b"\n")
        if head != b"%s %s" % (FORMAT, _hash(content)):
            return b""
        until, state, rest = content.split(b"\n", 2)
        paths, _, picture = rest.partition(b"\n\n")
        named = paths.decode("utf-8", "surrogateescape").split("\0")
        fits = (
            time.time() < float(until)
            and _hash_inputs(named).encode() == state
            and is_plain(picture.decode())
        )
    except (OSError, ValueError):
        return b""
    return picture if fits else b""


def _is_open_to_others(folder: str) -> bool:
    """Return whether others own a folder or can write to it, as :mod:`wltui.store.private_files` does more slowly."""
    status = os.stat(folder)
    return status.st_uid != os.geteuid() or bool(status.st_mode & 0o022)


def _hash(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _write(content: bytes) -> None:
    """Write to the terminal on standard error; raise OSError if it accepts nothing for a while."""
    terminal = os.open(os.ttyname(2), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        while content:
            if not select.select([], [terminal], [], PATIENCE)[1]:
                raise TimeoutError
            content = content[os.write(terminal, content) :]
    finally:
        os.close(terminal)
