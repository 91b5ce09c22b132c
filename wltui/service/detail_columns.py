"""The columns of a version with its newest config, and of the comparison of two versions."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from wltui.config.comparison import Cell, ComparisonRow, State
from wltui.config.detail import VersionDetail, empty_row
from wltui.config.edit import FieldChange
from wltui.core.diagnosis import Diagnosis, diagnose
from wltui.core.pipelines import PipelineUse
from wltui.core.records import UNSET, ModelConfig, ModelVersion, VersionId

from .config_columns import config_columns
from .record_columns import NO_NAMES, Names, version_columns
from .table import Column, Kind

_OF_CONFIGS_ALONE = ("version_id", "input_schema_text", "output_schema_text")
"""Columns of a config that a version does not have: to make the texts, pyarrow is imported."""


class ComparedRow(Struct, frozen=True):
    """A row of the comparison of two versions."""

    left: VersionId
    right: VersionId
    group: str
    row: ComparisonRow


class RedeployRow(Struct, frozen=True):
    """A field of a config that a redeploy of a pipeline changes."""

    use: PipelineUse
    change: FieldChange


def detail_columns(
    names: Names = NO_NAMES, diagnosis: Diagnosis | None = None
) -> Sequence[Column[VersionDetail]]:
    """Return the columns of a version with its newest config: those of both, why it failed, and where it runs.

    ``diagnosis`` is what a log and other versions say of the failure; None if only the version was read.
    """

    def why(read: Callable[[Diagnosis], str]) -> Callable[[VersionDetail], object]:
        return lambda detail: read(diagnosis or diagnose(detail.version)) or None

    return (
        *(_of_version(column) for column in version_columns(names)),
        Column("cause", Kind.TEXT, "Cause", "What its failure means, in wltui's words; null if that is not known.",
               why(lambda found: found.cause), has_null=True),
        Column("remedy", Kind.TEXT, "Remedy", "What to do about it; null if that is not known.",
               why(lambda found: found.remedy), has_null=True),
        Column("tags", Kind.TEXTS, "Tags", "Its tags, which only GraphQL shows.", lambda d: d.tags),
        Column("pipelines", Kind.TEXTS, "Runs in", "Names of the deployed pipelines that run it.", _pipelines),
        Column("runs_in", Kind.JSON, "Used by", "All pipelines that use it: objects with `pipeline_id`, `pipeline`, "
               "`deployed`, `config_id` and `config`, which is `current`, `outdated`, `stopped` or `unknown`.", _uses),
        *(_of_config(column) for column in config_columns() if column.name not in _OF_CONFIGS_ALONE),
    )  # fmt: skip


def comparison_columns() -> Sequence[Column[ComparedRow]]:
    """Return the columns of a comparison: a row for each field, each part of an image, each entry of a schema."""
    return (
        Column("group", Kind.TEXT, "Group", "Heading, such as `Config`.", lambda r: r.group),
        Column("field", Kind.TEXT, "Field", "Title of what is compared, as on screen.", lambda r: r.row.label.strip()),
        Column("verdict", Kind.TEXT, "Verdict", "`same`, `differs`, `added`, `removed`, `unknown`, or `own` if each "
               "version has one of its own.", lambda r: r.row.verdict.name.lower()),
        Column("left", Kind.TEXT, "Left", "Value of the left version in words; null if it has none.",
               lambda r: _cell(r.row.left), has_null=True),
        Column("right", Kind.TEXT, "Right", "Value of the right version, likewise.",
               lambda r: _cell(r.row.right), has_null=True),
        Column("left_version_id", Kind.INTEGER, "Left version", "Number of the left version.", lambda r: r.left),
        Column("right_version_id", Kind.INTEGER, "Right version", "Number of the right version.", lambda r: r.right),
    )  # fmt: skip


def redeploy_columns() -> Sequence[Column[RedeployRow]]:
    """Return the columns of the changes of a redeploy: a row for each field of each pipeline."""
    return (
        Column("pipeline", Kind.TEXT, "Pipeline", "Name of the pipeline.", lambda r: r.use.pipeline_name),
        Column("pipeline_id", Kind.INTEGER, "Pipeline ID", "Number of the pipeline.", lambda r: r.use.pipeline_id),
        Column("config_id", Kind.INTEGER, "Config", "Config that it runs.", lambda r: r.use.config_id),
        Column("field", Kind.TEXT, "Field", "Name of a field that a redeploy changes.", lambda r: r.change.key),
        Column("running", Kind.JSON, "Running", "Its value there.",
               lambda r: r.change.before, has_null=True),
        Column("newest", Kind.JSON, "Newest", "Its value in the newest config.",
               lambda r: r.change.after, has_null=True),
    )  # fmt: skip


def _of_version(column: Column[ModelVersion]) -> Column[VersionDetail]:
    return Column(
        column.name, column.kind, column.title, column.doc, lambda d: column.read(d.version), column.has_null
    )


def _of_config(column: Column[ModelConfig]) -> Column[VersionDetail]:
    """Return a column of a config as one of a detail: a version without a config has an empty one."""
    return Column(
        column.name,
        column.kind,
        column.title,
        column.doc,
        lambda d: column.read(d.config or empty_row(d.version.id)),
        column.has_null,
    )


def _pipelines(detail: VersionDetail) -> tuple[str, ...] | None:
    return None if detail.uses is None else tuple(use.pipeline_name for use in detail.uses if use.is_deployed)


def _uses(detail: VersionDetail) -> list[dict[str, object]] | None:
    if detail.uses is None:
        return None
    newest = detail.config.id if detail.config else None
    return [
        {
            "pipeline_id": use.pipeline_id,
            "pipeline": use.pipeline_name,
            "deployed": use.is_deployed,
            "config_id": use.config_id,
            "config": use.verdict(newest).name.lower(),
        }
        for use in detail.uses
    ]


def _cell(cell: Cell) -> object:
    if cell.state is State.KNOWN:
        return cell.text
    return None if cell.state is State.NULL else UNSET
