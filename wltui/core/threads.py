"""Work that may wait for a disk, apart from the event loop and in a thread that nobody waits for at the end.

A thread of ``asyncio.to_thread`` that hangs would keep the process from ending, and others from starting.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


async def run_in_thread(work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """What ``work`` returns or raises; it goes on where nobody waits for it any more."""
    return await asyncio.wrap_future(start_in_thread(work, *args, **named))


def start_in_thread(work: Callable[P, T], *args: P.args, **named: P.kwargs) -> Future[T]:
    """Begin ``work``; what it returns or raises is told by the future."""
    told: Future[T] = Future()
    told.set_running_or_notify_cancel()

    def run() -> None:
        try:
            told.set_result(work(*args, **named))
        except BaseException as error:  # noqa: BLE001  it is raised where it is waited for
            told.set_exception(error)

    threading.Thread(target=run, name="apart", daemon=True).start()
    return told
