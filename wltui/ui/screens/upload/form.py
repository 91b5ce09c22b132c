"""The form of an upload: what can be known of the file is filled in while it is read."""

from collections.abc import Iterable

from textual.binding import Binding
from textual.widget import Widget

from wltui.core.threads import run_in_thread
from wltui.service.upload.preparing import (
    describe_target,
    order_frameworks,
)
from wltui.ui.actions import disabled_if
from wltui.ui.text.format import size
from wltui.ui.text.spans import Role, Spans
from wltui.ui.text.upload_words import finding_spans, percent
from wltui.ui.upload_draft import SCHEMAS, UploadDraft, schema_text
from wltui.ui.widgets.text_field import TextField
from wltui.ui.widgets.upload_form import UploadForm

from .reading import UploadReading
from .review import Ready


def no_schema(screen: "UploadScreen") -> str:
    """Return why no schema can be read from a file, or an empty string if one can."""
    return "" if screen.form.field in SCHEMAS else "the cursor is in no schema"


class UploadScreen(UploadReading):
    """Asks for a file and how the platform is to take it; what was typed is kept while the session lasts."""

    IN_HAND = "leave the form first; what was typed is kept"
    FOOTER = ("upload.review", "path.complete", "upload.next", "upload.schema", "upload.anew", "frame.back")
    BINDINGS = [
        Binding("ctrl+s", "review", "Review", id="upload.review", tooltip="see what would be sent; send it"),
        Binding("down", "app.focus_next", "Next field", id="upload.next", tooltip="to the next field"),
        Binding("up,shift+tab", "app.focus_previous", "Previous", id="upload.previous", tooltip="to the field before",
                show=False),
        Binding("f3", "schema", "From file", id="upload.schema", tooltip="take a schema from an Arrow or Parquet file"),
        Binding("ctrl+n", "anew", "Clear", id="upload.anew", tooltip="throw away what was typed here"),
        Binding("escape", "back", "Leave", id="frame.back", tooltip="leave; what was typed is kept"),
        Binding("backspace", "stay", show=False),
    ]  # fmt: skip

    @property
    def crumb(self) -> Spans:
        return (("Upload", Role.PLAIN),)

    @property
    def box(self) -> TextField:
        return self.query_one("#main", TextField)

    def body(self) -> Iterable[Widget]:
        draft = self.app.uploads.drafts.get((self.workspace_id, self.model_name))
        yield UploadForm(draft or self._empty, self.glyphs)

    @property
    def _empty(self) -> UploadDraft:
        given = frozenset({"name"} if self.model_name else ())
        return UploadDraft(name=self.model_name, given=given)

    def on_mount(self) -> None:
        self.start(self.read_models, group="models")
        self.start(self.read_default_arch, group="arch")
        if self.form.draft.file:
            self.look_at(self.form.draft.file)
        self.show_known()

    def status_spans(self) -> tuple[Spans, Spans]:
        contents, digest = self.contents, self.digest
        left: Spans = ((f"to {self.shown(self.app.workspace_label(self.workspace_id))}", Role.PLAIN),)
        if contents is not None and digest is None and self.path is not None:
            left = ((f"Reading the file, {percent(self.done, contents.size)} %", Role.PLAIN),)
        return left, ()

    # What is typed

    def on_upload_form_changed(self, event: UploadForm.Changed) -> None:
        self.app.uploads.drafts[self.workspace_id, self.model_name] = self.form.draft
        self.notice(None)
        if event.key == "file":
            self.look_at(self.form.draft.file)
        self.check()

    def action_complete(self) -> None:
        """Complete the path; from another field, and from a path that is complete, go to the next field."""
        if self.box.has_focus and self.path is None:
            super().action_complete()
        else:
            self.screen.focus_next()

    def action_stay(self) -> None:
        """Do nothing: outside a text box, backspace must not leave a form."""

    def action_anew(self) -> None:
        """Throw away what was typed."""
        self.app.uploads.drafts.pop((self.workspace_id, self.model_name), None)
        self.start(self._begin_anew, group="file")

    async def _begin_anew(self) -> None:
        self.forget_file()
        self.schemas_of = None
        self.form.offer_frameworks(order_frameworks(None), is_chosen=False)
        await self.form.show_draft(self._empty)
        self.box.focus()
        self.check()

    @disabled_if(no_schema)
    def action_schema(self) -> None:
        """Read a schema from a file into the field under the cursor."""
        from wltui.ui.screens.editor.schema_file import SchemaFileScreen

        key = self.form.field

        async def read(encoded: str | None) -> None:
            if encoded is not None:
                self.form.take_schema(key, await run_in_thread(schema_text, key, encoded))
                self.form.focus_field(key)

        self.app.push_screen(SchemaFileScreen(key.replace("_", " ").capitalize()), read)

    # What is shown

    def show_known(self) -> None:
        if not self.is_mounted:
            return
        notes: dict[str, list[Spans]] = {"file": self._file_notes(), "name": self._name_notes()}
        if (guess := self.guess) and guess.why and guess.framework in ("", self.form.draft.framework):
            notes["framework"] = [((self.shown(guess.why), Role.MUTED),)]
        if not self.form.draft.framework:
            hint: Spans = (("type the first letters of one to go there", Role.MUTED),)
            notes["framework"] = [*notes.get("framework", ()), hint]
        if self.hardware.source and "arch" not in self.form.draft.given:
            notes["arch"] = [((self.hardware.source, Role.MUTED),)]
        if self.schemas_of is not None and not self.form.draft.given & set(SCHEMAS):
            notes["input_schema"] = [((f"from version {self.schemas_of.id}", Role.MUTED),)]
        for finding in self.findings:
            notes.setdefault(finding.place, []).append(finding_spans(finding, self.glyphs))
        for key, problem in (self.built.problems if self.built else {}).items():
            notes.setdefault(key, []).append(((problem, Role.ERROR),))
        self.form.show_notes(notes)
        self.show_status()

    def _file_notes(self) -> list[Spans]:
        if self.trouble:
            return [((self.glyphs.text(f"{self.trouble.rstrip('.')}."), Role.WARNING),)]
        if self.contents is None:
            complete = f"{self.key_of('path.complete')} completes the path; ~ is your home"
            return [] if self.form.draft.file else [((complete, Role.MUTED),)]
        digest = self.digest
        read = f"{percent(self.done, self.contents.size)} % read"
        sha = f"SHA-256 {digest.sha256[:12]}" if digest else read
        return [((f"{size(self.contents.size)}, {self.contents.kind.value}, {sha}", Role.MUTED),)]

    def _name_notes(self) -> list[Spans]:
        name = self.form.draft.name.strip()
        if self.unread:
            return [((f"{self.glyphs.text(self.unread)}, so its versions are not known.", Role.WARNING),)]
        if self.models is None:
            return [(("reading the models of the workspace", Role.MUTED),)]
        words = describe_target(self.target, self.shown(name))
        return [((words, Role.ACCENT if self.target and self.target.model else Role.MUTED),)] if words else []

    # Sending

    def action_review(self) -> None:
        """Open the review of the upload, from which it is sent."""
        self.start(self._review, group="review")

    async def _review(self) -> None:
        from .review import UploadReview

        if why := self._missing():
            self.flash(why)
            return
        await self.check_all()
        built, digest = self.built, self.digest
        if built is None or digest is None or self.app.screen is not self:
            return
        if built.plan.file != self.path:  # another path was typed meanwhile
            return
        if built.problems:
            key = next(iter(built.problems))
            self.form.focus_field(key)
            self.flash(built.problems[key])
            return
        ready = Ready(built.plan, digest, self.findings, self.target)
        self.app.push_screen(UploadReview(ready), lambda send: self._send(ready) if send else None)

    def _missing(self) -> str:
        """Return what has to be filled in or waited for before the review, with the cursor there."""
        draft = self.form.draft
        if not draft.file.strip() or self.path is None:
            self.form.focus_field("file")
            return "Choose a file first."
        if not draft.name.strip():
            self.form.focus_field("name")
            return "The model needs a name."
        if not draft.framework:
            self.form.focus_field("framework")
            return "Choose a framework."
        if self.digest is None and self.contents is not None:
            return f"The file is still being read: {percent(self.done, self.contents.size)} %."
        return ""

    def _send(self, ready: Ready) -> None:
        predecessor = ready.target.with_config if ready.target else None
        place = self.workspace_id, self.model_name
        form = place, self.form.draft
        upload = self.app.uploads.send(ready.plan, ready.digest, predecessor, form=form)
        self.dismiss(upload)
