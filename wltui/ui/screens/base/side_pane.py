"""A list with a pane beside it that shows more of the row under the cursor, in a wide terminal."""

from abc import abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Generic

from textual.binding import Binding
from textual.containers import Horizontal
from textual.events import DescendantFocus
from textual.widget import Widget

from wltui.store.view_choices import Pane
from wltui.ui.actions import disabled_if, hidden_if
from wltui.ui.widgets.filter_bar import FilterBar
from wltui.ui.widgets.pager import Pager

from .crumbs import PaneTitle
from .list import ListScreen, R, T

if TYPE_CHECKING:  # a start does not need it
    from wltui.ui.text.copies import Copy

BESIDE_PANE = 76
"""Cells of a list of versions beside the narrowest pane, and the most that it uses without one: so a wider terminal
never shows less."""
LEAST_PANE, MOST_PANE = 34, 92
"""The cells of a pane, with the line at its left."""
READABLE_PANE = 44
"""Cells of a pane from which on a wider terminal gives more to the list too."""
NEXT_MODE: dict[Pane, Pane] = {"beside": "hidden", "hidden": "whole", "whole": "beside"}


def no_room_for_pane(screen: "SidePaneScreen[T, R]") -> str:
    """Return why there is no pane, or an empty string if the terminal is wide enough for one."""
    return "" if screen.has_room_for_pane else f"it needs a window of {screen.PANE_FROM} columns or more"


def has_one_pane(screen: "SidePaneScreen[T, R]") -> bool:
    """Return whether there is no other pane to go to."""
    return screen.pane_mode != "beside"


class SidePaneScreen(ListScreen[T, R, None], Generic[T, R]):
    """A list with a text beside it, which :meth:`show_detail` updates.

    The user may hide the pane or let it take the whole screen; that choice holds for all such lists, and is kept for
    the next start.
    """

    CSS_PATH = str(Path(__file__).with_name("side_pane.tcss"))  # a bare name is resolved beside the subclass
    PANE_FROM: ClassVar[int] = BESIDE_PANE + LEAST_PANE
    """Columns of the terminal from which on there is a pane."""
    BINDINGS = [
        Binding("z", "pane", "Pane", id="pane.mode", tooltip="hide the pane, let it take the whole screen, or show it"),
        Binding("tab", "other_pane", "Other pane", id="pane.other", tooltip="to the other pane", show=False),
    ]  # fmt: skip

    LIST_CELLS: ClassVar[int] = BESIDE_PANE
    """Cells of the list beside the narrowest pane, and the most that it uses without one."""
    WHOLE_LIST: ClassVar[int] = 136
    """Cells of the list in which most names and reasons stand whole; the pane gets two fifths only after that."""

    _arranged: tuple[Pane, int] | None = None
    """The mode in which list and pane are shown, and the terminal's width."""

    # Defined by subclasses

    @abstractmethod
    def make_side(self) -> Pager:
        """Return the pane, with the id ``pane``."""

    @abstractmethod
    def show_detail(self) -> None:
        """Show the row under the cursor in the pane, if that is on screen."""

    @property
    @abstractmethod
    def detail_title(self) -> str:
        """The title above the pane."""

    # The pane

    @property
    def side(self) -> Pager | None:
        """The pane, or None if there has been no room for it yet."""
        return next(iter(self.query("#pane").results(Pager)), None)

    @property
    def is_side_due(self) -> bool:
        """Whether the pane is mounted with the screen, and not when there is room for it."""
        return self.has_room_for_pane

    @property
    def has_room_for_pane(self) -> bool:
        """Whether the terminal is wide enough for a pane."""
        return self.app.size.width >= self.PANE_FROM

    @property
    def pane_mode(self) -> Pane:
        """How the pane is shown at present; "hidden" if there is no room for it."""
        return self.app.choices.pane if self.has_room_for_pane else "hidden"

    @property
    def pane_title(self) -> PaneTitle | None:
        mode = self.pane_mode
        if mode == "hidden" or (side := self.side) is None:
            return None
        return PaneTitle(self.detail_title, 0 if mode == "whole" else self._pane_cells, side.has_focus)

    @property
    def _pane_cells(self) -> int:
        columns = self.app.size.width
        fair = max(READABLE_PANE, columns * 3 // 10, columns - self.WHOLE_LIST)
        least = self.PANE_FROM - self.LIST_CELLS
        return max(least, min(MOST_PANE, fair, columns * 2 // 5, columns - self.LIST_CELLS))

    def usable_cells(self, cells: int) -> int:
        return cells if self.has_room_for_pane else min(cells, self.LIST_CELLS)

    def first_classes(self) -> dict[str, bool]:
        mode = self.pane_mode
        return super().first_classes() | {"-pane-hidden": mode == "hidden", "-pane-whole": mode == "whole"}

    def body(self) -> Iterable[Widget]:
        side = [self.make_side()] if self.is_side_due else []
        for pane in side:  # at once, since later it is laid out again
            pane.styles.width = "1fr" if self.pane_mode == "whole" else self._pane_cells
        yield Horizontal(self.make_table(), *side, id="panes")
        yield FilterBar()

    def on_screen_resume(self) -> None:
        self._arrange()  # another list may have changed the mode

    def on_resize(self) -> None:
        self._arrange()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self.show_titles()

    def _arrange(self) -> None:
        """Show the list and the pane in the present mode, and focus one that is on screen."""
        mode = self.pane_mode
        if (arranged := (mode, self.app.size.width)) == self._arranged:
            return
        self._arranged = arranged
        side = self.side
        if side is None:
            if mode == "hidden":
                return
            side = self.make_side()
            self.query_one("#panes").mount(side)
        side.styles.width = "1fr" if mode == "whole" else self._pane_cells
        self.set_class(mode == "hidden", "-pane-hidden")
        self.set_class(mode == "whole", "-pane-whole")
        if mode == "whole" and self.table.has_focus:
            side.focus()
        elif mode == "hidden" and side.has_focus:
            self.table.focus()
        self.show_detail()
        self.show_titles()

    def copies(self) -> "list[Copy]":
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
        other = self.side if self.table.has_focus else self.table
        if other is not None:
            other.focus()

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
