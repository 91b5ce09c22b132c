"""The list of workspaces, which is the first screen."""

from collections.abc import AsyncIterator, Iterable, Sequence
from functools import partial
from time import monotonic

from textual.binding import Binding
from textual.widget import Widget

from wltui.core.errors import WltuiError
from wltui.core.records import Workspace, WorkspaceId, missing_records
from wltui.core.threads import run_in_thread
from wltui.service.service import Answer, Summary
from wltui.service.summaries import Total, add_up
from wltui.ui.actions import disabled_if
from wltui.ui.screens.base.file_keys import MakeTable
from wltui.ui.screens.base.filtered import is_filtering
from wltui.ui.screens.base.frame import QuitKeys
from wltui.ui.screens.base.news import NewsFrame
from wltui.ui.screens.base.preview import BESIDE_PREVIEW, Preview, PreviewListScreen
from wltui.ui.screens.base.upload_keys import UploadKeys
from wltui.ui.text.facts import Facts, facts
from wltui.ui.text.format import count
from wltui.ui.text.record_facts import PHASES, facts_below, forget_texts, workspace_facts, workspace_pairs
from wltui.ui.text.spans import Role, Spans, width
from wltui.ui.widgets.age_column import age_of
from wltui.ui.widgets.status import COUNTS_CELLS, counts, counts_heading, tally
from wltui.ui.widgets.table.columns import Column

BEHIND = "read behind"
"""The group of the workers that count models."""
GROWTH = 1.5
"""The factor by which the workspaces to search grow before they are filtered again, while more are being loaded."""
TOTAL_SECONDS = 0.5
"""Seconds between two totals of the instance while its workspaces are being counted: each is a repaint."""


def no_workspace(screen: "WorkspacesScreen") -> str:
    """Return why there is no workspace whose pipelines could be listed, or an empty string if there is one."""
    return "" if screen.record is not None else "no workspace is under the cursor"


class WorkspacesScreen(
    PreviewListScreen[tuple[Workspace, ...], Workspace], UploadKeys[None], NewsFrame[None], QuitKeys[None]
):
    """Every workspace that the user can see, with the statuses of its models' versions."""

    FOOTER = (
        "filter.done", "filter.clear", "list.open", "news.open", "list.filter", "app.problems", "copy.open",
        "workspaces.pipelines", "workspaces.history", "list.sort", "workspaces.archived", "app.palette", "live.raw",
        "live.refresh",
    )  # fmt: skip
    NOUN = "workspace"
    KEPT_AS = "workspaces"
    SORT = "id"
    WHOLE_LIST = BESIDE_PREVIEW
    BINDINGS = [
        Binding("a", "archived", "Archived", id="workspaces.archived", tooltip="show or hide archived workspaces"),
        Binding("D", "pipelines", "Pipelines", id="workspaces.pipelines",
                tooltip="the pipelines of this workspace, and what they run"),
        Binding("H", "history", "History", id="workspaces.history",
                tooltip="all unsent edits, and what was saved from here"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.summaries: dict[WorkspaceId, Summary] = {}
        self.show_archived = False
        self._is_welcoming = False  # the welcome was shown since the list was last read: it may be on screen
        self._below: dict[WorkspaceId, Sequence[Facts]] = {}
        """What models and versions of a workspace know; filled while the filter is used."""
        self._whole: set[WorkspaceId] = set()
        """The workspaces of which all versions are in ``_below``."""
        self._totalled = 0.0
        """When the total was shown last, on the monotonic clock."""
        self._totals: tuple[Sequence[Workspace], Total | None] = (), None
        """The rows that were added up last, and their total; None if a summary has changed since."""
        self._is_counting = False
        self._counts_all = False
        """Whether the user asked for all counts with the next list."""

    def body(self) -> Iterable[Widget]:
        yield self.news
        yield from super().body()

    @property
    def upload_place(self) -> tuple[WorkspaceId, str] | None:
        workspace = self.record
        return None if workspace is None else (workspace.id, "")

    @property
    def crumb(self) -> Spans:
        return (("Workspaces", Role.PLAIN),)

    @property
    def is_as_at_start(self) -> bool:
        usual = not (self.app.settings.workspace or self.show_archived or self._is_welcoming)
        counting = any(w.node is self and w.group == BEHIND and not w.is_finished for w in self.workers)
        return usual and not counting and not self.news.has_news and super().is_as_at_start

    @property
    def nothing(self) -> str:
        if hidden := len(self.answer.value) if self.answer else 0:
            return f"All {hidden} workspaces are archived. {self.key_of('workspaces.archived')} shows them."
        again = self.key_of("live.refresh")
        return (
            f"You see no workspaces on this instance. Somebody who owns one can add you; {again} reads again."
        )

    def answers(self) -> AsyncIterator[Answer[tuple[Workspace, ...]]]:
        return self.app.service.workspaces()

    def records(self, value: tuple[Workspace, ...]) -> Sequence[Workspace]:
        return [workspace for workspace in value if self.show_archived or not workspace.archived]

    def unread(self, value: tuple[Workspace, ...]) -> tuple[int, str]:
        return missing_records(value)

    def show(self, value: tuple[Workspace, ...]) -> None:
        self.app.workspace_names = {workspace.id: workspace.name for workspace in value}
        super().show(value)
        self._show_total()

    def _receive(self, answer: Answer[tuple[Workspace, ...]]) -> None:
        super()._receive(answer)
        if answer.live or answer is self.answer:  # the list has no statuses, so count after each read
            self._count()
        self._is_welcoming = False
        if answer.live and answer.value and not self.app.choices.is_welcomed:
            from wltui.ui.screens.base.welcome import show_welcome

            self._is_welcoming = show_welcome(self)

    def action_refresh(self) -> None:
        """Read the list again now, and count all workspaces."""
        self._counts_all = True
        super().action_refresh()

    def _count(self) -> None:
        """Count models and versions in the background: from the cache until the list is live, then where they may
        have changed; all of them if the user pressed ``r``."""
        if self.answer is None:
            return
        listed, live = self.records(self.answer.value), self.answer.live
        asked = {workspace.id: None for workspace in listed}
        due = self.app.service.counts.due(listed)
        if live and not self._counts_all:
            unknown = (
                number for number in asked if number not in self.summaries or not self.summaries[number].live
            )
            asked = dict.fromkeys((*due, *unknown))
        self._counts_all = self._counts_all and not live
        self.start(partial(self._summarise, list(asked), live=live), group=BEHIND)

    def on_screen_suspend(self) -> None:
        self.workers.cancel_group(self, BEHIND)

    async def _summarise(self, asked: list[WorkspaceId], *, live: bool) -> None:
        before = dict(self.summaries)
        self._is_counting = True
        await self.find_news()
        try:
            async for workspace_id, summary in self.app.service.summaries(asked, self._in_view, live=live):
                known = self.summaries.get(workspace_id)
                if known != summary and (summary.live or known is None):
                    self.summaries[workspace_id] = summary
                    self._totals = (), None
                    self.table.redraw(workspace_id)
                    if self.record is not None and self.record.id == workspace_id:
                        self.show_detail()
                    if monotonic() - self._totalled > TOTAL_SECONDS:
                        self._show_total()
                self.show_news()
        except WltuiError as error:
            self.notice(error)
        self._is_counting = False
        self._show_total()
        if self.summaries != before and (self.table.filter or is_filtering(self)):
            await self._read_below()

    def _show_total(self) -> None:
        """Show the number of versions in the workspaces that are listed, by status."""
        self._totalled = monotonic()
        self.show_status()

    # The filter

    async def action_filter(self) -> None:
        await super().action_filter()
        self.start(self._read_below, group="read below")

    async def _read_below(self) -> None:
        """Load what the filter searches below the workspaces, and filter by it; the cache has what was counted."""
        searched = 0
        async for workspace, models in self.app.service.cached_workspaces():
            if not models and workspace.version_ids:  # not in the cache
                continue
            self._below[workspace.id] = await run_in_thread(tuple, facts_below(workspace, models))
            forget_texts()
            if all(model.versions is not None for model in models):
                self._whole.add(workspace.id)
            if len(self._below) > GROWTH * searched:
                searched = len(self._below)
                self.table.filter_again()
                self.redraw()
        self.table.filter_again()
        self.redraw()

    def facts(self, record: Workspace) -> Sequence[Facts]:
        own = workspace_facts(record)
        if (below := self._below.get(record.id)) is not None:
            return own, *below
        summary = self.summaries.get(record.id)
        counted = [phase for phase, number in summary.phases.items() if number] if summary else ()
        shared = workspace_pairs(record)
        return own, *(facts(*shared, ("status", PHASES[phase]), is_below=True) for phase in counted)

    @property
    def unsearched(self) -> int:
        return (
            sum(record.id not in self._whole for record in self.records(self.answer.value))
            if self.answer
            else 0
        )

    def _in_view(self) -> list[WorkspaceId]:
        return [workspace.id for workspace in self.table.in_view]

    def action_archived(self) -> None:
        """Show or hide archived workspaces."""
        self.show_archived = not self.show_archived
        if self.answer:
            self.show(self.answer.value)
            self._count()
        self.redraw()

    @disabled_if(no_workspace)
    def action_pipelines(self) -> None:
        """Show the pipelines of the workspace under the cursor."""
        from .pipelines import PipelinesScreen

        if self.record is not None:
            self.app.push_screen(PipelinesScreen(self.record.id))

    def action_history(self) -> None:
        """Show all unsent edits, and the saves of every version."""
        from .instance_history import InstanceHistoryScreen

        self.app.push_screen(InstanceHistoryScreen())

    def _total(self) -> Total:
        """Return what is counted in the rows, added up once until they change: 10,000 take 10 ms."""
        rows, total = self._totals
        if total is None or rows is not self.table.rows:
            self._totals = rows, total = self.table.rows, add_up(self.table.rows, self.summaries)
        return total

    def counts(self) -> Spans:
        total = self._total()
        of_them = (f" {self.glyphs.separator} {count(total.versions, 'version')}   ", Role.PLAIN)
        return (*super().counts(), *((of_them, *tally(total.phases, self.glyphs)) if self.table.rows else ()))

    @property
    def _notes(self) -> tuple[str, str]:
        """How much of the counts is missing or old, in words and in short; empty if nothing is."""
        left, cached = self._total().uncounted, self._total().cached
        missing = f"   {left:,} not counted" if left else ""
        old = f"   {self.glyphs.cached} {cached:,}" if cached else ""
        words = f"{missing}{' yet' if left and self._is_counting else ''}{old}{' from the cache' if cached else ''}"
        return words, missing + old

    def status_spans(self) -> tuple[Spans, Spans]:
        left, right = super().status_spans()
        if (unsent := len(self.app.saves.drafted)) and not right:
            key = self.key_of("workspaces.history")
            right = ((f"{self.glyphs.unsent} {count(unsent, 'unsent edit')}: {key}", Role.ACCENT),)
        room = self.app.size.width - 3 - width(left) - width(right)
        words, short = self._notes
        note = words if len(words) <= room else short  # the help explains the sign; the counts are worth more
        hidden = sum(workspace.archived for workspace in self.answer.value) if self.answer else 0
        archived = f"  ({hidden} archived hidden)" if hidden and not self.show_archived else ""
        if len(note) + len(archived) <= room:
            note += archived
        return (*left, (note, Role.MUTED)), right

    def file_table(self, answer: Answer[Sequence[Workspace]]) -> MakeTable:
        from wltui.service.tables import workspaces_table

        return partial(workspaces_table, answer, dict(self.summaries))

    def open(self, record: Workspace) -> None:
        from .models import ModelsScreen

        self.app.push_screen(ModelsScreen(record.id))

    async def preview(self, record: Workspace) -> Preview:
        from wltui.ui.text.format import age_order
        from wltui.ui.widgets.previews import model_columns, updated

        models = await self.app.service.cached_models(record.id)
        newest_first = sorted(models or (), key=lambda model: age_order(updated(model)) or 0)
        nothing = (
            "Its models have not been read yet." if models is None else "This workspace has no models yet."
        )
        columns = model_columns(self.glyphs, self.app.service.clock)
        return Preview.of(self.shown(record.name), columns, newest_first, nothing, self.glyphs)

    def columns(self) -> Sequence[Column[Workspace]]:
        def models(workspace: Workspace) -> str:
            summary = self.summaries.get(workspace.id)
            return str(summary.models) if summary else ""

        def fare(workspace: Workspace, _: int) -> Spans:
            summary = self.summaries.get(workspace.id)
            if summary is None:
                return ()
            sign = (f"{self.glyphs.cached} ", Role.MUTED) if not summary.live else ("  ", Role.PLAIN)
            return (sign, *counts(summary.phases, self.glyphs))

        def name(workspace: Workspace, _: int) -> Spans:
            unsent = not self.app.saves.drafted.isdisjoint(workspace.version_ids)
            mark = ((f"{self.glyphs.unsent} ", Role.ACCENT),) if unsent else ()
            shown = (*mark, (self.shown(workspace.name), Role.BOLD))
            return (*shown, ("  archived", Role.MUTED)) if workspace.archived else shown

        return (
            Column("id", "ID", lambda w: str(w.id), sort=lambda w: w.id, width=6, align="right"),
            Column("name", "Name", lambda w: w.name, cell=name, width=18, grow=((1, 40), (6, 64)), cut="middle",
                   lends=True),
            Column("models", "Models", models, sort=lambda w: int(models(w)) if models(w) else None, width=8,
                   align="right", filter=False, descending=True),
            Column("versions", "Versions", lambda w: str(len(w.version_ids)), sort=lambda w: len(w.version_ids),
                   width=10, align="right", filter=False, descending=True, priority=2),
            Column("status", "Status", lambda _: "", heading=f"  {counts_heading(self.glyphs)}", cell=fare,
                   sort=lambda w: _worst_first(self.summaries.get(w.id)), width=2 + COUNTS_CELLS, filter=False),
            Column("pipelines", "Pipelines", lambda w: str(len(w.pipelines)), sort=lambda w: len(w.pipelines),
                   width=11, align="right", filter=False, descending=True, priority=5),
            age_of("created", "Created", lambda w: w.created_at, self.glyphs, self.app.service.clock, priority=3),
            Column("created_by", "Created by", lambda w: w.created_by or self.glyphs.dash, width=16,
                   grow=((7, 36),), cut="middle", priority=4),
        )  # fmt: skip


def _worst_first(summary: Summary | None) -> tuple[int, ...]:
    from wltui.ui.widgets.status import SEVERITY

    if summary is None:
        return (1,)
    return (0, *(-summary.phases.get(phase, 0) for phase in sorted(SEVERITY, key=SEVERITY.__getitem__)))
