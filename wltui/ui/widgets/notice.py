"""What went wrong, why, and what to do about it, in as many lines as it needs."""

from textual.content import Content
from textual.widgets import Static

from wltui.errors import WltuiError
from wltui.ui.spans import Role, visible


class Notice(Static):
    """A few wrapped lines that stay until they are over; the text is data, never markup."""

    DEFAULT_CSS = """
    Notice { height: auto; }
    Notice.-error { color: $error; }
    Notice.-warning { color: $warning; }
    Notice.-success { color: $success; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(markup=False, id=id)
        self.text = ""

    def tell(self, problem: WltuiError | str | None, role: Role = Role.PLAIN) -> None:
        """Show a problem; None shows nothing."""
        text = "" if problem is None else "\n".join(visible(line) for line in str(problem).split("\n"))
        for name in (Role.ERROR, Role.WARNING, Role.SUCCESS):
            self.set_class(bool(text) and role is name, f"-{name}")
        self.set_class(bool(text), "-told")
        if text != self.text:
            self.text = text
            self.update(Content(text))
