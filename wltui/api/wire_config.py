"""The wire's shape of a config, and how it becomes a record."""

from collections.abc import Iterable
from typing import Any, ClassVar, Protocol, TypeVar

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, field, structs

from wltui.core.records import ModelConfig, VersionId

from .knowledge import ConfigCall, Release, drop_unknown
from .repair import repair

DEEPEST = 200
"""Levels of a config's JSON that are read. Python and msgspec fail at some more, each at a number of its own."""

S = TypeVar("S")


class Share(Protocol):
    """Gives one and the same value for all that are equal."""

    def __call__(self, value: S, /) -> S: ...


def no_sharing(value: S) -> S:
    return value


class Wire(Struct, frozen=True, gc=False):
    """A part of an answer. The garbage collector need not look at what never forms a circle."""


class ConfigRow(ModelConfig, frozen=True, kw_only=True, gc=False):
    """A config under the names that answers give its fields."""

    EXACT: ClassVar[bool] = True
    """Its values are sent back with the next save, so what is damaged in them counts as not told."""

    version_id: VersionId | None = field(default=None, name="model_version_id")
    openai_config: dict[str, Any] | UnsetType | None = field(default=UNSET, name="openai")

    def record(
        self,
        call: ConfigCall,
        version_id: VersionId | None = None,
        share: Share = no_sharing,
        proven: Release | None = None,
    ) -> ModelConfig:
        """Return the config as far as the call can know it.

        Args:
            call: The call that answered with this row.
            version_id: The version that the row belongs to, if known.
            share: Returns one text for all that are equal.
            proven: A release that the server has at least.
        """
        told = structs.asdict(self)
        drop_unknown(told, call, proven)
        if self.version_id == version_id:
            told["version_id"] = version_id
        for name in ("input_schema", "output_schema", "runtime", "tensor_fields", "batch_config"):
            told[name] = share(told[name])
        for name, value in told.items():
            if isinstance(value, dict) and _is_deep(value):
                told[name] = UNSET
        return ModelConfig(**told | {"extra": ()})


ABOUT_THE_ROW = {"model_id", "created_at", "created_by", "updated_at", "updated_by"}
"""Names that say something of a config row, and are no settings."""


def unknown_keys(body: bytes, *path: str) -> tuple[str, ...]:
    """Return the names of fields that a config row in an answer has set and this program does not know.

    ``path`` are the keys that lead to the row. An answer without a row there has none.
    """
    row = _keys(body) or _keys(repair(body))
    for key in path:
        row = _keys(row.get(key, b""))
    known = {field.encode_name for field in structs.fields(ConfigRow)} - {"extra"} | ABOUT_THE_ROW
    return tuple(key for key, value in row.items() if key not in known and bytes(value) != b"null")


def _keys(part: bytes | Raw) -> dict[str, Raw]:
    """Return what an object holds; nothing if it is none."""
    try:
        return msgspec.json.decode(part, type=dict[str, Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


class ConfigAnswer(Wire, frozen=True, gc=False):
    """``models/get_config_by_id``: null for a version without a config, and for an unknown one."""

    model_config: ConfigRow | None = None


class InsertedConfig(Wire, frozen=True, gc=False):
    """``models/insert_model_config``."""

    model_config: ConfigRow


def _is_deep(value: object) -> bool:
    """Whether objects and lists are nested more than :data:`DEEPEST` deep, so that not all can work with them."""
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [inner for outer in level for inner in _within(outer)]
        if not level:
            return False
    return True


def _within(value: object) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
