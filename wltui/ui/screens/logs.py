"""The upload logs of a version."""

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from functools import partial

from textual.binding import Binding
from textual.widget import Widget

from wltui.core.errors import WltuiError
from wltui.core.records import ModelVersion
from wltui.core.terminal_text import is_error
from wltui.service.service import Answer
from wltui.ui.screens.base.live import LiveScreen
from wltui.ui.text.format import count
from wltui.ui.text.paragraphs import paragraphs
from wltui.ui.text.spans import Role, Spans, wrap
from wltui.ui.widgets.pager import Pager

_HEAD = re.compile(r"\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)\S* (?:stdout|stderr) [FP] ?")


class LogsScreen(LiveScreen[tuple[str, ...], None]):
    """The log lines that the server wrote while it processed the upload of a version."""

    FOOTER = ("live.refresh", "live.raw", "frame.back")
    BINDINGS = [
        Binding("h,left", "back", "Back", id="logs.back", tooltip="one step back, as in vim", show=False)
    ]

    def __init__(self, version: ModelVersion) -> None:
        super().__init__()
        self.version = version

    @property
    def crumb(self) -> Spans:
        return (("Upload logs", Role.PLAIN),)

    def body(self) -> Iterable[Widget]:
        yield Pager(lambda _: ((("Loading the upload logs", Role.MUTED),),), id="main")

    def status_spans(self) -> tuple[Spans, Spans]:
        return ((count(len(self.answer.value), "line"), Role.PLAIN),) if self.answer else (), ()

    def answers(self) -> AsyncIterator[Answer[tuple[str, ...]]]:
        return self.app.service.upload_logs(self.version.id)

    def _failed(self, error: WltuiError, pause: float) -> None:
        super()._failed(error, pause)
        if self.answer is None:
            self.query_one(Pager).show(lambda _: ())

    def show(self, value: tuple[str, ...]) -> None:
        self.query_one(Pager).show(partial(_log_lines, value))


def _log_lines(lines: Sequence[str], cells: int) -> Sequence[Spans]:
    """Render log lines in the container runtime's format, ``time stream F text``; the time is cut to the second.

    Lines that report an error are red. The stream is ignored, as most programs log to stderr.
    """
    if not lines:
        text = (
            "The server has no upload logs for this version. They are kept for 30 days, and written for custom models "
            "mostly; while an upload is under way there may be none yet."
        )
        return wrap(((text, Role.MUTED),), cells)
    shown: list[Spans] = []
    for line in lines:
        head = _HEAD.match(line)
        time: Spans = ((f"{head[1]} ", Role.MUTED),) if head else ()
        for text in paragraphs(line[head.end() :] if head else line) or [""]:
            role = Role.ERROR if is_error(text) else Role.PLAIN
            shown += wrap((*time, (text, role)), cells)
    return shown
