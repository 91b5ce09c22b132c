"""What goes out to the terminal: texts in their order, and in between the cells in which its screen differs."""

import os
import re
import select
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from typing import TextIO

from .cells import Grid
from .difference import Abilities, difference, whole

PATIENCE = 1.5
"""Seconds that a terminal may take nothing before leaving goes on without it."""
ALTERNATE = "\x1b[?1049h"
"""Shows the alternate screen, empty."""
_CHUNK = 4096
"""Bytes of one write; as much as is still written after leaving was given up."""

_KEEPS_CELLS = re.compile(
    r"(?:\x07"
    r"|\x1b\[[<=>?][\d;]*\$?[a-zA-Z]"  # modes, queries, kitty's keys
    r"|\x1b\[\d* q"  # the cursor's shape
    r"|\x1b\[[\d;]*[cnt]"  # queries, and what is asked of the window
    r"|\x1b[]PX^_][^\x07\x1b]*(?:\x07|\x1b\\))*"  # titles, the clipboard, notifications, images
)
"""What neither changes a cell nor moves the cursor."""


def keeps_cells(text: str) -> bool:
    """Whether a text neither changes a cell nor moves the cursor."""
    return ALTERNATE not in text and _KEEPS_CELLS.fullmatch(text) is not None


class Mark(Enum):
    FRAME = 0
    """In the queue: the newest frame goes out here."""


class Raw(str):
    """A text that paints more than cells hold, such as an image: sent as it is, and painted as far as it goes."""


class CellScreen:
    """The wanted screen and the shown one."""

    def __init__(self, can: Abilities) -> None:
        self._can = can
        self._lock = threading.RLock()  # a signal's handler may come back to it
        self._want: Grid | None = None
        self._shown: Grid | None = None
        self._known = False
        """Whether the terminal shows ``_shown``."""
        self.synchronized = False
        self.hold = False

    def frame(self, text: str, width: int, height: int) -> bool:
        """Paint a frame; False if it holds what cells do not show."""
        with self._lock:
            if self._want is not None and (self._want.width, self._want.height) != (width, height):
                self._want, self._known, self.hold = None, False, False
            if self._want is None:
                self._want = Grid(width, height)
            return self._want.paint(text)

    def forget(self) -> None:
        """Forget what the terminal shows: it may show anything."""
        with self._lock:
            self._known = False

    def update(self) -> str:
        """Return the text to write for the terminal to show the wanted screen."""
        with self._lock:
            if self._want is None or self.hold:
                return ""
            want = self._want.copy()
            shown, self._shown = self._shown if self._known else None, want
            self._known = True
        text = whole(want, self._can) if shown is None else difference(shown, want, self._can)
        return f"\x1b[?2026h{text}\x1b[?2026l" if text and self.synchronized else text

    def raw(self, text: str) -> str:
        """Return the text to write for one that goes through, and is being written."""
        if isinstance(text, Raw):
            with self._lock:
                if self._shown is not None:
                    self._shown.paint(text)
                    self._shown.y = -1  # an image moves the cursor
        elif not keeps_cells(text):
            self.forget()
        return text

    def take(self, picture: str, width: int, height: int) -> None:
        """Take over a terminal that shows a picture, and is to do so until ``hold`` ends."""
        with self._lock:
            self._want = Grid(width, height)
            self._want.paint(picture)
            self._shown = self._want.copy()
            self._shown.y = -1
            self._known = self.hold = True

    def picture(self) -> str | None:
        """Return the text that paints the shown screen on a cleared terminal."""
        with self._lock:
            if self._shown is None:
                return None
            shown = self._shown.copy()
        shown.y = max(shown.y, 0)
        return difference(Grid(shown.width, shown.height), shown, Abilities(erases=False, moves_lines=False))


class Writer(threading.Thread):
    """Sends texts in order, and for a mark what the screen lacks by then."""

    def __init__(self, file: TextIO, screen: CellScreen, broken: Callable[[BaseException], object]) -> None:
        """``broken`` is told of a defect in here, after which nothing more is sent; by this thread."""
        super().__init__(daemon=True, name="lean-output")
        self._file, self._screen, self._broken = file, screen, broken
        self._descriptor = file.fileno()
        self._queue: deque[str | Mark | None] = deque()
        self._ready = threading.Condition()
        self._given_up = self._ended_well = False
        self._progress = 0

    def send(self, item: str | Mark) -> None:
        """Send a text, or the newest frame unless it is about to be sent anyway; never waits."""
        with self._ready:
            if item is Mark.FRAME and self._frame_waits():
                return
            self._queue.append(item)
            self._ready.notify()

    def _frame_waits(self) -> bool:
        """Whether the newest frame goes out behind all that would spoil it."""
        for item in reversed(self._queue):
            if item is Mark.FRAME:
                return True
            if isinstance(item, str) and not keeps_cells(item):
                return False
        return False

    def skip_frame(self) -> None:
        """Send no frame any more that is still waiting."""
        with self._ready, suppress(ValueError):
            while True:
                self._queue.remove(Mark.FRAME)

    def stop(self) -> bool:
        """Wait until all is sent; False if the terminal takes nothing for ``PATIENCE`` seconds, or never will."""
        with self._ready:
            self._queue.append(None)
            self._ready.notify()
        while self.is_alive():
            before = self._progress
            self.join(PATIENCE)
            if self._progress == before and self.is_alive():
                self._given_up = True
                return False
        return self._ended_well

    def run(self) -> None:
        try:
            with suppress(OSError):  # the terminal has gone; the guard ends the program
                self._send_all()
            self._ended_well = True
        finally:
            if error := sys.exception():
                self._broken(error)

    def _send_all(self) -> None:
        self._file.flush()
        while True:
            with self._ready:
                while not self._queue:
                    self._ready.wait()
                item = self._queue.popleft()
            if item is None:
                return
            text = self._screen.update() if isinstance(item, Mark) else self._screen.raw(item)
            self._write(text.encode(self._file.encoding or "utf-8", "replace"))

    def _write(self, data: bytes) -> None:
        """Write past the file object, whose lock would keep a program from ending that its terminal does not read."""
        while data and not self._given_up:
            try:
                data = data[os.write(self._descriptor, data[:_CHUNK]) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [])
            self._progress += 1
