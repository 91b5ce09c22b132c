"""The terminal of tests/support/pty_program.py with a clock, a count of bytes, and if wanted a slow link before it.

Bytes are stamped when they arrive and not when they are parsed: a thread of its own carries them.
"""

import contextlib
import os
import queue
import select
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter, sleep
from types import TracebackType

from tests.support.pty_program import KEYS, Program

ROOT = Path(__file__).parent.parent

KEYS.update(
    {"pagedown": "\x1b[6~", "end": "\x1b[F", "home": "\x1b[H", "ctrl+p": "\x10", "ctrl+s": "\x13",
     "backspace": "\x7f", "tab": "\t", "right": "\x1b[C", "left": "\x1b[D"}
)  # fmt: skip
PLAIN: dict[str, str | None] = {
    **dict.fromkeys(
        ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "NO_COLOR", "WALLAROO_URL", "TEXTUAL_THEME")
    ),
    "COLORTERM": "truecolor",
}
"""The environment of whatever is measured: none of the caller's habits."""


@dataclass(slots=True)
class Link:
    """A serial line of some bytes a second with a buffer before it; beyond that the program has to wait.

    The buffer is what sshd and the system keep of what they could not send yet. ``rate`` 0: as fast as it can.
    """

    rate: float = 0
    round_trip: float = 0
    buffer: int = 32_000
    _free: float = 0

    def room(self, now: float) -> int:
        """How many bytes the line takes now."""
        if not self.rate:
            return 65_536
        return min(256, int(self.buffer - max(0.0, self._free - now) * self.rate))

    def arrival(self, size: int, now: float) -> float:
        """When bytes that are put on the line now are at its other end."""
        if self.rate:
            self._free = max(now, self._free) + size / self.rate
            now = self._free
        return now + self.round_trip / 2


@dataclass(frozen=True, slots=True)
class Painted:
    """What a key caused: how many bytes, and the seconds from the key to the first and the last of them."""

    size: int
    first: float
    last: float


class NotSeen(Exception):
    """What was waited for did not come; says at which step, and what the screen shows instead."""


class Terminal(Program):
    """A program in a measured terminal; a context manager that leaves no process behind."""

    def __init__(
        self, argv: Sequence[str], *, environ: dict[str, str | None] | None = None,
        size: tuple[int, int] = (120, 40), link: Link | None = None, name: str = "",
    ) -> None:  # fmt: skip
        self.name = name or " ".join(argv)[:60]
        self.link = link or Link()
        self.step = "start"
        self._arrived: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        self._sent: deque[tuple[float, bytes]] = deque()
        self._wake, self._waker = os.pipe()
        self._over = False
        self.began = self.last_key = self.stamp = perf_counter()
        super().__init__(argv, size=size, environ={**PLAIN, **(environ or {})})
        self._carrier = threading.Thread(target=self._carry, daemon=True)
        self._carrier.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        os.write(self._waker, b"x")
        self._carrier.join()
        super().__exit__(kind, error, trace)
        os.close(self._wake)
        os.close(self._waker)

    # Both ways of the link, in a thread

    def _carry(self) -> None:
        assert self._master is not None
        while not self._over:
            now = perf_counter()
            while self._sent and self._sent[0][0] <= now:
                os.write(self._master, self._sent.popleft()[1])
            room = self.link.room(now)
            pause = min(0.005 if room <= 0 else 1.0, *(due - now for due, _ in [*self._sent][:1]), 1.0)
            wanted = [self._wake, self._exit, *([self._master] if room > 0 else [])]
            ready = select.select(wanted, [], [], max(0.0, pause))[0]
            if self._wake in ready:
                os.read(self._wake, 4096)
            if self._master in ready:
                data = os.read(self._master, room)
                self._arrived.put((self.link.arrival(len(data), perf_counter()), data))
            elif self._exit in ready and room > 0:
                break
        self._arrived.put((perf_counter(), b""))

    def press(self, *keys: str) -> None:
        """Send keys, by their names or as they are, or an answer; over the link that takes half a round trip."""
        for key in keys:
            self._sent.append((perf_counter() + self.link.round_trip / 2, KEYS.get(key, key).encode()))
        os.write(self._waker, b"x")

    def _read(self, deadline: float) -> bool:
        if (data := self._take(deadline)) is None:
            return False
        self._receive(data)
        return True

    def _take(self, deadline: float) -> bytes | None:
        try:
            stamp, data = self._arrived.get(timeout=max(0.0, deadline - monotonic()))
        except queue.Empty:
            return None
        sleep(max(0.0, stamp - perf_counter()))
        if not data:
            self._arrived.put((stamp, data))  # the end, for whoever asks again
            return None
        self.stamp = stamp
        return data

    # What is measured

    def send(self, *keys: str) -> None:
        """Press keys, and start the clock of what follows."""
        self.last_key = perf_counter()
        self.press(*keys)

    def see(self, pattern: str, *, timeout: float = 30) -> float:
        """Read until the screen matches; returns the seconds from the last key (or the start) to what made it."""
        self.step = f"waiting for {pattern!r}"
        try:
            self.until(pattern, timeout=timeout)
        except AssertionError:
            raise NotSeen(f"{self.name}: {self.step}, which never came; the screen:\n{self.text()}") from None
        return max(0.0, self.stamp - self.last_key)

    def rest(self, quiet: float | None = None, *, timeout: float = 30) -> int:
        """Read until nothing has come for a while; returns how many bytes came."""
        quiet = quiet or 0.12 + self.link.round_trip * 1.5
        before, deadline = len(self.output), perf_counter() + timeout
        while self.read(quiet):
            if perf_counter() > deadline:
                raise NotSeen(f"{self.name}: does not come to rest; the screen:\n{self.text()}")
        return len(self.output) - before

    def paints(self, quiet: float) -> list[tuple[float, set[int]]]:
        """Wait until nothing has come for a while; return when each part came, and which lines it wrote to.

        Only then is it put on the screen: that takes longer than to write it, and the thread that stamps what arrives
        would wait for it.
        """
        parts: list[tuple[float, bytes]] = []
        while (data := self._take(monotonic() + quiet)) is not None:
            parts.append((self.stamp, data))
        return [(stamp, self._written_lines(data)) for stamp, data in parts]

    def _written_lines(self, data: bytes) -> set[int]:
        dirty = self.xterm.screen.dirty
        dirty.clear()
        self._receive(data)
        return set(dirty)

    def rest_for(self, seconds: float) -> int:
        """Read for some time; returns how many bytes came."""
        before, end = len(self.output), monotonic() + seconds
        while self._read(end):
            pass
        return len(self.output) - before

    def key(self, *keys: str, quiet: float | None = None) -> Painted:
        """Press keys at rest, and read until it is at rest again."""
        before = len(self.output)
        self.send(*keys)
        pressed, first = self.last_key, None
        quiet = quiet or 0.12 + self.link.round_trip * 1.5
        while self.read(quiet):
            first = first or self.stamp
            if perf_counter() - pressed > 30:
                raise NotSeen(f"{self.name}: {keys} does not come to rest; the screen:\n{self.text()}")
        last = self.stamp if first else pressed
        return Painted(len(self.output) - before, (first or pressed) - pressed, last - pressed)

    def hold(self, key: str, seconds: float, *, every: float = 1 / 30) -> Painted:
        """Hold a key down; the times are from letting go."""
        before = len(self.output)
        begin = perf_counter()
        count = int(seconds / every)
        for n in range(count):
            self.send(key)
            while (left := begin + (n + 1) * every - perf_counter()) > 0:
                self.read(left)
        let_go = self.last_key
        while self.read(0.3 + self.link.round_trip * 1.5):
            pass
        return Painted(len(self.output) - before, 0.0, max(0.0, self.stamp - let_go))

    def leave(self, key: str = "ctrl+q") -> None:
        """End the program by a key, or if it does not obey, by a signal."""
        with contextlib.suppress(NotSeen):
            self.press(key)
            self.rest(0.05, timeout=3)

    def memory(self) -> float:
        """Megabytes that the process and those that it started hold."""
        total = 0
        for pid in self._tree():
            with contextlib.suppress(OSError):
                total += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return total * os.sysconf("SC_PAGE_SIZE") / 1e6

    def _tree(self) -> list[int]:
        found = [self.pid]
        for pid in found:
            with contextlib.suppress(OSError):
                found += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return found
