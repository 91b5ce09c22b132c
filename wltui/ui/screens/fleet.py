"""Every version of the instance, or those that need somebody: Problems is this list with a verdict."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from math import inf

from textual.binding import Binding

from wltui.core.diagnosis import Diagnosis, diagnose
from wltui.core.problems import Problem, Trouble, find_problems, group_equal
from wltui.core.records import ModelVersion, Phase, VersionId, phase
from wltui.core.times import parse_timestamp
from wltui.core.version_groups import GroupBy, group_name
from wltui.service.fleet import Fleet
from wltui.service.service import Answer
from wltui.ui.actions import disabled_if, hidden_if
from wltui.ui.screens.base.version_list import VersionListScreen
from wltui.ui.text.facts import Facts
from wltui.ui.text.format import age, count
from wltui.ui.text.spans import Role, Spans
from wltui.ui.widgets.image_path import image_path, short_image
from wltui.ui.widgets.progress import progress
from wltui.ui.widgets.status import tally
from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.trouble import MEANINGS, WIDTH, count_spans, trouble_order, trouble_spans, trouble_text
from wltui.ui.widgets.version_columns import file_column, id_column

UNREAD_NAMED = 3
"""How many workspaces that could not be read are named; the others are counted."""


def not_grouped(screen: "FleetScreen") -> str:
    """Return why the row under the cursor can't be unfolded, or an empty string if it can."""
    record = screen.record
    return (
        "" if record and screen.group_of(record) else "no other version failed with the same file and reason"
    )


def has_no_groups(screen: "FleetScreen") -> bool:
    """Return whether the list is not one of all versions."""
    return screen.is_problems or screen.only is not None


def has_no_folds(screen: "FleetScreen") -> bool:
    """Return whether equal versions are not in groups, since not only problems are listed."""
    return not screen.is_problems


class FleetScreen(VersionListScreen[Fleet]):
    """One row per version, youngest first; of problems, one row for all that have the same file and reason."""

    FOOTER = (
        "filter.done", "filter.clear", "table.open", "list.filter", "fleet.fold", "fleet.group", "table.sort",
        "version.compare", "version.edit", "version.pipelines", "version.logs", "fleet.archived", "live.refresh",
        "frame.back", "pane.mode",
    )  # fmt: skip
    SORT = "age"
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
            problems: Whether only the versions that need somebody are listed.
            only: The group whose versions are listed, None for all.
        """
        super().__init__()
        self.is_problems = problems
        self.only = only
        self.NOUN = "problem" if problems else "version"
        self.problems: Mapping[VersionId, Problem] = {}
        self._versions: Sequence[ModelVersion] = ()
        self._rows: Sequence[ModelVersion] = ()
        self._shows_archived = False
        self._now = False
        """Whether the next read is one that the user asked for."""
        self._groups: dict[VersionId, Sequence[ModelVersion]] = {}
        """The versions with the same file and reason, by the first of them; groups of one are left out."""
        self._first: dict[VersionId, VersionId] = {}
        """The first version of the group, for each version in one."""
        self._unfolded: set[VersionId] = set()
        self._with_reason: dict[str, list[ModelVersion]] = {}
        """The failed versions that have a reason, by the hash of their file."""

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
    def nothing(self) -> str:
        fleet = self.answer.value if self.answer else Fleet()
        if fleet.left:
            return "None so far. Workspaces are still being read."
        if not self.is_problems:
            return "This instance has no versions that you can see."
        return f"No problems: nothing is wrong with {count(len(self._versions), 'version')}."

    @property
    def watched(self) -> Sequence[ModelVersion]:
        return self._versions

    # Reading

    def answers(self) -> AsyncIterator[Answer[Fleet]]:
        now, self._now = self._now, False
        return self.app.service.fleet(now=now)

    def action_refresh(self) -> None:
        """Read all workspaces again now."""
        self._now = True
        super().action_refresh()

    def is_older(self, answer: Answer[Fleet]) -> bool:
        """Return whether an answer of the cache comes after a live one; the oldest part of a fleet dates it."""
        return not answer.live and self.answer is not None and self.answer.live

    def is_complete(self, value: Fleet) -> bool:
        return not value.left

    def unread(self, value: Fleet) -> tuple[int, str]:
        return value.missing

    def problem(self, value: Fleet) -> str | None:
        names = {workspace.id: workspace.name for workspace in value.workspaces}
        failed = [
            f"{names.get(number, number)}: {error.why or error.what}"
            for number, error in value.unread.items()
        ]
        if not failed:
            return super().problem(value)
        more = len(failed) - UNREAD_NAMED
        named = "; ".join(failed[:UNREAD_NAMED]) + (f"; and {more:,} more" if more > 0 else "")
        return (
            f"{count(len(failed), 'workspace')} could not be read, so versions are missing or older: {named}."
        )

    def _receive(self, answer: Answer[Fleet]) -> None:
        if self.is_older(answer):
            return
        before = self.answer.value if self.answer else None
        if before is not answer.value and before != answer.value:
            self._versions = self._listed(answer.value)
        self._judge(answer.value)
        super()._receive(answer)

    def _listed(self, value: Fleet) -> Sequence[ModelVersion]:
        versions = value.versions(archived=self._shows_archived)
        if self.only is None:
            return versions
        by, name = self.only
        return [version for version in versions if group_name(version, by) == name]

    def show(self, value: Fleet) -> None:
        self.app.workspace_names = {workspace.id: workspace.name for workspace in value.workspaces}
        super().show(value)

    def show_outdated(self) -> None:
        self._show_again()

    def _show_again(self) -> None:
        if self.answer:
            self._judge(self.answer.value)
            self.show(self.answer.value)
            self.table.redraw()
            self.redraw()

    def _judge(self, value: Fleet) -> None:
        """Find the problems, and the rows to show: of equal problems the first alone, unless they are unfolded."""
        self._with_reason = {}
        for version in self._versions:
            if version.sha and version.error_summary and phase(version.status) is Phase.ERROR:
                self._with_reason.setdefault(version.sha, []).append(version)
        if not self.is_problems:
            self._rows = self._versions
            return
        self.problems = find_problems(
            self._versions, self.app.service.clock(), outdated=self.outdated, since=value.changed_at
        )
        found = [version for version in self._versions if version.id in self.problems]
        found.sort(key=self._age_order)
        groups = group_equal(found, self.problems)
        self._groups = {group[0].id: group for group in groups if len(group) > 1}
        self._first = {version.id: first for first, group in self._groups.items() for version in group}
        self._rows = [
            version for group in groups for version in (group if group[0].id in self._unfolded else group[:1])
        ]

    def records(self, value: Fleet) -> Sequence[ModelVersion]:
        return self._rows

    # What is known of a version

    def group_of(self, version: ModelVersion) -> Sequence[ModelVersion]:
        """Return all versions with the same trouble, file and reason; empty if there is no other one."""
        return self._groups.get(self._first.get(version.id, version.id), ())

    def facts(self, record: ModelVersion) -> Sequence[Facts]:
        group = self.group_of(record) if record.id in self._groups else ()
        return tuple(
            self.facts_of(
                version,
                ("reason", self._why(version)[0]),
                ("is", trouble_text(version, self.problems.get(version.id))),
                since=self._since(version),
            )
            for version in group or (record,)
        )

    def _since(self, version: ModelVersion) -> datetime | None:
        """Return since when a version has its problem, or when it was uploaded if it has none; None if unknown."""
        problem = self.problems.get(version.id)
        return problem.since if problem else parse_timestamp(version.created_at)

    def _age_order(self, version: ModelVersion) -> float:
        """Return a sort key by which the version whose trouble is youngest comes first."""
        since = self._since(version)
        return -since.timestamp() if since else inf

    def _diagnosis(self, version: ModelVersion) -> Diagnosis:
        return diagnose(version, siblings=self._with_reason.get(version.sha or "", ()))

    def _why(self, version: ModelVersion) -> tuple[str, Role]:
        """Return in a line why a version needs somebody, muted if not in the server's words; empty if it does not."""
        problem = self.problems.get(version.id)
        if problem is None and phase(version.status) is not Phase.ERROR:
            return "", Role.PLAIN
        if problem and problem.trouble is Trouble.OUTDATED:
            uses = self.outdated.get(version.id, ())
            return "; ".join(
                f"redeploy {use.pipeline_name}: it runs config {use.config_id}" for use in uses
            ), Role.MUTED
        known = self._diagnosis(version)
        if known.reason:
            return known.reason, Role.PLAIN
        if problem and problem.trouble is Trouble.STUCK and not known.cause:
            return f"{version.status} for {self._age(version)}", Role.MUTED
        return known.cause or (MEANINGS[problem.trouble] if problem else ""), Role.MUTED

    def _age(self, version: ModelVersion) -> str:
        since = self._since(version)
        return age(self.app.service.clock() - since) if since else self.glyphs.dash

    # Actions

    @hidden_if(has_no_folds)
    @disabled_if(not_grouped)
    def action_fold(self) -> None:
        """Show each version of the group under the cursor, or its first alone."""
        if (version := self.record) is None:
            return
        first = self._first[version.id]
        self._unfolded ^= {first}
        if first not in self._unfolded:
            self.table.move_to(first)
        self._show_again()

    def action_archived(self) -> None:
        """Show or hide the versions of archived workspaces."""
        self._shows_archived = not self._shows_archived
        if self.answer:
            self._versions = self._listed(self.answer.value)
            self._show_again()

    @hidden_if(has_no_groups)
    def action_group(self) -> None:
        """Show all versions in groups."""
        from .version_groups import VersionGroupsScreen

        self.app.push_screen(VersionGroupsScreen())

    # What is shown

    def counts(self) -> Spans:
        if not self.is_problems:
            return (
                *super().counts(),
                ("   ", Role.PLAIN),
                *tally(self.phases, self.glyphs),
                *self._progress(),
            )
        kinds = Counter(problem.trouble for problem in self.problems.values())
        total = count(len(self._versions), "version")
        return (
            (f"{len(self.problems):,} of {total}   ", Role.PLAIN),
            *count_spans(kinds, self.glyphs),
            *self._progress(),
        )

    def _progress(self) -> Spans:
        fleet = self.answer.value if self.answer else Fleet()
        return (
            (("   ", Role.PLAIN), *progress(fleet.left, len(fleet.workspaces), "workspace", self.glyphs))
            if fleet.left
            else ()
        )

    def columns(self) -> Sequence[Column[ModelVersion]]:
        dash = self.glyphs.dash

        def redeploy(version: ModelVersion) -> str:
            return "" if self.is_problems else self.redeploy_sign(version)

        def word(version: ModelVersion) -> str:
            text = trouble_text(version, self.problems.get(version.id))
            return text + (" redeploy" if redeploy(version) else "") + self.unsent_sign(version)

        def status_cell(version: ModelVersion, _: int) -> Spans:
            spans = trouble_spans(version, self.problems.get(version.id), self.glyphs)
            return (*spans, (redeploy(version), Role.WARNING), (self.unsent_sign(version), Role.ACCENT))

        def order(version: ModelVersion) -> tuple[int, str]:
            return trouble_order(version, self.problems.get(version.id))

        def age_order(version: ModelVersion) -> float | None:
            group = self.group_of(version)
            key = self._age_order(group[0] if group else version)
            return None if key == inf else key

        def workspace(version: ModelVersion) -> str:
            names, number = self.app.workspace_names, version.workspace_id
            return dash if number is None else names.get(number, str(number))

        def reason(version: ModelVersion) -> str:
            return self._why(version)[0] or (short_image(version.image_path) if version.image_path else dash)

        def reason_cell(version: ModelVersion, cells: int) -> Spans:
            group = self.group_of(version)
            sign = self.glyphs.down if self._first.get(version.id) in self._unfolded else self.glyphs.more
            fold: Spans = (
                ((f"{sign}{len(group)} ", Role.ACCENT),) if group and group[0].id == version.id else ()
            )
            why, role = self._why(version)
            if why:
                return (*fold, (self.shown(why), role))
            return (*fold, *image_path(version.image_path, cells, self.glyphs, ascii=self.glyphs.is_ascii))

        more: tuple[Column[ModelVersion], ...] = (
            Column("framework", "Framework", lambda v: v.framework or dash, width=12, priority=4),
            Column("release", "Release", lambda v: v.created_on_version or dash, width=9, priority=3),
            file_column(self.glyphs, width=18, priority=5),
            Column("arch", "Arch", lambda v: v.arch or dash, width=5, priority=6),
        )
        return (
            Column("age", "Age", self._age, sort=age_order, width=6, align="right", filter=False),
            Column("status", "Status", word, cell=status_cell, sort=order, width=WIDTH, flex=1, max_width=27),
            Column("workspace", "Workspace", workspace, width=10, flex=2, max_width=32, priority=1),
            Column("model", "Model", lambda v: v.model_name or dash, width=12, flex=3, max_width=48),
            id_column(),
            Column("image", "Reason or image", reason, cell=reason_cell, width=28, flex=6, max_width=100),
            *(() if self.is_problems else more),
            Column("by", "Uploaded by", lambda v: v.created_by or dash, width=16, flex=1, max_width=28, priority=7),
        )  # fmt: skip
