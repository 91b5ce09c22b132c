"""The guide's data, to the letter."""

import json

import pyarrow as pa
import pytest

from .conftest import Client, Decode, Start

A = "792db9ee9f41aded3c1d4705f50ccdedd21cafb8b6232c03e4a849b6da1050a8"
B = "bc85ce596945f876256f41515c7501c399fd97ebcb9ab3dd41bf03f8937b4507"
IMAGE = "proxy.replicated.com/proxy/wallaroo/ghcr.io/wallaroolabs/mlflow-deploy:v2023.4.0-4103"
CONVERTED = "model-auto-conversion_pytorch_multi_io_model.pt"
PYTORCH = "api-upload-pytorch-multi-io"
FLAT = [
    {
        "id": 15,
        "name": PYTORCH,
        "owner_id": '""',
        "created_at": "2023-11-29T16:30:53.716526+00:00",
        "updated_at": "2023-11-29T18:20:39.610964+00:00",
    },
    {
        "id": 14,
        "name": "api-sample-model",
        "owner_id": '""',
        "created_at": "2023-11-29T16:26:06.011817+00:00",
        "updated_at": "2023-11-29T16:26:06.011817+00:00",
    },
]
VERSIONS = [
    {
        "sha": sha,
        "models_pk_id": 15,
        "model_version": uuid,
        "owner_id": '""',
        "model_id": PYTORCH,
        "id": number,
        "file_name": file_name,
        "image_path": image,
        "status": status,
    }
    for number, sha, uuid, file_name, image, status in (
        (19, A, "271875ae-92ee-4137-b54f-c2ce1e88121c", CONVERTED, None, "error"),
        (17, B, "ce648f2a-faee-4c8d-8a7b-e2789f3ab919", "ccfraud.onnx", None, "error"),
        (15, A, "a6762893-be27-4142-ba09-4ce1b87b74a8", PYTORCH, None, "error"),
        (18, B, "0f96fae1-8ebc-41d8-a11d-3eaa3bc26526", "ccfraud.onnx", None, "error"),
        (16, B, "9150b046-5df0-4c41-a60b-3016355f89d5", "ccfraud.onnx", IMAGE, "ready"),
    )
]  # fmt: skip


def test_models_are_listed_flat_and_newest_first_as_of_2023(start: Start) -> None:
    _, client = start(api="2023.4")
    assert client.post("models/list", workspace_id=10).text == _compact({"models": FLAT})


@pytest.mark.parametrize("api", ["2023.4", "2025.2"])
def test_versions_are_listed_in_the_guides_order_with_its_keys(start: Start, api: str) -> None:
    _, client = start(api=api)
    assert client.post("models/list_versions", model_id=PYTORCH, models_pk_id=15).text == _compact(VERSIONS)


def test_get_tells_the_same_versions_without_a_status(start: Start) -> None:
    _, client = start(api="2023.4")
    versions = [{key: version[key] for key in version if key != "status"} for version in VERSIONS]
    assert client.post("models/get", id=15).text == _compact({**FLAT[0], "models": versions})


def test_get_of_today_also_names_the_workspace(client: Client) -> None:
    assert client.ask("models/get", id=15)["workspace"] == {"id": 10, "name": "api-tutorial"}


def test_get_by_id_and_the_config_of_version_15(client: Client) -> None:
    config = {"id": 25, "runtime": "flight", "tensor_fields": None, "filter_threshold": None}
    assert client.ask("models/get_config_by_id", model_id=15) == {"model_config": config}
    assert client.ask("models/get_by_id", id=15) == {**FLAT[0], "workspace_id": 10, "model_config": config}


def test_config_20_is_version_6s_which_is_model_3s(client: Client) -> None:
    assert client.ask("models/get_config_by_id", model_id=6)["model_config"]["id"] == 20
    assert {version["id"] for version in client.ask("models/get", id=3)["models"]} == {3, 6}


def test_todays_list_nests_the_same_models(client: Client) -> None:
    listed = client.ask("models/list", workspace_id=10)["models"]
    assert sorted(entry["model"]["id"] for entry in listed) == [14, 15]
    (entry,) = (entry for entry in listed if entry["model"]["id"] == 15)
    assert [version["model_version"]["id"] for version in entry["model_versions"]] == [19, 18, 17, 16, 15]
    assert entry["workspace"]["name"] == "api-tutorial"


def test_the_pytorch_schemas_have_two_fields_each(client: Client, decode: Decode) -> None:
    config = client.ask("models/get_version_by_id", model_version_id=15)["model_version"]["config"]
    floats = pa.float32()
    assert decode(config["input_schema"]) == pa.schema(
        [("input_1", pa.list_(floats, 10)), ("input_2", pa.list_(floats, 5))]
    )
    assert decode(config["output_schema"]) == pa.schema(
        [("output_1", pa.list_(floats, 3)), ("output_2", pa.list_(floats, 2))]
    )


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
