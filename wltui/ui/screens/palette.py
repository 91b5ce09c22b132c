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
    place_of,
    places,
    profiles,
    themes,
    uploads,
)
from wltui.ui.screens.base.frame import Frame
from wltui.ui.screens.base.opening import CACHE_SECONDS
from wltui.ui.text.finder import Finder, FinderRow
from wltui.ui.text.query import parse
from wltui.ui.text.search import highlight
from wltui.ui.text.spans import LONGEST_LINE, Role, Spans, clip_middle, plain, width
from wltui.ui.widgets.status import status
from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.table.table import RecordTable
from wltui.ui.widgets.text_box import TextBox

LIMIT = 200
"""Number of rows shown; to find another one, the user types more letters."""
GAP = 2
"""Cells between a name and what stands beside it."""
STATUS_CELLS = 14
"""Cells of a status beside a name that has no room for all of both."""
GROWTH = 2
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
        self.holds_keys = False
        """Whether enter waits, and all keys after it, as nothing is found yet and not all is loaded."""
        self._actions = _actions(about)
        self._about_cells = LONGEST_LINE
        """Cells for the text on an action in the table, as it was last drawn."""
        self._searched = ""
        """The text that was searched last."""
        self._place: object = None
        """The place that the last jump went to, until the user has typed or moved the cursor."""

    @property
    def opening_seconds(self) -> float:
        return CACHE_SECONDS

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
        if (last := self.app.last_jump) is not None:
            typed.value, self._place = last
        yield Horizontal(Static(":", markup=False), typed, id="asked")
        table = RecordTable(self._columns(), id, glyphs=self.glyphs, id="found")
        table.can_focus = False
        yield table

    def on_mount(self) -> None:
        self.query_one(Input).action_select_all()  # so that it can be used again, and typing replaces it
        self._add(self._actions)
        self._add(uploads(self.app.uploads.all))
        self._add(themes(self.app.theme, self.app.theme_disabled_reason))
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
        self.end_opening()

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
        if self.holds_keys and (self.table.record is not None or not self._reading):
            self.holds_keys = False
            self.app.call_later(self.app.serve_held)

    def _find(self, *, top: bool = False) -> None:
        """Show the best rows; move the cursor to the first if ``top`` is true, else keep it on its row."""
        self._searched = self.text
        best = self._finder.best(self.text, LIMIT, self.app.service.clock().timestamp())
        self.table.show([self._targets[row] for row in best], news=False)
        if self._place is not None:
            last = next(
                (target for target in self.table.rows if place_of(target.command) == self._place), None
            )
            self.table.move_to(id(last))
        if top and self.table.position > 1:
            self.table.action_first()
        self.redraw()

    def redraw(self) -> None:
        super().redraw()
        if self.is_mounted:
            nothing = (
                "No match. Only what wltui has loaded can be found: what is in workspaces that were not opened yet is "
                "missing."
            )
            self.table.placeholder = (("" if self._reading else nothing, Role.MUTED),)

    def status_spans(self) -> tuple[Spans, Spans]:
        found, shown = self._finder.matches, self.table.total if self.is_mounted else 0
        text = f"{found:,} found" if shown == found else f"the best {shown:,} of {found:,} found"
        if self._finder.is_guess and found:
            text += " by their letters, as nothing holds the text"
        query = parse(self._searched)
        about = self._about_action
        if about and not query.problems and cell_len(text + about) + 3 > self.app.size.width:
            return ((about, Role.PLAIN),), ()
        if query.problems:
            right: Spans = ((self.shown(query.problems[0]), Role.WARNING),)
        elif self._reading:
            right = (("reading the cache", Role.MUTED),)
        elif about:
            right = ((about, Role.MUTED),)
        else:
            keyed = any(term.key or term.is_excluded or term.is_fuzzy for term in query.terms)
            right = ((self.shown(" and ".join(query.words)), Role.ACCENT),) if keyed else ()
        return ((text, Role.PLAIN),), right

    @property
    def _about_action(self) -> str:
        """The text on the action under the cursor, if the table has no room for it."""
        target = self.table.record if self.is_mounted else None
        is_action = target is not None and isinstance(target.command, RunAction)
        return target.about if target and is_action and cell_len(target.about) > self._about_cells else ""

    # Actions

    def on_input_changed(self) -> None:
        if self.text != self._searched:
            self._place = None
            self._find(top=True)

    def action_step(self, rows: int) -> None:
        """Move the cursor by ``rows``."""
        self._place = None
        self.table.action_step(rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by ``pages``."""
        self._place = None
        self.table.action_page(pages)

    def on_record_table_moved(self) -> None:
        self.show_status()

    def on_record_table_opened(self) -> None:
        self.action_pick()

    def action_pick(self) -> None:
        """Close with the command of the row under the cursor; if it is disabled, show the reason."""
        target = self.table.record
        if target is None:
            if self._reading:
                self.holds_keys = True
                self.app.hold_key()
            return
        if target.command is None:
            self.flash(f"{target.name}: {target.off}")
        else:
            place = place_of(target.command)
            self.app.last_jump = (self.text, place) if place else None
            self.dismiss(target.command)

    def _columns(self) -> Sequence[Column[Target]]:
        def found(spans: Spans) -> Spans:
            return highlight(spans, self._finder.patterns)

        def name(target: Target, cells: int) -> Spans:
            """Render a name, and what it is: in a column of its own beside short names."""
            text = self.shown(target.name)
            beside = max(16, cells // 4 + GAP)
            if target.command is None:
                off: Spans = ((f"({self.shown(target.off)})", Role.WARNING),)
                text = _shortened(text, cells - GAP - width(off), self.glyphs.ellipsis)
                beside = min(beside, cells - width(off))
                about = (*off, (f"  {self.shown(target.about)}", Role.MUTED))
                about = about if beside + width(about) <= cells else off
            else:
                about = about_spans(target)
                is_place = target.status is not None or isinstance(target.command, OpenWorkspace | OpenModel)
                if is_place and cell_len(text) + GAP + width(about[:1]) > cells:
                    about = about_spans(target, STATUS_CELLS)[:1]
                    text = _shortened(text, cells - GAP - width(about), self.glyphs.ellipsis)
            gap = max(GAP, beside - cell_len(text))
            self._about_cells = cells - beside
            role = Role.MUTED if target.command is None else Role.BOLD
            return found(((text, role), (" " * gap, Role.PLAIN), *about))

        def about_spans(target: Target, cells: int | None = None) -> Spans:
            text = self.shown(target.about)
            if isinstance(target.command, OpenWorkspace | OpenModel):
                text = f"{self.glyphs.id_open}{text}{self.glyphs.id_close}"
            if target.status is None:
                return ((text, Role.MUTED),)
            return (*status(target.status, self.glyphs, cells), (f"  {text}", Role.MUTED))

        def where(target: Target, _: int) -> Spans:
            if isinstance(target.command, RunAction):
                return ((target.where.partition(" ")[0], Role.ACCENT),)  # help lists its other keys
            return found(((self.shown(target.where), Role.MUTED),))

        return (
            Column("kind", "What", lambda t: t.kind, cell=lambda t, _: ((t.kind, Role.MUTED),), width=9),
            Column("name", "Name", lambda t: t.name, cell=name, width=40, flex=4),
            Column("where", "Key or place", lambda t: t.where, cell=where, width=18, flex=1, max_width=40,
                   cut="middle"),
        )  # fmt: skip


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
    """Return a name cut in its middle to that many cells; it keeps its last word, such as a version's number."""
    head, blank, last = name.rpartition(" ")
    if not head:
        head, last = last, ""
    room = cells - cell_len(blank + last)
    if cell_len(name) <= cells or room <= cell_len(ellipsis):
        return name
    return plain(clip_middle(((head, Role.PLAIN),), room, ellipsis)) + blank + last


def _places(workspace: Workspace, models: Sequence[Model]) -> tuple[list[Target], list[FinderRow]]:
    """Return the rows of a workspace, and the texts by which they are found."""
    targets = places(workspace, models)
    return targets, [target.row for target in targets]
