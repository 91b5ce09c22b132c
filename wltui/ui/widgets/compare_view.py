"""Two versions in columns beside each other, what is equal folded into a line."""

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
from wltui.ui.text.spans import Role, Spans, clip, width, wrap

from .status import status

MARGIN = 2
"""Cells before the labels, where the difference stands to which ``n`` went."""
INDENT = 2
"""Of labels below their heading."""
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
    """How a line's cells are shared: margin, label, sign, left, gap, right."""

    label: int
    side: int

    @classmethod
    def of(cls, cells: int) -> "Widths":
        label = 22 if cells >= 100 else 19
        return cls(label, max(8, (cells - MARGIN - label - SIGN - GAP) // 2))


def beside(label: Spans, sign: Spans, left: Spans, right: Spans, widths: Widths) -> Iterator[Spans]:
    """As many lines as the longest of label, left and right takes."""
    first, *rest = wrap(label, widths.label - INDENT - 1)
    names = [((" " * INDENT, Role.PLAIN), *line) for line in (first, *rest)]
    columns = (names, [sign], wrap(left, widths.side), wrap(right, widths.side))
    for name, mark, mine, theirs in zip_longest(*columns, fillvalue=()):
        yield (
            *_padded(name, widths.label),
            *_padded(mark, SIGN),
            *_padded(mine, widths.side + GAP),
            *theirs,
        )


def _padded(spans: Spans, cells: int) -> Spans:
    return (*spans, (" " * max(0, cells - width(spans)), Role.PLAIN))


class Laid(Struct, frozen=True):
    """The lines, and the numbers of those at which a difference begins."""

    lines: Sequence[Spans]
    stops: Sequence[int]


class CompareView(Struct, frozen=True):
    """What is drawn of a comparison."""

    comparison: Comparison
    glyphs: Glyphs
    now: datetime
    workspaces: dict[WorkspaceId, str]
    """The workspaces on both sides, as they are called on screen."""
    folded: bool = True
    current: int | None = None
    """The difference that is pointed at, counted from 0."""

    def lay_out(self, cells: int) -> Laid:
        """All lines for a width in cells."""
        lines: list[Spans] = []
        stops: list[int] = []
        for group in self.comparison.groups:
            if lines and not self._is_line(group):
                lines.append(())
            for spans, stop in self._group(group, Widths.of(cells), cells):
                margin = "  "
                if stop:
                    if self.current == len(stops):
                        margin = f"{self.glyphs.more} "
                    stops.append(len(lines))
                lines.append(((margin, Role.ACCENT), *spans) if spans else ())
        return Laid(lines, stops)

    def _is_line(self, group: Group) -> bool:
        folds = {_fold(row) for row in group.rows}
        return self.folded and len(folds) == 1 and None not in folds

    def _group(self, group: Group, widths: Widths, cells: int) -> Iterator[tuple[Spans, bool]]:
        if self._is_line(group):
            told = ((f"{group.title:<{widths.label}}", Role.ACCENT), (_folded(group.rows), Role.MUTED))
            yield clip(told, cells - MARGIN, self.glyphs.ellipsis), False
            return
        yield ((group.title, Role.ACCENT),), False
        for fold, run in groupby(group.rows, key=_fold):
            rows = [*run]
            if fold and self.folded and len(rows) > 1:
                names = f"  {_folded(rows)}: " + ", ".join(self._text(row.label.strip()) for row in rows)
                yield clip(((names, Role.MUTED),), cells - MARGIN, self.glyphs.ellipsis), False
                continue
            for row in rows:
                for number, line in enumerate(self._row(row, widths)):
                    yield line, number == 0 and row.verdict in DIFFERENT

    def _row(self, row: ComparisonRow, widths: Widths) -> Iterator[Spans]:
        role = ROLES[row.verdict]
        label = ((self._text(row.label), Role.PLAIN if row.verdict in DIFFERENT else Role.MUTED),)
        sign = ((self.sign(row.verdict), role),)
        return beside(label, sign, self._cell(row, row.left), self._cell(row, row.right), widths)

    def sign(self, verdict: Verdict) -> str:
        """Return the sign before the cells, so that colour is not needed."""
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
    """Return how a row is summed up with its neighbours, or None if it has to be shown by itself."""
    if row.verdict is Verdict.SAME:
        return "equal"
    unknown = row.left == row.right and row.left.state is State.UNKNOWN
    return row.left.text if unknown else None


def _folded(rows: Sequence[ComparisonRow]) -> str:
    sign = "=" if rows[0].verdict is Verdict.SAME else "?"
    number = f"{len(rows)} " if len(rows) > 1 else ""
    return f"{sign} {number}{_fold(rows[0])}"


def summary(comparison: Comparison, cells: int, ellipsis: str) -> Spans:
    """Whether and in what the two differ, in a line."""
    different, unknown = comparison.different, comparison.unknown
    total = len(comparison.subjects)
    more = f"; {len(unknown)} can't be compared" if unknown else ""
    if not different:
        known = total - len(unknown)
        told = (
            f"All {known} that can be compared are equal{more}"
            if unknown
            else f"Identical: all {total} are equal"
        )
        return ((told, Role.WARNING if unknown else Role.SUCCESS),)
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
