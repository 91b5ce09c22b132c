"""A list with a pane beside it that shows the detail of the version under the cursor."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Generic

from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget

from wltui.core.errors import WltuiError
from wltui.core.records import ModelVersion, VersionId
from wltui.service.service import Answer
from wltui.store.view_choices import Pane
from wltui.ui.actions import disabled_if, hidden_if
from wltui.ui.text.copies import Copy
from wltui.ui.widgets.filter_bar import FilterBar
from wltui.ui.widgets.table.table import RecordTable
from wltui.ui.widgets.version_pane import VersionPane

from .list import ListScreen, R, T
from .version_actions import VersionKeys

PANE_FROM = 110
"""Columns of the terminal from which on there is a pane: ``min-width`` of list and pane, and a margin."""
BESIDE_PANE = 75
"""Cells of the list in a terminal of that width, and the most that its columns use in a narrower one: so a wider
terminal never shows less."""
SETTLE_SECONDS = 0.15
"""Seconds that the cursor rests on a row that it has moved to, before its detail is fetched."""
NEXT_MODE: dict[Pane, Pane] = {"beside": "hidden", "hidden": "whole", "whole": "beside"}


def no_room_for_pane(screen: "PaneListScreen[T, R]") -> str:
    """Return why there is no pane, or an empty string if the terminal is wide enough for one."""
    return "" if screen.has_room_for_pane else f"it needs a window of {PANE_FROM} columns or more"


def has_one_pane(screen: "PaneListScreen[T, R]") -> bool:
    """Return whether there is no other pane to go to."""
    return screen.pane_mode != "beside"


class PaneListScreen(VersionKeys, ListScreen[T, R, None], Generic[T, R]):
    """A list whose rows are versions or have one; a subclass returns it from ``version``.

    In a wide terminal the detail stands beside the list. The user may hide it or let it take the whole screen; that
    choice holds for all such lists, and is kept for the next start.
    """

    CSS_PATH = str(Path(__file__).with_name("pane_list.tcss"))  # a bare name is resolved beside the subclass
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (PANE_FROM, "-wide")]
    BINDINGS = [
        Binding("z", "pane", "Pane", id="pane.mode", tooltip="hide the pane, let it take the whole screen, or show it"),
        Binding("tab", "other_pane", "Other pane", id="pane.other", tooltip="to the other pane", show=False),
    ]  # fmt: skip

    _arranged: Pane | None = None
    """The mode in which list and pane are shown."""
    _detail_of: VersionId | None = None
    """The version whose detail was fetched last, or is being fetched."""

    @property
    def pane(self) -> VersionPane:
        """The pane with the detail."""
        return self.query_one(VersionPane)

    @property
    def has_room_for_pane(self) -> bool:
        """Whether the terminal is wide enough for a pane."""
        return self.app.size.width >= PANE_FROM

    @property
    def pane_mode(self) -> Pane:
        """How the pane is shown at present; "hidden" if there is no room for it."""
        return self.app.choices.pane if self.has_room_for_pane else "hidden"

    def first_classes(self) -> dict[str, bool]:
        mode = self.pane_mode
        return super().first_classes() | {"-pane-hidden": mode == "hidden", "-pane-whole": mode == "whole"}

    @property
    def waits_for_more(self) -> bool:
        return self.pane_mode != "hidden" and self.version is not None  # its detail is cached too

    def body(self) -> Iterable[Widget]:
        yield Horizontal(self.make_table(), self.make_pane("pane"), id="panes")
        yield FilterBar()

    def usable_cells(self, cells: int) -> int:
        return cells if self.has_room_for_pane else min(cells, BESIDE_PANE)

    def redraw(self) -> None:
        before = self._unsent
        super().redraw()
        if before != self._unsent:
            self.pane.redraw()

    def _receive(self, answer: Answer[T]) -> None:
        super()._receive(answer)
        if answer is self.answer:  # False for an older answer of the cache
            self.show_detail()  # a list shows no new configs, so the detail is fetched after each list

    def on_screen_resume(self) -> None:
        self._arrange()  # another list may have changed the mode

    def on_resize(self) -> None:
        self._arrange()

    def on_record_table_moved(self, event: "RecordTable.Moved[R]") -> None:
        version = self.version
        if version is None or version.id != self.pane.version_id:
            self.show_detail()

    # The pane

    def _arrange(self) -> None:
        """Show the list and the pane in the present mode, and focus one that is on screen."""
        mode = self.pane_mode
        if mode == self._arranged:
            return
        self._arranged = mode
        self.set_class(mode == "hidden", "-pane-hidden")
        self.set_class(mode == "whole", "-pane-whole")
        if mode == "whole" and self.table.has_focus:
            self.pane.focus()
        elif mode == "hidden" and self.pane.has_focus:
            self.table.focus()
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
        is_moving = self.pane.version_id not in (None, version.id)
        self.pane.show_version(version, self.same_file(version))
        if not self._is_reading(version):  # else a second request would say the same
            self._detail_of = version.id
            pause = SETTLE_SECONDS if is_moving else 0
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
        try:
            async for answer in self.app.service.version(version):
                await self.pane.show_detail(answer.value)
                self.end_opening()
        except WltuiError as error:
            self.pane.show_failure(error)

    def copies(self) -> list[Copy]:
        return [*super().copies(), *(self.text_copies("detail") if self.pane_mode != "hidden" else [])]

    # Actions

    @disabled_if(no_room_for_pane)
    def action_pane(self) -> None:
        """Hide the pane, let it take the whole screen, or show it beside the list again."""
        self._set_mode(NEXT_MODE[self.pane_mode])

    def _set_mode(self, mode: Pane) -> None:
        was_whole = self.pane_mode == "whole"
        self.app.choices.choose_pane(mode)
        self._arrange()
        if was_whole:
            self.table.focus()

    @hidden_if(has_one_pane)
    def action_other_pane(self) -> None:
        """Focus the pane, or the list again."""
        (self.pane if self.table.has_focus else self.table).focus()

    async def action_filter(self) -> None:
        """Open the filter's text box, beside a pane that took the whole screen."""
        if self.pane_mode == "whole":
            self._set_mode("beside")
        await super().action_filter()

    def action_back(self) -> None:
        """Show the list again if the pane takes the whole screen; else clear the filter, the marks, or leave."""
        if self.pane_mode == "whole":
            self._set_mode("beside")
        else:
            super().action_back()
