"""The uploads of a session: those that run outlive every screen, and what was typed for one is kept."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from wltui.core.records import ModelVersion, WorkspaceId
from wltui.core.threads import run_in_thread
from wltui.service.service import Service
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Spans
from wltui.ui.upload_entry import Upload

from .messages import Severity

if TYPE_CHECKING:  # a start imports none of them
    from wltui.core.upload_plan import UploadPlan
    from wltui.service.upload.digest import FileDigest
    from wltui.service.upload.queue import UploadJob, UploadQueue
    from wltui.ui.upload_draft import UploadDraft

Place = tuple[WorkspaceId, str]
"""The workspace and the model that a form was opened for; the name is empty for any model."""


class Uploads:
    """Know which files are being uploaded and what became of them; report each end."""

    def __init__(
        self,
        service: Callable[[], Service],
        *,
        run: Callable[[Coroutine[Any, Any, None]], object],
        announce: Callable[[str, str, Severity], None],
        on_change: Callable[[], None],
    ) -> None:
        """
        Args:
            service: Returns the service of the present session.
            run: Runs an upload to its end, even if its screen is left meanwhile.
            announce: Shows the end of an upload over any screen: title, text and severity.
            on_change: Called when something has changed that a screen shows.
        """
        self._service, self._run, self._announce, self._on_change = service, run, announce, on_change
        self._queue: UploadQueue | None = None
        self.all: list[Upload] = []
        """The uploads of this session, the newest first, and behind them those that former programs left open."""
        self.drafts: dict[Place, UploadDraft] = {}
        """What was typed and not sent."""
        self._shown: object = None
        self._ended: set[int] = set()
        self._forms: dict[int, tuple[Place, UploadDraft]] = {}
        """What was typed for the uploads that run, by the job's identity."""

    def forget(self) -> None:
        """Forget everything, for another session."""
        self._queue = None
        self.all, self.drafts, self._shown, self._ended, self._forms = [], {}, None, set(), {}

    @property
    def running(self) -> "list[UploadJob]":
        """The uploads that have not ended."""
        jobs = (upload.job for upload in self.all)
        return [job for job in jobs if job is not None and not job.has_ended]

    def busy_reason(self) -> str:
        """Return why the session can't be left now, or an empty string if it can."""
        return self._queue.busy_reason() if self._queue else ""

    @property
    def unsettled(self) -> list[Upload]:
        """The uploads whose outcome is not known, and may be found out by another look."""
        return [each for each in self.all if each.is_open]

    def status(self, glyphs: Glyphs) -> Spans:
        """Return what the status line of every screen shows of uploads; empty if there are none."""
        if not self.all:
            return ()
        from wltui.ui.text.upload_words import status_spans

        return status_spans(self.running, len(self.unsettled), glyphs)

    # Sending

    def send(
        self,
        plan: "UploadPlan",
        digest: "FileDigest",
        predecessor: ModelVersion | None,
        *,
        form: "tuple[Place, UploadDraft] | None" = None,
        unrecorded: bool = False,
    ) -> Upload:
        """Send a file once, in the background.

        Args:
            plan: The upload.
            digest: The file's hash as it was confirmed.
            predecessor: The version whose config the new one may get.
            form: What was typed for it, and where; it is put back if nothing is stored.
            unrecorded: Send it even if it can't be recorded in the history.
        """
        if self._queue is None:
            self._queue = self._service().uploads.queue(self._run, self._changed)
        job = self._queue.add(plan, digest, unrecorded=unrecorded)
        upload = Upload(plan.file_name, plan.name, digest.size, job, predecessor=predecessor)
        self.all.insert(0, upload)
        if form is not None:
            self._forms[id(job)] = form
            self.drafts.pop(form[0], None)
        return upload

    def cancel(self, upload: Upload) -> None:
        """Cancel an upload; ``upload.job.cancelling`` says what that means."""
        if self._queue and upload.job:
            self._queue.cancel(upload.job)

    def remove(self, upload: Upload) -> None:
        """Take an upload that has ended from the list."""
        if upload in self.all and (upload.job is None or upload.job.has_ended):
            self.all.remove(upload)
            if self._queue and upload.job:
                self._queue.remove(upload.job)
            self._on_change()

    def _changed(self, job: "UploadJob") -> None:
        from wltui.service.upload.queue import State
        from wltui.ui.text.upload_words import end_text, is_success, is_unknown, percent

        if job.has_ended and id(job) not in self._ended:
            self._ended.add(id(job))
            severity: Severity = (
                "information" if is_success(job) else "warning" if is_unknown(job) else "error"
            )
            self._put_form_back(job, is_stored=is_success(job) or is_unknown(job))
            if text := end_text(job):  # there is none if the program ends meanwhile
                self._announce(job.plan.file_name, text, severity)
        if job.state is State.TAKEN_IN:
            for upload in self.all:
                if upload.job is job and upload.sent_at is None:
                    upload.sent_at = self._service().clock()
        shown = job, job.state, percent(job.done, job.size)
        if shown != self._shown:
            self._shown = shown
            self._on_change()

    def _put_form_back(self, job: "UploadJob", *, is_stored: bool) -> None:
        """Keep what was typed for an upload of which nothing was stored, unless another form was begun there."""
        form = self._forms.pop(id(job), None)
        if form is not None and not is_stored:
            self.drafts.setdefault(*form)

    # Outcomes that are not known

    async def find_unsettled(self) -> None:
        """Find the uploads that former programs left open."""
        if not await run_in_thread(self._service().has_uploaded):
            return  # a start imports nothing for uploads then
        uploads = await run_in_thread(
            lambda: self._service().uploads
        )  # it imports modules that a start does not need
        known = {each.outcome.record.id for each in self.all if each.outcome}
        running = bool(self.running)
        for record in await uploads.unsettled():
            if record.id not in known and not running:
                self.all.append(Upload(record.file_name, record.model_name, record.size, record=record))
        if self.all:
            self._on_change()

    async def look_again(self, upload: Upload) -> None:
        """Look up the outcome of an upload once more; nothing is sent."""
        uploads = self._service().uploads
        upload.is_looking = True
        self._on_change()
        try:
            if upload.job is not None and upload.job.outcome is not None and self._queue is not None:
                self._queue.look_ended(upload.job, await uploads.look_again(upload.job.outcome))
            elif upload.record is not None:
                found = await uploads.settle(upload.record)
                upload.still_runs, upload.found = found is None, found
        finally:
            upload.is_looking = False
            self._on_change()
