"""The models of a workspace, each with the statuses of its versions."""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from functools import partial

from textual.binding import Binding

from wltui.core.records import (
    Model,
    ModelVersion,
    Phase,
    VersionId,
    WorkspaceId,
    missing_records,
    phase,
    unread_versions,
)
from wltui.service.service import Answer
from wltui.ui.actions import disabled_if
from wltui.ui.screens.base.file_keys import MakeTable
from wltui.ui.screens.base.frame import QuitKeys
from wltui.ui.screens.base.preview import Preview, PreviewListScreen
from wltui.ui.screens.base.upload_keys import UploadKeys
from wltui.ui.text.facts import Facts
from wltui.ui.text.format import could_not_be_read, count
from wltui.ui.text.record_facts import model_facts
from wltui.ui.text.spans import Role, Spans, plain
from wltui.ui.widgets.age_column import age_of
from wltui.ui.widgets.status import COUNTS_CELLS, SEVERITY, counts, counts_heading, status, tally
from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.version_columns import STATUS_CELLS, image_column


def no_model(screen: "ModelsScreen") -> str:
    """Return why there is no model whose pipelines could be listed, or an empty string if there is one."""
    return "" if screen.record is not None else "no model is under the cursor"


class ModelsScreen(PreviewListScreen[tuple[Model, ...], Model], UploadKeys[None], QuitKeys[None]):
    """One row per model: the newest version's status, and the number of versions by status."""

    FOLLOWS = True
    NOUN = "model"
    KEPT_AS = "models"
    SORT = "updated"
    FOOTER = (
        "filter.done", "filter.clear", "list.open", "list.filter", "app.problems", "copy.open", "models.pipelines",
        "list.sort", "frame.back", "upload.begin", "app.palette", "live.refresh", "live.raw",
    )  # fmt: skip
    BINDINGS = [
        Binding("D", "pipelines", "Pipelines", id="models.pipelines",
                tooltip="where the versions of this model run"),
    ]  # fmt: skip

    def __init__(self, workspace_id: WorkspaceId) -> None:
        super().__init__()
        self.workspace_id = workspace_id

    @property
    def upload_place(self) -> tuple[WorkspaceId, str]:
        return self.workspace_id, ""

    @property
    def crumb(self) -> Spans:
        number = f"{self.glyphs.id_open}{self.workspace_id}{self.glyphs.id_close}"
        name = self.shown(self.app.workspace_names.get(self.workspace_id, ""))
        return ((f"{name} " if name else "workspace ", Role.PLAIN), (number, Role.MUTED))

    @property
    def is_as_at_start(self) -> bool:
        return super().is_as_at_start and self.app.settings.workspace == self.workspace_id

    @property
    def nothing(self) -> str:
        names = self.app.workspace_names
        if names and self.workspace_id not in names:
            return f"You see no workspace {self.workspace_id} on this instance; esc shows those that you do."
        key = self.key_of("upload.begin")
        return f"This workspace has no models yet. {key} uploads one; others appear by themselves."

    @property
    def watched(self) -> Iterable[ModelVersion]:
        return (
            version
            for model in (self.answer.value if self.answer else ())
            for version in model.versions or ()
        )

    def answers(self) -> AsyncIterator[Answer[tuple[Model, ...]]]:
        return self.app.service.models(
            self.workspace_id, lambda: [model.id for model in self.table.in_view if model.versions is None]
        )

    def with_latest(self, answer: Answer[tuple[Model, ...]]) -> Answer[tuple[Model, ...]]:
        return self.app.service.latest.in_models(answer)

    @property
    def visible_versions(self) -> Collection[VersionId]:
        return {version.id for model in self.table.in_view for version in model.versions or ()}

    def records(self, value: tuple[Model, ...]) -> Sequence[Model]:
        return value

    def problem(self, value: tuple[Model, ...]) -> str | None:
        return super().problem(value) or could_not_be_read(*unread_versions(value), "version")

    def is_complete(self, value: tuple[Model, ...]) -> bool:
        return all(model.versions is not None for model in value)

    def facts(self, record: Model) -> Sequence[Facts]:
        name = self.app.workspace_names.get(self.workspace_id)
        return model_facts(record, ("ws", name), ("ws", str(self.workspace_id)))

    @property
    def unsearched(self) -> int:
        return sum(model.versions is None for model in self.answer.value) if self.answer else 0

    def gaps(self, value: tuple[Model, ...]) -> tuple[int, str, bool]:
        missing, reason = self.unread(value)
        return (*((missing, reason) if missing else unread_versions(value)), not self.is_complete(value))

    def file_words(self) -> Sequence[str]:
        return "models", self.app.workspace_names.get(self.workspace_id, str(self.workspace_id))

    def file_table(self, answer: Answer[Sequence[Model]]) -> MakeTable:
        from wltui.service.tables import models_table

        return partial(models_table, answer, dict(self.app.workspace_names))

    def open(self, record: Model) -> None:
        from .versions import VersionsScreen

        self.app.push_screen(VersionsScreen(self.workspace_id, record.id, record.name))

    @disabled_if(no_model)
    def action_pipelines(self) -> None:
        """Show the pipelines that use a version of the model under the cursor."""
        from .pipelines import PipelinesScreen

        if (model := self.record) is not None:
            self.app.push_screen(
                PipelinesScreen.of_versions(self.workspace_id, model.name, model.versions or ())
            )

    def counts(self) -> Spans:
        phases = self.counted(lambda model: model.versions or ())
        if self.table.filter and not phases:
            return super().counts()
        total = (f" {self.glyphs.separator} {count(phases.total(), 'version')}   ", Role.PLAIN)
        return (*super().counts(), total, *tally(phases, self.glyphs))

    async def preview(self, record: Model) -> Preview:
        from wltui.ui.widgets.previews import version_columns

        nothing = "Its versions have not been read yet." if record.versions is None else "It has no versions."
        columns = version_columns(self.glyphs, self.app.service.clock)
        return Preview.of(self.shown(record.name), columns, record.versions or (), nothing, self.glyphs)

    def columns(self) -> Sequence[Column[Model]]:
        def name(model: Model, _: int) -> Spans:
            unsent = any(version.id in self.app.saves.drafted for version in model.versions or ())
            mark = ((f"{self.glyphs.unsent} ", Role.ACCENT),) if unsent else ()
            return (*mark, (self.shown(model.name), Role.BOLD))

        def newest(model: Model) -> ModelVersion | None:
            return model.versions[0] if model.versions else None

        def status_cell(model: Model, cells: int) -> Spans:
            version = newest(model)
            if version is None:
                return (("loading" if model.versions is None else self.glyphs.dash, Role.MUTED),)
            return status(version.status, self.glyphs, cells)

        def total(model: Model) -> int:
            return len(model.versions or ()) + missing_records(model.versions)[0]

        def status_word(model: Model) -> str:
            version = newest(model)
            return version.status or "" if version else ""

        def phases(model: Model) -> Mapping[Phase, int]:
            return Counter(phase(version.status) for version in model.versions or ())

        def updated(model: Model) -> str:
            return model.updated_at or model.created_at or ""

        def image(model: Model, cells: int) -> Spans:
            version = newest(model)
            return images.cell(version, cells) if version is not None and images.cell else ()

        images = image_column(self.glyphs, width=30, grow=())
        return (
            Column("name", "Name", lambda m: m.name, cell=name, width=20, grow=((2, 30), (6, 64)), cut="middle",
                   lends=True),
            Column("newest", "Newest", status_word, cell=status_cell,
                   sort=lambda m: SEVERITY[phase(status_word(m) or None)], width=STATUS_CELLS, grow=((5, 27),),
                   lends=True),
            Column("image", "Newest image or reason", lambda m: ((v := newest(m)) and images.text(v)) or "", cell=image,
                   width=30, grow=((8, 84),), priority=7, lends=True),
            Column("versions", "Vers.", lambda m: "" if m.versions is None else str(total(m)),
                   sort=total, width=7, align="right", filter=False, descending=True, priority=4),
            Column("all", "All", lambda m: plain(counts(phases(m), self.glyphs)), heading=counts_heading(self.glyphs),
                   cell=lambda m, _: counts(phases(m), self.glyphs) if m.versions is not None else (),
                   sort=lambda m: tuple(-phases(m)[p] for p in sorted(SEVERITY, key=SEVERITY.__getitem__)),
                   width=COUNTS_CELLS, filter=False, lends=True),
            age_of("updated", "Updated", updated, self.glyphs, self.app.service.clock, priority=1),
            Column("id", "ID", lambda m: str(m.id), sort=lambda m: m.id, width=6, align="right", priority=3),
        )  # fmt: skip
