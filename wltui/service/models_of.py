"""The models of many workspaces, fetched a few at a time."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from wltui.core.errors import WltuiError
from wltui.core.records import Model, WorkspaceId

from .background import BEHIND_AT_ONCE
from .service import Answer, Service

Outcome = Answer[tuple[Model, ...]] | WltuiError
"""The models of a workspace, or why they could not be read."""


async def models_of(
    service: Service, workspaces: Iterable[WorkspaceId]
) -> AsyncIterator[tuple[WorkspaceId, Outcome]]:
    """Yield the answers of ``Service.models`` for each workspace as they arrive; leaving the loop cancels the rest.

    The last item of a workspace is a live answer or an error; a cached answer and, on servers that list models
    without versions, live ones that lack some may come before.
    """
    places = asyncio.Semaphore(BEHIND_AT_ONCE)
    outcomes: asyncio.Queue[tuple[WorkspaceId, Outcome] | None] = asyncio.Queue()

    async def read(workspace_id: WorkspaceId) -> None:
        async with places:
            try:
                async for answer in service.models(workspace_id, background=True):
                    outcomes.put_nowait((workspace_id, answer))
            except WltuiError as error:
                outcomes.put_nowait((workspace_id, error))

    async def read_all() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for workspace_id in workspaces:
                    group.create_task(read(workspace_id))
        finally:
            outcomes.put_nowait(None)

    reading = asyncio.create_task(read_all())
    try:
        while (item := await outcomes.get()) is not None:
            yield item
        await reading
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
