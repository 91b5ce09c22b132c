"""What it costs to leave the program open: requests, bytes, processor time and wake-ups, in six situations.

    python -m benchmarks.economy [--json] [--plain] [--minutes N] [--seconds N] [situation ...]

Each situation has a process of its own, with the whole program and an embedded Wallaroo in a thread. First the time is
simulated: every pause is over at once and moves the clock. Reported are requests, bytes on the wire in both directions
as the server counts them (bodies compressed, heads included) and the program's processor time without the server's,
each for one minute, so that the last is also a share. Then it runs for some seconds of real time, and processor time
and wake-ups (voluntary context switches) are counted of all its threads without the server's. With ``--plain`` the
server compresses nothing.
"""

import argparse
import asyncio
import heapq
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from .big_server import ROOT, compress_nothing, team
from .figures import Samples

if TYPE_CHECKING:
    from textual.screen import Screen

    from wltui.demo import Demo
    from wltui.demo.world import World
    from wltui.ui.app.app import WltuiApp

HOME = 10
"""The workspace of the large list."""
SITUATIONS = {
    "versions": "the usual list of versions, one on its way",
    "models": "1,000 models with 2,000 versions, one on its way",
    "problems": "Problems of 200 workspaces and 10,000 versions, one on its way",
    "workspaces": "Workspaces of the same",
    "quiet": "1,000 models with 2,000 versions, at rest",
    "away": "1,000 models with 2,000 versions, one on its way, out of focus without the bell",
}
WARM_UP = 3
"""Pauses before counting begins: what is read for the first time is no part of a rhythm."""


class Clock:
    """Time that passes only when everybody waits for it."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self.is_real = False
        self._waiting: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._number = 0

    def __call__(self) -> datetime:
        return datetime.now(UTC) if self.is_real else self.now

    async def wait(self, seconds: float) -> None:
        if self.is_real:
            await asyncio.sleep(seconds)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._number += 1
        entry = (self.now + timedelta(seconds=seconds), self._number, future)
        heapq.heappush(self._waiting, entry)
        try:
            await future
        finally:
            if entry in self._waiting:
                self._waiting.remove(entry)
                heapq.heapify(self._waiting)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def next(self) -> datetime | None:
        return self._waiting[0][0] if self._waiting else None

    def advance(self) -> None:
        """Move to the end of the shortest pause, and end it."""
        due, _, future = heapq.heappop(self._waiting)
        self.now = max(self.now, due)
        if not future.done():
            future.set_result(None)

    def go_on_in_real_time(self) -> None:
        self.is_real = True
        while self._waiting:
            self.advance()


async def settle(app: "WltuiApp", clock: Clock) -> None:
    """Wait until nothing is read, and everything that goes on waits for time to pass."""
    quiet = 0
    while quiet < 5:
        held = clock.waiting + (not app.watching.is_set())
        busy = sum(not worker.is_finished for worker in app.workers) > held
        quiet = 0 if busy else quiet + 1
        await asyncio.sleep(0.001)


def make_world(world: "World", situation: str, now: datetime) -> int:
    """Put the models where the situation has them, and let all builds end but one; return its workspace."""
    from wltui.demo.world import Build, stamp

    large = [model for model in world.models.values() if model.id > 30]
    if situation in ("models", "quiet", "away"):
        _move(world, {model.id: HOME for model in world.models.values()})
    elif situation != "versions":
        for number in range(100, 300 - len(world.workspaces)):
            world.add_workspace(team(number))
        homes = sorted(world.workspaces)
        _move(world, {model.id: homes[place % len(homes)] for place, model in enumerate(large)})
    for version in world.versions.values():
        version.build = Build(version.build.started, outcome=version.build.status(now).partition("_")[0])
        if version.build.outcome not in ("ready", "error"):
            version.build = Build(version.build.started)
    moving = list(world.versions.values())[-1]
    if situation != "quiet":
        moving.build = Build(now, (("attempting_load_container", 1e9),))
        moving.created_at = moving.updated_at = stamp(now)
    return world.models[moving.model_id].workspace_id


def _move(world: "World", homes: dict[int, int]) -> None:
    for number, home in homes.items():
        model = world.models[number]
        world.workspaces[model.workspace_id].models.remove(model)
        model.workspace_id = home
        world.workspaces[home].models.append(model)


def open_screen(situation: str, demo: "Demo", home: int) -> "Screen[None]":
    from wltui.core.records import ModelId, WorkspaceId
    from wltui.ui.screens.fleet import FleetScreen
    from wltui.ui.screens.models import ModelsScreen
    from wltui.ui.screens.versions import VersionsScreen
    from wltui.ui.screens.workspaces import WorkspacesScreen

    if situation == "versions":
        last = list(demo.world.versions.values())[-1]
        return VersionsScreen(
            WorkspaceId(home), ModelId(last.model_id), demo.world.models[last.model_id].name
        )
    if situation == "problems":
        return FleetScreen(problems=True)
    return WorkspacesScreen() if situation == "workspaces" else ModelsScreen(WorkspaceId(HOME))


async def look(situation: str, minutes: float, seconds: float, *, plain: bool) -> dict[str, object]:
    from wltui.core.settings import Secret, Settings
    from wltui.demo import Demo
    from wltui.lifecycle.start import Start
    from wltui.service.open import open_service
    from wltui.ui.app.app import WltuiApp

    if plain:
        compress_nothing()
    size = {"versions": (None, None), "problems": (400, 10_000), "workspaces": (400, 10_000)}
    models, versions = size.get(situation, (1_000, 2_000))
    clock = Clock()
    with (
        Demo(seed=1, models=models, versions=versions, clock=clock) as demo,
        tempfile.TemporaryDirectory() as folder,
    ):
        home = make_world(demo.world, situation, clock())
        settings = Settings(
            endpoint=demo.url, login=("demo", Secret("demo")), profile="bench", bell=situation != "away",
            cache_bytes=1 << 30,
        )  # fmt: skip

        def ticks() -> float:
            return (clock() - began).total_seconds()

        began = clock()
        app = WltuiApp(
            Start(settings),
            lambda start: open_service(
                start.settings, Path(folder), clock=clock, wait=clock.wait,
                ticks=ticks, jitter=lambda: 0.5,
            ),
            wait=clock.wait,
            jitter=lambda: 0.5,
        )  # fmt: skip
        async with app.run_test(size=(120, 40)):
            await settle(app, clock)
            await app.push_screen(open_screen(situation, demo, home))
            await settle(app, clock)
            app.app_focus = situation != "away"
            await settle(app, clock)
            for _ in range(WARM_UP):
                if clock.next:
                    clock.advance()
                    await settle(app, clock)
            found = await simulate(app, clock, demo, minutes)
            if seconds:
                clock.go_on_in_real_time()
                await asyncio.sleep(1)
                found |= await rest(seconds)
            await app.service.close()
    return {"situation": situation} | found


async def simulate(app: "WltuiApp", clock: Clock, demo: "Demo", minutes: float) -> dict[str, object]:
    """Let minutes pass; return what one of them costs."""
    begun, end = clock.now, clock.now + timedelta(minutes=minutes)
    before, asked = demo.traffic.total, len(demo.requests)
    spent = cpu_of_others()
    while clock.next and clock.next <= end:
        clock.advance()
        await settle(app, clock)
    clock.now = end
    passed = (end - begun).total_seconds() / 60
    paths = Counter(request.path for request in demo.requests[asked:])
    work = cpu_of_others() - spent
    return {
        "requests a minute": round(sum(paths.values()) / passed, 1),
        "kB a second": round((demo.traffic.total - before) / passed / 60 / 1000, 2),
        "CPU %": round(100 * work / passed / 60, 2),
        "calls a minute": {path: round(number / passed, 2) for path, number in paths.most_common()},
    }


async def rest(seconds: float) -> dict[str, object]:
    """Run for a while in real time; return what the program's threads take of it."""
    work, woken, began = cpu_of_others(), switches(), time.perf_counter()
    await asyncio.sleep(seconds)
    passed = time.perf_counter() - began
    return {
        "real CPU %": round(100 * (cpu_of_others() - work) / passed, 2),
        "wake-ups a second": round((switches() - woken) / passed, 1),
    }


def _is_server(thread: threading.Thread) -> bool:
    return thread.name == "wltui-demo"


def cpu_of_others() -> float:
    """Return the processor seconds of this process without those of the server's thread."""
    served = 0.0
    for thread in threading.enumerate():
        if _is_server(thread) and thread.ident is not None:
            served += time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
    return time.process_time() - served


def switches() -> int:
    """Return the voluntary context switches of all threads without the server's."""
    servers = {thread.native_id for thread in threading.enumerate() if _is_server(thread)}
    total = 0
    for task in Path("/proc/self/task").iterdir():
        if int(task.name) not in servers:
            lines = (task / "status").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt"))
    return total


def measure(situation: str, minutes: float, seconds: float, *, plain: bool) -> dict[str, object]:
    """Return the figures of one situation, measured in a process of its own."""
    words = [situation, str(minutes), str(seconds), str(int(plain))]
    command = [sys.executable, "-m", "benchmarks.economy", "--look", *words]
    answer = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=600)
    found: dict[str, object] = json.loads(answer.stdout)
    return found


def add_samples(samples: Samples) -> None:
    """Measure the situations that the table of figures has."""
    work = []
    for situation in ("models", "problems", "workspaces"):
        found = measure(situation, minutes=10, seconds=0, plain=False)
        samples["traffic " + situation, "wltui"] = [1000 * float(str(found["kB a second"]))]
        work.append(float(str(found["CPU %"])))
    samples["traffic cpu", "wltui"] = [max(work)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.economy")
    parser.add_argument("situation", nargs="*", choices=[*SITUATIONS, []], default=[])
    parser.add_argument("--json", action="store_true", help="a line of JSON for each situation")
    parser.add_argument("--plain", action="store_true", help="the server compresses nothing")
    parser.add_argument("--minutes", type=float, default=10, help="simulated minutes")
    parser.add_argument("--seconds", type=float, default=15, help="real seconds")
    asked = parser.parse_args()
    for situation in asked.situation or SITUATIONS:
        found = measure(situation, asked.minutes, asked.seconds, plain=asked.plain)
        if asked.json:
            print(json.dumps(found), flush=True)
            continue
        print(SITUATIONS[situation])
        print(
            "\n".join(f"  {name:20} {value}" for name, value in found.items() if name != "situation"),
            flush=True,
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--look"]:
        name, long, short, bare = sys.argv[2:6]
        print(json.dumps(asyncio.run(look(name, float(long), float(short), plain=bare == "1"))))
    else:
        main()
