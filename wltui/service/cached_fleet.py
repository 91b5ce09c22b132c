"""What the cache knows of the fleet: every workspace with its models and their versions. Nothing is asked for."""

import asyncio
from collections.abc import AsyncIterator

from wltui.api import calls
from wltui.api.calls import Call
from wltui.core.errors import ApiFormatError
from wltui.core.records import Model, Workspace

from .exchange import Exchange
from .reads import cached_versions

MODELS_AT_ONCE = 50
"""Models whose versions are looked up, where each has an answer of its own, before others have their turn."""


async def cached_workspaces(exchange: Exchange) -> AsyncIterator[tuple[Workspace, tuple[Model, ...]]]:
    """Each workspace with its models; the versions of some models may not be known.

    Answers are decoded in a thread, a workspace at a time, so that thousands of models hold up no key.
    """
    workspaces = exchange.cached(calls.list_workspaces())
    for workspace in workspaces.value if workspaces else ():
        call = calls.list_models(workspace.id)
        entry = exchange.cache.get(call.path, call.body) if exchange.cache else None
        models = await asyncio.to_thread(_decoded, call, entry.body) if entry else ()
        yield workspace, await _filled_up(exchange, models)


async def _filled_up(exchange: Exchange, models: tuple[Model, ...]) -> tuple[Model, ...]:
    """Older servers tell the versions of a model in an answer of its own."""
    if all(model.versions is not None for model in models):
        return models
    filled = []
    for number, model in enumerate(models):
        known = cached_versions(exchange, model) if model.versions is None else None
        filled.append(known.value if known else model)
        if not number % MODELS_AT_ONCE:
            await asyncio.sleep(0)
    return tuple(filled)


def _decoded(call: Call[tuple[Model, ...]], body: bytes) -> tuple[Model, ...]:
    try:
        return call.decode(body)
    except ApiFormatError:  # kept by a program that understood it differently
        return ()
