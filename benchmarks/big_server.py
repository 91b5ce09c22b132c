"""An embedded Wallaroo in a process of its own whose models stand in one workspace, for the benchmarks of scale."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wltui.demo.world import Workspace

ROOT = Path(__file__).parent.parent
HOME = 11
"""The workspace with all that is not of the guide."""


@contextmanager
def server(
    models: int, versions: int, *, latency: float = 0, api: str = "2025.2", spread: int = 1
) -> Iterator[str]:
    """The address of a server with so many models, in ``spread`` workspaces from :data:`HOME` on."""
    with serving(__file__, *map(str, (models, versions, latency, api, spread))) as url:
        yield url


@contextmanager
def serving(*words: str) -> Iterator[str]:
    """What a Python program that serves says first, which is its address; ctrl+c reaches it by its end alone."""
    with subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def compress_nothing() -> None:
    """Have the server send bodies as they are, since the time that compressing takes is not the program's."""
    from wltui.demo import http

    http.ZIPPED_FROM = 1 << 40


def team(number: int) -> "Workspace":
    """An empty workspace with this number."""
    from wltui.demo.world import Workspace

    return Workspace(
        id=number, name=f"team-{number}", created_at="2026-03-01T12:00:00+00:00", created_by="jo@example.com"
    )


def serve(models: int, versions: int, latency: float, api: str, spread: int) -> None:
    import asyncio

    from wltui.demo import Demo

    compress_nothing()
    demo = Demo(seed=1, models=models + 3, versions=versions + 8, latency_ms=latency, api=api)  # type: ignore[arg-type]
    world = demo.world
    moved = [model for model in world.models.values() if model.workspace_id >= HOME]
    for number in [number for number in world.workspaces if number >= HOME]:
        del world.workspaces[number]
    for number in range(HOME, HOME + spread):
        world.add_workspace(team(number))
    for place, model in enumerate(moved):
        model.workspace_id = HOME + place % spread
        world.workspaces[model.workspace_id].models.append(model)
    print(demo.bind(), flush=True)
    asyncio.run(demo.serve_forever())


if __name__ == "__main__":
    many, more, wait, era, wide = sys.argv[1:]
    serve(int(many), int(more), float(wait), era, int(wide))
