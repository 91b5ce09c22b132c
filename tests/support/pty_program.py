"""Runs a program in a pseudo-terminal, plays the terminal that it talks to, and reads its screen.

Where nobody calls a method that reads, nothing is read: so a stalled link looks from the program's side.
"""

import errno
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support import stress
from tests.support.screen_text import ScreenText, search
from tests.support.waiting import LIMIT
from tests.support.warm_start import Started, start_warm
from tests.support.xterm import Xterm

ROOT = Path(__file__).parents[2]

DELIVERY = 0.1
"""Seconds within which the system delivers what a program has written; an idle one takes far less."""
KEYS = {"enter": "\r", "escape": "\x1b", "down": "\x1b[B", "up": "\x1b[A", "ctrl+q": "\x11"}


_JOB = """set -m
"$@"
code=$?
while kill -0 %1 2>/dev/null; do echo stopped; read line; fg >/dev/null; code=$?; done
exit $code"""


@contextmanager
def one_processor() -> Iterator[None]:
    """What is started meanwhile runs on one processor."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _start(
    argv: Sequence[str], environ: Mapping[str, str], slave: int, run: str, *, controlling: bool
) -> subprocess.Popen[bytes]:
    """Have a shell run a command, with the program and its arguments as ``$@``, in a session of its own."""
    # A session's leader gets the first terminal that it opens as its own; so the shell does, before it is replaced by
    # the program.
    opening = f'exec <>"$0" >&0 2>&0; {run}' if controlling else run
    stdio = subprocess.DEVNULL if controlling else slave
    return subprocess.Popen(
        ["sh", "-c", opening, os.ttyname(slave), *argv],
        start_new_session=True, stdin=stdio, stdout=stdio, stderr=stdio, cwd=ROOT, env=environ,
    )  # fmt: skip


def _runs(process: int) -> bool:
    """Whether a thread of a process runs, or would if a processor were free; that of the caller is left out."""
    own = Path(f"/proc/{process}/task/{threading.get_native_id()}/stat")
    stats = {*Path(f"/proc/{process}/task").glob("*/stat")} - {own}
    with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
        return any(stat.read_text().rpartition(")")[2].split()[0] in "RD" for stat in stats)
    return True


class Program:
    """A running program and its terminal; a context manager that leaves no process behind.

    Args:
        argv: the program and its arguments.
        size: columns and rows.
        environ: changes to the environment; None removes a variable.
        redirect: shell redirections, such as ``</dev/null``.
        controlling: whether the terminal is the program's controlling one, as it is in a login; without that
            no signal tells the program that it hung up.
        job: whether a shell runs it as its job: it can be stopped then, and continued.
        background: whether that job begins in the background.
        warm: whether ``python -m MODULE`` may start in a process that has imported the modules, for tests of all that
            comes later; see :mod:`tests.support.warm_start`.

    The program runs in the repository's folder, so that ``-m wltui`` is found.
    """

    may_be_warm = True
    """Whether ``warm`` counts in this run."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        size: tuple[int, int] = (80, 24),
        environ: Mapping[str, str | None] | None = None,
        redirect: str = "",
        controlling: bool = True,
        job: bool = False,
        background: bool = False,
        warm: bool = False,
    ) -> None:
        unset = dict.fromkeys(("COLORTERM", "COLUMNS", "LINES"))  # the terminal itself tells its size
        changes = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **unset, **(environ or {})}
        self.xterm = Xterm(*size, self.press)
        """The terminal itself."""
        self.output = b""
        """Everything that was read so far."""
        self._master: int | None
        self._master, slave = pty.openpty()
        self._set_size(*size)
        self._attributes = self._attributes_before = termios.tcgetattr(slave)
        environment = {name: value for name, value in {**os.environ, **changes}.items() if value is not None}
        is_warm = (
            warm and self.may_be_warm and not job and not redirect and [*argv[:2]] == [sys.executable, "-m"]
        )
        self._process: subprocess.Popen[bytes] | Started
        if is_warm:
            self._process = start_warm(argv[2:], environment, os.ttyname(slave), controlling)
        else:
            run = _JOB.replace('"$@"', '"$@" &') if background else _JOB if job else f'exec "$@" {redirect}'
            self._process = _start(argv, environment, slave, run, controlling=controlling)
        self._exit = os.pidfd_open(self._process.pid)
        self._slave: int | None = (
            slave  # kept, or else the terminal would hang up as soon as the program ends
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        os.close(self._exit)
        self.hang_up()

    @property
    def pid(self) -> int:
        return self._process.pid

    def text(self) -> ScreenText:
        """What the screen shows, without blanks at the ends of its lines."""
        return ScreenText(self.xterm.text())

    def until(self, pattern: str, *, timeout: float = LIMIT) -> ScreenText:
        """Read until the screen matches a regular expression, and return the screen's text.

        A blank in ``pattern`` stands for any white space (see :func:`~tests.support.screen_text.search`).
        """
        deadline = time.monotonic() + timeout
        while not search(pattern, self.text()):
            assert self._read(deadline), f"{pattern!r} did not appear; the screen:\n{self.text()}"
        return self.text()

    def read(self, seconds: float) -> bool:
        """Read what comes within some seconds; False if that is nothing, or the program has ended."""
        return self._read(time.monotonic() + seconds)

    def settle(self) -> None:
        """Read until the program has nothing more to do: no thread of it runs, and nothing comes for a while.

        Nor does another thread of this process, which may serve it. A thread that waits for a processor counts as one
        that runs. The while is for what the program waits for elsewhere, such as an answer: longer than one takes. What
        the program writes after that while and before it is looked at is read as well.
        """
        quiet = 1.5 if stress.VARIABLE in os.environ else 0.3
        deadline = time.monotonic() + LIMIT
        while self.read(quiet) or self._works() or self.read(DELIVERY):
            assert time.monotonic() < deadline, f"it goes on:\n{self.text()}"

    def _works(self) -> bool:
        """Whether the program works, or this process for it: looked at twice, as one may just have asked the other."""
        return any(map(_runs, (os.getpid(), self.pid, os.getpid())))

    def press(self, *keys: str) -> None:
        """Send keys, by their names in ``KEYS`` or as they are, bytes that are no text too."""
        assert self._master is not None
        for key in keys:
            os.write(self._master, KEYS.get(key, key).encode(errors="surrogateescape"))

    def resize(self, columns: int, rows: int) -> None:
        """Change the terminal's size; the program gets SIGWINCH."""
        self.xterm.resize(columns, rows)
        self._set_size(columns, rows)

    def send_signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    @property
    def foreground(self) -> int:
        """The process group that has the terminal: of a job, or while that is stopped of its shell."""
        assert self._master is not None
        return os.tcgetpgrp(self._master)

    def until_stopped(self, *, timeout: float = LIMIT) -> None:
        """Wait until the job has stopped and its shell reads the terminal."""
        deadline = time.monotonic() + timeout
        while self.foreground != self.pid:
            assert time.monotonic() < deadline, f"still running; the screen:\n{self.text()}"
            self.read(0.02)

    def fg(self, *, timeout: float = LIMIT) -> None:
        """Have the shell continue its job, and wait until that has the terminal."""
        self.press("\n")  # as the terminal's modes may be the job's still
        deadline = time.monotonic() + timeout
        while self.foreground == self.pid:
            assert time.monotonic() < deadline, "the shell has not continued its job"
            self.read(0.02)

    def hang_up(self) -> None:
        """Close the terminal's own end, as a lost connection does."""
        for descriptor in (self._master, self._slave):
            if descriptor is not None:
                os.close(descriptor)
        self._master = self._slave = None

    def stall(self, nudge: Callable[[], object] | None = None, *, timeout: float = LIMIT) -> None:
        """Wait, without reading, until the program has filled what the terminal buffers.

        ``nudge`` is called as long as it has not, to make it write more.
        """
        assert self._slave is not None
        deadline = time.monotonic() + timeout
        poll = select.poll()
        poll.register(self._slave, select.POLLOUT)
        full = 0
        while full < 8:
            full = 0 if poll.poll(0) else full + 1
            if nudge is not None and not full:
                nudge()
            assert not self._wait([self._exit], time.monotonic() + 0.05), "the program has ended"
            assert time.monotonic() < deadline, "the program does not write enough to fill the buffer"

    def wait(self, *, timeout: float = LIMIT, reading: bool = True) -> int:
        """The exit code (``-n`` after signal n), once the program has ended and all that it wrote is read.

        With ``reading`` off nothing is read before it has ended.
        """
        deadline = time.monotonic() + timeout
        while not self._wait([self._exit], time.monotonic()):
            ended = not self._read(deadline) if reading else not self._wait([self._exit], deadline)
            assert not ended or time.monotonic() < deadline, f"still running; the screen:\n{self.text()}"
        if self._master is not None:
            self._read_the_rest(self._master, deadline)
        return self._process.wait()

    def _read_the_rest(self, master: int, deadline: float) -> None:
        assert self._slave is not None
        self._attributes = termios.tcgetattr(self._slave)
        os.close(self._slave)
        self._slave = None
        while self._wait([master], deadline):
            try:
                self._receive(os.read(master, 65_536))
            except OSError as error:
                if error.errno == errno.EIO:  # the end: nobody has the terminal open any more
                    return
                raise
        raise AssertionError("another process has the terminal open")

    def left_behind(self) -> set[str]:
        """What the program, which has ended, did to the terminal and has not undone.

        That is ``termios``, or the ends of control sequences such as ``?1049h``.
        """
        left = self.xterm.left_behind()
        if self._attributes != self._attributes_before:
            left.add("termios")
        return left

    def _set_size(self, columns: int, rows: int) -> None:
        assert self._master is not None
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @staticmethod
    def _wait(descriptors: Sequence[int], deadline: float) -> list[int]:
        return select.select(descriptors, [], [], max(0.0, deadline - time.monotonic()))[0]

    def _read(self, deadline: float) -> bool:
        """Read once; False at the deadline, or when the program has ended and all is read."""
        assert self._master is not None
        ready = self._wait([self._master, self._exit], deadline)
        if self._master in ready:
            self._receive(os.read(self._master, 65_536))
            return True
        return False

    def _receive(self, data: bytes) -> None:
        self.output += data
        self.xterm.receive(data)
