"""Each call: what it sends, and what it makes of every shape that servers have answered in."""

import subprocess
import sys
from collections.abc import Callable

import msgspec
import pytest

from tests.support import answers
from wltui.api import calls
from wltui.api.calls import Call
from wltui.core.compact import fields_of
from wltui.core.errors import ApiFormatError
from wltui.core.records import (
    UNSET,
    ModelId,
    Phase,
    VersionId,
    WorkspaceId,
    phase,
)
from wltui.core.times import parse_timestamp

WORKSPACE, MODEL, VERSION = WorkspaceId(108), ModelId(15), VersionId(1215)


def test_workspaces_are_read_with_their_version_ids() -> None:
    first, second = calls.list_workspaces().decode(answers.WORKSPACES)
    assert (first.id, first.name) == (10, "user1@example.com - Default Workspace")
    assert [*first.version_ids] == [3, 5, 4, 6]
    assert first.pipelines == (1,)
    assert second.archived
    assert second.created_by is None


def test_trap_01_the_config_call_is_asked_with_a_version_id() -> None:
    call = calls.get_config(VERSION)
    assert (call.path, call.body) == ("models/get_config_by_id", {"model_id": VERSION})
    assert calls.list_versions(MODEL, "ccfraud").body == {"model_id": "ccfraud", "models_pk_id": MODEL}


def test_trap_02_a_model_and_a_version_of_the_same_number_are_kept_apart() -> None:
    named = calls.list_versions(MODEL, "api-upload-pytorch-multi-io").decode(answers.UNORDERED_VERSIONS)
    version = next(version for version in named if version.id == 15)
    assert (version.model_id, version.model_name) == (15, "api-upload-pytorch-multi-io")
    own = calls.list_versions(ModelId(1215), "ccfraud").decode(answers.LIST_VERSIONS)
    assert [version.id for version in own] == [1210], "1215 is another model's version, and this model"


def test_trap_03_list_versions_leaks_other_models() -> None:
    versions = calls.list_versions(ModelId(1218), "api-sample-model").decode(answers.LIST_VERSIONS)
    assert [version.id for version in versions] == [1215, 1214]
    assert {version.model_id for version in versions} == {1218}


def test_trap_04_a_nested_list_tells_versions_and_configs() -> None:
    ccfraud, yolo = calls.list_models(WORKSPACE).decode(answers.NESTED_LIST)
    assert (ccfraud.id, ccfraud.versions) == (1194, ())
    assert yolo.versions is not None
    newest, first = yolo.versions
    assert (newest.id, newest.model_id, newest.model_name, newest.workspace_id) == (
        841,
        839,
        "yolov8n-openvino",
        108,
    )
    assert (first.uuid, first.sha, first.size) == ("87ca2f41-0001", "3ed5cd19", 12823491)
    assert (first.framework, first.arch, first.accel) == ("onnx", "x86", "openvino")
    assert first.config is not None
    assert (first.config.id, first.config.version_id, first.config.runtime) == (1259, 838, "onnx")


def test_trap_04_a_flat_list_leaves_the_versions_untold() -> None:
    newest, first = calls.list_models(WORKSPACE).decode(answers.FLAT_LIST)
    assert (newest.id, first.id) == (15, 14)
    assert (first.name, first.versions, first.workspace_id) == ("api-sample-model", None, WORKSPACE)


def test_trap_04_the_list_of_2022_names_each_model_once() -> None:
    (model,) = calls.list_models(WORKSPACE).decode(answers.LIST_OF_2022)
    assert (model.id, model.name) == (3, "ccfraud")
    assert model.versions is None, "one version of perhaps many is not all of them"


def test_trap_05_the_config_of_the_list_and_the_newest_one_can_be_told_apart() -> None:
    version = calls.get_version(VERSION).decode(answers.GET_VERSION)
    newest = calls.get_config(VERSION).decode(answers.GET_CONFIG.replace(b"1788", b"1790"))
    assert version.config
    assert newest
    assert (version.config.id, newest.id) == (1788, 1790)
    assert version.config.version_id == newest.version_id == VERSION


def test_trap_06_what_get_config_leaves_out_is_not_readable_rather_than_empty() -> None:
    config = calls.get_config(VERSION).decode(answers.GET_CONFIG)
    assert config
    assert (config.tensor_fields, config.filter_threshold) == (("images",), 0.1)
    unread = (config.input_schema, config.output_schema, config.batch_config, config.openai_config)
    assert unread == (UNSET,) * 4
    whole = calls.get_version(VERSION).decode(answers.GET_VERSION).config
    assert whole
    assert whole.output_schema is None


def test_trap_06_an_insert_sends_the_request_as_it_is() -> None:
    request = {"model_version_id": 16, "tensor_fields": None, "input_schema": "/////3AA"}
    call = calls.insert_config(request)
    assert call.write
    assert call.body == request


def test_trap_07_openai_settings_go_out_and_come_back_under_different_names() -> None:
    call = calls.insert_config({"model_version_id": 16, "openai_config": {"enabled": True}})
    config = call.decode(answers.INSERTED)
    assert config.openai_config == {
        "enabled": True,
        "chat_completion_config": {"chat_template": "{% if x %}\n{% endif %}"},
    }
    assert config.queue_depth is UNSET


@pytest.mark.parametrize(("levels", "is_read"), [(150, True), (250, False), (900, False)])
@pytest.mark.parametrize(("around", "adds"), [(b'{"a":%s}', 1), (b'{"a":[{},%s]}', 2)])
def test_what_is_too_deep_to_be_worked_with_is_not_readable(
    levels: int, is_read: bool, around: bytes, adds: int
) -> None:
    deep = b"1"
    for _ in range(0, levels, adds):
        deep = around % deep
    body = answers.INSERTED.replace(b'"openai":{', b'"openai":{"deep":%s,' % deep)
    config = calls.insert_config({"model_version_id": 16}).decode(body)
    assert (config.openai_config is not UNSET) == is_read
    assert config.tensor_fields == ("a", "b")


def test_trap_09_zero_and_empty_are_values() -> None:
    config = calls.get_version(VERSION).decode(answers.GET_VERSION).config
    assert config
    assert config.filter_threshold == 0.0
    assert config.tensor_fields == ()


def test_trap_11_a_version_is_nested_twice() -> None:
    version = calls.get_version(VERSION).decode(answers.GET_VERSION)
    assert (version.id, version.status, version.deployed) == (1215, "error", True)
    assert version.requirements == ("vllm==0.6", "ray")
    assert version.config
    assert version.config.continuous_batching_config == {"max_concurrent_batch_size": 100}
    assert calls.get_version(VERSION).alternatives == ("models/get_model_version_by_id",)


def test_trap_12_versions_come_newest_first_in_whatever_order_they_are_told() -> None:
    versions = calls.list_versions(MODEL, "api-upload-pytorch-multi-io").decode(answers.UNORDERED_VERSIONS)
    assert [version.id for version in versions] == [19, 17, 15]
    assert {version.status for version in versions} == {None}


@pytest.mark.parametrize("field", ["arch", "accel", "requirements", "framework"])
def test_trap_13_a_misfit_costs_its_own_field_and_no_other(field: str) -> None:
    told = msgspec.json.decode(answers.NESTED_LIST)
    told["models"][0]["model_versions"][0]["model_version"]["conversion"][field] = 7
    whole = calls.list_models(WORKSPACE).decode(answers.NESTED_LIST)
    mended = calls.list_models(WORKSPACE).decode(msgspec.json.encode(told))
    assert mended[0] == whole[0]
    assert mended[1].versions
    assert whole[1].versions
    mine, full = mended[1].versions[1], whole[1].versions[1]
    assert getattr(mine, field) in (None, ())
    assert {name for name in fields_of(mine) if getattr(mine, name) != getattr(full, name)} <= {field}


@pytest.mark.parametrize("summary", [b"null", b'""', b'"null"', b'" "'])
def test_trap_14_no_reason_is_none_however_it_is_written(summary: bytes) -> None:
    body = answers.GET_VERSION.replace(b'"Could not pip install user provided requirements.txt"', summary)
    assert calls.get_version(VERSION).decode(body).error_summary is None
    given = calls.get_version(VERSION).decode(answers.GET_VERSION).error_summary
    assert given == "Could not pip install user provided requirements.txt"


def test_trap_15_an_unknown_status_is_a_status() -> None:
    body = answers.GET_VERSION.replace(b'"error"', b'"warming_up"')
    status = calls.get_version(VERSION).decode(body).status
    assert status == "warming_up"
    assert phase(status) is Phase.OTHER


def test_trap_20_a_creator_is_a_uuid_or_an_address() -> None:
    workspaces = answers.WORKSPACES.replace(b'"4e296632-35b3-460e-85fe-565e311bc566"', b'"user1@example.com"')
    assert calls.list_workspaces().decode(workspaces)[0].created_by == "user1@example.com"


def test_trap_21_odd_names_come_through_untouched() -> None:
    name = "[/x] a\nb \u202e"
    body = answers.FLAT_LIST.replace(b'"api-sample-model"', msgspec.json.encode(name))
    assert calls.list_models(WORKSPACE).decode(body)[1].name == name
    assert calls.get_version(VERSION).decode(answers.GET_VERSION).file_name == "/home/j/llama.zip"


def test_trap_22_timestamps_with_dropped_zeros_and_nulls() -> None:
    first, second = calls.list_workspaces().decode(answers.WORKSPACES)
    assert parse_timestamp(first.created_at) is not None
    assert parse_timestamp(second.created_at) is None


def test_trap_23_a_whole_number_is_a_threshold() -> None:
    body = answers.GET_CONFIG.replace(b"0.1", b"1")
    config = calls.get_config(VERSION).decode(body)
    assert config
    assert isinstance(config.filter_threshold, float)


def test_trap_24_tensor_fields_of_another_kind_are_not_readable() -> None:
    body = answers.GET_CONFIG.replace(b'["images"]', b'{"images":1}')
    config = calls.get_config(VERSION).decode(body)
    assert config
    assert config.tensor_fields is UNSET
    assert config.filter_threshold == 0.1


@pytest.mark.parametrize("body", [b'{"model_config":null}', b"{}"])
def test_a_version_without_a_config_has_none(body: bytes) -> None:
    assert calls.get_config(VERSION).decode(body) is None


def test_owners_that_name_nobody_are_none() -> None:
    (nobodys,) = calls.list_versions(ModelId(1215), "ccfraud").decode(answers.LIST_VERSIONS)
    assert nobodys.owner_id is None
    versions = calls.list_versions(ModelId(1218), "api-sample-model").decode(answers.LIST_VERSIONS)
    assert versions[0].owner_id == "4e296632-35b3-460e-85fe-565e311bc566"


def test_an_accelerator_with_options_is_told_by_its_name() -> None:
    assert calls.get_version(VERSION).decode(answers.GET_VERSION).accel == "qaic"


def test_each_field_of_a_version_lands_in_its_own_place() -> None:
    own = [
        "status",
        "error_summary",
        "image_path",
        "visibility",
        "created_at",
        "created_by",
        "created_on_version",
        "task_id",
    ]
    options = ["arch", "accel", "framework", "python_version"]
    told: dict[str, object] = {name: name for name in own} | {
        "id": 7,
        "name": "model_name",
        "workspace_id": 5,
        "deployed": True,
    }
    told["conversion"] = {name: name for name in options} | {"requirements": ["requirements"]}
    told["file_info"] = {"version": "uuid", "sha": "sha", "file_name": "file_name", "size": 9}
    version = calls.get_version(VersionId(7)).decode(
        msgspec.json.encode({"model_version": {"model_version": told}})
    )
    assert fields_of(version) == {name: name for name in fields_of(version)} | {
        "id": 7, "model_id": None, "workspace_id": 5, "deployed": True, "requirements": ("requirements",), "size": 9,
        "owner_id": None, "config": None,
    }  # fmt: skip


def test_a_version_without_file_and_conversion() -> None:
    body = b'{"model_version":{"model_version":{"id":7,"conversion":null},"config":null}}'
    version = calls.get_version(VersionId(7)).decode(body)
    assert (version.sha, version.arch, version.requirements, version.config) == (None, None, (), None)


def test_upload_logs_keep_their_padding() -> None:
    lines = calls.upload_logs(VERSION).decode(answers.LOGS)
    assert len(lines) == 2
    assert lines[1].endswith("stderr F ")
    assert calls.upload_logs(VERSION).decode(b'{"logs":null}') == ()
    assert calls.upload_logs(VERSION).body == {"model_version_id": VERSION}
    assert calls.upload_logs(VERSION, lines=50).body == {"model_version_id": VERSION, "lines": 50}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "it is empty"),
        (b"<html><head><style>p{}</style><title>t</title></head><body><h1>Sign &amp; in</h1></body>", "Sign & in"),
        (b'{"workspaces":[{"id":10,', "complete JSON"),
        (b'{"workspaces":[{"name":"a"}]}', "required field `id` - at `$[0]`"),
        (b'{"workspaces":7}', "`$.workspaces`"),
        (b"{}", "required field `workspaces`"),
        (b"[]", "Expected `object`, got `array`"),
        (b"[" * 100_000, "complete JSON"),
    ],
)  # fmt: skip
def test_another_answer_names_the_endpoint_and_the_reason(body: bytes, words: str) -> None:
    with pytest.raises(ApiFormatError) as caught:
        calls.list_workspaces().decode(body)
    assert caught.value.endpoint == "workspaces/list"
    assert words in caught.value.why
    assert len(str(caught.value)) < 600


def test_calls_are_known_without_httpx() -> None:
    program = "import sys, wltui.api.calls, wltui.core.jwt; sys.exit('httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    "make",
    [
        calls.list_workspaces,
        lambda: calls.list_models(WORKSPACE),
        lambda: calls.list_versions(MODEL, "a"),
        lambda: calls.get_version(VERSION),
        lambda: calls.get_config(VERSION),
        lambda: calls.upload_logs(VERSION),
    ],
)
def test_reads_are_reads(make: Callable[[], Call[object]]) -> None:
    assert not make().write


def test_fields_of_a_newer_server_that_a_config_has_set_are_known_by_name() -> None:
    row = {"id": 7, "runtime": "onnx", "max_tokens_x": 5, "unused": None, "extra": "x", "created_at": "2026"}
    version = {"model_version": {"model_version": {"id": 3}, "config": row}}
    config = calls.get_config(VERSION).decode(msgspec.json.encode({"model_config": row}))
    whole = calls.get_version(VERSION).decode(msgspec.json.encode(version))
    inserted = calls.insert_config({}).decode(msgspec.json.encode({"model_config": row}))
    assert config
    assert whole.config
    assert config.extra == whole.config.extra == inserted.extra == ("max_tokens_x", "extra")
