"""Cancel work by an event that the user sets, not by the end of its task: only the former has an outcome to report."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from wltui.core.errors import UploadCancelled

T = TypeVar("T")


async def unless(cancelled: asyncio.Event, work: Awaitable[T]) -> T:
    """Return the result of ``work``; end it and raise UploadCancelled if the event is set before."""
    task = asyncio.ensure_future(work)
    waiting = asyncio.create_task(cancelled.wait())
    try:
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise UploadCancelled("The upload was cancelled", "", "Nothing was stored")
    finally:
        task.cancel()
        waiting.cancel()
        await asyncio.gather(task, waiting, return_exceptions=True)
