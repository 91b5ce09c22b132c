"""Run blocking work in daemon threads.

Unlike ``asyncio.to_thread``, a call that hangs (such as on NFS) does not keep the process from exiting, nor other
work from starting.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


async def run_in_thread(work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """Run ``work`` in a daemon thread and return its result, or raise its error. If cancelled, the work continues."""
    return await asyncio.wrap_future(start_in_thread(work, *args, **named))


def start_in_thread(work: Callable[P, T], *args: P.args, **named: P.kwargs) -> Future[T]:
    """Start ``work`` in a daemon thread and return a future for its result or error."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            future.set_result(work(*args, **named))
        except BaseException as error:  # noqa: BLE001  the future raises it again for the caller
            future.set_exception(error)

    threading.Thread(target=run, name="wltui-work", daemon=True).start()
    return future
