"""The upload logs of a version."""

from collections.abc import AsyncIterator, Iterable, Sequence
from functools import partial

from msgspec import Struct
from textual.widget import Widget

from wltui.core.errors import WltuiError
from wltui.core.escapes import escape_line
from wltui.core.records import ModelVersion, Phase, phase
from wltui.core.terminal_text import is_error
from wltui.core.upload_log import DecisiveLine, LogLine, decisive_line, parse_log
from wltui.service.file_content import FileContent
from wltui.service.service import Answer
from wltui.service.upload_log import UploadLog
from wltui.ui.screens.base.file_contents import data_warnings, text_file
from wltui.ui.screens.base.live import LiveScreen
from wltui.ui.screens.base.search import SearchFrame
from wltui.ui.text.copies import Copy, value_copies
from wltui.ui.text.format import count
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Span, Spans, width, wrap
from wltui.ui.widgets.pager import Pager
from wltui.ui.widgets.search_bar import SearchBar

EMPTY = (
    "The server has no upload logs for this version. They are kept for 30 days, and written for custom models "
    "mostly; while an upload is under way there may be none yet."
)


class LogView(Struct, frozen=True):
    """The lines of a log and how to draw them. The one that says why the upload failed has a sign."""

    log: Sequence[LogLine]
    decisive: DecisiveLine | None
    glyphs: Glyphs

    def lines(self, cells: int) -> list[Spans]:
        """Render all lines for a width in cells."""
        if not self.log:
            return wrap(((EMPTY, Role.MUTED),), cells)
        return [line for number in range(len(self.log)) for line in self._entry(number, cells)]

    def _entry(self, number: int, cells: int) -> list[Spans]:
        """Render an entry; where it is wrapped, its text stays to the right of the time."""
        entry, cause = self.log[number], self.decisive
        role = Role.WARNING if is_error(entry.text) else Role.PLAIN
        begin: list[Span] = []
        if cause:
            begin = [self._sign if number == cause.index else ("  ", Role.PLAIN)]
            if cause.index <= number < cause.index + cause.lines:
                role = Role.ERROR
        if entry.time:
            begin.append((f"{entry.time} ", Role.MUTED))
        room = width(tuple(begin))
        first, *rest = wrap(((self.glyphs.text(entry.text), role),), cells - room)
        return [(*begin, *first), *(((" " * room, Role.PLAIN), *line) for line in rest)]

    @property
    def _sign(self) -> Span:
        return f"{self.glyphs.more} ", Role.ERROR

    def find_cause(self, lines: Sequence[Spans]) -> int | None:
        """Return the number of the line on screen that says why the upload failed, or None if there is none."""
        if self.decisive is None:
            return None
        return next((number for number, line in enumerate(lines) if line[:1] == (self._sign,)), None)


class LogsScreen(SearchFrame[None], LiveScreen[UploadLog, None]):
    """The log lines that the server wrote while it processed the upload of a version.

    It opens at the line that says why the upload failed. While the version is on its way, new lines are followed.
    """

    FOOTER = (
        "search.next", "search.previous", "search.open", "copy.open", "frame.back", "live.raw", "live.refresh",
    )  # fmt: skip

    def __init__(self, version: ModelVersion) -> None:
        super().__init__()
        self._row = version
        self._view: LogView | None = None

    @property
    def version(self) -> ModelVersion:
        """The version, as it was last received."""
        return self.answer.value.version if self.answer else self._row

    @property
    def watched(self) -> tuple[ModelVersion, ...]:
        return (self.version,)

    @property
    def crumb(self) -> Spans:
        return (("Upload logs", Role.PLAIN),)

    def body(self) -> Iterable[Widget]:
        yield Pager(lambda _: ((("Loading the upload logs", Role.MUTED),),), id="main")
        yield SearchBar()

    def status_spans(self) -> tuple[Spans, Spans]:
        if self.answer is None or self._view is None:
            return (), ()
        words = count(len(self._view.log), "line")
        if self.answer.value.may_grow:
            words += ", and more may come"
        cause = self._view.decisive
        at: Spans = (
            ((f"   {self.glyphs.more} line {cause.index + 1:,} says why", Role.ERROR),) if cause else ()
        )
        return ((words, Role.PLAIN), *at), self.hit_spans()

    def copies(self) -> list[Copy]:
        return [*value_copies([self.version]), *super().copies()]

    def file_content(self) -> FileContent | None:
        if self.answer is None or self._view is None:
            return None
        warnings = data_warnings(self.answer, self.link.failure, self.app.service.clock())
        if self.answer.value.may_grow:
            warnings.append("The upload is under way: more lines may come.")
        log = self._view.log
        about = f"The upload log of version {self.version.id}: {count(len(log), 'line')}"
        words = "version", str(self.version.id), "log"
        return text_file(self, words, about, partial(_text, log), suffix="txt", warnings=warnings)

    def answers(self) -> AsyncIterator[Answer[UploadLog]]:
        return self.app.service.upload_log(self.version)

    async def _read(self) -> float:
        """Read once; nothing more is read once the version has arrived, since its log is complete then."""
        pause = await super()._read()
        return pause if self.link.failure or self.answer is None or self.answer.value.may_grow else 0

    def _failed(self, error: WltuiError, pause: float) -> None:
        super()._failed(error, pause)
        if self.answer is None:
            self.query_one(Pager).show(lambda _: ())

    def show(self, value: UploadLog) -> None:
        pager, before = self.query_one(Pager), self._view
        log = parse_log(value.lines)
        failed = phase(value.version.status) is Phase.ERROR
        self._view = view = LogView(log, decisive_line(log) if failed else None, self.glyphs)
        follows = value.may_grow and (before is None or not before.log or pager.is_at_end)
        is_news = view.decisive is not None and (before is None or before.decisive is None)

        def reveal(lines: Sequence[Spans]) -> int | None:
            if is_news:
                return view.find_cause(lines)
            return len(lines) - 1 if follows else None

        pager.show(view.lines, reveal=reveal)


def _text(log: Sequence[LogLine]) -> str:
    return "".join(f"{line.at} {escape_line(line.text)}".lstrip() + "\n" for line in log)
