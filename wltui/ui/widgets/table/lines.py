"""The lines of a table as they are on screen: drawn when they come into view, and painted again if they changed."""

from collections.abc import Hashable, Sequence
from typing import Generic

from textual.geometry import Region, Size
from textual.strip import Strip

from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans, wrap
from wltui.ui.widgets.layered import Layered

from .changes import Changes
from .columns import Column, R, fit, heading, quiet, reading, snug_widths
from .view import TableView

HEADER, CURSOR, MARKED = "record-table--header", "record-table--cursor", "record-table--marked"


class TableLines(Layered, Generic[R]):
    """Draws what a view of rows shows, below a header; has no keys and moves nothing."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {HEADER, CURSOR, MARKED}
    DEFAULT_CSS = """
    TableLines {
        height: 1fr;
        & > .record-table--header { background: $panel; text-style: bold; }
        & > .record-table--marked { text-style: bold; }
        & > .record-table--cursor { background: $band; }
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
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """
        Args:
            columns: All columns, left to right; their keys differ.
            view: The rows to draw.
            glyphs: The signs to draw with; with ASCII ones all text is drawn in ASCII.
        """
        super().__init__(id=id, classes=classes)
        self._columns = {column.key: column for column in columns}
        self._view, self._rows, self._key = view, view.rows, view.key
        self._glyphs = glyphs
        self._placeholder: Spans = ()
        self._changes = Changes(columns, view.key)
        self._drawn_size = Size()
        self._snug: dict[str, int] = {}
        self._fitted: list[tuple[Column[R], int]] = []
        self._lines: dict[int, Strip] = {}
        """The lines as last painted."""

    @property
    def has_changes(self) -> bool:
        """Whether cells are marked as changed."""
        return bool(self._changes)

    def expire_changes(self) -> None:
        """Take the signs off the cells that have not changed again since this was called last."""
        if self._changes.expire():
            self._repaint()

    def forget_changes(self) -> None:
        """Take the signs off the cells that changed."""
        if self._changes:
            self._changes.forget()
            self._repaint()

    def redraw(self, key: Hashable = None) -> None:
        """Draw the rows in view anew, or only that with this key: what cells say depends on more than the records.

        Rows change their places when they are next sorted, filtered or shown, so that none moves unasked.
        """
        self._rows.forget()
        if key is None:
            self._fit_snugly()
            self._repaint()
            return
        row = next((y for y, record in enumerate(self._view.in_view, 1) if self._key(record) == key), None)
        if row is not None:
            self._repaint(row)

    def _repaint(self, *only: int) -> None:
        """Have those lines painted that are not as they were; ``only`` these are looked at, else all."""
        changed = []
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
        """What is said in place of rows where there are none."""
        return self._placeholder

    @placeholder.setter
    def placeholder(self, spans: Spans) -> None:
        self._placeholder = spans
        self._repaint()

    # Drawing

    def on_resize(self) -> None:
        self._measure()

    def render_line(self, y: int) -> Strip:
        self._measure()  # a resized widget is asked for its lines before it is told of its size
        line = self._lines[y] = self._draw(y)
        return line

    def _measure(self) -> None:
        if self.size == self._drawn_size:
            return
        self._drawn_size = self.size
        self._fitted = fit([*self._columns.values()], self.size.width, self._snug)
        self._lines.clear()
        self._view.resize(max(1, self.size.height - 1))

    def _fit_snugly(self) -> None:
        """Give the snug columns the width that their texts need now."""
        columns = [*self._columns.values()]
        snug = snug_widths(columns, self._rows.records)
        if snug != self._snug:
            self._snug = snug
            self._fitted = fit(columns, self._drawn_size.width, snug)
            self._lines.clear()
            self.refresh()

    def _draw(self, y: int) -> Strip:
        """Return the line of the widget as it should be now."""
        cells, rows = self._drawn_size.width, self._rows.shown
        if y == 0:
            return self.paint(
                heading(self._fitted, self._rows.sort, self._rows.reverse, self._glyphs), cells, HEADER
            )
        row = self._view.top + y - 1
        if row >= len(rows):
            lines = [] if rows else wrap(self._placeholder, cells - 2)
            return self.paint(((" ", Role.PLAIN), *lines[y - 1]) if y <= len(lines) else (), cells)
        cursor, marked = row == self._view.cursor, self._view.is_marked(rows[row])
        sign = self._glyphs.mark if marked else self._glyphs.more if cursor else " "
        fresh = self._changes.columns(self._key(rows[row]))
        line = reading(self._fitted, rows[row], self._rows.patterns, self._glyphs, fresh)
        looks = [name for name, on in ((MARKED, marked), (CURSOR, cursor)) if on]
        return self.paint(((sign, Role.PLAIN), *(quiet(line) if cursor else line)), cells, *looks)
