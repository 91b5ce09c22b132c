"""What fills in behind a list: one request an item, many at once, the items in view first."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterable
from time import monotonic
from typing import TypeVar

from .exchange import REQUESTS_AT_ONCE
from .gate import KEPT_FREE

T = TypeVar("T", bound=Hashable)
U = TypeVar("U")

BEHIND_AT_ONCE = REQUESTS_AT_ONCE - KEPT_FREE
TELL_SECONDS, LONGEST_PAUSE = 0.1, 1.0
"""How long results are gathered before they are told together, at least and at most."""


async def fetch_all(
    items: Iterable[T], work: Callable[[T], Awaitable[U]], first: Callable[[], Iterable[T]]
) -> AsyncIterator[list[U]]:
    """The results of ``work`` on each item as they come; leaving the loop ends the rest.

    ``first`` tells which items are wanted most just now, and is asked before each. The first result is told at
    once. Later ones are gathered for a moment, the longer the more time is spent on them in the loop: so many
    results never take up the time that their requests need.
    """
    order = deque(items)
    left = set(order)
    results: list[U] = []
    news = asyncio.Event()

    def following() -> T:
        while order and order[0] not in left:
            order.popleft()
        item = next((item for item in first() if item in left), None) or order[0]
        left.remove(item)
        return item

    async def walk() -> None:
        try:
            while left:
                results.append(await work(following()))
                news.set()
        finally:
            news.set()

    walks = [asyncio.create_task(walk()) for _ in range(min(BEHIND_AT_ONCE, len(left)))]
    pause = 0.0
    try:
        while not all(walk.done() for walk in walks) or results:
            await news.wait()
            if pause:
                await asyncio.wait(walks, timeout=pause, return_when=asyncio.FIRST_EXCEPTION)
            told = results[: None if pause else 1]
            del results[: len(told)]
            if not results:
                news.clear()
            if told:
                began = monotonic()
                yield told
                pause = min(LONGEST_PAUSE, max(TELL_SECONDS, 3 * (monotonic() - began)))
            for walk_over in walks:
                if walk_over.done():
                    walk_over.result()
    finally:
        for under_way in walks:
            under_way.cancel()
        await asyncio.gather(*walks, return_exceptions=True)
