"""History: the saves of a version from this host; the user can begin an edit with one of their configs."""

from collections.abc import Mapping, Sequence
from functools import partial

from msgspec import Struct
from textual.binding import Binding

from wltui.config.fields import FIELD
from wltui.core.records import UNSET, ModelVersion
from wltui.core.threads import run_in_thread
from wltui.store.save_history import SaveRecord
from wltui.ui.actions import disabled_if, hidden_if
from wltui.ui.screens.base.filtered import is_asking
from wltui.ui.text.facts import Facts, facts
from wltui.ui.text.format import age, clock_time, count, day_time
from wltui.ui.text.spans import Role, Spans
from wltui.ui.widgets.config_form import prepare
from wltui.ui.widgets.save_view import Save, outcome, read_save, save_lines, save_pairs, titles
from wltui.ui.widgets.table.columns import Column

from .save_list import SaveListFrame

NONE_YET = "No save of this version is recorded."
NONE_READABLE = "No save of this version can be read."


class Reload(Struct, frozen=True):
    """Values to begin an edit with, by the keys of fields; unreadable values are left out."""

    values: Mapping[str, object]
    origin: str
    """The origin of the values, as in "Loaded into the form: the config from before your save of 12:04"."""


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


class HistoryScreen(SaveListFrame[Reload, Save]):
    """The saves of a version, newest first. Returns the values to load into the editor, or None."""

    FOOTER = ("history.before", "history.again", "history.pane", "copy.open", "frame.back", "live.refresh")
    BINDINGS = [
        Binding("enter", "before", "Put back", id="history.before",
                tooltip="load the config as it was before this save into the editor", priority=True),
        Binding("a", "again", "As saved", id="history.again", tooltip="load what this save sent into the editor"),
    ]  # fmt: skip

    def __init__(self, version: ModelVersion, save_id: str = "") -> None:
        """
        Args:
            version: The version whose saves are shown.
            save_id: The id of the save to begin at; by default the newest.
        """
        super().__init__()
        self.version = version
        self._begin_at = save_id

    @property
    def crumb(self) -> Spans:
        return ((f"History of version {self.version.id}", Role.PLAIN),)

    @property
    def nothing(self) -> str:
        return NONE_READABLE if self.app.service.history.unreadable else NONE_YET

    def identity(self, row: Save) -> str:
        return row.entry.id

    def what(self, row: Save) -> SaveRecord:
        return row.entry

    def file_words(self) -> Sequence[str]:
        return "history", "version", str(self.version.id)

    def facts(self, row: Save) -> Sequence[Facts]:
        entry, under_way = row.entry, row.is_under_way(self.app.saves.under_way)
        config = entry.config.id if entry.config else None
        texts = save_pairs(row, under_way=under_way)
        named = str(config) if config else None
        return (
            facts(*texts, ("by", entry.user), ("name", named), config=config, since=entry.at.timestamp()),
        )

    async def load(self) -> Sequence[Save]:
        entries = await run_in_thread(self.app.service.history.entries, self.version.id)
        return await run_in_thread(lambda: [_prepared(entry) for entry in entries])

    async def _load(self) -> None:
        await super()._load()
        if self._begin_at:
            self.table.move_to(self._begin_at)
            self._begin_at = ""

    def show_change(self, row: Save, *, top: bool) -> None:
        self.pane.show(partial(self._lines, row), top=top)

    def _lines(self, save: Save, cells: int) -> Sequence[Spans]:
        under_way = save.is_under_way(self.app.saves.under_way)
        return save_lines(save, self.app.service.clock(), self.glyphs, cells, under_way=under_way)

    def status_spans(self) -> tuple[Spans, Spans]:
        if not self.is_mounted or not self._read:
            return (), ()
        saves = self.table.rows
        unknown = sum(save.is_unknown for save in saves)
        left: Spans = ((count(len(saves), "save"), Role.PLAIN),)
        if unknown:
            left = (*left, (f"   {self.glyphs.other} {unknown} may be saved", Role.WARNING))
        return left, self.filter_spans()

    # Actions

    @hidden_if(is_asking)
    @disabled_if(not_loadable)
    def action_before(self) -> None:
        """Load the config as it was before the save under the cursor."""
        if (save := self.table.record) is not None:
            base = {key: getattr(save.entry.base, key) for key in FIELD}
            self._reload(base, f"the config from before {self._named(save)}")

    @disabled_if(not_loadable)
    def action_again(self) -> None:
        """Load the config that the save under the cursor sent."""
        if (save := self.table.record) is not None:
            self._reload(save.sent.row, f"the config of {self._named(save)}")

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

    def columns(self) -> Sequence[Column[Save]]:
        def who(save: Save) -> str:
            return save.entry.user or self.glyphs.dash

        def config(save: Save) -> str:
            return str(save.entry.config.id) if save.entry.config else self.glyphs.dash

        def fields(save: Save) -> str:
            return titles(save.sent.values.keys()) or self.glyphs.dash

        def result(save: Save, _: int) -> Spans:
            under_way = save.is_under_way(self.app.saves.under_way)
            return outcome(save.entry.outcome, self.glyphs, under_way=under_way)

        return (
            Column("outcome", "Outcome", lambda s: s.entry.outcome.value if s.entry.outcome else "",
                   cell=result, width=14),
            Column("when", "When", lambda s: day_time(s.entry.at.isoformat()), width=16),
            Column("age", "Age", lambda s: age(self.app.service.clock() - s.entry.at),
                   sort=lambda s: -s.entry.at.timestamp(), width=6, align="right", priority=1),
            Column("config", "Config", config, width=6, align="right"),
            Column("fields", "Changed", fields, width=22, flex=2),
            Column("who", "Who", who, width=12, flex=1, max_width=30, priority=2),
        )  # fmt: skip


def _prepared(entry: SaveRecord) -> Save:
    """Return an entry with its changes. Slow, as pyarrow compares and prints schemas."""
    save = read_save(entry)
    prepare(save.sent)
    return save
