"""Every version of the instance, or those that need attention: Problems is this list with a verdict."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from textual.binding import Binding
from textual.widget import Widget

from wltui.core.compact import replace_fields
from wltui.core.records import ModelVersion
from wltui.core.version_groups import GroupBy, VersionGroup, in_group
from wltui.service.fleet import Fleet
from wltui.service.service import Answer
from wltui.ui.actions import disabled_if, hidden_if
from wltui.ui.screens.base.file_keys import MakeTable
from wltui.ui.screens.base.fleet_live import FleetLive, unread_workspaces
from wltui.ui.screens.base.judging import Evidence, Judge
from wltui.ui.screens.base.news import NewsFrame
from wltui.ui.screens.base.version_list import VersionListScreen
from wltui.ui.text.facts import Facts, Pair
from wltui.ui.text.fleet_rows import FleetRows, Verdicts
from wltui.ui.text.format import count
from wltui.ui.text.spans import Role, Spans, width
from wltui.ui.widgets.image_path import image_path, short_image
from wltui.ui.widgets.status import tally
from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.trouble import WIDTH, count_spans, trouble_order, trouble_spans, trouble_text
from wltui.ui.widgets.version_columns import file_column, id_column

UNPREPARED = ("workspace", "image")
"""Columns whose texts rest on names and verdicts that are taken when an answer is shown, not before."""
LOOKED_EVERY = timedelta(seconds=60)
"""The shortest time between two reads of all deployments: two requests whose answers grow with the instance."""
WIDE = 100
"""Columns from which on the status line says in how many versions the problems are."""


def not_grouped(screen: "FleetScreen") -> str:
    """Return why the row under the cursor can't be unfolded, or an empty string if it can."""
    if (record := screen.record) and screen.known.group_of(record):
        return ""
    return "no other version failed with the same file and reason"


def has_no_groups(screen: "FleetScreen") -> bool:
    """Return whether the list is not one of all versions."""
    return screen.is_problems or screen.only is not None


def has_no_folds(screen: "FleetScreen") -> bool:
    """Return whether equal versions are not in groups, since not only problems are listed."""
    return not screen.is_problems


class FleetScreen(VersionListScreen[Fleet], FleetLive, NewsFrame[None]):
    """One row per version, youngest first; of problems, one row for all that have the same file and reason."""

    FOOTER = (
        "filter.done", "filter.clear", "list.open", "news.open", "list.filter", "fleet.fold", "version.edit",
        "copy.open", "version.logs", "version.pipelines", "version.history", "fleet.group", "version.compare",
        "list.sort", "frame.back", "fleet.archived", "live.refresh", "pane.mode",
    )  # fmt: skip
    SORT = "age"
    FOLLOWS = True
    BINDINGS = [
        Binding("f", "fold", "Unfold", id="fleet.fold",
                tooltip="show each version that failed with the same file and reason, or one row for all"),
        Binding("b", "group", "Group by", id="fleet.group",
                tooltip="all versions in groups: by image, framework or release"),
        Binding("a", "archived", "Archived", id="fleet.archived",
                tooltip="show or hide versions of archived workspaces"),
    ]  # fmt: skip

    def __init__(self, *, problems: bool, only: tuple[GroupBy, str] | None = None) -> None:
        """
        Args:
            problems: Whether only the versions that need attention are listed.
            only: The group whose versions are listed, None for all.
        """
        super().__init__()
        self.is_problems = problems
        self.only = only
        self.NOUN, self.KEPT_AS = ("problem", "problems") if problems else ("version", "all versions")
        self.known = FleetRows(self._now, is_problems=problems)
        """The rows, and what is known of them."""
        self.shows_archived = False
        """Whether versions of archived workspaces are listed."""
        self._judge = Judge(
            self.known, self._evidence, lambda: (self.shows_archived, self.outdated, self.deployed)
        )
        self._looked: datetime | None = None
        """When the deployments of the instance were last read."""

    def body(self) -> Iterable[Widget]:
        if self.is_problems:
            yield self.news
        yield from super().body()

    def _now(self) -> datetime:
        return self.app.service.clock()

    @property
    def place(self) -> None:
        return None

    @property
    def crumb(self) -> Spans:
        if self.only:
            by, name = self.only
            return ((self.shown(name) or f"no {by.value}", Role.PLAIN),)
        return (("Problems" if self.is_problems else "All versions", Role.PLAIN),)

    @property
    def detail_title(self) -> str:
        place = f" in {self.shown(self.workspace_of(self.version))}" if self.version else ""
        return super().detail_title + place  # the list may have no room for it

    @property
    def nothing(self) -> str:
        if self.fleet.left:
            return "None so far. Workspaces are still being read."
        if not self.is_problems:
            return "This instance has no versions that you can see."
        return f"No problems: nothing is wrong with {count(len(self.known.versions), 'version')}."

    @property
    def watched(self) -> Sequence[ModelVersion]:
        return self.known.versions

    # Reading

    async def answers(self) -> AsyncIterator[Answer[Fleet]]:
        if self.answer is None:  # so that versions are judged and painted once, with the deployments
            await self._find_outdated(live=False)
        async for answer in super().answers():
            yield answer

    def is_complete(self, value: Fleet) -> bool:
        return not value.left

    def unread(self, value: Fleet) -> tuple[int, str]:
        return value.missing

    def problem(self, value: Fleet) -> str | None:
        return unread_workspaces(value) or super().problem(value)

    def _receive(self, answer: Answer[Fleet]) -> None:
        if self.is_older(answer):
            return
        rows, before = self.known.rows, self.answer
        self.known.take(self._judge.verdicts(answer.value))
        super()._receive(answer)
        if before and before.value == answer.value and self.known.rows != rows:
            self.show(answer.value)  # time alone makes a pending version a problem
        if self.is_problems:
            self.start(self.find_news, group="read news")

    async def prepare(self, value: Fleet) -> None:
        """Judge the versions of an answer, and read by what they are sorted."""
        found = await self._judge.prepare(value, self.app.give_way)
        if not (self.is_problems or self.table.sort_column in UNPREPARED):
            await self.table.prepare_order(found.versions, self.app.give_way)

    def read(self) -> None:
        super().read()
        if self.answer and not self._judge.knows(self.answer.value):  # it was left before that was done
            self.show_outdated()

    def _evidence(self, value: Fleet) -> Evidence:
        return self._listed(value), self.outdated, self.deployed, value.changed_at

    def _listed(self, value: Fleet) -> Sequence[ModelVersion]:
        versions = value.versions(archived=self.shows_archived)
        return in_group(versions, *self.only) if self.only else versions

    def show(self, value: Fleet) -> None:
        self.app.workspace_names = {workspace.id: workspace.name for workspace in value.workspaces}
        super().show(value)

    def is_outdated_due(self, answer: Answer[Fleet]) -> bool:
        """Return whether all lists have been read, and the deployments of the instance not within the last minute."""
        looked = self._looked is not None and self._now() - self._looked < LOOKED_EVERY
        return not (answer.value.left or looked)

    async def _find_outdated(self, *, live: bool) -> None:
        await super()._find_outdated(live=live)
        if live:  # not before: a read that was left at half does not count
            self._looked = self._now()

    def show_outdated(self) -> None:
        """Judge the versions on another basis, in steps, and show them."""
        if self.answer:
            self.start(partial(self._judge_in_steps, self.answer.value), group="judge")

    async def _judge_in_steps(self, value: Fleet) -> None:
        await self.prepare(value)
        if self.answer and self.answer.value is value:  # else another answer has been shown, on this basis
            self._show_again(self._judge.verdicts(value))

    def _show_again(self, verdicts: Verdicts) -> None:
        if self.answer:
            self.known.take(verdicts)
            self.show(self.answer.value)
            self._watch(self.answer.as_of)
            self.table.redraw()
            self.redraw()

    def records(self, value: Fleet) -> Sequence[ModelVersion]:
        return self.known.rows

    # What is known of a version

    def same_file(self, version: ModelVersion) -> Sequence[ModelVersion]:
        return self.known.same_file(version)

    def facts(self, record: ModelVersion) -> Sequence[Facts]:
        known = self.known

        def facts_of(version: ModelVersion) -> Facts:
            problem = known.problem(version)
            since = problem.since if problem else None  # else its own time counts
            if problem and not since:  # no filter by age finds it, as it is not known how old its problem is
                version = replace_fields(version, created_at=None)
            more: tuple[Pair, ...] = ("reason", known.why(version)[0]), ("is", trouble_text(version, problem))
            return self.facts_of(version, *more, since=since)

        return tuple(map(facts_of, known.represented_by(record)))

    # Files

    def gaps(self, value: Fleet) -> tuple[int, str, bool]:
        from wltui.service.tables import fleet_gaps

        return fleet_gaps(value)

    def file_words(self) -> Sequence[str]:
        return f"{self.NOUN}s", *(self.only[1:] if self.only else ())

    def file_records(self) -> Sequence[ModelVersion]:
        return self.known.versions_in(self.table.rows, self.table.filter, self.facts)

    def file_table(self, answer: Answer[Sequence[ModelVersion]]) -> MakeTable:
        from wltui.service.tables import problems_table, versions_table

        names = dict(self.app.workspace_names)
        if not self.is_problems:
            return partial(versions_table, answer, names)
        judged = self.known.verdicts
        return partial(problems_table, answer, judged.problems, judged.same_file, judged.outdated, names)

    # Actions

    @hidden_if(has_no_folds)
    @disabled_if(not_grouped)
    def action_fold(self) -> None:
        """Show each version of the group under the cursor, or its first alone."""
        if (version := self.record) is None:
            return
        first = self.known.fold(version)
        if not self.known.is_unfolded(version):
            self.table.move_to(first)
        self._show_again(self.known.verdicts)

    def action_archived(self) -> None:
        """Show or hide the versions of archived workspaces."""
        self.shows_archived = not self.shows_archived
        self.show_outdated()

    @hidden_if(has_no_groups)
    def action_group(self) -> None:
        """Show all versions in groups."""
        from .version_groups import VersionGroupsScreen

        def show(group: VersionGroup) -> None:
            screen = FleetScreen(problems=False, only=(group.by, group.name))
            screen.shows_archived = self.shows_archived
            self.app.push_screen(screen)

        self.app.push_screen(VersionGroupsScreen(show, archived=self.shows_archived))

    # What is shown

    def counts(self) -> Spans:
        gap = ("   ", Role.PLAIN)
        if not self.is_problems:
            phases = self.counted(lambda version: (version,))
            return (*super().counts(), gap, *tally(phases, self.glyphs), *self.progress())
        if self.table.filter or self.table.marked:
            return super().counts()
        wide = self.app.size.width >= WIDE
        total = f" in {count(len(self.known.versions), 'version')}" if wide else ""
        kinds = count_spans(self.known.kinds, self.glyphs)
        return (*super().counts(), (total, Role.PLAIN), gap, *kinds, *self.progress())

    def columns(self) -> Sequence[Column[ModelVersion]]:
        dash, known = self.glyphs.dash, self.known

        def redeploy(version: ModelVersion) -> str:
            return "" if self.is_problems else self.redeploy_sign(version)

        def word(version: ModelVersion) -> str:
            text = trouble_text(version, known.problem(version))
            return text + (" redeploy" if redeploy(version) else "") + self.unsent_sign(version)

        def status_cell(version: ModelVersion, cells: int) -> Spans:
            marks: Spans = ((redeploy(version), Role.WARNING), (self.unsent_sign(version), Role.ACCENT))
            room = cells - width(marks)
            return (*trouble_spans(version, known.problem(version), self.glyphs, room), *marks)

        def order(version: ModelVersion) -> tuple[int, str]:
            return trouble_order(version, known.problem(version))

        def reason(version: ModelVersion) -> str:
            return known.why(version)[0] or (short_image(version.image_path) if version.image_path else dash)

        def reason_cell(version: ModelVersion, cells: int) -> Spans:
            group = known.group_of(version)
            sign = self.glyphs.down if known.is_unfolded(version) else self.glyphs.more
            fold: Spans = (
                ((f"{sign}{len(group)} ", Role.ACCENT),) if group and group[0].id == version.id else ()
            )
            why, role = known.why(version)
            if why:
                return (*fold, (self.shown(why), role))
            return (*fold, *image_path(version.image_path, cells, self.glyphs, ascii=self.glyphs.is_ascii))

        more: tuple[Column[ModelVersion], ...] = (
            Column("framework", "Framework", lambda v: v.framework or dash, width=12, priority=7),
            Column("release", "Release", lambda v: v.created_on_version or dash, width=9, priority=6),
            file_column(self.glyphs, width=18, priority=8, grow=((13, 40),)),
            Column("arch", "Arch", lambda v: v.arch or dash, width=6, priority=9),
        )
        return (
            Column("age", "Age", lambda v: known.age(v) or dash, sort=known.age_order, width=6, align="right",
                   filter=False),
            Column("status", "Status", word, cell=status_cell, sort=order, width=WIDTH, grow=((4, 16), (12, 27)),
                   lends=True),
            Column("workspace", "Workspace", self.workspace_of, width=12, grow=((4, 20), (10, 32)), cut="middle",
                   priority=2, lends=True),
            Column("model", "Model", lambda v: v.model_name or dash, width=10,
                   grow=((0, 16 if self.is_problems else 15), (3, 20), (10, 48)), cut="middle", lends=True),
            id_column(lends=True),
            Column("image", "Reason or image", reason, cell=reason_cell, width=17,
                   grow=((0, 26 if self.is_problems else 27), (5, 44), (6 if self.is_problems else 12, 84)),
                   lends=True),
            *(() if self.is_problems else more),
            Column("by", "Uploaded by", lambda v: v.created_by or dash, width=16, grow=((13, 28),), cut="middle",
                   priority=11),
        )  # fmt: skip
