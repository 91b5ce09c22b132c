"""Saves of configs and unsent edits, as spans."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from wltui.config.detail import NO_CONFIG
from wltui.config.edit import ConfigEdit
from wltui.config.fields import FIELD
from wltui.core.records import ModelConfig, Outcome, VersionId
from wltui.store.drafts import Kept
from wltui.store.save_history import SaveRecord
from wltui.ui.text.facts import Pair
from wltui.ui.text.format import day_time, full_time
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.paragraphs import wrap_paragraphs
from wltui.ui.text.spans import Role, Spans, visible, wrap

from .diff_view import diff_lines

NOT_KNOWN = (
    "It is not known whether this was saved: its answer was lost, or the program ended first. Nothing is sent again by "
    "itself. The editor looks it up when it is opened."
)


class Save(Struct, frozen=True, dict=True):
    """An entry of the history."""

    entry: SaveRecord
    sent: ConfigEdit
    """The config that was sent, as an edit of the one before."""

    @property
    def is_unknown(self) -> bool:
        """Whether the outcome of the save is unknown."""
        return self.entry.outcome in (None, Outcome.UNKNOWN)

    def is_under_way(self, saving: Collection[VersionId]) -> bool:
        """Return whether this process is sending it now; ``saving`` has the versions whose config is being saved."""
        return self.entry.outcome is None and self.entry.version_id in saving


def read_save(entry: SaveRecord) -> Save:
    """Return an entry as an edit. Slow, as pyarrow compares schemas."""
    try:
        values = {key: entry.request[key] for key in FIELD if key in entry.request}
        sent = msgspec.convert({"id": NO_CONFIG, **values}, ModelConfig)
    except msgspec.ValidationError:  # the file is damaged, though it is valid JSON
        sent = ModelConfig(id=NO_CONFIG)
    edit = ConfigEdit(entry.version_id, entry.base)
    for key in FIELD:
        edit = edit.with_value(key, getattr(sent, key))
    return Save(entry, edit)


def titles(keys: Collection[str]) -> str:
    """Return the titles of fields in their usual order: ``Tensor fields, Batch config``."""
    return ", ".join(spec.title for key, spec in FIELD.items() if key in keys)


def save_pairs(save: Save, *, under_way: bool) -> tuple[Pair, ...]:
    """Return the texts by which a save is found. Those without a key of their own are names."""
    found = save.entry.outcome or Outcome.UNKNOWN
    return (
        ("status", "under way" if under_way else found.value),
        ("reason", save.entry.reason),
        ("name", titles(save.sent.values.keys())),
        ("name", day_time(save.entry.at.isoformat())),
    )


def draft_pairs(kept: Kept) -> tuple[Pair, ...]:
    """Return the texts by which an unsent edit is found, as :func:`save_pairs` does."""
    return (
        ("status", "unsent"),
        ("name", titles(draft_fields(kept))),
        ("name", day_time(kept.changed.isoformat())),
    )


def draft_fields(kept: Kept) -> Collection[str]:
    """Return the fields that an unsent edit changes, those with a text that is not valid yet included."""
    return {*kept.draft.edit.values, *(key.partition(".")[0] for key in kept.draft.refused)}


def outcome(found: Outcome | None, glyphs: Glyphs, *, under_way: bool = False) -> Spans:
    """Render the outcome of a save after a sign; None means that the program ended before it was known."""
    if under_way:
        return ((f"{glyphs.pending} under way", Role.WARNING),)
    found = found or Outcome.UNKNOWN
    sign, role = {
        Outcome.SAVED: (glyphs.ready, Role.SUCCESS),
        Outcome.UNKNOWN: (glyphs.other, Role.WARNING),
    }.get(found, (glyphs.error, Role.ERROR))
    return ((f"{sign} {found.value}", role),)


def save_lines(save: Save, now: datetime, glyphs: Glyphs, cells: int, *, under_way: bool) -> Sequence[Spans]:
    """Render a save: outcome, time, user, and changes; ``prepare`` makes the latter fast."""
    entry = save.entry
    before = f"config {entry.base.id}" if entry.base.id != NO_CONFIG else "no config"
    step = f"{before} {glyphs.crumb} {entry.config.id}" if entry.config else f"from {before}"
    lines: list[Spans] = [(*outcome(entry.outcome, glyphs, under_way=under_way), (f"   {step}", Role.PLAIN))]
    lines += wrap(((f"{full_time(entry.at.isoformat(), now)}, by {visible(entry.user)}", Role.MUTED),), cells)
    texts = (
        (NOT_KNOWN if save.is_unknown and not under_way else "", Role.WARNING),
        (f"Why: {entry.reason}" if entry.reason else "", Role.PLAIN),
        (f"The server kept something else: {entry.differences}" if entry.differences else "", Role.WARNING),
    )
    for text, role in texts:
        lines += wrap_paragraphs(text, role, cells)
    nothing: Sequence[Spans] = ((("It changed no field.", Role.MUTED),),)
    return (*lines, (), *(diff_lines(save.sent.changes(), cells) or nothing))


def draft_lines(kept: Kept, now: datetime, glyphs: Glyphs, cells: int) -> Sequence[Spans]:
    """Render an unsent edit: when it was begun and changed last, and its changes; ``prepare`` makes these fast."""
    where = ", open in another wltui" if kept.elsewhere else ""
    lines: list[Spans] = [((f"{glyphs.unsent} unsent edit{where}", Role.ACCENT),)]
    changed, began = (full_time(time.isoformat(), now) for time in (kept.changed, kept.began))
    for text in dict.fromkeys((f"changed {changed}", f"begun {began}" if began != changed else "")):
        lines += wrap(((text, Role.MUTED),), cells) if text else []
    if kept.draft.refused:
        fields = titles({key.partition(".")[0] for key in kept.draft.refused})
        lines += wrap(((f"Typed and not valid yet: {fields}", Role.WARNING),), cells)
    return (*lines, (), *diff_lines(kept.draft.edit.changes(), cells))
