"""A Textual driver that writes only the cells that changed, and knows esc at once.

Textual writes whole widgets anew. Here each of its frames is painted on a screen of cells in memory. A thread writes
the difference between that screen and the shown one as soon as the terminal has taken the previous output; frames in
between are never sent. All other output (modes, queries, titles, bells, the clipboard) goes through, in its order.
"""

import inspect
import os
import re
import select
import shutil
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module

from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from wltui.core.errors import UsageError
from wltui.lifecycle.signals import reset_terminal, wait_for_foreground

from .difference import Abilities
from .output import ALTERNATE, CellScreen, Mark, Raw, Writer, keeps_cells
from .suspend import Stops

_CHUNK = 4096
"""Bytes of one read."""
_LOOK = 0.1
"""Seconds between checks whether the input thread has to end."""

_FRAME = re.compile(r"\x1b\[\d+;\d+H")
_SYNCHRONIZED = {"\x1b[?2026h", "\x1b[?2026l"}
_COLOUR_ERASERS = ("xterm", "alacritty", "contour", "foot", "ghostty", "iterm", "konsole", "linux", "mintty", "putty",
                   "rxvt", "vte", "wezterm")  # fmt: skip
"""The names of terminals whose erased cells get the background of the current style (terminfo's bce)."""


def driver_class(name: str, stock: type[Driver] = LinuxDriver) -> type[Driver] | None:
    """Return the driver that the app should use; None leaves the choice to Textual.

    Args:
        name: ``lean``, or ``stock`` for Textual's own; that of the variable ``TEXTUAL_DRIVER`` comes before both.
        stock: the base class of the lean driver; if it is not built as expected, Textual's own driver is used.

    Raises:
        UsageError: ``TEXTUAL_DRIVER`` names no driver.
    """
    if named := os.environ.get("TEXTUAL_DRIVER"):
        return _find_driver(named)
    return LeanDriver if name == "lean" and is_compatible(stock) else None


def _find_driver(named: str) -> type[Driver]:
    """Return the driver that ``TEXTUAL_DRIVER`` names, as ``module:Class``.

    Raises:
        UsageError: there is no such driver.
    """
    module, _, symbol = named.partition(":")
    try:
        found = getattr(import_module(module), symbol, None)
    except (ImportError, ValueError):
        found = None
    if not inspect.isclass(found) or not issubclass(found, Driver):
        raise UsageError(
            "TEXTUAL_DRIVER names no driver", named, "Unset it, or set it to MODULE:CLASS of a Textual driver"
        )
    return found


def is_compatible(stock: type[Driver]) -> bool:
    """Return whether a driver of Textual is built as :class:`LeanDriver` expects of its base class."""
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
def _open_nonblocking(terminal: int) -> Iterator[int]:
    """Yield a descriptor of the terminal whose reads never block, or the given one if it can't be opened again.

    Input that ``select`` has announced may be gone: a shell may have read it while this process was stopped. A
    blocking read would then keep the program from ending until the next key. O_NONBLOCK on the inherited descriptor
    would affect the shell, which shares it.
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
    """Textual's driver for terminals, with its own output and input."""

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._screen = CellScreen(abilities(os.environ))
        self._writer: Writer | None = None
        self._taken_over = False
        self._stops = Stops(self.suspend_application_mode, self.resume_application_mode)

    # For the app

    def repaint(self) -> None:
        """Paint everything anew, since other programs may have written to the terminal."""
        self._screen.forget()
        self._send_frame()

    def picture(self) -> str | None:
        """Return the text that paints the present or last screen on a cleared terminal of its size.

        Return None if nothing has been shown yet. The text ends with plain style and switches no modes.
        """
        return self._screen.picture()

    def take_over(self, picture: str) -> None:
        """Begin with a terminal that is on its alternate screen, with its cursor hidden, and shows ``picture``.

        Call it before the application mode starts. Frames wait from then on, see :attr:`hold`.
        """
        self._screen.take(picture, *shutil.get_terminal_size())
        self._taken_over = True

    @property
    def hold(self) -> bool:
        """Whether frames wait for :meth:`release`; a frame of another size ends the wait as well."""
        return self._screen.hold

    def delay(self) -> None:
        """Make frames wait for :meth:`release`."""
        self._screen.hold = True

    def release(self) -> None:
        """Show the frames painted meanwhile, and no longer make frames wait."""
        self._screen.hold = False
        self._send_frame()

    # For Textual

    def write(self, data: str) -> None:
        """Paint a frame of Textual's on the cells; send any other text in its order."""
        if data in _SYNCHRONIZED:
            self._screen.synchronized = True
        elif _FRAME.match(data):
            if not self._screen.frame(data, *self._app.size):
                self._send(Raw(data))
            self._send_frame()
        elif data == ALTERNATE and self._taken_over:
            self._taken_over = False  # the sequence would clear the picture
        else:
            self._send(data)
            if not keeps_cells(data):
                self._send_frame()

    @property
    def can_stop(self) -> bool:
        """Whether a shell could continue the program after a stop."""
        return self._stops.can_stop

    def stop(self) -> None:
        """Stop all processes of the program's job; return when the shell continues them."""
        self._stops.stop(0)

    def start_application_mode(self) -> None:
        """Take the terminal once the program is in the foreground, and show the screen on it."""
        wait_for_foreground(self.fileno)
        self._stops.listen()
        if not self._taken_over:
            self._screen.forget()
        if self._writer is None and self._file is not None:
            self._writer = Writer(self._file, self._screen, self._crash)
            self._writer.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._send_frame()  # after a suspension nothing else sends one

    def stop_application_mode(self) -> None:
        """Give the terminal back; a frame that is still queued is dropped."""
        self._stops.ignore()
        if self._writer is not None:
            self._writer.skip_frame()
        super().stop_application_mode()

    def close(self) -> None:
        """Wait until all output is sent; if the terminal takes none of it, reset its modes without waiting."""
        super().close()
        writer, self._writer = self._writer, None
        if writer is not None and not writer.stop():
            reset_terminal(self.attrs_before)
        self._stops.rest()  # not before all is sent: a stop would leave the terminal's modes half restored

    def run_input_thread(self) -> None:
        """Read the terminal and pass keys and other input to the app until the driver ends."""
        from .keyboard import Keyboard, escape_seconds  # its imports need what is_compatible() has checked

        keyboard = Keyboard(escape_seconds(os.environ), debug=self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        over, silent = False, 0.0
        with _open_nonblocking(self.fileno) as keys:
            while not over:
                over = self.exit_event.is_set()  # read the terminal's last answers once more
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
        """Return the bytes that have arrived; none, after a short wait, if the terminal has gone."""
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
        """Raise the error in the app, which ends with a crash report: without a writer nothing can be shown."""

        def fail() -> None:
            raise error

        self._app.call_later(fail)

    def _send(self, text: str) -> None:
        if self._writer is not None:
            self._writer.send(text)

    def _send_frame(self) -> None:
        if self._writer is not None:
            self._writer.send(Mark.FRAME)
