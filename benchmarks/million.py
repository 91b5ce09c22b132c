"""What a million versions cost in the lists of all versions and of problems, on the whole program.

    python -m benchmarks.million [--json] [--problems] [versions]

The embedded Wallaroo runs in a process of its own and writes each of 10,000 versions again and again, with other ids,
hashes and times. No answer may have a million, so each of a hundred workspaces is read by itself. Reported are seconds
to the first rows and to all of them; the longest time that the event loop was held up meanwhile; megabytes of memory
(RSS) at rest, with a filter, and at most; and milliseconds from each letter of a filter to its painted answer, with
the processor's time of that in brackets.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import uuid
from functools import partial
from hashlib import sha256
from pathlib import Path
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, Any

from .big_server import compress_nothing, serving, team
from .problems import FIRST, _has_rows, _is_read
from .scale import Heart, peak_memory, resting_memory, until

if TYPE_CHECKING:
    from wltui.ui.app.app import WltuiApp

BASE, WORKSPACES = 10_000, 100
TYPED = ("error", "7", "46", "4612", "face", "onnx !error", "24h", "uuid:46", "qqqq")


def _again(listed: Any, number: int, first: int) -> Any:
    """Return a version of ``models/list`` as another one: the ``number``-th copy, with ids from ``first`` on."""
    version, config = listed["model_version"], listed["config"]
    own = version["id"] + first
    digest = sha256(own.to_bytes(8)).hexdigest()
    time = version["created_at"]
    fraction = f".{number * 7_919 % 999_983 or 1:06}".rstrip("0")
    return {
        "model_version": {
            **version,
            "id": own,
            "created_at": time and f"{time[:19]}{fraction}+00:00",
            "file_info": {**version["file_info"], "version": str(uuid.UUID(digest[:32])), "sha": digest},
        },
        "config": {**config, "id": config["id"] + first, "model_version_id": own},
    }


def serve(copies: int) -> None:
    from wltui.demo import Demo
    from wltui.demo.model_calls import ModelCalls
    from wltui.demo.refusals import RefusalError
    from wltui.demo.workspace_calls import WorkspaceCalls

    compress_nothing()
    demo = Demo(seed=1, models=WORKSPACES * 20, versions=BASE)
    world = demo.world
    homes = sorted(world.workspaces)
    for number in range(WORKSPACES - len(homes)):
        world.add_workspace(team(100 + number))
    homes = sorted(world.workspaces)
    for place, model in enumerate(list(world.models.values())):
        if model.id > 30:
            world.workspaces[model.workspace_id].models.remove(model)
            model.workspace_id = homes[place % len(homes)]
            world.workspaces[model.workspace_id].models.append(model)
    step = 10 * BASE
    list_models, list_workspaces = ModelCalls._list_models, WorkspaceCalls._list

    def models(self: ModelCalls, query: Any) -> object:
        if query.workspace_id is None and query.workspace_name is None:
            raise RefusalError(400, "missing field `workspace_id`")
        answer: Any = list_models(self, query)
        for model in answer["models"]:
            own = model["model_versions"]
            model["model_versions"] = [
                _again(version, number, number * step) for number in range(copies) for version in own
            ]
        return answer

    def workspaces(self: WorkspaceCalls, query: Any) -> object:
        answer: Any = list_workspaces(self, query)
        for workspace in answer["workspaces"]:
            own = workspace["models"]
            workspace["models"] = [each + number * step for number in range(copies) for each in own]
        return answer

    ModelCalls._list_models = models  # type: ignore[method-assign]
    WorkspaceCalls._list = workspaces  # type: ignore[method-assign, assignment]
    print(demo.bind(), flush=True)
    asyncio.run(demo.serve_forever())


async def look(url: str, folder: str, *, problems: bool) -> dict[str, object]:
    from wltui.core.records import WorkspaceId
    from wltui.core.settings import Secret, Settings
    from wltui.lifecycle.garbage import Garbage
    from wltui.lifecycle.start import Start
    from wltui.service.open import open_service
    from wltui.ui.app.app import WltuiApp
    from wltui.ui.screens.fleet import FleetScreen

    settings = Settings(
        endpoint=url, login=("demo", Secret("demo")), profile="bench", refresh=1e9, cache_bytes=1 << 30, graphql=False,
        workspace=WorkspaceId(FIRST), request_timeout=600.0,
    )  # fmt: skip
    found: dict[str, object] = {}
    start = Start(settings, garbage=Garbage())
    app = WltuiApp(start, lambda start: open_service(start.settings, Path(folder)))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.5)
        found["memory at first"] = await resting_memory()
        screen = FleetScreen(problems=problems)
        heart, began = Heart(), perf_counter()
        await app.push_screen(screen)
        await until(partial(_has_rows, screen))
        found["first rows s"] = round(perf_counter() - began, 1)
        await until(partial(_is_read, screen))
        found["all rows s"] = round(perf_counter() - began, 1)
        found["held up by its own work ms"] = round(heart.longest_work * 1000)
        found["held up ms"] = round(heart.stop())
        found["versions"], found["rows"] = len(screen.known.versions), screen.table.total
        found["memory"] = await resting_memory()
        began, work = perf_counter(), thread_time()
        await press(app, "slash")
        await until(lambda: screen.table.is_prepared)
        found["filter ready s"] = f"{perf_counter() - began:.1f} ({thread_time() - work:.1f})"
        for text in TYPED:
            found[f"filter {text}"] = "  ".join([await press(app, letter) for letter in text])
            found[f"filter {text}"] = f"{found[f'filter {text}']}   {screen.table.shown:,} found"
            await press(app, "ctrl+u")
        found["memory with a filter"], found["memory at most"] = await resting_memory(), peak_memory()
    await app.service.close()
    return found


async def press(app: "WltuiApp", letter: str) -> str:
    """Press a key; return how long it took until it was served, and in brackets how long this thread worked."""
    from textual.events import Key

    names = {" ": "space", "!": "exclamation_mark", ":": "colon"}
    served, began, work = app.keys_served, perf_counter(), thread_time()
    app.post_message(
        Key(names.get(letter, letter), letter if len(letter) == 1 else {"slash": "/"}.get(letter))
    )
    while app.keys_served == served:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    text = f"{(perf_counter() - began) * 1000:.0f} ({(thread_time() - work) * 1000:.0f})"
    await asyncio.sleep(0.3)
    return text


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("versions", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--problems", action="store_true")
    asked = parser.parse_args()
    copies = max(1, asked.versions // BASE)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving("-m", "benchmarks.million", "--serve", str(copies)) as url,
    ):
        command = [
            sys.executable,
            "-m",
            "benchmarks.million",
            "--look",
            url,
            folder,
            str(int(asked.problems)),
        ]
        answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    if asked.json:
        print(answer.strip(), flush=True)
    else:
        print("\n".join(f"{name:28} {value}" for name, value in json.loads(answer).items()), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--look"]:
        print(json.dumps(asyncio.run(look(*sys.argv[2:4], problems=sys.argv[4] == "1"))))
    elif sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]))
    else:
        main()
