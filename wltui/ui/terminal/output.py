"""Output to the terminal: texts in their order, and between them the cells that differ from its screen."""

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
from .difference import Abilities, difference, full_repaint

PATIENCE = 1.5
"""Seconds without progress after which the end of the program no longer waits for the terminal."""
ALTERNATE = "\x1b[?1049h"
"""The sequence that shows the alternate screen, empty."""
_CHUNK = 4096
"""Bytes of one write: the most that is still written after :meth:`Writer.stop` gave up."""

_KEEPS_CELLS = re.compile(
    r"(?:\x07"
    r"|\x1b\[[<=>?][\d;]*\$?[a-zA-Z]"  # modes, queries, kitty's keys
    r"|\x1b\[\d* q"  # the cursor's shape
    r"|\x1b\[[\d;]*[cnt]"  # queries, and requests to the window
    r"|\x1bP(?:[^\x1b]|\x1b[^\\])*\x1b\\"  # images, and what GNU screen hands on
    r"|\x1b[]X^_][^\x07\x1b]*(?:\x07|\x1b\\))*"  # titles, the clipboard, notifications
)
"""Sequences that neither change a cell nor move the cursor."""


def keeps_cells(text: str) -> bool:
    """Return whether a text neither changes a cell nor moves the cursor."""
    return ALTERNATE not in text and _KEEPS_CELLS.fullmatch(text) is not None


class Mark(Enum):
    """A place in the queue that stands for something else than a text."""

    FRAME = 0
    """The newest frame goes out here."""


class Raw(str):
    """A text that paints more than cells hold, such as an image: sent as it is, and painted as far as possible."""


class CellScreen:
    """The wanted screen and the shown one."""

    def __init__(self, can: Abilities) -> None:
        self._can = can
        self._lock = threading.RLock()  # a signal handler may enter it again
        self._want: Grid | None = None
        self._shown: Grid | None = None
        self._known = False
        """Whether the terminal shows ``_shown``."""
        self.synchronized = False
        self.hold = False

    def frame(self, text: str, width: int, height: int) -> bool:
        """Paint a frame; return False if some of it can't be held in cells."""
        with self._lock:
            if self._want is not None and (self._want.width, self._want.height) != (width, height):
                self._want, self._known, self.hold = None, False, False
            if self._want is None:
                self._want = Grid(width, height)
            return self._want.paint(text)

    def forget(self) -> None:
        """Assume nothing about the terminal's screen: the next frame paints all of it."""
        with self._lock:
            self._known = False

    def update(self) -> str:
        """Return the text that makes the terminal show the wanted screen; the caller writes it at once."""
        with self._lock:
            if self._want is None or self.hold:
                return ""
            want = self._want.copy()
            shown, self._shown = self._shown if self._known else None, want
            self._known = True
        text = full_repaint(want, self._can) if shown is None else difference(shown, want, self._can)
        return f"\x1b[?2026h{text}\x1b[?2026l" if text and self.synchronized else text

    def raw(self, text: str) -> str:
        """Return a text that is sent as it is, after noting its effect on the shown screen."""
        if isinstance(text, Raw):
            with self._lock:
                if self._shown is not None:
                    self._shown.paint(text)
                    self._shown.y = -1  # an image moves the cursor
        elif not keeps_cells(text):
            self.forget()
        return text

    def take(self, picture: str, width: int, height: int) -> None:
        """Take over a terminal that shows a picture, and keep the picture until ``hold`` ends."""
        with self._lock:
            self._want = Grid(width, height)
            self._want.paint(picture)
            self._shown = self._want.copy()
            self._shown.y = -1
            self._known = self.hold = True

    def picture(self) -> str | None:
        """Return the text that paints the shown screen on a cleared terminal, or None if nothing was shown."""
        with self._lock:
            if self._shown is None:
                return None
            shown = self._shown.copy()
        shown.y = max(shown.y, 0)
        return difference(Grid(shown.width, shown.height), shown, Abilities(erases=False, moves_lines=False))


class Writer(threading.Thread):
    """Sends texts in order; at a mark, sends the difference between the wanted and the shown screen."""

    def __init__(
        self, file: TextIO, screen: CellScreen, on_failure: Callable[[BaseException], object]
    ) -> None:
        """``on_failure`` is called in this thread if it raises; nothing more is sent afterwards."""
        super().__init__(daemon=True, name="lean-output")
        self._file, self._screen, self._on_failure = file, screen, on_failure
        self._descriptor = file.fileno()
        self._queue: deque[str | Mark | None] = deque()
        self._ready = threading.Condition()
        self._given_up = self._ended_well = False
        self._progress = 0

    def send(self, item: str | Mark) -> None:
        """Queue a text or the newest frame, unless that is about to be sent anyway; never block."""
        with self._ready:
            if item is Mark.FRAME and self._frame_waits():
                return
            self._queue.append(item)
            self._ready.notify()

    def _frame_waits(self) -> bool:
        """Return whether a frame is queued after every text that changes cells."""
        for item in reversed(self._queue):
            if item is Mark.FRAME:
                return True
            if isinstance(item, str) and not keeps_cells(item):
                return False
        return False

    def skip_frame(self) -> None:
        """Drop the frames that are still queued."""
        with self._ready, suppress(ValueError):
            while True:
                self._queue.remove(Mark.FRAME)

    def stop(self) -> bool:
        """Wait until all is sent; return False if nothing is taken for ``PATIENCE`` seconds, or on a defect."""
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
        """Write the queue until :meth:`stop`."""
        try:
            with suppress(OSError):  # the terminal has gone, which ends the program
                self._send_all()
            self._ended_well = True
        finally:
            if error := sys.exception():
                self._on_failure(error)

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
        """Write to the descriptor: if the terminal is not read, the file object's lock would keep the program alive."""
        while data and not self._given_up:
            try:
                data = data[os.write(self._descriptor, data[:_CHUNK]) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [])
            self._progress += 1
