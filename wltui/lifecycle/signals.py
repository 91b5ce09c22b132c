"""End the process in order when its terminal goes away or a signal asks for it.

An ordinary handler runs in the event loop, and the loop may be stuck: once a terminal is no longer read, the
first full buffer blocks it. So threads that wait for nothing else own SIGHUP and SIGTERM and watch the
terminal, and the process is gone within two seconds of either, whatever state its loop is in. Every other signal
that would end the process takes the same way, so that none of them leaves the terminal in the app's modes.
"""

import os
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from wltui.core.credentials import child_environment

GRACE = 1.5
"""Seconds that the app has to end by itself."""

Attributes = list[int | list[bytes | int]]
"""The result of ``termios.tcgetattr``."""

_SIGNALS = {signal.SIGHUP, signal.SIGTERM}
_OTHERS = {
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGABRT,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGALRM,
    signal.SIGVTALRM,
    signal.SIGPROF,
    signal.SIGXCPU,
}
"""Signals that have a handler rather than a thread: children would inherit that they are blocked."""

_ATTEMPTS = 20
"""Times that a process in the background stops before it takes its process group for orphaned."""

_RESET = (
    b"\x18\x1b\\"  # ends a sequence that was cut off
    b"\x1b[?2026l\x1b[?2048l\x1b[?2004l\x1b[?1004l\x1b[?1016l\x1b[?1015l\x1b[?1006l\x1b[?1003l\x1b[?1000l"
    b"\x1b[<u"  # kitty's keys belong to the alternate screen, so they go before it
    b"\x1b[?1049l\x1b[?7h\x1b[?25h\x1b[0m"
)


class SignalGuard:
    """Ends the process with ``128 + signal`` when a signal arrives or the terminal goes away.

    A context manager. Enter it in the main thread, before any other thread exists: the signals are blocked
    from then on, and threads and children inherit that (see :func:`run_in_foreground`).

    Args:
        before: the terminal's attributes, if they have been changed already.
        grace: seconds that the app has to end by itself.
    """

    def __init__(self, before: Attributes | None = None, grace: float = GRACE) -> None:
        self._grace = grace
        self._before = before
        self._save: Callable[[], object] | None = None
        self._ask_exit: Callable[[int], object] | None = None
        self._cleanup: Callable[[], object] | None = None
        self._attributes: Attributes | None = None
        self._restored = False
        self._number: int | None = None
        """The signal that ended the process, if a handler received it."""
        self._last_word = threading.Lock()

    def start(self) -> None:
        """Take over the signals and remember the terminal's attributes; a job in the background stops here first."""
        wait_for_foreground()
        with suppress(termios.error):
            self._attributes = self._before or termios.tcgetattr(0)
        signal.signal(
            signal.SIGHUP, signal.SIG_DFL
        )  # nohup and some launchers ignore it, and so would sigwait
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        threading.Thread(target=self._wait_for_signal, name="signals", daemon=True).start()
        for number in _OTHERS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._hand_over)
        threading.Thread(target=self._watch_input, name="input-hangup", daemon=True).start()

    def attach(
        self,
        *,
        ask_exit: Callable[[int], object],
        save: Callable[[], object] | None = None,
        cleanup: Callable[[], object] | None = None,
    ) -> None:
        """Set how the app ends; before this, the process just ends. All are called from another thread.

        Args:
            ask_exit: makes the app end with the given exit code; it must not wait for the app's loop.
            save: saves unsent edits; called first.
            cleanup: called last, and only if the app did not end by itself.
        """
        self._save, self._cleanup, self._ask_exit = save, cleanup, ask_exit

    def release(self) -> None:
        """Leave the terminal alone from now on: the app has ended and restored it. Signals still end the process."""
        with self._last_word:  # never given back once the process is being ended
            self._restored = True

    def restore_terminal(self) -> None:
        """Restore the terminal as it was at the start, if something has changed it and not restored it."""
        if (self._ask_exit is not None or self._before is not None) and not self._restored:
            reset_terminal(self._attributes)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.restore_terminal()
        self.release()

    def _hand_over(self, number: int, _: object) -> None:
        """Let the thread that waits for signals end the process, as a handler may have interrupted anything."""
        self._number = self._number or number
        os.kill(os.getpid(), signal.SIGTERM)

    def _wait_for_signal(self) -> None:
        number = signal.sigwait(_SIGNALS)
        code = 128 + (self._number or number)
        _foreground.hang_up()
        try:
            if self._ask_exit is not None:
                threading.Thread(target=self._ask, args=(self._ask_exit, code), daemon=True).start()
                time.sleep(self._grace)  # an app that ends by itself ends this thread too
        finally:
            self._end(code)

    def _ask(self, ask_exit: Callable[[int], object], code: int) -> None:
        try:
            if self._save is not None:
                self._save()
        finally:
            ask_exit(code)

    def _watch_input(self) -> None:
        """End the process when the terminal hangs up, or the program that serves this one in a browser is gone."""
        poll = select.poll()
        poll.register(0, 0)  # a hang-up is reported without being asked for
        while not (found := poll.poll(5_000)):  # milliseconds; some hang-ups wake nobody
            pass
        if found[0][1] & (select.POLLHUP | select.POLLERR):
            os.kill(os.getpid(), signal.SIGHUP)

    def _end(self, code: int) -> None:
        self._last_word.acquire()
        try:
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # hide further messages of the app
            _foreground.kill()
            self.restore_terminal()
            if self._cleanup is not None:
                self._cleanup()
        finally:
            os._exit(code)


class _Foreground:
    """The program that has the terminal while the app is suspended, such as an editor; it ends with this one."""

    def __init__(self) -> None:
        self.process: int | None = None

    def hang_up(self) -> None:
        """Let it save its work, as editors do when their terminal goes away."""
        self._send(signal.SIGHUP)
        self._send(signal.SIGCONT)  # it may be stopped

    def kill(self) -> None:
        """End it if it did not end by itself."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if (process := self.process) is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, number)


_foreground = _Foreground()


def reset_terminal(attributes: Attributes | None) -> None:
    """Restore the terminal on stdin as a shell expects it, without ever blocking.

    Args:
        attributes: those from before; None leaves them.
    """
    with suppress(OSError, termios.error):
        if os.tcgetpgrp(0) != os.getpgrp():
            return  # stopped or in the background: the terminal is somebody else's now
    with suppress(OSError, termios.error):
        # Opened anew, since O_NONBLOCK on the one that we have would reach the shell, which shares it.
        terminal = os.open(os.ttyname(0), os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        if attributes is not None:
            termios.tcsetattr(terminal, termios.TCSANOW, attributes)
        termios.tcflush(terminal, termios.TCIFLUSH)
        deadline = time.monotonic() + 0.3
        while time.monotonic() < deadline:
            termios.tcflush(terminal, termios.TCOFLUSH)  # frees the room that a stalled link has filled
            try:
                os.write(terminal, _RESET)
            except BlockingIOError:  # another thread is in the middle of a write, and is to go on with it
                termios.tcflow(terminal, termios.TCOOFF)
                termios.tcflow(terminal, termios.TCOON)
                time.sleep(0.01)
            else:
                return


def wait_for_foreground(terminal: int = 0) -> None:
    """Stop, as a job of the shell does, until the terminal belongs to this process's group.

    Return at once if no shell could continue the process: without a controlling terminal, or in an orphaned group.
    """
    with suppress(OSError):
        for _ in range(_ATTEMPTS):
            if os.tcgetpgrp(terminal) == os.getpgrp():
                return
            os.kill(0, signal.SIGTTIN)  # the system stops no orphaned group
            time.sleep(0.01)


def _stop_along(child: int) -> None:
    """Wait until a child ends; whenever it stops by itself, stop too and let it go on afterwards.

    Editors stop with their whole group: this process is then stopped in the first ``waitid``, and once a shell has
    continued the group the child is not stopped any more.
    """
    events = os.WEXITED | os.WSTOPPED | os.WNOWAIT
    while True:
        os.waitid(os.P_PID, child, events)
        found = os.waitid(os.P_PID, child, events | os.WNOHANG)
        if found is None:
            continue
        if found.si_code != os.CLD_STOPPED:
            return
        os.kill(os.getpid(), signal.SIGTSTP)  # left to the system while the app is suspended
        os.kill(child, signal.SIGCONT)


def run_in_foreground(argv: Sequence[str]) -> int:
    """Run a program that takes over the terminal, such as an editor; return its exit code, or ``-n`` for signal n.

    Call it in the main thread, with the app suspended. If the program stops alone, rather than with its group as
    editors do, this process stops too. It gets ordinary signals, while a child of ``subprocess`` would inherit that
    SIGHUP and SIGTERM are blocked. Keys such as ctrl+c are its own. A signal that ends this process ends it too, by
    SIGHUP.

    Raises:
        OSError: it can't be started.
    """
    keyboard = (signal.SIGINT, signal.SIGQUIT)
    before = [signal.signal(number, signal.SIG_IGN) for number in keyboard]
    try:
        sys.stdout.flush()
        fresh = {*_SIGNALS, *keyboard, signal.SIGPIPE}
        child = os.posix_spawnp(argv[0], list(argv), child_environment(), setsigmask=(), setsigdef=fresh)
        _foreground.process = child
        _stop_along(child)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        _foreground.process = None
        for number, handler in zip(keyboard, before, strict=True):
            signal.signal(number, handler)
