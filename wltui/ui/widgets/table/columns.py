"""The columns of a table: their definition, the choice and width of those that fit, and their lines as spans."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from msgspec import Struct
from rich.cells import cell_len

from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.query import Term
from wltui.ui.text.search import highlight
from wltui.ui.text.spans import Cut, Edge, Role, Span, Spans, clip, clip_middle, plain, shortened, width

if TYPE_CHECKING:
    from _typeshed import SupportsRichComparison

R = TypeVar("R")

MARGIN = 1
"""Cells at the left of the first column, for the sign of a mark or the cursor."""
GAP = 2
"""Cells between two columns."""
UNCUT = 1_000
"""Cells in which nothing is cut."""


class Column(Struct, Generic[R], frozen=True):
    """One column of a table of records."""

    key: str
    title: str
    text: Callable[[R], str]
    """Return a record's plain text, which the filter searches; by default it is drawn and sorted by."""
    cell: Callable[[R, int], Spans] | None = None
    """Return a record's spans for a width in cells; wider ones are clipped."""
    sort: "Callable[[R], SupportsRichComparison | None] | None" = None
    """Return a record's sort key, by default the text without its case. None comes last in both directions."""
    width: int = 10
    """Width in cells at first; the maximum of a snug column."""
    priority: int = 0
    """The rank at which it joins as the terminal widens: the lowest first; 0 is always there."""
    grow: tuple[tuple[int, int], ...] = ()
    """Ranks at which it becomes wider, and to how many cells, each before columns with a higher priority join."""
    flex: int = 0
    """Share of the cells that are left over after all that."""
    max_width: int | None = None
    """The most cells that it takes with its share."""
    align: Literal["left", "right"] = "left"
    cut: Literal["end", "middle"] = "end"
    """Where a text without room is cut; names that begin alike differ at their ends."""
    heading: str = ""
    """What the header shows in place of the title."""
    filter: bool = True
    """Whether the filter searches this column."""
    descending: bool = False
    """Whether sorting by it begins with the greatest value."""
    snug: bool = False
    """Whether it is only as wide as its texts need, up to ``width``: for data that change rarely, since the other
    columns depend on it."""
    lends: bool = False
    """Whether it lends cells that its texts do not need to others that lack some; it gets some itself in any case."""


def fit_columns(
    columns: Sequence[Column[R]], cells: int, snug: Mapping[str, int] | None = None
) -> list[tuple[Column[R], int]]:
    """Return the columns that have room in a line of ``cells``, each with its width.

    They join and grow in the order of their ranks, and the first that has no room ends it. So a wider line never has
    fewer columns or, but for ``flex``, narrower ones. Columns of rank 0 may be wider together than the line. ``snug``
    has the widths that snug columns need, by their keys.
    """
    first = {column.key: column.width for column in columns} | dict(snug or {})
    widths = {column.key: first[column.key] for column in columns if not column.priority}
    free = max(0, cells - MARGIN + GAP - sum(widths.values()) - GAP * len(widths))
    steps = [(column.priority, column.key, first[column.key]) for column in columns if column.priority]
    steps += [(rank, column.key, wide) for column in columns for rank, wide in column.grow]
    for _, key, wide in sorted(steps, key=lambda step: step[0]):
        need = wide - widths[key] if key in widths else wide + GAP
        if need > free:
            if key in widths:
                widths[key] += free
                free = 0
            break
        widths[key] = wide
        free -= need
    kept = [column for column in columns if column.key in widths]
    return _share(kept, widths, free)


def _share(
    columns: Sequence[Column[R]], widths: Mapping[str, int], spare: int
) -> list[tuple[Column[R], int]]:
    """Return the columns with their widths, after the flexible ones have shared the ``spare`` cells."""
    wider = dict(widths)
    growing = [column for column in columns if column.flex]
    while growing:
        shares = sum(column.flex for column in growing)
        full = [
            column
            for column in growing
            if column.max_width is not None
            and widths[column.key] + spare * column.flex // shares >= column.max_width
        ]
        for column in full:
            wider[column.key] = max(widths[column.key], column.max_width or 0)
            spare -= wider[column.key] - widths[column.key]
            growing.remove(column)
        if not full:
            break
    for place, column in enumerate(growing):
        share = spare * column.flex // sum(other.flex for other in growing[place:])
        wider[column.key] += share
        spare -= share
    return [(column, wider[column.key]) for column in columns]


def snug_widths(columns: Sequence[Column[R]], records: Sequence[R]) -> dict[str, int]:
    """Return the widths that snug columns need for their titles, with an arrow, and for their texts."""
    return {column.key: min(column.width, _widest(column, records)) for column in columns if column.snug}


def _widest(column: Column[R], records: Sequence[R], *, most: int = UNCUT) -> int:
    """Return the width of a column's texts, as they are drawn, and with ``most`` cells more than the bare texts."""
    samples = {column.text(record): record for record in records}
    drawn = column.cell or (lambda record, _: ((shortened(column.text(record)), Role.PLAIN),))
    needs = (
        min(width(drawn(record, UNCUT if column.lends else column.width)), cell_len(text) + most)
        for text, record in samples.items()
    )
    return max(cell_len(column.heading or column.title) + 2, *needs, 0)


def needed_widths(columns: Sequence[Column[R]], records: Sequence[R]) -> dict[str, int]:
    """Return the widths that columns need which lend or borrow cells.

    A text that is drawn longer, such as an image with its registry, needs no more than itself and a sign.
    """
    return {column.key: _widest(column, records, most=2) for column in columns if column.lends}


def lend_cells(
    fitted: Sequence[tuple[Column[R], int]], needed: Mapping[str, int], line: int = 0
) -> list[tuple[Column[R], int]]:
    """Return the columns with their widths, after those with cells to spare have lent them to those that lack some.

    Cells of a ``line`` that no column has taken are lent first. Columns that are always there borrow first.
    """
    more = {column.key: needed[column.key] - cells for column, cells in fitted if column.key in needed}
    free = max(0, line - MARGIN + GAP - sum(cells + GAP for _, cells in fitted))
    spare = free + sum(-cells for cells in more.values() if cells < 0)
    borrowed: dict[str, int] = {}
    for column, _ in sorted(fitted, key=lambda pair: pair[0].priority):
        if (lack := min(more.get(column.key, 0), spare)) > 0:
            borrowed[column.key] = lack
            spare -= lack
    lent = max(0, sum(borrowed.values()) - free)
    for key in sorted(more, key=more.__getitem__):  # most of them from the column with most to spare
        if (cells := min(-more[key], lent)) > 0:
            borrowed[key] = -cells
            lent -= cells
    return [(column, cells + borrowed.get(column.key, 0)) for column, cells in fitted]


def render_titles(
    columns: Sequence[tuple[Column[R], int]], sort: Column[R] | None, reverse: bool, glyphs: Glyphs
) -> Spans:
    """Render the titles; the one that is sorted by stands out, with an arrow up if the least value is on top.

    The arrow is on the side from which the column is not aligned, so that titles stand over what they name.
    """
    line: list[Span] = [(" " * MARGIN, Role.PLAIN)]
    for column, cells in columns:
        arrow, role = glyphs.down if reverse else glyphs.up, Role.PLAIN
        text = column.heading or column.title
        if column is sort:
            role = Role.MATCH
            text = _clip_text(text, cells - 2, glyphs.ellipsis)
            text = f"{arrow} {text}" if column.align == "right" else f"{text} {arrow}"
        line += _align(clip(((text, role),), cells, glyphs.ellipsis), cells, column)
    return tuple(line[:-1])


def _clip_text(text: str, cells: int, ellipsis: str) -> str:
    """Return a text cut to at most ``cells``."""
    return plain(clip(((text, Role.PLAIN),), max(0, cells), ellipsis))


def render_cells(
    columns: Sequence[tuple[Column[R], int]],
    record: R,
    terms: Sequence[Term],
    glyphs: Glyphs,
    fresh: Collection[str] = (),
) -> Spans:
    """Render the record's cells in a line without the margin, with the letters highlighted that ``terms`` find.

    The columns with the keys in ``fresh`` get the sign of a cell that has just changed.
    """
    line: list[Span] = []
    for column, cells in columns:
        drawn = column.cell(record, cells) if column.cell else ((column.text(record), Role.PLAIN),)
        drawn = tuple((glyphs.text(shortened(text)), role) for text, role in drawn)
        whole, drawn = drawn, (clip_middle if column.cut == "middle" else clip)(drawn, cells, glyphs.ellipsis)
        if len(whole) == 1:
            drawn = ((Cut.of(whole[0][0], plain(drawn)), whole[0][1]),)
        sign = glyphs.changed_just_now if column.key in fresh else ""
        patterns = [term.pattern for term in terms if _is_about(term, column)] if column.filter else []
        line += _align(highlight(drawn, filter(None, patterns)), cells, column, sign)
    return tuple(line[:-1])


def _is_about(term: Term, column: Column[R]) -> bool:
    """Return whether a term looks for what a column shows."""
    return term.key in ("", column.key) or column.key in _COLUMNS.get(term.key, ())


_COLUMNS = {
    "ws": ("workspace", "where"), "model": ("name",), "status": ("newest", "outcome"), "tag": ("image",),
    "reason": ("image",), "by": ("created_by",), "is": ("runs",),
}  # fmt: skip
"""The columns that show the texts of a key and have another name."""


def render_under_cursor(spans: Spans) -> Spans:
    """Leave only statuses and matches in their roles, as each piece of the line costs bytes when the cursor moves."""
    return tuple((text, Role.PLAIN if role in _PLAIN_UNDER_CURSOR else role) for text, role in spans)


_PLAIN_UNDER_CURSOR = (Role.BOLD, Role.MUTED, Role.ACCENT)


def changed_columns(columns: Sequence[Column[R]], old: R, new: R) -> frozenset[str]:
    """Return the keys of the columns that show the two states of a record differently."""
    return frozenset(column.key for column in columns if _sample(column, old) != _sample(column, new))


def _sample(column: Column[R], record: R) -> Spans | str:
    return column.cell(record, UNCUT) if column.cell else column.text(record)


def _align(spans: Spans, cells: int, column: Column[R], sign: str = "") -> Spans:
    """Return the spans aligned in their column, and the gap after it, which may hold a ``sign``."""
    pad, gap = (
        (" " * (cells - width(spans)), Role.PLAIN),
        (Edge(f"{sign:<{GAP}}"), Role.ACCENT if sign else Role.PLAIN),
    )
    return (pad, *spans, gap) if column.align == "right" else (*spans, pad, gap)
