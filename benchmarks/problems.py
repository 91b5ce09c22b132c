"""What Problems costs on a large instance, on the whole program.

    python -m benchmarks.problems [--json] [workspaces versions]

The embedded Wallaroo runs in a process of its own, the program in another one for each way to read the instance: with
GraphQL, by one request, and by a request for each workspace. Reported are seconds from the key to the first rows and to
all of them, milliseconds from the first answer that holds versions to the first rows, the longest time that the event
loop was held up, and milliseconds from a key to its painted answer while the list fills: the median and the slowest in
a hundred.
"""

import argparse
import asyncio
import gc
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from .big_server import compress_nothing, serving, team
from .scale import Heart, memory, until, worst

if TYPE_CHECKING:
    from wltui.api.calls import Call
    from wltui.api.client import Client
    from wltui.ui.app.app import WltuiApp
    from wltui.ui.screens.fleet import FleetScreen

FIRST = 4
"""The workspace of the first screen."""
WAYS = ("graphql", "one request", "each workspace")


async def look(url: str, folder: str, way: str) -> dict[str, object]:
    from wltui.core.records import WorkspaceId
    from wltui.core.settings import Secret, Settings
    from wltui.lifecycle.start import Start
    from wltui.service.exchange import Exchange
    from wltui.service.open import open_service
    from wltui.ui.app.app import WltuiApp
    from wltui.ui.screens.fleet import FleetScreen

    settings = Settings(
        endpoint=url,
        login=("demo", Secret("demo")),
        profile="bench",
        refresh=0.0,
        cache_bytes=1 << 30,
        graphql=way == "graphql",
        workspace=WorkspaceId(FIRST),  # so that the first screen does not read every workspace
    )
    arrived: list[float] = []
    send = Exchange._send

    async def sent(self: Exchange, client: "Client", call: "Call[object]") -> bytes:
        body = await send(self, client, call)
        if call.path != "workspaces/list":
            arrived.append(perf_counter())
        return body

    Exchange._send = sent  # type: ignore[method-assign]
    found: dict[str, object] = {"way": way}
    for name in ("live", "cached"):
        app = WltuiApp(Start(settings), lambda start: open_service(start.settings, Path(folder)))
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause(0.5)
            screen = FleetScreen(problems=True)
            arrived.clear()
            gc.collect()
            gc.freeze()  # as the program does after its start
            heart, began = Heart(), perf_counter()
            await app.push_screen(screen)
            await pilot.pause(0)  # what opening a screen costs is no part of how it fills
            read = partial(_is_read, screen)
            times = asyncio.create_task(hold(app, read))
            await until(partial(_has_rows, screen))
            await pilot.pause(0)
            shown = perf_counter()
            found[f"{name} first rows s"] = round(shown - began, 3)
            if arrived:
                found[f"{name} rows ms"] = round((shown - min(arrived)) * 1000, 1)
            await until(read)
            found[f"{name} all s"] = round(perf_counter() - began, 3)
            pressed = await times
            found[f"{name} held up by its own work ms"] = round(heart.longest_work * 1000, 1)
            found[f"{name} held up ms"] = heart.stop()
            found[f"{name} keys"] = len(pressed)
            if pressed:
                found[f"{name} key p50 ms"] = worst(pressed, 0.5)
                found[f"{name} key p99 ms"] = worst(pressed, 0.99)
            found["problems"] = screen.table.total
            found["memory"] = round(memory(), 1)
        await app.service.close()
    return found


def _has_rows(screen: "FleetScreen") -> bool:
    return screen.is_mounted and screen.table.total > 0


def _is_read(screen: "FleetScreen") -> bool:
    answer = screen.answer
    return answer is not None and answer.live and not answer.value.left


async def hold(app: "WltuiApp", is_over: Callable[[], bool]) -> list[float]:
    """Press down and up while the list fills; return how long each took, in seconds."""
    from textual.events import Key

    times: list[float] = []
    while not is_over():
        served, began = app.keys_served, perf_counter()
        app.post_message(Key("up" if len(times) % 2 else "down", None))
        while app.keys_served == served:  # noqa: ASYNC110
            await asyncio.sleep(0.001)  # without a pause, the threads that decode would wait for this loop
        times.append(perf_counter() - began)
        await asyncio.sleep(0.02)
    return times


def serve(workspaces: int, versions: int, way: str) -> None:
    from wltui.demo import Demo, Scripted

    compress_nothing()
    demo = Demo(seed=1, models=workspaces * 2, versions=versions)
    if way == "each workspace":
        asked = {"workspace_id": FIRST}
        real = [Scripted(processed=True, asked=asked) for _ in range(9)]
        refused = [Scripted(400, b'{"msg": "missing field"}') for _ in range(2)]  # of each run of the program
        demo.script("models/list", *real, *refused)
    world = demo.world
    homes = sorted(world.workspaces)
    for number in range(100, 100 + workspaces - len(homes)):
        world.add_workspace(team(number))
    for place, model in enumerate(list(world.models.values())):
        if model.id > 30:
            world.workspaces[model.workspace_id].models.remove(model)
            model.workspace_id = 100 + place % (workspaces - len(homes))
            world.workspaces[model.workspace_id].models.append(model)
    print(demo.bind(), flush=True)
    asyncio.run(demo.serve_forever())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("size", nargs="*", type=int, default=[1_000, 10_000])
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    workspaces, versions = asked.size
    for way in WAYS:
        with (
            tempfile.TemporaryDirectory() as folder,
            serving("-m", "benchmarks.problems", "--serve", str(workspaces), str(versions), way) as url,
        ):
            command = [sys.executable, "-m", "benchmarks.problems", "--look", url, folder, way]
            answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        if asked.json:
            print(answer.strip(), flush=True)
        else:
            print(
                "\n".join(f"{name:60} {value}" for name, value in json.loads(answer).items()),
                end="\n\n",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--look"]:
        print(json.dumps(asyncio.run(look(*sys.argv[2:5]))))
    elif sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    else:
        main()
