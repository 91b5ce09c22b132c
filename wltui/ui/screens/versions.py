"""The versions of a model; from 110 columns on, with the detail of the one under the cursor."""

from collections.abc import AsyncIterator, Iterable, Sequence

from wltui.core.records import Model, ModelId, ModelVersion, Phase, WorkspaceId, phase
from wltui.core.times import parse_timestamp
from wltui.service.service import Answer
from wltui.ui.screens.base.version_list import VersionListScreen
from wltui.ui.text.format import day_time
from wltui.ui.text.spans import Role, Spans
from wltui.ui.widgets.image_path import image_path, short_image
from wltui.ui.widgets.status import status, tally, worst_first
from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.version_columns import age_column, file_column, id_column


class VersionsScreen(VersionListScreen[Model]):
    """One row per version, newest first."""

    FOOTER = (
        "filter.done", "filter.clear", "table.open", "version.edit", "list.filter", "table.sort", "version.compare",
        "version.pipelines", "version.logs", "live.refresh", "live.raw", "frame.back", "pane.mode",
    )  # fmt: skip
    SORT = "id"

    def __init__(self, workspace_id: WorkspaceId, model_id: ModelId, model_name: str) -> None:
        super().__init__()
        self.workspace_id = workspace_id
        self.model_id = model_id
        self.model_name = model_name
        self._newest_image: str | None = None

    @property
    def place(self) -> WorkspaceId:
        return self.workspace_id

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

    def records(self, value: Model) -> Sequence[ModelVersion]:
        return () if value.versions is None else value.versions

    def show(self, value: Model) -> None:
        self._newest_image = _newest_ready_image(value.versions or ())
        super().show(value)

    def counts(self) -> Spans:
        here = sum(version.id in self.outdated for version in self.watched)
        redeploy: Spans = ((f"   {self.glyphs.redeploy} {here:,} to redeploy", Role.WARNING),) if here else ()
        return (*super().counts(), ("   ", Role.PLAIN), *tally(self.phases, self.glyphs), *redeploy)

    def columns(self) -> Sequence[Column[ModelVersion]]:
        def status_text(version: ModelVersion) -> str:
            word = " redeploy" if version.id in self.outdated else ""
            return (version.status or "unknown") + word + self.unsent_sign(version)

        def status_cell(version: ModelVersion, _: int) -> Spans:
            marks = (self.redeploy_sign(version), Role.WARNING), (self.unsent_sign(version), Role.ACCENT)
            return (*status(version.status, self.glyphs), *marks)

        def image(version: ModelVersion, cells: int) -> Spans:
            return image_path(version.image_path, cells, self.glyphs, differs=self._differs(version))

        def image_text(version: ModelVersion) -> str:
            return short_image(version.image_path) if version.image_path else self.glyphs.dash

        return (
            id_column(),
            Column("status", "Status", status_text, cell=status_cell,
                   sort=lambda v: worst_first(v.status), width=27, snug=True),
            file_column(self.glyphs, width=18, priority=3),
            Column("image", "Image", image_text, cell=image, width=26, flex=3, max_width=84, priority=1),
            age_column(self.glyphs, self.app.service.clock, priority=2),
            Column("sha", "SHA", lambda v: (v.sha or self.glyphs.dash)[:8], width=8, priority=5),
            Column("uuid", "UUID", lambda v: (v.uuid or self.glyphs.dash)[:8], width=8, priority=6),
            Column("arch", "Arch", lambda v: v.arch or self.glyphs.dash, width=5, priority=4),
            Column("created", "Created", lambda v: day_time(v.created_at) or self.glyphs.dash,
                   sort=lambda v: parse_timestamp(v.created_at), width=16, filter=False, descending=True, priority=7),
        )  # fmt: skip

    def _differs(self, version: ModelVersion) -> bool:
        """Return whether the version runs another image than the newest ready version."""
        return bool(version.image_path and self._newest_image and version.image_path != self._newest_image)


def _newest_ready_image(versions: Iterable[ModelVersion]) -> str | None:
    """Return the image of the first ready version that has one; the newest, as the versions come newest first."""
    return next((v.image_path for v in versions if v.image_path and phase(v.status) is Phase.READY), None)
