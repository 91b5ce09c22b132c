"""Combine a version with its newest config from several calls, each of which returns a part.

``get_config_by_id`` returns the newest row's id and three more fields. The row that comes with the version has more
(:mod:`wltui.api.knowledge` lists them), but is the version's *first*, or any other: the server does not sort them. For
rows that this program saved, its history has the rest.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from wltui.core.compact import replace_fields
from wltui.core.pipelines import PipelineUse
from wltui.core.records import UNSET, ConfigId, ModelConfig, ModelVersion, VersionId, overlay

from .edit import is_same_text
from .fields import FIELD

NO_CONFIG = ConfigId(0)
"""Id of the empty base of an edit, if a version has no config row yet."""


class VersionDetail(Struct, frozen=True):
    """A version with its newest config, as far as the API returns it."""

    version: ModelVersion
    config: ModelConfig | None
    """The newest row. Fields that no call returns are ``UNSET``: not readable, which is not the same as empty."""
    uses: tuple[PipelineUse, ...] | None = None
    """The pipelines that use the version; None if that is not known."""
    tags: tuple[str, ...] | None = None
    """The texts of its tags; None if they are not known: only GraphQL has them."""
    complete: bool = True
    """False if the server has no call for a complete version (2023.4 and before), and GraphQL shows no whole config."""

    @property
    def replaced_config(self) -> ModelConfig | None:
        """Return the row of the version's upload if a newer one replaced it, or None."""
        first = self.version.config
        return first if first and self.config and first.id != self.config.id else None


SavedConfigLookup = Callable[[ConfigId], ModelConfig | None]
"""Returns a config row that this program saved, as far as it is known, or None if it did not save that row."""


def combine_detail(
    row: ModelVersion,
    whole: ModelVersion | None,
    newest: ModelConfig | None,
    own: SavedConfigLookup,
    rows: Sequence[ModelConfig] = (),
) -> VersionDetail:
    """Return the detail of a version.

    Args:
        row: The version in a list.
        whole: The version from its own call; None if the server has no such call.
        newest: The newest config row, with the fields that its call returns.
        own: Finds the rows that this program saved.
        rows: The version's complete rows from GraphQL, newest first; empty without GraphQL.
    """
    if whole is None:
        version = row
    else:
        version = replace_fields(
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
    version = replace_fields(version, config=first)
    config = _newest(first, newest, own)
    is_whole = bool(rows) and config is not None and all(getattr(config, key) is not UNSET for key in FIELD)
    return VersionDetail(version, config, complete=whole is not None or is_whole)


def with_row(config: ModelConfig | None, rows: Sequence[ModelConfig]) -> ModelConfig | None:
    """Return a config with the fields of the row with its id, if there is one.

    A field that the config has itself takes precedence, since the two sources format thresholds differently.
    """
    if config is None:
        return None
    same = next((row for row in rows if row.id == config.id), None)
    return overlay(same, config) if same else config


def inserted_row(config: ModelConfig, request: Mapping[str, object]) -> ModelConfig:
    """Return the row that a request created: a field is null if the request set it to null and the answer omits it."""
    return msgspec.structs.replace(
        config,
        **{key: None for key in FIELD if request[key] is None and getattr(config, key) is UNSET},
    )


def empty_row(version_id: VersionId) -> ModelConfig:
    """Return the base of an edit of a version without a config row: every field is null."""
    fields = [name for name in ModelConfig.__struct_fields__ if name not in ("id", "version_id", "extra")]
    nothing: dict[str, Any] = dict.fromkeys(fields)
    return ModelConfig(id=NO_CONFIG, version_id=version_id, **nothing)


def _newest(
    first: ModelConfig | None, newest: ModelConfig | None, own: SavedConfigLookup
) -> ModelConfig | None:
    """Return the newest row with every field that a call or this host's history of saves contains.

    Rows never change, so a value from one source is valid for all of them.
    """
    if newest is None:
        newest = first
    if newest is None:
        return None
    if first is not None and first.id == newest.id:
        newest = overlay(first, newest)
    return with_saved_fields(newest, own)


def with_saved_fields(row: ModelConfig, own: SavedConfigLookup) -> ModelConfig:
    """Return a row with the fields that this host's history of saves contains for it."""
    saved = own(row.id)
    return overlay(saved, row) if saved and _is_same_row(saved, row) else row


def _is_same_row(saved: ModelConfig, newest: ModelConfig) -> bool:
    """Return whether a row of the history can be the server's row with that id.

    It can't be if the instance was reinstalled since, so that its ids restarted.
    """
    both = (
        (name, getattr(saved, name), getattr(newest, name))
        for name in ModelConfig.__struct_fields__
        if name != "extra" and (name != "version_id" or None not in (saved.version_id, newest.version_id))
    )
    return all(UNSET in (one, other) or is_same_text(name, one, other) for name, one, other in both)
