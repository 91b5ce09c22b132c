"""The base class of a review: what is about to be sent, once. The focus starts on Cancel."""

import json
from collections.abc import Iterable, Mapping, Sequence

from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget

from wltui.ui.actions import hidden_if
from wltui.ui.screens.base.copying import CopyFrame
from wltui.ui.screens.confirm import Question
from wltui.ui.text.spans import Cut, Role, Spans, visible, wrap
from wltui.ui.widgets.choice import Choice
from wltui.ui.widgets.line import Line
from wltui.ui.widgets.pager import Pager
from wltui.ui.widgets.text_field import TextField

LONGEST_SCHEMA = 60
"""The most characters of a schema in base64 that are shown; the change shows it decoded."""
BEGINNING = 16
"""The characters that are shown of a longer one."""


def is_on_buttons(review: "SendReview") -> bool:
    """Return whether the focus is not in the text box that a protected profile has."""
    return not isinstance(review.focused, TextField)


class SendReview(CopyFrame[bool], Question):
    """Returns True if the user chose to send, and typed the model's name if the profile is protected."""

    FOOTER = ("review.buttons", "choice.pick", "choice.next", "review.down", "copy.open", "frame.back")
    CSS = """
    Choice { margin: 1 1 0 1; }
    #asked { height: 1; margin: 1 1 0 1; }
    #asked > Line { width: 42; }
    #asked > TextField { width: 1fr; }
    """  # without the class: Textual scopes it to the subclass that is shown
    BINDINGS = [
        Binding(
            "tab",
            "buttons",
            "To the buttons",
            id="review.buttons",
            tooltip="from the text box to the buttons",
        ),
        Binding("down,j", "scroll(1)", "Scroll", id="review.down", tooltip="scroll down"),
        Binding("up,k", "scroll(-1)", "Scroll up", id="review.up", tooltip="scroll up", show=False),
        Binding(
            "pagedown", "scroll(10)", "Page down", id="review.page_down", tooltip="a page down", show=False
        ),
        Binding("pageup", "scroll(-10)", "Page up", id="review.page_up", tooltip="a page up", show=False),
    ]

    # Defined by subclasses

    @property
    def name_to_type(self) -> str:
        """The model's name, which a protected profile asks for."""
        raise NotImplementedError

    @property
    def send_label(self) -> str:
        """The text of the button that sends."""
        raise NotImplementedError

    def lines(self, cells: int) -> Sequence[Spans]:
        """Return what is about to be sent, and what should be known before."""
        raise NotImplementedError

    def json_lines(self, value: Mapping[str, object], cells: int) -> list[Spans]:
        """Render the JSON of a request. A selection takes long schemas whole, of which the beginning is shown."""
        lines: list[Spans] = []
        for text in map(visible, json.dumps(value, indent=2, ensure_ascii=False).split("\n")):
            name, _, schema = text.partition('_schema": "')
            if name.strip() not in ('"input', '"output') or len(schema) <= LONGEST_SCHEMA:
                lines += wrap(((text, Role.PLAIN),), cells)
                continue
            size = len(schema.rstrip(",").removesuffix('"'))
            end = len(text) - len(schema) + BEGINNING
            shown = f"{text[:end]}{self.glyphs.ellipsis}  {size:,} characters"
            lines.append(((Cut.of(text, shown), Role.PLAIN),))
        return lines

    # The screen

    @property
    def crumb(self) -> Spans:
        return (("Review", Role.PLAIN),)

    def body(self) -> Iterable[Widget]:
        pager = Pager(self.lines)
        pager.can_focus = False
        yield pager
        if self.app.settings.protected:
            label = Line()
            label.show((("Protected: type the model's name to send", Role.WARNING),))
            yield Horizontal(label, TextField(one_line=True, id="name"), id="asked")
        yield Choice([("cancel", "Cancel"), ("send", self.send_label)], buttons=True, id="main")

    @hidden_if(is_on_buttons)
    def action_buttons(self) -> None:
        """Move from the text box to the buttons."""
        self.query_one(Choice).focus()

    def action_scroll(self, rows: int) -> None:
        """Scroll the review; the buttons keep the focus."""
        self.query_one(Pager).scroll_relative(y=rows, animate=False)

    def on_choice_picked(self, event: Choice.Picked) -> None:
        if event.value == "send" and not self.is_confirmed("Not sent"):
            return
        if event.value == "send" and self.app.settings.protected and not self._is_named:
            self.query_one("#name", TextField).focus()
            self.flash("Not sent. Type the model's name here first.")
            return
        self.dismiss(event.value == "send")

    def on_text_area_changed(self) -> None:
        if self._is_named:
            self.flash("")

    @property
    def _is_named(self) -> bool:
        """Whether the model's name was typed, as it is shown."""
        return self.query_one("#name", TextField).text.strip() == self.shown(self.name_to_type).strip()

    def leave(self) -> None:
        """Go back to the form; nothing is sent."""
        self.dismiss(False)
