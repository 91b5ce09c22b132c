"""A text box of one line."""

from typing import TYPE_CHECKING

from textual.events import Paste
from textual.widgets import Input

from wltui.ui.text.spans import visible

if TYPE_CHECKING:  # a start needs no box of several lines
    from textual.widgets import TextArea


def make_compact(box: "Input | TextArea") -> None:
    """Take the border off a box that is not mounted yet; Textual's own argument would style it twice."""
    box.set_reactive(type(box).compact, True)
    box.add_class("-textual-compact", update=False)


class TextBox(Input):
    """An input whose cursor does not blink, and which makes control characters visible in pasted text."""

    DEFAULT_CSS = """
    TextBox:ansi > .input--cursor, TextBox:ansi > .input--selection {
        background: ansi_default; color: ansi_default; text-style: reverse;
    }
    """

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, select_on_focus=False)
        make_compact(self)
        self.cursor_blink = False

    def on_paste(self, event: Paste) -> None:
        event.prevent_default()  # Input's own handler would insert the text unchanged
        event.stop()
        line, *_ = event.text.splitlines() or [""]
        self.replace(visible(line), *self.selection)
