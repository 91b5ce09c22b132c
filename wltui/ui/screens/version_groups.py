"""All versions of the instance in groups: by image, by framework, or by the release that took the upload."""

from collections.abc import Callable, Sequence
from functools import partial

from textual.binding import Binding

from wltui.core.records import ModelVersion, Phase
from wltui.core.version_groups import GroupBy, VersionGroup, group_versions
from wltui.service.answers import Answer
from wltui.service.fleet import Fleet
from wltui.ui.screens.base.file_keys import MakeTable
from wltui.ui.screens.base.fleet_live import FleetLive, unread_workspaces
from wltui.ui.screens.base.frame import QuitKeys
from wltui.ui.screens.base.list import ListScreen
from wltui.ui.text.facts import Facts, facts
from wltui.ui.text.format import age_order, age_since
from wltui.ui.text.record_facts import version_facts
from wltui.ui.text.spans import Role, Spans
from wltui.ui.widgets.status import COUNTS_CELLS, counts, counts_heading
from wltui.ui.widgets.table.columns import Column

NEXT = {GroupBy.IMAGE: GroupBy.FRAMEWORK, GroupBy.FRAMEWORK: GroupBy.RELEASE, GroupBy.RELEASE: GroupBy.IMAGE}
NO_VALUE = {
    GroupBy.IMAGE: "no image (native, failed or not built)",
    GroupBy.FRAMEWORK: "no framework known",
    GroupBy.RELEASE: "no release known",
}


class VersionGroupsScreen(ListScreen[Fleet, VersionGroup, None], FleetLive, QuitKeys[None]):
    """One row per image, framework or release, with the number of its versions; ``enter`` lists them."""

    NOUN = "group"
    KEPT_AS = "groups"
    FOOTER = (
        "filter.done", "filter.clear", "list.open", "groups.next", "list.filter", "copy.open", "list.sort",
        "frame.back", "live.refresh",
    )  # fmt: skip
    BINDINGS = [
        Binding("b", "next", "Group by", id="groups.next", tooltip="group by image, framework or release in turn"),
    ]  # fmt: skip

    def __init__(self, show_group: Callable[[VersionGroup], None], *, archived: bool = False) -> None:
        """
        Args:
            show_group: Shows the versions of a group.
            archived: Whether versions of archived workspaces count.
        """
        super().__init__()
        self._archived = archived
        self.by = GroupBy.IMAGE
        self._show_group = show_group
        self._of: Fleet | None = None
        self._versions: Sequence[ModelVersion] = ()

    @property
    def crumb(self) -> Spans:
        return ((f"by {self.by.value}", Role.PLAIN),)

    @property
    def nothing(self) -> str:
        return "This instance has no versions that you can see."

    def is_complete(self, value: Fleet) -> bool:
        return not value.left

    def unread(self, value: Fleet) -> tuple[int, str]:
        return value.missing

    def problem(self, value: Fleet) -> str | None:
        return unread_workspaces(value) or super().problem(value)

    def records(self, value: Fleet) -> Sequence[VersionGroup]:
        if self._of is not value:
            self._of, self._versions = value, value.versions(archived=self._archived)
        return group_versions(self._versions, self.by)

    def facts(self, record: VersionGroup) -> Sequence[Facts]:
        own = facts(("name", record.name or NO_VALUE[record.by]))
        return own, *(version_facts(version, below=True) for version in record.versions)

    def gaps(self, value: Fleet) -> tuple[int, str, bool]:
        from wltui.service.tables import fleet_gaps

        return fleet_gaps(value)

    def file_words(self) -> Sequence[str]:
        return "versions-by", self.by.value

    def file_table(self, answer: Answer[Sequence[VersionGroup]]) -> MakeTable:
        from wltui.service.tables import groups_table

        return partial(groups_table, answer)

    def open(self, record: VersionGroup) -> None:
        self._show_group(record)

    def action_next(self) -> None:
        """Group by the next property."""
        self.by = NEXT[self.by]
        if self.answer:
            self.show(self.answer.value)
        self.redraw()

    def columns(self) -> Sequence[Column[VersionGroup]]:
        dash = self.glyphs.dash

        def name(group: VersionGroup) -> str:
            return group.name or NO_VALUE[group.by]

        def name_cell(group: VersionGroup, _: int) -> Spans:
            return ((self.shown(name(group)), Role.BOLD if group.name else Role.MUTED),)

        def newest(group: VersionGroup) -> str | None:
            return group.versions[0].created_at

        return (
            Column("name", "Group", name, cell=name_cell, width=26, grow=((1, 40), (7, 84))),
            Column("versions", "Versions", lambda g: f"{len(g.versions):,}", sort=lambda g: len(g.versions), width=10,
                   align="right", filter=False, descending=True),
            Column("status", "Status", lambda _: "", heading=counts_heading(self.glyphs),
                   cell=lambda g, _: counts(g.phases, self.glyphs),
                   sort=lambda g: -g.phases.get(Phase.ERROR, 0), width=COUNTS_CELLS, filter=False),
            Column("deployed", "Deployed", lambda g: f"{g.deployed:,}" if g.deployed else self.glyphs.absent,
                   sort=lambda g: g.deployed, width=10, align="right", filter=False, descending=True, priority=2),
            Column("models", "Models", lambda g: f"{g.models:,}", sort=lambda g: g.models, width=8, align="right",
                   filter=False, descending=True, priority=3),
            Column("workspaces", "Workspaces", lambda g: f"{g.workspaces:,}", sort=lambda g: g.workspaces, width=12,
                   align="right", filter=False, descending=True, priority=4),
            Column("newest", "Newest", lambda g: age_since(newest(g), self.app.service.clock()) or dash,
                   sort=lambda g: age_order(newest(g)), width=8, align="right", filter=False, priority=5),
            Column("oldest", "Oldest", lambda g: age_since(g.versions[-1].created_at, self.app.service.clock()) or dash,
                   sort=lambda g: age_order(g.versions[-1].created_at), width=8, align="right", filter=False,
                   priority=6),
        )  # fmt: skip
