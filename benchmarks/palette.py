"""What a key costs in the palette of a large fleet, while the cache is being read and afterwards.

    python -m benchmarks.palette [models [versions [workspaces]]]

Milliseconds from a key's arrival until the best matches are on screen, offline, on a made-up cache: the longest of
each kind. Also told: how long the whole cache takes to be read, and by how much the process grows.
"""

import asyncio
import random
import resource
import sys
import tempfile
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import msgspec
from textual.events import Key
from textual.pilot import Pilot

from wltui.api import calls
from wltui.auth.identity import identify
from wltui.core.records import WorkspaceId
from wltui.core.settings import Secret, Settings
from wltui.lifecycle.start import Start
from wltui.service.open import open_service
from wltui.store.bodies import pack
from wltui.store.response_cache import Cache, cache_path
from wltui.ui.app.app import WltuiApp
from wltui.ui.screens.palette import PaletteScreen

WORDS = ("fraud", "nlp", "price", "demand", "ocr", "vision", "edge", "risk", "credit", "speech", "route")
TYPED = ("c", "x", "fraud-1", "fraud 4", "frdt", "99", "qzx", "churn-price 12")
SETTINGS = Settings(
    endpoint="http://127.0.0.1:9", login=("bench", Secret("bench")), offline=True, profile="bench"
)


def fill(folder: Path, models: int, versions: int, workspaces: int) -> None:
    """Put answers about a made-up fleet into a cache."""
    chance = random.Random(7)  # noqa: S311
    path = cache_path(folder, identify(SETTINGS, None).key)
    cache = Cache(path, max_bytes=1 << 30)
    service = open_service(SETTINGS, None)
    told = [{"id": number, "name": f"workspace-{number}"} for number in range(workspaces)]
    listed = calls.list_workspaces()
    cache.put(pack(listed.path, listed.body, msgspec.json.encode({"workspaces": told})), service.clock())
    number = 0
    for place in range(workspaces):
        items: list[dict[str, Any]] = []
        for model in range(place, models, workspaces):
            name = f"{chance.choice(WORDS)}-{chance.choice(WORDS)}-{model}"
            items.append({"model": {"id": model, "name": name}, "model_versions": []})
            for _ in range(versions // models):
                number += 1
                config = {
                    "id": number,
                    "model_version_id": number,
                    "runtime": "onnx",
                    "input_schema": "A" * 300,
                }
                version = {
                    "id": number, "name": name, "status": "ready", "created_at": "2026-03-01T12:00:00+00:00",
                    "file_info": {"file_name": f"{name}.onnx", "sha": f"{number:064x}", "version": f"{number:036x}"},
                }  # fmt: skip
                items[-1]["model_versions"].append({"model_version": version, "config": config})
        call = calls.list_models(WorkspaceId(place))
        cache.put(pack(call.path, call.body, msgspec.json.encode({"models": items})), service.clock())
        while cache._waiting:
            sleep(0.01)
    cache.close()


async def press(app: WltuiApp, pilot: Pilot[None], key: str) -> float:
    """Press a key; returns how long it took to be served and painted, in milliseconds."""
    before, began = app.keys_served, perf_counter()
    app.post_message(Key(key, " " if key == "space" else key if len(key) == 1 else None))
    while app.keys_served == before:
        await pilot.pause(0)
    return (perf_counter() - began) * 1000


def memory() -> float:
    """The most that the process has held, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


async def run(folder: Path) -> None:
    app = WltuiApp(Start(SETTINGS), lambda start: open_service(start.settings, folder))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        held = memory()
        palette = PaletteScreen(app.screen)  # type: ignore[arg-type]
        began = perf_counter()
        app.push_screen(palette)
        while app.screen is not palette or not palette.is_mounted:
            await pilot.pause()
        during = []
        while palette._reading:
            during += [await press(app, pilot, key) for key in ("c", "backspace")]
        print(
            f"read in {perf_counter() - began:.1f} s, {memory() - held:.0f} MB more, {len(during)} keys meanwhile"
        )
        if during:
            print(
                f"longest while reading: {max(during):.0f} ms, median {sorted(during)[len(during) // 2]:.0f} ms"
            )
        for text in TYPED:
            took = [await press(app, pilot, "space" if letter == " " else letter) for letter in text]
            status = palette.status_spans()[0][0][0]
            print(f"{text!r:18} longest key {max(took):5.0f} ms, first {took[0]:5.0f} ms   {status}")
            for _ in text:
                took.append(await press(app, pilot, "backspace"))


def main() -> None:
    asked = [*map(int, sys.argv[1:])]
    models, versions, workspaces = asked + [10_000, 100_000, 20][len(asked) :]
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), models, versions, workspaces)
        asyncio.run(run(Path(folder)))


if __name__ == "__main__":
    main()
