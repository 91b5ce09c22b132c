"""What fills in behind a list: many at once, what is in view first, and what the user waits for before all."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from wltui.service.background import BEHIND_AT_ONCE, fetch_all
from wltui.service.gate import KEPT_FREE, Gate, Ticket


class Server:
    """Answers when the test says so, in the order in which it was asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.under_way: dict[int, asyncio.Future[int]] = {}
        self.most = 0

    async def __call__(self, item: int) -> int:
        self.asked.append(item)
        self.under_way[item] = asyncio.get_running_loop().create_future()
        self.most = max(self.most, len(self.under_way))
        try:
            return await self.under_way[item]
        finally:
            del self.under_way[item]

    async def answer(self, *items: int) -> None:
        for item in items:
            self.under_way[item].set_result(-item)
        await settle()


async def settle() -> None:
    """Let everybody have a few turns."""
    for _ in range(5):
        await asyncio.sleep(0)


def walking(
    server: Server, items: range, first: Callable[[], list[int]] = list
) -> asyncio.Task[list[list[int]]]:
    async def walk(stream: AsyncIterator[list[int]]) -> list[list[int]]:
        return [told async for told in stream]

    return asyncio.create_task(walk(fetch_all(items, server, first)))


async def test_what_is_in_view_is_asked_first_and_the_order_follows_the_view() -> None:
    server, view = Server(), [70, 71]
    walk = walking(server, range(100), lambda: view)
    await settle()
    assert server.asked == [70, 71, *range(BEHIND_AT_ONCE - 2)]
    view[:] = [50, 3, 51]  # somebody has scrolled; 3 is under way already
    await server.answer(70, 0, 71)
    assert server.asked[BEHIND_AT_ONCE:] == [50, 51, BEHIND_AT_ONCE - 2]
    walk.cancel()


async def test_all_is_told_once_with_as_many_at_once_as_the_gate_has_room_for() -> None:
    server = Server()
    walk = walking(server, range(100))
    while not walk.done():
        await settle()
        await server.answer(*server.under_way)
    assert sorted(number for told in walk.result() for number in told) == sorted(-item for item in range(100))
    assert sorted(server.asked) == [*range(100)]
    assert server.most == BEHIND_AT_ONCE
    assert len(walk.result()[0]) == 1  # the first is told at once
    assert len(walk.result()) < 10  # others together


async def test_a_failure_ends_the_walk() -> None:
    server = Server()
    walk = walking(server, range(100))
    await settle()
    server.under_way[3].set_exception(OSError("gone"))
    with pytest.raises(OSError, match="gone"):
        await walk
    assert not server.under_way
    assert len(server.asked) <= BEHIND_AT_ONCE + 1


async def test_who_waits_in_front_goes_before_those_behind() -> None:
    gate, order = Gate(2), []
    leave = asyncio.Event()

    async def enter(name: str, ticket: Ticket) -> None:
        async with gate.passed(ticket):
            order.append(name)
            await leave.wait()

    tickets = {
        name: Ticket(background=name.startswith("behind")) for name in ("behind 1", "behind 2", "a", "b")
    }
    tasks = [asyncio.create_task(enter(name, ticket)) for name, ticket in tickets.items()]
    await settle()
    assert order == ["behind 1", "a"]  # a place is kept free of what is behind
    assert KEPT_FREE == 1
    gate.hurry(tickets["behind 1"])  # somebody waits for it now: it takes no place from those behind
    tasks[2].cancel()
    await settle()
    assert order == ["behind 1", "a", "b"]
    leave.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == ["behind 1", "a", "b", "behind 2"]
