"""The form of a config and beside it the change that it makes: what every part of the editor rests on."""

from collections.abc import Callable, Iterable
from functools import partial

from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus
from textual.widget import Widget

from wltui.config.detail import NO_CONFIG
from wltui.core.errors import WltuiError
from wltui.core.records import ModelVersion
from wltui.ui.actions import disabled_if
from wltui.ui.screens.base.frame import Frame
from wltui.ui.text.spans import Role, Spans
from wltui.ui.widgets.change_view import change_lines
from wltui.ui.widgets.config_form import ConfigForm
from wltui.ui.widgets.line import Line
from wltui.ui.widgets.pager import Pager


def locked(editor: "EditorFrame") -> str:
    """Return why nothing can be done with the form."""
    return editor.locked_reason


class EditorFrame(Frame[None]):
    """A version's config in a form; every change of it is kept at once."""

    CSS_PATH = "editor.tcss"
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    BINDINGS = [
        Binding("down,tab", "app.focus_next", "Next field", id="editor.next", tooltip="to the next field"),
        Binding("up,shift+tab", "app.focus_previous", "Previous", id="editor.previous", tooltip="to the field before",
                show=False),
        Binding("ctrl+r", "reset", "Reset", id="editor.reset", tooltip="put the field back as the server has it"),
        Binding("backspace", "stay", show=False),
    ]  # fmt: skip

    def __init__(self, version: ModelVersion) -> None:
        super().__init__()
        self.version = version
        self.holds_keys = True
        """Whether what is typed has to wait, since the form is not there or about to be filled anew."""
        self._waits_to_be_in_front: Callable[[], object] | None = None
        self._said_at: int | None = None
        """After how many keys the notice came that ends when one types on; None for one that stays."""

    @property
    def saving(self) -> bool:
        """Whether this version's config is on its way."""
        return self.version.id in self.app.saves.under_way

    @property
    def is_uncertain(self) -> bool:
        """Whether the outcome of the last save is not known."""
        return False

    @property
    def crumb(self) -> Spans:
        return ((f"Edit config of version {self.version.id}", Role.PLAIN),)

    @property
    def form(self) -> ConfigForm:
        """The fields."""
        return self.query_one(ConfigForm)

    @property
    def is_filled(self) -> bool:
        """Whether there is anything to edit yet."""
        return self.is_mounted and self.form.draft is not None

    @property
    def locked_reason(self) -> str:
        """Why the form can't be used just now; empty if it can."""
        if not self.is_filled:
            return "the config is not read yet"
        return "a save is under way" if self.saving else ""

    def body(self) -> Iterable[Widget]:
        change = Pager(id="change")
        change.can_focus = False
        form = ConfigForm(self.glyphs, id="form")
        yield Horizontal(form, Vertical(Line(id="change-title"), change, id="change-pane"), id="panes")

    def on_config_form_changed(self) -> None:
        if self._said_at is not None and self.app.keys_served > self._said_at + 1:
            self.notice(None)
        self._end_flash()
        self.keep()
        self.show_change()

    def on_screen_resume(self) -> None:
        waiting, self._waits_to_be_in_front = self._waits_to_be_in_front, None
        if waiting is not None:
            self.call_after_refresh(waiting)

    def when_in_front(self, do: Callable[[], object]) -> None:
        """Do something that opens another screen, now or when this one is in front again."""
        if self.app.screen is self:
            do()
        else:
            self._waits_to_be_in_front = do

    def serve_keys(self, *, give_up: bool = False) -> None:
        """Serve what was typed before the form was ready; with ``give_up`` drop it."""
        self.holds_keys = False
        self.app.call_later(partial(self.app.serve_held, give_up=give_up))

    def notice(self, problem: WltuiError | str | None, *, role: Role = Role.ERROR) -> None:
        self._said_at = None
        super().notice(problem, role=role)

    def say(self, text: str, *, lasting: bool = False) -> None:
        """Say something until the user has typed on, or for ``lasting``; nothing ends what was said."""
        self.notice(text.strip() or None, role=Role.WARNING)
        if not lasting:
            self._said_at = self.app.keys_served

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self.show_change()

    def keep(self) -> None:
        """Keep what is in the form, against whatever may happen."""
        if (draft := self.form.draft) is not None:
            self.app.saves.keep_draft(self.version, draft)

    def show_change(self) -> None:
        """Show what the form changes, and what the schema in it holds that has the cursor."""
        draft = self.form.draft
        if draft is None:
            return
        base = draft.edit.base.id
        began = f"from config {base}" if base != NO_CONFIG else "this is the version's first config"
        self.query_one("#change-title", Line).show((("Change", Role.ACCENT), (f"  {began}", Role.MUTED)))
        self.query_one("#change", Pager).show(partial(change_lines, draft.edit, self.form.field))
        self.redraw()

    def status_spans(self) -> tuple[Spans, Spans]:
        draft = self.form.draft if self.is_mounted else None
        if self.saving:
            return (("Saving", Role.WARNING),), ()
        if self.is_uncertain:
            return (("The outcome is not known; f5 looks again", Role.WARNING),), ()
        if draft is None:
            return (), ()
        if number := len(self.form.problems):
            return ((f"{number} field{'s are' if number > 1 else ' is'} wrong", Role.ERROR),), ()
        return (("No changes" if draft.is_empty else "Unsent changes, kept", Role.PLAIN),), ()

    @disabled_if(locked)
    def action_reset(self) -> None:
        """Put the focused field back as the server has it."""
        if key := self.form.field:
            self.form.reset(key)

    def action_stay(self) -> None:
        """Backspace outside a text box: in a form it is no way to leave."""
