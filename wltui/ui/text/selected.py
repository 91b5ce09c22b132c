"""The exact text of a part of wrapped lines: what was broken for the screen is one line again."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from rich.cells import cell_len, split_graphemes

from .spans import Continued, Cut, Edge, Spans, plain

_NO_WORD = frozenset("\"'`()[]{}<>,;=|")


class Place(NamedTuple):
    """A line, and a cell in it."""

    line: int
    cell: int


class Area(NamedTuple):
    """A part of a text."""

    start: Place
    end: Place
    """The cell after the last one."""


class Text(Protocol):
    """Lines as they are painted."""

    def text_line(self, number: int) -> Spans:
        """Return a line; empty if there is none with this number."""

    @property
    def line_count(self) -> int:
        """The number of lines."""


class Stretch(NamedTuple):
    """Characters of a line."""

    first: int
    end: int
    gap: str | None = None
    """The blanks before it if it goes on with the line above, else None."""


def stretch_at(text: Text, area: Area, number: int) -> Stretch | None:
    """Return the selected characters of a line; None if it has none.

    If the area begins and ends in the same of several columns, there are no characters of the others.
    """
    if not area.start.line <= number <= area.end.line:
        return None
    return _in_area(text, area, number, _column(text, area))


def _in_area(text: Text, area: Area, number: int, column: int | None) -> Stretch | None:
    first = area.start.cell if number == area.start.line else 0
    end = area.end.cell if number == area.end.line else None
    return _stretch(text.text_line(number), first, end, column)


def selected_text(text: Text, area: Area) -> str:
    """Return the text of an area, with the lines joined that are one."""
    parts: list[str] = []
    column = _column(text, area)
    for number in range(max(0, area.start.line), min(area.end.line + 1, text.line_count)):
        found = _in_area(text, area, number, column)
        if found is None:
            continue
        line = text.text_line(number)
        piece = _piece(line, found.first, found.end)
        if _columns(line):
            piece = piece.rstrip()  # the blanks below a longer text of another column
        if parts:
            parts.append("\n" if found.gap is None else found.gap)
        parts.append(piece)
    return "".join(parts)


def _piece(line: Spans, first: int, end: int) -> str:
    """Return some characters of a line, with the whole of each text in them that was cut on screen."""
    parts: list[str] = []
    place = 0
    for text, _ in line:
        stop = place + len(text)
        if isinstance(text, Cut) and first <= place < end and stop <= end:
            parts.append(text.whole)
        else:
            parts.append(text[max(0, first - place) : max(0, end - place)])
        place = stop
    return "".join(parts)


def word_at(text: Text, place: Place) -> Area | None:
    """Return the word at a place, also if it goes on in other lines; None if there is none."""
    column = _column(text, Area(place, Place(place.line, place.cell + 1)))
    lines = [place.line]
    while (found := _stretch(text.text_line(lines[0]), 0, None, column)) and found.gap == "":
        lines.insert(0, lines[0] - 1)
    while (found := _stretch(text.text_line(lines[-1] + 1), 0, None, column)) and found.gap == "":
        lines.append(lines[-1] + 1)
    chars: list[tuple[int, int, str]] = []  # line, cell and text of each character
    at = 0
    for number in lines:
        found = _stretch(text.text_line(number), 0, None, column)
        if found is None:
            continue
        whole = plain(text.text_line(number))
        cell = cell_len(whole[: found.first])
        for first, end, size in split_graphemes(whole[found.first : found.end])[0]:
            if (number, cell) <= place:
                at = len(chars)
            chars.append((number, cell, whole[found.first + first : found.first + end]))
            cell += size
    if not chars or chars[at][0] != place.line or _is_end(chars[at][2]):
        return None
    first = end = at
    while first > 0 and not _is_end(chars[first - 1][2]):
        first -= 1
    while end + 1 < len(chars) and not _is_end(chars[end + 1][2]):
        end += 1
    return Area(Place(*chars[first][:2]), Place(chars[end][0], chars[end][1] + cell_len(chars[end][2])))


def _is_end(character: str) -> bool:
    return character.isspace() or character in _NO_WORD


def _columns(line: Spans) -> list[tuple[int, int]]:
    """Return the first character of each column of a line, and the one after its last; none if it has no columns."""
    columns, first, place = [], 0, 0
    for text, _ in line:
        if isinstance(text, Edge):
            columns.append((first, place))
            first = place + len(text)
        place += len(text)
    return [*columns, (first, place)] if columns else []


def _column(text: Text, area: Area) -> int | None:
    """Return the number of the column in which an area begins and ends; None if they are two, or lines have none."""
    found = []
    for place in (area.start, Place(area.end.line, max(0, area.end.cell - 1))):
        line = text.text_line(place.line)
        if not (columns := _columns(line)):
            return None
        whole = plain(line)
        found.append(sum(cell_len(whole[:first]) <= place.cell for first, _ in columns[1:]))
    return found[0] if found[0] == found[1] else None


def _stretch(line: Spans, first: int, end: int | None, column: int | None) -> Stretch | None:
    """Return the characters from one cell to another, within a column; None if the line has nothing of it.

    The blanks before a text that goes on with the line above are left out.
    """
    whole = plain(line)
    columns = _columns(line)
    low, high = 0, len(whole)
    if column is not None:
        if column >= len(columns):
            return None
        low, high = columns[column]
        high = low + len(whole[low:high].rstrip())
        if low == high:
            return None
        low = high - len(whole[low:high].lstrip())
    gap = None
    if column is not None or not columns:
        place = 0
        for text, _ in line:
            if isinstance(text, Continued) and low <= place <= high:
                low, gap = place, text.gap
                break
            place += len(text)
    begin, stop = _characters(whole, first, end)
    if gap is not None and begin > low:
        gap = None
    begin, stop = max(begin, low), min(stop, high)
    return Stretch(begin, stop, gap) if stop >= begin else None


def _characters(text: str, first: int, end: int | None) -> tuple[int, int]:
    """Return the characters on the cells from ``first`` to ``end``; a wide one that is cut is in it whole."""
    if text.isascii():
        return min(first, len(text)), len(text) if end is None else min(end, len(text))
    begin, stop, cell = len(text), 0, 0
    for start, after, size in split_graphemes(text)[0]:
        if cell + size > first or (size == 0 and cell >= first):
            begin = min(begin, start)
        if end is None or cell < end:
            stop = after
        cell += size
    return begin, max(begin, stop)


class Lines(NamedTuple):
    """A list of lines as a :class:`Text`."""

    lines: Sequence[Spans]

    def text_line(self, number: int) -> Spans:
        """Return a line; empty if there is none with this number."""
        return self.lines[number] if 0 <= number < len(self.lines) else ()

    @property
    def line_count(self) -> int:
        """The number of lines."""
        return len(self.lines)


def whole_text(lines: Sequence[Spans]) -> str:
    """Return the text of all lines, with those joined that are one."""
    return selected_text(Lines(lines), Area(Place(0, 0), Place(len(lines), 0)))
