"""Uploads: what is taken, what is refused, and the build that follows."""

import hashlib
import io
import json
import zipfile
from typing import Any

import httpx
import pytest

from tests.support.clock import Clock

from .conftest import Client, Start


def metadata(**fields: Any) -> str:
    return json.dumps({"name": "fresh", "workspace_id": 10, "visibility": "private", **fields})


def version_of(client: Client, response: httpx.Response) -> Any:
    assert response.status_code == 202, response.text
    number = response.json()["insert_models"]["returning"][0]["models"][0]["id"]
    return client.ask("models/get_version_by_id", model_version_id=number)["model_version"]


def statuses(client: Client, clock: Clock, number: int, seconds: int) -> list[str]:
    """The status words that follow one another, asked every second."""
    seen: list[str] = []
    for _ in range(seconds):
        version = client.ask("models/get_version_by_id", model_version_id=number)["model_version"][
            "model_version"
        ]
        if version["status"] not in seen[-1:]:
            seen.append(version["status"])
        clock.advance(1)
    return seen


def test_the_answer_names_the_new_version_with_what_was_sent(client: Client) -> None:
    content = b"\x00\r\n--\r\n\r\nonnx\r\n" * 9
    conversion = {"framework": "onnx", "arch": "arm", "accel": "none", "requirements": []}
    answer = client.upload(
        metadata(conversion=conversion, input_schema="AAAA"), "/home/jo/models/x.onnx", content
    )
    version = version_of(client, answer)
    told = version["model_version"]
    assert told["file_info"]["sha"] == hashlib.sha256(content).hexdigest()
    assert told["file_info"]["size"] == len(content)
    assert (told["conversion"], told["workspace_id"], told["name"]) == (conversion, 10, "fresh")
    assert version["config"]["input_schema"] == "AAAA"
    assert told["status"] == "uploading"


def test_file_names_beyond_ascii_are_kept(client: Client) -> None:
    told = version_of(client, client.upload(metadata(), "modèle 漢.onnx", b"x"))["model_version"]
    assert told["file_info"]["file_name"] == "modèle 漢.onnx"


def test_the_second_upload_of_a_name_is_a_version_of_the_same_model(client: Client) -> None:
    first = version_of(client, client.upload(metadata(), "a.onnx", b"1"))["model_version"]
    second = version_of(client, client.upload(metadata(), "a.onnx", b"2"))["model_version"]
    (model,) = (
        entry
        for entry in client.ask("models/list", workspace_id=10)["models"]
        if entry["model"]["name"] == "fresh"
    )
    assert [version["model_version"]["id"] for version in model["model_versions"]] == [
        second["id"],
        first["id"],
    ]


def test_a_container_is_built_once_the_native_engine_declined(client: Client, clock: Clock) -> None:
    sent = client.upload(metadata(conversion={"framework": "pytorch"}), "model.pt", b"x")
    number = version_of(client, sent)["model_version"]["id"]
    assert statuses(client, clock, number, 200) == [
        "uploading",
        "pending_load_native",
        "attempting_load_native",
        "pending_load_container",
        "attempting_load_container",
        "ready",
    ]
    assert "mac-deploy" in version_of(client, sent)["model_version"]["image_path"]


def test_a_native_model_has_no_image(client: Client, clock: Clock) -> None:
    sent = client.upload(metadata(conversion={"framework": "onnx"}), "model.onnx", b"x")
    number = version_of(client, sent)["model_version"]["id"]
    assert statuses(client, clock, number, 60)[-2:] == ["attempting_load_native", "ready"]
    assert version_of(client, sent)["model_version"]["image_path"] is None


def test_an_empty_file_ends_in_error_with_logs(client: Client, clock: Clock) -> None:
    sent = client.upload(metadata(conversion={"framework": "pytorch"}), "model.pt", b"")
    number = version_of(client, sent)["model_version"]["id"]
    assert client.ask("models/get_upload_logs", model_version_id=number)["logs"] == []
    assert statuses(client, clock, number, 200)[-1] == "error"
    assert "empty" in version_of(client, sent)["model_version"]["error_summary"]
    assert client.ask("models/get_upload_logs", model_version_id=number)["logs"] != []


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("model.py", "")
    return buffer.getvalue()


def test_a_zip_is_looked_into(client: Client) -> None:
    assert client.upload(metadata(), "model.zip", zipped()).status_code == 202
    refused = client.upload(metadata(), "model.zip", b"PK")
    assert (refused.status_code, refused.json()["msg"]) == (400, "Bad request: Not a valid ZIP file.")


@pytest.mark.parametrize(
    ("fields", "file_name", "status", "words"),
    [
        ({}, "model.bin", 400, "needs to be a .zip, .pt, .onnx, .h5, or .pkl file."),
        ({}, "model", 400, "needs to be a .zip"),
        ({"workspace_id": 999}, "model.pt", 500, "models_workspace_id_fkey"),
        ({"workspace_id": "10"}, "model.pt", 400, "$.workspace_id"),
        ({"name": None}, "model.pt", 400, "$.name"),
    ],
)
def test_refusals(client: Client, fields: dict[str, object], file_name: str, status: int, words: str) -> None:
    refused = client.upload(metadata(**fields), file_name, b"x")
    assert refused.status_code == refused.json()["code"] == status
    assert words in refused.json()["msg"]


def test_a_part_left_out_is_refused(client: Client) -> None:
    refused = client.http.post("/v1/api/models/upload_and_convert", files={"file": ("a.pt", b"x")})
    assert (refused.status_code, refused.json()["msg"]) == (400, "Bad request: missing field `metadata`")


def test_what_is_no_multipart_is_refused(client: Client) -> None:
    refused = client.post("models/upload_and_convert", name="x")
    assert (refused.status_code, refused.json()["msg"]) == (415, "Unsupported content type: ")


def test_the_same_uploads_make_the_same_data(start: Start) -> None:
    (_, here), (_, there) = start(), start()
    answers = [version_of(client, client.upload(metadata(), "a.onnx", b"1")) for client in (here, there)]
    assert answers[0] == answers[1]
