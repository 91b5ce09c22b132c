"""Save a config: record it, send it once, and look its outcome up if the answer was lost."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from wltui.api import calls
from wltui.api.graphql import config_rows
from wltui.config.detail import inserted_row, with_row
from wltui.config.edit import ConfigEdit, find_mismatches
from wltui.core.errors import (
    ApiFormatError,
    ConfigMoved,
    ConnectionFailed,
    HistoryUnwritable,
    NotSignedIn,
    OutcomeUnknown,
    ReadOnlyMode,
    TimedOut,
    WltuiError,
)
from wltui.core.instant import Instant
from wltui.core.records import ConfigId, ModelConfig, ModelVersion, Outcome, VersionId, overlay
from wltui.core.threads import run_in_thread
from wltui.store.save_history import History, SaveRecord

from .background import fetch_both
from .deployments import fetch_uses
from .graphql import Rows
from .save_outcome import (
    Found,
    Saved,
    Sent,
    in_words,
    judge,
    last_between,
    row_id,
    rows_since,
    same_request,
    unread_changes,
)
from .session import Session
from .version_lock import version_lock

SETTLING = 2.0
"""Seconds until a save whose answer was lost is looked up once more: the server may have been in the middle of it."""
LOOK_AGAIN = (5.0, 10.0, 20.0, 40.0, 60.0)
"""Seconds between look-ups of a save whose outcome is unknown after that; the last one is used from then on."""


class Settled(Struct, frozen=True):
    """An earlier save and its outcome, judged by the newest config."""

    entry: SaveRecord
    saved: Saved
    is_news: bool
    """True if its outcome was not known until now."""
    is_draft: bool
    """True if the unsent edit is the same as this save."""


async def save(
    session: Session,
    version: ModelVersion,
    edit: ConfigEdit,
    *,
    user: str,
    unrecorded: bool = False,
    on_wait: Callable[[bool], object] = bool,
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Saved:
    """Send an edit; see ``Service.save_config``.

    The API has no conditional write. Between the look at the newest config and the write, nobody else on this host
    saves one of the version; somebody on another host may.
    """
    async with version_lock(session.history, edit.version_id, on_wait, wait):
        await _check_unmoved(session, edit)
        saved = await _send(session, version, edit, user=user, unrecorded=unrecorded, wait=wait)
    uses = await fetch_uses(session, version) if saved.outcome is Outcome.SAVED else None
    return replace(saved, running=tuple(use for use in uses.value if use.is_deployed)) if uses else saved


async def _send(
    session: Session,
    version: ModelVersion,
    edit: ConfigEdit,
    *,
    user: str,
    unrecorded: bool,
    wait: Callable[[float], Awaitable[None]],
) -> Saved:
    try:
        entry_id = await run_in_thread(session.history.begin, edit, version, user)
    except HistoryUnwritable:
        if not unrecorded:
            raise
        entry_id = ""
    sent = Sent(edit.version_id, edit.base, edit.request(), session.history.now(), entry_id)
    call = calls.insert_config(sent.request)
    try:
        config = inserted_row(call.decode(await session.exchange.write(call)), sent.request)
    except (OutcomeUnknown, ApiFormatError) as reason:
        return await _find_out(session, sent, reason, wait)
    except WltuiError as refusal:
        outcome = Outcome.NOT_SAVED if isinstance(refusal, _UNSENT) else Outcome.REFUSED
        await run_in_thread(session.history.end, entry_id, outcome, reason=refusal.why)
        raise
    answered = Saved(Outcome.SAVED, config)
    await _record(session.history, entry_id, answered)  # at once: nobody else knows the whole row
    saved = await _read_back(session, replace(sent, answered=config, given_up=session.history.now()), config)
    if saved != answered:
        await _record(session.history, entry_id, saved)
    return saved


_UNSENT = (ConnectionFailed, TimedOut, ReadOnlyMode)
"""Errors after which a write was certainly not sent."""


async def _find_out(
    session: Session,
    sent: Sent,
    reason: OutcomeUnknown | ApiFormatError,
    wait: Callable[[float], Awaitable[None]],
) -> Saved:
    """Return the outcome of a save whose answer does not show it; raise its refusal if nothing was saved."""
    sent = replace(sent, given_up=session.history.now(), reason=reason)
    await _record(session.history, sent.entry_id, Saved(Outcome.UNKNOWN, reason=reason))
    saved = await look_up(session, sent)
    if saved.found is not Found.BASE:
        return saved
    refusal = reason.refusal if isinstance(reason, OutcomeUnknown) else None
    if refusal is not None:
        await run_in_thread(session.history.end, sent.entry_id, Outcome.REFUSED, reason=refusal.why)
        raise _once_more(refusal) if isinstance(refusal, NotSignedIn) else refusal
    await wait(SETTLING)
    return await look_up(session, sent)


def _once_more(refusal: NotSignedIn) -> NotSignedIn:
    """Return the advice to send again: the token was refused, but reads before and after were answered."""
    return NotSignedIn(
        refusal.what,
        refusal.why,
        "Nothing was saved. Send it again",
        endpoint=refusal.endpoint,
    )


async def look_up(session: Session, sent: Sent) -> Saved:
    """Return the outcome of a save as far as the newest config shows it; nothing is sent again."""
    now = session.history.now()  # before the read, whose answer may be as old as its beginning
    try:
        newest, rows = await _look(session, sent.version_id)
    except WltuiError as unreadable:
        return Saved(Outcome.UNKNOWN, reason=sent.reason or unreadable, sent=sent, found=Found.UNREAD)
    await run_in_thread(session.history.catch_up)
    saved = await run_in_thread(judge, sent, newest, now, session.history.row, rows)
    if saved.outcome is not Outcome.UNKNOWN:
        await _record(session.history, sent.entry_id, saved)
    return saved


async def settle(
    history: History,
    version_id: VersionId,
    newest: ModelConfig | None,
    now: Instant,
    edit: ConfigEdit | None,
    *,
    rows: Sequence[ModelConfig] = (),
) -> Settled | None:
    """Return the earlier save that the user should know about, with its outcome; None if there is none.

    Args:
        history: The record of saves and outcomes.
        version_id: The configured version.
        newest: Its newest config, as just read.
        now: A moment before that was read.
        edit: The unsent edit of this version, if there is one.
        rows: The version's rows as GraphQL shows them; empty without it.
    """
    entries = await run_in_thread(history.entries, version_id)
    request = edit.request() if edit else None

    def is_draft(entry: SaveRecord) -> bool:
        return request is not None and same_request(request, entry.request)

    open_ones: list[SaveRecord] = []
    for entry in entries:
        if entry.outcome is Outcome.SAVED:
            break
        if entry.outcome in (None, Outcome.UNKNOWN):
            open_ones.append(entry)
    verdicts = [
        (entry, await run_in_thread(judge, _sent(entry), newest, now, history.row, rows))
        for entry in open_ones
    ]
    for entry, saved in verdicts:
        if saved.outcome is Outcome.NOT_SAVED:
            await _record(history, entry.id, saved)
    # Of several, the last one goes first; those of which the newest config says nothing, behind the others.
    for entry, saved in sorted(verdicts, key=lambda verdict: verdict[1].found is Found.OTHER):
        if saved.outcome is Outcome.SAVED:
            await _record(history, entry.id, saved)
        if saved.sent is not None or saved.found is not Found.OTHER or is_draft(entry):
            return Settled(entry, saved, is_news=True, is_draft=is_draft(entry))
    for entry in entries:
        if edit and entry.outcome is Outcome.SAVED and entry.base.id == edit.base.id and is_draft(entry):
            saved = Saved(Outcome.SAVED, entry.config)
            return Settled(entry, saved, is_news=False, is_draft=True)
    return None


def _sent(entry: SaveRecord) -> Sent:
    return Sent(
        entry.version_id,
        entry.base,
        entry.request,
        entry.began,
        entry.id,
        given_up=entry.given_up,
        reason=OutcomeUnknown("", entry.reason) if entry.reason else None,
    )


async def _check_unmoved(session: Session, edit: ConfigEdit) -> None:
    before = await _newest(session, edit.version_id)
    if row_id(before) != edit.base.id:
        raise ConfigMoved(
            f"Version {edit.version_id} has a newer config than this edit began from",
            f"it began from config {edit.base.id or 'none'}, the newest is {before.id if before else 'none'}",
            "Nothing was sent. Review your changes on top of the newest",
            newest=before,
        )


async def _read_back(session: Session, sent: Sent, config: ModelConfig) -> Saved:
    """Return the outcome of a save that was answered with a row."""
    reason, newest, rows = None, None, Rows()
    try:
        newest, rows = await _look(session, sent.version_id)
    except WltuiError as unreadable:
        reason = unreadable
    if reason is None and (newest is None or newest.id < config.id):
        return Saved(Outcome.UNKNOWN, newest, sent=sent, found=Found.BASE)
    # A still newer one is somebody else's; ours was saved all the same.
    kept = overlay(config, newest) if newest and newest.id == config.id else config
    since = rows_since(sent.base.id, newest, rows)
    return Saved(
        Outcome.SAVED,
        kept,
        await run_in_thread(find_mismatches, sent.request, kept),
        reason,
        newer=newest.id if newest and newest.id > config.id else None,
        replaced=last_between(sent.base.id, config.id, since) or await _replaced(session, sent, config),
        unread=unread_changes(sent, kept),
    )


async def _replaced(session: Session, sent: Sent, made: ModelConfig) -> ConfigId | None:
    """Return the last row between the base of a save and its own row, as far as it is known.

    It is known of saves from this host. Of all others it is not: over REST no call returns a row that is neither the
    first nor the newest, and ids are shared by all versions, so that a gap in them says nothing.
    """
    entries = await run_in_thread(session.history.entries, sent.version_id)
    return last_between(
        sent.base.id, made.id, [entry.config for entry in entries if entry.config is not None]
    )


async def _record(history: History, entry_id: str, saved: Saved) -> None:
    def record() -> None:
        row = saved.config if saved.outcome is Outcome.SAVED else None
        reason = saved.reason.why if saved.reason else ""
        history.end(entry_id, saved.outcome, row, in_words(saved.differences), reason)

    await run_in_thread(record)  # it waits for the disk, and schemas are slow to describe


async def _look(session: Session, version_id: VersionId) -> tuple[ModelConfig | None, Rows]:
    """Return the newest config of a version, and all its rows if GraphQL shows them up to that one."""
    newest, answer = await fetch_both(
        _newest(session, version_id), session.graphql.ask(config_rows(version_id), fresh=True)
    )
    rows = answer.value if answer else ()
    if rows and (newest is None or rows[0].id > newest.id):
        newest = rows[0]
    return with_row(newest, rows), rows


async def _newest(session: Session, version_id: VersionId) -> ModelConfig | None:
    return (await session.exchange.live(calls.get_config(version_id), fresh=True)).value
