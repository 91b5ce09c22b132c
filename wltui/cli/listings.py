"""The lists of ``wltui get``: which requests each needs, and what the filter language finds its records by."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from wltui.core.pipelines import Verdict
from wltui.core.records import Model, ModelVersion, VersionId, Workspace, WorkspaceId
from wltui.core.settings import Settings
from wltui.service.answers import Answer
from wltui.service.service import Service
from wltui.service.tables import (
    models_table,
    pipelines_table,
    versions_table,
    with_gaps,
    with_gaps_of,
    workspaces_table,
)

from .output import split_names
from .records import (
    Listing,
    Names,
    find_models,
    find_workspace,
    names_of,
    read_configs_in_use,
    read_fleet,
    read_models,
    read_pipelines,
    read_workspaces,
    versions_of,
)

if TYPE_CHECKING:
    from wltui.service.deployments import PipelineRow
    from wltui.ui.text.facts import Facts, Pair

COUNTS = ("models", "ready_versions", "failed_versions", "pending_versions", "other_versions")
"""Columns of workspaces that need the models of each: they are read if the user names one."""
ON_SCREEN = ("redeploy", "unsent")
"""What ``is:`` finds beside what a version itself knows; each needs a read of its own."""


async def list_records(service: Service, settings: Settings, arguments: argparse.Namespace) -> Listing:
    """Read a list, with as few requests as its screen needs.

    Raises:
        NotFound: the workspace or model that was named does not exist.
        WltuiError: the list can't be read.
    """
    read = {"workspaces": _workspaces, "models": _models, "versions": _versions, "pipelines": _pipelines}
    return await read[arguments.kind](service, settings, arguments)


async def _workspaces(service: Service, settings: Settings, arguments: argparse.Namespace) -> Listing:
    def facts(workspace: Workspace) -> "Sequence[Facts]":
        from wltui.ui.text.record_facts import workspace_facts

        return (workspace_facts(workspace),)

    answer = await read_workspaces(service, settings)
    shown = [each for each in answer.value if arguments.archived or not each.archived or arguments.words]
    wanted = split_names(f"{arguments.columns},{arguments.sort}")
    summaries = None
    if any(name.partition(":")[0] in COUNTS for name in wanted):
        numbers = [each.id for each in shown]
        summaries = {
            number: found
            async for number, found in service.summaries(numbers, live=not settings.offline)
            if found.live
            or settings.offline  # counts of before, which a failed read leaves, would look like new ones
        }
    table = workspaces_table(answer, summaries).with_records(shown)
    if summaries is not None and (unread := sum(each.id not in summaries for each in shown)):
        gap = f"the models of {unread:,} workspaces could not be counted"
        table = with_gaps(table, table.missing, table.missing_reason or gap, True)
    return Listing(table, "workspace", lambda each: (each.id, each.name), facts)


async def _models(service: Service, settings: Settings, arguments: argparse.Namespace) -> Listing:
    def facts(model: Model) -> "Sequence[Facts]":
        from wltui.ui.text.record_facts import model_facts

        return model_facts(model, *_workspace_pairs(model.workspace_id, names))

    if arguments.in_workspace:
        workspace, names = await _in_workspace(service, settings, arguments.in_workspace)
        table = models_table(await read_models(service, settings, workspace), names)
    else:
        answer = await read_fleet(service, settings)
        fleet = answer.value
        names = names_of(fleet.workspaces)
        open_ = [each for each in fleet.workspaces if arguments.archived or not each.archived]
        models = [model for each in open_ for model in fleet.models.get(each.id, ())]
        table = with_gaps_of(models_table(answer.of(models), names), fleet)
    return Listing(table, "model", lambda model: (model.id, model.name), facts)


async def _versions(service: Service, settings: Settings, arguments: argparse.Namespace) -> Listing:
    signs: dict[str, frozenset[VersionId]] = {}

    def facts(version: ModelVersion) -> "Sequence[Facts]":
        from wltui.ui.text.record_facts import version_facts

        pairs = _workspace_pairs(version.workspace_id or place, names)
        own: list[Pair] = [("is", word) for word, found in signs.items() if version.id in found]
        return (version_facts(version, *pairs, *own),)

    place: WorkspaceId | None = None
    if arguments.in_workspace:
        workspace, names = await _in_workspace(service, settings, arguments.in_workspace)
        place = workspace.id
        answer = await read_models(service, settings, workspace)
        models: Sequence[Model] = answer.value
        table = versions_table(versions_of(answer), names)
    else:
        whole = await read_fleet(service, settings)
        fleet, names = whole.value, names_of(whole.value.workspaces)
        models = [model for each in fleet.models.values() for model in each]
        versions = fleet.versions(archived=arguments.archived)
        table = with_gaps_of(versions_table(whole.of(versions), names), fleet)
    if arguments.model:
        wanted = {model.id for model in find_models(models, arguments.model, names)}
        of_model = {version.id for model in models if model.id in wanted for version in model.versions or ()}
        records = [each for each in table.records if each.id in of_model or each.model_id in wanted]
        table = table.with_records(records)
    for word in ON_SCREEN:
        if word in arguments.filter:
            signs[word], gap = await _find_signed(service, settings, word, place)
            table = with_gaps(
                table, table.missing, table.missing_reason or gap, bool(gap) or table.is_unfinished
            )
    return Listing(table, "version", lambda version: (version.id, version.model_name), facts)


async def _find_signed(
    service: Service, settings: Settings, word: str, place: WorkspaceId | None
) -> tuple[frozenset[VersionId], str]:
    """Return the versions with a sign on screen, and why they are not all known.

    These are versions that need a redeploy, or have an unsent edit.
    """
    if word == "unsent":
        from wltui.core.threads import run_in_thread

        return frozenset(kept.version.id for kept in await run_in_thread(service.drafts.all)), ""
    used, gap = await read_configs_in_use(service, settings, place)
    return frozenset(used.outdated), gap


async def _pipelines(service: Service, settings: Settings, arguments: argparse.Namespace) -> Listing:
    def facts(row: "PipelineRow") -> "Sequence[Facts]":
        from wltui.ui.text.record_facts import pipeline_facts
        from wltui.ui.widgets.pipeline_words import runs_words

        return pipeline_facts(
            row,
            ("is", runs_words(row)),
            *_workspace_pairs(row.pipeline.workspace_id, names),
        )

    listed = await read_workspaces(service, settings)
    names = names_of(listed.value)
    workspaces = (
        [find_workspace(listed.value, arguments.in_workspace)]
        if arguments.in_workspace
        else [each for each in listed.value if arguments.archived or not each.archived]
    )
    answer, errors = await read_pipelines(service, settings, workspaces)
    table = pipelines_table(answer, names)
    gap = str(errors[0]) if errors else ""
    if (
        not gap
        and "redeploy" in arguments.filter
        and any(row.verdict is Verdict.UNKNOWN for row in answer.value)
    ):
        gap = "which configs run is not known of each pipeline"
    if gap:
        table = replace(table, missing_reason=table.missing_reason or gap, is_unfinished=True)
    return Listing(table, "pipeline", lambda row: (row.id, row.pipeline.name), facts)


async def _in_workspace(service: Service, settings: Settings, word: str) -> tuple[Workspace, Names]:
    listed: Answer[Any] = await read_workspaces(service, settings)
    return find_workspace(listed.value, word), names_of(listed.value)


def _workspace_pairs(workspace_id: WorkspaceId | None, names: Names) -> "tuple[Pair, ...]":
    if workspace_id is None:
        return ()
    return ("ws", names.get(workspace_id)), ("ws", str(workspace_id))
