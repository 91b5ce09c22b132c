"""A field that two people changed: its three values (base, theirs, yours), of which the user takes one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import NamedTuple

from textual.binding import Binding
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from wltui.config.edit import SCHEMAS, FieldChange, format_diff
from wltui.config.fields import FIELD
from wltui.config.merge import MergedField, Side
from wltui.core.records import UNSET
from wltui.ui.text.format import count
from wltui.ui.text.glyphs import UNICODE, Glyphs
from wltui.ui.text.spans import Role, Span, Spans, clip, visible, width, wrap

from .diff_view import ROLES
from .painted import Restyled

WIDE = 90
"""Minimum width in cells to show the three values side by side."""
GAP = 2
"""Cells between the values."""
HEAD_LINES = 4
"""Lines to show of a long value without another to compare it with."""
CONTEXT = 1
"""Equal lines that a difference shows before and after those that differ."""
SIDES = tuple(Side)
LABELS = {Side.BASE: "original", Side.THEIRS: "theirs", Side.YOURS: "yours"}


class ThreeWayRow(NamedTuple):
    """A line of a value; a difference has a sign before it."""

    sign: str
    text: str
    role: Role


SideRows = Mapping[Side, Sequence[ThreeWayRow]]
"""The rows that show a field's value on each side."""


def describe_sides(field: MergedField) -> SideRows:
    """Describe the field on each side.

    The first long value is shown by its first few lines, other long ones as differences from it. The first call for
    a schema is slow, since it imports pyarrow.
    """
    whole = {side: _lines(field, None, field.value(side)) for side in Side}
    long = [side for side in Side if _is_long(field, side, whole[side])]
    first = long[0] if long else None
    rows: dict[Side, Sequence[ThreeWayRow]] = {}
    for side in Side:
        if side is Side.YOURS and side not in field.options:
            rows[side] = [ThreeWayRow("", LABELS[Side.BASE], Role.MUTED)]
        elif first is None or side not in long:
            rows[side] = [_describe_value(field, side)]
        elif side is first:
            rows[side] = _head(
                [ThreeWayRow("", text, Role.PLAIN) for sign, text in whole[side] if sign == "+"]
            )
        else:
            rows[side] = _fold_equal_lines(_lines(field, field.value(first), field.value(side)))
    return rows


def describe_change(field: MergedField, side: Side) -> Sequence[ThreeWayRow]:
    """Describe how taking a side changes the value that the edit began from: in a line, or as a difference."""
    before, after = field.base, field.value(side)
    if all(_is_long(field, end, _lines(field, None, field.value(end))) for end in (Side.BASE, side)):
        return _fold_equal_lines(_lines(field, before, after))
    was, now = (FIELD[field.key].describe(value) for value in (before, after))
    if after is UNSET:
        return [ThreeWayRow("", f"{now}: a save clears it", Role.WARNING)]
    return [ThreeWayRow("", f"{now}  (was {was})", Role.PLAIN)]


def render_rows(rows: Sequence[ThreeWayRow], cells: int, glyphs: Glyphs) -> list[Spans]:
    """Render the rows in lines of at most ``cells``."""
    drawn: list[Spans] = []
    for sign, text, role in rows:
        head = f"{glyphs.ellipsis if sign == '…' else sign} " if sign else ""
        first, *rest = wrap(((glyphs.text(text), role),), max(4, cells - len(head)))
        drawn.append(((head, role), *first) if head else first)
        drawn += [((" " * len(head), Role.PLAIN), *line) if head else line for line in rest]
    return drawn


class ThreeWay(Restyled, can_focus=True):
    """The three values, side by side if there is room, else one below the other; the user takes one."""

    DEFAULT_CSS = """
    ThreeWay { height: auto; margin: 1 1 0 0; }
    ThreeWay > .role--match { text-style: bold; }
    ThreeWay:focus > .role--match { background: $cursor-background; color: $cursor-foreground; text-style: bold; }
    ThreeWay:ansi:focus > .role--match, ThreeWay:nocolor:focus > .role--match { text-style: reverse bold; }
    """
    BINDINGS = [
        Binding("right,l,space", "move(1)", "Other", id="sides.next", tooltip="take the next of the three"),
        Binding("left,h", "move(-1)", "Previous", id="sides.previous", tooltip="take the one before", show=False),
        Binding("1", "take('base')", "Original", id="sides.base", tooltip="take the original value", show=False),
        Binding("2", "take('theirs')", "Theirs", id="sides.theirs", tooltip="take theirs", show=False),
        Binding("3", "take('yours')", "Yours", id="sides.yours", tooltip="take yours", show=False),
    ]  # fmt: skip

    class Taken(Message):
        """A side was taken."""

    @dataclass
    class Refused(Message):
        """The user asked for a side that is not offered."""

        reason: str

    def __init__(
        self,
        field: MergedField,
        rows: SideRows,
        names: Mapping[Side, str],
        *,
        glyphs: Glyphs = UNICODE,
    ) -> None:
        """``rows`` come from :func:`describe_sides`; ``names`` are the labels of the sides."""
        super().__init__(id=f"sides-{field.key}")
        self.field = field
        self.taken = field.choice
        """The side that is taken, or None."""
        self._side_rows = rows
        self._names = names
        self._glyphs = glyphs
        self._drawn: tuple[int, Side | None, list[Spans]] = (0, None, [])

    @property
    def text(self) -> str:
        """The field and its three values as they are shown, for the clipboard."""
        lines = [self.field.title]
        for side, rows in self._side_rows.items():
            lines.append(f"  {self._names[side]}")
            lines += [
                f"    {row.sign} {visible(row.text)}" if row.sign else f"    {visible(row.text)}"
                for row in rows
            ]
        return "\n".join(lines)

    def action_move(self, step: int) -> None:
        """Take the next side (1) or the one before (-1); after the last comes the first."""
        options = self.field.options
        if self.taken is None:
            self._take(options[0 if step > 0 else -1])
        else:
            self._take(options[(options.index(self.taken) + step) % len(options)])

    def action_take(self, name: str) -> None:
        """Take a side."""
        self._take(Side(name))

    def _take(self, side: Side) -> None:
        if side not in self.field.options:
            self.post_message(self.Refused(self._refusal_reason(side)))
        elif side is not self.taken:
            before = self._lines(self.size.width)
            self.taken = side
            for y, (old, new) in enumerate(zip(before, self._lines(self.size.width), strict=True)):
                if old != new:
                    self.refresh(Region(0, y, self.size.width, 1))
            self.post_message(self.Taken())

    def _refusal_reason(self, side: Side) -> str:
        if self.field.value(side) is UNSET:
            return "It is not readable, so it can't be taken"
        if side is Side.YOURS:
            return "You did not change it: it is what the edit began from"
        return "It would send null, as another one does"

    @property
    def takes_hurried_clicks(self) -> bool:
        """Whether it gets clicks shortly after another one, since taking a side sends nothing."""
        return True

    def on_click(self, event: Click) -> None:
        """Take the side under the mouse."""
        at = event.get_content_offset_capture(self)
        side = self._side_at(at.x, at.y)
        if side in self.field.options:
            self._take(side)

    # Drawing

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render_line(self, y: int) -> Strip:
        lines = self._lines(self.size.width)
        return self.strip(lines[y] if y < len(lines) else (), self.size.width)

    def _lines(self, cells: int) -> list[Spans]:
        if self._drawn[:2] != (cells, self.taken):
            self._drawn = cells, self.taken, self._build_lines(cells)
        return self._drawn[2]

    def _build_lines(self, cells: int) -> list[Spans]:
        title = (f" {self.field.title} ", Role.MATCH)
        state = (
            ("  choose one", Role.WARNING) if self.taken is None else (f"  {LABELS[self.taken]}", Role.MUTED)
        )
        stacked = (
            self._put_side_by_side(cells) if cells >= WIDE else [line for _, line in self._stack_sides(cells)]
        )
        return [(title, state), *stacked]

    def _put_side_by_side(self, cells: int) -> list[Spans]:
        column = self._column(cells)
        indent = width((self._radio(Side.BASE),)) + 1
        columns = [
            [self._label(side), *(((" " * indent, Role.PLAIN), *line)
                                  for line in render_rows(self._side_rows[side], column - indent, self._glyphs))]
            for side in Side
        ]  # fmt: skip
        return [self._join_columns(line, column) for line in zip_longest(*columns, fillvalue=())]

    def _join_columns(self, parts: Sequence[Spans], column: int) -> Spans:
        joined: list[Span] = [(" ", Role.PLAIN)]
        for part in parts:
            fitting = clip(part, column, self._glyphs.ellipsis)
            joined += [*fitting, (" " * (column - width(fitting) + GAP), Role.PLAIN)]
        return tuple(joined[:-1])

    def _stack_sides(self, cells: int) -> list[tuple[Side, Spans]]:
        lines: list[tuple[Side, Spans]] = []
        labels = {side: self._label(side) for side in Side}
        indent = max(map(width, labels.values())) + GAP
        for side, label in labels.items():
            for number, line in enumerate(
                render_rows(self._side_rows[side], max(8, cells - indent - 1), self._glyphs)
            ):
                head: Spans = label if number == 0 else ()
                pad = (" " * (indent - width(head)), Role.PLAIN)
                lines.append((side, ((" ", Role.PLAIN), *head, pad, *line)))
        return lines

    def _column(self, cells: int) -> int:
        return (cells - 1 - 2 * GAP) // len(SIDES)

    def _side_at(self, x: int, y: int) -> Side | None:
        """Return the side whose label or value is drawn there."""
        cells = self.size.width
        if y < 1:
            return None
        if cells >= WIDE:
            return SIDES[min(max(0, x - 1) // (self._column(cells) + GAP), len(SIDES) - 1)]
        stacked = self._stack_sides(cells)
        return stacked[y - 1][0] if y <= len(stacked) else None

    def _radio(self, side: Side) -> Span:
        if side not in self.field.options:
            return " " * width(((self._glyphs.off, Role.PLAIN),)), Role.MUTED
        return (self._glyphs.on, Role.ACCENT) if side is self.taken else (self._glyphs.off, Role.MUTED)

    def _label(self, side: Side) -> Spans:
        offered = side in self.field.options
        role = Role.ACCENT if side is self.taken else Role.PLAIN if offered else Role.MUTED
        number = str(SIDES.index(side) + 1) if offered else " "
        return self._radio(side), (f" {number} {self._names[side]}", role)


def _lines(field: MergedField, before: object, after: object) -> Sequence[tuple[str, str]]:
    return format_diff([FieldChange(field.key, field.title, before, after)])[1:]


def _is_long(field: MergedField, side: Side, lines: Sequence[tuple[str, str]]) -> bool:
    value = field.value(side)
    if value is None or value is UNSET:
        return False
    return field.key in SCHEMAS or sum(sign == "+" for sign, _ in lines) > 1


def _describe_value(field: MergedField, side: Side) -> ThreeWayRow:
    value = field.value(side)
    words = FIELD[field.key].describe(value)
    if value is UNSET:
        return ThreeWayRow(
            "", f"{words}: taking it clears it" if side in field.options else words, Role.WARNING
        )
    return ThreeWayRow("", words, Role.MUTED if value is None else Role.PLAIN)


def _head(rows: Sequence[ThreeWayRow]) -> Sequence[ThreeWayRow]:
    more = len(rows) - HEAD_LINES
    if more <= 1:
        return rows
    return [*rows[:HEAD_LINES], ThreeWayRow("…", f"{count(more, 'more line')}", Role.MUTED)]


def _fold_equal_lines(lines: Sequence[tuple[str, str]]) -> list[ThreeWayRow]:
    """Return a difference with most of its equal lines folded into one."""
    runs = [
        (alike, [ThreeWayRow(sign, text, ROLES[sign]) for sign, text in run])
        for alike, run in groupby(lines, key=lambda line: line[0] == " ")
    ]
    folded: list[ThreeWayRow] = []
    for number, (alike, rows) in enumerate(runs):
        before, after = (CONTEXT if number else 0), (CONTEXT if number < len(runs) - 1 else 0)
        hidden = len(rows) - before - after
        if not alike or hidden <= 1:
            folded += rows
        else:
            fold = ThreeWayRow("…", f"{count(hidden, 'line')} alike", Role.MUTED)
            folded += [*rows[:before], fold, *rows[len(rows) - after :]]
    return folded
