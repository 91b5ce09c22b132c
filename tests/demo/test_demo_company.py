"""The company around the guide's data is large, varied, believable, and the same every time."""

import json
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from tests.support.clock import Clock
from wltui.core.records import STATUSES, Phase, phase
from wltui.core.times import parse_timestamp

from .conftest import Client, Start

Listed = tuple[list[dict[str, Any]], Client]

pytestmark = pytest.mark.parametrize("seed", [1, 2, 77])


@pytest.fixture
def listed(start: Start, seed: int) -> Listed:
    """All models as the API lists them, and the client that read them."""
    client = start(seed=seed)[1]
    return client.ask("models/list")["models"], client


def versions(models: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [version["model_version"] for entry in models for version in entry["model_versions"]]


def test_it_is_large_enough(listed: Listed) -> None:
    models, client = listed
    workspaces = client.ask("workspaces/list")["workspaces"]
    assert len(workspaces) >= 8
    assert [workspace["archived"] for workspace in workspaces].count(True) == 1
    assert len(models) >= 40
    assert len(versions(models)) >= 150
    assert len({entry["model"]["id"] for entry in models}) == len(models)


def test_names_are_of_every_length_and_kind(listed: Listed) -> None:
    models, client = listed
    lengths = {len(entry["model"]["name"]) for entry in models}
    assert {1, 63} <= lengths
    assert max(lengths) == 63
    names = {workspace["name"] for workspace in client.ask("workspaces/list")["workspaces"]}
    assert any("@" in name and " " in name for name in names)


def test_all_statuses_of_todays_servers_are_there_at_the_start(listed: Listed) -> None:
    of_2023 = {"pending_conversion", "converting"}
    assert {version["status"] for version in versions(listed[0])} == set(STATUSES) - of_2023


def test_failures_tell_their_reason_an_empty_one_null_or_the_word_null(listed: Listed) -> None:
    models, client = listed
    reasons = {version["error_summary"] for version in versions(models) if version["status"] == "error"}
    assert {None, "", "null"} < reasons
    assert any(reason and " " in reason for reason in reasons)
    failed = [version["id"] for version in versions(models) if version["status"] == "error"]
    logs = [client.ask("models/get_upload_logs", model_version_id=number)["logs"] for number in failed]
    assert [] in logs
    assert any(logs)


def test_images_are_of_every_form_and_none_where_native_or_unfinished(listed: Listed) -> None:
    models, _ = listed
    images = {version["image_path"] for version in versions(models)} - {None}
    assert any("@sha256:" in image for image in images)
    assert any(image.startswith("ghcr.io/") for image in images)
    assert "gpu-hf-summ-official2:1.30" in images
    assert any("/mac-deploy-qaic-vllm:" in image for image in images)
    assert len({image.rpartition(":")[2] for image in images}) > 5
    for entry in models:
        for version in entry["model_versions"]:
            if (
                version["config"]["runtime"] in ("onnx", "tensorflow")
                or version["model_version"]["status"] != "ready"
            ):
                assert version["model_version"]["image_path"] is None


def test_hardware_schemas_and_runtimes_vary(listed: Listed) -> None:
    models, _ = listed
    conversions = [version["conversion"] or {} for version in versions(models)]
    assert {conversion.get("arch") for conversion in conversions} == {"x86", "arm", None}
    accels = [conversion.get("accel") for conversion in conversions]
    assert {accel for accel in accels if isinstance(accel, str)} >= {"none", "cuda", "openvino"}
    assert any(isinstance(accel, dict) and "qaic" in accel for accel in accels)
    configs = [version["config"] for entry in models for version in entry["model_versions"]]
    assert {config["runtime"] for config in configs} >= {"onnx", "flight", "tensorflow", "mlflow"}
    assert len({config["input_schema"] for config in configs}) > 10


def test_stamps_people_and_files_have_their_oddities(listed: Listed) -> None:
    models, _ = listed
    all_versions = versions(models)
    stamps = [version["created_at"] for version in all_versions]
    assert None in stamps
    assert {len(stamp) for stamp in stamps if stamp} >= {31, 32}
    assert all(parse_timestamp(stamp) for stamp in stamps if stamp)
    assert any(version["file_info"]["file_name"].startswith("/home/") for version in all_versions)
    shas = Counter(version["file_info"]["sha"] for version in all_versions)
    assert shas.most_common(1)[0][1] > 1
    creators = {entry["workspace"]["created_by"] for entry in models}
    assert {"@" in creator for creator in creators} == {True, False}
    assert {entry["model"]["owner_id"] for entry in models} == {'""'}


def test_some_versions_were_configured_since_their_upload(listed: Listed) -> None:
    models, client = listed
    stale = 0
    for entry in models[:25]:
        for version in entry["model_versions"]:
            newest = client.ask("models/get_config_by_id", model_id=version["model_version"]["id"])[
                "model_config"
            ]
            assert newest["id"] >= version["config"]["id"]
            stale += newest["id"] > version["config"]["id"]
    assert stale > 3


def test_ids_and_ages_agree_within_a_model(listed: Listed) -> None:
    for entry in listed[0]:
        numbers = [version["model_version"]["id"] for version in entry["model_versions"]]
        assert numbers == sorted(numbers, reverse=True)
        stamps = [
            parse_timestamp(version["model_version"]["created_at"]) for version in entry["model_versions"]
        ]
        known = [stamp for stamp in stamps if stamp]
        assert known == sorted(known, reverse=True)


def test_somebodys_build_moves_within_any_two_minutes(listed: Listed, clock: Clock) -> None:
    _, client = listed

    def picture() -> dict[int, str]:
        return {version["id"]: version["status"] for version in versions(client.ask("models/list")["models"])}

    before = picture()
    for _ in range(40):
        clock.advance(120)
        after = picture()
        assert after != before
        assert any(phase(status) is Phase.PENDING for status in after.values())
        before = after


def test_one_build_hangs_for_eighteen_hours(listed: Listed, clock: Clock) -> None:
    models, client = listed
    (hanging,) = (
        version
        for version in versions(models)
        if version["status"] == "attempting_load_container" and version["conversion"]["framework"] == "onnx"
    )
    assert (clock() - datetime.fromisoformat(hanging["created_at"])).total_seconds() == 18 * 3600
    clock.advance(7 * 86_400)
    later = client.ask("models/get_version_by_id", model_version_id=hanging["id"])["model_version"][
        "model_version"
    ]
    assert later == hanging


def test_the_same_seed_and_clock_give_the_same_bytes(start: Start, seed: int, clock: Clock) -> None:
    first, second = start(seed=seed)[1], start(seed=seed)[1]
    other = start(seed=seed + 1)[1]
    answers = [
        [client.post(path).content for path in ("workspaces/list", "models/list")]
        for client in (first, second, other)
    ]
    assert answers[0] == answers[1]
    assert answers[0] != answers[2]


@pytest.mark.parametrize(("models", "count"), [(3, 8), (60, 300), (120, 120), (None, 2000)])
def test_its_size_can_be_chosen(start: Start, seed: int, models: Any, count: int) -> None:
    listed = start(seed=seed, models=models, versions=count)[1].ask("models/list")["models"]
    assert len(versions(listed)) == count or (models == count and len(versions(listed)) == count + 5)
    assert models is None or len(listed) == models
    assert all(entry["model_versions"] for entry in listed)


def test_a_large_answer_is_still_valid_json(start: Start, seed: int) -> None:
    assert json.loads(start(seed=seed, versions=3000)[1].post("models/list").content)["models"]
