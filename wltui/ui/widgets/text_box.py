"""A text box of one line."""

from textual.events import Paste
from textual.widgets import Input

from wltui.ui.text.spans import visible


class TextBox(Input):
    """An input whose cursor does not blink, and which makes control characters visible in pasted text."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(compact=True, placeholder=placeholder, select_on_focus=False)
        self.cursor_blink = False

    def on_paste(self, event: Paste) -> None:
        event.prevent_default()  # Input's own handler would insert the text unchanged
        event.stop()
        line, *_ = event.text.splitlines() or [""]
        self.replace(visible(line), *self.selection)
