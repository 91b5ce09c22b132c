"""The base class of the editor: the form of a config, and beside it the change that it makes."""

from collections.abc import Callable, Iterable
from functools import partial

from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus
from textual.widget import Widget

from wltui.config.detail import NO_CONFIG
from wltui.core.errors import WltuiError
from wltui.core.records import ModelVersion
from wltui.ui.actions import disabled_if, hidden_if
from wltui.ui.screens.base.crumbs import PaneTitle
from wltui.ui.screens.base.frame import Frame
from wltui.ui.text.spans import Role, Spans
from wltui.ui.widgets.change_view import change_lines
from wltui.ui.widgets.config_form import ConfigForm
from wltui.ui.widgets.line import Line
from wltui.ui.widgets.pager import Pager
from wltui.ui.widgets.text_field import TextField

PANE_FROM = 100
"""Columns of the terminal from which on the change is beside the form, and not below it."""
LONGEST_OPENING = 0.5
"""How long the first paint waits at most, in seconds, if the disk with the unsent edits is slow."""


def locked(editor: "EditorFrame") -> str:
    """Return why the form is disabled, or an empty string if it is not."""
    return editor.locked_reason


def has_no_resting_box(editor: "EditorFrame") -> bool:
    """Return whether the cursor is in no text box, or in one that takes letters."""
    return editor.form.is_typing or not isinstance(editor.focused, TextField)


class EditorFrame(Frame[None]):
    """A version's config in a form; every change is kept at once."""

    IN_HAND = "leave the editor first; what was typed is kept"

    CSS_PATH = "editor.tcss"
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (PANE_FROM, "-wide")]
    BINDINGS = [
        Binding("enter", "type", "Type", id="editor.type", tooltip="start typing in the text boxes"),
        Binding("down,tab,j", "app.focus_next", "Next field", id="editor.next", tooltip="to the next field"),
        Binding("up,shift+tab,k", "app.focus_previous", "Previous", id="editor.previous", tooltip="to the field before",
                show=False),
        Binding("ctrl+r", "reset", "Reset", id="editor.reset", tooltip="put the field back as the server has it"),
        Binding("backspace", "stay", show=False),
    ]  # fmt: skip

    def __init__(self, version: ModelVersion) -> None:
        super().__init__()
        self.version = version
        self.holds_keys = True
        """Whether keys have to wait because the form is not filled yet, or about to be filled again."""
        self._waits_to_be_in_front: Callable[[], object] | None = None
        self._said_at: int | None = None
        """The number of keys served when the present notice came, if the next change ends it; None if it stays."""

    @property
    def saving(self) -> bool:
        """Whether this version's config is being saved."""
        return self.version.id in self.app.saves.under_way

    @property
    def is_waiting(self) -> bool:
        """Whether that save waits for another wltui, so that nothing is sent yet."""
        return self.version.id in self.app.saves.waiting

    @property
    def is_uncertain(self) -> bool:
        """Whether the outcome of the last save is unknown."""
        return False

    @property
    def crumb(self) -> Spans:
        return ((f"Edit config of version {self.version.id}", Role.PLAIN),)

    @property
    def form(self) -> ConfigForm:
        """The form with the fields."""
        return self.query_one(ConfigForm)

    @property
    def opening_seconds(self) -> float:
        return LONGEST_OPENING

    @property
    def is_filled(self) -> bool:
        """Whether the form has been filled."""
        return self.has_widgets and self.form.draft is not None

    @property
    def locked_reason(self) -> str:
        """Why the form is disabled; empty if it is not."""
        if not self.is_filled:
            return "the config is not read yet"
        if self.is_waiting:
            return "a save waits for another wltui"
        return "a save is under way" if self.saving else ""

    def body(self) -> Iterable[Widget]:
        change = Pager(id="change")
        change.can_focus = False
        form = ConfigForm(self.glyphs, id="form")
        yield Horizontal(form, Vertical(Line(id="change-title"), change, id="change-pane"), id="panes")

    @property
    def pane_title(self) -> PaneTitle | None:
        columns = self.app.size.width
        if columns < PANE_FROM:
            return None
        return PaneTitle(f"Change{self._began}", columns * 2 // 5, has_keys=False)

    @property
    def _began(self) -> str:
        """What the change is from, behind the word "Change"; empty until the config has been read."""
        draft = self.form.draft if self.has_widgets else None
        if draft is None:
            return ""
        base = draft.edit.base.id
        return f" from config {base}" if base != NO_CONFIG else ": the version's first config"

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
        """Call ``do``, which opens another screen, now or when this screen is in front again."""
        if self.app.screen is self:
            do()
        else:
            self._waits_to_be_in_front = do

    def serve_keys(self, *, give_up: bool = False) -> None:
        """Serve the keys typed before the form was ready; if ``give_up`` is true, drop them."""
        self.holds_keys = False
        self.app.call_later(partial(self.app.serve_held, give_up=give_up))

    def notice(self, problem: WltuiError | str | None, *, role: Role = Role.ERROR) -> None:
        self._said_at = None
        super().notice(problem, role=role)

    def say(self, text: str, *, lasting: bool = False) -> None:
        """Show a notice until the user changes something, or if ``lasting`` until another one; "" removes it."""
        self.notice(text.strip() or None, role=Role.WARNING)
        if not lasting:
            self._said_at = self.app.keys_served

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self.show_change()

    def keep(self) -> None:
        """Keep the edit, so that it survives any end of the program."""
        if (draft := self.form.draft) is not None:
            self.app.saves.keep_draft(self.version, draft)

    def show_change(self) -> None:
        """Show the change that the form makes, and the fields of the schema under the cursor."""
        draft = self.form.draft
        if draft is None:
            return
        self.query_one("#change-title", Line).show((("Change", Role.ACCENT), (self._began, Role.MUTED)))
        self.query_one("#change", Pager).show(partial(change_lines, draft.edit, self.form.field))
        self.redraw()

    def status_spans(self) -> tuple[Spans, Spans]:
        draft = self.form.draft if self.has_widgets else None
        if self.saving:
            return (("Waiting; nothing is sent yet" if self.is_waiting else "Saving", Role.WARNING),), ()
        if self.is_uncertain:
            return (
                (f"The outcome is not known; {self.key_of('editor.reload')} looks again", Role.WARNING),
            ), ()
        if draft is None:
            return (), ()
        if number := len(self.form.problems):
            return ((f"{number} field{'s are' if number > 1 else ' is'} wrong", Role.ERROR),), ()
        return (("No changes" if draft.is_empty else "Unsent changes, kept", Role.PLAIN),), ()

    @disabled_if(locked)
    def action_reset(self) -> None:
        """Reset the focused field to the server's value."""
        if key := self.form.field:
            self.form.reset(key)

    @hidden_if(has_no_resting_box)
    def action_type(self) -> None:
        """Begin to type: until then, the form is a list of fields, in which a letter changes nothing."""
        self.form.begin_typing()
        self.refresh_bindings()

    def on_paste(self) -> None:
        """Name the key that lets a pasted text into a box that rests."""
        if not has_no_resting_box(self):
            self.flash(f"Press {self.key_of('editor.type')} first, to type or paste into the field.")

    def action_stay(self) -> None:
        """Do nothing: outside a text box, backspace must not leave a form."""
