"""The text box for a search in a text, as in less and vim."""

from dataclasses import dataclass

from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from .text_box import TextBox


class SearchBar(Horizontal):
    """A line with the text to search for; shown only while it is being typed."""

    DEFAULT_CSS = """
    SearchBar { height: 1; display: none; background: $band; }
    SearchBar.-open { display: block; }
    SearchBar > Static { width: 10; padding: 0 1; color: $accent; }
    SearchBar > Input { width: 1fr; background: $band; }
    """
    BINDINGS = [
        Binding("enter", "done", "Search", id="search.done", tooltip="go to the first place", priority=True),
        Binding("escape", "cancel", "Cancel", id="search.cancel", tooltip="search for nothing"),
    ]

    @dataclass
    class Done(Message):
        """The user has finished typing."""

        text: str
        """What to search for; empty to end the search."""

    async def open(self) -> None:
        """Show the bar, empty, and take the focus."""
        if not self.children:  # not earlier, as it would slow each reader
            await self.mount(Static("Search /", markup=False), TextBox("any part of the text"))
        self.add_class("-open")
        field = self.query_one(Input)
        field.value = ""
        field.focus()

    def action_done(self) -> None:
        """Search for the text."""
        self._close(self.query_one(Input).value)

    def action_cancel(self) -> None:
        """End the search."""
        self._close("")

    def _close(self, text: str) -> None:
        self.remove_class("-open")
        self.post_message(self.Done(text))
