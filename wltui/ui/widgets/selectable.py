"""Widgets whose text can be selected with the mouse: the text as it was before it was broken into lines."""

from typing import TYPE_CHECKING

from textual.events import Click
from textual.geometry import Offset, Region
from textual.selection import Selection
from textual.strip import Strip

from wltui.ui.text.hits import mark
from wltui.ui.text.spans import Role, Spans

from .painted import Painted
from .pointer import UNREST

if TYPE_CHECKING:  # it is imported when something is selected
    from wltui.ui.text.selected import Area

WORD = 2
"""Clicks in a row that select a word."""


class Selectable(Painted):
    """Painted lines that can be selected. Without a selection it costs one comparison a line.

    Offsets are cells and lines of the text, and not the characters that Textual counts in its own widgets.
    """

    ALLOW_SELECT = True

    _area: "Area | None" = None
    """What is selected."""

    # For subclasses

    def text_line(self, number: int) -> Spans:
        """Return a line of the text as it is painted; empty if there is none with this number."""
        raise NotImplementedError

    @property
    def line_count(self) -> int:
        """The number of lines."""
        raise NotImplementedError

    @property
    def first_line(self) -> int:
        """The number of the line at the top of the widget."""
        return 0

    def strip_line(self, number: int, spans: Spans, cells: int) -> Strip:
        """Return a line of the text as a strip, with its selected part marked."""
        return self.strip(self.mark_selected(number, spans), cells)

    def mark_selected(self, number: int, spans: Spans) -> Spans:
        """Return a line of the text with its selected part in another role."""
        if self._area is None:
            return spans
        from wltui.ui.text.selected import stretch_at

        found = stretch_at(self, self._area, number)
        return mark(self.in_ascii(spans), found.first, found.end, Role.SELECTED) if found else spans

    @property
    def has_selection(self) -> bool:
        """Whether something in it is selected."""
        return self._area is not None

    def has_dragged(self) -> bool:
        """Return whether the last press of the mouse button selected more than the hand's own unrest would."""
        selection = self.screen.selections.get(self)
        if selection is None:
            return False
        area = self._as_area(selection)
        if area.start.line == area.end.line and area.end.cell - area.start.cell <= UNREST:
            self.screen.clear_selection()
            return False
        return True

    def forget_selection(self) -> None:
        """Drop the selection, since its lines are others now."""
        if self._area is not None:
            self._area = None
            self.screen.clear_selection()

    # For Textual and the mouse

    @property
    def takes_hurried_clicks(self) -> bool:
        """Whether it gets the second click of a double click, which selects a word."""
        return self.ALLOW_SELECT

    def text_offset(self, x: int, y: int) -> Offset:
        """Return the cell and the line of the text at a place of the screen, the nearest if that is outside."""
        region = self.content_region
        row = min(max(y - region.y, 0), max(0, region.height - 1))
        cell = min(max(x - region.x, 0), max(0, region.width - 1))
        if row != y - region.y:  # above the widget or below it
            cell = 0 if y < region.y else region.width - 1
        return Offset(cell, row + self.first_line)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text, with the lines joined that are one."""
        from wltui.ui.text.selected import selected_text

        return selected_text(self, self._as_area(selection)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Repaint the lines that are selected now or were before."""
        before, self._area = self._area, self._as_area(selection) if selection else None
        found = [area for area in (before, self._area) if area is not None]
        if before == self._area or not found:
            return
        first = min(area.start.line for area in found) - self.first_line
        last = max(area.end.line for area in found) - self.first_line
        first, last = max(0, first), min(last, self.size.height - 1)
        if first <= last:
            self.refresh(Region(0, first, self.size.width, last - first + 1))

    def _as_area(self, selection: Selection) -> "Area":
        from wltui.ui.text.selected import Area, Place

        start, end = selection
        return Area(
            Place(start.y, start.x) if start else Place(0, 0),
            Place(end.y, end.x) if end else Place(self.line_count, 0),
        )

    def on_click(self, event: Click) -> None:
        """Select the word under the mouse by a double click, also where it goes on in the next line."""
        if event.chain < WORD:
            return
        from wltui.ui.text.selected import Place, word_at

        event.prevent_default()  # Textual would select all of the text
        at = self.text_offset(event.screen_x, event.screen_y)
        if event.chain == WORD and (word := word_at(self, Place(at.y, at.x))):
            start, end = Offset(word.start.cell, word.start.line), Offset(word.end.cell, word.end.line)
            self.screen.selections = {self: Selection(start, end)}
