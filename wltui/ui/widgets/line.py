"""One line of the frame: header, breadcrumb or status line."""

from textual.strip import Strip

from wltui.ui.text.spans import Spans

from .selectable import Selectable


class Line(Selectable):
    """Spans at the left and at the right end of one line, repainted only if they change."""

    DEFAULT_CSS = "Line { height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._left: Spans = ()
        self._right: Spans = ()

    def show(self, left: Spans, right: Spans = ()) -> None:
        """Show these spans; if there is no room for both, the left ones are cut."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    def render_spans(self, left: Spans, right: Spans) -> Strip:
        """Return the line as it would look with other spans, without showing it."""
        before = self._left, self._right
        self.show(left, right)
        try:
            return self.render_lines(self.size.region)[0]
        finally:
            self.show(*before)

    def render_line(self, y: int) -> Strip:
        if not self.has_selection:
            return self.strip(self._left, self.size.width, right=self._right)
        return self.strip_line(y, self.text_line(y), self.size.width)

    def text_line(self, number: int) -> Spans:
        return self.fit(self._left, self.size.width, right=self._right) if number == 0 else ()

    @property
    def line_count(self) -> int:
        return 1
