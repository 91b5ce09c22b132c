"""The text box for a list's filter."""

from dataclasses import dataclass

from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from .text_box import TextBox


class FilterBar(Horizontal):
    """A line with the filter's text; shown only while it is being typed."""

    DEFAULT_CSS = """
    FilterBar { height: 1; display: none; background: $band; }
    FilterBar.-open { display: block; }
    FilterBar > Static { width: 10; padding: 0 1; color: $accent; }
    FilterBar > Input { width: 1fr; background: $band; }
    """
    BINDINGS = [
        Binding(
            "enter,down",
            "done",
            "Keep the filter",
            id="filter.done",
            tooltip="back to the list, filtered",
            key_display="enter",
            priority=True,  # before the text box takes it
        ),
        Binding("escape", "clear", "Clear it", id="filter.clear", tooltip="end the filter"),
    ]

    @dataclass
    class Changed(Message):
        """The text changed; typing goes on."""

        text: str

    @dataclass
    class Done(Message):
        """The user has finished typing; the filter stays as it is."""

    async def open(self, text: str) -> None:
        """Show the bar with the present filter's text, and take the focus."""
        if not self.children:  # not earlier, as it would slow each start
            label = Static("Filter /", markup=False)
            await self.mount(label, TextBox("letters of any column; spaces part words"))
        self.add_class("-open")
        field = self.query_one(Input)
        field.value = text
        field.focus()

    def close(self) -> None:
        """Hide the bar."""
        self.remove_class("-open")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.has_class("-open"):
            self.post_message(self.Changed(event.value))

    def action_done(self) -> None:
        """Keep the filter and go back to the list."""
        self.close()
        self.post_message(self.Done())

    def action_clear(self) -> None:
        """End the filter."""
        self.post_message(self.Changed(""))
        self.action_done()
