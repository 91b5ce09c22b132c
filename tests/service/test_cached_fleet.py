"""What the cache knows of the fleet: everything that was read before, by whichever release, and nothing is asked."""

from pathlib import Path

import pytest

from tests.support.clock import NOW
from wltui.core.records import Model, Workspace, WorkspaceId
from wltui.core.settings import Secret, Settings
from wltui.demo import Demo, Scripted
from wltui.demo.releases import Era
from wltui.service.open import open_service
from wltui.service.service import Service
from wltui.store.bodies import pack


def service(demo: Demo, folder: Path | None) -> Service:
    """A session of the demo's user."""
    asked = Settings(endpoint=demo.url, login=("demo", Secret("demo")))
    return open_service(asked, folder, clock=lambda: NOW)


async def known(service: Service) -> dict[int, tuple[Workspace, tuple[Model, ...]]]:
    """All that is known, by workspace."""
    return {told[0].id: told async for told in service.cached_workspaces()}


async def read(service: Service, *workspaces: int) -> None:
    """Read the workspaces, and the models of some."""
    async for _ in service.workspaces():
        pass
    for number in workspaces:
        async for _ in service.models(WorkspaceId(number)):
            pass


@pytest.mark.parametrize("api", ["2025.2", "2023.4"])
async def test_what_was_read_is_known_afterwards_and_nothing_is_asked(api: Era, tmp_path: Path) -> None:
    with Demo(seed=1, clock=lambda: NOW, api=api) as server:
        first = service(server, tmp_path)
        assert await known(first) == {}
        await read(first, 10)
        await first.close()
        before = len(server.requests)
        later = service(server, tmp_path)
        told = await known(later)
        await later.close()
        assert len(server.requests) == before
        assert told.keys() == server.world.workspaces.keys()
        workspace, models = told[10]
        assert workspace.name == "api-tutorial"
        assert [(model.name, len(model.versions or ())) for model in models] == [
            ("api-upload-pytorch-multi-io", 5), ("api-sample-model", 1)
        ]  # fmt: skip
        assert {v.workspace_id for model in models for v in model.versions or ()} == {10}
        assert not any(models for number, (_, models) in told.items() if number != 10)


async def test_an_answer_that_can_not_be_read_any_more_is_passed_over(tmp_path: Path) -> None:
    with Demo(seed=1, clock=lambda: NOW) as server:
        first = service(server, tmp_path)
        await read(first, 10, 11)
        call = {"workspace_id": 10}
        first._exchange.cache.put(pack("models/list", call, b'{"models": [{}]}'), NOW)  # type: ignore[union-attr]
        told = await known(first)
        assert told[10][1] == ()
        assert told[11][1]
        await first.close()


async def test_without_a_cache_nothing_is_known(tmp_path: Path) -> None:
    with Demo(seed=1, clock=lambda: NOW) as server:
        server.script("workspaces/list", Scripted(500))
        session = service(server, None)
        assert await known(session) == {}
        await session.close()
