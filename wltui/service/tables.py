"""Records as tables for files and commands: which columns each kind has.

The names, kinds and meanings of the columns are the interface of ``-o`` and of the key ``o``: ``REFERENCE.md`` lists
them, and a test holds that.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from wltui.core.pipelines import PipelineUse
from wltui.core.problems import Problem
from wltui.core.records import (
    Model,
    ModelConfig,
    ModelVersion,
    VersionId,
    Workspace,
    WorkspaceId,
    missing_records,
    unread_versions,
)
from wltui.core.version_groups import VersionGroup

from .answers import Answer
from .record_columns import (
    NO_NAMES,
    Names,
    group_columns,
    model_columns,
    pipeline_columns,
    version_columns,
    workspace_columns,
)
from .table import Column as Column
from .table import Kind as Kind
from .table import Table as Table

if TYPE_CHECKING:
    from wltui.config.comparison import Comparison
    from wltui.config.detail import VersionDetail
    from wltui.core.diagnosis import Diagnosis, SameFile
    from wltui.store.draft_files import Kept
    from wltui.store.save_history import SaveRecord

    from .config_columns import Work
    from .deployments import PipelineRow
    from .detail_columns import ComparedRow, RedeployRow
    from .fleet import Fleet
    from .problem_columns import ChangeRow, ProblemRow
    from .summaries import Summary

R = TypeVar("R")


def workspaces_table(
    answer: Answer[Sequence[Workspace]], summaries: "Mapping[WorkspaceId, Summary] | None" = None
) -> Table[Workspace]:
    """Return workspaces as a table, with the counts of those that ``summaries`` has."""
    return _table("workspaces", workspace_columns(summaries), answer.value, answer)


def models_table(answer: Answer[Sequence[Model]], names: Names = NO_NAMES) -> Table[Model]:
    """Return models as a table; ``names`` has the names of workspaces, as far as they are known."""
    missing, reason = missing_records(answer.value)
    if not missing:
        missing, reason = unread_versions(answer.value)
    is_unfinished = any(model.versions is None for model in answer.value)
    return Table("models", model_columns(names), answer.value, answer.as_of, answer.live, missing, reason,
                 is_unfinished)  # fmt: skip


def versions_table(answer: Answer[Sequence[ModelVersion]], names: Names = NO_NAMES) -> Table[ModelVersion]:
    """Return versions as a table. For those of a whole instance, see :func:`with_gaps_of`."""
    return _table("versions", version_columns(names), answer.value, answer)


def groups_table(answer: Answer[Sequence[VersionGroup]]) -> Table[VersionGroup]:
    """Return groups of versions as a table."""
    return _table("groups", group_columns(), answer.value, answer)


def pipelines_table(answer: "Answer[Sequence[PipelineRow]]", names: Names = NO_NAMES) -> "Table[PipelineRow]":
    """Return pipelines as a table."""
    return _table("pipelines", pipeline_columns(names), answer.value, answer)


def problems_table(
    answer: Answer[Sequence[ModelVersion]],
    problems: Mapping[VersionId, Problem],
    same_file: "SameFile",
    outdated: Mapping[VersionId, Collection[PipelineUse]],
    names: Names = NO_NAMES,
) -> "Table[ProblemRow]":
    """Return the versions that need attention as a table, each with reason, cause and remedy.

    Args:
        answer: The versions to list; those without a problem are left out.
        problems: The problems by version: :func:`~wltui.core.problems.find_problems` of all versions.
        same_file: Finds versions with the same file among all that are known.
        outdated: Versions that pipelines run with an older config than their newest:
            :attr:`~wltui.service.configs_in_use.ConfigsInUse.outdated`.
        names: The names of workspaces, as far as they are known.
    """
    from .problem_columns import problem_columns, problem_rows

    rows = problem_rows(answer.value, problems, same_file, outdated)
    return _table("problems", problem_columns(names), rows, answer)


def changes_table(answer: "Answer[Sequence[ChangeRow]]", names: Names = NO_NAMES) -> "Table[ChangeRow]":
    """Return the changes since the last visit as a table."""
    from .problem_columns import change_columns

    return _table("changes", change_columns(names), answer.value, answer)


def configs_table(answer: Answer[Sequence[ModelConfig]]) -> Table[ModelConfig]:
    """Return configs as a table, each a whole row. Reading a schema's text imports pyarrow."""
    from .config_columns import config_columns

    return _table("configs", config_columns(), answer.value, answer)


def history_table(
    saves: "Sequence[SaveRecord | Kept]", now: datetime, names: Names = NO_NAMES
) -> "Table[Work]":
    """Return saves as a table. Unsent edits may be among them: their outcome is ``unsent``."""
    from .config_columns import history_columns, work_of

    return Table("history", history_columns(names), [work_of(save) for save in saves], now)


def drafts_table(drafts: "Sequence[Kept]", now: datetime, names: Names = NO_NAMES) -> "Table[Work]":
    """Return unsent edits as a table."""
    from .config_columns import draft_columns, work_of

    return Table("drafts", draft_columns(names), [work_of(draft) for draft in drafts], now)


def detail_table(
    answer: "Answer[VersionDetail]", names: Names = NO_NAMES, diagnosis: "Diagnosis | None" = None
) -> "Table[VersionDetail]":
    """Return a version with its newest config as a table of one row; see ``detail_columns``."""
    from .detail_columns import detail_columns

    return _table("version", detail_columns(names, diagnosis), (answer.value,), answer)


def comparison_table(left: VersionId, right: VersionId, answer: "Answer[Comparison]") -> "Table[ComparedRow]":
    """Return a comparison as a table: a row for each field, each part of an image, each entry of a schema."""
    from .detail_columns import ComparedRow, comparison_columns

    groups = answer.value.groups
    rows = [ComparedRow(left, right, group.title, row) for group in groups for row in group.rows]
    return _table("comparison", comparison_columns(), rows, answer)


def redeploy_table(rows: "Sequence[RedeployRow]", now: datetime) -> "Table[RedeployRow]":
    """Return the changes of a redeploy as a table."""
    from .detail_columns import redeploy_columns

    return Table("redeploy", redeploy_columns(), rows, now)


def with_gaps(table: Table[R], missing: int, reason: str, is_unfinished: bool) -> Table[R]:
    """Return a table with the gaps of the list that it was made from; none keeps those that it has."""
    if not (missing or is_unfinished):
        return table
    return replace(table, missing=missing, missing_reason=reason, is_unfinished=is_unfinished)


def fleet_gaps(fleet: "Fleet") -> tuple[int, str, bool]:
    """Return the gaps in the lists of an instance: how many records are missing, why, and whether lists are left."""
    missing, reason = fleet.missing
    unread = next(iter(fleet.unread.values()), None)
    return missing, reason or (str(unread) if unread else ""), bool(fleet.left or fleet.unread)


def with_gaps_of(table: Table[R], fleet: "Fleet") -> Table[R]:
    """Return a table of versions of the whole instance with the gaps of its lists."""
    return with_gaps(table, *fleet_gaps(fleet))


def documented_tables() -> Mapping[str, Sequence[Column[Any]]]:
    """Return the columns of every kind of record, by the name of its table."""
    from .config_columns import config_columns, draft_columns, history_columns
    from .detail_columns import comparison_columns, detail_columns, redeploy_columns
    from .problem_columns import change_columns, problem_columns

    makers: Mapping[str, Callable[[], Sequence[Column[Any]]]] = {
        "workspaces": workspace_columns,
        "models": model_columns,
        "versions": version_columns,
        "version": detail_columns,
        "problems": problem_columns,
        "groups": group_columns,
        "changes": change_columns,
        "pipelines": pipeline_columns,
        "configs": config_columns,
        "comparison": comparison_columns,
        "redeploy": redeploy_columns,
        "history": history_columns,
        "drafts": draft_columns,
    }
    return {name: make() for name, make in makers.items()}


def _table(name: str, columns: Sequence[Column[R]], records: Sequence[R], answer: Answer[Any]) -> Table[R]:
    missing, reason = missing_records(answer.value)
    return Table(name, columns, records, answer.as_of, answer.live, missing, reason)
