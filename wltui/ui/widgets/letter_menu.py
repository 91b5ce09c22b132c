"""A menu at the bottom of a screen in which each entry has a letter."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.binding import Binding
from textual.events import Click, Key
from textual.widget import Widget

from wltui.ui.key_names import usual_keys
from wltui.ui.text.spans import Role, Spans, width

from .block import Block


class LetterMenu(Block, can_focus=True):
    """Takes the focus when it opens, and gives it back once a letter is chosen, or none."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    LetterMenu { display: none; background: $band; }
    LetterMenu.-open { display: block; }
    """
    BINDINGS = [
        Binding("escape,enter,backspace,left", "close", "Close", id="menu.close", key_display="esc", priority=True,
                tooltip="close the menu, and change nothing"),
    ]  # fmt: skip

    _before: Widget | None = None
    """The widget that had the focus."""

    def choose(self, letter: str) -> bool:
        """Act on a letter and return True if it is one of the menu."""
        raise NotImplementedError

    def show_open(self) -> None:
        """Take the focus."""
        if self.screen.focused is not self:
            self._before = self.screen.focused
        self.add_class("-open")
        self.focus()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Return whether a key is a choice or nothing here, and so no key of the screen.

        The keys that usually close a menu are none, even if the user has moved that to another one.
        """
        return key in usual_keys()["menu.close"] or (character is not None and character.isprintable())

    def on_key(self, event: Key) -> None:
        if event.character is None or not event.is_printable:
            return
        event.stop()
        event.prevent_default()
        if self.choose(event.character):
            self.action_close()

    def on_click(self, event: Click) -> None:
        """Choose the entry under the mouse."""
        event.prevent_default()
        place = event.get_content_offset(self)
        if place is not None and self.choose(_letter_at(self.text_line(place.y), place.x)):
            self.action_close()

    def on_blur(self) -> None:
        self.remove_class("-open")

    def on_focus(self) -> None:
        self.add_class("-open")  # again, after the terminal had lost the focus

    def action_close(self) -> None:
        """Hide the menu."""
        self.remove_class("-open")
        before = self._before
        self.screen.set_focus(before if before is not None and before.is_attached else None)


def _letter_at(line: Spans, cell: int) -> str:
    """Return the letter of the entry at a cell of a line; empty if there is none."""
    letter, at = "", 0
    for text, role in line:
        if at > cell:
            break
        if role is Role.ACCENT and text.strip().isalnum():
            letter = text.strip()
        at += cell_len(text)
    return letter


def entry_lines(title: str, entries: Sequence[Spans], cells: int) -> list[Spans]:
    """Render entries after a title, each whole, in as many lines as they need."""
    lines: list[Spans] = [((" ", Role.PLAIN), (title, Role.TITLE))]
    for entry in entries:
        if width(lines[-1]) + width(entry) > cells:
            lines.append(((" " * (1 + len(title)), Role.PLAIN),))
        lines[-1] = (*lines[-1], *entry)
    return lines
