"""Where versions run: by GraphQL with the config, over REST without it, and after a save."""

from collections.abc import AsyncGenerator, Iterator
from typing import Any

import httpx
import pytest

from tests.support.clock import NOW
from tests.support.services import INSERT, at_once, configure, last, saying, session, told
from tests.support.waiting import LIMIT
from wltui.api.auth import PasswordLogin
from wltui.api.client import Client
from wltui.config.edit import ConfigEdit
from wltui.core.errors import NoSuchEndpoint, NotFound, UsageError
from wltui.core.pipelines import Verdict
from wltui.core.records import ConfigId, ModelVersion, Outcome, VersionId, WorkspaceId
from wltui.core.settings import Secret
from wltui.demo import Demo, Scripted
from wltui.service.deployments import PipelineRow
from wltui.service.service import Service

FRAUD = VersionId(6)
"""A pipeline runs it with config 15; its newest is 20."""
HOME = WorkspaceId(4)
RETAIL = WorkspaceId(11)
LIST = "pipelines/list_pipelines"


@pytest.fixture
def absent() -> Iterator[Demo]:
    with Demo(seed=1, clock=lambda: NOW, graphql="absent") as server:
        yield server


def fraud(demo: Demo) -> ModelVersion:
    return ModelVersion(id=FRAUD, workspace_id=HOME, uuid=demo.world.versions[FRAUD].uuid)


async def rows(demo: Demo, workspace: WorkspaceId) -> dict[str, PipelineRow]:
    async with session(demo.url, None, graphql=True) as service:
        return {row.pipeline.name: row for row in await last(service.pipelines(workspace))}


async def test_a_version_names_the_pipeline_that_runs_it_with_an_older_config(demo: Demo) -> None:
    async with session(demo.url, None, graphql=True) as service:
        detail = await last(service.version(fraud(demo)))
    assert detail.uses
    assert detail.config
    (use,) = detail.uses
    assert (use.pipeline_name, use.config_id, use.is_deployed) == ("ccfraud-pipeline", 15, True)
    assert use.verdict(detail.config.id) is Verdict.OUTDATED


async def test_over_rest_it_names_the_pipeline_without_the_config(absent: Demo) -> None:
    async with session(absent.url, None, graphql=True) as service:
        detail = await last(service.version(fraud(absent)))
    assert detail.uses
    (use,) = detail.uses
    assert (use.pipeline_name, use.config_id, use.is_deployed) == ("ccfraud-pipeline", None, True)
    assert use.verdict(ConfigId(20)) is Verdict.UNKNOWN


async def test_a_failing_list_of_pipelines_costs_a_version_nothing(absent: Demo) -> None:
    absent.script(LIST, *[Scripted(500, b"{}")] * 9)
    async with session(absent.url, None, graphql=True) as service:
        detail = await last(service.version(fraud(absent)))
    assert detail.uses is None
    assert detail.config


async def test_the_pipelines_of_a_workspace_and_what_each_runs(demo: Demo) -> None:
    found = await rows(demo, RETAIL)
    assert {name: row.verdict for name, row in found.items()} == {
        "ccfraud-pipeline": Verdict.OUTDATED,
        "probability-of-default-retail-unsecured-calibrated-pipeline": Verdict.CURRENT,
        "aml-graph-features-pipeline": Verdict.CURRENT,
        "card-velocity-pipeline": Verdict.CURRENT,
        "chargeback-risk-pipeline": Verdict.STOPPED,
        "merchant-embedding-pipeline": Verdict.STOPPED,
    }
    (outdated,) = found["ccfraud-pipeline"].outdated
    assert (outdated.version_id, outdated.config_id) == (51, 80)
    (split,) = found["ccfraud-pipeline"].pipeline.steps
    assert [model.weight for model in split.models] == [3.0, 1.0]


async def test_a_server_without_the_list_still_has_the_deployed_ones(demo: Demo) -> None:
    demo.script(LIST, *[Scripted(404)] * 9)
    found = await rows(demo, HOME)
    assert found["ccfraud-pipeline"].verdict is Verdict.OUTDATED


async def test_without_either_the_failure_is_no_empty_list(absent: Demo) -> None:
    absent.script(LIST, *[Scripted(404)] * 9)
    with pytest.raises(NoSuchEndpoint):
        await rows(absent, HOME)


async def test_what_a_redeploy_changes(demo: Demo) -> None:
    configure(demo, FRAUD, tensor_fields=["a"], filter_threshold=0.5)
    async with session(demo.url, None, graphql=True) as service:
        (row,) = await last(service.pipelines(HOME))
        answer = await service.redeploy_changes(row.outdated[0])
    assert answer
    assert {change.key: change.after for change in answer.value} == {
        "tensor_fields": ("a",),
        "filter_threshold": 0.5,
    }


async def test_a_save_names_the_pipelines_to_deploy_again(demo: Demo) -> None:
    async with session(demo.url, None, graphql=True) as service:
        detail = await service.config_to_edit(fraud(demo))
        assert detail.config
        edit = ConfigEdit(FRAUD, detail.config).with_value("tensor_fields", ("a",))
        saved = await service.save_config(fraud(demo), edit)
    assert saved.running
    assert [use.pipeline_name for use in saved.running] == ["ccfraud-pipeline"]


class _SignInIsLostAfter(httpx.Auth):
    """A sign-in that can't be used any more once a config was inserted: its file or keyring has become unreadable."""

    def __init__(self, demo: Demo) -> None:
        self._demo, self._whole = demo, PasswordLogin(demo.url, "demo", Secret("demo"))

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if any(each.path == INSERT for each in self._demo.requests) and request.url.path.endswith(LOST):
            raise UsageError("The keyring does not give the sign-in")
        flow = self._whole.async_auth_flow(request)
        try:
            sent = await anext(flow)
            while True:
                sent = await flow.asend((yield sent))
        except StopAsyncIteration:
            return


LOST = ("/v1/graphql", LIST)


@pytest.mark.parametrize("graphql", [True, False])
async def test_a_save_stays_saved_whatever_befalls_the_look_at_its_pipelines(
    demo: Demo, graphql: bool
) -> None:
    """An error here would read as a refusal of the save."""
    auth = _SignInIsLostAfter(demo)
    service = Service(
        lambda: Client(demo.url, auth, timeout=LIMIT, wait=at_once), None, graphql=graphql, clock=lambda: NOW
    )
    detail = await service.config_to_edit(fraud(demo))
    assert detail.config
    edit = ConfigEdit(FRAUD, detail.config).with_value("tensor_fields", ("a",))
    saved = await service.save_config(fraud(demo), edit)
    await service.close()
    assert (saved.outcome, saved.running) == (Outcome.SAVED, None)


async def test_a_deployment_is_polled_by_its_own_name(demo: Demo) -> None:
    async with session(demo.url, None, graphql=True) as service:
        (row,) = await last(service.pipelines(HOME))
        assert row.pipeline.deployment
        status = await last(service.deployment_status(row.pipeline.deployment))
        demo.script("status/get_deployment", saying({"msg": "not found", "code": 404}, 404))
        with pytest.raises((NotFound, NoSuchEndpoint)):
            await told(service.deployment_status(row.pipeline.deployment))
    assert status.status == "Running"
    assert {model.version_id for model in status.models} == {FRAUD}


NAMES: list[Any] = [
    {"steps": [{"ModelInference": {"models": [{"name": "a", "version": "u"}]}}]},
    None,
    7,
    "x",
    [],
    [7],
]


@pytest.mark.parametrize("steps", NAMES)
async def test_steps_of_any_shape_cost_no_list(absent: Demo, steps: object) -> None:
    item = {"pipeline": {"id": 1, "name": "p"}, "pipeline_version": {"version": "v", "steps": steps}}
    absent.script(LIST, saying({"pipelines": [item, {"pipeline": {"name": "no id"}}]}))
    found = await rows(absent, HOME)
    assert set(found) == {"p"}
    assert found["p"].verdict is Verdict.UNKNOWN
