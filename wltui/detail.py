"""A version with its newest config, put together from calls that each tell a part.

``get_config_by_id`` tells the newest row's id and three more fields. The row that comes with the version tells
every field, but is the version's *first*. Where they are not the same row, the rest is known only of rows that
this program inserted, whose answers its history holds.
"""

from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct

from .config_fields import FIELD
from .records import UNSET, ConfigId, ModelConfig, ModelVersion, VersionId, overlay

NO_CONFIG = ConfigId(0)
"""The id that an edit begins from where a version has no config row yet."""

SINCE_2024 = (
    "dynamic_batching_config",
    "continuous_batching_config",
    "openai_config",
    "queue_depth",
    "sidekick_uri",
)
"""Fields that servers before 2024 do not have. The last is the oldest of them."""


class VersionDetail(Struct, frozen=True):
    """A version with the newest config as far as the API lets it be read."""

    version: ModelVersion
    config: ModelConfig | None
    """The newest row. Fields that no call tells are ``UNSET``: not readable, which is not the same as empty."""
    complete: bool = True
    """False where the server has no call for the whole version (2023.4 and before)."""

    @property
    def superseded(self) -> ModelConfig | None:
        """The row that came with the version, where a newer one has taken its place."""
        first = self.version.config
        return first if first and self.config and first.id != self.config.id else None


Recall = Callable[[ConfigId], ModelConfig | None]
"""Gives a config row that this program inserted, as far as it is known; None for somebody else's."""


def put_together(
    row: ModelVersion, whole: ModelVersion | None, newest: ModelConfig | None, own: Recall
) -> VersionDetail:
    """The detail of a version.

    Args:
        row: The version as a list told it.
        whole: The version as its own call tells it; None where the server has no such call.
        newest: The newest config row, as far as its call tells it.
        own: The rows that are remembered.
    """
    if whole is None:
        version = row
    else:
        version = msgspec.structs.replace(
            whole,
            model_id=row.model_id,
            model_name=whole.model_name or row.model_name,
            workspace_id=whole.workspace_id or row.workspace_id,
            owner_id=row.owner_id,
        )
    first = version.config and _as_told_whole(version.config)
    return VersionDetail(version, _newest(first, newest, own), complete=whole is not None)


def inserted(config: ModelConfig, request: Mapping[str, object]) -> ModelConfig:
    """The row that a request made: what the answer leaves out and the request set to null is null."""
    return msgspec.structs.replace(
        config,
        **{key: None for key in FIELD if request[key] is None and getattr(config, key) is UNSET},
    )


def empty_row(version_id: VersionId) -> ModelConfig:
    """What an edit begins from where there is no row: every field is known to be null."""
    fields = [name for name in ModelConfig.__struct_fields__ if name not in ("id", "version_id")]
    return ModelConfig(id=NO_CONFIG, version_id=version_id, **dict.fromkeys(fields))


def _newest(first: ModelConfig | None, newest: ModelConfig | None, own: Recall) -> ModelConfig | None:
    if newest is None:
        return first
    known = first if first is not None and first.id == newest.id else own(newest.id)
    return overlay(known, newest) if known else newest


def _as_told_whole(row: ModelConfig) -> ModelConfig:
    """A row in a call that tells whole rows, so that what a server before 2024 leaves out is null.

    Later servers took batching configs before their answers told them: what those leave out is not readable.
    """
    if row.sidekick_uri is not UNSET:
        return row
    return msgspec.structs.replace(row, **{name: None for name in SINCE_2024 if getattr(row, name) is UNSET})
