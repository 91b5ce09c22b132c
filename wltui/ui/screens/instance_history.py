"""History of the instance: all unsent edits of this host and all saves, of every version."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from msgspec import Struct

from wltui.config.edit import ConfigEdit
from wltui.core.records import ModelVersion, WorkspaceId
from wltui.core.threads import run_in_thread
from wltui.store.drafts import Kept
from wltui.store.save_history import SaveRecord
from wltui.ui.recovered_texts import recover_texts
from wltui.ui.screens.editor.history import HistoryScreen, Reload
from wltui.ui.screens.editor.save_list import SaveListFrame
from wltui.ui.text.facts import Facts, facts
from wltui.ui.text.format import age, count, day_time
from wltui.ui.text.spans import Role, Spans
from wltui.ui.widgets.config_form import prepare
from wltui.ui.widgets.save_view import (
    Save,
    draft_fields,
    draft_lines,
    draft_pairs,
    outcome,
    read_save,
    save_lines,
    save_pairs,
    titles,
)
from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.table.table import RecordTable

SETTLE_SECONDS = 0.15
"""Seconds that the cursor rests on a row before its change is compared, which may take time for schemas."""


class Entry(Struct, frozen=True):
    """A save, or an unsent edit."""

    what: Save | Kept

    @property
    def id(self) -> str:
        """Return the identity of the row."""
        if isinstance(self.what, Save):
            return self.what.entry.id
        return f"unsent {self.what.version.id} {self.what.began.isoformat()}"

    @property
    def version(self) -> ModelVersion:
        """Return the version, with as much as was recorded of it."""
        if isinstance(self.what, Kept):
            return self.what.version
        entry = self.what.entry
        return ModelVersion(id=entry.version_id, model_name=entry.model_name, workspace_id=entry.workspace_id)

    @property
    def at(self) -> datetime:
        """Return when it was saved, or changed last."""
        return self.what.entry.at if isinstance(self.what, Save) else self.what.changed

    @property
    def edit(self) -> ConfigEdit:
        """Return its changes."""
        return self.what.sent if isinstance(self.what, Save) else self.what.draft.edit


class InstanceHistoryScreen(SaveListFrame[None, Entry]):
    """All unsent edits, and then all saves of this host and user for this instance, both newest first."""

    FOOTER = (
        "filter.done", "filter.clear", "list.open", "list.filter", "copy.open", "list.sort", "history.pane",
        "frame.back", "live.refresh",
    )  # fmt: skip

    @property
    def crumb(self) -> Spans:
        return (("History", Role.PLAIN),)

    @property
    def nothing(self) -> str:
        if self.app.service.history.unreadable:
            return "No save can be read."
        return "Nothing was saved from here yet, and there is no unsent edit."

    def identity(self, row: Entry) -> str:
        return row.id

    def what(self, row: Entry) -> SaveRecord | Kept:
        return row.what.entry if isinstance(row.what, Save) else row.what

    def facts(self, row: Entry) -> Sequence[Facts]:
        what, version = row.what, row.version
        config = user = None
        if isinstance(what, Kept):
            pairs = draft_pairs(what)
        else:
            pairs = save_pairs(what, under_way=what.is_under_way(self.app.saves.under_way))
            config, user = what.entry.config, what.entry.user
        known = facts(
            ("model", version.model_name),
            ("ws", self._workspace(version.workspace_id)),
            *pairs,
            hidden=(("by", user),),
            id=version.id,
            config=config.id if config else None,
            since=row.at.timestamp(),
        )
        return (known,)

    async def load(self) -> Sequence[Entry]:
        service = self.app.service

        def load() -> list[Entry]:
            recover_texts(service.drafts)
            saves = [Entry(read_save(entry)) for entry in service.history.entries()]
            return [*map(Entry, service.drafts.all()), *saves]

        return await run_in_thread(load)

    # The pane

    def show_change(self, row: Entry, *, top: bool) -> None:
        self.start(partial(self._compare, row, top=top), group="read change")

    async def _compare(self, row: Entry, *, top: bool) -> None:
        if top:
            await self.app.wait(SETTLE_SECONDS)
        await run_in_thread(prepare, row.edit)
        self.pane.show(partial(self._lines, row), top=top)

    def _lines(self, row: Entry, cells: int) -> Sequence[Spans]:
        now, saving = self.app.service.clock(), self.app.saves.under_way
        version = f"Version {row.version.id} of {self.shown(row.version.model_name) or 'a model'}"
        what = row.what
        if isinstance(what, Kept):
            lines = draft_lines(what, now, self.glyphs, cells)
        else:
            lines = save_lines(what, now, self.glyphs, cells, under_way=what.is_under_way(saving))
        return (((version, Role.BOLD),), *lines)

    def status_spans(self) -> tuple[Spans, Spans]:
        if not self.is_mounted or not self._read:
            return (), ()
        rows = self.table.rows
        saves = [row.what for row in rows if isinstance(row.what, Save)]
        unknown = sum(save.is_unknown for save in saves)
        left: list[tuple[str, Role]] = [(count(len(saves), "save"), Role.PLAIN)]
        if unsent := len(rows) - len(saves):
            left.append((f"   {self.glyphs.unsent} {count(unsent, 'unsent edit')}", Role.ACCENT))
        if unknown:
            left.append((f"   {self.glyphs.other} {unknown} may be saved", Role.WARNING))
        return tuple(left), self.filter_spans()

    def copied(self) -> Sequence[ModelVersion]:
        return [row.version for row in self.chosen]

    # Actions

    def on_record_table_opened(self, event: "RecordTable.Opened[Entry]") -> None:
        """Continue the unsent edit under the cursor, or show the history of the version that was saved."""
        what, version = event.record.what, event.record.version
        if isinstance(what, Save):
            self.app.push_screen(HistoryScreen(version, what.entry.id), partial(self._put_back, version))
        elif why := self._locked_reason(what):
            self.flash(f"Open: {why}.")
        else:
            self._edit(version)

    def _locked_reason(self, kept: Kept) -> str:
        """Return why an unsent edit can't be continued, or an empty string if it can."""
        if self.app.settings.read_only:
            return "this session is read-only"
        if kept.elsewhere:
            return "another wltui has it open"
        return "its config is being saved" if kept.version.id in self.app.saves.under_way else ""

    def _put_back(self, version: ModelVersion, reload: Reload | None) -> None:
        if reload is not None:
            self._edit(version, reload)

    def _edit(self, version: ModelVersion, reload: Reload | None = None) -> None:
        from wltui.ui.screens.editor.editor import ConfigEditor

        self.app.push_screen(ConfigEditor(version, reload=reload))

    def columns(self) -> Sequence[Column[Entry]]:
        def word(row: Entry) -> str:
            if isinstance(row.what, Kept):
                return "unsent"
            found = row.what.entry.outcome
            return found.value if found else "may be saved"

        def result(row: Entry, _: int) -> Spans:
            what = row.what
            if isinstance(what, Kept):
                return ((f"{self.glyphs.unsent} unsent", Role.ACCENT),)
            under_way = what.is_under_way(self.app.saves.under_way)
            return outcome(what.entry.outcome, self.glyphs, under_way=under_way)

        def fields(row: Entry) -> str:
            changed = draft_fields(row.what) if isinstance(row.what, Kept) else row.edit.values.keys()
            return titles(changed) or self.glyphs.dash

        return (
            Column("outcome", "Outcome", word, cell=result, width=16, snug=True),
            Column("when", "When", lambda r: day_time(r.at.isoformat()), sort=lambda r: r.at.timestamp(), width=16,
                   descending=True, priority=3),
            Column("age", "Age", lambda r: age(self.app.service.clock() - r.at), sort=lambda r: -r.at.timestamp(),
                   width=6, align="right", filter=False),
            Column("version", "Version", lambda r: str(r.version.id), sort=lambda r: r.version.id, width=7,
                   align="right"),
            Column("model", "Model", lambda r: r.version.model_name or self.glyphs.dash,
                   cell=lambda r, _: ((self.shown(r.version.model_name) or self.glyphs.dash, Role.BOLD),),
                   width=18, flex=1, max_width=40, cut="middle", lends=True),
            Column("workspace", "Workspace", lambda r: self._workspace(r.version.workspace_id), width=14, flex=1,
                   max_width=30, priority=2, cut="middle", lends=True),
            Column("fields", "Changed", fields, width=16, flex=2, max_width=80, lends=True),
        )  # fmt: skip

    def _workspace(self, workspace_id: WorkspaceId | None) -> str:
        if workspace_id is None:
            return self.glyphs.dash
        return self.app.workspace_names.get(workspace_id) or str(workspace_id)
