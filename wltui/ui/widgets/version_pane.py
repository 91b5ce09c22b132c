"""A pane with everything about a version, updated as more becomes known."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from wltui.config.detail import VersionDetail
from wltui.config.schema import Schema, SchemaError
from wltui.core.diagnosis import diagnose
from wltui.core.errors import WltuiError
from wltui.core.records import ModelVersion, VersionId, WorkspaceId
from wltui.core.threads import run_in_thread
from wltui.core.upload_log import LogLine
from wltui.ui.keys import present_keys
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.paragraphs import wrap_paragraphs
from wltui.ui.text.spans import Role, Spans

from .config_lines import SCHEMAS, decode_or_error
from .pager import Pager
from .version_view import VersionView


class VersionPane(Pager):
    """Shows a version from its row at once, and in full when its detail is read and its schemas are decoded."""

    def __init__(
        self,
        *,
        glyphs: Glyphs,
        clock: Callable[[], datetime],
        workspace_label: Callable[[WorkspaceId | None], str],
        is_unsent: Callable[[VersionId], bool],
        id: str | None = None,
    ) -> None:
        """
        Args:
            glyphs: The signs to draw with.
            clock: Returns the present time, for ages.
            workspace_label: Returns a workspace's name on screen.
            is_unsent: Returns whether a version has an unsent edit of its config.
        """
        super().__init__(id=id)
        self._glyphs, self._clock = glyphs, clock
        self._workspace_label, self._is_unsent = workspace_label, is_unsent
        self._version: ModelVersion | None = None
        self._detail: VersionDetail | None = None
        self._failure: WltuiError | None = None
        self._schemas: dict[str, Schema | SchemaError] = {}
        self._siblings: Iterable[ModelVersion] = ()
        self._log: Sequence[LogLine] | None = None

    @property
    def version_id(self) -> VersionId | None:
        """The version that is shown."""
        return self._version.id if self._version else None

    def clear(self) -> None:
        """Show nothing."""
        self._version = self._detail = self._failure = None
        self.show(lambda _: ())

    def show_version(self, version: ModelVersion, siblings: Iterable[ModelVersion] = ()) -> None:
        """Show a version from a row of a list; a detail of the same version that was read before stays.

        One without a reason for its failure borrows that of a sibling with the same file.
        """
        other = self._version is None or self._version.id != version.id
        if other:
            self._detail = self._failure = self._log = None
        self._version, self._siblings = version, siblings
        self._draw(top=other)

    def show_siblings(self, siblings: Iterable[ModelVersion]) -> None:
        """Show the reason of a sibling with the same file, if the version has none of its own."""
        self._siblings = siblings
        self._draw()

    def show_log(self, log: Sequence[LogLine]) -> None:
        """Show what the version's upload log says about its failure."""
        self._log = log
        self._draw()

    async def show_detail(self, detail: VersionDetail) -> None:
        """Show a version's detail; schemas follow when a thread has decoded them."""
        self._version, self._detail, self._failure = detail.version, detail, None
        self._draw()
        texts = [getattr(detail.config, name) for name in SCHEMAS] if detail.config else []
        unread = [text for text in texts if isinstance(text, str) and text not in self._schemas]
        if unread:
            self._schemas |= await run_in_thread(lambda: {text: decode_or_error(text) for text in unread})
            self._draw()

    def show_failure(self, failure: WltuiError | None) -> None:
        """Show why the detail could not be read, above the lines shown so far; None removes the message."""
        self._failure = failure
        self._draw()

    def redraw(self) -> None:
        """Draw the version again, with present ages."""
        self._draw()

    def _draw(self, *, top: bool = False) -> None:
        if self._version is None:
            return
        version = self._detail.version if self._detail else self._version
        found = diagnose(version, log=self._log, siblings=self._siblings)
        view = VersionView(version, self._detail, self._workspace_label(version.workspace_id), self._clock(),
                           self._glyphs, self._schemas, failed=self._failure is not None,
                           unsent=self._is_unsent(version.id), diagnosis=found,
                           has_log=self._log is not None, keys=present_keys(self))  # fmt: skip
        failure = self._failure

        def lines(cells: int) -> list[Spans]:
            problem = wrap_paragraphs(str(failure), Role.ERROR, cells) if failure else []
            return [*problem, *([()] if problem else []), *view.lines(cells)]

        self.show(lines, top=top)
