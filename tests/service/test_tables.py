"""Which columns each kind of record has, and what they hold."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any

from msgspec import UNSET

from tests.support.clock import NOW
from tests.support.configs import MARKED, config
from wltui.config.edit import ConfigEdit, Draft
from wltui.core.diagnosis import SameFile
from wltui.core.errors import TimedOut
from wltui.core.instant import Instant
from wltui.core.pipelines import Deployment, DeploymentId, Pipeline, PipelineId, PipelineUse, Step, StepModel
from wltui.core.problems import find_problems
from wltui.core.records import (
    ConfigId,
    Model,
    ModelConfig,
    ModelId,
    ModelVersion,
    Outcome,
    Phase,
    VersionId,
    Workspace,
    WorkspaceId,
    partial_list,
)
from wltui.core.version_groups import GroupBy, group_versions
from wltui.core.visits import Changes
from wltui.service.answers import Answer
from wltui.service.deployments import PipelineRow
from wltui.service.fleet import Fleet
from wltui.service.problem_columns import change_rows
from wltui.service.summaries import Summary
from wltui.service.table_files import Format, write_table
from wltui.service.tables import (
    Table,
    changes_table,
    configs_table,
    documented_tables,
    drafts_table,
    fleet_gaps,
    groups_table,
    history_table,
    models_table,
    pipelines_table,
    problems_table,
    versions_table,
    with_gaps,
    workspaces_table,
)
from wltui.store.draft_files import Kept
from wltui.store.save_history import SaveRecord

NAMES = {WorkspaceId(5): "fraud"}
READY = ModelVersion(
    id=VersionId(7), model_id=ModelId(3), model_name="cc", workspace_id=WorkspaceId(5), status="ready", uuid="u-7",
    framework="onnx", created_at="2026-03-02T12:30:00.25+00:00", created_on_version="2026.1", size=9,
)  # fmt: skip
FAILED = ModelVersion(
    id=VersionId(8), model_id=ModelId(3), model_name="cc", workspace_id=WorkspaceId(5), status="error",
    error_summary="Could not pip install user provided requirements.txt", framework="custom", sha="ab",
    created_at="2026-03-02T13:30:00+00:00",
)  # fmt: skip
STABLE = {
    "workspaces": """
        id:integer name:text archived:truth created_at:time created_by:text version_ids:integers
        pipeline_ids:integers models:integer ready_versions:integer failed_versions:integer
        pending_versions:integer other_versions:integer
    """,
    "models": """
        id:integer name:text workspace_id:integer workspace:text owner_id:text created_at:time
        updated_at:time versions:integer ready_versions:integer failed_versions:integer
        pending_versions:integer other_versions:integer newest_version_id:integer newest_status:text
        newest_reason:text newest_image_path:text newest_created_at:time
    """,
    "versions": """
        id:integer model:text model_id:integer workspace:text workspace_id:integer status:text
        phase:text reason:text image_path:text framework:text arch:text accel:text python_version:text
        requirements:texts file_name:text size:integer sha256:text uuid:text visibility:text
        deployed:truth owner_id:text created_at:time created_by:text release:text task_id:text
    """,
    "version": """
        cause:text remedy:text tags:texts pipelines:texts runs_in:json
    """,
    "comparison": """
        group:text field:text verdict:text left:text right:text left_version_id:integer right_version_id:integer
    """,
    "redeploy": """
        pipeline:text pipeline_id:integer config_id:integer field:text running:json newest:json
    """,
    "problems": """
        trouble:text since:time reason:text reason_source:text reason_version_id:integer cause:text
        remedy:text group:integer group_size:integer
    """,
    "groups": """
        by:text name:text versions:integer ready_versions:integer failed_versions:integer
        pending_versions:integer other_versions:integer deployed:integer models:integer
        workspaces:integer version_ids:integers
    """,
    "changes": """
        change:text
    """,
    "pipelines": """
        id:integer name:text workspace_id:integer workspace:text deployed:truth config:text models:texts
        version_uuids:texts running:json deployment_id:integer deployed_at:time deployed_by:text
        limit:text uuid:text created_at:time updated_at:time
    """,
    "configs": """
        config_id:integer version_id:integer runtime:text tensor_fields:texts batch_config:text
        filter_threshold:number dynamic_batching_config:json continuous_batching_config:json
        openai_config:json input_schema:text output_schema:text input_schema_text:text
        output_schema_text:text queue_depth:integer sidekick_uri:text other_fields:texts
    """,
    "history": """
        outcome:text at:time version_id:integer model:text workspace:text workspace_id:integer
        base_config_id:integer config_id:integer changed:texts values:json user:text reason:text
        differences:text request:json
    """,
    "drafts": """
        changed_at:time began_at:time version_id:integer model:text workspace:text workspace_id:integer
        base_config_id:integer changed:texts values:json is_open:truth
    """,
}
"""Names and kinds of columns that scripts rest on. Add new ones behind the others; change none."""


def answer(*records: Any, live: bool = True) -> Answer[Any]:
    return Answer(records, NOW, live)


def items(table: Table[Any]) -> list[dict[str, Any]]:
    """The items of a table as JSON has them; every format is written once, so no value is one that it can't hold."""
    found = b""
    for format in reversed(Format):
        stream = BytesIO()
        write_table(table, format, stream)
        found = stream.getvalue() if format is Format.JSON else found
    read: list[dict[str, Any]] = json.loads(found)["items"]
    return read


def test_columns_keep_their_names_and_kinds() -> None:
    found = documented_tables()
    assert found.keys() == STABLE.keys()
    shared = {(each.name, each.kind, each.doc) for of in ("versions", "configs") for each in found[of]}
    for name, columns in found.items():
        words = [
            f"{column.name}:{column.kind.name.lower()}"
            for column in columns
            if name not in ("problems", "changes", "version")
            or (column.name, column.kind, column.doc) not in shared
        ]
        promised = STABLE[name].split()
        assert words[: len(promised)] == promised
        assert len({column.name for column in columns}) == len(columns)
        assert all(column.title and column.doc.endswith(".") for column in columns)


def test_a_workspace_has_counts_only_if_they_are_known() -> None:
    workspaces = answer(
        Workspace(WorkspaceId(5), "fraud", version_ids=(VersionId(7),)), Workspace(WorkspaceId(6), "b")
    )
    known, other = items(workspaces_table(workspaces, {WorkspaceId(5): Summary(2, {Phase.READY: 4})}))
    assert (known["models"], known["ready_versions"], known["failed_versions"]) == (2, 4, 0)
    assert known["version_ids"] == [7]
    assert other == {"id": 6, "name": "b", "archived": False, "version_ids": [], "pipeline_ids": []}


def test_a_model_has_its_newest_version_and_counts_unless_they_are_not_loaded() -> None:
    models = answer(
        Model(id=ModelId(3), name="cc", workspace_id=WorkspaceId(5), versions=(FAILED, READY)),
        Model(id=ModelId(4), name="flat"),
    )
    table = models_table(models, NAMES)
    known, other = items(table)
    assert (known["workspace"], known["versions"], known["newest_version_id"]) == ("fraud", 2, 8)
    assert (known["newest_status"], known["newest_image_path"]) == ("error", None)
    assert (known["ready_versions"], known["failed_versions"]) == (1, 1)
    assert other == {"id": 4, "name": "flat"}
    assert not table.complete


def test_versions_tell_null_from_unknown_and_say_what_is_missing() -> None:
    listed = Answer(partial_list([READY], 2, "it is no object"), NOW, live=False)
    table = versions_table(listed, NAMES)
    assert items(table) == [
        {
            "id": 7, "model": "cc", "model_id": 3, "workspace": "fraud", "workspace_id": 5, "status": "ready",
            "phase": "ready", "reason": None, "image_path": None, "framework": "onnx", "requirements": [], "size": 9,
            "uuid": "u-7", "created_at": "2026-03-02T12:30:00.250000Z", "release": "2026.1",
        }
    ]  # fmt: skip
    assert (table.live, table.complete, table.missing, table.missing_reason) == (
        False,
        False,
        2,
        "it is no object",
    )
    odd = ModelVersion(id=VersionId(1), created_at="yesterday")
    assert items(versions_table(answer(odd))) == [{"id": 1, "reason": None, "image_path": None}]


def test_a_fleet_with_gaps_is_not_complete() -> None:
    table = versions_table(answer(READY))
    assert with_gaps(table, *fleet_gaps(Fleet())).complete
    assert not with_gaps(table, *fleet_gaps(Fleet(left=3))).complete
    unread = with_gaps(
        table, *fleet_gaps(Fleet(unread={WorkspaceId(6): TimedOut("The list can't be read", "no answer")}))
    )
    assert (unread.complete, unread.missing_reason) == (False, "The list can't be read: no answer")


def test_a_problem_has_reason_cause_and_remedy_and_the_columns_of_its_version() -> None:
    twin = ModelVersion(id=VersionId(9), model_name="cc", status="error", sha="ab", framework="custom")
    use = PipelineUse(
        pipeline_id=PipelineId(1), pipeline_name="p", version_id=READY.id, config_id=ConfigId(1),
        deployment=Deployment(id=DeploymentId(1), name="p", deployed=True),
    )  # fmt: skip
    versions = (twin, FAILED, READY)
    outdated = {READY.id: (use,)}
    problems = find_problems(versions, NOW, outdated=outdated)
    table = problems_table(answer(*versions), problems, SameFile(versions), outdated, NAMES)
    borrowed, failed, old = items(table)
    assert (failed["id"], failed["trouble"], failed["reason_source"]) == (8, "failed", "summary")
    assert (failed["reason"], failed["since"]) == (FAILED.error_summary, "2026-03-02T13:30:00Z")
    assert "requirements" in failed["cause"]
    assert failed["remedy"]
    assert (borrowed["reason"], borrowed["reason_version_id"]) == (FAILED.error_summary, 8)
    assert "since" not in borrowed
    assert (old["trouble"], old["remedy"]) == ("outdated", "Redeploy p: it runs config 1.")
    assert (old["group"], old["group_size"], old["framework"]) == (7, 1, "onnx")


def test_changes_since_the_last_visit_have_their_kind() -> None:
    changes = Changes(broke=(FAILED,), reconfigured=(VersionId(7), VersionId(90)))
    broke, known, bare = items(changes_table(answer(*change_rows(changes, {VersionId(7): READY}))))
    assert (broke["change"], known["change"], known["model"]) == ("broke", "new_config", "cc")
    assert bare == {"change": "new_config", "id": 90}


def test_groups_count_their_versions() -> None:
    custom, onnx = items(groups_table(answer(*group_versions((READY, FAILED, READY), GroupBy.FRAMEWORK))))
    assert (custom["name"], custom["versions"], onnx["failed_versions"]) == ("onnx", 2, 1)


def test_a_pipeline_has_its_models_and_the_configs_that_it_runs() -> None:
    deployment = Deployment(id=DeploymentId(1), name="p", deployed=True)
    pipeline = Pipeline(
        id=PipelineId(2), name="p", workspace_id=WorkspaceId(5), deployment=deployment,
        steps=(Step("ModelInference", (StepModel("cc", "u-7"),)),),
    )  # fmt: skip
    use = PipelineUse(pipeline_id=pipeline.id, pipeline_name="p", version_id=READY.id, config_id=ConfigId(1),
                      deployment=deployment)  # fmt: skip
    rows = answer(
        PipelineRow(pipeline, (use,), {READY.id: ConfigId(2)}),
        PipelineRow(Pipeline(id=PipelineId(3), name="q")),
    )
    runs, bare = items(pipelines_table(rows, NAMES))
    assert (runs["deployed"], runs["config"], runs["models"], runs["version_uuids"]) == (
        True,
        "outdated",
        ["cc"],
        ["u-7"],
    )
    assert runs["running"] == [{"version_id": 7, "config_id": 1, "newest_config_id": 2, "config": "outdated"}]
    assert bare == {"id": 3, "name": "q", "config": "unknown"}


def test_a_config_has_every_field_and_its_schemas_as_text() -> None:
    row = config(tensor_fields=("a", "b"), input_schema=MARKED, filter_threshold=0.5)
    (found,) = items(configs_table(answer(row)))
    assert (found["config_id"], found["tensor_fields"], found["filter_threshold"]) == (20, ["a", "b"], 0.5)
    assert found["input_schema"] == MARKED
    assert "string" in found["input_schema_text"]
    assert (found["openai_config"], found["output_schema_text"]) == (None, None)
    assert "runtime" not in found
    (bare,) = items(configs_table(answer(ModelConfig(id=ConfigId(0)))))
    assert bare == {"config_id": None, "other_fields": []}


def test_saves_and_unsent_edits_have_what_they_change() -> None:
    base = config(tensor_fields=("a",))
    edit = ConfigEdit(VersionId(7), base, {"batch_config": "single"})
    save = SaveRecord(
        id="1", began=Instant(NOW), user="jane", version_id=VersionId(7), model_name="cc", base=base,
        request=edit.request(), outcome=Outcome.SAVED, config=ModelConfig(id=ConfigId(21)),
        workspace_id=WorkspaceId(5),
    )  # fmt: skip
    lost = SaveRecord("2", Instant(NOW), "jane", VersionId(7), "cc", base, edit.request())
    kept = Kept(READY, Draft(edit, {"filter_threshold": "0,"}), NOW, NOW + timedelta(minutes=1))
    saved, unknown, unsent = items(history_table([save, lost, kept], NOW, NAMES))
    assert (saved["outcome"], saved["config_id"], saved["base_config_id"], saved["workspace"]) == (
        "saved",
        21,
        20,
        "fraud",
    )
    assert (saved["changed"], saved["values"]) == (["batch_config"], {"batch_config": "single"})
    assert saved["request"]["tensor_fields"] == ["a"]
    assert (unknown["outcome"], unknown["config_id"]) == ("unknown", None)
    assert (unsent["outcome"], unsent["at"]) == ("unsent", "2026-03-02T14:31:00Z")
    (draft,) = items(drafts_table([kept], NOW))
    assert (draft["changed"], draft["values"]) == (
        ["batch_config", "filter_threshold"],
        {"batch_config": "single"},
    )
    assert (draft["began_at"], draft["is_open"]) == ("2026-03-02T14:30:00Z", False)


def test_a_table_may_have_some_columns_and_records_only() -> None:
    table = versions_table(answer(READY, FAILED)).with_columns(["status", "id"]).with_records([FAILED])
    assert [*table.rows()] == [("error", 8)]
    assert [*versions_table(answer(READY)).with_columns(["size", "sha256"]).rows()] == [(9, UNSET)]
