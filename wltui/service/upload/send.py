"""Upload a file: record it, send it once, and check the answer by the file's hash.

If the answer was lost, the outcome is looked up; nothing is ever sent again.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from enum import Enum

from msgspec.structs import replace

from wltui.api.upload import FileToSend, UploadBody, upload_call
from wltui.core.errors import (
    ApiRefused,
    ConnectionFailed,
    FileChanged,
    HistoryUnwritable,
    OutcomeUnknown,
    ReadOnlyMode,
    TimedOut,
    UploadCancelled,
    WltuiError,
)
from wltui.core.records import ModelVersion, Outcome, VersionId
from wltui.core.threads import run_in_thread
from wltui.core.upload_plan import UploadPlan
from wltui.service.saving import SETTLING
from wltui.store.upload_history import UploadRecord

from .cancelling import unless
from .digest import FileDigest
from .outcome import UploadOutcome, judge_answer, refusal
from .settling import Sender, fetch_versions, look_up, record_outcome

LOCK_PAUSE = 1.0
"""Seconds between two attempts to get the lock of a model's name."""
TOO_LARGE = 413
_UNSENT = (ConnectionFailed, TimedOut, ReadOnlyMode, FileChanged, HistoryUnwritable, UploadCancelled)
"""Errors of an upload that was never complete, unlike refusals."""


class Stage(Enum):
    """How far an upload has come."""

    WAITING = "waits for another upload to the same model"
    SENDING = "is being sent"
    TAKEN_IN = "was sent; the platform takes it in"


async def upload(
    sender: Sender,
    plan: UploadPlan,
    digest: FileDigest,
    *,
    on_progress: Callable[[int], object] = lambda sent: None,
    on_stage: Callable[[Stage], object] = lambda stage: None,
    cancelled: asyncio.Event | None = None,
    unrecorded: bool = False,
) -> UploadOutcome:
    """Upload a file once and return the outcome; nothing is ever sent again.

    Args:
        sender: The session.
        plan: The upload.
        digest: The file's hash as it was confirmed; if the file is another one by now, the upload is broken off.
        on_progress: Called with the bytes of the file that were sent.
        on_stage: Called when a stage begins.
        cancelled: When it is set before the last byte was sent, the upload is broken off, and nothing is stored.
            Later it can't be taken back: then the answer is not waited for, but looked up.
        unrecorded: Send it even if it can't be recorded in the history.

    Raises:
        HistoryUnwritable: it could not be recorded; nothing was sent.
        UploadCancelled: it was cancelled before it began; nothing was sent.
        WltuiError: the token could not be renewed or the model's versions not be read; nothing was sent.
    """
    cancelled = cancelled or asyncio.Event()
    async with _name_lock(sender, plan, on_stage, cancelled):
        versions = await unless(cancelled, _look_before(sender, plan))
        record = _new_record(sender, plan, digest, versions)
        try:
            record = await run_in_thread(sender.history.begin, record, completed=unrecorded)
        except HistoryUnwritable:
            if not unrecorded:
                raise
        sending = _Sending(sender, plan, record, on_stage)
        on_stage(Stage.SENDING)
        return await sending.run(digest, on_progress, cancelled)


async def _look_before(sender: Sender, plan: UploadPlan) -> Sequence[ModelVersion]:
    """Renew the token, and return the versions that the model has before the upload."""
    await sender.exchange.renew_token()
    return await fetch_versions(sender.exchange, plan.workspace_id, plan.name)


def _new_record(
    sender: Sender, plan: UploadPlan, digest: FileDigest, before: Sequence[ModelVersion]
) -> UploadRecord:
    return UploadRecord(
        id="",
        began=sender.history.now(),
        user=sender.user,
        model_name=plan.name,
        workspace_id=plan.workspace_id,
        file_name=plan.file_name,
        sha256=digest.sha256,
        size=digest.size,
        route=plan.route,
        metadata=plan.metadata(),
        newest_before=max((version.id for version in before), default=VersionId(0)),
    )


class _Sending:
    """One upload under way."""

    def __init__(
        self, sender: Sender, plan: UploadPlan, record: UploadRecord, on_stage: Callable[[Stage], object]
    ) -> None:
        self._sender, self._plan, self._record, self._on_stage = sender, plan, record, on_stage

    async def run(
        self, digest: FileDigest, on_progress: Callable[[int], object], cancelled: asyncio.Event
    ) -> UploadOutcome:
        """Send the file and return the outcome, which is recorded."""
        plan, record = self._plan, self._record
        file = FileToSend(
            path=plan.file,
            name=plan.file_name,
            sha256=digest.sha256,
            size=digest.size,
            mtime_ns=digest.mtime_ns,
            inode=digest.inode,
        )
        body = UploadBody(json.dumps(record.metadata).encode(), file, on_progress, self._before_end)
        call = upload_call(record.route, record.metadata, f"The upload of {plan.file_name}")
        try:
            answered = await unless(cancelled, self._sender.exchange.upload(call, body))
        except UploadCancelled as error:
            if body.is_complete:
                return await self._find_out(OutcomeUnknown(error.what, "the answer was not waited for"))
            return await self._end(UploadOutcome(Outcome.NOT_SAVED, self._record, reason=error))
        except OutcomeUnknown as reason:
            return await self._find_out(reason)
        except WltuiError as error:
            if body.is_complete and isinstance(error, ApiRefused) and error.status == TOO_LARGE:
                return await self._find_out(OutcomeUnknown(error.what, error.why, refusal=error))
            return await self._refused(error)
        return await self._check(answered)

    async def _before_end(self) -> None:
        """Record that the last byte is about to be sent, unless that was recorded in advance."""
        if self._record.completed is None:
            await run_in_thread(self._sender.history.complete, self._record)
        self._record = replace(self._record, completed=self._sender.history.now())
        self._on_stage(Stage.TAKEN_IN)

    async def _check(self, answered: VersionId) -> UploadOutcome:
        """Return the outcome of an upload that was taken, with the version that holds its file; look if none does."""
        try:
            versions = await fetch_versions(self._sender.exchange, self._plan.workspace_id, self._plan.name)
        except WltuiError as unreadable:
            saved = UploadOutcome(Outcome.SAVED, self._record, answered=answered, unread=unreadable)
        else:
            found = judge_answer(self._record, answered, versions)
            if found is None:
                why = f"the answer named version {answered}, which does not hold it"
                return await self._find_out(
                    OutcomeUnknown(f"{self._record.file_name} may not be stored", why)
                )
            saved = found
        return await self._end(saved)

    async def _refused(self, error: WltuiError) -> UploadOutcome:
        outcome = Outcome.NOT_SAVED if isinstance(error, _UNSENT) else Outcome.REFUSED
        words = _broken_off(error, self._record) if isinstance(error, ConnectionFailed | TimedOut) else error
        return await self._end(UploadOutcome(outcome, self._record, reason=refusal(words, self._record)))

    async def _find_out(self, reason: OutcomeUnknown) -> UploadOutcome:
        """Return the outcome of an upload whose answer does not show it: look, and after a pause once more."""
        history = self._sender.history
        await run_in_thread(history.end, self._record, Outcome.UNKNOWN, reason=reason.why)
        self._record = replace(
            self._record, outcome=Outcome.UNKNOWN, given_up=history.now(), reason=reason.why
        )
        found = await look_up(self._sender, self._record, reason)
        if _is_open(found):
            await self._sender.wait(SETTLING)
            found = await look_up(self._sender, self._record, reason)
        if _is_open(found) and found.unread is None and reason.refusal is not None:
            return await self._refused(reason.refusal)
        return found

    async def _end(self, result: UploadOutcome) -> UploadOutcome:
        return await record_outcome(self._sender.history, result)


def _is_open(result: UploadOutcome) -> bool:
    return result.outcome is Outcome.UNKNOWN and result.can_look_again


def _broken_off(error: WltuiError, record: UploadRecord) -> WltuiError:
    """Return the failure of a request that was never complete, in words for an upload."""
    return ConnectionFailed(
        f"{record.file_name} was not uploaded", error.why, "Nothing was stored. Upload it again"
    )


@asynccontextmanager
async def _name_lock(
    sender: Sender,
    plan: UploadPlan,
    on_stage: Callable[[Stage], object],
    cancelled: asyncio.Event,
) -> AsyncIterator[None]:
    """Keep other uploads to the same model waiting: those of this user on this host, in any process."""
    lock = None
    with suppress(OSError):  # a disk without locks: then their hash alone distinguishes versions
        while (lock := await run_in_thread(sender.history.try_lock, plan.workspace_id, plan.name)) is None:
            if cancelled.is_set():
                raise UploadCancelled(
                    f"{plan.file_name} was not uploaded", "it was cancelled before it began"
                )
            on_stage(Stage.WAITING)
            await sender.wait(LOCK_PAUSE)
    try:
        yield
    finally:
        if lock is not None:
            lock.close()
