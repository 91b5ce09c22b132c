"""Stop and continue, as ctrl+z and ``fg`` ask for it.

All of it happens between two steps of the event loop, never inside one: a signal handler may interrupt the very
code that gives the terminal back or takes it again. Outside of the application mode the signals are left to the
system. It does not stop processes of an orphaned process group, which no shell could continue (POSIX, 2.4.3).
"""

import asyncio
import os
import signal
from collections.abc import Callable

from wltui.lifecycle.signals import wait_for_foreground

_SIGNALS = signal.SIGTSTP, signal.SIGCONT


class Stops:
    """Gives the terminal back before the process stops, and takes it again once a shell has continued it."""

    def __init__(self, leave: Callable[[], object], enter: Callable[[], object]) -> None:
        """``leave`` ends the application mode and calls :meth:`rest`; ``enter`` begins it and calls :meth:`listen`."""
        self._leave, self._enter = leave, enter
        self._loop: asyncio.AbstractEventLoop | None = None
        """The event loop while it handles the signals, else None."""
        self._is_on = False
        """Whether the terminal is in the application mode and stays in it."""
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)  # Textual has set handlers of its own

    @property
    def can_stop(self) -> bool:
        """Whether a shell could continue this process; False for a session leader (its parent is elsewhere)."""
        return os.getsid(0) != os.getpid()

    def listen(self) -> None:
        """Handle the signals, as the application mode begins."""
        self._is_on = True
        self._loop = asyncio.get_running_loop()
        self._loop.add_signal_handler(signal.SIGTSTP, self.stop, os.getpid())
        self._loop.add_signal_handler(signal.SIGCONT, self._on_continue)

    def ignore(self) -> None:
        """Ignore requests to stop while the terminal is being given back, which must not be interrupted."""
        self._is_on = False

    def rest(self) -> None:
        """Leave the signals to the system, after the terminal has been given back."""
        if self._loop is not None:
            for number in _SIGNALS:
                self._loop.remove_signal_handler(number)
            self._loop = None

    def stop(self, pid: int) -> None:
        """Stop this process, or its group if ``pid`` is 0, and return once a shell has continued it."""
        if self._is_on and self.can_stop:
            self._leave()
            os.kill(pid, signal.SIGTSTP)
            self._enter()

    def _on_continue(self) -> None:
        """Take the terminal again after a SIGSTOP, which left no time to give it back."""
        if self._is_on:
            self.rest()
            wait_for_foreground()
            self._leave()
            self._enter()
