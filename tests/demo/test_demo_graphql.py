"""The few queries that the vendor's SDK sends beside the API's calls."""


def query(client, text, **variables):
    return client.http.post("/v1/graphql", json={"query": text, "variables": variables})


def test_a_version_is_told_with_its_status_and_workspace(client):
    answer = query(client, "query ModelById {\n  model_by_pk(id: 16) {\n id\n }\n}").json()["data"][
        "model_by_pk"
    ]
    assert (answer["id"], answer["status"], answer["model_id"]) == (
        16,
        "ready",
        "api-upload-pytorch-multi-io",
    )
    assert answer["model"]["workspace"] == {"id": 10, "name": "api-tutorial"}


def test_a_version_is_found_by_name_and_uuid(client):
    text = "query ModelByName($model_id: String!, $model_version: String!) { model(where: {}) { id } }"
    uuid = "9150b046-5df0-4c41-a60b-3016355f89d5"
    found = query(client, text, model_id="api-upload-pytorch-multi-io", model_version=uuid).json()["data"][
        "model"
    ]
    assert [version["id"] for version in found] == [16]


def test_a_config_and_a_workspace_are_told_by_id(client):
    config = query(client, "query Q($id: bigint!) { model_config_by_pk(id: $id) { id } }", id=20).json()[
        "data"
    ]
    assert config["model_config_by_pk"]["model"] == {"id": 6}
    workspace = query(client, "query Q($id: bigint!) { workspace_by_pk(id: $id) { id } }", id=10).json()[
        "data"
    ]
    assert [model["id"] for model in workspace["workspace_by_pk"]["models"]] == [14, 15]
    assert query(client, "{ workspace_by_pk(id: 999) { id } }").json()["data"] == {"workspace_by_pk": None}


def test_other_queries_are_answered_with_errors(client):
    assert "errors" in query(client, "mutation M { delete_everything { id } }").json()
    assert "errors" in client.http.post("/v1/graphql", content=b"{").json()


def test_the_schema_names_no_type_that_it_leaves_out(client):
    types = query(client, "query IntrospectionQuery { __schema { types { name } } }").json()["data"][
        "__schema"
    ]["types"]
    known = {each["name"] for each in types}
    fields = [field["type"] for each in types for field in each.get("fields", [])]
    assert {(kind.get("ofType") or kind)["name"] for kind in fields} <= known
    assert "query_root" in known


def test_it_needs_a_token(client):
    del client.http.headers["authorization"]
    assert query(client, "{ model_by_pk(id: 16) { id } }").status_code == 401
