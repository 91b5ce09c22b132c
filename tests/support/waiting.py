"""Wait for a condition, with an end that says what did not come to pass.

``LIMIT`` decides nothing on a machine that works: it is there so that a run does not hang.
"""

import asyncio
import inspect
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import AnyStr

LIMIT = 60.0
"""Seconds that anything may take that a test waits for; ten times what a slow machine needs."""
SHORT = 3.0
"""Seconds until a request is given up that is never answered; all others are answered sooner on a slow machine."""
SLOWNESS = 10
"""How many times slower than a usual machine one may be that runs tests."""


TICK, LONG_TICK = 0.001, 0.016
"""Seconds between two looks at what is waited for, at first and at most, as a look may render all of the screen."""


def describe(holds: Callable[[], object]) -> str:
    """Return the source of a condition, or its name if there is no source."""
    try:
        return " ".join(inspect.getsource(holds).split())
    except (OSError, TypeError):
        return repr(holds)


@asynccontextmanager
async def limit(what: Callable[[], str], seconds: float = LIMIT) -> AsyncIterator[None]:
    """Fail if the block takes longer than ``seconds``; ``what`` describes then what it waited for."""
    try:
        async with asyncio.timeout(seconds) as timeout:
            yield
    except TimeoutError:
        if not timeout.expired():
            raise
        raise AssertionError(f"waited {seconds:.0f} s for {what()}") from None


def until(holds: Callable[[], object], what: str = "", *, seconds: float = LIMIT) -> None:
    """Wait until something holds that another thread or process brings about."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what or describe(holds)}"
        time.sleep(0.002)


async def reached(holds: Callable[[], object], what: Callable[[], str] | None = None) -> None:
    """As :func:`until`, for a coroutine: other tasks go on. ``what`` describes what it waits for."""
    async with limit(what or (lambda: describe(holds))):
        tick = TICK
        while not holds():
            await asyncio.sleep(tick)
            tick = min(2 * tick, LONG_TICK)


@contextmanager
def running(program: subprocess.Popen[AnyStr], seconds: float = LIMIT) -> Iterator[subprocess.Popen[AnyStr]]:
    """Kill the program when the block ends, so that nothing waits for it any longer.

    After ``seconds`` it is killed too: whoever reads from it or waits for it goes on then, and the block fails.
    """
    late = threading.Event()

    def give_up() -> None:
        late.set()
        program.kill()

    timer = threading.Timer(seconds, give_up)
    timer.daemon = True
    timer.start()
    try:
        with program:
            try:
                yield program
            finally:
                timer.cancel()
                program.kill()
    finally:
        assert not late.is_set(), f"waited {seconds:.0f} s for {program.args!r}"


@contextmanager
def within(promised: float) -> Iterator[None]:
    """Fail if the block takes ten times the seconds that users are promised: a slow machine is no broken promise."""
    start = time.monotonic()
    yield
    taken = time.monotonic() - start
    assert taken < SLOWNESS * promised, f"took {taken:.1f} s; {promised} s are promised"
