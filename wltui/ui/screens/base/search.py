"""A screen with a text in which the user can search: ``/`` begins, ``n`` and ``N`` go on, as in less and vim."""

from collections.abc import Callable
from typing import TypeVar

from textual.binding import Binding

from wltui.ui.actions import disabled_if, hidden_if
from wltui.ui.text.copies import Copy
from wltui.ui.text.selected import whole_text
from wltui.ui.text.spans import Role, Spans
from wltui.ui.widgets.pager import Pager
from wltui.ui.widgets.search_bar import SearchBar

from .copying import CopyFrame
from .file_keys import FileKeys

T = TypeVar("T")


def is_typing(screen: "SearchFrame[object]") -> bool:
    """Return whether the text box of the search is open."""
    return screen.query_one(SearchBar).has_class("-open")


def nothing_found(screen: "SearchFrame[object]") -> str:
    """Return why there is no next place, or an empty string if there is one."""
    return "" if screen.query_one(Pager).hits else f"press {screen.key_of('search.open')} to search"


class SearchFrame(FileKeys[T], CopyFrame[T]):
    """A frame with one :class:`Pager` and a :class:`SearchBar`."""

    BINDINGS = [
        Binding("slash", "search", "Search", id="search.open", tooltip="search for a text"),
        Binding("n", "next_hit(1)", "Next", id="search.next", tooltip="to the next place of it", show=False),
        Binding(
            "N", "next_hit(-1)", "Previous", id="search.previous", tooltip="to the place before", show=False
        ),
    ]

    def copies(self) -> list[Copy]:
        return [*super().copies(), *self.text_copies()]

    def shown_text(self) -> Callable[[], str]:
        """Return a function, for any thread, that makes the text of a file: what the screen shows now, whole."""
        lines = self.query_one(Pager).lines
        return lambda: whole_text(lines) + "\n"

    def hit_spans(self) -> Spans:
        """Return which of the places that were found is on screen, for the status line."""
        pager = self.query_one(Pager)
        if not pager.search_text:
            return ()
        text = f"'{self.shown(pager.search_text)}'"
        if not pager.hits:
            return ((f"{text} is not in the text", Role.WARNING),)
        return ((f"{pager.hit + 1:,} of {len(pager.hits):,}  {text}", Role.ACCENT),)

    @hidden_if(is_typing)
    async def action_search(self) -> None:
        """Open the text box of the search."""
        await self.query_one(SearchBar).open()

    def on_search_bar_done(self, event: SearchBar.Done) -> None:
        pager = self.query_one(Pager)
        pager.focus()
        pager.search(event.text)
        self.redraw()

    @disabled_if(nothing_found)
    def action_next_hit(self, step: int) -> None:
        """Go to the next place (1) or to the one before (-1); after the last comes the first."""
        self.query_one(Pager).go_to_hit(step)
        self.redraw()

    def action_back(self) -> None:
        """End the search if there is one, else leave the screen."""
        if self.query_one(Pager).search_text:
            self.query_one(Pager).search("")
            self.redraw()
        else:
            super().action_back()
