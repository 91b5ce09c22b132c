"""A message on a failure, its reason and a remedy, in as many lines as it needs."""

from collections.abc import Sequence

from wltui.core.errors import WltuiError
from wltui.ui.text.paragraphs import share_lines, wrap_paragraphs
from wltui.ui.text.spans import Role, Spans

from .block import Block


class Notice(Block):
    """A few wrapped lines that stay until they are replaced; CSS shows it only with the class ``-visible``."""

    def __init__(self, *, part: float = 1, id: str | None = None) -> None:
        """
        Args:
            part: The part of the screen's rows that it takes at most; longer texts end in an ellipsis.
            id: The widget's id.
        """
        super().__init__(self._wrap_texts, id=id)
        self._texts: tuple[tuple[str, Role], ...] = ()
        self._part = part

    @property
    def text(self) -> str:
        """The text as a whole."""
        return "\n".join(text for text, _ in self._texts)

    def show_problem(self, problem: WltuiError | str | None, role: Role = Role.PLAIN) -> None:
        """Show a problem, or nothing if it is None."""
        self.show_texts([] if problem is None else [(str(problem), role)])

    def show_texts(self, texts: Sequence[tuple[str, Role]]) -> None:
        """Show several texts, each of which has room."""
        if tuple(texts) != self._texts:
            self._texts = tuple(texts)
            self.set_class(bool(self.text), "-visible")
            self.show(self._wrap_texts)

    def _wrap_texts(self, cells: int) -> Sequence[Spans]:
        wrapped = [wrap_paragraphs(text, role, cells) for text, role in self._texts]
        rows = max(1, int(self.screen.size.height * self._part))
        return share_lines(wrapped, cells, rows, self._glyphs_shown.ellipsis)
