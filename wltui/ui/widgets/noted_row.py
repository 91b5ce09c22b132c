"""One field of a form with any number of notes below it: what is known of its value, and what is wrong with it."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from wltui.ui.text.spans import Role, Spans, wrap

from .block import Block
from .line import Line

LABEL, WIDE_LABEL = 15, 26
"""Cells of the labels' column, and of that of wide rows."""


class NotedRow(Vertical):
    """A label, a control, and notes below the control."""

    DEFAULT_CSS = f"""
    NotedRow {{ height: auto; padding-right: 1; }}
    NotedRow > Horizontal {{ height: auto; }}
    NotedRow > Horizontal > .label {{ width: {LABEL}; }}
    NotedRow.-wide > Horizontal > .label {{ width: {WIDE_LABEL}; }}
    NotedRow > Horizontal > .control {{ width: 1fr; }}
    NotedRow > Horizontal > .label.-focused {{ color: $primary; text-style: bold; }}
    NotedRow > Block {{ display: none; margin-left: {LABEL}; }}
    NotedRow.-wide > Block {{ margin-left: {WIDE_LABEL}; }}
    NotedRow > Block.-visible {{ display: block; }}
    """

    def __init__(self, key: str, title: str, control: Widget, *, is_wide: bool = False) -> None:
        super().__init__(id=f"field-{key}", classes="-wide" if is_wide else None)
        self.key, self.title, self.control = key, title, control
        self._notes: Sequence[Spans] = ()
        control.add_class("control", update=False)  # it is styled when it is mounted

    def compose(self) -> ComposeResult:
        label = Line()
        label.add_class("label", update=False)
        label.show(((f" {self.title}", Role.PLAIN),))
        yield Horizontal(label, self.control)
        yield Block(self._lines)

    def on_mount(self) -> None:
        self._show()

    def on_descendant_focus(self) -> None:
        self.query_one(".label").add_class("-focused")

    def on_descendant_blur(self) -> None:
        self.query_one(".label").remove_class("-focused")

    def show_notes(self, notes: Sequence[Spans]) -> None:
        """Replace the notes, each of which is wrapped."""
        if notes != self._notes:
            self._notes = notes
            if self.is_mounted:
                self._show()

    def _show(self) -> None:
        block = self.query_one(Block)
        block.set_class(bool(self._notes), "-visible")
        block.show(self._lines)

    def _lines(self, cells: int) -> Sequence[Spans]:
        return [line for note in self._notes for line in wrap(note, cells)]
