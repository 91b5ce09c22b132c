"""A row of a form: a control, and beside it the name of its field, which the row itself paints."""

from rich.style import Style
from textual.app import ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from wltui.ui.text.spans import Spans, width

from .selectable import Selectable

FOCUSED = "labelled-row--focused"


class LabelledRow(Selectable):
    """A control with a label at its left. A widget for each label would take as long to open as a control does.

    CSS moves the control aside, by a margin.
    """

    COMPONENT_CLASSES = {FOCUSED}
    DEFAULT_CSS = f"""
    LabelledRow {{ width: 1fr; height: auto; padding-right: 1; layout: vertical; overflow: hidden hidden; }}
    LabelledRow > .{FOCUSED} {{ color: $primary; text-style: bold; }}
    """

    def __init__(self, key: str, title: str, control: Widget, *, classes: str | None = None) -> None:
        super().__init__(id=f"field-{key}", classes=classes)
        self.key, self.title, self.control = key, title, control
        self._label: Spans = ()
        self._has_cursor = False
        control.add_class("control", update=False)  # it is styled when it is mounted

    def compose(self) -> ComposeResult:
        yield self.control

    def show_label(self, label: Spans) -> None:
        """Show this label, and repaint the row if it was another one."""
        if label != self._label:
            cells = max(width(label), width(self._label))
            self._label = label
            self.refresh(Region(0, 0, cells, 1))

    def on_descendant_focus(self) -> None:
        self._show_cursor(True)

    def on_descendant_blur(self) -> None:
        self._show_cursor(False)

    def _show_cursor(self, has_cursor: bool) -> None:
        if has_cursor != self._has_cursor:
            self._has_cursor, self._styles = has_cursor, None
            self.refresh(Region(0, 0, width(self._label), 1))

    @property
    def line_style(self) -> Style:
        style = super().line_style
        return style + self.get_component_rich_style(FOCUSED, partial=True) if self._has_cursor else style

    def render_line(self, y: int) -> Strip:
        return self.strip_line(y, self.text_line(y), self.size.width)

    def text_line(self, number: int) -> Spans:
        return self.in_ascii(self._label) if number == 0 else ()

    @property
    def line_count(self) -> int:
        return 1
