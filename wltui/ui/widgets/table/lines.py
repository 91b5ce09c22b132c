"""The lines of a table on screen: drawn when they come into view, and repainted if they changed."""

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime, timedelta
from typing import Generic

from textual.geometry import Offset, Region, Size
from textual.strip import Strip

from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans, clip, width, wrap
from wltui.ui.widgets.layered import Layered

from .changes import Changes
from .columns import (
    Column,
    R,
    fit_columns,
    lend_cells,
    needed_widths,
    render_cells,
    render_titles,
    render_under_cursor,
    snug_widths,
)
from .view import TableView

HEADER, CURSOR, MARKED = "record-table--header", "record-table--cursor", "record-table--marked"
SAMPLE = 100
"""The records whose texts decide which column lends cells: each is drawn for it."""
LONG = 1.5
"""The pages from which on a list has a scroll bar: that of a shorter one would be nearly as long as the page."""
AGES_HOLD = timedelta(seconds=0.5)
"""How long after a repaint no age has gone on that anybody would miss."""
EDGE = 1
"""Cells at the right of the last column, for the scroll bar."""


class TableLines(Layered, Generic[R]):
    """Draws a header and the rows in view; has no keys and moves nothing."""

    COMPONENT_CLASSES = {HEADER, CURSOR, MARKED}
    DEFAULT_CSS = """
    TableLines {
        height: 1fr;
        & > .record-table--header { color: $muted; }
        & > .record-table--marked { text-style: bold; }
        & > .record-table--cursor { background: $cursor-blurred; }
        &:focus > .record-table--cursor { background: $cursor-background; color: $cursor-foreground; }
        &:ansi > .record-table--header { text-style: underline; }
        &:ansi:focus > .record-table--cursor, &:nocolor:focus > .record-table--cursor { text-style: reverse; }
    }
    """

    def __init__(
        self,
        columns: Sequence[Column[R]],
        view: TableView[R],
        glyphs: Glyphs,
        *,
        usable: Callable[[int], int] = lambda cells: cells,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """
        Args:
            columns: All columns, left to right; their keys differ.
            view: The rows to draw.
            glyphs: The signs to draw with; with ASCII ones all text is drawn in ASCII.
            usable: Returns how many cells of a line the columns may take.
        """
        super().__init__(id=id, classes=classes)
        self._columns = {column.key: column for column in columns}
        self._view, self._rows, self._key = view, view.rows, view.key
        self._glyphs = glyphs
        self._usable = usable
        self._placeholder: Spans = ()
        self._changes = Changes(columns, view.key)
        self._drawn_size = Size()
        self._snug: dict[str, int] = {}
        self._needed: dict[str, int] = {}
        self._sample: Sequence[R] = ()
        self._fitted: list[tuple[Column[R], int]] = []
        self._lines: dict[int, Strip] = {}
        """The lines as last painted."""
        self._repainted: datetime | None = None
        """When every line was last compared with the screen."""

    @property
    def has_changes(self) -> bool:
        """Whether cells are marked as changed."""
        return bool(self._changes)

    def expire_changes(self) -> None:
        """Remove the signs of cells that have not changed again since the last call."""
        if self._changes.expire():
            self._repaint()

    def forget_changes(self) -> None:
        """Remove the signs of all cells that changed."""
        if self._changes:
            self._changes.forget()
            self._repaint()

    def redraw(self, key: Hashable = None) -> None:
        """Draw the rows in view anew, or only the one with this key, since cells depend on more than the records.

        The order of rows changes only when they are next sorted, filtered or loaded, so that none moves unexpectedly.
        """
        self._rows.forget()
        if key is None:
            self._fit_snugly()
            self._sample = ()
            self._measure_texts()
            self._repaint()
            return
        row = next((y for y, record in enumerate(self._view.in_view, 1) if self._key(record) == key), None)
        if row is not None:
            self._repaint(row)

    def _repaint(self, *only: int) -> None:
        """Repaint the lines that differ from the screen; with ``only``, check just these."""
        changed = []
        if not only:
            self._repainted = self._rows.now()
        for y in only or [*self._lines]:
            before = self._lines.get(y)
            if before is None:  # not painted yet
                continue
            self._lines[y] = line = self._draw(y)
            if line != before:
                changed.append(Region(0, y, self._drawn_size.width, 1))
        if changed:
            self.refresh(*changed)

    @property
    def placeholder(self) -> Spans:
        """The text in place of rows if there are none. To set it compares all lines, if ages may have gone on."""
        return self._placeholder

    @placeholder.setter
    def placeholder(self, spans: Spans) -> None:
        is_same, self._placeholder = spans == self._placeholder, spans
        before = self._repainted
        if not is_same or before is None or not before <= self._rows.now() < before + AGES_HOLD:
            self._repaint()

    # Drawing

    def on_resize(self) -> None:
        self._measure()

    def render_line(self, y: int) -> Strip:
        self._measure()  # Textual asks a resized widget for its lines before it sends Resize
        line = self._lines[y] = self._draw(y)
        return line

    def _measure(self) -> None:
        if self.size == self._drawn_size:
            return
        self._drawn_size = self.size
        self.forget_selection()
        self._fit()
        self._lines.clear()
        self._view.resize(max(1, self.size.height - 1))

    def _fit_snugly(self) -> None:
        """Adapt the width of the snug columns to their present texts."""
        snug = snug_widths([*self._columns.values()], self._rows.records)
        if snug != self._snug:
            self._snug = snug
            self._fit()
            self._lines.clear()
            self.refresh()

    def _measure_texts(self) -> None:
        """Adapt the widths of columns that lend cells to the texts of the first records, if these are others now."""
        sample = self._rows.records[:SAMPLE]
        if [*map(id, sample)] == [*map(id, self._sample)]:
            return
        self._sample = sample
        needed = needed_widths([*self._columns.values()], sample)
        if needed != self._needed:
            self._needed = needed
            before = self._fitted
            self._fit()
            if self._fitted != before:
                self._lines.clear()
                self.refresh()

    def _fit(self) -> None:
        line = self._drawn_size.width - EDGE
        fitted = fit_columns([*self._columns.values()], self._usable(line + EDGE) - EDGE, self._snug)
        self._fitted = lend_cells(fitted, self._needed, line)

    def _draw(self, y: int) -> Strip:
        """Render a line of the widget from the present data."""
        cells, rows = self._drawn_size.width, self._rows.matching
        if y == 0:
            return self.paint(
                render_titles(self._fitted, self._rows.sort, self._rows.reverse, self._glyphs), cells, HEADER
            )
        row = self._view.top + y - 1
        if row >= len(rows):
            lines = [] if rows else wrap(self._placeholder, cells - 2)
            return self.paint(((" ", Role.PLAIN), *lines[y - 1]) if y <= len(lines) else (), cells)
        cursor, marked = row == self._view.cursor, self._view.is_marked(rows[row])
        sign = self._glyphs.mark if marked else self._glyphs.more if cursor else " "
        fresh = self._changes.columns(self._key(rows[row]))
        line = render_cells(self._fitted, rows[row], self._rows.query.terms, self._glyphs, fresh)
        looks = [name for name, on in ((MARKED, marked), (CURSOR, cursor)) if on]
        spans = ((sign, Role.PLAIN), *(render_under_cursor(line) if cursor else line))
        return self._with_bar(y, self.mark_selected(row, spans), *looks)

    def _with_bar(self, y: int, spans: Spans, *looks: str) -> Strip:
        """Return a row's line, with a part of the scroll bar at its end if the bar reaches this line.

        There is a bar if the list is :data:`LONG`. The rest of its track is blank, and so costs nothing on the wire.
        """
        cells, view = self._drawn_size.width, self._view
        if view.shown > LONG * view.page:
            length = max(1, view.page * view.page // view.shown)
            first = (view.page - length) * view.top // (view.shown - view.page)
            if first < y <= first + length:
                spans = clip(spans, cells - EDGE)
                gap = " " * (cells - EDGE - width(spans))
                spans = (*spans, (gap + self._glyphs.thumb, Role.PLAIN))
        return self.paint(spans, cells, *looks)

    # Selection: the numbers of lines are those of rows

    def text_line(self, number: int) -> Spans:
        rows = self._rows.matching
        if not 0 <= number < len(rows):
            return ()
        return ((" ", Role.PLAIN), *render_cells(self._fitted, rows[number], (), self._glyphs))

    @property
    def line_count(self) -> int:
        return len(self._rows.matching)

    @property
    def first_line(self) -> int:
        return self._view.top - 1  # below the header

    def text_offset(self, x: int, y: int) -> Offset:
        """Return the cell and the row at a place of the screen; of the header, the beginning of the first row."""
        place = super().text_offset(x, y)
        return place if place.y >= self._view.top else Offset(0, self._view.top)
