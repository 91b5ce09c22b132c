"""A save of a config: recorded, sent once, and looked up where its answer was lost."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from .apart import apart
from .api import calls
from .config_edit import ConfigEdit, FieldChange, equal, read_back
from .config_fields import FIELD
from .detail import NO_CONFIG, inserted
from .errors import (
    ApiFormatError,
    ConfigMoved,
    ConnectionFailed,
    HistoryUnwritable,
    OutcomeUnknown,
    ReadOnlyMode,
    TimedOut,
    WltuiError,
)
from .exchange import Exchange
from .records import UNSET, ConfigId, ModelConfig, ModelVersion, Outcome, VersionId, overlay
from .store.history import Entry, History

TOO_LATE = timedelta(minutes=30)
"""A request that nobody said the end of is not carried out any more after this.

A request may wait in this computer's network for minutes after its program has given it up (Linux tries on for
up to a quarter of an hour), and gateways and servers give one up within minutes. The rest is a margin.
"""

SETTLING = 2.0
"""Seconds until a save whose connection broke is looked up once more: the server may have been in the middle of it."""


class Sent(Struct, frozen=True):
    """What was sent, as far as its fate is to be looked up."""

    version_id: VersionId
    base: ModelConfig
    request: Mapping[str, object]
    at: datetime | None
    """When; None where the other side said that it is over, so that it can't be carried out any more."""
    entry_id: str
    """Its entry in the history; empty where it could not be recorded."""

    @classmethod
    def of(cls, entry: Entry) -> "Sent":
        """What an entry of the history says was sent."""
        return cls(entry.version_id, entry.base, entry.request, entry.at, entry.id)


class Saved(Struct, frozen=True):
    """A save's outcome, the config that the server has now, and where that differs from what was sent."""

    outcome: Outcome
    config: ModelConfig | None = None
    """The row that was made, where it took; else the newest, as far as it was told."""
    differences: tuple[FieldChange, ...] = ()
    reason: WltuiError | None = None
    """Why the outcome had to be looked up, or why the config could not be read back."""
    newer: ConfigId | None = None
    """A row that somebody else made right after: the version no longer has what was saved."""
    unread: tuple[str, ...] = ()
    """Titles of changed fields that the newest config does not tell, so that it may hold something else."""
    sent: Sent | None = None
    """What was sent, where another look may tell what became of it."""


async def save(
    exchange: Exchange,
    history: History,
    version: ModelVersion,
    edit: ConfigEdit,
    *,
    user: str,
    unrecorded: bool = False,
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Saved:
    """Send an edit; see ``Service.save_config``."""
    await _check_unmoved(exchange, edit)
    try:
        entry_id = await apart(history.begin, edit, version, user)
    except HistoryUnwritable:
        if not unrecorded:
            raise
        entry_id = ""
    sent = Sent(edit.version_id, edit.base, edit.request(), exchange.clock(), entry_id)
    call = calls.insert_config(sent.request)
    try:
        config = inserted(call.decode(await exchange.write(call)), sent.request)
    except (OutcomeUnknown, ApiFormatError) as reason:
        saved = await look_up(exchange, history, sent, reason)
        if saved.outcome is not Outcome.UNKNOWN or (isinstance(reason, OutcomeUnknown) and reason.under_way):
            return saved
        over = replace(sent, at=None)
        if _id(saved.config) != edit.base.id:
            return replace(saved, sent=over)
        await wait(SETTLING)
        return await look_up(exchange, history, over, reason)
    except WltuiError as refusal:
        outcome = Outcome.DID_NOT_TAKE if isinstance(refusal, _UNSENT) else Outcome.REFUSED
        await apart(history.end, entry_id, outcome, reason=refusal.why)
        raise
    answered = Saved(Outcome.TOOK, config)
    await _record(history, entry_id, answered)  # at once: nobody else knows the whole row
    saved = await _read_back(exchange, sent, config)
    if saved != answered:
        await _record(history, entry_id, saved)
    return saved


_UNSENT = (ConnectionFailed, TimedOut, ReadOnlyMode)
"""Of a write these say that it never left."""


async def look_up(
    exchange: Exchange, history: History, sent: Sent, reason: WltuiError | None = None
) -> Saved:
    """What became of a save whose answer was lost, as far as the newest config tells; nothing is sent again."""
    try:
        newest = await _newest(exchange, sent.version_id)
    except WltuiError as unreadable:
        return Saved(Outcome.UNKNOWN, reason=reason or unreadable, sent=sent)
    over = sent.at is None or exchange.clock() - sent.at > TOO_LATE
    saved = Saved(Outcome.UNKNOWN, newest, reason=reason, sent=sent)
    if _id(newest) == sent.base.id:
        if over:
            saved = replace(saved, outcome=Outcome.DID_NOT_TAKE, sent=None)
    elif newest is not None and newest.id > sent.base.id:
        differences = await asyncio.to_thread(read_back, sent.request, newest)
        changed, unread = _changed(sent), _unread(sent, newest)
        saved = replace(saved, differences=differences, unread=unread)
        # A row that holds nothing of what was changed could be anybody's.
        if not differences and len(unread) < len(changed):
            saved = replace(saved, outcome=Outcome.TOOK, sent=None)
    if over or saved.outcome is not Outcome.UNKNOWN:
        await _record(history, sent.entry_id, saved)
    return saved


async def _check_unmoved(exchange: Exchange, edit: ConfigEdit) -> None:
    before = await _newest(exchange, edit.version_id)
    if _id(before) != edit.base.id:
        raise ConfigMoved(
            f"Version {edit.version_id} was configured by somebody else meanwhile",
            f"this edit began from config {edit.base.id or 'none'}, the newest is {before.id if before else 'none'}",
            "Nothing was sent. Review your changes on top of the newest",
            newest=before,
        )


async def _read_back(exchange: Exchange, sent: Sent, config: ModelConfig) -> Saved:
    """The outcome of a save that was answered with a row."""
    reason, newest = None, None
    try:
        newest = await _newest(exchange, sent.version_id)
    except WltuiError as unreadable:
        reason = unreadable
    if reason is None and (newest is None or newest.id < config.id):
        return Saved(Outcome.UNKNOWN, newest, sent=sent)
    # A still newer one is somebody else's; ours took all the same.
    kept = overlay(config, newest) if newest and newest.id == config.id else config
    return Saved(
        Outcome.TOOK,
        kept,
        await asyncio.to_thread(read_back, sent.request, kept),
        reason,
        newer=newest.id if newest and newest.id > config.id else None,
        unread=_unread(sent, kept),
    )


async def _record(history: History, entry_id: str, saved: Saved) -> None:
    def record() -> None:
        row = saved.config if saved.outcome is Outcome.TOOK else None
        reason = saved.reason.why if saved.reason else ""
        history.end(entry_id, saved.outcome, row, in_words(saved.differences), reason)

    await apart(record)  # for the disk, and since schemas are slow to tell


def in_words(differences: tuple[FieldChange, ...]) -> str:
    """What the server kept differently from what was sent."""
    return "; ".join(
        f"{change.title}: sent {spec.tell(change.before)}, it has {spec.tell(change.after)}"
        for change in differences
        for spec in [FIELD[change.key]]
    )


def _id(config: ModelConfig | None) -> ConfigId:
    return config.id if config else NO_CONFIG


def _changed(sent: Sent) -> tuple[str, ...]:
    """The fields that were sent otherwise than the base holds them; one that is not readable there, if it was set."""
    return tuple(
        key
        for key in FIELD
        for base in [getattr(sent.base, key)]
        if key in sent.request and not equal(sent.request[key], None if base is UNSET else base)
    )


def _unread(sent: Sent, got: ModelConfig) -> tuple[str, ...]:
    return tuple(FIELD[key].title for key in _changed(sent) if getattr(got, key) is UNSET)


async def _newest(exchange: Exchange, version_id: VersionId) -> ModelConfig | None:
    return (await exchange.live(calls.get_config(version_id), fresh=True)).value
