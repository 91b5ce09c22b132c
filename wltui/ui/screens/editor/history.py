"""History: the saves of a version from this host; the user can begin an edit with one of their configs."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import msgspec
from msgspec import Struct
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget

from wltui.config.detail import NO_CONFIG
from wltui.config.edit import ConfigEdit, FieldChange
from wltui.config.fields import FIELD
from wltui.core.records import UNSET, ModelConfig, ModelVersion, Outcome
from wltui.core.threads import run_in_thread
from wltui.store.save_history import SaveRecord
from wltui.ui.actions import disabled_if
from wltui.ui.screens.base.frame import Frame
from wltui.ui.text.format import age, clock_time, count, day_time, full_time
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.paragraphs import wrap_paragraphs
from wltui.ui.text.spans import Role, Spans, visible, wrap
from wltui.ui.widgets.config_form import prepare
from wltui.ui.widgets.diff_view import diff_lines
from wltui.ui.widgets.pager import Pager
from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.table.table import RecordTable

PANE_FROM = 110
"""Columns from which on the change is shown beside the list and not below it."""
NONE_YET = "No save of this version is recorded."
WHICH = (
    "The history holds what was saved with wltui, on this host and as this user, and nothing else: other programs and "
    "other people make configs that are not in it."
)
NONE_READABLE = "No save of this version can be read."
NOT_KNOWN = (
    "It is not known whether this was saved: its answer was lost, or the program ended first. Nothing is sent again by "
    "itself. The editor looks it up when it is opened."
)


class Reload(Struct, frozen=True):
    """Values to begin an edit with, by the keys of fields; unreadable values are left out."""

    values: Mapping[str, object]
    origin: str
    """The origin of the values, as in "The config is now as it was before your save of 12:04"."""


class Save(Struct, frozen=True, dict=True):
    """An entry of the history, with its changes."""

    entry: SaveRecord
    sent: ConfigEdit
    """The config that was sent, as an edit of the one before."""
    changes: tuple[FieldChange, ...]

    @property
    def is_unknown(self) -> bool:
        """Whether the outcome of the save is unknown."""
        return self.entry.outcome in (None, Outcome.UNKNOWN)


def not_loadable(screen: "HistoryScreen") -> str:
    """Return why no config can be loaded into the editor, or an empty string if one can."""
    settings = screen.app.settings
    if not screen.is_mounted or screen.table.record is None:
        return "no save is under the cursor"
    if settings.read_only:
        return "this session is read-only"
    if settings.offline:
        return "offline, and an edit needs the newest config"
    return "its config is being saved" if screen.version.id in screen.app.saves.under_way else ""


class HistoryScreen(Frame[Reload]):
    """The saves of a version, newest first. Returns the values to load into the editor, or None."""

    CSS_PATH = "history.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (PANE_FROM, "-wide")]
    FOOTER = ("history.before", "history.again", "history.pane", "history.refresh", "frame.back")
    BINDINGS = [
        Binding("enter", "before", "Put back", id="history.before",
                tooltip="load the config as it was before this save into the editor", priority=True),
        Binding("a", "again", "As saved", id="history.again", tooltip="load what this save sent into the editor"),
        Binding("tab", "other_pane", "Pane", id="history.pane", tooltip="to the change, or back to the list"),
        Binding("r,f5", "refresh", "Refresh", id="history.refresh", tooltip="read again now"),
        Binding("h,left", "back", "Back", id="history.back", tooltip="one step back, as in vim", show=False),
    ]  # fmt: skip

    def __init__(self, version: ModelVersion) -> None:
        super().__init__()
        self.version = version
        self._read = False

    @property
    def crumb(self) -> Spans:
        return ((f"History of version {self.version.id}", Role.PLAIN),)

    @property
    def table(self) -> RecordTable[Save]:
        """The table of saves."""
        return self.query_one(RecordTable)

    @property
    def pane(self) -> Pager:
        """The pane with the changes of the save under the cursor."""
        return self.query_one(Pager)

    def body(self) -> Iterable[Widget]:
        table = RecordTable(self._columns(), lambda save: save.entry.id, glyphs=self.glyphs, id="main")
        yield Horizontal(table, Pager(id="pane"), id="panes")

    def on_screen_resume(self) -> None:
        if self.app.screen is self:
            self.action_refresh()

    def action_refresh(self) -> None:
        """Load the history again: another wltui may have saved."""
        self.start(self._load, group="read")

    async def _load(self) -> None:
        entries = await run_in_thread(self.app.service.history.entries, self.version.id)
        saves = await run_in_thread(lambda: [_save(entry) for entry in entries])
        self._read = True
        self.table.show(saves, news=False)
        self.table.redraw()  # for ages and saves under way
        unreadable = self.app.service.history.unreadable
        if not saves:
            self.table.placeholder = ((NONE_READABLE if unreadable else NONE_YET, Role.MUTED),)
        self.notice(unreadable, role=Role.WARNING)
        self._show_change()
        self.redraw()
        self.refresh_bindings()

    def on_record_table_moved(self) -> None:
        self._show_change(top=True)
        self.refresh_bindings()

    def _show_change(self, *, top: bool = False) -> None:
        save = self.table.record
        if save is None:
            self.pane.show(lambda cells: wrap(((WHICH, Role.MUTED),), cells) if self._read else ())
        else:
            self.pane.show(partial(self._lines, save), top=top)

    def _lines(self, save: Save, cells: int) -> Sequence[Spans]:
        entry, now = save.entry, self.app.service.clock()
        before = f"config {entry.base.id}" if entry.base.id != NO_CONFIG else "no config"
        step = f"{before} {self.glyphs.crumb} {entry.config.id}" if entry.config else f"from {before}"
        lines: list[Spans] = [(*self._outcome(save), (f"   {step}", Role.PLAIN))]
        lines += wrap(
            ((f"{full_time(entry.at.isoformat(), now)}, by {visible(entry.user)}", Role.MUTED),), cells
        )
        texts = (
            (NOT_KNOWN if save.is_unknown and not self._under_way(save) else "", Role.WARNING),
            (f"Why: {entry.reason}" if entry.reason else "", Role.PLAIN),
            (
                f"The server kept something else: {entry.differences}" if entry.differences else "",
                Role.WARNING,
            ),
        )
        for text, role in texts:
            lines += wrap_paragraphs(text, role, cells)
        nothing: Sequence[Spans] = ((("It changed no field.", Role.MUTED),),)
        return (*lines, (), *(diff_lines(save.changes, cells) or nothing))

    def _under_way(self, save: Save) -> bool:
        return save.entry.outcome is None and self.version.id in self.app.saves.under_way

    def _outcome(self, save: Save) -> Spans:
        if self._under_way(save):
            return ((f"{self.glyphs.pending} under way", Role.WARNING),)
        return outcome(save.entry.outcome, self.glyphs)

    def status_spans(self) -> tuple[Spans, Spans]:
        if not self.is_mounted or not self._read:
            return (), ()
        saves = self.table.rows
        unknown = sum(save.is_unknown for save in saves)
        left: Spans = ((count(len(saves), "save"), Role.PLAIN),)
        if unknown:
            left = (*left, (f"   {self.glyphs.other} {unknown} may be saved", Role.WARNING))
        return left, ()

    # Actions

    def action_other_pane(self) -> None:
        """Focus the pane with the change, or the list again."""
        (self.pane if self.table.has_focus else self.table).focus()

    @disabled_if(not_loadable)
    def action_before(self) -> None:
        """Load the config as it was before the save under the cursor."""
        if (save := self.table.record) is not None:
            base = {key: getattr(save.entry.base, key) for key in FIELD}
            self._reload(base, f"as it was before {self._named(save)}")

    @disabled_if(not_loadable)
    def action_again(self) -> None:
        """Load the config that the save under the cursor sent."""
        if (save := self.table.record) is not None:
            self._reload(save.sent.row, f"as {self._named(save)} sent it")

    def _reload(self, row: Mapping[str, object], origin: str) -> None:
        self.dismiss(Reload({key: value for key, value in row.items() if value is not UNSET}, origin))

    def _named(self, save: Save) -> str:
        """Return the name of a save in a sentence: ``your save of 12:04``."""
        entry = save.entry
        today = day_time(self.app.service.clock().isoformat())[:10]
        day = day_time(entry.at.isoformat())[:10]
        when = clock_time(entry.at)[:5] if day == today else day_time(entry.at.isoformat())
        mine = entry.user == self.app.service.user
        return f"your save of {when}" if mine else f"the save of {when} by {entry.user}"

    def _columns(self) -> Sequence[Column[Save]]:
        def who(save: Save) -> str:
            return save.entry.user or self.glyphs.dash

        def config(save: Save) -> str:
            return str(save.entry.config.id) if save.entry.config else self.glyphs.dash

        def fields(save: Save) -> str:
            return ", ".join(change.title for change in save.changes) or self.glyphs.dash

        return (
            Column("outcome", "Outcome", lambda s: s.entry.outcome.value if s.entry.outcome else "",
                   cell=lambda s, _: self._outcome(s), width=16, snug=True),
            Column("when", "When", lambda s: day_time(s.entry.at.isoformat()), width=16),
            Column("age", "Age", lambda s: age(self.app.service.clock() - s.entry.at),
                   sort=lambda s: -s.entry.at.timestamp(), width=6, align="right", priority=1),
            Column("config", "Config", config, width=6, align="right"),
            Column("fields", "Changed", fields, width=22, flex=2),
            Column("who", "Who", who, width=12, flex=1, max_width=30, priority=2),
        )  # fmt: skip


def outcome(found: Outcome | None, glyphs: Glyphs) -> Spans:
    """Render the outcome of a save after a sign; None means that the program ended before it was known."""
    found = found or Outcome.UNKNOWN
    sign, role = {
        Outcome.SAVED: (glyphs.ready, Role.SUCCESS),
        Outcome.UNKNOWN: (glyphs.other, Role.WARNING),
    }.get(found, (glyphs.error, Role.ERROR))
    return ((f"{sign} {found.value}", role),)


def _save(entry: SaveRecord) -> Save:
    """Return an entry with its changes. Slow, as pyarrow compares and prints schemas."""
    try:
        values = {key: entry.request[key] for key in FIELD if key in entry.request}
        sent = msgspec.convert({"id": NO_CONFIG, **values}, ModelConfig)
    except msgspec.ValidationError:  # the file is damaged, though it is valid JSON
        sent = ModelConfig(id=NO_CONFIG)
    edit = ConfigEdit(entry.version_id, entry.base)
    for key in FIELD:
        edit = edit.with_value(key, getattr(sent, key))
    prepare(edit)
    return Save(entry, edit, edit.changes())
