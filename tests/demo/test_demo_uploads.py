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

CONVERSION = {"framework": "sklearn", "requirements": [], "python_version": "3.8"}
BYOP = """
from mac.inference import Inference
from mac.inference.creation import InferenceBuilder

class Forecaster(Inference):
    @property
    def expected_model_types(self):
        return {dict}

    def _predict(self, input_data):
        return input_data

class Builder(InferenceBuilder):
    @property
    def inference(self):
        return Forecaster()

    def create(self, config):
        return self.inference
"""


def metadata(framework: str = "sklearn", **fields: Any) -> str:
    base = {"name": "fresh", "workspace_id": 10, "visibility": "private"}
    return json.dumps({**base, "conversion": {**CONVERSION, "framework": framework}, **fields})


def version_of(client: Client, response: httpx.Response) -> Any:
    assert response.status_code in (200, 202), response.text
    number = response.json()["insert_models"]["returning"][0]["models"][0]["id"]
    return client.ask("models/get_version_by_id", model_version_id=number)["model_version"]


def statuses(client: Client, clock: Clock, sent: httpx.Response, seconds: int = 200) -> list[str]:
    """The status words that follow one another, asked every second."""
    seen: list[str] = []
    for _ in range(seconds):
        version = version_of(client, sent)["model_version"]
        if version["status"] not in seen[-1:]:
            seen.append(version["status"])
        clock.advance(1)
    return seen


def zipped(**files: str) -> bytes:
    """A zip; double underscores in the names stand for slashes, single ones before a suffix for dots."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            path = name.replace("__", "/").replace("_txt", ".txt").replace("_py", ".py")
            archive.writestr(path, text)
    return buffer.getvalue()


def test_the_answer_names_the_new_version_with_what_was_sent(client: Client) -> None:
    content = b"\x00\r\n--\r\n\r\nonnx\r\n" * 9
    conversion = {**CONVERSION, "arch": "arm", "accel": "none", "framework_config": None}
    answer = client.upload(
        metadata(conversion=conversion, input_schema="AAAA"), "/home/jo/models/x.pkl", content
    )
    assert answer.status_code == 202
    version = version_of(client, answer)
    told = version["model_version"]
    assert told["file_info"]["sha"] == hashlib.sha256(content).hexdigest()
    assert told["file_info"]["size"] == len(content)
    assert (told["conversion"], told["workspace_id"], told["name"]) == (conversion, 10, "fresh")
    assert version["config"]["input_schema"] == "AAAA"
    assert told["status"] == "pending_load_container"
    assert told["task_id"]


def test_file_names_beyond_ascii_are_kept(client: Client) -> None:
    told = version_of(client, client.upload(metadata(), "modèle 漢.pkl", b"x"))["model_version"]
    assert told["file_info"]["file_name"] == "modèle 漢.pkl"


def test_the_second_upload_of_a_name_is_a_version_of_the_same_model(client: Client) -> None:
    first = version_of(client, client.upload(metadata(), "a.pkl", b"1"))["model_version"]
    second = version_of(client, client.upload(metadata(), "a.pkl", b"2"))["model_version"]
    (model,) = (
        entry
        for entry in client.ask("models/list", workspace_id=10)["models"]
        if entry["model"]["name"] == "fresh"
    )
    numbers = [version["model_version"]["id"] for version in model["model_versions"]]
    assert numbers == [second["id"], first["id"]]


@pytest.mark.parametrize(
    ("framework", "file_name", "runtime"), [("onnx", "m.onnx", "onnx"), ("tensorflow", "m.zip", "tensorflow")]
)
def test_what_needs_no_conversion_is_ready_at_once_and_has_no_task(
    client: Client, framework: str, file_name: str, runtime: str
) -> None:
    sent = client.upload(metadata(framework), file_name, zipped(x="y"), "upload")
    assert sent.status_code == 200
    version = version_of(client, sent)
    told = version["model_version"]
    assert (told["status"], told["task_id"], told["image_path"]) == ("ready", None, None)
    assert version["config"]["runtime"] == runtime


def test_onnx_that_is_sent_to_be_converted_hangs(client: Client, clock: Clock) -> None:
    sent = client.upload(metadata("onnx"), "model.onnx", b"x")
    assert statuses(client, clock, sent)[-1] == "attempting_load_container"
    clock.advance(18 * 3600)
    told = version_of(client, sent)["model_version"]
    assert told["status"] == "attempting_load_container"
    assert told["task_id"]


NATIVE = ["pending_load_native", "attempting_load_native"]
CONTAINER = ["pending_load_container", "attempting_load_container"]


@pytest.mark.parametrize(
    ("framework", "file_name", "runtime"),
    [
        ("pytorch", "m.pt", "onnx"),
        ("keras", "m.h5", "flight"),
        ("sklearn", "m.pkl", "flight"),
        ("python", "m.zip", "flight"),
        ("hugging-face-summarization", "m.zip", "flight"),
    ],
)
def test_builds_go_as_recorded(
    client: Client, clock: Clock, framework: str, file_name: str, runtime: str
) -> None:
    sent = client.upload(metadata(framework), file_name, zipped(x="y"))
    assert statuses(client, clock, sent) == [*(NATIVE if runtime == "onnx" else CONTAINER), "ready"]
    version = version_of(client, sent)
    assert version["config"]["runtime"] == runtime
    assert (version["model_version"]["image_path"] is None) is (runtime == "onnx")


def test_half_of_the_xgboost_models_are_converted(client: Client, clock: Clock) -> None:
    sent = [client.upload(metadata("xgboost"), "m.pkl", bytes([number])) for number in range(12)]
    runtimes = [version_of(client, each)["config"]["runtime"] for each in sent]
    assert set(runtimes) == {"onnx", "flight"}
    declined = sent[runtimes.index("flight")]
    assert statuses(client, clock, declined) == [*NATIVE, *CONTAINER, "ready"]


def test_an_empty_file_ends_in_error_without_a_reason_but_with_logs(client: Client, clock: Clock) -> None:
    sent = client.upload(metadata(), "model.pkl", b"")
    number = version_of(client, sent)["model_version"]["id"]
    assert client.ask("models/get_upload_logs", model_version_id=number)["logs"] == []
    assert statuses(client, clock, sent)[-1] == "error"
    assert version_of(client, sent)["model_version"]["error_summary"] == "null"
    assert client.ask("models/get_upload_logs", model_version_id=number)["logs"] != []


def test_a_custom_model_that_is_complete_is_built(client: Client, clock: Clock) -> None:
    content = zipped(top__requirements_txt="", top__model_py=BYOP, top__artifacts__other_py="class X(:")
    sent = client.upload(metadata("custom"), "byop.zip", content)
    assert statuses(client, clock, sent) == [*CONTAINER, "ready"]


FAULTS: list[tuple[dict[str, str], str]] = [
    ({"model_py": BYOP}, "requirements.txt to be included"),
    ({"requirements_txt": "numpy==1.26\n= =2"}, "Could not parse user provided requirements.txt"),
    ({"requirements_txt": "numpy==1.26 # x"}, "No Python modules found in the model directory"),
    ({"requirements_txt": "", "model_py": "import (" + BYOP}, "No Python modules found in the model directory"),
    ({"requirements_txt": "", "model_py": BYOP.replace("(Inference)", "")}, "No Inference-inherited class found"),
    ({"requirements_txt": "", "model_py": BYOP.replace("(InferenceBuilder)", "")}, "No InferenceBuilder-inherited"),
    ({"requirements_txt": "", "model_py": BYOP, "b_py": BYOP}, "Multiple Inference-inherited classes"),
    ({"requirements_txt": "", "model_py": BYOP.replace("expected_model", "model")}, "expected_model_types"),
    ({"requirements_txt": "", "model_py": BYOP.replace("def _predict", "def x")}, "contain the predict method"),
    ({"requirements_txt": "", "model_py": BYOP.replace("def create", "def x")}, "contain the create method"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "words"), FAULTS, ids=[words for _, words in FAULTS])
def test_a_custom_model_with_a_fault_fails_and_its_logs_end_in_the_reason(
    client: Client, clock: Clock, files: dict[str, str], words: str
) -> None:
    sent = client.upload(metadata("custom"), "byop.zip", zipped(**files))
    clock.advance(300)
    told = version_of(client, sent)["model_version"]
    assert told["status"] == "error"
    assert words in told["error_summary"]
    logs = client.ask("models/get_upload_logs", model_version_id=told["id"])["logs"]
    texts = [line.split(" ", 3)[3] for line in logs]
    assert texts[0] == "custom model validation failed"
    assert texts[-2:] == ["BYOP validation FAILED!", f"Error: {told['error_summary']}"]
    assert not texts[-3].strip()


@pytest.mark.parametrize("sent", [None, {"framework": "custom", "config": {"model_path": "./model/"}}])
def test_the_server_writes_where_a_custom_models_files_are(client: Client, sent: object) -> None:
    conversion = {**CONVERSION, "framework": "custom", "framework_config": sent}
    answer = client.upload(metadata(conversion=conversion), "dir/byop.zip", zipped(x="y"))
    assert version_of(client, answer)["model_version"]["conversion"]["framework_config"] == {
        "framework": "custom",
        "config": {"model_path": "dir/byop.zip/model"},
    }


def test_a_zip_is_looked_into(client: Client) -> None:
    assert client.upload(metadata("python"), "model.zip", zipped(x="y")).status_code == 202
    refused = client.upload(metadata("python"), "model.zip", b"PK")
    assert (refused.status_code, refused.json()["msg"]) == (400, "Bad request: Not a valid ZIP file.")


@pytest.mark.parametrize(
    ("fields", "file_name", "status", "words"),
    [
        ({}, "model.bin", 400, "needs to be a .zip, .pt, .onnx, .h5, or .pkl file."),
        ({}, "model", 400, "needs to be a .zip"),
        ({"workspace_id": 999}, "model.pt", 500, "models_workspace_id_fkey"),
        ({"workspace_id": "10"}, "model.pt", 400, "$.workspace_id"),
        ({"name": None}, "model.pt", 400, "$.name"),
        ({"visibility": "group"}, "model.pt", 400, "$.visibility"),
        ({"conversion": None}, "model.pt", 400, "$.conversion"),
        ({"conversion": {"framework": "onnx"}}, "model.pt", 400, "requirements"),
        ({"conversion": {**CONVERSION, "framework": "caffe"}}, "model.pt", 400, "$.framework"),
        ({"conversion": {**CONVERSION, "accel": "tpu"}}, "model.pt", 400, "accel"),
        ({"conversion": {**CONVERSION, "accel": {"tpu": {}}}}, "model.pt", 400, "accel"),
        ({"conversion": {**CONVERSION, "python_version": "3.12"}}, "model.pt", 400, "$.python_version"),
    ],
)
def test_refusals(client: Client, fields: dict[str, Any], file_name: str, status: int, words: str) -> None:
    refused = client.upload(metadata(**fields), file_name, b"x")
    assert refused.status_code == refused.json()["code"] == status
    assert words in refused.json()["msg"]


@pytest.mark.parametrize(("api", "status"), [("2023.4", 400), ("2025.1", 202)])
def test_older_releases_know_fewer_frameworks(start: Start, api: str, status: int) -> None:
    client = start(api=api)[1]
    assert client.upload(metadata("vllm"), "m.zip", zipped(x="y")).status_code == status


def test_a_part_left_out_is_refused(client: Client) -> None:
    refused = client.http.post("/v1/api/models/upload_and_convert", files={"file": ("a.pt", b"x")})
    assert (refused.status_code, refused.json()["msg"]) == (400, "Bad request: missing field `metadata`")


def test_an_image_is_registered_without_a_file(client: Client) -> None:
    text = metadata("mlflow", image_path="example.com/image:1")
    files = {"metadata": (None, text, "application/json")}
    version = version_of(client, client.http.post("/v1/api/models/upload", files=files))["model_version"]
    assert (version["status"], version["image_path"]) == ("ready", "example.com/image:1")
    refused = client.http.post("/v1/api/models/upload_and_convert", files=files)
    assert refused.status_code == 400


def test_what_is_no_multipart_is_refused(client: Client) -> None:
    refused = client.post("models/upload_and_convert", name="x")
    assert (refused.status_code, refused.json()["msg"]) == (415, "Unsupported content type: ")


def test_the_same_uploads_make_the_same_data(start: Start) -> None:
    (_, here), (_, there) = start(), start()
    answers = [version_of(client, client.upload(metadata(), "a.pkl", b"1")) for client in (here, there)]
    assert answers[0] == answers[1]


def test_a_stream_is_an_upload_without_conversion(client: Client) -> None:
    query = {"name": "fresh", "filename": "m.onnx", "visibility": "private", "workspace_id": "10"}
    sent = client.http.post("/v1/api/models/upload_stream", params=query, content=b"x")
    assert sent.status_code == 200
    version = version_of(client, sent)
    assert (version["model_version"]["status"], version["config"]["runtime"]) == ("ready", "onnx")
    assert client.http.post("/v1/api/models/upload_stream", params={"name": "x"}).status_code == 400
