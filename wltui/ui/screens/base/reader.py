"""A text that is read from the service: it can be searched, and written to a file as it is shown."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import ClassVar, NamedTuple, TypeVar

from textual.widget import Widget

from wltui.service.file_content import FileContent
from wltui.ui.text.spans import Role, Spans
from wltui.ui.widgets.pager import Pager
from wltui.ui.widgets.search_bar import SearchBar

from .file_contents import data_warnings, text_file
from .live import LiveScreen
from .search import SearchFrame

V = TypeVar("V")


class About(NamedTuple):
    """What a text is about."""

    name: tuple[str, ...]
    """Words for the name of its file."""
    title: str


class Reader(SearchFrame[None], LiveScreen[V, None]):
    """A screen with such a text."""

    FOOTER = (
        "search.next", "search.previous", "search.open", "copy.open", "frame.back", "live.raw", "live.refresh",
    )  # fmt: skip
    LOADING: ClassVar[str] = ""
    """What is shown until the first answer."""

    @property
    @abstractmethod
    def about(self) -> About:
        """What the text is about, for its file."""

    def body(self) -> Iterable[Widget]:
        yield Pager(lambda _: (((self.LOADING, Role.MUTED),),), id="main")
        yield SearchBar()

    def status_spans(self) -> tuple[Spans, Spans]:
        return (), self.hit_spans()

    def file_content(self) -> FileContent | None:
        if self.answer is None:
            return None
        name, title = self.about
        warnings = data_warnings(self.answer, self.link.failure, self.app.service.clock())
        return text_file(self, name, title, self.shown_text(), suffix="txt", warnings=warnings)
