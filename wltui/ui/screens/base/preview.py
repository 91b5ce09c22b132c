"""A list with a pane beside it that shows the next level, such as the models of a workspace on wide terminals."""

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import Generic, NamedTuple, TypeVar

from wltui.service.service import Answer
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans, plain, wrap
from wltui.ui.widgets.pager import Build, Pager
from wltui.ui.widgets.table.columns import (
    MARGIN,
    Column,
    fit_columns,
    lend_cells,
    needed_widths,
    render_cells,
    render_titles,
)
from wltui.ui.widgets.table.table import RecordTable

from .list import R, T
from .side_pane import SidePaneScreen

B = TypeVar("B")

SETTLE_SECONDS = 0.3
"""Seconds that the cursor rests on a row before the pane follows it, as all of the pane is painted then."""
BESIDE_PREVIEW = 107
"""Cells of the list beside the narrowest pane, and the most that it uses without one."""
LEAST_PREVIEW = 46


class Preview(NamedTuple):
    """The records below a row, as lines."""

    title: str
    lines: Build

    @classmethod
    def of(
        cls, title: str, columns: Sequence[Column[B]], records: Sequence[B], nothing: str, glyphs: Glyphs
    ) -> "Preview":
        """Return a preview of records in columns, or if there are none, of the reason."""

        needed = needed_widths(columns, records)

        def lines(cells: int) -> Sequence[Spans]:
            if not records:
                return wrap(((nothing, Role.MUTED),), cells)
            line = cells + MARGIN  # that of a list, for its cursor
            fitted = lend_cells(fit_columns(columns, line), needed, line)
            titles = plain(render_titles(fitted, None, False, glyphs))[MARGIN:]
            rows = (render_cells(fitted, record, (), glyphs) for record in records)
            return [((titles, Role.MUTED),), *rows]

        return cls(title, lines)


class PreviewListScreen(SidePaneScreen[T, R], Generic[T, R]):
    """A list whose rows contain others, which a subclass returns from ``preview``. The pane costs no request."""

    PANE_FROM = BESIDE_PREVIEW + LEAST_PREVIEW
    LIST_CELLS = BESIDE_PREVIEW

    _shown: Preview | None = None

    @abstractmethod
    async def preview(self, record: R) -> Preview:
        """Return the records below one, as far as they have been read or are in the cache."""

    @property
    def detail_title(self) -> str:
        return self._shown.title if self._shown else ""

    def make_side(self) -> Pager:
        return Pager(id="pane")

    def _receive(self, answer: Answer[T]) -> None:
        super()._receive(answer)
        if answer is self.answer:
            self.show_detail()

    def on_record_table_moved(self, event: "RecordTable.Moved[R]") -> None:
        self.show_detail()

    def show_detail(self) -> None:
        """Show the records below the one under the cursor once it rests there."""
        if self.pane_mode == "hidden":
            self.workers.cancel_group(self, "read preview")
        elif self.record is not None:
            self.start(partial(self._show_preview, self.record), group="read preview")

    async def _show_preview(self, record: R) -> None:
        await self.app.wait(SETTLE_SECONDS)
        found = await self.preview(record)
        if self.side is None:
            return
        is_other = self._shown is None or self._shown.title != found.title
        self._shown = found
        self.side.show(found.lines, top=is_other)
        self.show_titles()
