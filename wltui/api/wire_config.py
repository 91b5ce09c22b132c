"""Shape of a config in the API's answers, and its conversion to a record."""

from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, field, structs

from wltui.core.records import ModelConfig, VersionId

from .knowledge import ConfigCall, Release, drop_unknown
from .repair import repair

DEEPEST = 200
"""Maximum levels of a config's JSON. Python and msgspec fail at a few more, each at a different number."""


class Wire(Struct, frozen=True, gc=False):
    """A part of an answer. The garbage collector ignores it, since it never contains a cycle."""


class ConfigRow(ModelConfig, frozen=True, kw_only=True, gc=False):
    """A config with the field names of answers."""

    EXACT: ClassVar[bool] = True
    """Its values are sent back with the next save, so damaged ones count as missing."""

    version_id: VersionId | None = field(default=None, name="model_version_id")
    openai_config: dict[str, Any] | UnsetType | None = field(default=UNSET, name="openai")

    def record(self, call: ConfigCall, proven: Release | None = None) -> ModelConfig:
        """Return the config, with ``UNSET`` for fields that the call does not return.

        Args:
            call: The call that returned this row.
            proven: Lowest possible release of the server.
        """
        row = structs.asdict(self)
        drop_unknown(row, call, proven)
        for name, value in row.items():
            if isinstance(value, dict) and _is_deep(value):
                row[name] = UNSET
        return ModelConfig(**row | {"extra": ()})


ABOUT_THE_ROW = {"model_id", "created_at", "created_by", "updated_at", "updated_by"}
"""Fields of a config row that are not settings."""


def unknown_keys(body: bytes, *path: str) -> tuple[str, ...]:
    """Return the names of set fields of a config row that this program does not know.

    ``path``: the keys that lead to the row. Returns nothing if the answer has no row there.
    """
    row = _keys(body) or _keys(repair(body))
    for key in path:
        row = _keys(row.get(key, b""))
    known = {field.encode_name for field in structs.fields(ConfigRow)} - {"extra"} | ABOUT_THE_ROW
    return tuple(key for key, value in row.items() if key not in known and bytes(value) != b"null")


def _keys(part: bytes | Raw) -> dict[str, Raw]:
    """Return the members of an object; empty if it is not an object."""
    try:
        return msgspec.json.decode(part, type=dict[str, Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


class ConfigAnswer(Wire, frozen=True, gc=False):
    """``models/get_config_by_id``: null for a version without a config, and for an unknown version."""

    model_config: ConfigRow | None = None


class InsertedConfig(Wire, frozen=True, gc=False):
    """``models/insert_model_config``."""

    model_config: ConfigRow


def _is_deep(value: object) -> bool:
    """Return whether objects and lists are nested more than :data:`DEEPEST` levels deep."""
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [inner for outer in level for inner in _within(outer)]
        if not level:
            return False
    return True


def _within(value: object) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
