"""The uploads of a session: send, look again, and settle those that a former program left open."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine

from wltui.api import calls
from wltui.core.errors import ApiFormatError, NoSuchEndpoint, WltuiError
from wltui.core.upload_frameworks import ARCHS
from wltui.core.upload_plan import UploadPlan
from wltui.service.exchange import Exchange
from wltui.store.upload_history import UploadHistory, UploadRecord

from . import send, settling
from .digest import FileDigest
from .outcome import UploadOutcome
from .queue import UploadJob, UploadQueue


class Uploads:
    """The uploads of a session, for screens and commands."""

    def __init__(
        self,
        exchange: Exchange,
        history: UploadHistory,
        user: str,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.history = history
        """Uploads and their outcomes."""
        self._sender = settling.Sender(exchange, history, user, wait)
        self._exchange = exchange
        self._default_arch: str | None = None
        """The answer of the instance, which is asked once; empty if it names none that is known."""

    async def default_arch(self) -> str:
        """Return the architecture that the instance names as its default, or an empty string if none is known.

        No failure is raised. If the instance can't be reached, its last answer is returned.
        """
        if self._default_arch is None:
            call = calls.default_arch()
            try:
                named = (await self._exchange.live(call)).value
            except (NoSuchEndpoint, ApiFormatError):
                named = None
            except WltuiError:
                cached = await self._exchange.cached(call)
                return _known(cached.value if cached else None)
            self._default_arch = _known(named)
        return self._default_arch

    async def send(
        self,
        plan: UploadPlan,
        digest: FileDigest,
        *,
        on_progress: Callable[[int], object] = lambda sent: None,
        on_stage: Callable[[send.Stage], object] = lambda stage: None,
        cancelled: asyncio.Event | None = None,
        unrecorded: bool = False,
    ) -> UploadOutcome:
        """Upload a file once and return the outcome; see :func:`wltui.service.upload.send.upload`."""
        return await send.upload(
            self._sender,
            plan,
            digest,
            on_progress=on_progress,
            on_stage=on_stage,
            cancelled=cancelled,
            unrecorded=unrecorded,
        )

    def queue(
        self,
        run: Callable[[Coroutine[object, object, None]], object],
        on_change: Callable[[UploadJob], object] = lambda job: None,
        ticks: Callable[[], float] = time.monotonic,
    ) -> UploadQueue:
        """Return a queue of uploads.

        Args:
            run: Starts a task that outlives the screen.
            on_change: Called when a job's state or progress has changed.
            ticks: Seconds on a clock that is never set.
        """
        return UploadQueue(self.send, run, on_change, ticks)

    async def look_again(self, result: UploadOutcome) -> UploadOutcome:
        """Fetch the model's versions once more for an upload whose outcome is unknown; nothing is sent."""
        return await settling.look_up(self._sender, result.record, result.reason)

    async def unsettled(self) -> tuple[UploadRecord, ...]:
        """Return the uploads whose outcome is not known, newest first; those that still run are among them."""
        return await settling.unsettled(self.history)

    async def unsettled_of(self, plan: UploadPlan, sha256: str) -> tuple[UploadRecord, ...]:
        """Return those of a file, by its hash, to the model of a plan."""
        place = plan.workspace_id, plan.name, sha256
        return tuple(
            record
            for record in await self.unsettled()
            if (record.workspace_id, record.model_name, record.sha256) == place
        )

    async def settle(self, record: UploadRecord) -> UploadOutcome | None:
        """Return the outcome of an upload that another program left open, as far as known; None if it still runs."""
        return await settling.settle(self._sender, record)


def _known(arch: str | None) -> str:
    return arch if arch in ARCHS else ""
