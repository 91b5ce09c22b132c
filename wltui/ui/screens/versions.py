"""The versions of a model; from 110 columns on, with the detail of the one under the cursor."""

from collections.abc import AsyncIterator, Iterable, Sequence
from functools import partial

from wltui.core.diagnosis import SameFile
from wltui.core.records import Model, ModelId, ModelVersion, Phase, WorkspaceId, phase
from wltui.service.service import Answer
from wltui.ui.screens.base.file_keys import MakeTable
from wltui.ui.screens.base.side_pane import BESIDE_PANE
from wltui.ui.screens.base.version_list import VersionListScreen
from wltui.ui.text.fleet_rows import AT_ONCE
from wltui.ui.text.spans import Role, Spans
from wltui.ui.widgets.status import tally
from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.version_columns import age_column, file_column, id_column, image_column, status_column


class VersionsScreen(VersionListScreen[Model]):
    """One row per version, newest first."""

    FOOTER = (
        "filter.done", "filter.clear", "list.open", "version.edit", "list.filter", "app.problems", "copy.open",
        "version.pipelines", "version.compare", "version.history", "list.sort", "frame.back", "version.logs",
        "live.refresh", "live.raw", "upload.begin", "pane.mode",
    )  # fmt: skip
    KEPT_AS = "versions"
    SORT = "id"
    FOLLOWS = True

    def __init__(self, workspace_id: WorkspaceId, model_id: ModelId, model_name: str) -> None:
        super().__init__()
        self.workspace_id = workspace_id
        self.model_id = model_id
        self.model_name = model_name
        self._newest_image: str | None = None
        self._same_file = SameFile(())
        self._is_same_file_due = False
        """Whether that has to be found anew, in steps."""

    @property
    def place(self) -> WorkspaceId:
        return self.workspace_id

    @property
    def upload_place(self) -> tuple[WorkspaceId, str]:
        return self.workspace_id, self.model_name

    @property
    def crumb(self) -> Spans:
        number = f"{self.glyphs.id_open}{self.model_id}{self.glyphs.id_close}"
        return ((f"{self.shown(self.model_name)} ", Role.PLAIN), (number, Role.MUTED))

    @property
    def nothing(self) -> str:
        return "This model has no versions that you can see. esc goes back."

    @property
    def watched(self) -> tuple[ModelVersion, ...]:
        return (self.answer.value.versions or ()) if self.answer else ()

    def answers(self) -> AsyncIterator[Answer[Model]]:
        return self.app.service.model(self.workspace_id, self.model_id)

    def with_latest(self, answer: Answer[Model]) -> Answer[Model]:
        return self.app.service.latest.in_model(answer)

    def records(self, value: Model) -> Sequence[ModelVersion]:
        return () if value.versions is None else value.versions

    def show(self, value: Model) -> None:
        self._newest_image = _newest_ready_image(value.versions or ())
        versions = value.versions or ()
        self._is_same_file_due = len(versions) > AT_ONCE
        if self._is_same_file_due:
            self.start(self._find_same_files, group="find same files")
        else:
            self._same_file = SameFile(versions)
        super().show(value)

    def read(self) -> None:
        super().read()
        if self._is_same_file_due:  # the screen was left before it was found
            self.start(self._find_same_files, group="find same files")

    async def _find_same_files(self) -> None:
        """Find which versions explain the failure of others, in steps, so that keys are served between them."""
        found = SameFile()
        for _ in found.fill(self.watched, AT_ONCE):
            await self.app.give_way()
        if self._is_same_file_due:  # else there are few versions meanwhile
            self._same_file, self._is_same_file_due = found, False
            self.table.redraw()
            self.show_detail()

    def file_words(self) -> Sequence[str]:
        return "versions", self.model_name

    def file_table(self, answer: Answer[Sequence[ModelVersion]]) -> MakeTable:
        from wltui.service.tables import versions_table

        return partial(versions_table, answer, dict(self.app.workspace_names))

    def same_file(self, version: ModelVersion) -> Sequence[ModelVersion]:
        return self._same_file.of(version)

    def counts(self) -> Spans:
        outdated = self.outdated  # most instances have none, and a model may have 100,000 versions
        rows = self.table.rows if self.table.filter else self.watched
        here = sum(version.id in outdated for version in rows) if outdated else 0
        redeploy: Spans = ((f"   {self.glyphs.redeploy} {here:,} to redeploy", Role.WARNING),) if here else ()
        return (
            *super().counts(),
            ("   ", Role.PLAIN),
            *tally(self.counted(lambda v: (v,)), self.glyphs),
            *redeploy,
        )

    def columns(self) -> Sequence[Column[ModelVersion]]:
        def status_text(version: ModelVersion) -> str:
            word = " redeploy" if version.id in self.outdated else ""
            return (version.status or "unknown") + word + self.unsent_sign(version)

        def signs(version: ModelVersion) -> Spans:
            return (self.redeploy_sign(version), Role.WARNING), (self.unsent_sign(version), Role.ACCENT)

        def runtime(version: ModelVersion) -> str:
            found = version.config.runtime if version.config else None
            return found if isinstance(found, str) else self.glyphs.dash

        def deployed(version: ModelVersion) -> str:
            return self.glyphs.dash if version.deployed is None else "yes" if version.deployed else "no"

        return (
            id_column(),
            status_column(self.glyphs, text=status_text, signs=signs, grow=((6, 29),)),
            file_column(self.glyphs, width=18, priority=3, grow=((4, 28), (11, 40))),
            image_column(self.glyphs, width=24, grow=((1, BESIDE_PANE - 36), (5, 60), (9, 84)),
                         differs=self._differs, siblings=self.same_file),
            age_column(self.glyphs, self.app.service.clock),
            Column("accel", "Accel", lambda v: v.accel or self.glyphs.dash, width=8, priority=2),
            Column("arch", "Arch", lambda v: v.arch or self.glyphs.dash, width=6, priority=10),
            Column("runtime", "Runtime", runtime, width=9, priority=7),
            Column("deployed", "Deployed", deployed, width=10, priority=8),
            Column("sha", "SHA", lambda v: (v.sha or self.glyphs.dash)[:8], width=8, priority=12),
            Column("uuid", "UUID", lambda v: (v.uuid or self.glyphs.dash)[:8], width=8, priority=13),
        )  # fmt: skip

    def _differs(self, version: ModelVersion) -> bool:
        """Return whether the version runs another image than the newest ready version."""
        return bool(version.image_path and self._newest_image and version.image_path != self._newest_image)


def _newest_ready_image(versions: Iterable[ModelVersion]) -> str | None:
    """Return the image of the first ready version that has one; the newest, as the versions come newest first."""
    return next((v.image_path for v in versions if v.image_path and phase(v.status) is Phase.READY), None)
