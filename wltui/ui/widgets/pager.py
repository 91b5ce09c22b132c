"""A scrollable text: a version's detail, raw JSON, logs, help."""

from collections.abc import Callable, Sequence
from itertools import zip_longest

from textual.binding import Binding
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from wltui.ui.text.hits import Hit, Searchable, mark
from wltui.ui.text.spans import Role, Spans

from .selectable import Selectable

Build = Callable[[int], Sequence[Spans]]
"""Returns the lines for a width in cells."""
Reveal = Callable[[Sequence[Spans]], int | None]
"""Returns the number of the line to scroll to among all lines, or None to scroll nowhere."""


class Pager(Selectable, ScrollView, can_focus=True, inherit_bindings=False):
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
        self._reveal: Reveal | None = None
        """Where to scroll once the layout is known."""
        self.search_text = ""
        self.hits: Sequence[Hit] = ()
        """Every place of the text that is searched for."""
        self.hit = 0
        """The number of the place that was gone to last, counted from 0."""
        self._searchable: Searchable | None = None
        """The lines as they are searched; None before the first search in them."""
        self._places: dict[int, list[tuple[int, int, int]]] = {}
        """The characters of each line that were found, and the number of the hit that they belong to."""

    @property
    def lines(self) -> Sequence[Spans]:
        """The lines built for the present width."""
        return self._lines

    def show(self, build: Build, *, top: bool = False, reveal: Reveal | None = None) -> None:
        """Replace the lines; scroll to the ``top``, to the line that ``reveal`` chooses, or stay at the present one."""
        self._build, self._reveal = build, reveal
        if top:
            self.forget_selection()
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
            self.forget_selection()
            self._lay_out()

    @property
    def is_at_end(self) -> bool:
        """Whether the last line is on screen."""
        return self.scroll_offset.y + self.size.height >= len(self._lines)

    def reveal(self, line: int) -> None:
        """Scroll so that a line is on screen, if it is not, and well inside."""
        top, height = self.scroll_offset.y, self.size.height
        if not top + 1 <= line < top + height - 2:
            self.scroll_to(y=max(0, line - height // 3), animate=False)

    # Search

    def search(self, text: str) -> None:
        """Search for a text and go to its first place from the line at the top on; an empty text ends the search."""
        self.search_text = text
        self._find()
        top = self.scroll_offset.y
        self.hit = next((number for number, hit in enumerate(self.hits) if hit[0][0] >= top), 0)
        self._go()

    def go_to_hit(self, step: int) -> None:
        """Go some places further (1) or back (-1); after the last comes the first."""
        if self.hits:
            self.hit = (self.hit + step) % len(self.hits)
            self._go()

    def _go(self) -> None:
        self.refresh()
        if self.hits:
            self.reveal(self.hits[self.hit][0][0])

    def _find(self) -> None:
        if self.search_text and self._searchable is None:
            self._searchable = Searchable(self._lines)
        self.hits = self._searchable.find(self.search_text) if self._searchable else ()
        self.hit = min(self.hit, max(0, len(self.hits) - 1))
        self._places = {}
        for number, hit in enumerate(self.hits):
            for line, first, end in hit:
                self._places.setdefault(line, []).append((first, end, number))

    # Keys

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
        self._searchable = None
        if self.search_text:
            self._find()
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
        if self._reveal is not None:
            line = self._reveal(self._lines)
            self._reveal = None
            if line is not None:
                self.reveal(line)

    def render_line(self, y: int) -> Strip:
        y += self.scroll_offset.y
        line = self._lines[y] if y < len(self._lines) else ()
        for first, end, number in self._places.get(y, ()):
            line = mark(line, first, end, Role.FOUND if number == self.hit else Role.MATCH)
        return self.strip_line(y, line, self.scrollable_content_region.width)

    def text_line(self, number: int) -> Spans:
        return self.in_ascii(self._lines[number]) if 0 <= number < len(self._lines) else ()

    @property
    def line_count(self) -> int:
        return len(self._lines)

    @property
    def first_line(self) -> int:
        return self.scroll_offset.y
