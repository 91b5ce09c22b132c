"""Pipelines and deployments over REST: which run, with which steps, and how they fare."""

import json
from collections import Counter
from typing import Any

import pytest

from .conftest import Client, Start


def listed(client: Client, **query: object) -> list[Any]:
    found: list[Any] = client.ask("pipelines/list_pipelines", **query)["pipelines"]
    return found


def deployed(client: Client) -> list[Any]:
    return [item for item in listed(client) if item["deployment"] and item["deployment"]["deployed"]]


def status(client: Client, item: Any) -> Any:
    deployment = item["deployment"]
    return client.ask("status/get_deployment", name=f"{deployment['deploy_id']}-{deployment['id']}")


def statuses(client: Client) -> list[Any]:
    return [status(client, item) for item in deployed(client)]


def test_workspaces_name_the_pipelines_that_the_list_holds(client: Client) -> None:
    named = {
        number: workspace["id"]
        for workspace in client.ask("workspaces/list")["workspaces"]
        for number in workspace["pipelines"]
    }
    assert named == {item["pipeline"]["id"]: item["workspace"]["id"] for item in listed(client)}


@pytest.mark.parametrize("query", [{"workspace_id": 4}, {"workspace_name": "ccfraud-quickstart"}])
def test_pipelines_are_listed_by_workspace(client: Client, query: dict[str, object]) -> None:
    (item,) = listed(client, **query)
    assert item["pipeline"]["name"] == "ccfraud-pipeline"
    assert item["deployment"]["deployed"] is True
    assert isinstance(item["pipeline_version"]["id"], str)
    (step,) = item["pipeline_version"]["steps"]
    assert step["ModelInference"]["models"][0]["version"] == "f9f53a1e-6c36-4b1c-8b6f-0d6d8be0b8a4"


def test_some_run_some_rest_and_some_never_ran(client: Client) -> None:
    states = Counter(item["deployment"] and item["deployment"]["deployed"] for item in listed(client))
    assert min(states[True], states[False], states[None]) > 1


def test_steps_are_single_chained_split_and_shadowed(client: Client) -> None:
    steps = [item["pipeline_version"]["steps"] for item in listed(client)]
    assert any(len(each) == 2 and "ModelInference" in each[1] for each in steps)
    (weights,) = {
        json.dumps([entry["weight"] for entry in each[0]["RandomSplit"]["weights"]])
        for each in steps
        if "RandomSplit" in each[0]
    }
    assert weights == "[3, 1]"
    shadowed = [each for each in steps if len(each[0].get("ModelInference", {}).get("models", [])) == 2]
    assert [next(iter(step)) for step in shadowed[0]] == ["ModelInference", "AuditResults", "MultiOut"]


@pytest.mark.parametrize("seed", [1, 7])
def test_deployments_fare_in_every_way(start: Start, seed: int) -> None:
    found = statuses(start(seed=seed)[1])
    assert {each["status"] for each in found} == {"Running", "Starting", "Error"}
    assert ["Scaling"] in [each["details"] for each in found]
    sidekicks = [sidekick for each in found for sidekick in each["sidekicks"]]
    assert "CrashLoopBackOff" in {sidekick["reason"] for sidekick in sidekicks}
    assert {sidekick["status"] for sidekick in sidekicks} == {"Running", "Pending", "Failed"}
    texts = json.dumps(found)
    assert "Insufficient cpu" in texts
    assert "untolerated taint {kubernetes.io/arch: arm64}" in texts


def test_engines_are_flat_and_their_models_run_even_where_all_fails(client: Client) -> None:
    failed = [
        each for each in statuses(client) if each["sidekicks"] and each["sidekicks"][0]["status"] == "Failed"
    ]
    (engine,) = failed[0]["engines"]
    assert failed[0]["status"] == "Error"
    assert engine["status"] == "Running"
    assert {model["status"] for model in engine["model_statuses"]["models"]} == {"Running"}
    model = engine["model_statuses"]["models"][0]
    assert f"-{model['model_version_id']}-" in failed[0]["sidekicks"][0]["name"]
    assert failed[0]["sidekicks"][0]["name"].startswith("engine-sidekick-")


def test_one_runs_without_its_container(client: Client) -> None:
    flight = {
        version["model_version"]["id"]
        for entry in client.ask("models/list")["models"]
        for version in entry["model_versions"]
        if version["config"]["runtime"] == "flight"
    }
    alone = [
        each
        for each in statuses(client)
        if each["status"] == "Running"
        and not each["sidekicks"]
        and any(
            model["model_version_id"] in flight
            for engine in each["engines"]
            for model in (engine["model_statuses"] or {"models": []})["models"]
        )
    ]
    assert alone


def test_a_status_is_the_same_at_each_look(client: Client) -> None:
    item = deployed(client)[0]
    assert status(client, item) == status(client, item)


@pytest.mark.parametrize("name", ["ccfraud-pipeline-999", "api-sample-pipeline-2", "nothing", "x-y"])
def test_what_is_not_deployed_has_no_status(client: Client, name: str) -> None:
    refused = client.post("status/get_deployment", name=name)
    assert refused.status_code == refused.json()["code"] == 404


def test_versions_of_a_pipeline(client: Client) -> None:
    several = next(item for item in listed(client) if item["pipeline_version"]["version"])
    versions = client.ask(
        "pipelines/list_pipeline_versions",
        pipeline_id=several["pipeline"]["name"],
        workspace_id=several["workspace"]["id"],
    )["pipeline_versions"]
    newest = versions[-1]["pipeline_version"]
    assert newest == several["pipeline_version"]
    found = client.ask("pipelines/get_version", version=newest["version"])
    assert found["pipeline_id"] == several["pipeline"]["name"]
    assert found["definition"]["steps"] == newest["steps"]
    unknown = client.post("pipelines/get_version", version="0ed2ef5f-1b31-4b37-8f40-2f8b2a0a3d0b")
    assert unknown.status_code == 400


def test_a_pipeline_by_name_comes_without_deployment_and_steps(client: Client) -> None:
    found = client.ask("pipelines/get_pipeline_by_name", pipeline_name="ccfraud-pipeline", workspace_id=4)
    assert set(found) == {"pipeline", "plateau_topic", "workspace"}
    refused = client.post("pipelines/get_pipeline_by_name", pipeline_name="ccfraud-pipeline", workspace_id=10)
    assert refused.status_code == 404


@pytest.mark.parametrize(
    ("api", "absent"),
    [
        ("2023.4", {"list_pipelines", "list_pipeline_versions", "get_pipeline_by_name"}),
        ("2025.1", {"get_pipeline_by_name"}),
        ("2025.2", {"get_pipeline_by_name"}),
        ("2026.1", set()),
    ],
)
def test_releases_have_more_and_more_of_it(start: Start, api: str, absent: set[str]) -> None:
    client = start(api=api)[1]
    keys = {"pipeline_id": "x", "pipeline_name": "ccfraud-pipeline", "workspace_id": 4}
    calls = ("list_pipelines", "list_pipeline_versions", "get_pipeline_by_name")
    assert {call for call in calls if client.post(f"pipelines/{call}", **keys).status_code == 404} == absent


def test_topics_are_new_in_2025_2(start: Start) -> None:
    assert "plateau_topic" not in listed(start(api="2025.1")[1])[0]
    assert "plateau_topic" in listed(start(api="2025.2")[1])[0]


def test_containers_that_crashed_have_a_history_and_logs(client: Client) -> None:
    histories = [
        client.ask(
            "pipelines/get_sidekick_pods_history",
            pipeline_name=item["pipeline"]["name"],
            workspace_id=item["workspace"]["id"],
        )["pods"]
        for item in deployed(client)
    ]
    pods = next(history for history in histories if history)
    keys = {"pipeline_name": "x", "workspace_name": "x", "sidekick_name": pods[0]["sidekick_name"]}
    assert "MemoryError" in client.ask("pipelines/get_sidekick_pod_logs", **keys)["logs"][0]
    refused = client.post("pipelines/get_sidekick_pod_logs", **keys, start_datetime="2026-01-01T00:00:00")
    assert refused.status_code == 400


def test_users_and_workspaces(client: Client) -> None:
    users = client.ask("users/query")["users"]
    (owner,) = client.ask("workspaces/list_users", workspace_id=11)["users"]
    assert owner["user_type"] == "OWNER"
    assert "@" in users[owner["user_id"]]["email"]
    assert client.ask("users/query", user_ids=["nobody"])["users"] == {"nobody": None}
    number = client.ask("workspaces/create", workspace_name="fresh")["workspace_id"]
    assert number in {workspace["id"] for workspace in client.ask("workspaces/list")["workspaces"]}
    again = client.post("workspaces/create", workspace_name="fresh")
    assert (again.status_code, "workspace_name_key" in again.json()["msg"]) == (500, True)


@pytest.mark.parametrize("seed", [1, 7])
def test_some_deployments_run_an_older_config_than_the_newest(start: Start, seed: int) -> None:
    client = start(seed=seed)[1]
    query = """{ deployment_model_configs(where: {deployment: {deployed: {_eq: true}}}) {
      model_config { id model { model_configs_aggregate { aggregate { max { id } } } } } } }"""
    answer = client.http.post("/v1/graphql", json={"query": query}).json()["data"]["deployment_model_configs"]
    behind = [
        tie["model_config"]["id"]
        < tie["model_config"]["model"]["model_configs_aggregate"]["aggregate"]["max"]["id"]
        for tie in answer
    ]
    assert behind.count(True) > 1
    assert behind.count(False) > 1


@pytest.mark.parametrize("seed", [1, 7])
def test_the_newest_version_of_a_pipeline_need_not_be_the_deployed_one(start: Start, seed: int) -> None:
    client = start(seed=seed)[1]
    query = """{ pipeline(where: {deployment: {deployed: {_eq: true}}}) {
      pipeline_versions(order_by: {id: desc}, limit: 1) { id }
      deployment { deployment_pipeline_versions { pipeline_version_pk_id } } } }"""
    pipelines = client.http.post("/v1/graphql", json={"query": query}).json()["data"]["pipeline"]
    is_newest = [
        pipeline["pipeline_versions"][0]["id"]
        == pipeline["deployment"]["deployment_pipeline_versions"][0]["pipeline_version_pk_id"]
        for pipeline in pipelines
    ]
    assert set(is_newest) == {True, False}
