"""The versions of a model; from 110 columns on, with the detail of the one under the cursor."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from functools import partial

from wltui.core.records import Model, ModelId, ModelVersion, Phase, VersionId, WorkspaceId, phase
from wltui.core.times import parse_timestamp
from wltui.service.service import Answer
from wltui.ui.actions import disabled_if
from wltui.ui.screens.base.pane_list import PaneListScreen
from wltui.ui.screens.base.version_actions import no_version
from wltui.ui.text.format import day_time
from wltui.ui.text.spans import Role, Spans
from wltui.ui.widgets.image_path import image_path, short_image
from wltui.ui.widgets.status import status, tally, worst_first
from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.version_columns import age_column, file_column, id_column


def nothing_to_compare(screen: "VersionsScreen") -> str:
    """Return why no versions can be compared, or an empty string if they can.

    Two marked versions can be compared even if there is none under the cursor.
    """
    two = screen.answer is not None and len(screen.table.marked) == 2
    return "" if two else no_version(screen)


class VersionsScreen(PaneListScreen[Model, ModelVersion]):
    """One row per version, newest first."""

    Q_QUITS = True
    FOOTER = (
        "filter.done", "filter.clear", "table.open", "version.edit", "list.filter", "table.sort", "version.compare",
        "version.pipelines", "version.logs", "live.refresh", "live.raw", "frame.back", "pane.mode",
    )  # fmt: skip
    NOUN = "version"
    MARKS = True
    SORT = "id"

    def __init__(self, workspace_id: WorkspaceId, model_id: ModelId, model_name: str) -> None:
        super().__init__()
        self.workspace_id = workspace_id
        self.model_id = model_id
        self.model_name = model_name
        self._newest_image: str | None = None
        self._outdated: Collection[VersionId] = frozenset()
        """The versions that a deployed pipeline runs with an older config than their newest."""

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

    @property
    def version(self) -> ModelVersion | None:
        return self.record if self.answer else None

    def answers(self) -> AsyncIterator[Answer[Model]]:
        return self.app.service.model(self.workspace_id, self.model_id)

    def records(self, value: Model) -> Sequence[ModelVersion]:
        return () if value.versions is None else value.versions

    def show(self, value: Model) -> None:
        self._newest_image = _newest_ready_image(value.versions or ())
        super().show(value)

    def _receive(self, answer: Answer[Model]) -> None:
        super()._receive(answer)
        if answer is self.answer:  # False for an older answer of the cache
            self.start(partial(self._find_outdated, live=answer.live), group="read configs in use")

    async def _find_outdated(self, *, live: bool) -> None:
        """Mark the versions that a pipeline runs with an older config."""
        async for answer in self.app.service.configs_in_use(self.workspace_id, live=live):
            if answer.value.outdated.keys() != set(self._outdated):
                self._outdated = answer.value.outdated.keys()
                self.table.redraw()
                self.redraw()

    def counts(self) -> Spans:
        here = sum(version.id in self._outdated for version in self.watched)
        redeploy: Spans = ((f"   {self.glyphs.redeploy} {here:,} to redeploy", Role.WARNING),) if here else ()
        return (*super().counts(), ("   ", Role.PLAIN), *tally(self.phases, self.glyphs), *redeploy)

    def open(self, record: ModelVersion) -> None:
        from .version import VersionScreen

        self.app.push_screen(VersionScreen(record))

    @disabled_if(nothing_to_compare)
    def action_compare(self) -> None:
        """Compare the two marked versions, the marked one and this one, or this one and one that the user picks."""
        marked = self.table.marked
        if len(marked) > 2:
            self.flash(
                f"{len(marked)} are marked, and two are compared: space takes a mark off, esc all of them."
            )
        elif len(marked) == 2:
            self._compare(*marked)
        elif self.version is not None:
            others = [version for version in marked if version.id != self.version.id]
            if others:
                self._compare(others[0], self.version)
            else:
                self._compare_with_another(self.version)

    def columns(self) -> Sequence[Column[ModelVersion]]:
        def unsent(version: ModelVersion) -> str:
            return f" {self.glyphs.unsent}" if version.id in self.app.saves.drafted else ""

        def redeploy(version: ModelVersion) -> str:
            return f" {self.glyphs.redeploy}" if version.id in self._outdated else ""

        def status_text(version: ModelVersion) -> str:
            word = " redeploy" if version.id in self._outdated else ""
            return (version.status or "unknown") + word + unsent(version)

        def status_cell(version: ModelVersion, _: int) -> Spans:
            marks = (redeploy(version), Role.WARNING), (unsent(version), Role.ACCENT)
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
