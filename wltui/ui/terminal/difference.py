"""The shortest text that turns one screen of cells into another, by the abilities that a terminal is known to have."""

import re
from collections import Counter
from itertools import groupby
from operator import and_, gt

from msgspec import Struct

from .cells import Grid, Line, cell_width, has_agreed_width
from .sgr import PLAIN, Look, blank_look, change

_BLANKS = re.compile(" {12,}")
"""Blanks inside a line that cost more bytes to write than to erase and skip."""
_TAIL = 4
"""The number of blanks at a line's end that cost more to write than to erase."""
_WORTH_ERASING = 10
"""Erase the rest of a line if the blanks exceed the cells to be written again by this number."""
_BLOCK = 4
"""The fewest lines that are moved as a block."""


class Abilities(Struct, frozen=True):
    """Features that a terminal is known to support, beyond moves, styles and characters."""

    colours_erased: bool = False
    """It erases with the background of the current style."""
    erases: bool = True
    """It knows EL and ECH."""
    moves_lines: bool = True
    """It knows scroll regions, and IL and DL in them."""


def full_repaint(want: Grid, can: Abilities) -> str:
    """Return the text that paints a screen, whatever the terminal shows before."""
    return f"\x1b[r\x1b[m\x1b[2J\x1b[H{difference(Grid(want.width, want.height), want, can)}"


def difference(shown: Grid, want: Grid, can: Abilities) -> str:
    """Return the text that turns the shown screen into the wanted one.

    Both have one size. The style is expected to be plain before, and is plain after.
    """
    pen = _Pen(shown, can)
    moved = _find_moved_block(shown, want) if can.moves_lines else None
    return pen.draw(pen.scroll(*moved) if moved else shown.lines, want)


def _find_moved_block(shown: Grid, want: Grid) -> tuple[int, int, int] | None:
    """Return the first and last line of a large block that moved, and by how many lines up; None if there is none."""
    changed = [y for y, pair in enumerate(zip(shown.lines, want.lines, strict=True)) if pair[0] != pair[1]]
    if len(changed) < _BLOCK:
        return None
    before = ["".join(chars[2:-2]).rstrip() for chars, _ in shown.lines]  # a scroll bar at the edge may stay
    after = ["".join(chars[2:-2]).rstrip() for chars, _ in want.lines]
    places: dict[str, list[int]] = {}
    for y, text in enumerate(before):
        places.setdefault(text, []).append(y)
    votes: Counter[int] = Counter()
    for y in changed:
        if after[y] != before[y] and after[y]:
            votes.update(old - y for old in places.get(after[y], ()))
    for rows, count in votes.most_common(1):
        ys = [
            y for y in changed if after[y] and after[y] != before[y] and y + rows in places.get(after[y], ())
        ]
        top, bottom = min(ys[0], ys[0] + rows), max(ys[-1], ys[-1] + rows)
        stay = sum(after[y] == before[y] != "" for y in range(top, bottom + 1))
        if count >= _BLOCK and count > stay:
            return top, bottom, rows
    return None


def _differs(old: Line, new: Line) -> list[bool]:
    """Return for each cell whether it differs."""
    return [a != b or s != t for a, b, s, t in zip(old[0], new[0], old[1], new[1], strict=True)]


def _without_invisible_looks(line: Line) -> Line:
    """Return a line without attributes that can't be seen, such as bold on a blank."""
    chars, looks = line
    return chars, [blank_look(look) if char == " " else look for char, look in zip(chars, looks, strict=True)]


def _find_repeated_looks(differs: list[bool], line: Line) -> list[Look]:
    """Return the looks that are needed twice, with another between, if the cells are written left to right."""
    written = [look for char, look, other in zip(*line, differs, strict=True) if other and char != " "]
    runs = Counter(look for look, _ in groupby(written))
    return [look for look, count in runs.items() if count > 1]


class _Pen:
    """Writes a difference: knows where the terminal's cursor is and in which style it writes."""

    def __init__(self, shown: Grid, can: Abilities) -> None:
        self._shown, self._can = shown, can
        self._out: list[str] = []
        self._y: int | None = shown.y
        self._x: int | None = shown.x
        self._look = PLAIN

    def scroll(self, top: int, bottom: int, rows: int) -> list[Line]:
        """Move the lines from ``top`` to ``bottom`` up by ``rows``, down if negative; return all lines afterwards."""
        lines = self._shown.lines
        blank = [self._shown.blank() for _ in range(abs(rows))]
        block = lines[top : bottom + 1]
        block = [*block[rows:], *blank] if rows > 0 else [*blank, *block[:rows]]
        count, sign = abs(rows) if abs(rows) > 1 else "", "M" if rows > 0 else "L"
        region = bottom < self._shown.height - 1
        self._out.append(f"\x1b[{top + 1};{bottom + 1}r" if region else "")
        self._out.append(f"\x1b[{top + 1}H\x1b[{count}{sign}")
        self._out.append("\x1b[r" if region else "")
        self._y = self._x = None
        return [*lines[:top], *block, *lines[bottom + 1 :]]

    def draw(self, lines: list[Line], want: Grid) -> str:
        """Write everything that differs, move the cursor to its wanted place, and return the text."""
        for y, (old, new) in enumerate(zip(lines, want.lines, strict=True)):
            if old != new:
                self._line(y, _without_invisible_looks(old), _without_invisible_looks(new))
        self._wear(PLAIN)
        self._go(want.y, want.x)
        return "".join(self._out)

    def _line(self, y: int, old: Line, new: Line) -> None:
        """Write the differing cells of a line; if they are mostly blanks, erase first and write the rest."""
        chars, looks = new
        differs = _differs(old, new)
        if True not in differs:
            return
        x = differs.index(True)
        x -= chars[x] == ""
        blanks = sum(map(and_, differs, map(" ".__eq__, chars)))
        kept = len(chars) - chars.count(" ") - (sum(differs) - blanks)  # would have to be written again
        ground = Look(paper=Counter(looks[x:]).most_common(1)[0][0].paper)
        if blanks - kept >= _WORTH_ERASING and self._can_erase(ground):
            self._go(y, x)
            if blank_look(self._look) != ground:
                written = (look for char, look in zip(chars[x:], looks[x:], strict=True) if char != " ")
                self._wear(next((look for look in written if blank_look(look) == ground), ground))
            self._out.append("\x1b[K")
            rest = len(chars) - x
            differs = _differs(([*old[0][:x], *[" "] * rest], [*old[1][:x], *[ground] * rest]), new)
        self._shortest(y, differs, new)

    def _shortest(self, y: int, differs: list[bool], new: Line) -> None:
        """Write cells from left to right, or first all of a repeated look, or of each: whichever is shortest."""
        ways = [self._measure(y, [differs], new)]
        parts, rest = [], differs
        for number, look in enumerate(repeated := _find_repeated_looks(differs, new), 1):
            alike = (look, blank_look(look))
            parts.append([other and seen in alike for other, seen in zip(rest, new[1], strict=True)])
            rest = list(map(gt, rest, parts[-1]))
            if number in (1, len(repeated)):
                ways.append(self._measure(y, [*parts, rest], new))
        text, self._y, self._x, self._look = min(ways, key=lambda way: len(way[0]))
        self._out.append(text)

    def _measure(
        self, y: int, parts: list[list[bool]], new: Line
    ) -> tuple[str, int | None, int | None, Look]:
        """Return the text that writes a line's parts one after the other, and the pen's place and look after it."""
        before = self._out, self._y, self._x, self._look
        self._out = []
        for differs in parts:
            self._cells(y, differs, new)
        way = "".join(self._out), self._y, self._x, self._look
        self._out, self._y, self._x, self._look = before
        return way

    def _can_erase(self, look: Look) -> bool:
        """Return whether erasing in a look leaves blanks of that look."""
        seen = blank_look(look)
        return (
            self._can.erases
            and seen == Look(paper=seen.paper)
            and (self._can.colours_erased or not seen.paper)
        )

    def _cells(self, y: int, differs: list[bool], new: Line) -> None:
        chars, looks = new
        width, x = len(chars), 0
        while True in differs[x:]:
            x = differs.index(True, x)
            x -= chars[x] == ""
            self._reach(y, x, new)
            self._wear(self._fit(x, differs, new))
            look, blank, end = self._look, blank_look(self._look), x + 1
            while end < width:
                if differs[end]:
                    if looks[end] != look and (chars[end] != " " or looks[end] != blank):
                        break
                elif chars[end]:
                    break
                end += 1
            x = self._run(y, x, end, new)

    def _fit(self, x: int, differs: list[bool], line: Line) -> Look:
        """Return the look to write a cell in: the present one or the next, if they look the same on a blank."""
        chars, looks = line
        if chars[x] != " " or looks[x] == self._look:
            return looks[x]
        if blank_look(self._look) == looks[x]:
            return self._look
        for n in range(x, len(chars)):
            if not differs[n] or blank_look(looks[n]) != looks[x]:
                break
            if chars[n] != " ":
                return looks[n]
        return looks[x]

    def _run(self, y: int, x: int, end: int, line: Line) -> int:
        """Write the cells from ``x`` to ``end`` in the present look; return the column to go on at."""
        chars, looks = line
        width, blank = len(chars), blank_look(self._look)
        erasable = self._can_erase(self._look)
        if erasable and chars[end - 1] == " ":
            stop = end
            while stop < width and chars[stop] == " " and looks[stop] == blank:
                stop += 1
            if stop == width:
                begin = end
                while begin > x and chars[begin - 1] == " ":
                    begin -= 1
                if width - begin >= _TAIL:
                    self._write(y, x, chars[x:begin], width, erasable)
                    self._reach(y, begin, line)
                    self._out.append("\x1b[K")
                    return width
        self._write(y, x, chars[x:end], width, erasable)
        return end

    def _write(self, y: int, x: int, cells: list[str], width: int, erasable: bool) -> None:
        text = "".join(cells)
        if text.isascii():
            done = 0
            for blanks in _BLANKS.finditer(text) if erasable else ():
                start, end = blanks.span()
                if x + end < width:
                    self._out += (text[done:start], f"\x1b[{end - start}X\x1b[{end - start}C")
                    done = end
            self._out.append(text[done:])
            self._advance(y, x + len(text), width)
            return
        for cell in cells:
            if cell:
                if self._x is None:
                    self._go(y, x)
                self._out.append(cell)
                self._advance(y, x + cell_width(cell), width)
                if not has_agreed_width(cell):
                    self._x = None
            x += 1

    def _advance(self, y: int, x: int, width: int) -> None:
        self._y, self._x = y, x if x < width else None  # terminals differ on where the end of a line is

    def _wear(self, look: Look) -> None:
        if look != self._look:
            self._out.append(change(self._look, look))
            self._look = look

    def _reach(self, y: int, x: int, line: Line) -> None:
        """Move to a cell, by writing the cells between anew if that is shorter."""
        if self._y == y and self._x is not None and 0 < x - self._x <= 4:
            chars, looks = line
            between = "".join(chars[self._x : x])
            short = between.isascii() and len(between) == x - self._x <= len(self._move_sequence(y, x))
            fits = {self._look, blank_look(self._look)} if between.isspace() else {self._look}
            if short and fits.issuperset(looks[self._x : x]):
                self._out.append(between)
                self._x = x
        self._go(y, x)

    def _go(self, y: int, x: int) -> None:
        self._out.append(self._move_sequence(y, x))
        self._y, self._x = y, x

    def _move_sequence(self, y: int, x: int) -> str:
        if self._y == y:
            if self._x == x:
                return ""
            if self._x is not None and (far := x - self._x) > 0:
                return f"\x1b[{far}C" if far > 1 else "\x1b[C"
            return f"\x1b[{x + 1}G" if x else "\r"
        return f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"
