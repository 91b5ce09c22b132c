"""A screen whose first line says what has changed since the user's last visit."""

from typing import Any, TypeVar

from textual.binding import Binding

from wltui.ui.actions import hidden_if
from wltui.ui.widgets.visit_changes import VisitLine

from .frame import Frame

T = TypeVar("T")


def nothing_new(screen: "NewsFrame[Any]") -> bool:
    """Return whether nothing is known to have changed since the last visit."""
    return not screen.news.has_news


class NewsFrame(Frame[T]):
    """A frame with a line of news, which takes no row if there are none; a subclass yields it in its body."""

    BINDINGS = [
        Binding("v", "news", "What's new", id="news.open", tooltip="the versions that changed since your last visit")
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.news = VisitLine()
        """The line of news."""

    async def find_news(self) -> None:
        """Show what has changed, as far as the answers so far show it."""
        await self.app.service.visit.load()
        self.show_news()

    def show_news(self) -> None:
        """Show what has changed by now, once the last visit is loaded."""
        if self.news.show_visit(self.app.service.visit, self.app.service.clock(), self.glyphs):
            self.refresh_bindings()

    @hidden_if(nothing_new)
    def action_news(self) -> None:
        """Show the versions that changed since the last visit."""
        from wltui.ui.screens.since_visit import SinceVisitScreen

        self.app.push_screen(SinceVisitScreen())
