"""A message on a failure, its reason and a remedy, in as many lines as it needs."""

from collections.abc import Sequence

from wltui.core.errors import WltuiError
from wltui.ui.text.paragraphs import wrap_paragraphs
from wltui.ui.text.spans import Role, Spans

from .block import Block


class Notice(Block):
    """A few wrapped lines that stay until they are replaced; CSS shows it only with the class ``-visible``."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(self._wrap_text, id=id)
        self.text = ""
        self._role = Role.PLAIN

    def show_problem(self, problem: WltuiError | str | None, role: Role = Role.PLAIN) -> None:
        """Show a problem, or nothing if it is None."""
        text = "" if problem is None else str(problem)
        if (text, role) != (self.text, self._role):
            self.text, self._role = text, role
            self.set_class(bool(text), "-visible")
            self.show(self._wrap_text)

    def _wrap_text(self, cells: int) -> Sequence[Spans]:
        return wrap_paragraphs(self.text, self._role, cells)
