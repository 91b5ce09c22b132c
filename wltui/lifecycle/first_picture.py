"""Paint the first picture of a start: the last screen of the same start, before anything large is imported.

It is painted only if it certainly belongs to the same user and instance, and fits, as :mod:`~.kept_files` says.
Nothing imported here takes long.
"""

import os
import select
import signal
import termios
import time

from .kept_files import Inputs, build_name, delete_kept, find_surplus, kept_folder, load

TYPE_CHECKING = False  # typing takes its time
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import NoReturn

FORMAT = b"wltui picture 1"
PATIENCE = 0.2
"""Seconds without progress after which the terminal is left to Textual."""
_NUMBERS = frozenset("0123456789;:")
_MOVES = frozenset("mHCG")
"""Final characters of the sequences that a picture may hold: styles, and moves of the cursor."""
_FORBIDDEN = frozenset(
    map(chr, (*range(13), *range(14, 32), *range(0x7F, 0xA0), 0x61C, *range(0x200B, 0x2010), *range(0x2028, 0x202F),
              *range(0x2060, 0x2070), 0xFEFF))
)  # fmt: skip
"""Characters that do not simply stand in a cell; of the control characters a picture may hold CR only."""

_ENTER, _LEAVE = b"\x1b[?1049h\x1b[?25l\x1b[0m\x1b[H\x1b[2J", b"\x1b[0m\x1b[?1049l\x1b[?25h"
_ENDING = signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM
_IFLAG, _LFLAG, _CC = 0, 3, 6


class FirstPicture:
    """The picture that stands on the terminal before the app, and the one that is saved for the next start."""

    def __init__(self, words: "Sequence[str]", environ: "Mapping[str, str]") -> None:
        self.folder = kept_folder(environ)
        self.text = ""
        """The picture that is on the terminal; empty for none."""
        self.size = 0, 0
        """Columns and rows of the terminal, if it was painted on."""
        self.attributes: list[int | list[bytes | int]] | None = None
        """The terminal's attributes before; None if it was not touched."""
        self.is_taken_over = False
        """Whether the app's driver has taken the terminal over, and will restore it."""
        self._name = build_name(words, environ)
        self._inputs = Inputs()

    def paint(self) -> None:
        """Paint the picture, if there is one for this terminal.

        Keys are not echoed from then on, and wait until they are read. SIGHUP and SIGTERM wait for the signal guard.
        """
        try:
            if os.tcgetpgrp(0) != os.getpgrp():
                return
            self.size = columns, rows = os.get_terminal_size(2)
            shown = load(self._path(columns, rows), FORMAT)
            if not shown or not is_plain(shown.decode()):
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
        except (OSError, ValueError, termios.error):
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
        self._inputs.record(paths)

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
        if not is_plain(picture):
            return False
        path, until = self._path(columns, rows), time.time() + seconds
        if not self._inputs.save(path, FORMAT, picture.encode(), until=until, write=write):
            return False
        delete_kept(find_surplus(self.folder, seconds))
        return True

    def _path(self, columns: int, rows: int) -> str:
        return f"{self.folder}/{self._name}-{columns}x{rows}"


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
    return _FORBIDDEN.isdisjoint("".join(texts))


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
