"""The fleet as the cache has it: every workspace with its models and their versions. No request is sent."""

import asyncio
from collections.abc import AsyncIterator

from wltui.api import calls
from wltui.core.records import Model, Workspace

from .exchange import Exchange
from .reads import cached_versions

MODELS_AT_ONCE = 50
"""Models whose versions are loaded, if each has an answer of its own, before other tasks get their turn."""


async def cached_workspaces(exchange: Exchange) -> AsyncIterator[tuple[Workspace, tuple[Model, ...]]]:
    """Yield each workspace with its models; the versions of some models may not be known.

    Answers are decoded in a thread, a workspace at a time, so that thousands of models hold up no key.
    """
    workspaces = await exchange.cached(calls.list_workspaces())
    for workspace in workspaces.value if workspaces else ():
        models = await exchange.cached(calls.list_models(workspace.id), background=True)
        yield workspace, await _filled_up(exchange, models.value if models else ())


async def _filled_up(exchange: Exchange, models: tuple[Model, ...]) -> tuple[Model, ...]:
    """Return the models with the versions that older servers list in an answer of their own."""
    if all(model.versions is not None for model in models):
        return models
    filled = []
    for number, model in enumerate(models):
        known = await cached_versions(exchange, model) if model.versions is None else None
        filled.append(known.value if known else model)
        if not number % MODELS_AT_ONCE:
            await asyncio.sleep(0)
    return tuple(filled)
