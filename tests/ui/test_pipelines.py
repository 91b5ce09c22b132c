"""The pipelines that use a version, and how a deployment fares, on screen."""

from dataclasses import replace

import pytest

from tests.support.clock import NOW
from tests.support.editing import said, send
from tests.support.screens import SIZES, check_screen, crumbs, line_with, offered
from tests.support.services import saying
from tests.support.session import OpenApp
from wltui.core.pipelines import Deployment, DeploymentId, Pipeline, PipelineId
from wltui.demo import Demo
from wltui.service.deployments import PipelineRow
from wltui.ui.screens.deployment import deployment_lines
from wltui.ui.text.glyphs import UNICODE
from wltui.ui.text.spans import plain

GRAPHQL = "/v1/graphql"
STATUS = "status/get_deployment"


@pytest.mark.parametrize("size", SIZES)
async def test_a_version_says_which_pipeline_runs_it(
    open_app: OpenApp, size: tuple[int, int], redraw: bool
) -> None:
    async with open_app(size=size, workspace=4, graphql=True) as session:
        await session.press("enter", "enter")
        check_screen(session, "version-pipelines", redraw)
        assert "deployed, runs config 15; redeploy to use config 20" in session.text


@pytest.mark.parametrize("size", [*SIZES, (200, 60)])
async def test_a_list_marks_the_versions_that_run_with_an_older_config(
    open_app: OpenApp, demo: Demo, size: tuple[int, int], redraw: bool
) -> None:
    async with open_app(size=size, workspace=4, graphql=True) as session:
        await session.press("enter")
        check_screen(session, "versions-redeploy", redraw)
        assert "⇡ 1 to redeploy" in session.text
        assert "6  ✔ ready ⇡" in session.text
        await session.press("slash", *"redeploy")
        assert "1 of " in session.text
        assert "⇡ 1 to redeploy" in session.text
        await session.press("escape", "slash", "!", *"redeploy")
        assert "⇡ 1 to redeploy" not in session.text  # as all that is counted beside it


async def test_a_list_without_the_query_has_no_marks(open_app: OpenApp, demo: Demo) -> None:
    refusal = saying({"errors": [{"message": "no"}]})
    demo.script(GRAPHQL, replace(refusal, asked={"operationName": "deployed_uses"}))
    async with open_app(size=(80, 24), workspace=4, graphql=True) as session:
        await session.press("enter")
        assert "✔ ready" in line_with(session, " 6 ")
        assert "redeploy" not in session.text


@pytest.mark.parametrize("size", SIZES)
async def test_the_pipelines_of_a_workspace(open_app: OpenApp, size: tuple[int, int], redraw: bool) -> None:
    async with open_app(size=size, graphql=True) as session:
        await session.press("j", "j", "D")
        check_screen(session, "pipelines", redraw)
        assert "config 80; redeploy for 81" in session.text


@pytest.mark.parametrize("size", SIZES)
async def test_what_runs_of_a_pipeline(open_app: OpenApp, size: tuple[int, int], redraw: bool) -> None:
    async with open_app(size=size, workspace=4, graphql=True) as session:
        await session.press("D", "enter")
        check_screen(session, "deployment", redraw)


@pytest.mark.parametrize("size", SIZES)
async def test_a_deployment_in_trouble_says_why_and_what_helps(
    open_app: OpenApp, demo: Demo, size: tuple[int, int], redraw: bool
) -> None:
    engine = {
        "name": "engine-1",
        "status": "Pending",
        "reason": "0/3 nodes are available: 3 Insufficient cpu.",
    }
    sidekick = {"name": "engine-sidekick-[/b]-6-abc", "status": "Failed", "reason": "CrashLoopBackOff"}
    demo.script(STATUS, saying({"status": "Error", "engines": [engine], "sidekicks": [sidekick]}))
    async with open_app(size=size, workspace=4, graphql=True) as session:
        await session.press("D", "enter")
        check_screen(session, "deployment-error", redraw)
        assert "the cluster has no room for it" in session.text
        assert "the cluster has no room for it" in " ".join(offered(session, "txt").split())
        assert "Sidekick of version 6: Failed" in session.text


async def test_a_deployment_that_the_platform_does_not_know(open_app: OpenApp, demo: Demo) -> None:
    demo.script(STATUS, saying({"msg": "not found", "code": 404}, 404))
    async with open_app(workspace=4, graphql=True) as session:
        await session.press("D", "enter")
        assert "the platform does not know it" in session.text


async def test_a_pipeline_that_was_never_deployed_says_so_in_the_list_and_behind_it(
    open_app: OpenApp,
) -> None:
    async with open_app(graphql=True) as session:
        await session.press("j", "j", "D", "slash", *"merchant", "enter")
        assert "not deployed" in session.text
        await session.press("enter")
        assert "the platform does not know it" not in session.text
        assert "· not deployed" in session.text


async def test_a_model_and_a_version_without_pipelines_say_so(open_app: OpenApp) -> None:
    async with open_app(workspace=10, graphql=True) as session:
        await session.press("enter", "D")
        assert "No pipeline of this workspace uses version" in session.text


async def test_what_a_redeploy_changes(open_app: OpenApp, demo: Demo) -> None:
    from tests.support.services import configure

    configure(demo, 6, filter_threshold=0.5)
    async with open_app(workspace=4, graphql=True) as session:
        await session.press("D", "equals_sign")
        assert "runs config 15" in session.text
        assert "0.5" in session.text


async def test_two_marked_ones_are_compared_by_the_versions_that_they_run(open_app: OpenApp) -> None:
    async with open_app(workspace=11, graphql=True) as session:
        await session.press("D", "escape", "escape")
        await session.press("j", "j", "D", "space", "equals_sign")
        assert "mark two pipelines, or none" in session.text
        await session.press("space", "equals_sign")
        assert crumbs(session).endswith("Compare 141 with 127")


async def test_a_save_names_the_pipeline_to_deploy_again(open_app: OpenApp) -> None:
    async with open_app(workspace=4, graphql=True) as session:
        await session.press("enter", "e", "enter")
        await session.type("a")
        await send(session)
        assert "To use it, deploy ccfraud-pipeline again." in said(session)


async def test_over_rest_alone_nothing_is_said_of_configs(open_app: OpenApp) -> None:
    async with open_app(workspace=4) as session:
        await session.press("D")
        assert "deployed; config not readable" in session.text
        await session.press("escape", "enter", "enter")
        assert "deployed; it keeps the config that it was deployed with" in session.text


def test_who_deployed_it_is_named_if_it_was_this_user() -> None:
    deployment = Deployment(id=DeploymentId(1), name="p", deployed=True, updated_by="c0ffee-1")
    row = PipelineRow(Pipeline(id=PipelineId(1), name="p", deployment=deployment))

    def changed_by(users: dict[str, str]) -> str:
        lines = [plain(line) for line in deployment_lines(row, None, UNICODE, str, 80, users=users)]
        return next(line.split()[-1] for line in lines if line.split()[:1] == ["By"])

    assert changed_by({"c0ffee-1": "jane@example.com"}) == "jane@example.com"
    assert changed_by({}) == "c0ffee-1"


async def test_tags_are_shown_one_by_one(open_app: OpenApp, demo: Demo) -> None:
    for tag in (*demo.world.tags.values(),)[:2]:
        tag.version_ids.append(6)
    demo.world.tags[2].text = "[/b] a, b"
    async with open_app(size=(120, 70), workspace=4, graphql=True) as session:
        await session.press("enter", "enter")
        assert line_with(session, "Tags ").split() == ["Tags", "production"]
        assert "[/b] a, b" in session.text


async def test_the_json_says_what_graphql_does_not_answer(open_app: OpenApp) -> None:
    with Demo(seed=1, clock=lambda: NOW, graphql="absent") as absent:
        async with open_app(server=absent, workspace=4, graphql=True) as session:
            await session.press("enter", "enter", "y")
            assert "REST was used for what GraphQL does not answer here: " in session.text
            assert "models/get_version_by_id" in session.text
