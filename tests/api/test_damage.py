"""What is damaged or misshapen in an answer costs itself alone, and never looks like nothing."""

import msgspec
import pytest

from tests.support import answers
from wltui.api import calls
from wltui.api.calls import Call
from wltui.core.errors import ApiFormatError
from wltui.core.records import (
    UNSET,
    Model,
    ModelId,
    ModelVersion,
    VersionId,
    Workspace,
    WorkspaceId,
    missing_records,
)

WORKSPACE, MODEL, VERSION = WorkspaceId(108), ModelId(15), VersionId(1215)


def test_trap_13_a_row_that_cannot_be_read_is_missing_and_no_other() -> None:
    told = msgspec.json.decode(answers.NESTED_LIST)
    told["models"][0]["model_versions"][1]["model_version"]["id"] = "841"
    told["models"].append({"model": {"id": 1195, "name": None}})
    models = calls.list_models(WORKSPACE).decode(msgspec.json.encode(told))
    assert [model.id for model in models] == [1194, 839]
    assert missing_records(models) == (1, "Expected `str`, got `null` - at `$[2].model.name`")
    assert missing_records(models[0].versions) == (0, "")
    assert [version.id for version in models[1].versions or ()] == [838]
    assert missing_records(models[1].versions) == (
        1,
        "Expected `int`, got `str` - at `$[1].model_version.id`",
    )


ODD_ROWS = [
    b"5",
    b"null",
    b"[]",
    b"{}",
    b'{"id":null,"name":"x"}',
    b'{"id":"7","name":"x"}',
    b'{"id":1e999,"name":"x"}',
]


@pytest.mark.parametrize("row", ODD_ROWS)
@pytest.mark.parametrize(
    ("call", "list_of"),
    [
        (calls.list_workspaces(), b'{"workspaces":%s}'),
        (calls.list_models(WORKSPACE), b'{"models":%s}'),
        (calls.list_versions(MODEL, "a"), b"%s"),
    ],
)
def test_a_row_of_any_kind_hides_no_other(
    call: Call[tuple[Workspace | Model | ModelVersion, ...]], list_of: bytes, row: bytes
) -> None:
    good = [b'{"id":%d,"name":"n","models_pk_id":%d}' % (number, MODEL) for number in (3, 4)]
    found = call.decode(list_of % b"[%s]" % b",".join((good[0], row, good[1])))
    assert sorted(record.id for record in found) == [3, 4]
    assert missing_records(found)[0] == 1
    assert missing_records(found)[1]
    with pytest.raises(ApiFormatError):  # no row at all could be read, which is no empty list
        call.decode(list_of % b"[%s]" % row)
    assert call.decode(list_of % b"null") == call.decode(list_of % b"[]") == ()
    assert missing_records(call.decode(list_of % b"[]")) == (0, "")


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        (rb"a\ud800b", "a\ufffdb"),
        (rb"a\udc00\ud83d\ude00", "a\ufffd\U0001f600"),
        (b"a\x01\nb", "a\x01\nb"),
        (b"a\xffb", "a\ufffdb"),
        (rb"a\qb\u12", r"a\qb\u12"),
        ("\u00e4\ufffd".encode(), "\u00e4\ufffd"),
    ],
)
def test_damaged_text_is_read_with_signs_in_place_of_what_is_damaged(name: bytes, seen: str) -> None:
    body = b'\xef\xbb\xbf{"workspaces":[{"id":1,"name":"%s"},{"id":2,"name":"\xc3\xa4","x":NaN}]}' % name
    assert [workspace.name for workspace in calls.list_workspaces().decode(body)] == [seen, "\u00e4"]
    assert calls.upload_logs(VERSION).decode(b'{"logs":["%s",7,null,"\xc3\xa4"]}' % name) == (
        seen, "7", "null", "\u00e4"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("input_schema", rb'"a\ud800"'),
        ("tensor_fields", b'["ok","\xff"]'),
        ("sidekick_uri", rb'"a\q"'),
        ("filter_threshold", b"NaN"),
        ("filter_threshold", b"1e999"),
        ("queue_depth", b"9" * 5000),
        ("dynamic_batching_config", b'{"a":' * 300 + b"1" + b"}" * 300),
        ("dynamic_batching_config", b'{"a":["\xff"]}'),
    ],
)
def test_what_is_damaged_in_a_config_is_not_readable(field: str, value: bytes) -> None:
    row = b'{"id":5,"model_version_id":1,"runtime":"\xef\xbf\xbd","%s":%s}' % (field.encode(), value)
    body = b'{"model_version":{"model_version":{"id":1,"created_on_version":"2026.1"},"config":%s}}' % row
    config = calls.get_version(VersionId(1)).decode(body).config
    assert config
    if field == "sidekick_uri":  # a backslash too few, and nothing lost
        assert config.sidekick_uri == r"a\q"
    else:
        assert getattr(config, field) is UNSET


def test_nesting_too_deep_costs_its_own_field() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    body = b'{"workspaces":[{"id":1,"name":"a","x":%s},{"id":2,"name":"b","pipelines":%s}]}' % (deep, deep)
    assert [workspace.name for workspace in calls.list_workspaces().decode(body)] == ["a", "b"]


def test_what_is_cut_off_does_not_look_like_a_shorter_list() -> None:
    for body in (answers.WORKSPACES, answers.NESTED_LIST, answers.LOGS):
        call: Call[object] = {
            answers.WORKSPACES: calls.list_workspaces(),
            answers.NESTED_LIST: calls.list_models(WORKSPACE),
            answers.LOGS: calls.upload_logs(VERSION),
        }[body]
        for end in range(len(body)):
            with pytest.raises(ApiFormatError):
                call.decode(body[:end])


@pytest.mark.parametrize("row", [b"5", b'{"id":1}'])
def test_a_list_that_lacks_most_of_its_rows_is_of_another_shape(row: bytes) -> None:
    good = b'{"id":3,"name":"n"}'
    few, many = (b'{"models":[%s%s]}' % ((row + b",") * number, good) for number in (1000, 1001))
    found = calls.list_models(WORKSPACE).decode(few)
    assert (len(found), missing_records(found)[0]) == (1, 1000)
    with pytest.raises(ApiFormatError, match="unexpected format"):
        calls.list_models(WORKSPACE).decode(many)


def test_an_answer_of_too_many_values_is_refused_before_it_takes_memory() -> None:
    for item in (b"{},", b"1,"):
        with pytest.raises(ApiFormatError, match="more than 12,000,000 values"):
            calls.list_models(WORKSPACE).decode(b'{"models":[%snull]}' % (item * 12_000_000))
    fits = b'{"models":[%snull]}' % (b" " * 12_000_001)
    with pytest.raises(ApiFormatError, match="unexpected format"):
        calls.list_models(WORKSPACE).decode(fits)
