"""Where a password is typed."""

from textual.events import Paste

from wltui.core.settings import Secret

from .text_box import TextBox


class SecretBox(TextBox):
    """A text box whose text is not shown, not copied, and gone once it was taken."""

    def __init__(self, placeholder: str = "") -> None:
        super().__init__(placeholder)
        self.password = True

    def take(self) -> Secret:
        """Return the typed text, of which nothing stays here."""
        secret = Secret(self.value)
        self.clear()
        return secret

    def on_paste(self, event: Paste) -> None:
        event.prevent_default()
        event.stop()
        line, *_ = event.text.splitlines() or [""]
        self.replace(line, *self.selection)

    def action_copy(self) -> None:
        """Copy nothing: a password is nobody's to copy."""

    def action_cut(self) -> None:
        """Neither; it is deleted."""
        self.delete_selection()
