"""Which configs deployments run of a list of versions, in two queries, and nothing without GraphQL."""

from pathlib import Path

import msgspec
import pytest

from tests.support.clock import NOW
from tests.support.services import configure, last, saying, session, told
from wltui.api.graphql import PATH
from wltui.core.records import VersionId, WorkspaceId
from wltui.demo import Demo

FRAUD = VersionId(6)
"""A pipeline runs it with config 15; its newest is 20."""
HOME = WorkspaceId(4)


def asked(demo: Demo) -> list[str]:
    sent = [msgspec.json.decode(request.body) for request in demo.requests if request.path == PATH]
    return [each["operationName"] for each in sent]


async def test_two_queries_find_what_needs_a_redeploy_in_a_workspace(demo: Demo) -> None:
    async with session(demo.url, None, graphql=True) as service:
        found = await last(service.configs_in_use(HOME))
    assert asked(demo) == ["deployed_uses", "newest_configs"]
    assert list(found.outdated) == [FRAUD]
    assert [(use.pipeline_name, use.config_id) for use in found.outdated[FRAUD]] == [("ccfraud-pipeline", 15)]
    assert found.newest[FRAUD] == 20
    models = {demo.world.versions[version_id].model_id for version_id in found.deployed}
    assert {demo.world.models[model_id].workspace_id for model_id in models} == {HOME}


async def test_the_whole_instance_costs_the_same_two_queries(demo: Demo) -> None:
    async with session(demo.url, None, graphql=True) as service:
        everything = await last(service.configs_in_use(None))
        home = await last(service.configs_in_use(HOME))
    assert asked(demo) == ["deployed_uses", "newest_configs"] * 2
    assert everything.deployed > home.deployed
    assert everything.outdated.keys() > home.outdated.keys()


async def test_a_new_config_of_a_deployed_version_is_seen_and_comes_from_the_cache_first(
    demo: Demo, tmp_path: Path
) -> None:
    async with session(demo.url, tmp_path, graphql=True) as service:
        before = await last(service.configs_in_use(None))
        current = min(before.deployed - before.outdated.keys())
    configure(demo, current)
    async with session(demo.url, tmp_path, graphql=True) as service:
        cached, live = await told(service.configs_in_use(None))
        (alone,) = await told(service.configs_in_use(None, live=False))
    assert (cached.live, live.live, alone.live) == (False, True, False)
    assert cached.value == before
    assert live.value.outdated.keys() == {current, *before.outdated}


@pytest.mark.parametrize("answer", [saying({"errors": [{"message": "no"}]}), saying({}, 404)])
async def test_without_an_answer_there_is_none(demo: Demo, answer: object) -> None:
    demo.script(PATH, answer)  # type: ignore[arg-type]
    async with session(demo.url, None, graphql=True) as service:
        assert await told(service.configs_in_use(HOME)) == []
        assert await told(service.configs_in_use(HOME)) == []
    assert asked(demo) == ["deployed_uses"]


async def test_if_the_newest_configs_are_not_shown_nothing_is_said(demo: Demo) -> None:
    with Demo(seed=1, clock=lambda: NOW, graphql_hidden=["model_config.model_id"]) as hidden:
        async with session(hidden.url, None, graphql=True) as service:
            assert await told(service.configs_in_use(HOME)) == []


async def test_switched_off_it_asks_and_shows_nothing(demo: Demo, tmp_path: Path) -> None:
    async with session(demo.url, tmp_path, graphql=True) as service:
        await last(service.configs_in_use(HOME))
    before = len(demo.requests)
    async with session(demo.url, tmp_path) as service:
        assert await told(service.configs_in_use(HOME)) == []
    assert len(demo.requests) == before


async def test_a_workspace_where_nothing_runs_needs_one_query(demo: Demo) -> None:
    async with session(demo.url, None, graphql=True) as service:
        found = await last(service.configs_in_use(WorkspaceId(987_654)))
    assert (found.uses, asked(demo)) == ((), ["deployed_uses"])
