"""A widget of a few lines, as high as its text."""

from collections.abc import Callable, Sequence

from textual.geometry import Size
from textual.strip import Strip

from wltui.ui.text.spans import Spans

from .selectable import Selectable

Build = Callable[[int], Sequence[Spans]]
"""Returns the lines for a width in cells."""


class Block(Selectable):
    """Shows all its lines, without scrolling; for longer texts see ``Pager``."""

    DEFAULT_CSS = "Block { height: auto; }"

    def __init__(self, build: Build = lambda _: (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._build = build

    def show(self, build: Build) -> None:
        """Replace the lines."""
        self._build = build
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max(1, len(self._build(width)))

    def render_line(self, y: int) -> Strip:
        lines = self._build(self.size.width)
        return self.strip_line(y, lines[y] if y < len(lines) else (), self.size.width)

    def text_line(self, number: int) -> Spans:
        lines = self._build(self.size.width)
        return self.in_ascii(lines[number]) if 0 <= number < len(lines) else ()

    @property
    def line_count(self) -> int:
        return len(self._build(self.size.width))

    def on_resize(self) -> None:
        self.forget_selection()
