"""Compare two versions side by side."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from functools import partial

from msgspec import Struct
from textual.binding import Binding
from textual.widget import Widget

from wltui.config.compare import Known, compare
from wltui.config.comparison import Comparison
from wltui.config.detail import VersionDetail
from wltui.core.errors import WltuiError
from wltui.core.records import ModelVersion
from wltui.core.threads import run_in_thread
from wltui.service.file_content import FileContent
from wltui.service.rhythm import RESTING_SECONDS
from wltui.service.service import Answer
from wltui.service.tables import comparison_table
from wltui.ui.screens.base.file_contents import data_warnings, table_file
from wltui.ui.screens.base.file_keys import FileKeys
from wltui.ui.screens.base.freshness import failure_name
from wltui.ui.screens.base.live import LiveScreen
from wltui.ui.text.comparison_text import differences
from wltui.ui.text.copies import Copy, text_copy
from wltui.ui.text.format import age, clock_time, count
from wltui.ui.text.spans import Role, Spans, clip, visible
from wltui.ui.widgets.block import Block
from wltui.ui.widgets.compare_view import CompareView, Widths, render_columns, render_summary
from wltui.ui.widgets.pager import Pager

Pair = tuple[Known, Known]
"""The left and the right version, each with the data fetched so far."""


class CompareSide(Struct):
    """One of the two versions, with the state of its read."""

    row: ModelVersion
    """The version as the list before had it."""
    answer: Answer[VersionDetail] | None = None
    failure: WltuiError | None = None

    @property
    def known(self) -> Known:
        """The version's detail, or its row of the list until that is fetched."""
        return self.answer.value if self.answer else self.row

    @property
    def version(self) -> ModelVersion:
        """The version as it was last received."""
        return self.answer.value.version if self.answer else self.row


class CompareScreen(FileKeys[None], LiveScreen[Pair, None]):
    """Reads two versions and shows where they differ; if one can't be read, the other one is still refreshed."""

    FOOTER = (
        "compare.next", "compare.fold", "compare.swap", "copy.open", "frame.back", "live.raw", "live.refresh",
    )  # fmt: skip
    BINDINGS = [
        Binding("n", "go(1)", "Next", id="compare.next", tooltip="to the next difference"),
        Binding("N", "go(-1)", "Previous", id="compare.previous", tooltip="to the difference before", show=False),
        Binding("space,enter", "fold", "Equal lines", id="compare.fold", tooltip="show what is equal, or fold it"),
        Binding("x,tab", "swap", "Swap", id="compare.swap", key_display="x", tooltip="swap left and right"),
    ]  # fmt: skip

    def __init__(self, left: ModelVersion, right: ModelVersion) -> None:
        super().__init__()
        self._sides = [CompareSide(left), CompareSide(right)]
        self._comparison: Comparison | None = None
        self._folded = True
        self._current: int | None = None

    @property
    def crumb(self) -> Spans:
        left, right = (side.row.id for side in self._sides)
        return ((f"Compare {left} with {right}", Role.PLAIN),)

    @property
    def watched(self) -> Sequence[ModelVersion]:
        return [side.version for side in self._sides]

    def body(self) -> Iterable[Widget]:
        yield Block(self._heads, id="heads")
        yield Pager(lambda _: ((("  Comparing", Role.MUTED),),), id="main")

    def on_mount(self) -> None:
        self.query_one("#heads").styles.padding = (0, 1)

    def on_screen_resume(self) -> None:
        self._compare()

    # Reading

    async def answers(self) -> AsyncIterator[Answer[Pair]]:
        """Read both versions concurrently; yield whenever an answer for either arrives."""
        news: asyncio.Queue[None] = asyncio.Queue()
        for side in self._sides:
            side.failure = None
        reads = [asyncio.create_task(self._read_side(side, news)) for side in self._sides]
        try:
            while not all(read.done() for read in reads) or not news.empty():
                await news.get()
                if any(side.answer for side in self._sides):
                    yield self._both()
            await asyncio.gather(*reads)
        finally:
            for read in reads:
                read.cancel()
            await asyncio.gather(*reads, return_exceptions=True)
        for side in self._sides:
            if side.failure is not None:
                raise side.failure

    async def _read_side(self, side: CompareSide, news: asyncio.Queue[None]) -> None:
        try:
            async for answer in self.app.service.version(side.row):
                if answer.live or side.answer is None or not side.answer.live:
                    side.answer = answer
                    news.put_nowait(None)
        except WltuiError as error:
            side.failure = error
        news.put_nowait(None)

    def _both(self) -> Answer[Pair]:
        answers = [side.answer for side in self._sides if side.answer]
        left, right = self._sides
        return Answer(
            (left.known, right.known),
            min(answer.as_of for answer in answers),
            len(answers) == 2 and all(answer.live for answer in answers),
            tuple(source for answer in answers for source in answer.sources),
        )

    def is_older(self, answer: Answer[Pair]) -> bool:
        return False  # each side checks its own answers

    def _pause_after(self, error: WltuiError) -> float:
        alive = any(side.answer and side.failure is None for side in self._sides)
        return super()._pause_after(error) or (self._asked_for(RESTING_SECONDS) if alive else 0)

    def show(self, value: Pair) -> None:
        self._compare()

    def _compare(self) -> None:
        left, right = (side.known for side in self._sides)
        self.start(partial(self._compare_these, left, right), group="read schemas")

    async def _compare_these(self, left: Known, right: Known) -> None:
        self._comparison = await run_in_thread(compare, left, right)
        self._draw()
        self.redraw()

    def file_content(self) -> FileContent | None:
        if self._comparison is None or self.answer is None:
            return None
        left, right = (side.row.id for side in self._sides)
        make = partial(comparison_table, left, right, self.answer.of(self._comparison))
        warnings = data_warnings(self.answer, self.link.failure, self.app.service.clock())
        about = f"The comparison of version {left} with version {right}, equal lines too"
        return table_file(self, ("compare", str(left), str(right)), about, make, warnings=warnings)

    # Drawing

    def redraw(self) -> None:
        super().redraw()
        if self.is_mounted:
            self.query_one("#heads", Block).show(self._heads)

    def _receive(self, answer: Answer[Pair]) -> None:
        super()._receive(answer)
        self._draw()  # the age of a version grows though nothing else changes

    def status_spans(self) -> tuple[Spans, Spans]:
        if self._comparison is None:
            return ((("Comparing", Role.MUTED),), ())
        place: Spans = ()
        if self._current is not None and (
            stops := len(self._view(self._comparison).lay_out(self._cells).stops)
        ):
            place = ((f"{min(self._current + 1, stops)} of {stops}", Role.MUTED),)
        room = self.app.size.width - 3 - sum(len(text) for text, _ in place)
        return render_summary(self._comparison, room, self.glyphs.ellipsis), place

    def _view(self, comparison: Comparison) -> CompareView:
        app = self.app
        numbers = {side.version.workspace_id for side in self._sides}
        names = {number: app.workspace_label(number) for number in numbers if number is not None}
        return CompareView(comparison, self.glyphs, app.service.clock(), names, self._folded, self._current)

    def _draw(self) -> None:
        if self._comparison is not None:
            view = self._view(self._comparison)
            self.query_one(Pager).show(lambda cells: view.lay_out(cells).lines)

    @property
    def _cells(self) -> int:
        return self.query_one(Pager).cells or self.app.size.width

    def _heads(self, cells: int) -> Sequence[Spans]:
        """Render the headings of the columns: each side's version and its freshness."""
        widths = Widths.for_width(cells - 1)  # beside the scroll bar below
        names, states = zip(*(self._head(side, widths.side) for side in self._sides), strict=True)
        margin = ("  ", Role.PLAIN)
        return [
            (margin, *line)
            for left, right in (names, states)
            for line in render_columns((), (), [left], [right], widths)
        ]

    def _head(self, side: CompareSide, cells: int) -> tuple[Spans, Spans]:
        name = self.shown(side.version.model_name)
        heading = ((f"version {side.version.id}", Role.BOLD), (f" {name}" if name else "", Role.PLAIN))
        return clip(heading, cells, self.glyphs.ellipsis), (self._state(side),)

    def _state(self, side: CompareSide) -> tuple[str, Role]:
        glyphs = self.glyphs
        if side.answer is None and side.failure is None:
            return f"{glyphs.refreshing} reading", Role.WARNING
        why = ""
        if side.failure is not None and not self.app.settings.offline:
            why = f"{failure_name(side.failure)}, "
        if side.answer is None:
            return f"{glyphs.offline} {why}list only", Role.ERROR
        if side.answer.live:
            text = f"{'as of' if why else glyphs.live + ' live'} {clock_time(side.answer.as_of)}"
        else:
            text = f"{'' if why else glyphs.cached + ' '}cached {age(self.app.service.clock() - side.answer.as_of)} ago"
        return (
            (f"{glyphs.offline} {why}{text}", Role.ERROR)
            if why
            else (
                text,
                Role.SUCCESS if side.answer.live else Role.WARNING,
            )
        )

    def copies(self) -> list[Copy]:
        if (comparison := self._comparison) is None:
            return super().copies()
        left, right = (
            f"version {side.version.id} of {visible(side.version.model_name)}" for side in self._sides
        )
        preview = f"{count(len(comparison.different), 'field')} of {len(comparison.subjects)}"
        found = text_copy("d", "differences", differences(comparison, left, right), preview=preview)
        return [found, *super().copies(), *self.text_copies()]

    # Actions

    def action_fold(self) -> None:
        """Show or fold the fields that are equal."""
        self._folded = not self._folded
        self._draw()

    def action_swap(self) -> None:
        """Swap left and right."""
        self._sides.reverse()
        if self.answer is not None:
            self.answer = self.answer.of((self.answer.value[1], self.answer.value[0]))
        self._compare()

    def action_go(self, step: int) -> None:
        """Go to the next difference (1) or to the one before (-1)."""
        if self._comparison is None:
            return
        stops = self._view(self._comparison).lay_out(self._cells).stops
        if not stops:
            self.flash("There is no difference to go to.")
            return
        if self._current is None:
            self._current = 0 if step > 0 else len(stops) - 1
        elif not 0 <= self._current + step < len(stops):
            self.flash(f"This is the {'last' if step > 0 else 'first'} difference.")
            return
        else:
            self._current += step
        self._draw()
        pager = self.query_one(Pager)
        line, top, height = stops[self._current], pager.scroll_offset.y, pager.size.height
        if not top + 1 <= line < top + height - 2:
            pager.scroll_to(y=max(0, line - height // 3), animate=False)
        self.redraw()
