"""A small terminal, exact where pyte is not, and written without looking at the product's own model of one.

pyte keeps the second half of a wide character whose first half was overwritten, erases with every attribute of the
style where terminals take its background at most, and knows no hyperlinks.
"""

import re

from wcwidth import wcwidth

_SEQUENCE = re.compile(
    r"\x1b\[([\d;:]*)([A-Za-z])|\x1b\]8;[^;]*;([^\x1b]*)\x1b\\|\x1b\[\?2026[hl]|(.)", re.DOTALL
)
_ON = {
    1: "bold",
    2: "dim",
    3: "italic",
    4: "line",
    5: "blink",
    7: "reverse",
    8: "hidden",
    9: "strike",
    53: "over",
}
_OFF = {22: ("bold", "dim"), 23: ("italic",), 24: ("line",), 25: ("blink",), 27: ("reverse",), 28: ("hidden",),
        29: ("strike",), 55: ("over",), 39: ("ink",), 49: ("paper",)}  # fmt: skip
_SEEN_ON_BLANKS = {"line", "blink", "reverse", "strike", "over", "link", "paper"}

Style = dict[str, object]
Cell = tuple[str, Style]


class Emulator:
    """A terminal that does not wrap lines.

    Args:
        bce: whether it erases with the style's background.
    """

    def __init__(self, width: int, height: int, *, bce: bool = True) -> None:
        self.width, self.height, self.bce = width, height, bce
        self.cells: list[list[Cell]] = [self._row() for _ in range(height)]
        self.x = self.y = 0
        self.style: Style = {}
        self.region = 0, height - 1

    def shown(self) -> list[list[tuple[str, frozenset[tuple[str, object]]]]]:
        """What can be seen in each cell: of a blank, no more than its background and its lines."""
        return [
            [
                (
                    char,
                    frozenset(
                        i for i in style.items() if char.strip() or not char or i[0] in _SEEN_ON_BLANKS
                    ),
                )
                for char, style in row
            ]
            for row in self.cells
        ]

    def feed(self, text: str) -> None:
        for found in _SEQUENCE.finditer(text):
            if found[2]:
                self._control([int(n or 0) for n in found[1].replace(":", ";").split(";")], found[2])
            elif found[3] is not None:
                self.style = {**self.style, "link": found[3]}
                if not found[3]:
                    del self.style["link"]
            elif found[4] == "\r":
                self.x = 0
            elif found[4] == "\n":
                self.y, self.x = min(self.y + 1, self.height - 1), 0
            elif found[4] is not None:
                assert found[4] >= " ", repr(text)
                self._put(found[4])

    def _row(self) -> list[Cell]:
        return [self._blank() for _ in range(self.width)]

    def _blank(self) -> Cell:
        """What erasing leaves; ``style`` is not set yet while the first screen is made."""
        paper = getattr(self, "style", {}).get("paper") if self.bce else None
        return " ", {"paper": paper} if paper else {}

    def _put(self, char: str) -> None:
        row, width = self.cells[self.y], wcwidth(char)
        if width == 0:
            x = self.x - 1
            if row[x][0] == "":
                x -= 1
            row[x] = row[x][0] + char, row[x][1]
            return
        self.x = min(self.x, self.width - width)
        for x in range(self.x, self.x + width):
            self._split(x)
        for n in range(width):
            row[self.x + n] = (char if n == 0 else ""), dict(self.style)
        self.x += width

    def _split(self, x: int) -> None:
        """A wide character of which a half is written over is gone."""
        row = self.cells[self.y]
        if row[x][0] == "":
            row[x - 1] = " ", row[x - 1][1]
        if x + 1 < self.width and row[x + 1][0] == "":
            row[x + 1] = " ", row[x + 1][1]

    def _control(self, numbers: list[int], final: str) -> None:
        first = numbers[0]
        count = first or 1
        top, bottom = self.region
        match final:
            case "m":
                self._select(numbers)
            case "H":
                self.y = min(count, self.height) - 1
                self.x = min((numbers[1] if len(numbers) > 1 else 1) or 1, self.width) - 1
            case "G":
                self.x = count - 1
            case "C":
                assert self.x < self.width, "terminals differ on where the cursor is at the end of a line"
                self.x = min(self.x + count, self.width - 1)
            case "K" | "X":
                assert self.x < self.width
                end = self.width if final == "K" else min(self.x + count, self.width)
                for x in range(self.x, end):
                    self._split(x)
                    self.cells[self.y][x] = self._blank()
            case "J":
                self.cells = [self._row() for _ in range(self.height)]
            case "r":
                self.region = (first - 1, numbers[1] - 1) if first else (0, self.height - 1)
                self.y = self.x = 0
            case "M" | "L":
                assert top <= self.y <= bottom
                new = [self._row() for _ in range(count)]
                block = self.cells[self.y : bottom + 1]
                block = [*block[count:], *new] if final == "M" else [*new, *block[:-count]]
                self.cells[self.y : bottom + 1] = block
            case _:
                raise AssertionError(f"no known sequence: {final!r}")

    def _select(self, numbers: list[int]) -> None:
        style = dict(self.style)
        rest = iter(numbers)
        for number in rest:
            if number == 0:
                style = {"link": style["link"]} if "link" in style else {}
            elif number in (38, 48):
                kind = next(rest)
                name = "ink" if number == 38 else "paper"
                style[name] = _colour(tuple(next(rest) for _ in range(3 if kind == 2 else 1)))
            elif number in _ON:
                style[_ON[number]] = 1
            elif number == 21:
                style["line"] = 2
            elif number in _OFF:
                for name in _OFF[number]:
                    style.pop(name, None)
            elif 30 <= number % 60 <= 37:
                style["ink"] = number
            else:
                style["paper"] = number
        self.style = style


def _colour(told: tuple[int, ...]) -> tuple[int, ...]:
    """A colour in 24 bits where that is certain; a number below 22 is a colour that the user may have chosen."""
    number = told[0]
    if len(told) > 1 or number < 22:
        return told
    if number >= 232:
        return (8 + 10 * (number - 232),) * 3
    cube = (*divmod((number - 16) // 6, 6), (number - 16) % 6)
    return tuple(55 + 40 * level if level else 0 for level in cube)
