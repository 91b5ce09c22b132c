"""The menu of columns to sort by, a letter each."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct
from textual.message import Message

from wltui.ui.text.spans import Role, Span, Spans

from .letter_menu import LetterMenu, entry_lines

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


class SortMenu(LetterMenu):
    """A line of columns, in two if they need it; a letter chooses one. Gone once a letter is chosen, or none."""

    @dataclass
    class Chosen(Message):
        """The user chose a column, or None for the order that the list came with."""

        column: str | None

    @dataclass
    class Reversed(Message):
        """The user wants the order turned round."""

    def open(self, columns: Sequence[tuple[str, str]], current: str | None, arrow: str) -> None:
        """Show the menu and take the focus.

        Args:
            columns: The keys and titles of the columns.
            current: The key of the column that the list is sorted by.
            arrow: The sign of its direction.
        """
        self._orders = orders(columns)
        lines = [_entry(order, arrow if order.column == current else "") for order in self._orders]
        entries = [*lines, _entry(Order(REVERSE, "reverse", None), "")]
        self.show(lambda cells: entry_lines("Sort", entries, cells))
        self.show_open()

    def choose(self, letter: str) -> bool:
        """Sort by the column with the letter, or reverse the order."""
        if letter == REVERSE:
            self.post_message(self.Reversed())
            return True
        for order in self._orders:
            if order.letter == letter:
                self.post_message(self.Chosen(order.column))
                return True
        return False


def _entry(order: Order, arrow: str) -> Spans:
    title: tuple[Span, ...] = ((f" {order.title}", Role.BOLD if arrow else Role.PLAIN),)
    return ((f"  {order.letter}", Role.ACCENT), *title, *(((f" {arrow}", Role.ACCENT),) if arrow else ()))
