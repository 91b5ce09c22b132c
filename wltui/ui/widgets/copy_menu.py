"""The menu of what can be copied: a line each, with the beginning of the text, and the request in the last one."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.message import Message

from wltui.ui.text.copies import Copy
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans, clip, clip_middle, shortened, width

from .letter_menu import LetterMenu, entry_lines

LEFT_FREE = 9
"""Lines of the screen that the menu leaves to the rest; if it needs more, it has no texts."""
TITLE = "Copy"


class CopyMenu(LetterMenu):
    """Lines with a letter, what it copies, and the beginning of that."""

    @dataclass
    class Chosen(Message):
        """The user chose what to copy."""

        copy: Copy

    def open(self, copies: Sequence[Copy], glyphs: Glyphs) -> None:
        """Show the menu and take the focus."""
        self._copies = tuple(copies)

        def lines(cells: int) -> Sequence[Spans]:
            whole = copy_lines(self._copies, cells, glyphs)
            if len(whole) <= self.app.size.height - LEFT_FREE:
                return whole
            return entry_lines(TITLE, [_entry(copy) for copy in self._copies], cells)

        self.show(lines)
        self.show_open()

    def choose(self, letter: str) -> bool:
        """Copy what has the letter."""
        for copy in self._copies:
            if copy.letter == letter:
                self.post_message(self.Chosen(copy))
                return True
        return False


def copy_lines(copies: Sequence[Copy], cells: int, glyphs: Glyphs) -> list[Spans]:
    """Render what can be copied: each in a line with its text as far as there is room, and the requests in the last."""
    own = [copy for copy in copies if not copy.is_request]
    requests = [copy for copy in copies if copy.is_request]
    titles = max((cell_len(copy.what) for copy in own), default=0)
    lines: list[Spans] = []
    for copy in own:
        head = (TITLE, Role.TITLE) if not lines else (" " * len(TITLE), Role.PLAIN)
        label = " " * (titles - cell_len(copy.what) + 2)
        begin: Spans = ((" ", Role.PLAIN), head, *_entry(copy), (label, Role.PLAIN))
        preview: Spans = ((glyphs.text(shortened(copy.preview)), Role.MUTED),)
        cut = clip_middle if copy.is_value else clip  # a path or a hash is known by its end, too
        lines.append((*begin, *cut(preview, max(0, cells - 1 - width(begin)), glyphs.ellipsis)))
    if requests:
        line = entry_lines("Request" if own else TITLE, [_entry(copy) for copy in requests], cells)
        room = cells - 1 - width(line[-1]) - 3
        text = clip(
            ((glyphs.text(shortened(requests[0].preview)), Role.MUTED),), max(0, room), glyphs.ellipsis
        )
        line[-1] = (*line[-1], ("   ", Role.PLAIN), *text) if room > LEFT_FREE else line[-1]
        lines += line
    return lines


def _entry(copy: Copy) -> Spans:
    return (f"  {copy.letter}", Role.ACCENT), (f" {copy.what}", Role.PLAIN)
