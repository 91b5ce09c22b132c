"""When the garbage collector runs: not during a start, and after that mostly while nobody waits for the screen.

To open a screen makes tens of thousands of objects. By Python's own thresholds that is dozens of young collections and,
every second time, a full one of 20 ms and more, in the middle of what a key has asked for.
"""

import asyncio
import gc
from collections.abc import Callable
from time import monotonic

THRESHOLDS = 5_000, 1, 100
"""When Python collects by itself. To look at 1,000 objects takes up to a millisecond: so it looks at the 5,000
youngest, every second time also at those of the time before, and hardly ever at all."""
REST_SECONDS = 1.0
"""How long no key must have been pressed before a full collection."""
WORTH = 4
"""Young collections since the last full one from which on another is worth its time."""


def _is_worth_it() -> bool:
    _, young, older = gc.get_count()
    return young + older * (THRESHOLDS[1] + 1) >= WORTH


class Garbage:
    """Turns the collector on after a start, and runs full collections at rest."""

    def __init__(
        self,
        *,
        rest: float = REST_SECONDS,
        is_worth_it: Callable[[], bool] = _is_worth_it,
        collect: Callable[[], object] = gc.collect,
    ) -> None:
        """
        Args:
            rest: How long no key must have been pressed, in seconds.
            is_worth_it: Returns whether there may be enough garbage.
            collect: Collects it.
        """
        self._rest, self._is_worth_it, self._collect = rest, is_worth_it, collect
        self._key_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Turn the collector on, except for the objects that there are now; further calls leave out more."""
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
        gc.enable()

    def on_key(self) -> None:
        """Note that a key was pressed; call it in the event loop."""
        self._key_at = monotonic()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._rest, self._look)

    def _look(self) -> None:
        self._timer = None
        loop, left = asyncio.get_running_loop(), self._key_at + self._rest - monotonic()
        if left > 0:
            self._timer = loop.call_later(left, self._look)
        elif self._is_worth_it():
            self._collect()
