"""A list with a pane beside it that shows the detail of the version under the cursor."""

from collections.abc import Iterable
from functools import partial
from typing import Generic

from wltui.core.errors import WltuiError
from wltui.core.records import ModelVersion, VersionId
from wltui.service.service import Answer
from wltui.ui.widgets.table.table import RecordTable
from wltui.ui.widgets.version_pane import VersionPane

from .list import R, T
from .side_pane import SidePaneScreen
from .version_actions import VersionKeys

SETTLE_SECONDS = 0.15
"""Seconds that the cursor rests on a row that it has moved to, before its detail is fetched."""


class PaneListScreen(SidePaneScreen[T, R], VersionKeys, Generic[T, R]):
    """A list whose rows are versions or have one; a subclass returns it from ``version``."""

    _detail_of: VersionId | None = None
    """The version whose detail was fetched last, or is being fetched."""
    _reads = 0
    """How many reads of the list have begun."""
    _fetched: tuple[int, ModelVersion] | None = None
    """The read of the list in which a detail was last asked for and fetched, and the version as its row had it."""

    @property
    def pane(self) -> VersionPane:
        """The pane with the detail."""
        return self.query_one(VersionPane)

    def make_side(self) -> VersionPane:
        return self.make_pane("pane")

    @property
    def detail_title(self) -> str:
        number = self.pane.version_id
        return "Version" if number is None else f"Version {number}"

    @property
    def waits_for_more(self) -> bool:
        return self.pane_mode != "hidden" and self.version is not None  # its detail is cached too

    @property
    def is_side_due(self) -> bool:
        return True

    def redraw(self) -> None:
        before = self._unsent
        super().redraw()
        if before != self._unsent:
            self.pane.redraw()

    async def _read(self) -> float:
        self._reads += 1  # a list shows no new configs, so the detail is fetched once in each read
        return await super()._read()

    def _receive(self, answer: Answer[T]) -> None:
        super()._receive(answer)
        if answer is self.answer and self.is_more_due:  # it is another for an older answer of the cache
            self.show_detail()

    def on_record_table_moved(self, event: "RecordTable.Moved[R]") -> None:
        version = self.version
        if version is None or version.id != self.pane.version_id:
            self.show_detail()

    def same_file(self, version: ModelVersion) -> Iterable[ModelVersion]:
        """Return versions on this screen that may have the file of another one, whose failure they may explain."""
        return ()

    def show_detail(self) -> None:
        """Show the version under the cursor at once, and fetch the rest when the cursor rests."""
        if self.answer is None:
            return
        version = self.version
        if version is None or self.pane_mode == "hidden":
            self.workers.cancel_group(self, "read detail")
            self.pane.clear()
            return
        shown = self.pane.version_id
        self.pane.show_version(version, self.same_file(version))
        self.show_titles()
        is_fetched = shown == version.id and self._fetched == (self._reads, version)
        if not (is_fetched or self._is_reading(version)):  # else another request would say the same
            self._detail_of = version.id
            pause = SETTLE_SECONDS if shown not in (None, version.id) else 0
            self.start(partial(self._read_detail, version, pause), group="read detail")

    def _is_reading(self, version: ModelVersion) -> bool:
        """Return whether the detail of a version is being fetched."""
        return self._detail_of == version.id and any(
            worker.node is self
            and worker.group == "read detail"
            and not (worker.is_finished or worker.is_cancelled)
            for worker in self.workers
        )

    async def _read_detail(self, version: ModelVersion, pause: float) -> None:
        await self.app.wait(pause)
        reads = self._reads
        try:
            async for answer in self.app.service.version(version):
                await self.pane.show_detail(answer.value)
                self.end_opening()
                if not answer.live:
                    await self.wait_until_painted()
            self._fetched = reads, version
        except WltuiError as error:
            self.pane.show_failure(error)
