"""Which versions need attention."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.clock import NOW
from wltui.core.problems import Trouble, find_problems, group_equal, trouble_of
from wltui.core.records import ModelVersion, VersionId


def version(number: int = 1, **fields: Any) -> ModelVersion:
    return ModelVersion(id=VersionId(number), **fields)


def ago(**since: float) -> str:
    return (NOW - timedelta(**since)).isoformat()


@pytest.mark.parametrize(
    ("fields", "trouble"),
    [
        ({"status": "ready"}, None),
        ({"status": "ready", "deployed": True}, None),
        ({"status": "error"}, Trouble.FAILED),
        ({"status": "error", "deployed": True}, Trouble.NOT_READY),
        ({"status": "uploading", "deployed": True}, Trouble.NOT_READY),
        ({"status": "quarantined"}, Trouble.UNKNOWN_STATUS),
        ({"status": None}, None),
        ({"status": "", "deployed": True}, None),
        ({"status": "pending_load_container", "created_at": ago(minutes=29)}, None),
        ({"status": "pending_load_container", "created_at": ago(minutes=31)}, Trouble.STUCK),
        ({"status": "pending_load_container", "created_at": ago(minutes=37), "framework": "vllm"}, None),
        ({"status": "pending_load_container", "created_at": ago(minutes=39), "framework": "vllm"}, Trouble.STUCK),
        ({"status": "pending_load_container", "created_at": None}, None),
        ({"status": "pending_load_container", "created_at": ago(minutes=1), "framework": "onnx", "task_id": "t"},
         Trouble.WRONG_ROUTE),
        ({"status": "pending_load_native", "created_at": ago(minutes=1), "framework": "onnx"}, None),
        ({"status": "ready", "framework": "onnx", "task_id": "t"}, None),
        ({"status": "error", "framework": "onnx", "task_id": "t"}, Trouble.FAILED),
    ],
)  # fmt: skip
def test_what_counts_as_trouble(fields: dict[str, Any], trouble: Trouble | None) -> None:
    assert trouble_of(version(**fields), NOW) is trouble


def test_a_ready_version_that_runs_an_older_config_needs_somebody() -> None:
    assert trouble_of(version(7, status="ready"), NOW, {VersionId(7)}) is Trouble.OUTDATED
    assert trouble_of(version(7, status="error"), NOW, {VersionId(7)}) is Trouble.FAILED


def test_a_failed_version_that_graphql_shows_as_deployed_is_the_worst() -> None:
    failed = version(7, status="error", deployed=False)
    assert trouble_of(failed, NOW, deployed={VersionId(7)}) is Trouble.NOT_READY
    assert find_problems([failed], NOW, deployed={VersionId(7)})[failed.id].trouble is Trouble.NOT_READY


def test_the_time_of_the_last_change_goes_before_that_of_the_upload() -> None:
    failed = [version(number, status="error", created_at=ago(days=3)) for number in (1, 2)]
    found = find_problems(failed, NOW, since={VersionId(2): ago(hours=1)})
    assert found[VersionId(1)].since == NOW - timedelta(days=3)
    assert found[VersionId(2)].since == NOW - timedelta(hours=1)


def test_a_version_on_its_way_has_been_so_since_its_upload() -> None:
    stuck = version(1, status="pending_load_container", created_at=ago(days=3))
    found = find_problems([stuck], NOW, since={VersionId(1): ago(minutes=1)})
    assert found[VersionId(1)].since == NOW - timedelta(days=3)


def test_an_older_config_has_no_time_of_its_own() -> None:
    found = find_problems([version(1, status="ready", created_at=ago(days=3))], NOW, outdated={VersionId(1)})
    assert found[VersionId(1)].since is None


def test_the_same_file_that_failed_for_the_same_reason_is_one_group() -> None:
    versions = [
        version(5, status="error", sha="aa", error_summary="no room"),
        version(4, status="error", sha="bb", error_summary="no room"),
        version(3, status="error", sha="aa", error_summary="no room"),
        version(2, status="error", sha="aa", error_summary="no wheel"),
        version(1, status="error", sha="aa", error_summary="no room", deployed=True),
        version(9, status="error", sha=" ", error_summary="no room"),
        version(8, status="error", sha=" ", error_summary="no room"),
    ]
    groups = group_equal(versions, find_problems(versions, NOW))
    assert [[each.id for each in group] for group in groups] == [[5, 3], [4], [2], [1], [9], [8]]
