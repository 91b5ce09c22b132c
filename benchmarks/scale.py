"""What a model of many versions costs to open, to look at and to keep, on the whole program.

    python -m benchmarks.scale [--json] [versions ...]

The embedded Wallaroo runs in a process of its own, the program in another one for each number of versions. Told are
seconds until rows are on screen, from the API and from the cache; milliseconds from a key to its painted answer, the
median (p50) and the worst but one in a hundred (p99), by kind; the longest time that the event loop was held up while
an answer came in; and megabytes of memory (RSS) before and with the rows, at rest and at most. The yardstick is the
first number.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter, thread_time
from typing import TYPE_CHECKING

from .big_server import HOME, server

if TYPE_CHECKING:
    from wltui.ui.app.app import WltuiApp
    from wltui.ui.screens.versions import VersionsScreen

KEYS = {
    "move": ("down", "pagedown", "up", "end", "pageup", "g") * 10,
    "filter": ("slash", "o", "n", "x", "backspace", "1", "escape", "slash", "q", "7", "escape") * 3,
    "sort": ("s", "S") * 8,
    "mark": ("space",) * 10,
}


MODEL = 16
"""The one that is not of the guide."""


def memory() -> float:
    """Megabytes that the process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


class Heart:
    """Beats every two milliseconds where the event loop lets it."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.longest_work = 0.0
        """The same in CPU seconds of this thread: what a busy machine adds does not count."""
        self._task = asyncio.create_task(self._beat())

    async def _beat(self) -> None:
        while True:
            began, work = perf_counter(), thread_time()
            await asyncio.sleep(0.002)
            self.longest_work = max(self.longest_work, thread_time() - work)
            self.longest = max(self.longest, perf_counter() - began - 0.002)

    def stop(self) -> float:
        """The longest that it was held up, in milliseconds."""
        self._task.cancel()
        return round(self.longest * 1000, 1)


async def resting_memory() -> float:
    """Megabytes that the process holds once nothing is read or written any more: unchanged for a second."""
    held, same = memory(), 0
    for _ in range(300):
        await asyncio.sleep(0.1)
        now = memory()
        same = same + 1 if abs(now - held) < 0.5 else 0
        held = now
        if same == 10:
            break
    return round(held, 1)


def peak_memory() -> float:
    """The most megabytes that the process has held."""
    return round(getrusage(RUSAGE_SELF).ru_maxrss / 1e3, 1)


def worst(times: list[float], share: float) -> float:
    return round(sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000, 1)


async def until(true: Callable[[], object]) -> None:
    while not true():  # noqa: ASYNC110  the program tells nobody
        await asyncio.sleep(0.001)


def _has_rows(screen: "VersionsScreen") -> bool:
    return screen.is_mounted and screen.table.total > 0


def _is_live(screen: "VersionsScreen") -> bool:
    return screen.link.live


def _is_newer(screen: "VersionsScreen", than: datetime | None) -> bool:
    return screen.link.as_of != than


async def press(app: "WltuiApp") -> dict[str, float]:
    """What keys of each kind cost, in milliseconds."""
    from textual.events import Key

    told = {}
    for kind, keys in KEYS.items():
        times = []
        for key in keys:
            served, began = app.keys_served, perf_counter()
            app.post_message(Key(key, key if len(key) == 1 else {"slash": "/", "space": " "}.get(key)))
            while app.keys_served == served:  # noqa: ASYNC110
                await asyncio.sleep(0)
            times.append(perf_counter() - began)
            await asyncio.sleep(0.05)
        told[f"{kind} p50 ms"], told[f"{kind} p99 ms"] = worst(times, 0.5), worst(times, 0.99)
    return told


async def look(url: str, folder: str, number: int) -> dict[str, object]:
    from wltui.core.records import ModelId, WorkspaceId
    from wltui.core.settings import Secret, Settings
    from wltui.lifecycle.garbage import Garbage
    from wltui.lifecycle.start import Start
    from wltui.service.open import open_service
    from wltui.ui.app.app import WltuiApp
    from wltui.ui.screens.versions import VersionsScreen

    settings = Settings(
        endpoint=url, login=("demo", Secret("demo")), profile="bench", refresh=0.0, cache_bytes=1 << 30
    )
    told: dict[str, object] = {"versions": number}
    model = ModelId(MODEL)
    for name in ("live", "cached"):
        start = Start(settings, garbage=Garbage())
        app = WltuiApp(start, lambda start: open_service(start.settings, Path(folder)))
        async with app.run_test(size=(120, 40)) as pilot:
            while not app.screen_stack[-1].query("#main"):
                await pilot.pause(0.01)
            await pilot.pause(0.5)
            if name == "live":
                told["memory at first"] = round(memory(), 1)
            screen = VersionsScreen(WorkspaceId(HOME), model, "big")
            heart, began = Heart(), perf_counter()
            app.push_screen(screen)
            await until(partial(_has_rows, screen))
            await pilot.pause(0)
            told[f"{name} rows s"] = round(perf_counter() - began, 3)
            await until(partial(_is_live, screen))
            told[f"{name} all s"] = round(perf_counter() - began, 3)
            told[f"{name} held up ms"] = heart.stop()
            if name == "live":
                told["memory"] = await resting_memory()
                assert screen.table.total >= number, screen.table.total
                heart, began = Heart(), perf_counter()
                newer = partial(_is_newer, screen, screen.link.as_of)
                screen.action_refresh()
                await until(newer)
                told["poll s"] = round(perf_counter() - began, 3)
                told["poll held up ms"] = heart.stop()
                told["memory after poll"], told["memory at most"] = await resting_memory(), peak_memory()
                told |= await press(app)
        await app.service.close()
    return told


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("versions", nargs="*", type=int)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    for number in asked.versions or [1_000, 100_000]:
        with tempfile.TemporaryDirectory() as folder, server(1, number) as url:
            command = [sys.executable, "-m", "benchmarks.scale", "--look", url, folder, str(number)]
            told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        if asked.json:
            print(told.strip(), flush=True)
        else:
            print(
                "\n".join(f"{name:20} {value}" for name, value in json.loads(told).items()),
                end="\n\n",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--look"]:
        print(json.dumps(asyncio.run(look(sys.argv[2], sys.argv[3], int(sys.argv[4])))))
    else:
        main()
