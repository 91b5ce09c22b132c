"""What went wrong, why, and what to do about it, in as many lines as it needs."""

from collections.abc import Sequence

from wltui.core.errors import WltuiError
from wltui.ui.text.paragraphs import wrap_paragraphs
from wltui.ui.text.spans import Role, Spans

from .block import Block


class Notice(Block):
    """A few wrapped lines that stay until they are over; hidden by CSS where it has not the class ``-told``."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(self._wrapped, id=id)
        self.text = ""
        self._role = Role.PLAIN

    def show_problem(self, problem: WltuiError | str | None, role: Role = Role.PLAIN) -> None:
        """Show a problem; None shows nothing."""
        text = "" if problem is None else str(problem)
        if (text, role) != (self.text, self._role):
            self.text, self._role = text, role
            self.set_class(bool(text), "-told")
            self.show(self._wrapped)

    def _wrapped(self, cells: int) -> Sequence[Spans]:
        return wrap_paragraphs(self.text, self._role, cells)
