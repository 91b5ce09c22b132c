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
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from wltui.lifecycle.signals import reset_terminal, wait_for_foreground

from .difference import Abilities
from .output import ALTERNATE, CellScreen, Mark, Raw, Writer, keeps_cells
from .suspend import Stops

_CHUNK = 4096
"""Bytes of one read."""
_LOOK = 0.1
"""Seconds after which reading looks whether it is to end."""

_FRAME = re.compile(r"\x1b\[\d+;\d+H")
_SYNCHRONIZED = {"\x1b[?2026h", "\x1b[?2026l"}
_COLOUR_ERASERS = ("xterm", "alacritty", "contour", "foot", "ghostty", "iterm", "konsole", "linux", "mintty", "putty",
                   "rxvt", "vte", "wezterm")  # fmt: skip
"""The names of terminals whose erased cells get the background of the current style (terminfo's bce)."""


def driver_class(name: str, stock: type[Driver] = LinuxDriver) -> type[Driver] | None:
    """Return the driver that the app should use; None leaves the choice to Textual.

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
    """Return the abilities that the terminal is known to have, by its name."""
    term = environ.get("TERM", "")
    old = term.startswith(("vt", "ansi", "cons25", "dumb")) or not term
    screen = "STY" in environ  # GNU screen does not erase in colour, whatever TERM says
    return Abilities(
        colours_erased=term.startswith(_COLOUR_ERASERS) and not screen, erases=not old, moves_lines=not old
    )


@contextmanager
def _never_waiting(terminal: int) -> Iterator[int]:
    """Return a terminal for reads that never wait, or None if it can't be opened anew.

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
        self._screen = CellScreen(abilities(os.environ))
        self._writer: Writer | None = None
        self._taken_over = False
        self._stops = Stops(self.suspend_application_mode, self.resume_application_mode)

    # What the app may ask

    def repaint(self) -> None:
        """Paint everything anew, as the terminal shows something else than it was told."""
        self._screen.forget()
        self._send_frame()

    def picture(self) -> str | None:
        """Return the text that paints the screen as it is, or was when left, on a cleared terminal of its size.

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
                self._send(Raw(data))
            self._send_frame()
        elif data == ALTERNATE and self._taken_over:
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
            self._writer = Writer(self._file, self._screen, self._crash)
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
        """Return the bytes that have come; none, after a moment, if the terminal has gone: the program ends then."""
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
            self._writer.send(Mark.FRAME)
