"""The columns of workspaces, models, versions, groups of versions and pipelines.

A column keeps its name and its kind for ever, since scripts rest on them; new ones are added behind the others. A value
that is not known (an older release or another call leaves it out) is absent; null means that there is none.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wltui.core.pipelines import Verdict
from wltui.core.records import (
    UNSET,
    Model,
    ModelVersion,
    Phase,
    Workspace,
    WorkspaceId,
    missing_records,
    phase,
)
from wltui.core.version_groups import VersionGroup

from .table import Column, Kind

if TYPE_CHECKING:
    from .deployments import PipelineRow
    from .summaries import Summary

Names = Mapping[WorkspaceId, str]
"""Names of workspaces, as far as they are known."""
_PHASES = (
    (Phase.READY, "ready", "ready"),
    (Phase.ERROR, "failed", "in error"),
    (Phase.PENDING, "pending", "on their way to ready"),
    (Phase.OTHER, "other", "in a status that wltui does not know"),
)
NO_NAMES: Names = {}


def workspace_columns(
    summaries: "Mapping[WorkspaceId, Summary] | None" = None,
) -> Sequence[Column[Workspace]]:
    """Return the columns of workspaces.

    Args:
        summaries: The counts of workspaces, as far as they are known.
    """
    known = summaries or {}

    def models(workspace: Workspace) -> int | None:
        summary = known.get(workspace.id)
        return summary.models if summary else None

    def phases(workspace: Workspace) -> Mapping[Phase, int] | None:
        summary = known.get(workspace.id)
        return summary.phases if summary else None

    return (
        Column("id", Kind.INTEGER, "ID", "Number of the workspace.", lambda w: w.id),
        Column("name", Kind.TEXT, "Name", "Name of the workspace.", lambda w: w.name),
        Column("archived", Kind.TRUTH, "Archived", "Whether it is archived.", lambda w: w.archived),
        Column("created_at", Kind.TIME, "Created", "When it was created.", lambda w: w.created_at),
        Column("created_by", Kind.TEXT, "Created by", "Who created it: an e-mail address or a UUID.",
               lambda w: w.created_by),
        Column("version_ids", Kind.INTEGERS, "Versions", "Numbers of the versions in it.",
               lambda w: tuple(w.version_ids)),
        Column("pipeline_ids", Kind.INTEGERS, "Pipelines", "Numbers of the pipelines in it.", lambda w: w.pipelines),
        Column("models", Kind.INTEGER, "Models", "How many models it has, if they have been read.", models),
        *_phase_columns(phases),
    )  # fmt: skip


def model_columns(names: Names = NO_NAMES) -> Sequence[Column[Model]]:
    """Return the columns of models."""

    def newest(model: Model) -> ModelVersion | None:
        return model.versions[0] if model.versions else None

    def of_newest(read: Callable[[ModelVersion], object]) -> Callable[[Model], object]:
        return lambda model: read(version) if (version := newest(model)) else UNSET

    def phases(model: Model) -> Mapping[Phase, int] | None:
        if model.versions is None:
            return None
        found = dict.fromkeys(Phase, 0)
        for version in model.versions:
            found[phase(version.status)] += 1
        return found

    def total(model: Model) -> int | None:
        return None if model.versions is None else len(model.versions) + missing_records(model.versions)[0]

    return (
        Column("id", Kind.INTEGER, "ID", "Number of the model.", lambda m: m.id),
        Column("name", Kind.TEXT, "Name", "Name of the model.", lambda m: m.name),
        Column("workspace_id", Kind.INTEGER, "Workspace ID", "Number of its workspace.", lambda m: m.workspace_id),
        Column("workspace", Kind.TEXT, "Workspace", "Name of its workspace.", lambda m: _name(names, m.workspace_id)),
        Column("owner_id", Kind.TEXT, "Owner", "UUID of its owner.", lambda m: m.owner_id),
        Column("created_at", Kind.TIME, "Created", "When it was created.", lambda m: m.created_at),
        Column("updated_at", Kind.TIME, "Updated", "When it last changed.", lambda m: m.updated_at),
        Column("versions", Kind.INTEGER, "Versions", "How many versions it has, if they have been read.", total),
        *_phase_columns(phases),
        Column("newest_version_id", Kind.INTEGER, "Newest", "Number of its newest version.", of_newest(lambda v: v.id)),
        Column("newest_status", Kind.TEXT, "Newest status", "Status of that version, in the server's word.",
               of_newest(lambda v: v.status)),
        Column("newest_reason", Kind.TEXT, "Newest reason", "Why that version failed, in the server's words; null "
               "if it gave no reason.", of_newest(lambda v: v.error_summary), has_null=True),
        Column("newest_image_path", Kind.TEXT, "Newest image", "Container image of that version; null if it has none.",
               of_newest(lambda v: v.image_path), has_null=True),
        Column("newest_created_at", Kind.TIME, "Newest created", "When that version was uploaded.",
               of_newest(lambda v: v.created_at)),
    )  # fmt: skip


def version_columns(names: Names = NO_NAMES) -> Sequence[Column[ModelVersion]]:
    """Return the columns of versions."""
    return (
        Column("id", Kind.INTEGER, "ID", "Number of the version.", lambda v: v.id),
        Column("model", Kind.TEXT, "Model", "Name of its model.", lambda v: v.model_name or None),
        Column("model_id", Kind.INTEGER, "Model ID", "Number of its model.", lambda v: v.model_id),
        Column("workspace", Kind.TEXT, "Workspace", "Name of its workspace.", lambda v: _name(names, v.workspace_id)),
        Column("workspace_id", Kind.INTEGER, "Workspace ID", "Number of its workspace.", lambda v: v.workspace_id),
        Column("status", Kind.TEXT, "Status", "Status in the server's word, such as `ready` or `error`.",
               lambda v: v.status),
        Column("phase", Kind.TEXT, "Phase", "What the status means: `ready`, `error`, `pending`, or `other` for a word "
               "that wltui does not know.", _phase_word),
        Column("reason", Kind.TEXT, "Reason", "Why it failed, in the server's words; null if it gave no reason.",
               lambda v: v.error_summary, has_null=True),
        Column("image_path", Kind.TEXT, "Image", "Container image; null for native runtimes and while it is built.",
               lambda v: v.image_path, has_null=True),
        Column("framework", Kind.TEXT, "Framework", "Framework that it was uploaded as.", lambda v: v.framework),
        Column("arch", Kind.TEXT, "Architecture", "Processor architecture.", lambda v: v.arch),
        Column("accel", Kind.TEXT, "Acceleration", "Accelerator.", lambda v: v.accel),
        Column("python_version", Kind.TEXT, "Python", "Python version.", lambda v: v.python_version),
        Column("requirements", Kind.TEXTS, "Requirements", "Python packages that it asks for.", _requirements),
        Column("file_name", Kind.TEXT, "File", "Uploaded file, as its uploader named it.", lambda v: v.file_name),
        Column("size", Kind.INTEGER, "Size", "Bytes of the file.", lambda v: v.size),
        Column("sha256", Kind.TEXT, "SHA-256", "SHA-256 of the file.", lambda v: v.sha),
        Column("uuid", Kind.TEXT, "UUID", "UUID of the upload, which pipelines name.", lambda v: v.uuid),
        Column("visibility", Kind.TEXT, "Visibility", "`private` or `public`.", lambda v: v.visibility),
        Column("deployed", Kind.TRUTH, "Deployed", "Whether the REST API says that it is deployed.",
               lambda v: v.deployed),
        Column("owner_id", Kind.TEXT, "Owner", "UUID of its owner.", lambda v: v.owner_id),
        Column("created_at", Kind.TIME, "Created", "When it was uploaded.", lambda v: v.created_at),
        Column("created_by", Kind.TEXT, "Created by", "Who uploaded it.", lambda v: v.created_by),
        Column("release", Kind.TEXT, "Release", "Wallaroo release that received it.", lambda v: v.created_on_version),
        Column("task_id", Kind.TEXT, "Task", "UUID of the task that converts it.", lambda v: v.task_id),
    )  # fmt: skip


def group_columns() -> Sequence[Column[VersionGroup]]:
    """Return the columns of groups of versions."""
    return (
        Column("by", Kind.TEXT, "By", "What its versions share: `image`, `framework` or `release`.",
               lambda g: g.by.value),
        Column("name", Kind.TEXT, "Name", "The shared value; null for the versions that have none.",
               lambda g: g.name or None, has_null=True),
        Column("versions", Kind.INTEGER, "Versions", "How many versions it has.", lambda g: len(g.versions)),
        *_phase_columns(lambda group: group.phases),
        Column("deployed", Kind.INTEGER, "Deployed", "How many of them are deployed by the REST API.",
               lambda g: g.deployed),
        Column("models", Kind.INTEGER, "Models", "How many models they are of.", lambda g: g.models),
        Column("workspaces", Kind.INTEGER, "Workspaces", "How many workspaces they are in.", lambda g: g.workspaces),
        Column("version_ids", Kind.INTEGERS, "Version IDs", "Their numbers.", lambda g: [v.id for v in g.versions]),
    )  # fmt: skip


def pipeline_columns(names: Names = NO_NAMES) -> "Sequence[Column[PipelineRow]]":
    """Return the columns of pipelines."""

    def models(row: "PipelineRow") -> list[str] | None:
        steps = row.pipeline.steps
        return [model.name for step in steps for model in step.models] if steps else None

    def uuids(row: "PipelineRow") -> list[str] | None:
        steps = row.pipeline.steps
        return [model.uuid for step in steps for model in step.models] if steps else None

    def uses(row: "PipelineRow") -> list[dict[str, object]] | None:
        if row.uses is None:
            return None
        return [
            {
                "version_id": use.version_id,
                "config_id": use.config_id,
                "newest_config_id": row.newest.get(use.version_id),
                "config": _verdict(use.verdict(row.newest.get(use.version_id))),
            }
            for use in row.uses
        ]

    def deployment(name: str) -> "Callable[[PipelineRow], object]":
        return lambda row: getattr(row.pipeline.deployment, name, UNSET)

    return (
        Column("id", Kind.INTEGER, "ID", "Number of the pipeline.", lambda p: p.id),
        Column("name", Kind.TEXT, "Name", "Name of the pipeline.", lambda p: p.pipeline.name),
        Column("workspace_id", Kind.INTEGER, "Workspace ID", "Number of its workspace.",
               lambda p: p.pipeline.workspace_id),
        Column("workspace", Kind.TEXT, "Workspace", "Name of its workspace.",
               lambda p: _name(names, p.pipeline.workspace_id)),
        Column("deployed", Kind.TRUTH, "Deployed", "Whether it is deployed.", lambda p: p.is_deployed),
        Column("config", Kind.TEXT, "Config", "Whether it runs the newest configs: `current`, `outdated` (deploy it "
               "again), `stopped` or `unknown`.", lambda p: _verdict(p.verdict)),
        Column("models", Kind.TEXTS, "Models", "Names of the models in its steps.", models),
        Column("version_uuids", Kind.TEXTS, "Version UUIDs", "UUIDs of the versions in its steps.", uuids),
        Column("running", Kind.JSON, "Running", "Versions of its deployment: objects with `version_id`, `config_id`, "
               "`newest_config_id` and `config`.", uses),
        Column("deployment_id", Kind.INTEGER, "Deployment ID", "Number of its deployment.", deployment("id")),
        Column("deployed_at", Kind.TIME, "Deployed at", "When its deployment last changed.", deployment("updated_at")),
        Column("deployed_by", Kind.TEXT, "Deployed by", "UUID of who changed it.", deployment("updated_by")),
        Column("limit", Kind.TEXT, "Limit", "Why the platform refuses to deploy it, in its words; null if it does not.",
               deployment("limit_status"), has_null=True),
        Column("uuid", Kind.TEXT, "UUID", "UUID of its newest pipeline version.", lambda p: p.pipeline.version),
        Column("created_at", Kind.TIME, "Created", "When it was created.", lambda p: p.pipeline.created_at),
        Column("updated_at", Kind.TIME, "Updated", "When it last changed.", lambda p: p.pipeline.updated_at),
    )  # fmt: skip


def _phase_columns(phases: Callable[[Any], Mapping[Phase, int] | None]) -> Sequence[Column[Any]]:
    """Return a column for each phase: how many versions are in it."""

    def reader(wanted: Phase) -> Callable[[Any], int | None]:
        return lambda record: None if (found := phases(record)) is None else found.get(wanted, 0)

    return tuple(
        Column(
            f"{word}_versions",
            Kind.INTEGER,
            word.capitalize(),
            f"How many versions are {words}.",
            reader(each),
        )
        for each, word, words in _PHASES
    )


def _name(names: Names, workspace_id: WorkspaceId | None) -> str | None:
    return None if workspace_id is None else names.get(workspace_id)


def _phase_word(version: ModelVersion) -> str | None:
    found = phase(version.status)
    return None if found is Phase.ABSENT else found.value


def _requirements(version: ModelVersion) -> tuple[str, ...] | None:
    """Return the packages; None if the answer has no options of the upload, which always name a framework."""
    return version.requirements or (() if version.framework else None)


def _verdict(verdict: Verdict) -> str:
    return verdict.name.lower()
