"""Version detail: all data of one version that the API returns."""

from collections.abc import AsyncIterator, Iterable
from functools import partial
from typing import TYPE_CHECKING

from textual.widget import Widget

from wltui.config.detail import VersionDetail
from wltui.core.diagnosis import says_why
from wltui.core.errors import WltuiError
from wltui.core.records import ModelVersion, Phase, phase
from wltui.core.upload_frameworks import WITH_LOGS
from wltui.core.upload_log import missing_log_reason, parse_log
from wltui.service.service import Answer
from wltui.ui.screens.base.live import LiveScreen
from wltui.ui.screens.base.search import SearchFrame
from wltui.ui.screens.base.version_actions import VersionKeys
from wltui.ui.text.copies import Copy, value_copies
from wltui.ui.text.spans import Role, Spans
from wltui.ui.widgets.search_bar import SearchBar
from wltui.ui.widgets.version_pane import VersionPane

if TYPE_CHECKING:
    from wltui.service.file_content import FileContent


class VersionScreen(VersionKeys, SearchFrame[None], LiveScreen[VersionDetail, None]):
    """A version's detail on a screen of its own."""

    FOOTER = (
        "version.edit", "copy.open", "version.pipelines", "version.history", "version.compare", "version.logs",
        "frame.back", "app.problems", "live.raw", "live.refresh", "upload.begin",
    )  # fmt: skip

    def __init__(self, version: ModelVersion) -> None:
        super().__init__()
        self._row = version
        self._looked_at: tuple[str | None, str | None] | None = None
        """Status and reason of the version when its log and others with its file were last looked at."""

    @property
    def version(self) -> ModelVersion:
        return self.answer.value.version if self.answer else self._row

    @property
    def crumb(self) -> Spans:
        return ((f"version {self._row.id}", Role.PLAIN),)

    @property
    def watched(self) -> tuple[ModelVersion, ...]:
        return (self.version,)

    def body(self) -> Iterable[Widget]:
        yield self.make_pane("main")
        yield SearchBar()

    def status_spans(self) -> tuple[Spans, Spans]:
        return (), self.hit_spans()

    def on_mount(self) -> None:
        self.query_one(VersionPane).show_version(self._row)

    def redraw(self) -> None:
        super().redraw()
        if self.is_mounted:
            self.query_one(VersionPane).redraw()  # there may be an unsent edit now, or none any more

    def answers(self) -> AsyncIterator[Answer[VersionDetail]]:
        return self.app.service.version(self._row)

    def copies(self) -> list[Copy]:
        return [*value_copies([self.version]), *super().copies()]

    def file_content(self) -> "FileContent | None":
        from wltui.service.file_content import with_config
        from wltui.service.tables import detail_table
        from wltui.ui.screens.base.file_contents import data_warnings, table_file

        if (answer := self.answer) is None:
            return None
        content = table_file(
            self,
            ("version", str(self.version.id)),
            f"Version {self.version.id} with its newest config",
            partial(detail_table, answer, dict(self.app.workspace_names)),
            warnings=data_warnings(answer, self.link.failure, self.app.service.clock()),
            usual="json",
        )
        return with_config(content, answer.value)

    def show(self, value: VersionDetail) -> None:
        pane = self.query_one(VersionPane)
        self.start(partial(pane.show_detail, value), group="read schemas")

    async def _read(self) -> float:
        pause = await super()._read()
        await self._read_reason(self.version)
        return pause

    async def _read_reason(self, version: ModelVersion) -> None:
        """If it failed without a reason, show that of versions with the same file, or the upload log's, once."""
        state = version.status, version.error_summary
        if (
            phase(version.status) is not Phase.ERROR
            or says_why(version.error_summary)
            or state == self._looked_at
        ):
            return
        pane = self.query_one(VersionPane)
        pane.show_siblings(await self.app.service.cached_same_file(version))
        if version.framework in WITH_LOGS and not missing_log_reason(version):
            try:
                async for answer in self.app.service.upload_log(version):
                    pane.show_log(parse_log(answer.value.lines))
            except WltuiError:  # the detail says that the log is not read, and which key reads it
                return
        self._looked_at = state

    def _receive(self, answer: Answer[VersionDetail]) -> None:
        super()._receive(answer)
        self.query_one(VersionPane).redraw()  # the age of a status grows though nothing else changes

    def _failed(self, error: WltuiError, pause: float) -> None:
        super()._failed(error, pause)
        self.query_one(VersionPane).show_failure(None if self.answer else error)
