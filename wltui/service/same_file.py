"""The versions that share a file, as the cache has them."""

from wltui.core.records import ModelVersion

from .cached_fleet import cached_workspaces
from .exchange import Exchange


async def cached_same_file(exchange: Exchange, version: ModelVersion) -> tuple[ModelVersion, ...]:
    """Return the versions of any workspace with the file of this one, itself among them if the cache has it.

    No request is sent.
    """
    found: list[ModelVersion] = []
    if (version.sha or "").strip():
        async for _, models in cached_workspaces(exchange):
            for model in models.value if models else ():
                found += [other for other in model.versions or () if other.sha == version.sha]
    return tuple(found)
