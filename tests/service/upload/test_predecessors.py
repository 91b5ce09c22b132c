"""What loaded listings say about an upload."""

from pathlib import Path
from typing import Any

from tests.support.sdk_uploads import SCHEMA, plan
from tests.support.services import session
from wltui.core.records import (
    ConfigId,
    Model,
    ModelConfig,
    ModelId,
    ModelVersion,
    VersionId,
    WorkspaceId,
    partial_list,
)
from wltui.demo import Demo
from wltui.service.upload.findings import Severity
from wltui.service.upload.predecessors import Target, check_same_file, find_target, probe

SHA = "ab" * 32
HERE, ELSEWHERE = WorkspaceId(4), WorkspaceId(5)
UPLOAD = plan("ccfraud", framework="custom")


def version(number: int, status: str = "ready", **fields: Any) -> ModelVersion:
    given: dict[str, Any] = {
        "sha": SHA,
        "framework": "custom",
        "model_name": "ccfraud",
        "workspace_id": HERE,
    } | fields
    return ModelVersion(id=VersionId(number), status=status, **given)


def model(name: str, *versions: ModelVersion) -> Model:
    return Model(id=ModelId(len(name)), name=name, workspace_id=HERE, versions=versions)


def with_schemas(output: str | None = SCHEMA) -> ModelConfig:
    return ModelConfig(id=ConfigId(1), input_schema=SCHEMA, output_schema=output)


def test_a_name_that_the_workspace_has_gets_its_next_version() -> None:
    versions = (
        version(3, config=with_schemas(None)),
        version(9, "error"),
        version(5, config=with_schemas()),
        version(7, config=with_schemas(), framework="keras"),
    )
    known = model("ccfraud", *versions)
    target = find_target(UPLOAD, [model("other"), known])
    assert target == Target(known, 5, versions[1], with_schemas=versions[2], with_config=versions[3])


def test_schemas_of_another_framework_are_better_than_none() -> None:
    keras = version(7, config=with_schemas(), framework="keras")
    target = find_target(UPLOAD, [model("ccfraud", keras, version(8, "error"))])
    assert (target.with_schemas, target.with_config) == (keras, keras)


def test_a_new_name_begins_a_model() -> None:
    there = Model(id=ModelId(1), name="ccfraud", workspace_id=ELSEWHERE, versions=(version(1),))
    assert find_target(UPLOAD, [there]) == Target(None, 1)
    assert find_target(UPLOAD, [model("CCFraud")]).similar == "CCFraud"
    assert find_target(UPLOAD, [model("ccfraud")]) == Target(model("ccfraud"), 1)


def test_a_number_is_not_known_without_all_versions() -> None:
    unloaded = Model(id=ModelId(1), name="ccfraud", workspace_id=HERE)
    assert find_target(UPLOAD, [unloaded]) == Target(unloaded, None)
    cut = Model(id=ModelId(1), name="ccfraud", versions=partial_list([version(1)], 1, "no id"))
    target = find_target(UPLOAD, [cut])
    assert (target.ordinal, target.previous) == (None, version(1))


def test_the_very_same_file_is_named_with_what_became_of_it() -> None:
    versions = [
        version(17, "error", error_summary="No InferenceBuilder-inherited class found"),
        version(12, "error"),
        version(15, workspace_id=ELSEWHERE, model_name="fraud\x1b"),
        version(16, "pending_load_container", workspace_id=WorkspaceId(6)),
        version(18, sha="cd" * 32),
        version(19, "uploading", sha="  "),
    ]
    failed, pending, ready = check_same_file(UPLOAD, SHA, versions, {ELSEWHERE: "fraud team"})
    assert failed.cause == (
        "This very file is version 17 of ccfraud, which failed, like 1 other version with it. "
        "No class derives from InferenceBuilder."
    )
    assert (failed.severity, failed.is_recorded) == (Severity.LIKELY, True)
    assert failed.remedy == "Derive a class from mac's InferenceBuilder."
    assert pending.cause == (
        "This very file is version 16 of ccfraud in another workspace, which is on its way to ready."
    )
    assert (
        ready.cause
        == "This very file is version 15 of fraud\\x1b in the workspace fraud team, which is ready."
    )
    assert (ready.severity, ready.remedy) == (Severity.NOTE, "")


def test_a_failure_without_a_known_reason_is_told_in_the_words_of_the_platform() -> None:
    (finding,) = check_same_file(UPLOAD, SHA, [version(17, "error", error_summary="moon phase\nis wrong")])
    assert "which failed. The platform says: moon phase is wrong." in finding.cause
    (finding,) = check_same_file(UPLOAD, SHA, [version(17, "error", error_summary="null")])
    assert "which failed. The platform gave no reason." in finding.cause
    assert finding.remedy == "Upload it once more."


def test_a_failure_with_another_framework_says_nothing_about_this_one() -> None:
    assert check_same_file(UPLOAD, SHA, [version(17, "error", framework="keras")]) == []
    (finding,) = check_same_file(UPLOAD, SHA, [version(17, framework="keras")])
    assert finding.remedy == "Change the config of that version, unless you want another one."


async def test_listings_of_the_cache_know_the_file_without_a_request(tmp_path: Path) -> None:
    with Demo(seed=1) as server:
        async with session(server.url, tmp_path) as service:
            async for _ in service.workspaces():
                pass
            async for answer in service.models(WorkspaceId(10)):
                models = answer.value
            uploaded = next(
                each for model in models for each in model.versions or () if each.status == "ready"
            )
            before = len(server.requests)
            found = await service.cached_same_file(probe(uploaded.sha or ""))
            assert len(server.requests) == before
    assert uploaded.id in {each.id for each in found}
    again = plan(uploaded.model_name, framework=uploaded.framework)
    findings = check_same_file(again, uploaded.sha or "", found)
    assert any("in another workspace, which is ready" in finding.cause for finding in findings)
    assert check_same_file(again, "00" * 32, found) == []
