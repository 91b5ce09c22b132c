"""The uploads of the session, and those that former programs left open: how far each is, and what became of it."""

from collections.abc import Iterable, Sequence
from functools import partial

from msgspec import Struct
from textual.binding import Binding
from textual.widget import Widget

from wltui.core.errors import HistoryUnwritable, WltuiError
from wltui.core.records import ModelVersion, Outcome
from wltui.ui.actions import disabled_if, hidden_if
from wltui.ui.screens.base.frame import Frame
from wltui.ui.text.format import day_time, size
from wltui.ui.text.spans import Role, Spans, wrap
from wltui.ui.text.upload_words import (
    end_text,
    outcome_word,
    running_lines,
    short_state,
)
from wltui.ui.upload_entry import Upload
from wltui.ui.widgets.block import Block
from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.table.table import RecordTable


class Row(Struct, frozen=True):
    """An upload as a line of the table shows it."""

    upload: Upload
    state: str


def no_upload(screen: "UploadsScreen") -> str:
    """Return why there is no upload to act on, or an empty string if there is one."""
    return "" if screen.upload is not None else "there is no upload"


def not_running(screen: "UploadsScreen") -> str:
    """Return why the upload can't be cancelled, or an empty string if it can."""
    upload = screen.upload
    return "" if upload and upload.job and not upload.job.has_ended else "it is not under way"


def still_running(screen: "UploadsScreen") -> str:
    """Return why the upload can't be taken from the list, or an empty string if it can."""
    return "" if not_running(screen) else "it is under way"


def no_version(screen: "UploadsScreen") -> str:
    """Return why no version can be opened, or an empty string if one can."""
    return "" if screen.version is not None else "no version is known to be made by it"


def no_predecessor(screen: "UploadsScreen") -> str:
    """Return why the new version can't get the config of an earlier one, or an empty string if it can."""
    if why := no_version(screen):
        return why
    if screen.app.settings.read_only:
        return "this session is read-only"
    return "" if screen.upload and screen.upload.predecessor else "the model had no version before"


def is_recorded(screen: "UploadsScreen") -> bool:
    """Return whether the upload under the cursor did not fail for want of a record in the history."""
    job = screen.upload.job if screen.upload else None
    return job is None or not isinstance(job.error, HistoryUnwritable)


def nothing_to_look_up(screen: "UploadsScreen") -> str:
    """Return why there is nothing to look up, or an empty string if there is."""
    upload = screen.upload
    if upload is None:
        return "there is no upload"
    if upload.is_looking:
        return "it is being looked up"
    if upload.is_open:
        return ""
    return (
        "it is under way"
        if upload.job and not upload.job.has_ended
        else "another look finds out nothing more"
    )


class UploadsScreen(Frame[None]):
    """A line for each upload, and below it all that is known of the one under the cursor."""

    SHOWS_UPLOADS = True
    FOOTER = (
        "uploads.unrecorded",
        "uploads.open",
        "uploads.configure",
        "uploads.look",
        "uploads.cancel",
        "uploads.remove",
        "frame.back",
    )
    CSS = """
    UploadsScreen RecordTable { height: 1fr; }
    UploadsScreen #about { height: auto; max-height: 50vh; border-top: solid $border; padding: 0 1; }
    UploadsScreen.-ascii #about { border-top: ascii $border; }
    """
    BINDINGS = [
        Binding("enter", "open", "Open", id="uploads.open", tooltip="open the version that it made", priority=True),
        Binding("e", "configure", "Configure", id="uploads.configure",
                tooltip="give the new version the config of the one before it, in the editor"),
        Binding("f5,r", "look", "Look again", id="uploads.look", tooltip="look whether it was stored; sends nothing"),
        Binding("x", "cancel", "Cancel", id="uploads.cancel",
                tooltip="cancel the upload; asks, and says what that means"),
        Binding("s", "send_unrecorded", "Send all the same", id="uploads.unrecorded",
                tooltip="upload a file though the history can't be written; asks"),
        Binding("delete", "remove", "Remove", id="uploads.remove",
                tooltip="take an upload that has ended from the list"),
    ]  # fmt: skip

    def __init__(self, upload: Upload | None = None) -> None:
        """
        Args:
            upload: The upload under the cursor at first; None for the newest.
        """
        super().__init__()
        self._first = upload

    @property
    def crumb(self) -> Spans:
        return (("Uploads", Role.PLAIN),)

    @property
    def table(self) -> RecordTable[Row]:
        """The table of uploads."""
        return self.query_one(RecordTable)

    @property
    def upload(self) -> Upload | None:
        """The upload under the cursor, or None if there is none."""
        row = self.table.record if self.is_mounted else None
        return row.upload if row else None

    @property
    def version(self) -> ModelVersion | None:
        """The version that the upload under the cursor made, if it is known."""
        outcome = self.upload.outcome if self.upload else None
        return outcome.version if outcome else None

    def body(self) -> Iterable[Widget]:
        yield RecordTable(self._columns(), lambda row: id(row.upload), glyphs=self.glyphs, id="main")
        yield Block(self._lines, id="about")

    def on_mount(self) -> None:
        self.table.placeholder = ((f"No file has been uploaded in this session. {self.key_of('upload.begin')} on a "
                                    "list of models begins one.", Role.MUTED),)  # fmt: skip
        self.table.show(self._rows(), news=False)
        self.move_to(self._first)
        for upload in self.app.uploads.unsettled:
            self.run_worker(self._look(upload), group="settle", exit_on_error=False)

    def move_to(self, upload: Upload | None) -> None:
        """Move the cursor to an upload, if there is one."""
        if upload is not None:
            self.redraw()
            self.table.move_to(id(upload))

    def redraw(self) -> None:
        if self.is_mounted:
            self.table.show(self._rows(), news=False)
            self._show_about()
            self.refresh_bindings()
        super().redraw()

    def on_record_table_moved(self) -> None:
        self._show_about()
        self.refresh_bindings()

    def _show_about(self) -> None:
        self.query_one("#about", Block).show(self._lines)

    def _rows(self) -> list[Row]:
        return [_row(upload) for upload in self.app.uploads.all]

    def _columns(self) -> Sequence[Column[Row]]:
        def model(row: Row, _: int) -> Spans:
            return ((self.shown(row.upload.model_name), Role.BOLD),)

        def file(row: Row, _: int) -> Spans:
            return ((self.shown(row.upload.file_name), Role.PLAIN),)

        def state(row: Row, _: int) -> Spans:
            return (_state_spans(row, self.glyphs.ready, self.glyphs.error, self.glyphs.upload),)

        return (
            Column("state", "State", lambda r: r.state, cell=state, width=18),
            Column("model", "Model", lambda r: r.upload.model_name, cell=model, width=20,
                   flex=2, cut="middle"),
            Column("file", "File", lambda r: r.upload.file_name, cell=file, width=18, flex=2, cut="middle"),
            Column("size", "Size", lambda r: size(r.upload.size), sort=lambda r: r.upload.size, width=10, align="right",
                   priority=1),
        )  # fmt: skip

    def _lines(self, cells: int) -> Sequence[Spans]:
        upload = self.upload
        if upload is None:
            return ()
        lines: list[Spans] = []
        for spans in self._about(upload, cells):
            lines += wrap(spans, cells)
        return lines

    def _about(self, upload: Upload, cells: int) -> Iterable[Spans]:
        job = upload.job
        if job is not None and not job.has_ended:
            yield from running_lines(job, cells, self.glyphs, sent_at=upload.sent_at)
            yield (("esc leaves it running. It goes on as long as wltui does.", Role.MUTED),)
            return
        if upload.is_looking:
            yield (("Looking whether it was stored.", Role.PLAIN),)
        elif upload.still_runs:
            yield (("Another wltui on this host is sending it.", Role.PLAIN),)
        elif upload.outcome is not None:
            role = Role.PLAIN if upload.outcome.outcome is Outcome.SAVED else Role.WARNING
            yield ((self.glyphs.text(upload.outcome.text), role),)
        elif job is not None:
            yield ((self.glyphs.text(end_text(job)), Role.WARNING),)
        elif upload.record is not None:
            began = day_time(upload.record.began.time.isoformat())
            text = f"An earlier wltui began it on {began}, and did not see its end."
            yield ((f"{text} {self.key_of('uploads.look')} looks.", Role.WARNING),)
        yield from self._next_steps(upload)

    def _next_steps(self, upload: Upload) -> Iterable[Spans]:
        steps = []
        if self.version is not None:
            steps.append(("uploads.open", "opens the version, and its status is followed there."))
        if not no_predecessor(self) and upload.predecessor is not None:
            like = f"configures it like version {upload.predecessor.id}"
            steps.append(("uploads.configure", f"{like}: in the editor, then in its review."))
        if upload.is_refused:
            steps.append(("upload.begin", "where it was begun opens the form again, as it was."))
        if upload.outcome is not None and not nothing_to_look_up(self):
            steps.append(("uploads.look", "looks again. Nothing is ever sent twice."))
        for name, text in steps:
            yield ((f"{self.key_of(name)} {text}", Role.MUTED),)

    # Keys

    def on_record_table_opened(self) -> None:
        self.action_open()

    @disabled_if(no_upload, no_version)
    def action_open(self) -> None:
        """Open the version that the upload made."""
        from wltui.ui.screens.version import VersionScreen

        if (version := self.version) is not None:
            self.app.push_screen(VersionScreen(version))

    @disabled_if(no_upload, no_predecessor)
    def action_configure(self) -> None:
        """Open the editor of the new version with the config of the one before it."""
        from wltui.ui.screens.editor.editor import ConfigEditor

        version, upload = self.version, self.upload
        if version is not None and upload is not None and upload.predecessor is not None:
            self.app.push_screen(ConfigEditor(version, copy_from=upload.predecessor))

    @disabled_if(nothing_to_look_up)
    def action_look(self) -> None:
        """Look up what became of the upload."""
        if (upload := self.upload) is not None:
            self.start(partial(self._look, upload), group="look")

    async def _look(self, upload: Upload) -> None:
        try:
            await self.app.uploads.look_again(upload)
        except WltuiError as error:
            self.notice(error)
        self.redraw()

    @disabled_if(not_running)
    def action_cancel(self) -> None:
        """Ask whether to cancel the upload, and say what that means."""
        self._ask_to_cancel(self.upload)

    def _ask_to_cancel(self, upload: Upload | None) -> None:
        from wltui.ui.screens.confirm import ConfirmScreen

        job = upload.job if upload else None
        if upload is None or job is None or job.has_ended:
            return
        state = job.state
        lines: list[Spans] = [((self.shown(job.plan.file_name), Role.BOLD),), ((job.cancelling, Role.PLAIN),)]
        question = ConfirmScreen("Cancel the upload?", lines, keep="Go on", go="Cancel it")
        question.holds = lambda: job.state is state

        def answered(go: bool | None) -> None:
            if go:
                self.app.uploads.cancel(upload)
            elif go is None:  # to cancel it means something else now
                self._ask_to_cancel(upload)

        self.app.push_screen(question, answered)

    @hidden_if(is_recorded)
    def action_send_unrecorded(self) -> None:
        """Ask whether to send a file that could not be recorded first; nothing has been sent of it."""
        from wltui.ui.screens.confirm import ConfirmScreen

        upload = self.upload
        if upload is None or upload.job is None:
            return
        lines: list[Spans] = [
            ((self.glyphs.text(str(upload.job.error)), Role.WARNING),),
            (("Sent all the same, it can't be settled by the next start if this one ends before the answer.",
              Role.PLAIN),),
        ]  # fmt: skip
        question = ConfirmScreen("Send unrecorded?", lines, keep="Don't send", go="Send all the same")
        self.app.push_screen(question, lambda go: self._send_unrecorded(upload) if go else None)

    def _send_unrecorded(self, upload: Upload) -> None:
        job = upload.job
        if job is not None and job.digest is not None:
            self.app.uploads.remove(upload)
            self.move_to(self.app.uploads.send(job.plan, job.digest, upload.predecessor, unrecorded=True))

    @disabled_if(no_upload, still_running)
    def action_remove(self) -> None:
        """Take an upload that has ended from the list; what was stored stays."""
        if (upload := self.upload) is not None:
            self.app.uploads.remove(upload)
            self.redraw()


def _row(upload: Upload) -> Row:
    if upload.job is not None:
        return Row(upload, short_state(upload.job))
    found = outcome_word(upload.found) if upload.found else "unsettled"
    return Row(upload, "under way" if upload.still_runs else found)


def _state_spans(row: Row, ready: str, error: str, under_way: str) -> tuple[str, Role]:
    outcome, job = row.upload.outcome, row.upload.job
    if job is not None and not job.has_ended:
        return f"{under_way} {row.state}", Role.ACCENT
    if outcome is None:
        return (f"{error} {row.state}", Role.ERROR) if job else (f"? {row.state}", Role.WARNING)
    if outcome.outcome is Outcome.SAVED:
        return f"{ready} {row.state}", Role.SUCCESS
    is_open = outcome.outcome is Outcome.UNKNOWN
    return (f"? {row.state}", Role.WARNING) if is_open else (f"{error} {row.state}", Role.ERROR)
