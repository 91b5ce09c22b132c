"""Fetch several things at once: the details of a list, visible items first; and two that belong together."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Hashable, Iterable
from contextlib import asynccontextmanager
from time import monotonic
from typing import TypeVar

from .exchange import REQUESTS_AT_ONCE
from .gate import KEPT_FREE

T = TypeVar("T", bound=Hashable)
U = TypeVar("U")
V = TypeVar("V")

BEHIND_AT_ONCE = REQUESTS_AT_ONCE - KEPT_FREE
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
"""Minimum and maximum seconds that results are gathered before they are yielded together."""


async def fetch_all(
    items: Iterable[T],
    work: Callable[[T], Awaitable[U]],
    first: Callable[[], Iterable[T]],
    *,
    at_once: int = BEHIND_AT_ONCE,
) -> AsyncIterator[list[U]]:
    """Call ``work`` on each item, ``at_once`` at most, and yield the results in batches; leaving cancels the rest.

    ``first`` returns the items that are wanted most just now, and is called before each. The first result is yielded
    at once. Later ones are gathered for a while that grows with the time spent on them in the loop: handling many
    results never takes up the time that their requests need.
    """
    order = deque(items)
    left = set(order)
    results: list[U] = []
    arrived = asyncio.Event()

    def next_item() -> T:
        while order and order[0] not in left:
            order.popleft()
        item = next((item for item in first() if item in left), None) or order[0]
        left.remove(item)
        return item

    async def fetch_in_turn() -> None:
        try:
            while left:
                results.append(await work(next_item()))
                arrived.set()
        finally:
            arrived.set()

    workers = [asyncio.create_task(fetch_in_turn()) for _ in range(min(at_once, len(left)))]
    pause = 0.0
    try:
        while not all(worker.done() for worker in workers) or results:
            await arrived.wait()
            if pause:
                await asyncio.wait(workers, timeout=pause, return_when=asyncio.FIRST_EXCEPTION)
            batch = results[: None if pause else 1]
            del results[: len(batch)]
            if not results:
                arrived.clear()
            if batch:
                began = monotonic()
                yield batch
                pause = min(LONGEST_PAUSE, max(SHORTEST_PAUSE, 3 * (monotonic() - began)))
            for worker in workers:
                if worker.done():
                    worker.result()  # raises the failure of its item
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


@asynccontextmanager
async def started(work: Coroutine[object, object, V]) -> AsyncIterator[asyncio.Task[V]]:
    """Run ``work`` beside the body of the ``with``, and cancel it at the end if it is not done."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def fetch_both(
    first: Coroutine[object, object, V], second: Coroutine[object, object, U]
) -> tuple[V, U]:
    """Return both results, read side by side; the first failure ends both."""
    one, two = asyncio.create_task(first), asyncio.create_task(second)
    try:
        return await asyncio.gather(one, two)
    finally:
        one.cancel()
        two.cancel()
