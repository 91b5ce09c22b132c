"""Several uploads at once, one after the other for the same model: their states, their rate, and how to end them."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine
from enum import Enum
from typing import Protocol

from wltui.core.errors import WltuiError
from wltui.core.records import WorkspaceId
from wltui.core.upload_plan import UploadPlan

from .cancelling import unless
from .digest import FileDigest, digest_in_thread
from .outcome import UploadOutcome
from .send import Stage

SMOOTHING = 5.0
"""Seconds over which the rate is averaged."""
REPORT_PAUSE = 0.25
"""Minimum seconds between two reports of progress."""


class State(Enum):
    """How far a job has come."""

    WAITING = "waits for another upload to the same model"
    HASHING = "the file is being read"
    SENDING = "is being sent"
    TAKEN_IN = "was sent; the platform takes it in"
    ENDED = "ended"


_OF_STAGE = {
    Stage.WAITING: State.WAITING,
    Stage.SENDING: State.SENDING,
    Stage.TAKEN_IN: State.TAKEN_IN,
}

_CANCELLING = {
    State.WAITING: "Nothing has been sent. Cancelling leaves everything as it is.",
    State.HASHING: "Nothing has been sent. Cancelling leaves everything as it is.",
    State.SENDING: "Cancelling breaks the upload off before its end. Nothing is stored.",
    State.TAKEN_IN: "The file was sent and can't be taken back. Cancelling looks up whether it was stored.",
    State.ENDED: "",
}
_QUITTING = {
    State.WAITING: "Nothing has been sent. Quitting leaves everything as it is.",
    State.HASHING: "Nothing has been sent. Quitting leaves everything as it is.",
    State.SENDING: "Quitting breaks the upload off before its end. Nothing is stored.",
    State.TAKEN_IN: "The file was sent and can't be taken back. The next start looks up whether it was stored.",
    State.ENDED: "",
}


class Send(Protocol):
    """Sends one upload; see :func:`wltui.service.upload.send.upload`."""

    def __call__(
        self,
        plan: UploadPlan,
        digest: FileDigest,
        *,
        on_progress: Callable[[int], object],
        on_stage: Callable[[Stage], object],
        cancelled: asyncio.Event,
        unrecorded: bool,
    ) -> Awaitable[UploadOutcome]: ...


class Rate:
    """A smoothed rate in bytes a second."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._at, self._done = ticks(), 0
        self._total, self._weight = 0.0, 0.0

    def add(self, done: int) -> None:
        """Take in how many bytes are done by now."""
        now = self._ticks()
        seconds = now - self._at
        if seconds < REPORT_PAUSE:
            return
        # Weights are kept beside the sum, so that the first seconds count in full.
        fading = math.exp(-seconds / SMOOTHING)
        self._total = self._total * fading + (done - self._done) / seconds * (1 - fading)
        self._weight = self._weight * fading + (1 - fading)
        self._at, self._done = now, done

    @property
    def bytes_per_second(self) -> float | None:
        """Return the rate, or None as long as it is not known."""
        return self._total / self._weight if self._weight else None


class UploadJob:
    """One upload in the queue. Its attributes change while it runs; read them, and change none."""

    def __init__(
        self, plan: UploadPlan, digest: FileDigest | None, ticks: Callable[[], float], *, unrecorded: bool
    ) -> None:
        self.plan, self.digest = plan, digest
        self.unrecorded = unrecorded
        """Whether it is sent even if it can't be recorded in the history."""
        self.state = State.WAITING
        self.done = 0
        """Bytes that were read while it is hashed, or sent while it is sent."""
        self.size = digest.size if digest else 0
        """Bytes of the file; 0 before they are known."""
        self.outcome: UploadOutcome | None = None
        """The outcome; None before the end, and if nothing was sent."""
        self.error: WltuiError | None = None
        """Why nothing was sent; None before the end, and if something was sent."""
        self.cancelled = asyncio.Event()
        """Set when the user has cancelled it."""
        self._ticks = ticks
        self._rate = Rate(ticks)

    @property
    def has_ended(self) -> bool:
        """Return whether it has come to an end, whatever the outcome."""
        return self.state is State.ENDED

    @property
    def rate(self) -> float | None:
        """Return the bytes a second, averaged over the last seconds; None if that is not known yet."""
        return self._rate.bytes_per_second

    @property
    def seconds_left(self) -> float | None:
        """Return how long the rest of the bytes takes at this rate; None if that is not known."""
        return (self.size - self.done) / self.rate if self.rate else None

    @property
    def cancelling(self) -> str:
        """Return the meaning of cancelling it now, as a sentence for the user; empty if it has ended."""
        return _CANCELLING[self.state]

    @property
    def quitting(self) -> str:
        """Return the meaning of ending the program now, likewise."""
        return _QUITTING[self.state]

    def progress(self, done: int) -> None:
        """Take in how many bytes are done."""
        self.done = done
        self._rate.add(done)

    def enter(self, state: State) -> None:
        """Go into a state; its progress begins anew."""
        if state is not self.state and state in (State.HASHING, State.SENDING):
            self.done, self._rate = 0, Rate(self._ticks)
        self.state = state


class UploadQueue:
    """The uploads of a session, in the order in which they were added.

    Args:
        send: Sends one upload.
        run: Starts a task that nobody's leaving ends.
        on_change: Called when a job's state has changed, and its progress at most four times a second.
        ticks: Seconds on a clock that is never set.
    """

    def __init__(
        self,
        send: Send,
        run: Callable[[Coroutine[object, object, None]], object],
        on_change: Callable[[UploadJob], object],
        ticks: Callable[[], float],
    ) -> None:
        self._send, self._run, self._on_change, self._ticks = send, run, on_change, ticks
        self._turns: dict[tuple[WorkspaceId, str], asyncio.Lock] = {}
        self._reported = -math.inf
        self.jobs: list[UploadJob] = []
        """All jobs, also those that have ended, until they are removed."""

    @property
    def running(self) -> list[UploadJob]:
        """Return the jobs that have not ended."""
        return [job for job in self.jobs if not job.has_ended]

    def busy_reason(self) -> str:
        """Return why the session can't be left now, or an empty string if it can."""
        number = len(self.running)
        if number > 1:
            return f"{number} uploads are under way"
        return f"the upload of {self.running[0].plan.file_name} is under way" if number else ""

    def add(
        self, plan: UploadPlan, digest: FileDigest | None = None, *, unrecorded: bool = False
    ) -> UploadJob:
        """Add an upload, which begins at once unless another one of the same model is before it.

        Args:
            plan: The upload.
            digest: The file's hash, if it is known already.
            unrecorded: Send it even if it can't be recorded in the history.
        """
        job = UploadJob(plan, digest, self._ticks, unrecorded=unrecorded)
        self.jobs.append(job)
        self._run(self._work(job))
        return job

    def cancel(self, job: UploadJob) -> None:
        """Cancel a job; ``job.cancelling`` says beforehand how it ends then."""
        job.cancelled.set()

    def remove(self, job: UploadJob) -> None:
        """Forget a job that has ended."""
        if job.has_ended and job in self.jobs:
            self.jobs.remove(job)

    def look_ended(self, job: UploadJob, outcome: UploadOutcome) -> None:
        """Take in the outcome of a job that was looked up again."""
        job.outcome = outcome
        self._on_change(job)

    async def _work(self, job: UploadJob) -> None:
        plan = job.plan
        turn = self._turns.setdefault((plan.workspace_id, plan.name), asyncio.Lock())
        # Its place is taken now, before the file is read.
        waiting: asyncio.Task[bool] = asyncio.create_task(turn.acquire())
        try:
            digest = job.digest or await self._digest(job)
            await unless(job.cancelled, waiting)
            job.outcome = await self._send(
                plan,
                digest,
                on_progress=lambda sent: self._progress(job, sent),
                on_stage=lambda stage: self._enter(job, _OF_STAGE[stage]),
                cancelled=job.cancelled,
                unrecorded=job.unrecorded,
            )
        except WltuiError as error:
            job.error = error
        finally:
            waiting.cancel()
            (is_acquired,) = await asyncio.gather(waiting, return_exceptions=True)
            if is_acquired is True:
                turn.release()
            self._enter(job, State.ENDED)

    async def _digest(self, job: UploadJob) -> FileDigest:
        self._enter(job, State.HASHING)

        def report(done: int, size: int) -> None:
            job.size = size
            self._progress(job, done)

        job.digest = digest = await unless(job.cancelled, digest_in_thread(job.plan.file, report))
        job.size = digest.size
        self._enter(job, State.WAITING)
        return digest

    def _progress(self, job: UploadJob, done: int) -> None:
        job.progress(done)
        now = self._ticks()
        if now - self._reported >= REPORT_PAUSE:
            self._reported = now
            self._on_change(job)

    def _enter(self, job: UploadJob, state: State) -> None:
        job.enter(state)
        self._on_change(job)
