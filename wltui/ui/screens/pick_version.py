"""Pick another version: those of the same model first, then of other models, optionally of all workspaces."""

from collections.abc import AsyncIterator, Sequence
from itertools import chain

from textual.binding import Binding

from wltui.core.errors import NotFound, WltuiError
from wltui.core.records import Model, ModelVersion, Phase, VersionId, WorkspaceId, phase, unread_versions
from wltui.service.fleet import Fleet
from wltui.service.service import Answer, Source
from wltui.ui.actions import hidden_if
from wltui.ui.screens.base.filtered import is_asking
from wltui.ui.screens.base.fleet_live import UNREAD_NAMED
from wltui.ui.screens.base.list import ListScreen
from wltui.ui.text.facts import Facts
from wltui.ui.text.format import count, name_some
from wltui.ui.text.record_facts import version_facts
from wltui.ui.text.spans import Role, Spans
from wltui.ui.widgets.progress import progress
from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.version_columns import age_column, file_column, id_column, status_column


def has_no_row(screen: "PickVersion") -> bool:
    """Return whether there is no version to pick."""
    return screen.record is None


class PickVersion(ListScreen[tuple[Model, ...], ModelVersion, ModelVersion]):
    """Returns the version that the user picked, or None."""

    FOOTER = (
        "filter.done", "filter.clear", "pick.take", "list.filter", "pick.everywhere", "list.sort", "frame.back",
        "live.refresh",
    )  # fmt: skip
    NOUN = "version"
    KEPT_AS = "versions to pick"
    HAS_FILE = False
    BINDINGS = [
        Binding("enter", "take", "Pick it", id="pick.take", tooltip="pick the version under the cursor", priority=True),
        Binding("a", "everywhere", "All workspaces", id="pick.everywhere",
                tooltip="versions of all workspaces, or of this one alone"),
    ]  # fmt: skip

    def __init__(self, version: ModelVersion, purpose: str, *, ready: bool = False) -> None:
        """
        Args:
            version: The version to pick another one for; it is not in the list.
            purpose: The purpose of the other one, for the breadcrumb: ``Copy from``.
            ready: Whether the cursor starts on the newest ready version and not on the newest one.
        """
        super().__init__()
        self.version = version
        self._purpose = purpose
        self._ready = ready
        self._start: VersionId | None = None
        """The version that the cursor was moved to at the start; once the user has moved it, it stays."""
        self._everywhere = False
        self._fleet: Answer[Fleet] | None = None
        """The versions of all workspaces, once the user has asked for them."""
        self._unlisted: WltuiError | None = None
        """Why not even the list of workspaces could be read."""
        self._now = False
        """Whether the next read of all workspaces is one that the user asked for."""

    @property
    def crumb(self) -> Spans:
        return ((self._purpose, Role.PLAIN),)

    @property
    def nothing(self) -> str:
        if self._everywhere:
            return "There is no other version that you can see. esc goes back."
        return (
            f"This workspace has no other version. {self.key_of('pick.everywhere')} looks in all workspaces."
        )

    @property
    def sources(self) -> tuple[Source, ...]:
        return (*super().sources, *(self._fleet.sources if self._fleet else ()))

    def answers(self) -> AsyncIterator[Answer[tuple[Model, ...]]]:
        if self.version.workspace_id is None:
            raise NotFound(
                "The versions beside this one could not be listed",
                "its workspace is not known",
                f"{self.key_of('pick.everywhere')} looks in all workspaces",
            )
        return self.app.service.models(self.version.workspace_id)

    def records(self, value: tuple[Model, ...]) -> Sequence[ModelVersion]:
        own = self.version.model_id
        here = sorted(value, key=lambda model: model.id != own)
        known = self._fleet.value.models if self._fleet else {}
        others = (known[number] for number in self._names if number in known)
        models = [*here, *chain.from_iterable(others)] if self._everywhere else here
        return [v for model in models for v in model.versions or () if v.id != self.version.id]

    def unread(self, value: tuple[Model, ...]) -> tuple[int, str]:
        return unread_versions(value)

    def show(self, value: tuple[Model, ...]) -> None:
        is_moved = self.record is not None and self.record.id != self._start
        super().show(value)
        if self._ready and not is_moved:
            rows = {version.id for version in self.table.rows}  # which the user may have sorted
            ready = (
                each for each in self.records(value) if each.id in rows and phase(each.status) is Phase.READY
            )
            if newest := next(ready, None):
                self.table.move_to(newest.id)
            self._start = self.record.id if self.record else None

    def is_complete(self, value: tuple[Model, ...]) -> bool:
        return not self._everywhere and all(model.versions is not None for model in value)

    def facts(self, record: ModelVersion) -> Sequence[Facts]:
        return (version_facts(record, ("ws", self._workspace_name(record))),)

    def open(self, record: ModelVersion) -> None:
        self.dismiss(record)

    @hidden_if(is_asking, has_no_row)
    def action_take(self) -> None:
        """Pick the version under the cursor."""
        self.table.action_open()

    # The other workspaces

    async def action_everywhere(self) -> None:
        """Show the versions of all workspaces, or of this one alone."""
        old, self._everywhere = self.table, not self._everywhere
        new = self.make_table("everywhere" if self._everywhere else "main")
        with self.app.batch_update():
            await self.mount(new, before=old)
            new.filter = old.filter
            self._show_all()
            if old.record is not None:
                new.move_to(old.record.id)
            new.focus()
            await old.remove()
        if self._everywhere:
            self._read_others()
        else:
            self.workers.cancel_group(self, "read others")

    def read(self) -> None:
        super().read()
        if self._everywhere:
            self._read_others()

    def _read_others(self) -> None:
        self._unlisted = None
        self.start(self._read_everywhere, group="read others")

    def action_refresh(self) -> None:
        """Read the workspace, or all of them, again now."""
        self._now = True
        super().action_refresh()

    async def _read_everywhere(self) -> None:
        now, self._now = self._now, False
        try:
            async for answer in self.app.service.fleet(now=now):
                self._fleet = answer
                self._show_all()
        except WltuiError as error:
            self._unlisted = error
            self._show_all()

    def _show_all(self) -> None:
        self.table.show(self.records(self.answer.value if self.answer else ()), news=False)
        self.redraw()
        self._show_failures()

    def _receive(self, answer: Answer[tuple[Model, ...]]) -> None:
        super()._receive(answer)
        self._show_failures()

    @property
    def _names(self) -> dict[WorkspaceId, str]:
        """Return the names of the other workspaces, archived ones last."""
        workspaces = self._fleet.value.workspaces if self._fleet else ()
        order = sorted(workspaces, key=lambda workspace: (workspace.archived, workspace.id))
        return {each.id: each.name for each in order if each.id != self.version.workspace_id}

    def _show_failures(self) -> None:
        """Name the workspaces that could not be read, unless the notice shows an error of the user's own workspace."""
        unread = self._fleet.value.unread if self._fleet else {}
        if not (unread or self._unlisted) or self.link.failure is not None:
            return
        reasons = [str(self._unlisted)] if self._unlisted else []
        reasons += [
            f"{name} ({number}): {unread[number].why}"
            for number, name in self._names.items()
            if number in unread
        ]
        self.notice(f"Not read: {name_some(reasons, UNREAD_NAMED)}", role=Role.WARNING)

    def _why_nothing(self) -> str:
        return super()._why_nothing() if self.answer or not self._everywhere else ""

    def status_spans(self) -> tuple[Spans, Spans]:
        left, right = super().status_spans()
        if not self._everywhere or self._fleet is None:
            return left, right
        fleet = self._fleet.value
        if fleet.left:
            return (
                *left,
                ("   ", Role.PLAIN),
                *progress(fleet.left, len(fleet.workspaces), "workspace", self.glyphs),
            ), right
        read = sum(number not in fleet.unread for number in fleet.models)
        return (*(left or self.counts()), (f" of {count(read, 'workspace')}", Role.MUTED)), right

    def columns(self) -> Sequence[Column[ModelVersion]]:
        where = Column(
            "workspace",
            "Workspace",
            self._workspace_name,
            width=15,
            grow=((6, 40),),
            cut="middle",
            priority=2,
        )
        return (
            Column("model", "Model", lambda v: v.model_name or self.glyphs.dash, cell=self._model, width=22,
                   grow=((1, 27), (4, 64)), cut="middle"),
            id_column(),
            status_column(self.glyphs, grow=((7, 27),)),
            file_column(self.glyphs, width=15, priority=3, grow=((5, 40),)),
            *([where] if self._everywhere else []),
            age_column(self.glyphs, self.app.service.clock),
        )  # fmt: skip

    def _workspace_name(self, version: ModelVersion) -> str:
        number = version.workspace_id
        if number is None:
            return self.glyphs.dash
        return self._names.get(number) or self.app.workspace_names.get(number) or str(number)

    def _model(self, version: ModelVersion, _: int) -> Spans:
        """Render a model's name; in bold if ``self.version`` is a version of it."""
        own = version.model_id == self.version.model_id
        name = self.shown(version.model_name) or self.glyphs.dash
        return ((name, Role.BOLD if own else Role.PLAIN),)
