"""A scrollable text: a version's detail, raw JSON, logs, help."""

from collections.abc import Callable, Sequence
from itertools import zip_longest

from textual.binding import Binding
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from wltui.ui.text.spans import Spans

from .painted import Painted

Build = Callable[[int], Sequence[Spans]]
"""Returns the lines for a width in cells."""


class Pager(Painted, ScrollView, can_focus=True, inherit_bindings=False):
    """A text that draws only the lines in view, and repaints only those that changed.

    Nothing scrolls sideways, so Textual's bindings of ← and → are left out: the screen has those keys.
    """

    DEFAULT_CSS = """
    Pager {
        height: 1fr; padding: 0 0 0 1;
        overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; scrollbar-gutter: stable;
    }
    """
    BINDINGS = [
        Binding("down,j", "scroll_down", "Down", id="pager.down", tooltip="scroll down", show=False),
        Binding("up,k", "scroll_up", "Up", id="pager.up", tooltip="scroll up", show=False),
        Binding(
            "pagedown", "page_down", "Page down", id="pager.page_down", tooltip="a page down", show=False
        ),
        Binding("pageup", "page_up", "Page up", id="pager.page_up", tooltip="a page up", show=False),
        Binding(
            "ctrl+d",
            "half(1)",
            "Half page down",
            id="pager.half_down",
            tooltip="half a page down",
            show=False,
        ),
        Binding(
            "ctrl+u", "half(-1)", "Half page up", id="pager.half_up", tooltip="half a page up", show=False
        ),
        Binding("home,g", "scroll_home", "Top", id="pager.top", tooltip="to the first line", show=False),
        Binding("end,G", "scroll_end", "End", id="pager.end", tooltip="to the last line", show=False),
    ]

    def __init__(self, build: Build = lambda _: (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._build = build
        self._lines: Sequence[Spans] = ()
        self._width = 0

    @property
    def lines(self) -> Sequence[Spans]:
        """The lines built for the present width."""
        return self._lines

    def show(self, build: Build, *, top: bool = False) -> None:
        """Replace the lines; scroll to the ``top``, or stay at the present line."""
        self._build = build
        if self._width:
            self._lay_out()
        if top:
            self.scroll_home(animate=False)

    @property
    def cells(self) -> int:
        """The width of lines in cells, with one cell left before the scroll bar; 0 before the layout is known."""
        return max(0, self.scrollable_content_region.width - 1)

    def on_resize(self) -> None:
        width = self.cells
        if width > 0 and width != self._width:
            self._width = width
            self._lay_out()

    def action_half(self, direction: int) -> None:
        """Scroll half a page down (1) or up (-1)."""
        self.scroll_relative(y=direction * max(1, self.size.height // 2), animate=False)

    def action_scroll_down(self) -> None:
        self.scroll_down(animate=False)

    def action_scroll_up(self) -> None:
        self.scroll_up(animate=False)

    def action_page_down(self) -> None:
        self.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        self.scroll_page_up(animate=False)

    def action_scroll_home(self) -> None:
        self.scroll_home(animate=False)

    def action_scroll_end(self) -> None:
        self.scroll_end(animate=False)

    def _lay_out(self) -> None:
        before, self._lines = self._lines, self._build(self._width)
        if len(before) != len(self._lines):
            if self.styles.is_auto_height:
                self.refresh(layout=True)
            # Not by the reactive, which lays the screen out and so paints all of this widget.
            self.set_reactive(Pager.virtual_size, Size(self._width, len(self._lines)))
            self._scroll_update(self.virtual_size)
        top = self.scroll_offset.y
        height = self.size.height
        seen = zip_longest(before[top : top + height], self._lines[top : top + height], fillvalue=())
        changed = [Region(0, y, self.size.width, 1) for y, (old, new) in enumerate(seen) if old != new]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        y += self.scroll_offset.y
        return self.strip(
            self._lines[y] if y < len(self._lines) else (), self.scrollable_content_region.width
        )
