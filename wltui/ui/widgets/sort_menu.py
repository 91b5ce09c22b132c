"""The menu of columns to sort by, a letter each."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct
from textual.binding import Binding
from textual.events import Key
from textual.message import Message

from wltui.ui.text.spans import Role, Span, Spans, width

from .block import Block

USUAL = "o"
"""The letter of the order that the list came with."""
REVERSE = "S"


class Order(Struct, frozen=True):
    """A choice of the menu."""

    letter: str
    title: str
    column: str | None
    """The key of the column; None for the order that the list came with."""


def orders(columns: Sequence[tuple[str, str]]) -> list[Order]:
    """Return the choices for columns, given by key and title, and for the order that the list came with.

    Each has the first letter of its title that is free, else the first free digit.
    """
    taken = {USUAL}
    found = []
    for key, title in columns:
        letters = [letter for letter in title.casefold() if letter.isascii() and letter.isalpha()]
        letter = next((letter for letter in (*letters, *"1234567890") if letter not in taken), "")
        taken.add(letter)
        found.append(Order(letter, title, key))
    return [*found, Order(USUAL, "as it came", None)]


class SortMenu(Block, can_focus=True):
    """A line of columns, in two if they need it; a letter chooses one. Gone once a letter is chosen, or none."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    SortMenu { display: none; background: $band; }
    SortMenu.-open { display: block; }
    """
    BINDINGS = [
        Binding("escape,enter,backspace", "close", "Leave it", id="sort.close", key_display="esc", priority=True,
                tooltip="leave the order as it is"),
    ]  # fmt: skip

    @dataclass
    class Chosen(Message):
        """The user chose a column, or None for the order that the list came with."""

        column: str | None

    @dataclass
    class Reversed(Message):
        """The user wants the order turned round."""

    @dataclass
    class Closed(Message):
        """The menu is gone."""

    def open(self, columns: Sequence[tuple[str, str]], current: str | None, arrow: str) -> None:
        """Show the menu and take the focus.

        Args:
            columns: The keys and titles of the columns.
            current: The key of the column that the list is sorted by.
            arrow: The sign of its direction.
        """
        self._orders = orders(columns)
        lines = [_entry(order, arrow if order.column == current else "") for order in self._orders]
        self.show(lambda cells: _wrapped([*lines, _entry(Order(REVERSE, "reverse", None), "")], cells))
        self.add_class("-open")
        self.focus()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Return whether a key is a choice or nothing here, and so no key of the list."""
        return character is not None and character.isprintable()

    def on_key(self, event: Key) -> None:
        if event.character is None or not event.is_printable:
            return
        event.stop()
        event.prevent_default()
        if event.character == REVERSE:
            self.post_message(self.Reversed())
            self.action_close()
            return
        for order in self._orders:
            if order.letter == event.character:
                self.post_message(self.Chosen(order.column))
                self.action_close()

    def on_blur(self) -> None:
        self.remove_class("-open")

    def on_focus(self) -> None:
        self.add_class("-open")  # again, after the terminal had lost the focus

    def action_close(self) -> None:
        """Hide the menu."""
        self.remove_class("-open")
        self.post_message(self.Closed())


def _entry(order: Order, arrow: str) -> Spans:
    title: tuple[Span, ...] = ((f" {order.title}", Role.BOLD if arrow else Role.PLAIN),)
    return ((f"  {order.letter}", Role.ACCENT), *title, *(((f" {arrow}", Role.ACCENT),) if arrow else ()))


def _wrapped(entries: Sequence[Spans], cells: int) -> list[Spans]:
    """Return the entries in lines, each entry whole."""
    lines: list[Spans] = [((" Sort", Role.MUTED),)]
    for entry in entries:
        if width(lines[-1]) + width(entry) > cells:
            lines.append(((" " * 5, Role.PLAIN),))
        lines[-1] = (*lines[-1], *entry)
    return lines
