"""A form that is longer than its window, and scrolls to the field that has the cursor."""

from collections.abc import Iterable

from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.widget import Widget

from .text_field import TextField


class ScrollingForm(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Keeps the line being typed, or the field that has the cursor, in view: also in a window made smaller."""

    DEFAULT_CSS = """
    ScrollingForm { scrollbar-size-vertical: 1; height: 1fr; }
    """

    def notes_of(self, field: Widget) -> Iterable[Region]:
        """Yield the regions of the screen with notes on a field, which are scrolled into view before the field."""
        return ()

    def on_text_area_selection_changed(self) -> None:
        self.call_after_refresh(self._follow_cursor)

    def on_resize(self) -> None:
        self.call_after_refresh(self._follow_cursor)

    def _follow_cursor(self) -> None:
        field = self.screen.focused
        if field is None or self not in field.ancestors:
            return
        line = field.region
        if isinstance(field, TextField):
            line = Region(self.region.x, field.cursor_screen_offset.y, 1, 1)
        for region in (*self.notes_of(field), line):
            within = region.translate(-self.region.offset).translate(self.scroll_offset)
            self.scroll_to_region(within, animate=False, immediate=True)
