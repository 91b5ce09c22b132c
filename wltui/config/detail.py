"""A version with its newest config, put together from calls that each know a part of it.

``get_config_by_id`` returns the newest row's id and three more fields. The row that comes with the version has more
(:mod:`wltui.api.knowledge` says which), but is the version's *first*, or any other: the server does not order them.
Of rows that this program inserted, its history knows the rest.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from wltui.core.records import UNSET, ConfigId, ModelConfig, ModelVersion, VersionId, overlay

from .edit import is_same_text
from .fields import FIELD

NO_CONFIG = ConfigId(0)
"""The id that an edit begins from where a version has no config row yet."""


class VersionDetail(Struct, frozen=True):
    """A version with the newest config as far as the API lets it be read."""

    version: ModelVersion
    config: ModelConfig | None
    """The newest row. Fields that no call tells are ``UNSET``: not readable, which is not the same as empty."""
    complete: bool = True
    """False where the server has no call for the whole version (2023.4 and before)."""

    @property
    def replaced_config(self) -> ModelConfig | None:
        """The row that came with the version, where a newer one has taken its place."""
        first = self.version.config
        return first if first and self.config and first.id != self.config.id else None


SavedConfigLookup = Callable[[ConfigId], ModelConfig | None]
"""Gives a config row that this program inserted, as far as it is known; None for somebody else's."""


def combine_detail(
    row: ModelVersion,
    whole: ModelVersion | None,
    newest: ModelConfig | None,
    own: SavedConfigLookup,
    rows: Sequence[ModelConfig] = (),
) -> VersionDetail:
    """The detail of a version.

    Args:
        row: The version as a list told it.
        whole: The version as its own call tells it; None where the server has no such call.
        newest: The newest config row, as far as its call tells it.
        own: The rows that are remembered.
        rows: The version's rows as GraphQL shows them, whole and newest first; empty without it.
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
    if newest is None or (rows and rows[0].id > newest.id):
        newest = next(iter(rows), None)
    first = with_row(version.config, rows)
    newest = with_row(newest, rows)
    version = msgspec.structs.replace(version, config=first)
    return VersionDetail(version, _newest(first, newest, own), complete=whole is not None)


def with_row(config: ModelConfig | None, rows: Sequence[ModelConfig]) -> ModelConfig | None:
    """Return a config with every field that the row of its id shows, where there is such a row.

    What the call itself said of a field counts, as the two spell thresholds differently.
    """
    if config is None:
        return None
    same = next((row for row in rows if row.id == config.id), None)
    return overlay(same, config) if same else config


def inserted_row(config: ModelConfig, request: Mapping[str, object]) -> ModelConfig:
    """The row that a request made: what the answer leaves out and the request set to null is null."""
    return msgspec.structs.replace(
        config,
        **{key: None for key in FIELD if request[key] is None and getattr(config, key) is UNSET},
    )


def empty_row(version_id: VersionId) -> ModelConfig:
    """What an edit begins from where there is no row: every field is known to be null."""
    fields = [name for name in ModelConfig.__struct_fields__ if name not in ("id", "version_id", "extra")]
    nothing: dict[str, Any] = dict.fromkeys(fields)
    return ModelConfig(id=NO_CONFIG, version_id=version_id, **nothing)


def _newest(
    first: ModelConfig | None, newest: ModelConfig | None, own: SavedConfigLookup
) -> ModelConfig | None:
    """Return the newest row with every field that some call, or this host's history of saves, knows of it.

    Rows never change, so what one source knows of a row holds for all of them.
    """
    if newest is None:
        newest = first
    if newest is None:
        return None
    if first is not None and first.id == newest.id:
        newest = overlay(first, newest)
    return with_saved_fields(newest, own)


def with_saved_fields(row: ModelConfig, own: SavedConfigLookup) -> ModelConfig:
    """Return a row with every field that this host's history of saves knows of it."""
    saved = own(row.id)
    return overlay(saved, row) if saved and _is_same_row(saved, row) else row


def _is_same_row(saved: ModelConfig, newest: ModelConfig) -> bool:
    """Return whether a row of the history can be the server's row of that id.

    It can't if the instance was set up anew since, so that its ids began again.
    """
    both = (
        (name, getattr(saved, name), getattr(newest, name))
        for name in ModelConfig.__struct_fields__
        if name != "extra" and (name != "version_id" or None not in (saved.version_id, newest.version_id))
    )
    return all(UNSET in (one, other) or is_same_text(name, one, other) for name, one, other in both)
