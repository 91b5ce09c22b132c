"""The fleet as the cache has it: every workspace with its models and their versions. No request is sent."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from wltui.api import calls
from wltui.core.records import Model, Workspace, WorkspaceId, missing_records, partial_list

from .answers import Answer
from .exchange import Exchange
from .reads import cached_versions

MODELS_AT_ONCE = 50
"""Models whose versions are loaded, if each has an answer of its own, before other tasks get their turn."""
Models = tuple[Model, ...]


async def cached_workspaces(exchange: Exchange) -> AsyncIterator[tuple[Workspace, Answer[Models] | None]]:
    """Yield each workspace with its models; the versions of some models may not be known.

    The models come from the workspace's own list or from that of all workspaces, whichever is newer. Answers are
    decoded in a thread, so that thousands of models hold up no key.
    """
    workspaces = await exchange.cached(calls.list_workspaces())
    if workspaces is None:
        return
    whole = await exchange.cached(calls.list_all_models(), background=True)
    parts, complete = by_workspace(whole, workspaces.value) if whole else ({}, set())
    for workspace in workspaces.value:
        part = parts.get(workspace.id)
        received = exchange.cached_at(calls.list_models(workspace.id))
        if part is not None and workspace.id in complete and (received is None or received <= part.as_of):
            yield workspace, part
            continue
        yield workspace, await cached_models(exchange, workspace.id) or part


async def cached_models(exchange: Exchange, workspace_id: WorkspaceId) -> Answer[Models] | None:
    """Return the models of a workspace's own list, or None if the cache does not have it."""
    models = await exchange.cached(calls.list_models(workspace_id), background=True)
    return models.of(await _filled_up(exchange, models.value)) if models else None


def by_workspace(
    answer: Answer[Models], workspaces: Iterable[Workspace]
) -> tuple[dict[WorkspaceId, Answer[Models]], set[WorkspaceId]]:
    """Return the models of each workspace, and the workspaces of which all versions are there.

    An older server ignores that no workspace is named, or lists models without versions or without their workspace,
    and any answer may be cut. So every version that the list of workspaces names has to be there, or be unreadable. Of
    a workspace that the answer does not have, and that is not empty, no models are returned.
    """
    found: dict[WorkspaceId, list[Model]] = {workspace.id: [] for workspace in workspaces}
    for model in answer.value:
        if model.workspace_id in found and model.versions is not None:
            found[model.workspace_id].append(model)
    complete = {workspace.id for workspace in workspaces if _has_all(workspace, found[workspace.id])}
    return {
        workspace_id: answer.of(tuple(models))
        for workspace_id, models in found.items()
        if models or workspace_id in complete
    }, complete


def _has_all(workspace: Workspace, models: Iterable[Model]) -> bool:
    there = {version.id for model in models for version in model.versions or ()}
    unreadable = sum(missing_records(model.versions)[0] for model in models)
    return len(set(workspace.version_ids) - there) <= unreadable


async def _filled_up(exchange: Exchange, models: Models) -> Models:
    """Return the models with the versions that older servers list in an answer of their own."""
    if all(model.versions is not None for model in models):
        return models
    filled = []
    for number, model in enumerate(models):
        known = await cached_versions(exchange, model) if model.versions is None else None
        filled.append(known.value if known else model)
        if not number % MODELS_AT_ONCE:
            await asyncio.sleep(0)
    return partial_list(filled, *missing_records(models))
