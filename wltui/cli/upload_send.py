"""Send an upload from the command line: ask, send it once, say what became of it.

Standard output has the result alone: the id of the version, or a JSON record. All else goes to standard error.
"""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from msgspec import Struct

from wltui.config.syntax import json_text
from wltui.core.errors import (
    OutcomeUnknown,
    WltuiError,
)
from wltui.core.records import ModelVersion, Outcome, VersionId
from wltui.core.settings import Settings
from wltui.lifecycle.console import OutputLost, exit_code, say
from wltui.service.service import Service
from wltui.service.upload.outcome import UploadOutcome
from wltui.service.upload.queue import State, UploadJob
from wltui.ui.text.format import day_time
from wltui.ui.text.upload_words import progress_text

from .confirm import Ask, confirm_send
from .records import Progress
from .save_text import say_line
from .upload_prepare import Prepared, UploadFlags

FORMAT = 1
"""The format of JSON records."""
FAILED, UNKNOWN = 1, 8
"""Exit codes."""


class Sent(Struct, frozen=True):
    """The end of an upload."""

    outcome: UploadOutcome | None
    """None if nothing was sent."""
    error: WltuiError | None
    is_interrupted: bool
    """Whether ctrl+c ended it."""


class Uploader:
    """Uploads a file in one session.

    Args:
        service: The session's service.
        settings: Its settings.
        flags: The flags.
        ask: Asks the user; None if there is no terminal.
    """

    def __init__(
        self, service: Service, settings: Settings, flags: UploadFlags, ask: Ask | None = None
    ) -> None:
        self.service, self.settings, self.flags, self._ask = service, settings, flags, ask
        self._progress = Progress()

    async def confirm(self, ready: Prepared) -> None:
        """Return once somebody has confirmed the upload.

        Raises:
            SaveDeclined: nobody has.
            OutcomeUnknown: it is not known whether an earlier upload of this file was stored, and nobody can be asked.
        """
        not_sent = f"{ready.plan.file_name} was not uploaded"
        doubt = await self._earlier(ready)
        await confirm_send(
            self._ask,
            self.settings,
            ready.plan.name,
            not_sent,
            yes=self.flags.yes,
            confirm=self.flags.confirm,
            doubt=OutcomeUnknown(not_sent, doubt, "Run it again later, or on a terminal, where you are asked")
            if doubt
            else None,
        )

    async def _earlier(self, ready: Prepared) -> str:
        """Settle earlier uploads of this file to this model; return why one is still in doubt, or an empty string."""
        uploads, plan = self.service.uploads, ready.plan
        for record in await uploads.unsettled_of(plan, ready.digest.sha256):
            began = day_time(record.began.time.isoformat())
            outcome = await uploads.settle(record)
            if outcome is None:
                return f"another wltui has been sending this very file to {plan.name} since {began}"
            say_line(f"Your upload of {began}: {outcome.text}")
            if outcome.outcome is Outcome.UNKNOWN:
                return f"it is not known whether your upload of {began} was stored"
        return ""

    # Sending

    async def send(self, ready: Prepared) -> Sent:
        """Send the file once; the first ctrl+c cancels it and shows what is known then, the second ends all."""
        tasks: list[asyncio.Task[None]] = []

        def run(work: Coroutine[Any, Any, None]) -> None:
            tasks.append(asyncio.create_task(work))

        queue = self.service.uploads.queue(run, self._show_progress, time.monotonic)
        job = queue.add(ready.plan, ready.digest, unrecorded=self.flags.unrecorded)
        is_interrupted = False
        try:
            await asyncio.shield(tasks[0])
        except asyncio.CancelledError:
            is_interrupted, meaning = True, job.cancelling
            queue.cancel(job)
            with suppress(OutputLost):  # nobody reads any more, and the outcome is found out all the same
                self._progress.show("")
                if meaning:
                    say_line(f"{meaning} ctrl+c again ends wltui all the same.")
            await tasks[0]
        finally:
            with suppress(OutputLost):
                self._progress.show("")
        return Sent(job.outcome, job.error, is_interrupted)

    def _show_progress(self, job: UploadJob) -> None:
        with suppress(OutputLost):
            if job.state is State.SENDING:
                self._progress.show(progress_text(job))
            elif job.state is not State.ENDED:
                self._progress.show(f"{job.plan.file_name} {job.state.value}")

    # Results

    def print_request(self, ready: Prepared) -> None:
        """Print what would be sent."""
        from wltui.api.snippet_upload import UPLOADS
        from wltui.api.snippets import target_of

        if program := UPLOADS.get(self.flags.output):
            say(program(ready.plan, target_of(self.settings)), end="")
        else:
            say(json_text.format(ready.plan.metadata(), indent=2))

    def end(self, sent: Sent) -> int:
        """Say what became of it, and return the exit code."""
        outcome = sent.outcome
        if outcome is None:
            if sent.error is not None and not sent.is_interrupted:
                raise sent.error
            if sent.error is not None:
                say_line(str(sent.error))
            return 130
        say_line(outcome.text)
        code = _code(outcome)
        return 130 if sent.is_interrupted and code != UNKNOWN else code


def version_id(sent: Sent) -> VersionId | None:
    """Return the version that an upload made, or the one that the answer named if none could be read; None if neither
    is known.
    """
    outcome = sent.outcome
    if outcome is None or outcome.outcome is not Outcome.SAVED:
        return None
    if outcome.version:
        return outcome.version.id
    return outcome.answered if outcome.unread else None


def upload_record(
    ready: Prepared, sent: Sent, version: ModelVersion | None, config_saved: bool | None
) -> dict[str, object]:
    """Return an upload as JSON.

    Args:
        ready: The upload.
        sent: Its end.
        version: The version as it was last read, if it was followed.
        config_saved: Whether it got the config that it was to get; None if it was to get none.
    """
    plan = ready.plan
    outcome = sent.outcome
    error = sent.error or (outcome.reason if outcome and outcome.outcome is not Outcome.SAVED else None)
    last = version or (outcome.version if outcome else None)
    return {
        "format": FORMAT,
        "file": plan.file_name,
        "sha256": ready.digest.sha256,
        "size": ready.digest.size,
        "workspace_id": plan.workspace_id,
        "model_name": plan.name,
        "framework": plan.framework,
        "route": plan.route,
        "outcome": outcome.outcome.name.lower() if outcome else "not_sent",
        "version_id": version_id(sent),
        "status": last.status if last else None,
        "reason": str(error) if error else last.error_summary if last else None,
        "config_saved": config_saved,
    }


def _code(outcome: UploadOutcome) -> int:
    if outcome.outcome is Outcome.SAVED:
        return 0
    if outcome.outcome is Outcome.UNKNOWN:
        return UNKNOWN
    reason = outcome.reason
    return FAILED if reason is None or isinstance(reason, OutcomeUnknown) else exit_code(reason)
