"""Let the saves of one version wait for each other: those of this user on this host, in any process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress
from typing import BinaryIO

from wltui.core.errors import ServiceError
from wltui.core.records import VersionId
from wltui.core.threads import start_in_thread
from wltui.store.save_history import History

LOCK_PAUSE = 0.2
"""Seconds between two attempts to lock a version for a save."""
LOCK_ATTEMPTS = 300


@asynccontextmanager
async def version_lock(
    history: History,
    version_id: VersionId,
    on_wait: Callable[[bool], object],
    wait: Callable[[float], Awaitable[None]],
) -> AsyncIterator[None]:
    """Hold the lock on a version, while it waits for those who have it.

    Args:
        history: The record of saves, beside which the lock is.
        version_id: The version.
        on_wait: Called with True if somebody else has the lock, and with False when there is nothing to wait for.
        wait: Waits for a number of seconds.

    Raises:
        ServiceError: somebody else did not give it back within a minute.
    """
    lock = None
    with suppress(OSError):  # a disk without locks
        for attempt in range(LOCK_ATTEMPTS):
            if lock := await _try_lock(history, version_id):
                break
            if not attempt:
                on_wait(True)
            await wait(LOCK_PAUSE)
        else:
            raise ServiceError(
                f"The config of version {version_id} was not sent",
                "another wltui on this machine is saving one of this version",
                "Nothing was sent. Try again when that one has ended",
            )
    try:
        on_wait(False)
        yield
    finally:
        if lock is not None:
            lock.close()


async def _try_lock(history: History, version_id: VersionId) -> BinaryIO | None:
    """Return a lock as ``History.try_lock`` does. If cancelled, a lock that the disk still grants is given back."""
    attempt = start_in_thread(history.try_lock, version_id)
    try:
        return await asyncio.wrap_future(attempt)
    except asyncio.CancelledError:
        attempt.add_done_callback(_give_back)
        raise


def _give_back(attempt: Future[BinaryIO | None]) -> None:
    if attempt.exception() is None and (lock := attempt.result()) is not None:
        lock.close()
