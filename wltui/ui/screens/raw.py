"""The JSON as received."""

import re
from collections.abc import Iterable, Sequence
from functools import partial

from textual.binding import Binding
from textual.widget import Widget

from wltui.api.calls import Call
from wltui.service.file_content import FileContent
from wltui.service.raw import RawText, raw_document
from wltui.ui.screens.base.file_contents import text_file
from wltui.ui.screens.base.search import SearchFrame
from wltui.ui.text.copies import Copy, text_copy
from wltui.ui.text.format import count, size
from wltui.ui.text.spans import Role, Span, Spans, visible, wrap
from wltui.ui.widgets.pager import Pager
from wltui.ui.widgets.search_bar import SearchBar

_TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|([^"]+)')


class RawScreen(SearchFrame[None]):
    """Responses, or parts of them, as the API sent them."""

    FOOTER = ("search.next", "search.previous", "search.open", "copy.open", "frame.back")
    BINDINGS = [
        Binding("y", "back", "Back", id="raw.back", tooltip="back to where y was pressed", show=False)
    ]

    def __init__(
        self, texts: Sequence[RawText], limits: Sequence[str] = (), calls: Sequence[Call[object]] = ()
    ) -> None:
        """
        Args:
            texts: The responses.
            limits: What GraphQL does not answer on this instance, so that REST had to do.
            calls: The requests.
        """
        super().__init__()
        self._calls = calls
        self.texts = texts
        self.limits = limits

    @property
    def crumb(self) -> Spans:
        return (("JSON", Role.PLAIN),)

    def text_copies(self, title: str = "JSON") -> list[Copy]:
        """Return the entry for all JSON, without the paths above it."""
        texts = ["\n".join(text.lines) for text in self.texts]
        return [text_copy("j", title, "\n".join(texts))] if texts else []

    def requests(self) -> Sequence[Call[object]]:
        return self._calls

    def status_spans(self) -> tuple[Spans, Spans]:
        return ((f"{size(sum(text.size for text in self.texts))} as received", Role.PLAIN),), self.hit_spans()

    def file_content(self) -> FileContent:
        number = sum(text.size for text in self.texts)
        about = f"{count(len(self.texts), 'answer')} of the API as received, {size(number)}"
        name = self.texts[0].path.rpartition("/")[2] if len(self.texts) == 1 else "answers"
        return text_file(self, (name,), about, partial(raw_document, self.texts), suffix="json")

    def body(self) -> Iterable[Widget]:
        yield Pager(self._lines, id="main")
        yield SearchBar()

    def _lines(self, cells: int) -> Sequence[Spans]:
        lines = _json_lines(self.texts, cells)
        if not self.limits:
            return lines
        note = self.shown(f"REST was used for what GraphQL does not answer here: {'; '.join(self.limits)}.")
        return (*wrap(((note, Role.MUTED),), cells), (), *lines)


def _json_lines(texts: Sequence[RawText], cells: int) -> Sequence[Spans]:
    lines: list[Spans] = []
    for text in texts:
        lines += [(), ((text.path, Role.ACCENT),)] if lines else [((text.path, Role.ACCENT),)]
        for line in text.lines:
            lines += wrap(_coloured(line), cells)
    return lines


def _coloured(line: str) -> Spans:
    """Render a line of formatted JSON, with keys and values in different styles."""
    spans: list[Span] = []
    for string, colon, other in _TOKEN.findall(line):
        if string:
            spans.append((visible(string), Role.BOLD if colon else Role.SUCCESS))
        spans.append((colon or other, Role.PLAIN))
    return tuple(span for span in spans if span[0])
