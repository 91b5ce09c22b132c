"""Review: the exact change and the exact request, before it is sent. The focus starts on Cancel."""

import json
from collections.abc import Iterable, Sequence

from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget

from wltui.api.calls import Call, insert_config
from wltui.config.edit import ConfigEdit, format_diff
from wltui.core.records import ModelVersion
from wltui.ui.screens.base.copying import CopyFrame
from wltui.ui.screens.confirm import Question
from wltui.ui.text.copies import Copy, text_copy
from wltui.ui.text.spans import Role, Spans, visible, wrap
from wltui.ui.widgets.choice import Choice
from wltui.ui.widgets.diff_view import diff_lines
from wltui.ui.widgets.line import Line
from wltui.ui.widgets.pager import Pager
from wltui.ui.widgets.text_field import TextField


class ReviewScreen(CopyFrame[bool], Question):
    """Returns True if the user chose to send, and typed the model's name if the profile is protected."""

    FOOTER = ("choice.pick", "choice.next", "review.down", "copy.open", "frame.back")
    CSS = """
    ReviewScreen Choice { margin: 1 1 0 1; }
    ReviewScreen #asked { height: 1; margin: 1 1 0 1; }
    ReviewScreen #asked > Line { width: 42; }
    ReviewScreen #asked > TextField { width: 1fr; }
    """
    BINDINGS = [
        Binding("down,j", "scroll(1)", "Scroll", id="review.down", tooltip="scroll down"),
        Binding("up,k", "scroll(-1)", "Scroll up", id="review.up", tooltip="scroll up", show=False),
        Binding(
            "pagedown", "scroll(10)", "Page down", id="review.page_down", tooltip="a page down", show=False
        ),
        Binding("pageup", "scroll(-10)", "Page up", id="review.page_up", tooltip="a page up", show=False),
    ]

    def __init__(self, version: ModelVersion, edit: ConfigEdit, warning: str = "") -> None:
        """
        Args:
            version: The version that is configured.
            edit: The edit to send.
            warning: A text above everything else; empty for none.
        """
        super().__init__()
        self.version = version
        self.edit = edit
        self._warning = warning

    @property
    def crumb(self) -> Spans:
        return (("Review", Role.PLAIN),)

    def body(self) -> Iterable[Widget]:
        pager = Pager(self._lines)
        pager.can_focus = False
        yield pager
        if self.app.settings.protected:
            label = Line()
            label.show((("Protected: type the model's name to send", Role.WARNING),))
            yield Horizontal(label, TextField(one_line=True, id="name"), id="asked")
        yield Choice([("cancel", "Cancel"), ("send", self._send_label())], buttons=True, id="main")

    def _send_label(self) -> str:
        """Return the button's text, which names the fields that the save would also clear."""
        unreadable, unknown = self.edit.cleared_titles(), self.edit.base.extra
        lost = " and ".join(
            (*(["what is not readable"] if unreadable else []), *(["unknown fields"] if unknown else []))
        )
        return f"Send, and clear {lost}" if lost else "Send"

    def _lines(self, cells: int) -> Sequence[Spans]:
        lost = self.edit.cleared_titles()
        warning = (
            "These fields of the newest config are not readable, and this save would CLEAR them: "
            f"{', '.join(lost)}. Send only if you know that they are empty."
        )
        unknown = self.edit.base.extra
        newer = (
            "The newest config has fields that wltui does not know. A save can't carry them and would CLEAR them: "
            f"{visible(', '.join(unknown))}. Use a newer wltui, or send only if they may go."
        )
        body = json.dumps(self.edit.request(), indent=2, ensure_ascii=False)
        return (
            *([*wrap(((self._warning, Role.WARNING),), cells), ()] if self._warning else []),
            (("Change ", Role.ACCENT), (self._target(), Role.MUTED)),
            *diff_lines(self.edit.changes(), cells),
            (),
            *([*wrap(((warning, Role.ERROR),), cells), ()] if lost else []),
            *([*wrap(((newer, Role.ERROR),), cells), ()] if unknown else []),
            (("Request ", Role.ACCENT), ("POST /v1/api/models/insert_model_config", Role.PLAIN),
             (f"  to {visible(self.app.settings.host)}", Role.MUTED)),
            *(line for text in body.split("\n") for line in wrap(((visible(text), Role.PLAIN),), cells)),
            (),
            *wrap((("It makes a new config row, sent once. Running deployments keep the config they were deployed "
                    "with until they are deployed again.", Role.MUTED),), cells),
        )  # fmt: skip

    def _target(self) -> str:
        return f"of version {self.version.id} of {visible(self.version.model_name)}"

    # Copying

    def copies(self) -> list[Copy]:
        lines = [f"{sign} {visible(text)}" for sign, text in format_diff(self.edit.changes())]
        request = json.dumps(self.edit.request(), indent=2, ensure_ascii=False)
        return [
            text_copy("i", "id of the version", str(self.version.id)),
            text_copy("d", "difference", "\n".join(lines), preview="  ".join(lines)),
            text_copy("j", "JSON of the request", request),
        ]

    def requests(self) -> Sequence[Call[object]]:
        return (insert_config(self.edit.request()),)

    def action_scroll(self, rows: int) -> None:
        """Scroll the review; the buttons keep the focus."""
        self.query_one(Pager).scroll_relative(y=rows, animate=False)

    def on_choice_picked(self, event: Choice.Picked) -> None:
        if event.value == "send" and not self.is_confirmed("Not sent"):
            return
        if event.value == "send" and self.app.settings.protected:
            box = self.query_one("#name", TextField)
            if box.text.strip() != self.shown(self.version.model_name).strip():
                box.focus()
                self.flash("Not sent: the model's name has to stand here first.")
                return
        self.dismiss(event.value == "send")

    def action_back(self) -> None:
        """Go back to the editor; nothing is sent."""
        self.dismiss(False)
