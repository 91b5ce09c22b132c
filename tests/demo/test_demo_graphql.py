"""``/v1/graphql`` answers as a Hasura does: filters, orders, relations, and refusals in its words."""

from typing import Any

import pytest

from .conftest import Client, Start

UUID = "9150b046-5df0-4c41-a60b-3016355f89d5"


def query(client: Client, text: str, **variables: Any) -> Any:
    return client.http.post("/v1/graphql", json={"query": text, "variables": variables})


def ask(client: Client, text: str, **variables: Any) -> Any:
    """Return the data of a query that succeeds."""
    answer = query(client, text, **variables).json()
    assert "errors" not in answer, answer
    return answer["data"]


def refusal(client: Client, text: str, **variables: Any) -> Any:
    """Return message and code of a query that is refused, which is HTTP 200 all the same."""
    response = query(client, text, **variables)
    assert response.status_code == 200
    (error,) = response.json()["errors"]
    return error["message"], error["extensions"]["code"]


def test_a_version_has_its_status_and_workspace(client: Client) -> None:
    text = "{ model_by_pk(id: 16) { id status name: model_id model { workspace { id name } } } }"
    assert ask(client, text)["model_by_pk"] == {
        "id": 16,
        "status": "ready",
        "name": "api-upload-pytorch-multi-io",
        "model": {"workspace": {"id": 10, "name": "api-tutorial"}},
    }
    assert ask(client, "{ model_by_pk(id: 999) { id } }") == {"model_by_pk": None}


def test_a_version_is_found_by_name_and_uuid(client: Client) -> None:
    text = """query ModelByName($model_id: String!, $uuid: String!) {
      model(where: {_and: [{model_id: {_eq: $model_id}}, {model_version: {_eq: $uuid}}]}) { id }
    }"""
    found = ask(client, text, model_id="api-upload-pytorch-multi-io", uuid=UUID)
    assert found == {"model": [{"id": 16}]}


def test_the_newest_config_of_many_versions_whole_in_one_query(client: Client) -> None:
    new = client.ask(
        "models/insert_model_config",
        model_version_id=16,
        filter_threshold=0.1,
        batch_config="single",
        openai_config={"enabled": True},
        continuous_batching_config={"max_concurrent_batch_size": 7},
    )["model_config"]
    text = """query($v: [bigint!]!) { model_config(
      where: {model_id: {_in: $v}}, distinct_on: model_id, order_by: [{model_id: asc}, {id: desc}]) {
      id model_id filter_threshold batch_config continuous_batching_config openai model { id } } }"""
    found = ask(client, text, v=[16, 6])["model_config"]
    assert [(row["id"], row["model_id"]) for row in found] == [(20, 6), (new["id"], 16)]
    assert found[1] == {
        "id": new["id"],
        "model_id": 16,
        "filter_threshold": pytest.approx(0.1),
        "batch_config": "single",
        "continuous_batching_config": {"max_concurrent_batch_size": 7},
        "openai": {"enabled": True},
        "model": {"id": 16},
    }
    assert found[1]["filter_threshold"] != 0.1  # it went through 32 bits


def test_who_runs_a_version_with_which_config(client: Client) -> None:
    text = """query($v: bigint!) { deployment_model_configs(where: {model_config: {model_id: {_eq: $v}}}) {
      model_config { id } deployment { deploy_id deployed } pipeline_version { pipeline { pipeline_id } } } }"""
    (tie,) = ask(client, text, v=6)["deployment_model_configs"]
    assert tie["model_config"] == {"id": 15}  # its newest is 20
    assert tie["deployment"] == {"deploy_id": "ccfraud-pipeline", "deployed": True}
    (past,) = ask(client, text, v=16)["deployment_model_configs"]
    assert past["deployment"]["deployed"] is False


def test_the_deployed_of_a_workspace(client: Client) -> None:
    text = """query($w: bigint!) { deployment_model_configs(where: {
      deployment: {deployed: {_eq: true}}, model_config: {model: {model: {workspace_id: {_eq: $w}}}}}) {
      model_config { model { id } } pipeline_version { pipeline { workspace_id } } } }"""
    ties = ask(client, text, w=11)["deployment_model_configs"]
    assert {tie["pipeline_version"]["pipeline"]["workspace_id"] for tie in ties} == {11}
    listed = client.ask("models/list", workspace_id=11)["models"]
    deployed = {
        version["model_version"]["id"]
        for entry in listed
        for version in entry["model_versions"]
        if version["model_version"]["deployed"]
    }
    assert {tie["model_config"]["model"]["id"] for tie in ties} == deployed


def test_what_is_not_ready_is_paged(client: Client) -> None:
    text = """query($n: Int!, $o: Int!) { model(
      where: {_or: [{status: {_neq: "ready"}}, {status: {_is_null: true}}]},
      order_by: {updated_at: desc}, limit: $n, offset: $o) { id status updated_at } }"""
    whole = ask(client, text, n=1000, o=0)["model"]
    assert {"ready"} & {row["status"] for row in whole} == set()
    stamps = [row["updated_at"] for row in whole]
    assert stamps == sorted(stamps, reverse=True)
    assert ask(client, text, n=3, o=2)["model"] == whole[2:5]


CONDITIONS: list[tuple[str, set[int]]] = [
    ("{id: {_in: [15, 16]}}", {15, 16}),
    ("{id: {_gt: 15, _lte: 17}}", {16, 17}),
    ("{models_pk_id: {_eq: 15}, id: {_nin: [15, 16]}}", {17, 18, 19}),
    ('{file_name: {_ilike: "MODEL-auto%"}, id: {_lt: 20}}', {19}),
    ("{_not: {id: {_neq: 16}}}", {16}),
    ('{_and: [{id: {_lt: 20}}, {error_summary: {_eq: "null"}}]}', {17, 18}),
    ('{_and: {id: {_lt: 20}, error_summary: {_neq: "null"}}}', {15, 19}),  # not those where it is null
    ("{id: {_lt: 20}, model_configs: {id: {_in: [20, 24]}}}", {6, 14}),
    ('{model: {workspace: {name: {_eq: "ccfraud-quickstart"}}}}', {3, 6}),
    ('{created_at: {_lt: "2023-10-30T14:10:00Z"}, id: {_lt: 10}}', {3}),
    (
        "{id: {_lt: 10}, model_configs: {deployment_model_configs: {deployment: {deployed: {_eq: true}}}}}",
        {6},
    ),
]


@pytest.mark.parametrize(("where", "ids"), CONDITIONS, ids=[where for where, _ in CONDITIONS])
def test_conditions(client: Client, where: Any, ids: Any) -> None:
    assert {row["id"] for row in ask(client, f"{{ model(where: {where}) {{ id }} }}")["model"]} == ids


def test_a_variable_that_is_left_out_takes_its_comparison_with_it(client: Client) -> None:
    text = """query Q($name: String = "", $pk_id: bigint) { model(where: {_and: [{id: {_lt: 20}}, {_or: [
      {model_id: {_eq: $name}}, {models_pk_id: {_eq: $pk_id}}]}]}) { id } }"""
    assert {row["id"] for row in ask(client, text, pk_id=14)["model"]} == {14}
    assert len(ask(client, text, name="nobody")["model"]) > 2  # why a null here matches everything


def test_lists_within_lists_take_arguments_and_counts(client: Client) -> None:
    text = """{ models_by_pk(id: 15) { name models(order_by: {updated_at: desc}, limit: 2) { id }
      models_aggregate(where: {status: {_eq: "error"}}) { aggregate { count max { id } } nodes { id } } } }"""
    assert ask(client, text)["models_by_pk"] == {
        "name": "api-upload-pytorch-multi-io",
        "models": [{"id": 19}, {"id": 17}],
        "models_aggregate": {
            "aggregate": {"count": 4, "max": {"id": 19}},
            "nodes": [{"id": number} for number in (15, 17, 18, 19)],
        },
    }


def test_nulls_come_last_going_up_and_first_going_down(client: Client) -> None:
    text = "{ model(order_by: {created_at: %s}) { created_at } }"
    up, down = ([row["created_at"] for row in ask(client, text % word)["model"]] for word in ("asc", "desc"))
    assert up[-1] is None
    assert down[0] is None
    assert [stamp for stamp in up if stamp] == sorted(stamp for stamp in up if stamp)


def test_a_path_leads_into_json(client: Client) -> None:
    text = '{ model_by_pk(id: 16) { arch: conversion(path: "arch") accel: conversion(path: "accel") } }'
    assert ask(client, text)["model_by_pk"] == {"arch": "x86", "accel": "none"}
    steps = ask(client, '{ pipeline_version(limit: 1, order_by: {id: asc}) { definition(path: "steps") } }')
    (step,) = steps["pipeline_version"][0]["definition"]
    assert step["ModelInference"]["models"][0]["name"] == "ccfraud-model"


def test_fragments_directives_and_type_names(client: Client) -> None:
    text = """fragment fields on model { id ...more } fragment more on model { sha }
      query Q($without: Boolean!) { model_by_pk(id: 16) {
        ...fields ... on model { visibility } status @skip(if: $without) __typename } }"""
    found = ask(client, text, without=True)["model_by_pk"]
    assert list(found) == ["id", "sha", "visibility", "__typename"]
    assert found["__typename"] == "model"


def test_search_looks_at_names_hashes_and_tags(client: Client) -> None:
    text = "query Q($s: String!) { search_models(args: {search: $s}, order_by: {id: asc}) { id } }"
    assert [row["id"] for row in ask(client, text, s="multi-io")["search_models"]] == [15, 16, 17, 18, 19]
    tagged = ask(client, '{ tag(where: {tag: {_eq: "My Great Tag"}}) { model_tags { model_id } } }')["tag"][0]
    found = {row["id"] for row in ask(client, text, s="my great tag")["search_models"]}
    assert found == {row["model_id"] for row in tagged["model_tags"]}


REFUSALS: list[tuple[str, dict[str, Any], str, str]] = [
    ("{ model { id nothing } }", {}, "field 'nothing' not found in type: 'model'", "validation-failed"),
    ("{ nothing { id } }", {}, "field 'nothing' not found in type: 'query_root'", "validation-failed"),
    ("{ model(where: {no: {_eq: 1}}) { id } }", {}, "'no' not found in type: 'model_bool_exp'", "validation-failed"),
    ("{ model(order_by: {no: asc}) { id } }", {}, "'no' not found in type: 'model_order_by'", "validation-failed"),
    ("{ model(which: 1) { id } }", {}, "'model' has no argument named 'which'", "validation-failed"),
    ("{ model }", {}, "missing selection set for 'model'", "validation-failed"),
    ('{ model(where: {id: {_eq: "x"}}) { id } }', {}, 'invalid input syntax for type bigint: "x"', "data-exception"),
    ("{ model(where: {id: {_eq: null}}) { id } }", {}, "unexpected null value for type 'bigint'", "validation-failed"),
    ("query Q($id: bigint!) { model_by_pk(id: $id) { id } }", {}, "non-nullable variable: 'id'", "validation-failed"),
    ("query { model_by_pk { id } }", {}, "missing required field 'id'", "validation-failed"),
    ("mutation { delete_model(where: {}) { affected_rows } }", {}, "no mutations exist", "validation-failed"),
    ("subscription { model { id } }", {}, "subscriptions are not supported over HTTP", "unexpected"),
    ("{ model(distinct_on: sha, order_by: {id: asc}) { id } }", {}, '"distinct_on" columns must', "validation-failed"),
    ("{ model(limit: -1) { id } }", {}, "unexpected negative value", "validation-failed"),
    ("{ model { id }", {}, "not a valid graphql query", "validation-failed"),
    ("query A { tag { id } } query B { tag { id } }", {}, "exactly one operation", "validation-failed"),
    ("{ tag { id } }", {"x": 1}, "unexpected variables", "validation-failed"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "variables", "words", "code"), REFUSALS, ids=[each[0] for each in REFUSALS])
def test_refusals_are_in_errors(client: Client, text: str, variables: Any, words: Any, code: str) -> None:
    message, found = refusal(client, text, **variables)
    assert (words in message, found) == (True, code)


def test_a_body_that_is_no_json_is_refused(client: Client) -> None:
    assert "errors" in client.http.post("/v1/graphql", content=b"{").json()


def test_one_unknown_column_refuses_the_whole_query(client: Client) -> None:
    answer = query(client, "{ model_by_pk(id: 16) { id } tag { id colour } }").json()
    assert "data" not in answer
    assert answer["errors"][0]["extensions"]["path"] == "$.selectionSet.tag.selectionSet.colour"


def test_the_schema_names_no_type_that_it_leaves_out(client: Client) -> None:
    text = """{ __schema { types { name fields { name type { name ofType { name ofType { name } } } } } } }"""
    types = ask(client, text)["__schema"]["types"]
    known = {each["name"] for each in types}

    def innermost(kind: Any) -> Any:
        return innermost(kind["ofType"]) if kind.get("ofType") else kind["name"]

    named = {innermost(field["type"]) for each in types for field in each["fields"] or []}
    assert named <= known
    assert {"query_root", "model_bool_exp", "deployment_model_configs"} <= known


def columns(client: Client, table: Any) -> Any:
    found = ask(client, "query Q($name: String!) { __type(name: $name) { fields { name } } }", name=table)
    return found["__type"] and {field["name"] for field in found["__type"]["fields"]}


def test_a_type_names_its_columns_so_nobody_has_to_guess(client: Client) -> None:
    assert {"continuous_batching_config", "openai", "batch_config"} <= columns(client, "model_config")
    assert columns(client, "no_such_table") is None


@pytest.mark.parametrize(
    ("api", "unknown"),
    [
        ("2023.4", {"openai", "continuous_batching_config", "dynamic_batching_config"}),
        ("2025.1", set()),
        ("2026.1", set()),
    ],
)
def test_releases_lack_columns(start: Start, api: Any, unknown: Any) -> None:
    client = start(api=api)[1]
    all_three = {"openai", "continuous_batching_config", "dynamic_batching_config"}
    assert all_three - columns(client, "model_config") == unknown
    assert ("error_summary" in columns(client, "model")) is (api >= "2025.2")


def test_a_role_that_sees_a_part_knows_no_more(start: Start) -> None:
    client = start(graphql="partial")[1]
    assert refusal(client, "{ model_config_by_pk(id: 20) { id openai } }")[0].startswith("field 'openai'")
    assert refusal(client, "{ tag { id } }")[0] == "field 'tag' not found in type: 'query_root'"
    assert ask(client, "{ model_config_by_pk(id: 20) { id runtime } }")["model_config_by_pk"]["id"] == 20
    assert "model_tags" not in columns(client, "model")


def test_any_table_or_column_can_be_hidden(start: Start) -> None:
    client = start(graphql_hidden={"deployment", "model.sha"})[1]
    assert "sha" not in columns(client, "model")
    assert "deployment" not in columns(client, "deployment_model_configs")


def test_it_can_be_refused_or_absent(start: Start) -> None:
    refused = query(start(graphql="refused")[1], "{ tag { id } }")
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (403, "access-denied")
    assert query(start(graphql="absent")[1], "{ tag { id } }").status_code == 404


def test_it_needs_a_token(client: Client) -> None:
    del client.http.headers["authorization"]
    assert query(client, "{ model_by_pk(id: 16) { id } }").status_code == 401
