"""The config editor: begins from the newest config, read live, and sends a whole one."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime

from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from wltui.config_edit import FIELD, FIELDS, ConfigEdit, Draft
from wltui.errors import WltuiError
from wltui.records import ModelConfig, ModelVersion
from wltui.schema import SchemaError, decode, lines
from wltui.service import NO_CONFIG, Outcome, Saved, VersionDetail
from wltui.ui.spans import Role, Spans, wrap
from wltui.ui.widgets.config_form import EDITED, ConfigForm
from wltui.ui.widgets.diff_view import diff_lines
from wltui.ui.widgets.line import Line
from wltui.ui.widgets.pager import Pager
from wltui.ui.words import clock_time, count

from .frame import Frame

ONLY_SHOWN = tuple(spec for spec in FIELDS if spec.key not in EDITED)


class ConfigEditor(Frame[None]):
    """Edits some fields of a version's config; all others are carried along as they are."""

    CSS_PATH = "config_editor.tcss"
    FOOTER = ("editor.reload", "editor.save", "editor.next", "editor.reset", "frame.back")
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    BINDINGS = [
        Binding("ctrl+s", "save", "Review & save", id="editor.save", tooltip="see the change and the request; send it"),
        Binding("down,tab", "app.focus_next", "Next field", id="editor.next", tooltip="to the next field"),
        Binding("up,shift+tab", "app.focus_previous", "Previous", id="editor.previous", tooltip="to the field before",
                show=False),
        Binding("ctrl+r", "reset", "Reset field", id="editor.reset", tooltip="put the field back as the server has it"),
        Binding("r", "reload", "Read again", id="editor.reload", tooltip="read the config again"),
        Binding("backspace", "stay", show=False),
        Binding("escape", "back", "Leave", id="frame.back", tooltip="leave; what was typed is kept until you quit"),
    ]  # fmt: skip

    def __init__(self, version: ModelVersion) -> None:
        super().__init__()
        self.version = version
        self.detail: VersionDetail | None = None
        self.read_at: datetime | None = None
        """When the config that the edit begins from was read."""
        self.failed = False
        """Whether it could not be read."""
        self.uncertain = False
        """Whether a save's outcome is not known."""
        self._typing: Widget | None = None

    @property
    def saving(self) -> bool:
        """Whether this version's config is on its way."""
        return self.version.id in self.app.being_saved

    @property
    def crumb(self) -> Spans:
        return ((f"Edit config of version {self.version.id}", Role.PLAIN),)

    @property
    def form(self) -> ConfigForm:
        """The fields."""
        return self.query_one(ConfigForm)

    def body(self) -> Iterable[Widget]:
        change = Pager(id="change")
        change.can_focus = False
        form = ConfigForm(self.glyphs, id="form")
        yield Horizontal(form, Vertical(Line(id="change-title"), change, id="change-pane"), id="panes")

    def on_mount(self) -> None:
        self.action_reload()

    def action_reload(self) -> None:
        """Read the config that the edit begins from."""
        self.failed = False
        self.refresh_bindings()
        self.notice("Reading the newest config", role=Role.PLAIN)
        self.start(self._load, group="read")

    async def _load(self) -> None:
        try:
            detail = await self.app.service.config_to_edit(self.version)
        except WltuiError as error:
            self.failed = True
            self.notice(f"{error}. r reads it again")
            self.refresh_bindings()
            return
        base = detail.config or ModelConfig(id=NO_CONFIG)
        shown = await asyncio.to_thread(shown_fields, base)
        kept = self.app.unsent.get(self.version.id)
        self.detail = detail
        self.form.disabled = not detail.complete
        self.read_at = self.app.service.clock()
        self.form.fill(_begin_from(base, self.version, kept), shown)
        self.form.focus_field(FIELDS[0].key)
        self._tell_beginning(detail, base, kept)
        self._show_change()

    def _tell_beginning(self, detail: VersionDetail, base: ModelConfig, kept: Draft | None) -> None:
        """Say what the form begins from, where that is not simply the newest config."""
        if not detail.complete:
            self.notice("This config can only be looked at: the server does not tell the whole of it (it has no "
                        "get_version_by_id), and a save would clear the fields that can't be read.",
                        role=Role.WARNING)  # fmt: skip
        elif kept and kept.edit.base.id != base.id:
            self.notice(f"Your unsent edit is back. It began from config {kept.edit.base.id}; the newest is now "
                        f"{base.id}, and your changes stand on top of that one.", role=Role.WARNING)  # fmt: skip
        elif kept:
            self.notice(
                "Your unsent edit is back. ctrl+r puts a field back as the server has it.", role=Role.WARNING
            )
        else:
            self.notice(None)

    # Typing

    def on_config_form_changed(self) -> None:
        draft = self.form.draft
        if draft is None or draft.is_empty:
            self.app.unsent.pop(self.version.id, None)
        else:
            self.app.unsent[self.version.id] = draft
        self._show_change()

    def _show_change(self) -> None:
        draft = self.form.draft
        if draft is None:
            return
        base = draft.edit.base.id
        began = f"from config {base}" if base != NO_CONFIG else "this is the version's first config"
        self.query_one("#change-title", Line).show((("Change", Role.ACCENT), (f"  {began}", Role.MUTED)))
        self.query_one("#change", Pager).show(lambda cells: _change_lines(draft.edit, cells))
        self.redraw()

    def status_spans(self) -> tuple[Spans, Spans]:
        draft = self.form.draft if self.is_mounted else None
        if self.saving:
            return (("Saving", Role.WARNING),), ()
        if draft is None:
            return (), ()
        if number := len(self.form.problems):
            return ((f"{number} field{'s are' if number > 1 else ' is'} wrong", Role.ERROR),), ()
        return (("No changes" if draft.is_empty else "Unsent changes", Role.PLAIN),), ()

    # Keys

    def action_reset(self) -> None:
        """Put the focused field back as the server has it."""
        if self.focused is not None:
            self.form.reset(self.focused)

    def why_off(self, action: str) -> str:
        if action == "reload":
            return "" if self.failed else "the config has been read"
        if action in ("save", "reset", "app.focus_next", "app.focus_previous") and self.detail is None:
            return "the config is not read yet"
        if action == "save":
            if self.uncertain:
                return "the outcome of the last save is not known: leave and open the editor again to look"
            if self.saving:
                return "a save is under way"
            if self.detail is not None and not self.detail.complete:
                return "this server cannot tell the whole config"
        return super().why_off(action)

    def action_save(self) -> None:
        """Review the change, and send it from there."""
        from .review import ReviewScreen

        draft = self.form.draft
        if draft is None:
            return
        if problems := self.form.problems:
            key, problem = next(iter(problems.items()))
            if not self.form.focus_field(key):
                self.flash(f"{FIELD[key].title}: {problem}")
        elif draft.is_empty:
            self.flash("There is nothing to save.")
        else:
            edit = draft.edit
            self.app.push_screen(
                ReviewScreen(self.version, edit), lambda send: self._send(edit) if send else None
            )

    def _send(self, edit: ConfigEdit) -> None:
        self.app.save(edit)
        self._lock()
        self.notice("Saving: sent once, then read back", role=Role.PLAIN)

    def save_failed(self, error: WltuiError) -> None:
        """The save was refused or not sent; the edit stays."""
        self._lock()
        self.notice(error)

    def save_ended(self, saved: Saved) -> None:
        """The outcome of the save is known, or that it can't be known."""
        self._lock()
        if saved.outcome is Outcome.TOOK:
            if self.app.screen is self:  # a covered screen counts as current too
                self.dismiss()
            else:
                self.action_reload()
            return
        why = f" ({saved.reason})" if saved.reason else ""
        if saved.outcome is Outcome.DID_NOT_TAKE:
            self.notice(f"The answer was lost{why}. The newest config is still the one you began from: the change did "
                        "not take. ctrl+s reviews it again.", role=Role.WARNING)  # fmt: skip
            return
        self.uncertain = True
        self.refresh_bindings()
        lost = (
            f"The answer was lost{why}"
            if saved.reason
            else "The save was answered, but not found when read back"
        )
        self.notice(f"{lost}: it can't be told yet whether the change took. Nothing is sent again by itself; leave and "
                    "open the editor again to look.", role=Role.WARNING)  # fmt: skip

    def action_stay(self) -> None:
        """Backspace outside a text box: in a form it is no way to leave."""

    def link_spans(self) -> Spans:
        if self.read_at is None:
            return ()
        return ((f"{self.glyphs.live} read {clock_time(self.read_at)}", Role.SUCCESS),)

    def _lock(self) -> None:
        """While a save is under way, nothing may be typed that it would not hold."""
        typing = self.focused if self.saving else self._typing
        self._typing = typing
        self.form.disabled = self.saving
        if typing is not None and not self.saving:
            typing.focus()
        self.refresh_bindings()
        self.redraw()


def shown_fields(config: ModelConfig) -> dict[str, Sequence[str]]:
    """The lines of the fields that are only shown, schemas field by field. Slow: it imports pyarrow."""
    return {spec.key: _shown(spec.key, getattr(config, spec.key)) for spec in ONLY_SHOWN}


def _shown(key: str, value: object) -> Sequence[str]:
    if not (key.endswith("_schema") and isinstance(value, str)):
        return [FIELD[key].tell(value)]
    try:
        return lines(decode(value)) or ["no fields"]
    except SchemaError as error:
        return [f"{error.what}: {error.why}"]


def _begin_from(base: ModelConfig, version: ModelVersion, kept: Draft | None) -> Draft:
    """What the user left unsent, on top of the newest config."""
    if kept is None:
        return Draft(ConfigEdit(version.id, base))
    edit = ConfigEdit(version.id, base)
    for key, value in kept.edit.values.items():
        edit = edit.with_value(key, value)
    return Draft(edit, kept.refused)


def _change_lines(edit: ConfigEdit, cells: int) -> Sequence[Spans]:
    changes = edit.changes()
    if not changes:
        return ((("Nothing yet.", Role.MUTED),),)
    lost = edit.lost()
    kept = len(FIELDS) - len(changes) - len(lost)
    total = f"{count(len(changes), 'field')} to change, {kept} kept as they are"
    warning = f"Not readable, so a save would clear them: {', '.join(lost)}"
    return (
        *diff_lines(changes, cells),
        (),
        *wrap(((total, Role.MUTED),), cells),
        *(wrap(((warning, Role.WARNING),), cells) if lost else ()),
    )
