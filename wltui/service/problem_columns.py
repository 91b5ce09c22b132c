"""The columns of versions that need attention, and of versions that have changed since the last visit."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from msgspec import UNSET, Struct

from wltui.core.diagnosis import Diagnosis, SameFile, Source, diagnose
from wltui.core.pipelines import PipelineUse
from wltui.core.problems import MEANINGS, Problem, Trouble, group_equal
from wltui.core.records import ModelVersion, VersionId
from wltui.core.visits import Changes

from .record_columns import NO_NAMES, Names, version_columns
from .table import Column, Kind

Outdated = Mapping[VersionId, Collection[PipelineUse]]
_OWN = 7
"""How many columns of a version come first: its names and its status."""
_SOURCES = {Source.SUMMARY: "summary", Source.LOG: "log", Source.SAME_FILE: "same_file"}
CHANGES = {"broke": "broke", "became_ready": "ready", "appeared": "new", "reconfigured": "new_config"}
"""The word for each kind of change, by its field of :class:`~wltui.core.visits.Changes`."""


class ProblemRow(Struct, frozen=True):
    """A version that needs attention, with why."""

    version: ModelVersion
    problem: Problem
    why: Diagnosis
    group: VersionId
    """The first version of those with the same trouble, file and reason."""
    group_size: int


class ChangeRow(Struct, frozen=True):
    """A version that has changed since the last visit."""

    change: str
    """A word of :data:`CHANGES`."""
    version: ModelVersion


R = TypeVar("R", ProblemRow, ChangeRow)


def problem_rows(
    listed: Sequence[ModelVersion],
    problems: Mapping[VersionId, Problem],
    same_file: SameFile,
    outdated: Outdated,
) -> list[ProblemRow]:
    """Return those of the versions that have a problem, in their order, each with why.

    Args:
        listed: The versions to return, and no others.
        problems: The problems by version.
        same_file: Finds versions with the same file among all that are known.
        outdated: Versions that pipelines run with an older config than their newest, and these uses.
    """
    wanted = [version for version in listed if version.id in problems]
    groups = group_equal(wanted, problems)
    group_of = {version.id: group for group in groups for version in group}
    return [
        ProblemRow(
            version,
            problems[version.id],
            _explained(version, problems[version.id], same_file, outdated),
            group_of[version.id][0].id,
            len(group_of[version.id]),
        )
        for version in wanted
    ]


def change_rows(changes: Changes, named: Mapping[VersionId, ModelVersion]) -> list[ChangeRow]:
    """Return the changes since the last visit; ``named`` has the reconfigured versions, as far as known."""
    rows = [
        ChangeRow(word, version)
        for name, word in CHANGES.items()
        if name != "reconfigured"
        for version in getattr(changes, name)
    ]
    return rows + [
        ChangeRow(CHANGES["reconfigured"], named.get(number, ModelVersion(id=number)))
        for number in changes.reconfigured
    ]


def problem_columns(names: Names = NO_NAMES) -> Sequence[Column[ProblemRow]]:
    """Return the columns of versions that need attention: those of a version, and those of its problem."""
    of_version = [_below(column) for column in version_columns(names) if column.name != "reason"]
    return (
        *of_version[:_OWN],
        Column("trouble", Kind.TEXT, "Trouble", f"What is wrong: {', '.join(f'`{_word(each)}`' for each in Trouble)}.",
               lambda p: _word(p.problem.trouble)),
        Column("since", Kind.TIME, "Since", "Since when. Over REST that is the time of the upload.",
               lambda p: p.problem.since),
        Column("reason", Kind.TEXT, "Reason", "Why, in the server's words, of this version or of one with the same "
               "file; null if there are none.", lambda p: p.why.reason or None, has_null=True),
        Column("reason_source", Kind.TEXT, "Reason from", "Where the reason is from: `summary` of the version, its "
               "`log`, or another version with the `same_file`; null without one.",
               lambda p: _SOURCES[p.why.source] if p.why.source else None, has_null=True),
        Column("reason_version_id", Kind.INTEGER, "Reason of", "The version with the same file whose reason it is; "
               "null if it is this one's own.", lambda p: p.why.same_file, has_null=True),
        Column("cause", Kind.TEXT, "Cause", "What that means, in wltui's words; null if it is not known.",
               lambda p: p.why.cause or None, has_null=True),
        Column("remedy", Kind.TEXT, "Remedy", "What to do about it; null if that is not known.",
               lambda p: p.why.remedy or None, has_null=True),
        Column("group", Kind.INTEGER, "Group", "First of the versions with the same trouble, file and reason.",
               lambda p: p.group),
        Column("group_size", Kind.INTEGER, "Group size", "How many versions these are.", lambda p: p.group_size),
        *of_version[_OWN:],
    )  # fmt: skip


def change_columns(names: Names = NO_NAMES) -> Sequence[Column[ChangeRow]]:
    """Return the columns of versions that have changed."""
    words = ", ".join(f"`{word}`" for word in CHANGES.values())
    of_version: list[Column[ChangeRow]] = [_below(column) for column in version_columns(names)]
    return (
        Column("change", Kind.TEXT, "Change", f"What has changed since the last visit: {words}.", lambda c: c.change),
        *of_version,
    )  # fmt: skip


def _below(column: Column[ModelVersion]) -> Column[R]:
    """Return a column of a version as one of a row that has a version.

    Of a reconfigured version nothing but its number may be known.
    """
    return Column(
        column.name,
        column.kind,
        column.title,
        column.doc,
        lambda row: UNSET if (value := column.read(row.version)) is None and _is_bare(row) else value,
        column.has_null,
    )


def _is_bare(row: ProblemRow | ChangeRow) -> bool:
    return row.version.status is None and not row.version.model_name


def _explained(version: ModelVersion, problem: Problem, same_file: SameFile, outdated: Outdated) -> Diagnosis:
    if problem.trouble is Trouble.OUTDATED:
        uses = outdated.get(version.id, ())
        remedy = "; ".join(f"Redeploy {use.pipeline_name}: it runs config {use.config_id}" for use in uses)
        return Diagnosis(cause=f"{MEANINGS[problem.trouble]}.", remedy=f"{remedy}." if remedy else "")
    found = diagnose(version, siblings=same_file.of(version))
    if found.reason or found.cause or problem.trouble is Trouble.FAILED:
        return found
    return Diagnosis(found.reason, found.source, found.same_file, found.log_line,
                     f"{MEANINGS[problem.trouble]}.", found.remedy)  # fmt: skip


def _word(trouble: Trouble) -> str:
    return trouble.name.lower()
