"""What is sent for an upload is what the vendor's SDK sends."""

import json
from pathlib import Path

import pytest

from tests.support.sdk_uploads import plan, plans, recorded
from wltui.core.records import WorkspaceId
from wltui.core.upload_frameworks import FRAMEWORKS, NATIVE
from wltui.core.upload_plan import UploadPlan

PLANS = plans()


@pytest.mark.parametrize("upload", PLANS, ids=[upload.name for upload in PLANS])
def test_metadata_is_that_of_the_sdk_in_its_order(upload: UploadPlan) -> None:
    assert json.dumps(upload.metadata()) == json.dumps(recorded(upload))


def test_the_framework_decides_the_route() -> None:
    assert len(FRAMEWORKS) == 26
    direct = {upload.framework for upload in PLANS if upload.route == "models/upload"}
    assert direct == NATIVE == {"onnx", "tensorflow"}
    assert {upload.route for upload in PLANS if upload.framework not in direct} == {
        "models/upload_and_convert"
    }


def test_the_server_gets_the_name_of_the_file_without_its_folders() -> None:
    assert plan("m", framework="onnx").file_name == "sdk.onnx"


def test_what_is_not_given_is_not_sent() -> None:
    upload = UploadPlan(name="m", workspace_id=WorkspaceId(4), file=Path("a.pt"), framework="pytorch")
    assert list(upload.metadata()) == ["name", "visibility", "workspace_id", "conversion"]
    unset = plan("m", framework="vllm", framework_config={"quantization": None}).metadata()
    assert "quantization" not in unset["conversion"]["framework_config"]["config"]


def test_settings_of_a_framework_that_has_none_are_sent_and_left_to_the_server() -> None:
    conversion = plan("m", framework="keras", framework_config={"a": 1}).metadata()["conversion"]
    assert conversion["framework_config"] == {"config": {"a": 1}, "framework": "keras"}
