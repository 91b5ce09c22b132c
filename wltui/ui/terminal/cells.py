"""A screen as cells, and how a text paints on it.

Nothing here knows a terminal or a thread. A text is what Textual writes: cursor moves, styles, links and characters.
"""

import re
from functools import lru_cache
from typing import Self

from rich.cells import split_graphemes

from .sgr import PLAIN, Look, apply_codes

Line = tuple[list[str], list[Look]]
"""A row's characters and their looks. A wide character is followed by an empty one; marks stand with their letter."""

_TOKEN = re.compile(
    r"\x1b\[([0-9;:]*)m"  # 1: a style
    r"|([^\x00-\x1f\x7f-\x9f]+)"  # 2: characters
    r"|\x1b\[([0-9]*)(?:;([0-9]*))?H"  # 3, 4: a move
    r"|\x1b\[([0-9]*)([CG])"  # 5, 6: a move in the line
    r"|\x1b\]8;([^\x07\x1b]*)(?:\x1b\\|\x07)"  # 7: a link's begin or end
    r"|([\x08-\x0d])"  # 8: a control character that moves the cursor
    r"|([\x00-\x06\x0e-\x1a\x1c-\x1f\x7f-\x9f])"  # 9: one that would make the rest unreadable
    r"|(\x07|\x1b(?:\[[0-?]*[ -/]*[@-~]?|[\]PX^_].*?(?:\x07|\x1b\\)|[ -/]*[0-~])?)",  # 10: anything else
    re.DOTALL,
)


class Grid:
    """A screen's cells, and where its cursor is."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.lines: list[Line] = [self.blank() for _ in range(height)]
        self.y = self.x = 0

    def blank(self) -> Line:
        """Return a line of plain blanks."""
        return [" "] * self.width, [PLAIN] * self.width

    def copy(self) -> Self:
        """Return a screen with the same cells and cursor that can change by itself."""
        twin = type(self)(0, 0)
        twin.width, twin.height, twin.y, twin.x = self.width, self.height, self.y, self.x
        twin.lines = [(chars[:], looks[:]) for chars, looks in self.lines]
        return twin

    def paint(self, text: str) -> bool:
        """Paint a text as a terminal without line wrapping does; return False if cells can't hold all of it."""
        look, understood = PLAIN, True
        for token in _TOKEN.finditer(text):
            kind = token.lastindex
            if kind == 1:
                look = apply_codes(look, token[1])
            elif kind == 2:
                self._put(token[2], look)
            elif kind in (3, 4):
                self.y = min(max(int(token[3] or 1), 1), self.height) - 1
                self.x = min(max(int(token[4] or 1), 1), self.width) - 1
            elif kind == 6:
                far = max(int(token[5] or 1), 1)
                self.x = min(
                    min(self.x, self.width - 1) + far if token[6] == "C" else far - 1, self.width - 1
                )
            elif kind == 7:
                look = look._replace(link="" if token[7] == ";" else token[7])
            elif kind == 8:
                self._control(token[8])
            elif kind == 10:
                understood = False
        self.x = min(self.x, self.width - 1)
        return understood

    def _control(self, character: str) -> None:
        x = min(self.x, self.width - 1)
        if character == "\b":
            self.x = max(x - 1, 0)
        elif character == "\t":
            self.x = min(x // 8 * 8 + 8, self.width - 1)
        else:
            self.x = 0  # the line discipline puts a return before each new line
            if character != "\r":
                self.y += 1
            if self.y == self.height:
                self.y -= 1
                self.lines = [*self.lines[1:], self.blank()]

    def _put(self, text: str, look: Look) -> None:
        chars, looks = self.lines[self.y]
        marks, cells = ("", list(text)) if text.isascii() else _cells(text)
        if marks and self.x:
            x = min(self.x, self.width) - 1
            x -= chars[x] == ""
            chars[x] += marks
        if not cells:
            return
        if (room := self.width - self.x) < len(cells):  # without wrapping, the rest overwrites the last cell
            if room <= 0:
                self.x, room = self.width - 1, 1
            last = cells[-1] or " "
            cells = [*cells[: room - 1], last]
            if room > 1 and cells[-2] and cell_width(cells[-2]) == 2:
                cells[-2] = " "
            if cell_width(last) == 2:
                cells[-1] = " "
        x, end = self.x, self.x + len(cells)
        if chars[x] == "" and x:  # overwriting half of a wide character erases the other half
            chars[x - 1] = " "
        chars[x:end] = cells
        looks[x:end] = [look] * len(cells)
        if end < self.width and chars[end] == "":
            chars[end] = " "
        self.x = end


@lru_cache(4096)
def _cells(text: str) -> tuple[str, list[str]]:
    """Return a text's cells, and the marks at its begin that belong to the cell before it."""
    marks, cells = "", []
    for start, end, width in split_graphemes(text)[0]:
        if not width:
            marks += text[start:end]
        else:
            cells += [text[start:end], *[""] * (width - 1)]
    return marks, cells


@lru_cache(4096)
def cell_width(cell: str) -> int:
    """Return how many columns of the terminal a cell's text takes."""
    return split_graphemes(cell)[1]


@lru_cache(4096)
def has_agreed_width(cell: str) -> bool:
    """Return whether all terminals give a cell's text the same width: False for new signs and for combined ones."""
    if len(cell) != 1:
        return False
    code = ord(cell)
    if cell_width(cell) == 2:
        return 0x2E80 <= code <= 0xD7A3 or 0xF900 <= code <= 0xFFEF or 0x20000 <= code <= 0x3FFFF
    return code < 0x1F000 and code != 0xAD
