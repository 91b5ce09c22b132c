"""Full collections wait for a rest of the keyboard, and only happen if there is something to collect."""

import asyncio

from tests.support.waiting import limit, reached
from wltui.lifecycle.garbage import Garbage


async def test_a_full_collection_comes_once_after_keys_have_come_to_rest() -> None:
    looks: list[bool] = []
    collected = asyncio.Event()
    recent: list[int] = []

    def is_worth_it() -> bool:
        looks.append(True)
        return len(looks) > 1

    garbage = Garbage(
        rest=0.001,
        is_worth_it=is_worth_it,
        collect=collected.set,
        collect_recent=lambda: recent.append(len(looks)),
    )
    garbage.on_key()
    garbage.on_key()
    await reached(lambda: looks)
    assert (len(looks), collected.is_set()) == (1, False)  # not for each key
    garbage.on_key()
    async with limit(lambda: "a collection"):
        await collected.wait()
    assert len(looks) == 2
    assert recent == [0, 1], "the recent objects are looked through before each look at all"
