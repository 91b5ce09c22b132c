"""Three-way merge of configs: what an edit began from, what somebody else saved meanwhile, and the edit.

A field that one side changed is merged; one that both changed differently is the user's choice. The newest row
may be readable only in part, and of a field that is not readable nobody can know whether it changed: such a field
is asked about as soon as the answers would send different things.
"""

from collections.abc import Iterator, Mapping
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from wltui.core.records import UNSET, ModelConfig

from .edit import ConfigEdit, is_equal_json, is_same_value
from .fields import FIELD


class Side(Enum):
    """Whose value of a field."""

    BASE = "base"
    """The config that the edit began from."""
    THEIRS = "theirs"
    """The config that is the newest now. Where it is not readable, a save that takes it sends null."""
    YOURS = "yours"
    """The edit: as the user set it, else as in the base."""


class MergedField(Struct, frozen=True):
    """A field that is not alike on all three sides, any of which may be ``UNSET``."""

    key: str
    title: str
    base: object
    theirs: object
    yours: object
    options: tuple[Side, ...]
    """The sides that may be taken, in the order of :class:`Side`; no two of them send the same."""
    choice: Side | None
    """The only option; None where there are several, and the user must choose."""

    def value(self, side: Side) -> object:
        """What the field is on a side."""
        return {Side.BASE: self.base, Side.THEIRS: self.theirs, Side.YOURS: self.yours}[side]


def merge_fields(edit: ConfigEdit, theirs: ModelConfig) -> tuple[MergedField, ...]:
    """The fields that the edit or ``theirs`` changed, or may have, in the order of the form.

    Two rows with one id are the same row, of which one may tell more than the other. Comparing schemas is slow
    the first time, as ``schema`` explains.
    """
    return tuple(_fields(edit, theirs))


def merge_edit(edit: ConfigEdit, theirs: ModelConfig, choices: Mapping[str, Side]) -> ConfigEdit:
    """The edit on ``theirs`` as its base; ``choices`` are the user's, by the field's key.

    Raises:
        ValueError: a field that the user must choose is missing in ``choices``, or a side is not among its options.
    """
    made = ConfigEdit(edit.version_id, _rows(edit, theirs)[1])
    for field in merge_fields(edit, theirs):
        side = choices.get(field.key, field.choice)
        if side not in field.options:
            raise ValueError(f"{field.key} can't be {side}")
        made = made.with_value(field.key, field.value(side))
    return made


def rebase_edit(edit: ConfigEdit, newest: ModelConfig) -> ConfigEdit:
    """Return the edit on another base, with every field as it is in the edit."""
    made = ConfigEdit(edit.version_id, newest)
    for key, value in edit.row.items():
        made = made.with_value(key, value)
    return made


def _rows(edit: ConfigEdit, theirs: ModelConfig) -> tuple[ModelConfig, ModelConfig]:
    """The base and theirs, one and the same whole row where they have one id."""
    if theirs.id != edit.base.id:
        return edit.base, theirs
    untold = {key: getattr(edit.base, key) for key in FIELD if getattr(theirs, key) is UNSET}
    whole = replace(theirs, **untold)
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
    """What may be taken where theirs is not readable.

    Of sides that send the same the user's own goes first, and theirs before the base: a save that takes theirs
    still says that it would clear what is not readable.
    """
    sent = {Side.YOURS: yours, Side.THEIRS: None, Side.BASE: None if base is UNSET else base}
    if not touched:
        del sent[Side.YOURS]
    kept: list[Side] = []
    for side, value in sent.items():
        if not any(is_equal_json(value, sent[other]) for other in kept):
            kept.append(side)
    return tuple(side for side in Side if side in kept)
