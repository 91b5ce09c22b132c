"""Judge a save whose answer was lost by the newest config of its version.

Rows are only ever added. Over REST only the newest can be read, and of most rows not the whole. So a save counts as
saved if every field that it changed is read back as it was sent, and as not saved if nothing newer than its base has
come up to a time after which no gateway delivers any more. All between is not known, and the program says so.

GraphQL shows all rows, whole. Then the save's own row is found even if others have saved since, and if each newer
row keeps the base's values in the changed fields, the save is known not to have been carried out.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import Enum

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from wltui.api.graphql import ROWS_OF_A_VERSION
from wltui.config.detail import NO_CONFIG, SavedConfigLookup, with_saved_fields
from wltui.config.edit import FieldChange, find_mismatches, is_same_text, is_same_value
from wltui.config.fields import FIELD
from wltui.core.errors import WltuiError
from wltui.core.instant import Instant
from wltui.core.pipelines import PipelineUse
from wltui.core.records import UNSET, ConfigId, ModelConfig, Outcome, VersionId, missing_records, overlay

TOO_LATE = timedelta(minutes=30)
"""How long a request may still be carried out after the program stopped waiting for it.

It may wait in this computer's network for minutes after its program has given it up (Linux tries on for up to a
quarter of an hour), and gateways and servers give one up within minutes. The rest is a margin.
"""
NEVER_GIVEN_UP = timedelta(days=1)
"""The same for a request whose end of waiting is not known, counted from when it was sent.

Its program was killed, or still waits: for as long as the user has set as timeout.
"""


class Found(Enum):
    """The result of a look at the newest config."""

    BASE = "the config that the edit began from"
    OURS = "a newer config that holds all that the save changed"
    FITS = "a newer config that holds what the save sent, as far as it can be read"
    OTHER = "a newer config that holds something else, or an older one"
    UNREAD = "nothing: it could not be read"


class Sent(Struct, frozen=True):
    """A save whose outcome is to be looked up."""

    version_id: VersionId
    base: ModelConfig
    request: Mapping[str, object]
    began: Instant
    entry_id: str
    """Its entry in the history; empty if it could not be recorded."""
    given_up: Instant | None = None
    """When the program stopped waiting for the answer, if known."""
    answered: ModelConfig | None = None
    """The row that the server answered with, though it was not read back."""
    reason: WltuiError | None = None
    """Why its outcome has to be looked up."""

    def is_over(self, now: Instant) -> bool:
        """Return whether it can't be carried out any more, by a clock that nobody sets."""
        if self.given_up is not None:
            return now.elapsed_since(self.given_up) > TOO_LATE
        return now.elapsed_since(self.began) > NEVER_GIVEN_UP


class Saved(Struct, frozen=True):
    """A save's outcome, the config that the server has now, and its differences from the sent one."""

    outcome: Outcome
    config: ModelConfig | None = None
    """The row that was made, where it was saved; else the newest, as far as it was read."""
    differences: tuple[FieldChange, ...] = ()
    reason: WltuiError | None = None
    """Why the outcome had to be looked up, or why the config could not be read back."""
    newer: ConfigId | None = None
    """A row that somebody else made right after: the version no longer has the saved one."""
    replaced: ConfigId | None = None
    """A row that was saved between the last look and this save, which nobody who made this one has seen."""
    unread: tuple[str, ...] = ()
    """Titles of changed fields that can't be read, so that the config may hold something else."""
    running: tuple[PipelineUse, ...] | None = None
    """The deployed pipelines that use the version, with the config that they run; None if that is not known."""
    sent: Sent | None = None
    """The request, if another look may find out more."""
    found: Found | None = None
    """The result of a look at the newest config; None if the answer said enough."""

    @property
    def is_final(self) -> bool:
        """Return whether another look can't find out more; the next session looks up what is in the history."""
        if self.outcome is not Outcome.UNKNOWN or self.sent is None:
            return True
        return self.found is Found.FITS and bool(self.sent.entry_id)


def judge(
    sent: Sent,
    newest: ModelConfig | None,
    now: Instant,
    own: SavedConfigLookup,
    rows: Sequence[ModelConfig] = (),
) -> Saved:
    """Return the outcome of a save as the newest config shows it. Slow, since schemas are compared.

    Args:
        sent: The save.
        newest: The newest config, as just read; None if there is none.
        now: A moment before that was read.
        own: Returns rows whose inserts were answered here, which hold more fields.
        rows: The version's rows as GraphQL shows them, whole and newest first; empty without it.
    """
    is_over = sent.is_over(now)
    unknown = Saved(Outcome.UNKNOWN, newest, reason=sent.reason, sent=None if is_over else sent)
    if row_id(newest) == sent.base.id:
        if is_over:
            return replace(unknown, outcome=Outcome.NOT_SAVED, found=Found.BASE)
        return replace(unknown, found=Found.BASE)
    if newest is None or newest.id < sent.base.id:
        return replace(unknown, found=Found.OTHER)
    if sent.answered and newest.id > sent.answered.id:
        return Saved(Outcome.SAVED, sent.answered, newer=newest.id, found=Found.OURS)
    since = rows_since(sent.base.id, newest, rows)
    if made := next((row for row in since if _is_ours(sent, row)), None):
        newer = newest.id if newest.id > made.id else None
        return Saved(
            Outcome.SAVED,
            made,
            reason=sent.reason,
            newer=newer,
            replaced=last_between(sent.base.id, made.id, since),
            found=Found.OURS,
        )
    if is_over and since and all(_keeps_base(sent, row) for row in since):
        return replace(unknown, outcome=Outcome.NOT_SAVED, newer=newest.id, found=Found.OTHER)
    row = with_saved_fields(newest, own)
    differences, unread = find_mismatches(sent.request, row), unread_changes(sent, row)
    if sent.answered and newest.id == sent.answered.id:
        return Saved(Outcome.SAVED, row, differences, sent.reason, unread=unread, found=Found.OURS)
    if differences:
        return replace(unknown, differences=differences, unread=unread, found=Found.OTHER)
    if unread or not changed_fields(sent):
        return replace(unknown, unread=unread, found=Found.FITS)
    return Saved(Outcome.SAVED, row, reason=sent.reason, found=Found.OURS)


def rows_since(
    base: ConfigId, newest: ModelConfig | None, rows: Sequence[ModelConfig]
) -> tuple[ModelConfig, ...]:
    """Return the rows that were added after the base, oldest first; none if some may be missing.

    They are complete if they begin with the newest row and reach back to the base, or to the first row of all.
    """
    if newest is None or not rows or rows[0].id != newest.id or missing_records(rows)[0]:
        return ()
    if rows[-1].id > base and (base != NO_CONFIG or len(rows) >= ROWS_OF_A_VERSION):
        return ()
    return tuple(row for row in reversed(rows) if row.id > base)


def last_between(base: ConfigId, made: ConfigId, rows: Sequence[ModelConfig]) -> ConfigId | None:
    """Return the last row that was added after the base and before a save's own row, or None."""
    return max((row.id for row in rows if base < row.id < made), default=None)


def _is_ours(sent: Sent, row: ModelConfig) -> bool:
    """Return whether a row shows all fields that were sent, each as it was sent."""
    is_whole = all(getattr(row, key) is not UNSET for key in FIELD if key in sent.request)
    return is_whole and not find_mismatches(sent.request, row)


def _keeps_base(sent: Sent, row: ModelConfig) -> bool:
    """Return whether a row has the base's value in each field that the save changed.

    Then it is of a save of somebody else: one of ours would show some of the change, even if the server spelled it
    otherwise.
    """
    fields = changed_fields(sent)
    pairs = [(key, getattr(sent.base, key), getattr(row, key)) for key in fields]
    return bool(fields) and all(
        UNSET not in (was, has) and is_same_value(key, was, has) for key, was, has in pairs
    )


def changed_fields(sent: Sent) -> tuple[str, ...]:
    """Return the fields that were sent otherwise than the base holds them, or that it does not show and were set."""
    return tuple(
        key
        for key in FIELD
        for base in [getattr(sent.base, key)]
        if key in sent.request and not is_same_value(key, sent.request[key], None if base is UNSET else base)
    )


def unread_changes(sent: Sent, got: ModelConfig) -> tuple[str, ...]:
    """Return the titles of the changed fields that a row does not show."""
    return tuple(FIELD[key].title for key in changed_fields(sent) if getattr(got, key) is UNSET)


def assumed(request: Mapping[str, object], newest: ModelConfig) -> ModelConfig:
    """Return a row with the values of a request in the fields that the row does not show."""
    values = {key: request[key] for key in FIELD if key in request}
    try:
        sent = msgspec.convert({"id": newest.id, **values}, ModelConfig)
    except msgspec.ValidationError:  # the history's file was damaged, and is JSON all the same
        return newest
    return overlay(sent, newest)


def same_request(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Return whether two requests send the same; a threshold may have gone through the floats of the server."""
    return one.keys() == other.keys() and all(
        is_same_text(key, value, other[key]) for key, value in one.items()
    )


def in_words(differences: tuple[FieldChange, ...]) -> str:
    """Return the fields that the server kept differently, with both values, as a sentence."""
    return "; ".join(
        f"{change.title}: sent {spec.describe(change.before)}, it has {spec.describe(change.after)}"
        for change in differences
        for spec in [FIELD[change.key]]
    )


def row_id(config: ModelConfig | None) -> ConfigId:
    """Return the id of a version's newest row, or ``NO_CONFIG`` if it has none."""
    return config.id if config else NO_CONFIG
