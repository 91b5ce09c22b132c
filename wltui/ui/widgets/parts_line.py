"""A line of the frame with parts that a click acts on: keys in the footer, screens in the breadcrumb."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.events import Click
from textual.message import Message

from wltui.ui.text.spans import Spans, width

from .line import Line

Part = tuple[Spans, str]
"""What is shown, and the name of what a click on it does; an empty name for nothing."""


class PartsLine(Line):
    """Parts from the left, and one at the right end."""

    @dataclass
    class Clicked(Message):
        """A part with a name was clicked."""

        line: "PartsLine"
        name: str

        @property
        def control(self) -> "PartsLine":
            """The sender, which ``@on`` selectors match."""
            return self.line

    _parts: tuple[Part, ...] = ()
    _end: Part = ((), "")

    @property
    def takes_hurried_clicks(self) -> bool:
        """Whether it gets the second click of a double click: no, as the first one may have opened a question."""
        return False

    def show_parts(self, parts: Sequence[Part], end: Part = ((), "")) -> None:
        """Show these parts; repaint the line only if its text changes."""
        self._parts, self._end = tuple(parts), end
        self.show(tuple(span for spans, _ in parts for span in spans), end[0])

    def on_click(self, event: Click) -> None:
        """Post the name of the part under the mouse."""
        event.prevent_default()  # which would select a word
        if self.has_dragged():
            return
        x = event.get_content_offset_capture(self).x
        if name := self._name_at(x):
            self.post_message(self.Clicked(self, name))

    def _name_at(self, x: int) -> str:
        first = self.size.width - width(self.in_ascii(self._end[0]))
        if x >= first:
            return self._end[1]
        begin = 0
        for spans, name in self._parts:
            begin += width(self.in_ascii(spans))
            if x < begin:
                return name
        return ""
