"""Put an edit on top of the newest config, which others, or an earlier save of the user, may have made meanwhile."""

from collections.abc import Mapping

from msgspec import Struct

from wltui.config.edit import ConfigEdit
from wltui.config.merge import MergedField, Side, merge_edit, merge_fields, rebase_edit
from wltui.core.records import ModelConfig

from .save_outcome import Found, assumed
from .saving import Settled


class Clash(Struct, frozen=True):
    """The fields in which the newest config and an edit differ, so that somebody has to choose."""

    theirs: ModelConfig
    """The newest config; with the values of the user's own save where that made it and they are not readable."""
    fields: tuple[MergedField, ...]


def made_newest(settled: Settled | None, newest: ModelConfig) -> bool:
    """Return whether an earlier save made the newest config, or may have."""
    saved = settled.saved if settled else None
    if saved is None or saved.config is None or saved.config.id != newest.id:
        return False
    return saved.found in (Found.FITS, Found.OURS)


def rebase_on_newest(
    edit: ConfigEdit,
    newest: ModelConfig,
    settled: Settled | None,
    choices: Mapping[str, Side] | None = None,
) -> ConfigEdit | Clash:
    """Return the edit with the newest config as its base, or the fields for which ``choices`` lacks a side.

    There is nothing to choose if a save of this very edit made the newest config, or may have. Slow, since schemas
    are compared.

    Args:
        edit: An edit of any config of the version.
        newest: The newest config, as read.
        settled: An earlier save that the user should know about.
        choices: The sides that were chosen, by the field's key.
    """
    if settled and settled.is_draft and made_newest(settled, newest):
        return rebase_edit(edit, newest)
    theirs = assumed(settled.entry.request, newest) if settled and made_newest(settled, newest) else newest
    chosen = choices or {}
    clashing = tuple(
        field
        for field in merge_fields(edit, theirs)
        if field.choice is None and chosen.get(field.key) not in field.options
    )
    return Clash(theirs, clashing) if clashing else on_config(merge_edit(edit, theirs, chosen), newest)


def on_config(edit: ConfigEdit, newest: ModelConfig) -> ConfigEdit:
    """Return the edit based on the config as read, if its base was completed with assumed values."""
    return edit if edit.base is newest or edit.base == newest else rebase_edit(edit, newest)
