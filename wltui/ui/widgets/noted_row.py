"""One field of a form with any number of notes below it: what is known of its value, and what is wrong with it."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widget import Widget

from wltui.ui.text.spans import Role, Spans, wrap

from .block import Block
from .labelled_row import LabelledRow

LABEL, WIDE_LABEL = 15, 26
"""Cells of the labels' column, and of that of wide rows."""


class NotedRow(LabelledRow):
    """A label, a control, and notes below the control; they have a widget once there are some."""

    DEFAULT_CSS = f"""
    NotedRow > .control {{ width: 1fr; margin-left: {LABEL}; }}
    NotedRow.-wide > .control {{ margin-left: {WIDE_LABEL}; }}
    NotedRow > Block {{ display: none; margin-left: {LABEL}; }}
    NotedRow.-wide > Block {{ margin-left: {WIDE_LABEL}; }}
    NotedRow > Block.-visible {{ display: block; }}
    """

    def __init__(self, key: str, title: str, control: Widget, *, is_wide: bool = False) -> None:
        super().__init__(key, title, control, classes="-wide" if is_wide else None)
        self._notes: tuple[Spans, ...] = ()
        self._block: Block | None = None
        self._is_composed = False
        self.show_label(((f" {title}", Role.PLAIN),))

    def compose(self) -> ComposeResult:
        yield from super().compose()
        if self._notes:
            yield self._make_block()
        self._is_composed = True

    def show_notes(self, notes: Sequence[Spans]) -> None:
        """Replace the notes, each of which is wrapped."""
        if (notes := tuple(notes)) == self._notes:
            return
        self._notes = notes
        if self._block is not None:
            self._block.set_class(bool(notes), "-visible")
            self._block.show(self._lines)
        elif self._is_composed:  # else it is composed with them
            self.mount(self._make_block())

    def _make_block(self) -> Block:
        self._block = Block(self._lines)
        self._block.add_class("-visible", update=False)
        return self._block

    def _lines(self, cells: int) -> Sequence[Spans]:
        return [line for note in self._notes for line in wrap(note, cells)]
