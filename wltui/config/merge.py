"""Three-way merge of configs: the base of an edit, the config that somebody else saved meanwhile, and the edit.

If only one side changed a field, it is merged; if both changed it differently, the user chooses. The newest row may
be readable only in part, and a field that is not readable may have changed: the user chooses as soon as the options
would send different values.
"""

from collections.abc import Iterator, Mapping
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from wltui.core.records import UNSET, ModelConfig

from .edit import ConfigEdit, is_equal_json, is_same_value
from .fields import FIELD


class Side(Enum):
    """Side of the merge whose value a field takes."""

    BASE = "base"
    """The config on which the edit is based."""
    THEIRS = "theirs"
    """The newest config. If the field is not readable in it, a save that chooses it sends null."""
    YOURS = "yours"
    """The edit: the user's value, else the base's."""


class MergedField(Struct, frozen=True):
    """A field that differs between the three sides, any of which may be ``UNSET``."""

    key: str
    title: str
    base: object
    theirs: object
    yours: object
    options: tuple[Side, ...]
    """The sides to choose from, in the order of :class:`Side`; no two of them send the same value."""
    choice: Side | None
    """The only option; None if there are several, so that the user must choose."""

    def value(self, side: Side) -> object:
        """Return the field's value on a side."""
        return {Side.BASE: self.base, Side.THEIRS: self.theirs, Side.YOURS: self.yours}[side]


def merge_fields(edit: ConfigEdit, theirs: ModelConfig) -> tuple[MergedField, ...]:
    """Return the fields that the edit or ``theirs`` changed, or may have changed, in the order of the form.

    Two rows with equal ids are the same row, but one may have more readable fields. Comparing schemas is slow the
    first time, as ``schema`` explains.
    """
    return tuple(_fields(edit, theirs))


def merge_edit(edit: ConfigEdit, theirs: ModelConfig, choices: Mapping[str, Side]) -> ConfigEdit:
    """Return the edit with ``theirs`` as its base; ``choices`` are the user's, by the field's key.

    Raises:
        ValueError: ``choices`` lacks a field that the user must choose, or has a side that is not an option.
    """
    made = ConfigEdit(edit.version_id, _rows(edit, theirs)[1])
    for field in merge_fields(edit, theirs):
        side = choices.get(field.key, field.choice)
        if side not in field.options:
            raise ValueError(f"{field.key} can't be {side}")
        made = made.with_value(field.key, field.value(side))
    return made


def rebase_edit(edit: ConfigEdit, newest: ModelConfig) -> ConfigEdit:
    """Return the edit with another base, and every field's value as in the edit."""
    made = ConfigEdit(edit.version_id, newest)
    for key, value in edit.row.items():
        made = made.with_value(key, value)
    return made


def _rows(edit: ConfigEdit, theirs: ModelConfig) -> tuple[ModelConfig, ModelConfig]:
    """Return the base and theirs; if they have the same id, the same complete row twice."""
    if theirs.id != edit.base.id:
        return edit.base, theirs
    missing = {key: getattr(edit.base, key) for key in FIELD if getattr(theirs, key) is UNSET}
    whole = replace(theirs, **missing)
    return whole, whole


def _fields(edit: ConfigEdit, theirs_row: ModelConfig) -> Iterator[MergedField]:
    base_row, newest = _rows(edit, theirs_row)
    same_row = base_row is newest
    for key, spec in FIELD.items():
        base, theirs = getattr(base_row, key), getattr(newest, key)
        yours = edit.values.get(key, base)
        if is_same_value(key, base, theirs) and is_same_value(key, theirs, yours):
            continue
        options: tuple[Side, ...]
        if is_same_value(key, theirs, yours):
            options = (Side.THEIRS,)
        elif same_row or (theirs is not UNSET and is_same_value(key, base, theirs)):
            options = (Side.YOURS,)
        elif theirs is UNSET:
            options = _blind_options(base, yours, touched=not is_same_value(key, base, yours))
        elif is_same_value(key, base, yours):
            options = (Side.THEIRS,)
        else:
            options = tuple(side for side in Side if side is not Side.BASE or base is not UNSET)
        choice = options[0] if len(options) == 1 else None
        yield MergedField(key, spec.title, base, theirs, yours, options, choice)


def _blind_options(base: object, yours: object, *, touched: bool) -> tuple[Side, ...]:
    """Return the options if theirs is not readable.

    If several sides send the same value, the user's own comes first, and theirs before the base: a save that chooses
    theirs still warns that it clears fields that are not readable.
    """
    sent = {Side.YOURS: yours, Side.THEIRS: None, Side.BASE: None if base is UNSET else base}
    if not touched:
        del sent[Side.YOURS]
    kept: list[Side] = []
    for side, value in sent.items():
        if not any(is_equal_json(value, sent[other]) for other in kept):
            kept.append(side)
    return tuple(side for side in Side if side in kept)
