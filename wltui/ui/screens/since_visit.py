"""The versions that changed since the user's last visit."""

from collections.abc import Iterable, Sequence
from functools import partial

from msgspec import Struct
from textual.widget import Widget

from wltui.core.records import ModelVersion, VersionId
from wltui.service.answers import Answer
from wltui.service.file_content import FileContent
from wltui.service.problem_columns import CHANGES, ChangeRow
from wltui.service.tables import changes_table
from wltui.ui.screens.base.file_contents import table_file
from wltui.ui.screens.base.file_keys import FileKeys
from wltui.ui.screens.base.filtered import FilteredFrame
from wltui.ui.text.facts import Facts
from wltui.ui.text.format import age, count
from wltui.ui.text.record_facts import version_facts
from wltui.ui.text.spans import Role, Spans
from wltui.ui.widgets.filter_bar import FilterBar
from wltui.ui.widgets.status import status
from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.table.table import RecordTable
from wltui.ui.widgets.visit_changes import KINDS, kind_spans

NOTHING = "Nothing has changed since your last visit."


class Change(Struct, frozen=True):
    """A version, and the kind of its change: a field of :class:`~wltui.core.visits.Changes`."""

    kind: str
    version: ModelVersion

    @property
    def id(self) -> tuple[str, VersionId]:
        """Return the identity of the row."""
        return self.kind, self.version.id


class SinceVisitScreen(FileKeys[None], FilteredFrame[None]):
    """One row per change, the kinds to look at first on top. Nothing is fetched for it."""

    FOOTER = (
        "filter.done",
        "filter.clear",
        "list.open",
        "list.filter",
        "list.sort",
        "copy.open",
        "frame.back",
    )

    def __init__(self) -> None:
        super().__init__()
        self._named: dict[VersionId, ModelVersion] = {}
        """Reconfigured versions as the cache has them."""

    @property
    def crumb(self) -> Spans:
        return (("Since your last visit", Role.PLAIN),)

    def body(self) -> Iterable[Widget]:
        yield RecordTable(
            self.columns(), lambda change: change.id, glyphs=self.glyphs, marks=False, facts=self.facts,
            clock=self.app.service.clock, id="main",
        )  # fmt: skip
        yield FilterBar()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self._show()
        self.start(self._find_names, group="read names")

    def facts(self, change: Change) -> Sequence[Facts]:
        """Return what a row knows: its version, and ``is:`` with the kind of its change."""
        kind = KINDS[change.kind][2]
        return (version_facts(change.version, ("is", kind), ("ws", self._workspace(change))),)

    def redraw(self) -> None:
        super().redraw()
        if self.is_mounted:
            text = "Nothing matches. esc clears the filter." if self.table.total else NOTHING
            self.table.placeholder = ((text, Role.MUTED),)

    def _show(self) -> None:
        changes = self.app.service.visit.changes
        versions: dict[str, Sequence[ModelVersion]] = {
            "broke": changes.broke,
            "became_ready": changes.became_ready,
            "appeared": changes.appeared,
            "reconfigured": [self._named.get(each, ModelVersion(id=each)) for each in changes.reconfigured],
        }
        rows = [Change(kind, version) for kind in KINDS for version in versions[kind]]
        self.query_one(RecordTable).show(rows, news=False)
        self.redraw()

    async def _find_names(self) -> None:
        """Find the models of reconfigured versions in the cache, since configs are known without them."""
        wanted = set(self.app.service.visit.changes.reconfigured) - self._named.keys()
        if not wanted:
            return
        async for _, models in self.app.service.cached_workspaces():
            versions = (version for model in models or () for version in model.versions or ())
            self._named |= {version.id: version for version in versions if version.id in wanted}
        self._show()

    def file_content(self) -> FileContent:
        rows = [ChangeRow(CHANGES[each.kind], each.version) for each in self.query_one(RecordTable).rows]
        answer = Answer(rows, self.app.service.clock(), live=True)
        make = partial(changes_table, answer, dict(self.app.workspace_names))
        about = count(len(rows), "change")
        return table_file(
            self, ("changes",), about, make, rows=len(rows), is_filtered=bool(self.table.filter)
        )

    def status_spans(self) -> tuple[Spans, Spans]:
        if not self.is_mounted:
            return (), ()
        since, now = self.app.service.visit.since, self.app.service.clock()
        ago = f" in the last {age(now - since)}" if since else ""
        text = self.table.filter
        end: Spans = ((f"/{self.shown(text)}", Role.ACCENT),) if text else ()
        return ((f"{count(self.table.shown, 'change')}{ago}", Role.PLAIN),), end

    def copied(self) -> Sequence[ModelVersion]:
        return [change.version for change in self.chosen]

    def on_record_table_opened(self, event: "RecordTable.Opened[Change]") -> None:
        """Show the version under the cursor."""
        from .version import VersionScreen

        self.app.push_screen(VersionScreen(event.record.version))

    def columns(self) -> Sequence[Column[Change]]:
        """Return the table's columns."""
        dash = self.glyphs.dash

        def state(change: Change, _: int) -> Spans:
            word = change.version.status
            return status(word, self.glyphs) if word else ((dash, Role.MUTED),)

        return (
            Column("kind", "Change", lambda c: KINDS[c.kind][2], cell=lambda c, _: kind_spans(c.kind, self.glyphs),
                   sort=lambda c: [*KINDS].index(c.kind), width=20, snug=True),
            Column("id", "ID", lambda c: str(c.version.id), sort=lambda c: c.version.id, width=6, align="right",
                   descending=True),
            Column("model", "Model", lambda c: c.version.model_name or dash, width=18, flex=2, max_width=64,
                   lends=True),
            Column("workspace", "Workspace", self._workspace, width=14, flex=1, max_width=40, priority=1, lends=True),
            Column("status", "Now", lambda c: c.version.status or dash, cell=state, width=27, snug=True),
        )  # fmt: skip

    def _workspace(self, change: Change) -> str:
        number = change.version.workspace_id
        return self.glyphs.dash if number is None else self.app.workspace_names.get(number) or str(number)
