"""When the garbage collector runs: not during a start, and after that mostly while nobody waits for the screen.

To open a screen makes tens of thousands of objects. By Python's own thresholds that is dozens of young collections and,
every second time, a full one of 20 ms and more, in the middle of what a key has asked for.
"""

import asyncio
import gc
from collections.abc import Callable

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


def _collect_recent() -> None:
    """Look through the objects that came since the last such look, such as those of the screen that was left.

    Else Python does it while the next screen opens.
    """
    objects, young, _ = gc.get_count()
    if young or objects >= THRESHOLDS[0] / 2:
        gc.collect(1)


class Garbage:
    """Turns the collector on after a start, and runs it at rest."""

    def __init__(
        self,
        *,
        rest: float = REST_SECONDS,
        is_worth_it: Callable[[], bool] = _is_worth_it,
        collect: Callable[[], object] = gc.collect,
        collect_recent: Callable[[], object] = _collect_recent,
    ) -> None:
        """
        Args:
            rest: How long no key must have been pressed before a full collection, in seconds.
            is_worth_it: Returns whether there may be enough garbage for one.
            collect: Collects all of it.
            collect_recent: Collects the most recent, after a quarter of the rest.
        """
        self._rest, self._is_worth_it = rest, is_worth_it
        self._collect, self._collect_recent = collect, collect_recent
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Turn the collector on, except for the objects that there are now; further calls leave out more."""
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
        gc.enable()

    def on_key(self) -> None:
        """Note that a key was pressed; call it in the event loop."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(self._rest / 4, self._rest_briefly)

    def _rest_briefly(self) -> None:
        self._collect_recent()
        self._timer = asyncio.get_running_loop().call_later(self._rest * 3 / 4, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._is_worth_it():
            self._collect()
