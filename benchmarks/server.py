"""The embedded Wallaroo with all its models in one workspace: ``python -m benchmarks.server MODELS VERSIONS``.

``wltui demo-server`` spreads them over many workspaces, as companies do.
"""

import asyncio
import sys

from wltui.demo import Demo
from wltui.demo.world import World

from .big_server import compress_nothing


def gather(world: World, workspace: int) -> None:
    """Move every model into one workspace."""
    for model in world.models.values():
        world.workspaces[model.workspace_id].models.remove(model)
        model.workspace_id = workspace
        world.workspaces[workspace].models.append(model)


def main() -> None:
    models, versions = map(int, sys.argv[1:])
    compress_nothing()
    demo = Demo(models=models, versions=versions)
    gather(demo.world, 10)
    demo.bind()
    print(demo.url, flush=True)
    asyncio.run(demo.serve_forever())


if __name__ == "__main__":
    main()
