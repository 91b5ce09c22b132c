"""A text box for a password."""

from textual.events import Paste

from wltui.core.settings import Secret

from .text_box import TextBox


class SecretBox(TextBox):
    """A text box whose text is not shown and can't be copied; :meth:`take` empties it."""

    def __init__(self, placeholder: str = "") -> None:
        super().__init__(placeholder)
        self.password = True

    def take(self) -> Secret:
        """Return the typed text and empty the box."""
        secret = Secret(self.value)
        self.clear()
        return secret

    def on_paste(self, event: Paste) -> None:
        event.prevent_default()
        event.stop()
        line, *_ = event.text.splitlines() or [""]
        self.replace(line, *self.selection)

    def action_copy(self) -> None:
        """Do nothing: a password must not get into the clipboard."""

    def action_cut(self) -> None:
        """Delete the selection without copying it."""
        self.delete_selection()
