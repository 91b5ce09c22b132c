"""Look up the outcome of an upload, also of one that another program left open. Nothing is sent here."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from wltui.api import calls
from wltui.core.errors import OutcomeUnknown, UploadCancelled, WltuiError
from wltui.core.records import ModelVersion, Outcome, WorkspaceId, missing_records, partial_list
from wltui.core.threads import run_in_thread
from wltui.service.exchange import Exchange
from wltui.store.upload_history import UploadHistory, UploadRecord

from .outcome import UploadOutcome, judge

FORGOTTEN = timedelta(days=14)
"""Age from which an upload of unknown outcome is not brought up again."""


class Sender(Struct, frozen=True):
    """The parts of a session that uploads need."""

    exchange: Exchange
    history: UploadHistory
    user: str
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep


async def look_up(sender: Sender, record: UploadRecord, reason: WltuiError | None = None) -> UploadOutcome:
    """Return the outcome of an upload as far as the versions of its model show it; nothing is sent again."""
    now = sender.history.now()  # before the read, whose answer may be as old as its beginning
    if reason is None and record.reason:
        reason = OutcomeUnknown(f"{record.file_name} may or may not have been stored", record.reason)
    try:
        versions = await fetch_versions(sender.exchange, record.workspace_id, record.model_name)
    except WltuiError as unread:
        return UploadOutcome(Outcome.UNKNOWN, record, reason=reason, unread=unread, can_look_again=True)
    result = judge(record, versions, now, reason)
    missing, why = missing_records(versions)
    if missing and result.outcome is Outcome.UNKNOWN:
        return replace(result, unread=WltuiError("Some versions could not be read", why))
    return result if result.outcome is Outcome.UNKNOWN else await record_outcome(sender.history, result)


async def unsettled(history: UploadHistory) -> tuple[UploadRecord, ...]:
    """Return the uploads whose outcome is not known, newest first; those that still run are among them.

    Those of long ago are left out: nobody asks about them any more, and nothing more comes to light.
    """
    entries = await run_in_thread(history.entries)
    eldest = history.now().time - FORGOTTEN
    return tuple(entry for entry in entries if not entry.is_settled and entry.began.time > eldest)


async def settle(sender: Sender, record: UploadRecord) -> UploadOutcome | None:
    """Return the outcome of an upload that a former program, or another one, left open; None if it still runs.

    ``record`` may be old: what has been recorded since counts.
    """
    is_running, record = await run_in_thread(_read_again, sender.history, record)
    if is_running:
        return None
    if record.is_settled:
        return await _recorded(sender, record)
    if record.completed is None and is_running is False:
        return await record_outcome(sender.history, _never_complete(record))
    return await look_up(sender, record)


def _never_complete(record: UploadRecord) -> UploadOutcome:
    reason = UploadCancelled(
        f"{record.file_name} was not uploaded", "the program ended before the last byte", "Nothing was stored"
    )
    return UploadOutcome(Outcome.NOT_SAVED, record, reason=reason)


async def _recorded(sender: Sender, record: UploadRecord) -> UploadOutcome:
    """Return the outcome that the program that sent it, or another one, has recorded."""
    outcome = record.outcome or Outcome.UNKNOWN
    if outcome is not Outcome.SAVED:
        return UploadOutcome(
            outcome, record, reason=WltuiError(f"{record.file_name} was not uploaded", record.reason)
        )
    saved = UploadOutcome(outcome, record, answered=record.version_id)
    try:
        versions = await fetch_versions(sender.exchange, record.workspace_id, record.model_name)
    except WltuiError as unread:
        return replace(saved, unread=unread)
    return replace(
        saved, version=next((version for version in versions if version.id == record.version_id), None)
    )


def _read_again(history: UploadHistory, record: UploadRecord) -> tuple[bool | None, UploadRecord]:
    """Return whether an upload to the same model runs on this host, and the record as it is by now.

    It is read while nobody sends: before, its program could still go on and end. Whether one runs is None if the disk
    has no locks.
    """
    try:
        lock = history.try_lock(record.workspace_id, record.model_name)
    except OSError:
        return None, history.latest(record)
    if lock is None:
        return True, record
    with lock:
        return False, history.latest(record)


async def record_outcome(history: UploadHistory, result: UploadOutcome) -> UploadOutcome:
    """Record an outcome and return it."""
    version_id = result.version.id if result.version else None
    why = result.reason.why if result.reason else ""
    await run_in_thread(history.end, result.record, result.outcome, version_id, why)
    return result


async def fetch_versions(
    exchange: Exchange, workspace_id: WorkspaceId, name: str
) -> tuple[ModelVersion, ...]:
    """Fetch all versions of a model; none if the workspace has no model of that name. The cache is not asked.

    Unreadable models count as unreadable versions, since one of them may have that name.
    """
    models = (await exchange.live(calls.list_models(workspace_id), fresh=True)).value
    model = next((model for model in models if model.name == name), None)
    if model is None:
        return partial_list((), *missing_records(models))
    if model.versions is not None:
        return model.versions
    return (await exchange.live(calls.list_versions(model.id, model.name), fresh=True)).value
