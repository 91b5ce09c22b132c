"""The models of many workspaces, read a few at a time."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from wltui.core.errors import WltuiError
from wltui.core.records import Model, WorkspaceId

from .background import BEHIND_AT_ONCE
from .service import Answer, Service

Told = Answer[tuple[Model, ...]] | WltuiError
"""The models of a workspace, or why they could not be read."""


async def models_of(
    service: Service, workspaces: Iterable[WorkspaceId]
) -> AsyncIterator[tuple[WorkspaceId, Told]]:
    """What ``Service.models`` tells of each workspace, as it comes; leaving the loop ends what is under way.

    A workspace's last word is an answer that is live or an error; a cached answer and, on servers that list models
    without versions, live ones that lack some may come before.
    """
    gate = asyncio.Semaphore(BEHIND_AT_ONCE)
    told: asyncio.Queue[tuple[WorkspaceId, Told] | None] = asyncio.Queue()

    async def read(workspace_id: WorkspaceId) -> None:
        async with gate:
            try:
                async for answer in service.models(workspace_id, background=True):
                    told.put_nowait((workspace_id, answer))
            except WltuiError as error:
                told.put_nowait((workspace_id, error))

    async def read_all() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for workspace_id in workspaces:
                    group.create_task(read(workspace_id))
        finally:
            told.put_nowait(None)

    reading = asyncio.create_task(read_all())
    try:
        while (item := await told.get()) is not None:
            yield item
        await reading
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
