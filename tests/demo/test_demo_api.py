"""How the API answers where it surprises, and where it refuses."""

import pytest

from .conftest import Client, Start


def test_a_model_and_a_foreign_version_share_a_number(client: Client) -> None:
    """Whoever takes the one number for the other gets an answer, of the wrong model."""
    workspaces = client.ask("models/list")["models"]
    owner = {
        version["model_version"]["id"]: entry["model"]["id"]
        for entry in workspaces
        for version in entry["model_versions"]
    }
    assert (
        sum(owner.get(entry["model"]["id"], 0) not in (0, entry["model"]["id"]) for entry in workspaces) > 10
    )


def test_get_by_id_tells_the_config_of_the_version_of_that_number(client: Client) -> None:
    assert client.ask("models/get_by_id", id=19)["model_config"] == {
        "id": 29,
        "runtime": "flight",
        "tensor_fields": None,
        "filter_threshold": None,
    }
    assert 19 not in {version["id"] for version in client.ask("models/get", id=19)["models"]}


def test_list_versions_takes_name_or_number_in_all_workspaces(client: Client) -> None:
    leaked = client.ask("models/list_versions", model_id="api-sample-model", models_pk_id=15)
    models = {version["models_pk_id"] for version in leaked}
    assert {14, 15} < models
    assert len(models) == 3
    by_name = client.ask("models/list_versions", model_id="api-sample-model", models_pk_id=0)
    assert {version["models_pk_id"] for version in by_name} == models - {15}


def test_list_versions_for_model_stays_in_the_workspace(client: Client) -> None:
    answer = client.ask("models/list_versions_for_model", model_id="api-sample-model", workspace_id=10)
    (model,) = answer["models"]
    assert [version["model_version"]["id"] for version in model["model_versions"]] == [14]


def test_before_2025_2_it_answered_with_bare_versions(start: Start) -> None:
    client = start(api="2025.1")[1]
    answer = client.ask("models/list_versions_for_model", model_id="api-sample-model", workspace_id=10)
    assert [version["model_version"]["id"] for version in answer["model_versions"]] == [14]


@pytest.mark.parametrize("query", [{"workspace_id": 10}, {"workspace_name": "api-tutorial"}])
def test_models_are_listed_by_the_workspaces_id_or_name(client: Client, query: dict[str, object]) -> None:
    assert {entry["workspace"]["id"] for entry in client.ask("models/list", **query)["models"]} == {10}


def test_models_are_in_no_order_of_their_ids(client: Client) -> None:
    numbers = [entry["model"]["id"] for entry in client.ask("models/list")["models"]]
    assert numbers not in (sorted(numbers), sorted(numbers, reverse=True))


def test_workspaces_hold_version_ids_under_models(client: Client) -> None:
    (workspace,) = (each for each in client.ask("workspaces/list")["workspaces"] if each["id"] == 10)
    assert workspace["models"] == [14, 15, 16, 17, 18, 19]


def test_a_new_config_is_a_new_row_and_what_was_left_out_is_null(client: Client) -> None:
    old = client.ask("models/get_version_by_id", model_version_id=15)["model_version"]["config"]
    new = client.ask(
        "models/insert_model_config", model_version_id=15, filter_threshold=0.0, openai_config={"a": 1}
    )
    new = new["model_config"]
    assert new["id"] > old["id"]
    assert list(new) == list(old)
    assert len(new) == 13
    assert (new["runtime"], new["filter_threshold"], new["openai"], new["input_schema"]) == (
        "flight",
        0.0,
        {"a": 1},
        None,
    )
    later = client.ask("models/insert_model_config", model_version_id=15)["model_config"]
    assert later["id"] > new["id"]


def test_after_it_only_get_config_by_id_shows_the_new_row_and_four_fields_of_it(client: Client) -> None:
    before = client.ask("models/get_version_by_id", model_version_id=15)
    new = client.ask(
        "models/insert_model_config", model_version_id=15, tensor_fields=["x"], batch_config="single"
    )
    assert client.ask("models/get_config_by_id", model_id=15)["model_config"] == {
        "id": new["model_config"]["id"],
        "runtime": "flight",
        "tensor_fields": ["x"],
        "filter_threshold": None,
    }
    assert client.ask("models/get_version_by_id", model_version_id=15) == before
    assert client.ask("models/get_model_version_by_id", model_version_id=15) == before


def test_a_config_that_nobody_has_is_null(client: Client) -> None:
    assert client.ask("models/get_config_by_id", model_id=999_999) == {"model_config": None}


def test_the_server_of_2023_tells_less(start: Start) -> None:
    _, client = start(api="2023.4")
    new = client.ask("models/insert_model_config", model_version_id=15, filter_threshold=0.1)["model_config"]
    assert len(new) == 9
    assert "sidekick_uri" in new
    for path in ("models/get_version_by_id", "models/get_model_version_by_id", "models/get_upload_logs"):
        assert client.post(path, model_version_id=15).status_code == 404
    del client.http.headers["authorization"]
    assert client.http.get("/v1/api/config").status_code == 404


@pytest.mark.parametrize(
    ("path", "query", "status", "words"),
    [
        ("models/get", {"id": 999_999}, 400, "The provided model id was not found."),
        ("models/get_by_id", {"id": 999_999}, 400, "The provided model id was not found."),
        ("models/get_version_by_id", {"model_version_id": 999_999}, 400, "not found"),
        ("models/get_upload_logs", {"model_version_id": 999_999}, 400, "not found"),
        ("models/insert_model_config", {"model_version_id": 999_999}, 500, "Foreign key violation"),
        ("models/get", {}, 400, "missing required field `id`"),
        ("models/get", {"id": "15"}, 400, "$.id"),
        (
            "models/insert_model_config",
            {"model_version_id": 15, "tensor_fields": "x"},
            400,
            "$.tensor_fields",
        ),
        ("models/no_such_call", {}, 404, "Not Found"),
    ],
)
def test_refusals_carry_the_status_as_code_and_say_why(
    client: Client, path: str, query: dict[str, object], status: int, words: str
) -> None:
    refused = client.post(path, **query)
    assert refused.status_code == refused.json()["code"] == status
    assert words in refused.json()["msg"]


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[]", b'"x"', b"{}}"])
def test_what_is_no_json_object_is_refused(client: Client, body: bytes) -> None:
    assert client.http.post("/v1/api/models/get", content=body).status_code == 400


def test_wrong_methods_and_paths(client: Client) -> None:
    assert client.http.get("/v1/api/models/list").status_code == 405
    assert client.http.post("/v1/api/config").status_code == 405
    assert client.http.get("/").status_code == 404


def test_upload_logs_read_like_a_container_runtimes(client: Client) -> None:
    failed = [
        version["model_version"]["id"]
        for entry in client.ask("models/list")["models"]
        for version in entry["model_versions"]
        if (version["model_version"]["error_summary"] or "").startswith("Could not pip")
    ]
    logs = client.ask("models/get_upload_logs", model_version_id=failed[0])["logs"]
    assert all(line.split(" ", 3)[1:3] == ["stderr", "F"] for line in logs)
    assert logs == sorted(logs)
    assert logs[-1].endswith("Error: Could not pip install user provided requirements.txt")
    assert client.ask("models/get_upload_logs", model_version_id=failed[0], lines=2)["logs"] == logs[-2:]
    assert client.ask("models/get_upload_logs", model_version_id=failed[0], lines=0)["logs"] == []


@pytest.mark.parametrize(
    ("sent", "read", "stored"),
    [
        (0.1, 0.1, 0.10000000149011612),
        (0.123456789, 0.12345679, 0.12345679104328156),
        (0.0, 0.0, 0.0),
        (3.4028234663852886e38, 3.402823466e38, 3.4028234663852886e38),
    ],
)
def test_a_threshold_is_kept_in_32_bits(client: Client, sent: float, read: float, stored: float) -> None:
    new = client.ask("models/insert_model_config", model_version_id=15, filter_threshold=sent)["model_config"]
    assert new["filter_threshold"] == pytest.approx(read, rel=1e-12)
    query = f"{{ model_config_by_pk(id: {new['id']}) {{ filter_threshold }} }}"
    answer = client.http.post("/v1/graphql", json={"query": query}).json()["data"]["model_config_by_pk"]
    assert answer["filter_threshold"] == stored
