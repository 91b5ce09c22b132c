"""A screen that is styled, laid out and painted once when it opens, and not once for each part that becomes ready.

Textual styles a new screen again when it resumes, lays it out again when it learns its size, again when its breakpoints
follow from that, and paints each of these layouts, the first ones of a screen without content.
"""

from asyncio import Event
from math import inf
from time import monotonic

from textual.app import App
from textual.events import ScreenResume
from textual.geometry import Size
from textual.messages import Update
from textual.screen import ScreenResultType
from textual.timer import Timer
from textual.widget import Widget

from wltui.ui.sure_timers import SureTimers
from wltui.ui.widgets.painted import RoleScreen

CACHE_SECONDS = 0.05
"""How long a first paint waits for the cache, which answers in less time."""
LEAST_SECONDS = 0.002
"""Seconds for the widgets to learn their sizes, in a screen that has nothing to wait for."""


class OpeningScreen(RoleScreen[ScreenResultType], SureTimers):
    """Holds its first paint back for :attr:`opening_seconds`, or until :meth:`end_opening` is called."""

    is_opening = True
    """Whether the first paint is still held back."""
    _painted_at = -inf
    """When the screen was first painted, by the clock of messages, ``time.monotonic``."""
    _opening: Timer | None = None

    def __init__(self) -> None:
        super().__init__()
        self._painted = Event()

    @property
    def is_painted(self) -> bool:
        """Whether the screen has been shown."""
        return self._painted.is_set()

    async def wait_until_painted(self) -> None:
        """Wait until the screen has been shown; slow work, such as requests, would delay that."""
        await self._painted.wait()

    @property
    def opening_seconds(self) -> float:
        """How long to wait for content, in seconds; 0 if the screen has all of it when it is mounted."""
        return 0

    @property
    def has_widgets(self) -> bool:
        """Whether the screen has its widgets: it is mounted, and the end of the program does not remove them yet."""
        return self.is_mounted and not self._closing

    @property
    def shows_lines(self) -> bool:
        """Whether the lines around the content are kept up to date: for the first paint they are made once."""
        return self.has_widgets and not self.is_opening

    def redraw(self) -> None:
        """Update the lines around the content, such as the header; a subclass defines them."""

    def end_opening(self) -> None:
        """Paint the screen, since its first content is there or too late; further calls do nothing."""
        if not self.is_opening:
            return
        self.is_opening = False
        if self._opening is not None:
            self._opening.stop()
        self.redraw()
        self.refresh()
        self.check_idle()

    def first_classes(self) -> dict[str, bool]:
        """Return classes, and whether the screen has them from the first, since later each styles all widgets again."""
        classes: dict[str, bool] = {}
        columns, rows = self.app.size
        for cells, breakpoints in ((columns, self.HORIZONTAL_BREAKPOINTS), (rows, self.VERTICAL_BREAKPOINTS)):
            present = self._get_breakpoint_classes(cells, breakpoints or [])
            classes |= {name: name in present for _, name in breakpoints or ()}
        return classes

    def _extend_compose(self, widgets: list[Widget]) -> None:
        """Add no widgets for Textual's own messages and tooltips, since no screen has any."""

    def _post_register(self, app: App[object]) -> None:
        super()._post_register(app)
        self.add_class(*(name for name, has in self.first_classes().items() if has), update=False)

    def _on_screen_resume(self, event: ScreenResume) -> None:
        """Leave the styles as they are, if the widgets have just been made; Textual's own handler comes next."""
        if self.is_opening and self._opening is None:
            event.refresh_styles = False
            self._opening = self.set_timer(self.opening_seconds or LEAST_SECONDS, self.end_opening)

    def _screen_resized(self, size: Size) -> None:
        if size != self._size:  # else it has been laid out so
            super()._screen_resized(size)

    def _compositor_refresh(self) -> None:
        if not self.is_opening:
            super()._compositor_refresh()

    def _on_timer_update(self) -> None:
        if self.is_opening:
            self._update_timer.pause()
            return
        if self._layout_required and not self.is_painted:
            self._repaint_required = False  # the layout paints all
        super()._on_timer_update()
        if not self.is_painted:
            self._painted_at = monotonic()
            self._painted.set()
            for widget, *_ in self._compositor.layers:
                widget._repaint_required = False

    async def _on_update(self, message: Update) -> None:
        """Paint a widget, unless it asked for that before the first paint, which painted all."""
        if message.time <= self._painted_at:
            message.prevent_default()

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        """Lay the widgets out, once: until the first paint, no layout follows from the sizes that this one has set.

        In Textual, a widget whose size is set asks for another layout. Its outcome differs only if a scroll bar came or
        went, which asks for a layout too.
        """
        if self.is_painted:
            super()._refresh_layout(size, scroll)
            return
        before = {
            widget: (widget.scrollbars_enabled, widget._layout_required)
            for widget in self.walk_children(Widget, with_self=True)
        }
        super()._refresh_layout(size, scroll)
        for widget, *_ in self._compositor.layers:
            if before.get(widget, (widget.scrollbars_enabled, False)) == (widget.scrollbars_enabled, False):
                widget._layout_required = False
