"""The pipelines of a workspace, each with its versions and the config that it runs."""

from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial

from textual.binding import Binding

from wltui.core.pipelines import Verdict
from wltui.core.records import ModelVersion, VersionId, WorkspaceId
from wltui.service.deployments import PipelineRow
from wltui.service.service import Answer
from wltui.ui.actions import disabled_if
from wltui.ui.screens.base.file_keys import MakeTable
from wltui.ui.screens.base.list import ListScreen
from wltui.ui.text.facts import Facts
from wltui.ui.text.record_facts import pipeline_facts
from wltui.ui.text.spans import Role, Spans
from wltui.ui.widgets.age_column import age_of
from wltui.ui.widgets.pipeline_words import runs_words, steps_words, verdict_spans
from wltui.ui.widgets.table.columns import Column

ORDER = {Verdict.OUTDATED: 0, Verdict.UNKNOWN: 1, Verdict.CURRENT: 2, Verdict.STOPPED: 3}
"""The sort order of the verdicts; the one that needs attention most comes first."""


def not_comparable(screen: "PipelinesScreen") -> str:
    """Return why there is nothing to compare."""
    marked, row = screen.table.marked, screen.record
    if marked:
        if len(marked) != 2:
            return "mark two pipelines, or none"
        return "" if all(each.uses for each in marked) else "what they run is not known"
    if row is None:
        return "no pipeline is under the cursor"
    return "" if row.outdated else "it runs no config that is known to be older than the newest"


class PipelinesScreen(ListScreen[tuple[PipelineRow, ...], PipelineRow, None]):
    """One row per pipeline: whether it is deployed, which configs it runs, and whether it needs a redeploy."""

    FOOTER = (
        "filter.done", "filter.clear", "list.open", "pipelines.compare", "list.filter", "copy.open", "list.sort",
        "frame.back", "app.problems", "live.raw", "live.refresh",
    )  # fmt: skip
    NOUN = "pipeline"
    KEPT_AS = "pipelines"
    MARKS = True
    SORT = "runs"
    BINDINGS = [
        Binding("equals_sign", "compare", "What changes", id="pipelines.compare",
                tooltip="what a redeploy will change; the versions of two marked pipelines"),
    ]  # fmt: skip

    def __init__(
        self,
        workspace_id: WorkspaceId,
        of: str = "",
        uses: Callable[[PipelineRow], bool] = lambda row: True,
    ) -> None:
        """
        Args:
            workspace_id: The workspace whose pipelines are listed.
            of: The model or version that uses them, for the breadcrumb: ``version 16``; empty for all pipelines.
            uses: Returns whether a pipeline is listed.
        """
        super().__init__()
        self.workspace_id = workspace_id
        self._of, self._uses = of, uses

    @classmethod
    def of_versions(
        cls, workspace_id: WorkspaceId, of: str, versions: Sequence[ModelVersion]
    ) -> "PipelinesScreen":
        """Return the screen of the pipelines that use any of these versions."""
        ids: set[VersionId] = {version.id for version in versions}
        uuids = [version.uuid for version in versions if version.uuid]

        def uses(row: PipelineRow) -> bool:
            return any(use.version_id in ids for use in row.uses or ()) or any(map(row.pipeline.runs, uuids))

        return cls(workspace_id, of, uses)

    @property
    def crumb(self) -> Spans:
        of = self._of or self.app.workspace_names.get(self.workspace_id) or f"workspace {self.workspace_id}"
        return ((f"Pipelines of {self.shown(of)}", Role.PLAIN),)

    @property
    def nothing(self) -> str:
        if self._of:
            return f"No pipeline of this workspace uses {self.shown(self._of)}."
        return "This workspace has no pipelines yet. New ones show up by themselves."

    def answers(self) -> AsyncIterator[Answer[tuple[PipelineRow, ...]]]:
        return self.app.service.pipelines(self.workspace_id)

    def records(self, value: tuple[PipelineRow, ...]) -> Sequence[PipelineRow]:
        return [row for row in value if self._uses(row)]

    def is_complete(self, value: tuple[PipelineRow, ...]) -> bool:
        return all(row.uses is not None for row in value)

    def show(self, value: tuple[PipelineRow, ...]) -> None:
        is_first = not self._complete and self.table.position <= 1
        super().show(value)
        if is_first and self._complete and self.table.rows:  # now sorted by verdict: begin with the worst
            self.table.move_to(self.table.rows[0].id)

    def facts(self, record: PipelineRow) -> Sequence[Facts]:
        return pipeline_facts(record, ("is", runs_words(record)))

    def file_words(self) -> Sequence[str]:
        return "pipelines", self._of or self.app.workspace_names.get(
            self.workspace_id, str(self.workspace_id)
        )

    def file_table(self, answer: Answer[Sequence[PipelineRow]]) -> MakeTable:
        from wltui.service.tables import pipelines_table

        return partial(pipelines_table, answer, dict(self.app.workspace_names))

    def open(self, record: PipelineRow) -> None:
        from .deployment import DeploymentScreen

        self.app.push_screen(DeploymentScreen(record))

    @disabled_if(not_comparable)
    def action_compare(self) -> None:
        """Show what a redeploy of the pipeline changes; with two marked, compare the versions that they run."""
        from .compare import CompareScreen
        from .config_change import ConfigChangeScreen

        if marked := self.table.marked:
            used = [row.uses[0].version_id for row in marked if row.uses]
            left, right = (ModelVersion(id=number, workspace_id=self.workspace_id) for number in used)
            self.app.push_screen(CompareScreen(left, right))
        elif self.record is not None and self.record.outdated:
            self.app.push_screen(ConfigChangeScreen(self.record.pipeline.name, self.record.outdated))

    def columns(self) -> Sequence[Column[PipelineRow]]:
        def runs(row: PipelineRow, _: int) -> Spans:
            return verdict_spans(row, self.glyphs)

        def changed(row: PipelineRow) -> str:
            deployment = row.pipeline.deployment
            return (deployment.updated_at if deployment else None) or row.pipeline.updated_at or ""

        return (
            Column("name", "Name", lambda row: row.pipeline.name, cut="middle",
                   cell=lambda row, _: ((self.shown(row.pipeline.name), Role.BOLD),), width=20,
                   grow=((1, 33), (6, 64)), lends=True),
            Column("runs", "Runs", runs_words, cell=runs, sort=lambda row: ORDER[row.verdict], width=36,
                   grow=((2, 44),), lends=True),
            Column("steps", "Steps", lambda row: steps_words(row.pipeline),
                   cell=lambda row, _: ((self.shown(steps_words(row.pipeline)), Role.PLAIN),), width=24,
                   grow=((7, 80),), priority=4, lends=True),
            age_of("changed", "Changed", changed, self.glyphs, self.app.service.clock, priority=3),
            Column("id", "ID", lambda row: str(row.id), sort=lambda row: row.id, width=5, align="right", priority=5),
        )  # fmt: skip
