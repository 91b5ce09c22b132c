"""Two versions side by side, with equal fields folded into a line."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby, zip_longest

from msgspec import Struct

from wltui.config.comparison import DIFFERENT, Cell, Comparison, ComparisonRow, Group, State, Verdict
from wltui.core.records import WorkspaceId
from wltui.core.terminal_text import split_lines
from wltui.core.times import parse_timestamp
from wltui.ui.text.format import age_since, count, day_time, size
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Edge, Role, Spans, clip, width, wrap

from .image_path import image_lines
from .labelled import heading
from .status import status

MARGIN = 2
"""Cells before the labels, for the sign of the current difference (keys ``n`` and ``N``)."""
INDENT = 2
"""Cells before the labels below a heading."""
SIGN = 3
GAP = 2
ROLES = {
    Verdict.SAME: Role.MUTED,
    Verdict.DIFFERS: Role.WARNING,
    Verdict.ADDED: Role.SUCCESS,
    Verdict.REMOVED: Role.ERROR,
    Verdict.UNKNOWN: Role.MUTED,
    Verdict.OWN: Role.MUTED,
}


class Widths(Struct, frozen=True):
    """The widths of a line's columns: margin, label, sign, left, gap, right."""

    label: int
    side: int

    @classmethod
    def for_width(cls, cells: int) -> "Widths":
        """Return the widths for a line of ``cells``."""
        label = 22 if cells >= 100 else 19
        return cls(label, max(8, (cells - MARGIN - label - SIGN - GAP) // 2))


def render_columns(
    label: Spans, sign: Spans, left: Sequence[Spans], right: Sequence[Spans], widths: Widths
) -> Iterator[Spans]:
    """Yield the lines of label, left and right: as many as the longest of them takes."""
    first, *rest = wrap(label, widths.label - INDENT - 1)
    names = [((" " * INDENT, Role.PLAIN), *line) for line in (first, *rest)]
    columns = (names, [sign], left, right)
    for name, mark, mine, theirs in zip_longest(*columns, fillvalue=()):
        yield (
            *_pad(name, widths.label),
            *_pad(mark, SIGN, Edge),
            *_pad(mine, widths.side + GAP, Edge),
            *theirs,
        )


def _pad(spans: Spans, cells: int, kind: type[str] = str) -> Spans:
    return (*spans, (kind(" " * max(0, cells - width(spans))), Role.PLAIN))


class Layout(Struct, frozen=True):
    """The lines, and the numbers of those at which a difference begins."""

    lines: Sequence[Spans]
    stops: Sequence[int]


class CompareView(Struct, frozen=True):
    """A comparison and how to draw it."""

    comparison: Comparison
    glyphs: Glyphs
    now: datetime
    workspaces: dict[WorkspaceId, str]
    """The names on screen of the workspaces on both sides."""
    folded: bool = True
    current: int | None = None
    """The current difference, counted from 0."""

    def lay_out(self, cells: int) -> Layout:
        """Return all lines for a width in cells."""
        lines: list[Spans] = []
        stops: list[int] = []
        is_below_line = False
        for group in self.comparison.groups:
            is_line = self._is_line(group)
            if lines and not (is_line and is_below_line):
                lines.append(())
            is_below_line = is_line
            for spans, stop in self._group(group, Widths.for_width(cells), cells):
                margin = "  "
                if stop:
                    if self.current == len(stops):
                        margin = f"{self.glyphs.more} "
                    stops.append(len(lines))
                lines.append(((margin, Role.ACCENT), *spans) if spans else ())
        return Layout(lines, stops)

    def _is_line(self, group: Group) -> bool:
        folds = {_fold(row) for row in group.rows}
        return self.folded and len(folds) == 1 and None not in folds

    def _group(self, group: Group, widths: Widths, cells: int) -> Iterator[tuple[Spans, bool]]:
        if self._is_line(group):
            summary = ((f"{group.title:<{widths.label}}", Role.HEADING), (_fold_text(group.rows), Role.MUTED))
            yield clip(summary, cells - MARGIN, self.glyphs.ellipsis), False
            return
        yield heading(group.title, cells - MARGIN, self.glyphs), False
        for fold, run in groupby(group.rows, key=_fold):
            rows = [*run]
            if fold and self.folded and len(rows) > 1:
                names = f"  {_fold_text(rows)}: " + ", ".join(self._text(row.label.strip()) for row in rows)
                yield clip(((names, Role.MUTED),), cells - MARGIN, self.glyphs.ellipsis), False
                continue
            for row in rows:
                for number, line in enumerate(self._row(row, widths)):
                    yield line, number == 0 and row.verdict in DIFFERENT

    def _row(self, row: ComparisonRow, widths: Widths) -> Iterator[Spans]:
        role = ROLES[row.verdict]
        label = ((self._text(row.label), Role.PLAIN if row.verdict in DIFFERENT else Role.MUTED),)
        sign = ((self.sign(row.verdict), role),)
        left, right = (self._lines(row, cell, widths.side) for cell in (row.left, row.right))
        return render_columns(label, sign, left, right, widths)

    def _lines(self, row: ComparisonRow, cell: Cell, cells: int) -> Sequence[Spans]:
        if row.field != "image_path" or cell.state is not State.KNOWN:
            return wrap(self._cell(row, cell), cells)
        lines = image_lines(cell.text, cells, self.glyphs)
        if row.verdict is not Verdict.SAME:
            return lines
        return [tuple((text, Role.MUTED) for text, _ in line) for line in lines]

    def sign(self, verdict: Verdict) -> str:
        """Return the sign of a verdict, so that colour alone carries no meaning."""
        signs = {
            Verdict.DIFFERS: self.glyphs.differs,
            Verdict.ADDED: "+",
            Verdict.REMOVED: "-",
            Verdict.UNKNOWN: "?",
        }
        return signs.get(verdict, "")

    def _cell(self, row: ComparisonRow, cell: Cell) -> Spans:
        if cell.state is State.ABSENT:
            return ((self.glyphs.dash, Role.MUTED),)
        if cell.state is not State.KNOWN:
            return ((cell.text, Role.WARNING if cell.state is State.UNKNOWN else Role.MUTED),)
        if row.field == "status":
            return status(cell.text, self.glyphs, ascii=self.glyphs.is_ascii)
        if row.verdict is Verdict.SAME:
            role = Role.MUTED
        else:
            role = Role.BOLD if row.verdict is Verdict.DIFFERS else Role.PLAIN
        return ((self._text(self._in_words(row.field, cell.text)), role),)

    def _in_words(self, field: str, text: str) -> str:
        if field == "created_at" and parse_timestamp(text):
            return f"{day_time(text)}, {age_since(text, self.now)}"
        if field == "size":
            return f"{size(int(text))} ({int(text):,} bytes)"
        if field == "workspace_id":
            return self.workspaces.get(WorkspaceId(int(text)), text)
        return " ".join(map(str.strip, split_lines(text))) if field == "error_summary" else text

    def _text(self, text: str) -> str:
        return self.glyphs.text(text)


def _fold(row: ComparisonRow) -> str | None:
    """Return the word under which a row is folded with its neighbours, or None if it is shown by itself."""
    if row.verdict is Verdict.SAME:
        return "equal"
    unknown = row.left == row.right and row.left.state is State.UNKNOWN
    return row.left.text if unknown else None


def _fold_text(rows: Sequence[ComparisonRow]) -> str:
    sign = "=" if rows[0].verdict is Verdict.SAME else "?"
    number = f"{len(rows)} " if len(rows) > 1 else ""
    return f"{sign} {number}{_fold(rows[0])}"


def render_summary(comparison: Comparison, cells: int, ellipsis: str) -> Spans:
    """Render in a line whether the two versions differ, and in which fields."""
    different, unknown = comparison.different, comparison.unknown
    total = len(comparison.subjects)
    more = f"; {len(unknown)} can't be compared" if unknown else ""
    if not different:
        known = total - len(unknown)
        text = (
            f"All {known} that can be compared are equal{more}"
            if unknown
            else f"Identical: all {total} are equal"
        )
        return ((text, Role.WARNING if unknown else Role.SUCCESS),)
    verb = "differs" if len(different) == 1 else "differ"
    head = f"{len(different)} of {count(total, 'field')} {verb}"
    names = ", ".join(different)
    room = cells - len(head) - 2 - len(more)
    return (
        (head, Role.BOLD),
        (": ", Role.PLAIN),
        *clip(((names, Role.PLAIN),), room, ellipsis),
        (more, Role.MUTED),
    )
