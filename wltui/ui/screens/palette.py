"""The palette: every action of the screen below, unsent edits, and every place that the cache knows."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from rich.cells import cell_len
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Static

from wltui.core.errors import UsageError
from wltui.core.records import Model, Workspace
from wltui.core.threads import run_in_thread
from wltui.store.drafts import Kept
from wltui.ui.keys import active_keys
from wltui.ui.palette_targets import (
    ACTION,
    MINOR,
    OFF,
    Command,
    OpenModel,
    OpenWorkspace,
    RunAction,
    Target,
    drafts,
    places,
    profiles,
)
from wltui.ui.screens.base.frame import Frame
from wltui.ui.text.finder import Finder, FinderRow
from wltui.ui.text.fuzzy import highlight
from wltui.ui.text.spans import Role, Span, Spans, clip, plain, width
from wltui.ui.widgets.status import status
from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.table.table import RecordTable
from wltui.ui.widgets.text_box import TextBox

LIMIT = 200
"""Number of rows shown; to find another one, the user types more letters."""
GROWTH = 1.5
"""The factor by which the rows grow before they are searched again, while more are being loaded."""


class PaletteScreen(Frame[Command]):
    """Returns the command that the user chose, or None."""

    CSS_PATH = "palette.tcss"
    FOOTER = ("palette.pick", "frame.back")
    BINDINGS = [
        Binding("enter", "pick", "Go", id="palette.pick", tooltip="do it, or go there", priority=True),
        Binding("down,ctrl+n", "step(1)", "Next", id="palette.down", tooltip="to the row below"),
        Binding("up,ctrl+p", "step(-1)", "Up", False, id="palette.up", tooltip="to the row above"),
        Binding("pagedown", "page(1)", "Page down", False, id="palette.page_down", tooltip="a page down"),
        Binding("pageup", "page(-1)", "Page up", False, id="palette.page_up", tooltip="a page up"),
    ]

    def __init__(self, about: Frame[Any]) -> None:
        """
        Args:
            about: The screen below, whose actions are listed.
        """
        super().__init__()
        self._targets: list[Target] = []
        self._finder = Finder()
        self._reading = True
        self._actions = _actions(about)

    @property
    def crumb(self) -> Spans:
        return (("Palette", Role.PLAIN),)

    @property
    def table(self) -> RecordTable[Target]:
        """The table of matches."""
        return self.query_one(RecordTable)

    @property
    def text(self) -> str:
        """The text typed so far."""
        return self.query_one(Input).value

    def body(self) -> Iterable[Widget]:
        typed = TextBox("an action, or a workspace, model or version that was on screen before")
        typed.id = "main"
        yield Horizontal(Static(":", markup=False), typed, id="asked")
        table = RecordTable(self._columns(), id, glyphs=self.glyphs, id="found")
        table.can_focus = False
        yield table

    def on_mount(self) -> None:
        self._add(self._actions)
        self._finder.use(self._finder.index())
        self._find()
        self.start(self._read, group="read known")

    async def _read(self) -> None:
        """Load unsent edits, profiles and places from disk, a part at a time, so that no key waits for it."""
        service = self.app.service
        self._add(drafts(await run_in_thread(service.drafts.all), service.clock(), self._why_no_draft))
        with suppress(UsageError):  # the screen of profiles shows the error
            if instances := self.app.instances:
                self._add(profiles(await run_in_thread(instances.all), self.app.settings.profile))
        await self._search_all()
        async for workspace, models in service.cached_workspaces():
            targets, rows = await run_in_thread(_places, workspace, models)
            self._targets += targets
            self._finder.add(rows)
            if len(self._targets) > GROWTH * len(self._finder):
                await self._search_all()
        self._reading = False
        await self._search_all()

    def _why_no_draft(self, kept: Kept) -> str:
        if self.app.settings.read_only:
            return "this session is read-only"
        if kept.elsewhere:
            return "another wltui has it open"
        return "its config is being saved" if kept.version.id in self.app.saves.under_way else ""

    def _add(self, targets: Sequence[Target]) -> None:
        self._targets += targets
        self._finder.add(target.row for target in targets)

    async def _search_all(self) -> None:
        """Search the rows loaded since the last search, too."""
        self._finder.use(await run_in_thread(self._finder.index))
        self._find()

    def _find(self, *, top: bool = False) -> None:
        """Show the best rows; move the cursor to the first if ``top`` is true, else keep it on its row."""
        self.table.show([self._targets[row] for row in self._finder.best(self.text, LIMIT)], news=False)
        if top and self.table.position > 1:
            self.table.action_first()
        self.redraw()

    def redraw(self) -> None:
        super().redraw()
        if self.is_mounted:
            nothing = "Nothing goes by that name here. What was never on screen can't be found."
            self.table.placeholder = (("" if self._reading else nothing, Role.MUTED),)

    def status_spans(self) -> tuple[Spans, Spans]:
        found, shown = self._finder.matches, self.table.total if self.is_mounted else 0
        text = f"{found:,} found" if shown == found else f"the best {shown:,} of {found:,} found"
        return ((text, Role.PLAIN),), ((("reading the cache", Role.MUTED),) if self._reading else ())

    # Actions

    def on_input_changed(self) -> None:
        self._find(top=True)

    def action_step(self, rows: int) -> None:
        """Move the cursor by ``rows``."""
        self.table.action_step(rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by ``pages``."""
        self.table.action_page(pages)

    def on_record_table_opened(self) -> None:
        self.action_pick()

    def action_pick(self) -> None:
        """Close with the command of the row under the cursor; if it is disabled, show the reason."""
        target = self.table.record
        if target is None:
            return
        if target.command is None:
            self.flash(f"{target.name}: {target.off}")
        else:
            self.dismiss(target.command)

    def _columns(self) -> Sequence[Column[Target]]:
        def name(target: Target, cells: int) -> Spans:
            if target.command is None:
                reason: Spans = ((f"  ({self.shown(target.off)})", Role.WARNING),)
                title = _shortened(self.shown(target.name), cells - width(reason), self.glyphs.ellipsis)
                first = ((title, Role.MUTED), *reason)
                whole = (*first, (f"  {self.shown(target.about)}", Role.MUTED))
                return highlight(whole if width(whole) <= cells else first, self._finder.patterns)
            spans: list[Span] = [(self.shown(target.name), Role.BOLD)]
            if target.status is not None:
                spans += [("  ", Role.PLAIN), *status(target.status, self.glyphs)]
            about = self.shown(target.about)
            if isinstance(target.command, OpenWorkspace | OpenModel):
                about = f"{self.glyphs.id_open}{about}{self.glyphs.id_close}"
            spans.append((f"  {about}", Role.MUTED))
            return highlight(tuple(spans), self._finder.patterns)

        def where(target: Target, _: int) -> Spans:
            key = isinstance(target.command, RunAction)
            spans = ((self.shown(target.where), Role.ACCENT if key else Role.MUTED),)
            return spans if key else highlight(spans, self._finder.patterns)

        return (
            Column("kind", "What", lambda t: t.kind, cell=lambda t, _: ((t.kind, Role.MUTED),), width=9),
            Column("name", "Name", lambda t: t.name, cell=name, width=40, flex=4),
            Column("where", "Key or place", lambda t: t.where, cell=where, width=18, flex=1, max_width=32),
        )


def _actions(about: Frame[Any]) -> list[Target]:
    """Return the actions of a screen: those in its footer first, disabled ones last."""
    active = about.active_bindings
    nodes = {entry.binding.id: entry.node for entry in active.values()}
    keys = active_keys(active, ascii=about.glyphs.is_ascii)
    order = [*about.FOOTER, *keys]
    found = []
    for name in sorted(keys.keys() - {"app.palette"}, key=order.index):
        key = keys[name]
        off = "" if key.enabled else about.disabled_reason(key.binding.action) or "off here"
        rank = OFF if off else ACTION if key.binding.show else MINOR
        command = None if off else RunAction(key.binding.action, nodes[name])
        found.append(Target("action", rank, key.binding.description, key.text, key.names, command, off))
    return found


def _shortened(name: str, cells: int, ellipsis: str) -> str:
    """Return a name cut to that many cells; it keeps its last word, such as a version's number."""
    head, _, last = name.rpartition(" ")
    room = cells - cell_len(last) - 1
    if cell_len(name) <= cells or not head or room <= cell_len(ellipsis):
        return name
    return f"{plain(clip(((head, Role.PLAIN),), room, ellipsis))} {last}"


def _places(workspace: Workspace, models: Sequence[Model]) -> tuple[list[Target], list[FinderRow]]:
    """Return the rows of a workspace, and the texts by which they are found."""
    targets = places(workspace, models)
    return targets, [target.row for target in targets]
