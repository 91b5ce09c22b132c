"""Delay at random what a busy machine delays, so that tests which pass by luck alone fail here.

``pytest --stress`` installs it in each process of the run, and in the Python programs that tests start: these find
``started_slowly/sitecustomize.py`` by ``PYTHONPATH``. A test gets the same delays whenever it runs with the same seed,
as far as threads let it. It imports nothing of this project.
"""

import asyncio
import os
import random
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

VARIABLE = "WLTUI_TEST_STRESS"
"""The environment variable that holds the seed."""
HOOK = Path(__file__).parent / "started_slowly"

KINDS: dict[str, tuple[float, float]] = {
    "thread": (0.5, 0.1),
    "pool": (0.5, 0.1),
    "statement": (0.1, 0.1),
    "callback": (0.002, 0.1),
    "process": (0.5, 0.2),
    "stream": (0.3, 0.2),
}
"""Of each kind of work the share that is delayed, and for how many seconds at most.

``stream`` is what a server of the tests reads, the embedded Wallaroo among them: so its answers come late.
"""
pauses: Counter[str] = Counter()
"""Delays so far, by kind."""

_luck = random.Random()
_sleep = time.sleep


def begin(seed: int, name: str) -> None:
    """Draw delays anew, as for a test of this name."""
    _luck.seed(f"{seed} {name}")


def _drawn(kind: str) -> float:
    share, most = KINDS[kind]
    if _luck.random() >= share:
        return 0.0
    pauses[kind] += 1
    return _luck.uniform(0, most)


def _pause(kind: str) -> None:
    if seconds := _drawn(kind):
        _sleep(seconds)


def install(seed: int) -> None:
    """Delay work in this process, and in the processes that it starts from now on."""
    begin(seed, "")
    if os.environ.get(VARIABLE) != str(seed):
        os.environ[VARIABLE] = str(seed)
        found = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = f"{HOOK}{os.pathsep}{found}" if found else str(HOOK)
    _delay_threads()
    _delay_pools()
    _delay_statements()
    _delay_callbacks()
    _delay_processes()
    _delay_streams()


def _delay_threads() -> None:
    start = threading.Thread.start

    def slow_start(self: threading.Thread) -> None:
        run = self.run

        def slow_run() -> None:
            _pause("thread")
            run()

        self.run = slow_run  # type: ignore[method-assign]
        start(self)

    threading.Thread.start = slow_start  # type: ignore[method-assign]


def _delay_pools() -> None:
    submit = ThreadPoolExecutor.submit

    def slow_submit(self: ThreadPoolExecutor, work: Callable[..., Any], /, *args: Any, **named: Any) -> Any:
        def slow_work() -> Any:
            _pause("pool")
            return work(*args, **named)

        return submit(self, slow_work)

    ThreadPoolExecutor.submit = slow_submit  # type: ignore[method-assign,assignment]


class _SlowConnection(sqlite3.Connection):
    def execute(self, *args: Any) -> sqlite3.Cursor:
        _pause("statement")
        return super().execute(*args)


def _delay_statements() -> None:
    connect = sqlite3.connect

    def slow_connect(*args: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **{"factory": _SlowConnection, **named})
        return connection

    sqlite3.connect = slow_connect  # type: ignore[assignment]


def _delay_callbacks() -> None:
    run = asyncio.Handle._run

    def slow_run(self: asyncio.Handle) -> None:
        _pause("callback")
        run(self)

    asyncio.Handle._run = slow_run  # type: ignore[method-assign]


def _delay_processes() -> None:
    start = subprocess.Popen.__init__

    def slow_start(self: Any, *args: Any, **named: Any) -> None:
        _pause("process")
        start(self, *args, **named)
        _pause("process")

    subprocess.Popen.__init__ = slow_start  # type: ignore[method-assign]


def _delay_streams() -> None:
    def delayed(read: Callable[..., Any]) -> Callable[..., Any]:
        async def slow_read(self: asyncio.StreamReader, *args: Any) -> Any:
            data = await read(self, *args)
            if seconds := _drawn("stream"):
                await asyncio.sleep(seconds)
            return data

        return slow_read

    asyncio.StreamReader.read = delayed(asyncio.StreamReader.read)  # type: ignore[method-assign]
    asyncio.StreamReader.readuntil = delayed(asyncio.StreamReader.readuntil)  # type: ignore[method-assign]
