"""The shortest text that turns one screen of cells into another, with what a terminal is known to do right."""

import re
from collections import Counter
from itertools import groupby
from operator import and_, gt

from msgspec import Struct

from .cells import Grid, Line, agreed, cell_width
from .sgr import PLAIN, Look, bare, change

_BLANKS = re.compile(" {12,}")
"""Inside a line, so many blanks cost more than erasing them and moving on."""
_TAIL = 4
"""At a line's end, so many do."""
_WORTH_ERASING = 10
"""So many more blanks than cells that would have to be written again."""
_BLOCK = 4
"""Lines that have to move together for the terminal to move them."""


class Abilities(Struct, frozen=True):
    """What a terminal is known to do right, beyond moves, styles and characters."""

    colours_erased: bool = False
    """It erases with the background of the current style."""
    erases: bool = True
    """It knows EL and ECH."""
    moves_lines: bool = True
    """It knows scroll regions, and IL and DL in them."""


def whole(want: Grid, can: Abilities) -> str:
    """Return the text that paints a screen, whatever the terminal shows."""
    return f"\x1b[r\x1b[m\x1b[2J\x1b[H{difference(Grid(want.width, want.height), want, can)}"


def difference(shown: Grid, want: Grid, can: Abilities) -> str:
    """Return the text that turns what is shown into what is wanted, both of one size; plain styles before and after."""
    pen = _Pen(shown, can)
    moved = _moved(shown, want) if can.moves_lines else None
    return pen.draw(pen.scrolled(*moved) if moved else shown.lines, want)


def _moved(shown: Grid, want: Grid) -> tuple[int, int, int] | None:
    """First and last line of a large block that moved, and by how many lines it moved up; None if there is none."""
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
    """Which cells differ."""
    return [a != b or s != t for a, b, s, t in zip(old[0], new[0], old[1], new[1], strict=True)]


def _seen(line: Line) -> Line:
    """Return a line with what can be seen of its looks."""
    chars, looks = line
    return chars, [bare(look) if char == " " else look for char, look in zip(chars, looks, strict=True)]


def _coming_back(differs: list[bool], line: Line) -> Look | None:
    """Return the first look that is left and come back to, if what differs is written from left to right."""
    written = [look for char, look, other in zip(*line, differs, strict=True) if other and char != " "]
    runs = Counter(look for look, _ in groupby(written))
    return next((look for look, count in runs.items() if count > 1), None)


class _Pen:
    """Writes a difference: knows where the terminal's cursor is and what style it writes in."""

    def __init__(self, shown: Grid, can: Abilities) -> None:
        self._shown, self._can = shown, can
        self._out: list[str] = []
        self._y: int | None = shown.y
        self._x: int | None = shown.x
        self._look = PLAIN

    def scrolled(self, top: int, bottom: int, rows: int) -> list[Line]:
        """Move the lines from ``top`` to ``bottom`` up by so many rows, or down; returns the lines as they are then."""
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
        """Everything that differs; the cursor ends where it is wanted."""
        for y, (old, new) in enumerate(zip(lines, want.lines, strict=True)):
            if old != new:
                self._line(y, _seen(old), _seen(new))
        self._wear(PLAIN)
        self._go(want.y, want.x)
        return "".join(self._out)

    def _line(self, y: int, old: Line, new: Line) -> None:
        """Write what differs in a line; where that is mostly blanks, erase them all first and write the rest."""
        chars, looks = new
        differs = _differs(old, new)
        if True not in differs:
            return
        x = differs.index(True)
        x -= chars[x] == ""
        blanks = sum(map(and_, differs, map(" ".__eq__, chars)))
        kept = len(chars) - chars.count(" ") - (sum(differs) - blanks)  # would have to be written again
        ground = Look(paper=Counter(looks[x:]).most_common(1)[0][0].paper)
        if blanks - kept >= _WORTH_ERASING and self._erasable(ground):
            self._go(y, x)
            if bare(self._look) != ground:
                written = (look for char, look in zip(chars[x:], looks[x:], strict=True) if char != " ")
                self._wear(next((look for look in written if bare(look) == ground), ground))
            self._out.append("\x1b[K")
            rest = len(chars) - x
            differs = _differs(([*old[0][:x], *[" "] * rest], [*old[1][:x], *[ground] * rest]), new)
        self._shortest(y, differs, new)

    def _shortest(self, y: int, differs: list[bool], new: Line) -> None:
        """Write what differs from left to right, or first all that is of a look that comes back: the shorter."""
        ways = [self._tried(y, [differs], new)]
        if (look := _coming_back(differs, new)) is not None:
            first = [
                other and seen in (look, bare(look)) for other, seen in zip(differs, new[1], strict=True)
            ]
            ways.append(self._tried(y, [first, list(map(gt, differs, first))], new))
        text, self._y, self._x, self._look = min(ways, key=lambda way: len(way[0]))
        self._out.append(text)

    def _tried(self, y: int, parts: list[list[bool]], new: Line) -> tuple[str, int | None, int | None, Look]:
        """Return the text that writes a line's parts one after the other, and where the pen and its look are then."""
        before = self._out, self._y, self._x, self._look
        self._out = []
        for differs in parts:
            self._cells(y, differs, new)
        way = "".join(self._out), self._y, self._x, self._look
        self._out, self._y, self._x, self._look = before
        return way

    def _erasable(self, look: Look) -> bool:
        """Whether what is erased in a look is blanks of that look."""
        seen = bare(look)
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
            look, blank, end = self._look, bare(self._look), x + 1
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
        if bare(self._look) == looks[x]:
            return self._look
        for n in range(x, len(chars)):
            if not differs[n] or bare(looks[n]) != looks[x]:
                break
            if chars[n] != " ":
                return looks[n]
        return looks[x]

    def _run(self, y: int, x: int, end: int, line: Line) -> int:
        """Write the cells from ``x`` to ``end`` in the present look; returns where to go on."""
        chars, looks = line
        width, blank = len(chars), bare(self._look)
        erasable = self._erasable(self._look)
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
            self._moved(y, x + len(text), width)
            return
        for cell in cells:
            if cell:
                if self._x is None:
                    self._go(y, x)
                self._out.append(cell)
                self._moved(y, x + cell_width(cell), width)
                if not agreed(cell):
                    self._x = None
            x += 1

    def _moved(self, y: int, x: int, width: int) -> None:
        self._y, self._x = y, x if x < width else None  # terminals differ on where the end of a line is

    def _wear(self, look: Look) -> None:
        if look != self._look:
            self._out.append(change(self._look, look))
            self._look = look

    def _reach(self, y: int, x: int, line: Line) -> None:
        """Go there, over what lies between if writing that anew is shorter."""
        if self._y == y and self._x is not None and 0 < x - self._x <= 4:
            chars, looks = line
            between = "".join(chars[self._x : x])
            short = between.isascii() and len(between) == x - self._x <= len(self._way(y, x))
            fits = {self._look, bare(self._look)} if between.isspace() else {self._look}
            if short and fits.issuperset(looks[self._x : x]):
                self._out.append(between)
                self._x = x
        self._go(y, x)

    def _go(self, y: int, x: int) -> None:
        self._out.append(self._way(y, x))
        self._y, self._x = y, x

    def _way(self, y: int, x: int) -> str:
        if self._y == y:
            if self._x == x:
                return ""
            if self._x is not None and (far := x - self._x) > 0:
                return f"\x1b[{far}C" if far > 1 else "\x1b[C"
            return f"\x1b[{x + 1}G" if x else "\r"
        return f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"
