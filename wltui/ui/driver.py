"""A Textual driver that writes only the cells that changed, and knows esc at once.

Textual writes whole widgets anew. Here each of its frames is painted on a screen of cells in memory, and a thread of
its own writes what makes the terminal show that screen, whenever the terminal has taken the last of it. Frames in
between are never sent. What is no frame (modes, queries, titles, bells, the clipboard) goes through, in its order.
"""

import inspect
import os
import re
import select
import shutil
import sys
import threading
from codecs import getincrementaldecoder
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import Enum
from typing import TextIO

from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from wltui.lifeline import reset_terminal, wait_for_foreground

from .cells import Grid
from .difference import Abilities, difference, whole
from .suspend import Stops

PATIENCE = 1.5
"""Seconds that a terminal may take nothing before leaving goes on without it."""
_CHUNK = 4096
"""Bytes of one write; as much as is still written after leaving was given up. And of one read."""
_LOOK = 0.1
"""Seconds after which reading looks whether it is to end."""

_FRAME = re.compile(r"\x1b\[\d+;\d+H")
_SYNCHRONIZED = {"\x1b[?2026h", "\x1b[?2026l"}
_ALTERNATE = "\x1b[?1049h"
_KEEPS_CELLS = re.compile(
    r"(?:\x07"
    r"|\x1b\[[<=>?][\d;]*\$?[a-zA-Z]"  # modes, queries, kitty's keys
    r"|\x1b\[\d* q"  # the cursor's shape
    r"|\x1b\[[\d;]*[cnt]"  # queries, and what is asked of the window
    r"|\x1b[]PX^_][^\x07\x1b]*(?:\x07|\x1b\\))*"  # titles, the clipboard, notifications, images
)
"""What neither changes a cell nor moves the cursor."""


_COLOUR_ERASERS = ("xterm", "alacritty", "contour", "foot", "ghostty", "iterm", "konsole", "linux", "mintty", "putty",
                   "rxvt", "vte", "wezterm")  # fmt: skip
"""The names of terminals whose erased cells get the background of the current style (terminfo's bce)."""


def driver_class(name: str, stock: type[Driver] = LinuxDriver) -> type[Driver] | None:
    """The driver that the app should use; None leaves the choice to Textual.

    Args:
        name: ``lean``, or ``stock`` for Textual's own.
        stock: the driver that the lean one stands on; if it is not built as expected, Textual's own is used.
    """
    if name != "lean" or "TEXTUAL_DRIVER" in os.environ or not fits(stock):
        return None
    return LeanDriver


def fits(stock: type[Driver]) -> bool:
    """Whether a driver of Textual is built as :class:`LeanDriver` expects of the one that it stands on."""
    methods = {
        "write": ["self", "data"],
        "flush": ["self"],
        "close": ["self"],
        "start_application_mode": ["self"],
        "stop_application_mode": ["self"],
        "process_message": ["self", "message"],
        "run_input_thread": ["self"],
    }
    for name, parameters in methods.items():
        method = getattr(stock, name, None)
        if not inspect.isfunction(method) or list(inspect.signature(method).parameters) != parameters:
            return False
    made, read = stock.__init__.__code__, stock.run_input_thread.__code__  # type: ignore[attr-defined]
    named = {"_file", "attrs_before", "fileno", "exit_event"} <= set(made.co_names)
    return named and {"XTermParser", "feed", "tick", "_debug"} <= set(read.co_names)


def abilities(environ: Mapping[str, str]) -> Abilities:
    """What the terminal is known to do right, by its name."""
    term = environ.get("TERM", "")
    old = term.startswith(("vt", "ansi", "cons25", "dumb")) or not term
    screen = "STY" in environ  # GNU screen does not erase in colour, whatever TERM says
    return Abilities(
        colours_erased=term.startswith(_COLOUR_ERASERS) and not screen, erases=not old, moves_lines=not old
    )


def keeps_cells(text: str) -> bool:
    """Whether a text neither changes a cell nor moves the cursor."""
    return _ALTERNATE not in text and _KEEPS_CELLS.fullmatch(text) is not None


@contextmanager
def _never_waiting(terminal: int) -> Iterator[int]:
    """A terminal for reads that never wait, if it can be opened anew.

    What ``select`` has announced may be gone: while this process was stopped, a shell has read it. A read that waits
    would then keep the program from ending until the next key. O_NONBLOCK on the descriptor that the process was
    given would reach the shell, which shares it.
    """
    try:
        own = os.open(os.ttyname(terminal), os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        yield terminal
        return
    try:
        yield own
    finally:
        os.close(own)


class _Mark(Enum):
    FRAME = 0
    """In the queue: the newest frame goes out here."""


class _Raw(str):
    """A text that paints more than cells hold, such as an image: sent as it is, and painted as far as it goes."""


class _Writer(threading.Thread):
    """Sends texts in order, and for a mark what the screen lacks by then."""

    def __init__(self, file: TextIO, screen: "_Screen", broken: Callable[[BaseException], object]) -> None:
        """``broken`` is told of a defect in here, after which nothing more is sent; by this thread."""
        super().__init__(daemon=True, name="lean-output")
        self._file, self._screen, self._broken = file, screen, broken
        self._descriptor = file.fileno()
        self._queue: deque[str | _Mark | None] = deque()
        self._ready = threading.Condition()
        self._given_up = self._ended_well = False
        self._progress = 0

    def send(self, item: str | _Mark) -> None:
        """Send a text, or the newest frame unless it is about to be sent anyway; never waits."""
        with self._ready:
            if item is _Mark.FRAME and self._frame_waits():
                return
            self._queue.append(item)
            self._ready.notify()

    def _frame_waits(self) -> bool:
        """Whether the newest frame goes out behind all that would spoil it."""
        for item in reversed(self._queue):
            if item is _Mark.FRAME:
                return True
            if isinstance(item, str) and not keeps_cells(item):
                return False
        return False

    def skip_frame(self) -> None:
        """Send no frame any more that is still waiting."""
        with self._ready, suppress(ValueError):
            while True:
                self._queue.remove(_Mark.FRAME)

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
            with suppress(OSError):  # the terminal has gone; the lifeline ends the program
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
            text = self._screen.update() if isinstance(item, _Mark) else self._screen.raw(item)
            self._write(text.encode(self._file.encoding or "utf-8", "replace"))

    def _write(self, data: bytes) -> None:
        """Write past the file object, whose lock would keep a program from ending that its terminal does not read."""
        while data and not self._given_up:
            try:
                data = data[os.write(self._descriptor, data[:_CHUNK]) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [])
            self._progress += 1


class _Screen:
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
        """The terminal may show anything."""
        with self._lock:
            self._known = False

    def update(self) -> str:
        """What is to be written for the terminal to show what is wanted."""
        with self._lock:
            if self._want is None or self.hold:
                return ""
            want = self._want.copy()
            shown, self._shown = self._shown if self._known else None, want
            self._known = True
        text = whole(want, self._can) if shown is None else difference(shown, want, self._can)
        return f"\x1b[?2026h{text}\x1b[?2026l" if text and self.synchronized else text

    def raw(self, text: str) -> str:
        """What is to be written for a text that goes through, and is being written."""
        if isinstance(text, _Raw):
            with self._lock:
                if self._shown is not None:
                    self._shown.paint(text)
                    self._shown.y = -1  # an image moves the cursor
        elif not keeps_cells(text):
            self.forget()
        return text

    def take(self, picture: str, width: int, height: int) -> None:
        """The terminal shows a picture, and is to do so until ``hold`` ends."""
        with self._lock:
            self._want = Grid(width, height)
            self._want.paint(picture)
            self._shown = self._want.copy()
            self._shown.y = -1
            self._known = self.hold = True

    def picture(self) -> str | None:
        """What paints the shown screen on a cleared terminal."""
        with self._lock:
            if self._shown is None:
                return None
            shown = self._shown.copy()
        shown.y = max(shown.y, 0)
        return difference(Grid(shown.width, shown.height), shown, Abilities(erases=False, moves_lines=False))


class LeanDriver(LinuxDriver):
    """Textual's driver for terminals, but for how they are written and read."""

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        # GNU screen holds a lone esc back while a mouse mode is on.
        super().__init__(app, debug=debug, mouse=mouse and "STY" not in os.environ, size=size)
        self._screen = _Screen(abilities(os.environ))
        self._writer: _Writer | None = None
        self._taken_over = False
        self._stops = Stops(self.suspend_application_mode, self.resume_application_mode)

    # What the app may ask

    def repaint(self) -> None:
        """Paint everything anew, as the terminal shows something else than it was told."""
        self._screen.forget()
        self._send_frame()

    def picture(self) -> str | None:
        """The screen as it is shown now, or was when it was left: paints it on a cleared terminal of the same size.

        None as long as nothing was shown. It ends with plain style, and switches no modes.
        """
        return self._screen.picture()

    def take_over(self, picture: str) -> None:
        """Begin with a terminal that is on its alternate screen, with its cursor hidden, and shows ``picture``.

        To be called before the application mode starts. Frames wait from then on, see :attr:`hold`.
        """
        self._screen.take(picture, *shutil.get_terminal_size())
        self._taken_over = True

    @property
    def hold(self) -> bool:
        """Whether frames wait for :meth:`release`, or for the app to find that the terminal has another size."""
        return self._screen.hold

    def delay(self) -> None:
        """Let frames wait."""
        self._screen.hold = True

    def release(self) -> None:
        """Show what has been painted meanwhile."""
        self._screen.hold = False
        self._send_frame()

    # What Textual asks

    def write(self, data: str) -> None:
        if data in _SYNCHRONIZED:
            self._screen.synchronized = True
        elif _FRAME.match(data):
            if not self._screen.frame(data, *self._app.size):
                self._send(_Raw(data))
            self._send_frame()
        elif data == _ALTERNATE and self._taken_over:
            self._taken_over = False  # it would be cleared
        else:
            self._send(data)
            if not keeps_cells(data):
                self._send_frame()

    @property
    def can_stop(self) -> bool:
        """Whether a shell could let the program go on once it has stopped."""
        return self._stops.can_stop

    def stop(self) -> None:
        """Stop the program and whatever runs with it in its job, and go on when the shell says so."""
        self._stops.stop(0)

    def start_application_mode(self) -> None:
        wait_for_foreground(self.fileno)
        self._stops.listen()
        if not self._taken_over:
            self._screen.forget()
        if self._writer is None and self._file is not None:
            self._writer = _Writer(self._file, self._screen, self._crash)
            self._writer.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._send_frame()  # after a suspension nobody else may

    def stop_application_mode(self) -> None:
        self._stops.ignore()
        if self._writer is not None:
            self._writer.skip_frame()
        super().stop_application_mode()

    def close(self) -> None:
        super().close()
        writer, self._writer = self._writer, None
        if writer is not None and not writer.stop():
            reset_terminal(self.attrs_before)
        self._stops.rest()  # not before all is sent: the program would stop with the terminal half given back

    def run_input_thread(self) -> None:
        from .keyboard import Keyboard, escape_seconds  # which needs what fits() has looked for

        keyboard = Keyboard(escape_seconds(os.environ), debug=self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        over, silent = False, 0.0
        with _never_waiting(self.fileno) as keys:
            while not over:
                over = self.exit_event.is_set()  # what the terminal answers to the end is read once more
                wait = min(_LOOK, keyboard.patience or _LOOK)
                if select.select([keys], [], [], wait)[0]:
                    silent, messages = 0.0, keyboard.take(decode(self._read(keys)))
                else:
                    silent += wait
                    due = keyboard.patience is not None and silent >= keyboard.patience
                    messages = keyboard.give_up() if due else ()
                for message in messages:
                    self.process_message(message)

    def _read(self, keys: int) -> bytes:
        """What has come; nothing, after a moment, where the terminal has gone: the lifeline ends the program then."""
        try:
            if data := os.read(keys, _CHUNK):
                return data
        except BlockingIOError:
            return b""
        except OSError:
            pass
        self.exit_event.wait(_LOOK)
        return b""

    def _crash(self, error: BaseException) -> None:
        """End the app with a report, as nothing could be shown any more."""

        def fail() -> None:
            raise error

        self._app.call_later(fail)

    def _send(self, text: str) -> None:
        if self._writer is not None:
            self._writer.send(text)

    def _send_frame(self) -> None:
        if self._writer is not None:
            self._writer.send(_Mark.FRAME)
