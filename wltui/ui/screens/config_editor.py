"""The config editor: a form that begins from the newest config and sends a whole one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input

from wltui.config_edit import FIELD, FIELDS, ConfigEdit, Problem, batch_choices
from wltui.errors import WltuiError
from wltui.records import UNSET, ModelVersion
from wltui.service import NO_CONFIG, Outcome, Saved, VersionDetail
from wltui.ui.spans import Role, Spans, wrap
from wltui.ui.widgets.choice import Choice
from wltui.ui.widgets.diff_view import diff_lines
from wltui.ui.widgets.field_row import FieldRow
from wltui.ui.widgets.line import Line
from wltui.ui.widgets.pager import Pager

from .frame import Frame

NULL_BATCH, UNREAD_BATCH = "", "\0"
"""How the choice calls the value null, and one that is not readable."""
BATCH_TITLES = {NULL_BATCH: "multiple rows", "single": "single"}


class ConfigEditor(Frame[None]):
    """Edits some fields of a version's config; all others are carried along as they are."""

    CSS_PATH = "config_editor.tcss"
    FOOTER = ("editor.save", "editor.next", "editor.reset", "frame.back")
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    BINDINGS = [
        Binding("ctrl+s", "save", "Review & save", id="editor.save", tooltip="see the change and the request; send it"),
        Binding("down,tab", "next_field", "Next field", id="editor.next", tooltip="to the next field"),
        Binding("up,shift+tab", "previous_field", "Previous", id="editor.previous", tooltip="to the field before",
                show=False),
        Binding("ctrl+r", "reset", "Reset field", id="editor.reset", tooltip="put the field back as the server has it"),
        Binding("escape", "back", "Leave", id="frame.back", tooltip="leave; what was typed is kept until you quit"),
    ]  # fmt: skip

    def __init__(self, version: ModelVersion) -> None:
        super().__init__()
        self.version = version
        self.detail: VersionDetail | None = None
        self.edit: ConfigEdit | None = None
        self.problems: dict[str, str] = {}
        """What is wrong with what stands in a field, by the field's key; such a text is not part of the edit yet."""
        self.saving = False

    @property
    def crumb(self) -> Spans:
        return (("Edit config", Role.PLAIN),)

    def body(self) -> Iterable[Widget]:
        mark = self.glyphs.changed
        rows: list[Widget] = [FieldRow("runtime", "Runtime", Line(), changed_mark=mark)]
        rows += [
            FieldRow(spec.key, spec.title, self._control(spec.key), changed_mark=mark) for spec in FIELDS
        ]
        change = Pager(id="change")
        change.can_focus = False
        form = VerticalScroll(*rows, id="form", can_focus=False)
        yield Horizontal(form, Vertical(Line(id="change-title"), change, id="change-pane"), id="panes")

    def _control(self, key: str) -> Widget:
        if key == "batch_config":
            return Choice(list(BATCH_TITLES.items()), glyphs=self.glyphs)
        if not FIELD[key].editable:
            return Line()
        field = Input(compact=True, placeholder=FIELD[key].null, disabled=True)
        field.cursor_blink = False
        return field

    def on_mount(self) -> None:
        self.query_one("#form").display = False
        self.notice("Reading the newest config…", role=Role.PLAIN)
        self.start(self._load, group="read")

    async def _load(self) -> None:
        try:
            detail = await self.app.service.config_to_edit(self.version)
        except WltuiError as error:
            self.notice(error)
            return
        assert detail.config is not None  # noqa: S101  config_to_edit gives an empty one where there is none
        # Telling a schema in words imports pyarrow, which must not hold up the keys.
        told = await asyncio.to_thread(
            lambda: {spec.key: spec.tell(getattr(detail.config, spec.key)) for spec in FIELDS}
        )
        self.detail, self.edit = detail, ConfigEdit(self.version.id, detail.config)
        kept = self.app.unsent.get(self.version.id)
        if kept and kept.base.id == detail.config.id:
            self.edit = ConfigEdit(self.version.id, detail.config, kept.values)
        self._fill(told)
        if kept and kept.base.id == detail.config.id:
            self.notice(
                "Your unsent edit is back. ctrl+r puts a field back as the server has it.", role=Role.WARNING
            )
        elif kept:
            self.app.unsent.pop(self.version.id)
            gone = ", ".join(change.title for change in kept.changes())
            self.notice(f"The config changed since your unsent edit of {gone}: it began from config {kept.base.id}, "
                        f"the newest is {detail.config.id}. Make it again from here.", role=Role.WARNING)  # fmt: skip
        elif not detail.complete:
            self.notice("Saving is off: this server cannot tell the whole config (it has no get_version_by_id), and a "
                        "save would clear the fields that can't be read.", role=Role.WARNING)  # fmt: skip
        else:
            self.notice(None)

    def _fill(self, told: dict[str, str]) -> None:
        """Put the config into the form."""
        assert self.edit is not None  # noqa: S101
        base = self.edit.base
        runtime = base.runtime if isinstance(base.runtime, str) else self.glyphs.dash
        self._row("runtime").show_value(
            ((self.shown(runtime), Role.PLAIN), ("  (decided by the platform)", Role.MUTED))
        )
        choice = self.query_one(Choice)
        words = [word or NULL_BATCH for word in batch_choices(base)]
        options = [(word, self.shown(BATCH_TITLES.get(word, word))) for word in words]
        unread = [(UNREAD_BATCH, "not readable")] if base.batch_config is UNSET else []
        choice.set_options([*unread, *options])
        for spec in FIELDS:
            value = self.edit.value(spec.key)
            control = self._row(spec.key).control_widget
            if isinstance(control, Input):
                control.disabled = False
                if value is UNSET:
                    control.placeholder = "not readable"
                with control.prevent(Input.Changed):
                    control.value = spec.text(value)
            elif isinstance(control, Choice):
                control.choose(_batch_option(value))
            else:
                role = Role.WARNING if value is UNSET else Role.MUTED
                self._row(spec.key).show_value(((self.shown(told[spec.key]), role),))
        self.query_one("#form").display = True
        self.query_one(Input).focus()
        self._show_change()

    def _row(self, key: str) -> FieldRow:
        return self.query_one(f"#field-{key}", FieldRow)

    # Typing

    def on_input_changed(self, event: Input.Changed) -> None:
        if self.edit is None:
            return
        key = self._key_of(event.input)
        result = self.edit.typed(key, event.value)
        if isinstance(result, Problem):
            self.problems[key] = result.text
        else:
            self.problems.pop(key, None)
            self.edit = result
        self._changed()

    def on_choice_changed(self, event: Choice.Changed) -> None:
        if self.edit is not None:
            value = UNSET if event.value == UNREAD_BATCH else event.value or None
            self.edit = self.edit.with_value("batch_config", value)
            self._changed()

    def _key_of(self, widget: Widget) -> str:
        return next(row.key for row in widget.ancestors if isinstance(row, FieldRow))

    def _changed(self) -> None:
        assert self.edit is not None  # noqa: S101
        if self.edit.is_changed:
            self.app.unsent[self.version.id] = self.edit
        else:
            self.app.unsent.pop(self.version.id, None)
        self._show_change()

    def _all_problems(self) -> dict[str, str]:
        across = {problem.field: problem.text for problem in self.edit.problems()} if self.edit else {}
        return across | self.problems

    def _show_change(self) -> None:
        assert self.edit is not None  # noqa: S101
        changes, problems = self.edit.changes(), self._all_problems()
        changed = {change.key for change in changes}
        for spec in FIELDS:
            self._row(spec.key).tell(changed=spec.key in changed, problem=problems.get(spec.key, ""))
        began = f"from config {self.edit.base.id}" if self.edit.base.id != NO_CONFIG else "the first config"
        self.query_one("#change-title", Line).show((("Change", Role.ACCENT), (f"  {began}", Role.MUTED)))
        self.query_one("#change", Pager).show(self._change_lines)
        self.redraw()

    def _change_lines(self, cells: int) -> Sequence[Spans]:
        assert self.edit is not None  # noqa: S101
        changes = self.edit.changes()
        if not changes:
            return ((("Nothing yet.", Role.MUTED),),)
        lost = self.edit.lost()
        kept = len(FIELDS) - len(changes) - len(lost)
        total = f"{len(changes)} of {len(FIELDS)} fields change{'s' if len(changes) == 1 else ''}; {kept} kept as is"
        warning = f"Not readable, so a save would clear them: {', '.join(lost)}"
        return (
            *diff_lines(changes, cells),
            (),
            *wrap(((total, Role.MUTED),), cells),
            *(wrap(((warning, Role.WARNING),), cells) if lost else ()),
        )

    def status_spans(self) -> tuple[Spans, Spans]:
        if self.saving:
            return (("Saving…", Role.WARNING),), ()
        if self.edit is None:
            return (), ()
        number = len(self._all_problems())
        if number:
            return ((f"{number} field{'s are' if number > 1 else ' is'} wrong", Role.ERROR),), ()
        return ((("Unsent changes" if self.edit.is_changed else "No changes"), Role.PLAIN),), ()

    # Keys

    def action_next_field(self) -> None:
        """To the next field that can be edited."""
        self.focus_next()

    def action_previous_field(self) -> None:
        """To the one before."""
        self.focus_previous()

    def action_reset(self) -> None:
        """Put the focused field back as the server has it."""
        if self.edit is None or self.focused is None:
            return
        key = self._key_of(self.focused)
        self.edit = self.edit.reset(key)
        self.problems.pop(key, None)
        value = self.edit.value(key)
        if isinstance(self.focused, Input):
            with self.focused.prevent(Input.Changed):
                self.focused.value = FIELD[key].text(value)
        elif isinstance(self.focused, Choice):
            self.focused.choose(_batch_option(value))
        self._changed()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return None if self.why_off(action) else super().check_action(action, parameters)

    def why_off(self, action: str) -> str:
        if action == "save":
            if self.saving:
                return "a save is under way"
            if self.detail is not None and not self.detail.complete:
                return "this server cannot tell the whole config"
        return super().why_off(action)

    def action_save(self) -> None:
        """Review the change, and send it from there."""
        from .review import ReviewScreen

        if self.edit is None:
            return
        if problems := self._all_problems():
            first = next(spec.key for spec in FIELDS if spec.key in problems)
            self._row(first).control_widget.focus()
            self.app.flash(f"{FIELD[first].title}: {problems[first]}")
        elif not self.edit.is_changed:
            self.app.flash("There is nothing to save.")
        else:
            edit = self.edit
            self.app.push_screen(
                ReviewScreen(self.version, edit), lambda send: self._send(edit) if send else None
            )

    def _send(self, edit: ConfigEdit) -> None:
        self.saving = True
        self.notice("Saving: sent once, then read back…", role=Role.PLAIN)
        self.refresh_bindings()
        self.redraw()
        self.app.save(edit)

    def save_failed(self, error: WltuiError) -> None:
        """The save was refused or not sent; the edit stays."""
        self._unlock()
        self.notice(error)

    def save_ended(self, saved: Saved) -> None:
        """The outcome of the save is known, or that it can't be known."""
        self._unlock()
        if saved.outcome is Outcome.TOOK:
            self.dismiss()
            return
        why = f" ({saved.reason})" if saved.reason else ""
        if saved.outcome is Outcome.DID_NOT_TAKE:
            self.notice(f"The answer was lost{why}. The newest config is still the one you began from: the change did "
                        "not take. ctrl+s reviews it again.", role=Role.WARNING)  # fmt: skip
        else:
            self.notice(f"The answer was lost{why}, and it can't be told yet whether the change took. Nothing is sent "
                        "again by itself; leave and open the editor again to look.", role=Role.WARNING)  # fmt: skip

    def _unlock(self) -> None:
        self.saving = False
        self.refresh_bindings()
        self.redraw()


def _batch_option(value: object) -> str:
    """The option of the choice that stands for a value of ``batch_config``."""
    return UNREAD_BATCH if value is UNSET else str(value or NULL_BATCH)
