"""The text box for a list's filter, and what the filter was understood as."""

import re
from dataclasses import dataclass

from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from wltui.ui.keys import present_keys
from wltui.ui.text.query import parse
from wltui.ui.text.spans import Role, Span, Spans, visible, width

from .line import Line
from .text_box import TextBox

LANGUAGE = 'words  !not  "two words"  status:error  age<24h  image:  ws:  by:  ~letters'
"""What can be typed, in 78 cells."""


class FilterBar(Vertical):
    """The filter's text, and below it what it was understood as; shown only while it is being typed."""

    DEFAULT_CSS = """
    FilterBar { height: 2; display: none; background: $band; }
    FilterBar.-open { display: block; }
    FilterBar > Horizontal { height: 1; }
    FilterBar Static { width: 10; padding: 0 1; color: $accent; }
    FilterBar Input { width: 1fr; background: $band; }
    FilterBar Line { background: $band; }
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
        Binding("tab", "complete", "Complete", id="filter.complete", tooltip="complete a key of the filter"),
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
            await self.mount(
                Horizontal(label, TextBox("words to find, in columns shown or hidden")), Line(id="understood")
            )
        self.add_class("-open")
        field = self.query_one(Input)
        field.value = text
        field.focus()
        self._explain(text)

    def close(self) -> None:
        """Hide the bar."""
        self.remove_class("-open")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.has_class("-open"):
            self.post_message(self.Changed(event.value))
            self._explain(event.value)

    def _explain(self, text: str) -> None:
        """Show what was understood, or what is wrong, and what can be typed next."""
        self.query_one(Line).show(
            *explanation(text, self.app.size.width, present_keys(self)("filter.complete"))
        )

    def action_complete(self) -> None:
        """Complete the key or the value that has been begun, by the first that is offered."""
        field = self.query_one(Input)
        if offers := parse(field.value).offers:
            field.value = completed(field.value, offers[0])
            field.cursor_position = len(field.value)

    def action_done(self) -> None:
        """Keep the filter and go back to the list."""
        self.post_message(self.Done())  # the bar is closed when the list takes the focus: one layout, not two

    def action_clear(self) -> None:
        """End the filter."""
        self.post_message(self.Changed(""))
        self.action_done()


def explanation(text: str, cells: int, key: str) -> tuple[Spans, Spans]:
    """Return what a filter was understood as, or what is wrong with it, and as many offers as fit beside it.

    ``key`` is the name of the key that takes the first offer.
    """
    query = parse(text)
    start: Span = (" ", Role.PLAIN)
    if not text.strip():
        return (start, (LANGUAGE, Role.MUTED)), ()
    if query.problems:
        return (start, (visible(query.problems[0]), Role.WARNING)), ()
    left: list[Span] = [start]
    for number, words in enumerate(query.words):
        left += [("  and  ", Role.MUTED)] if number else []
        left.append((visible(words), Role.ACCENT))
    right = ""
    for offer in query.offers:
        longer = f"{right}  {offer}" if right else f"{key}  {offer}"
        if width(tuple(left)) + len(longer) + 4 > cells:
            break
        right = longer
    return tuple(left), ((f"{right} ", Role.MUTED),) if right else ()


def completed(text: str, offer: str) -> str:
    """Return a filter whose last word is completed by an offer: a key, or a value after its key."""
    begun = text.rpartition(" ")[2]
    if offer.endswith((":", "<")):
        kept = begun[: len(begun) - len(begun.lstrip("!"))]
    else:
        sign = re.search("[:<>]=?", begun)
        kept = begun[: sign.end()] if sign else begun
    return text.removesuffix(begun) + kept + offer
