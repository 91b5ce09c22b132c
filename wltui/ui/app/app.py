"""The Textual app: the stack of screens, the keys that hold everywhere, and the writes, which outlive screens."""

import asyncio
import random
import threading
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from rich.console import RenderableType
from textual import constants
from textual.binding import Binding, BindingType
from textual.events import Event, Key
from textual.scrollbar import ScrollBar
from textual.widgets import Input
from textual.worker import Worker, WorkerFailed, WorkerState

from wltui.core.errors import WltuiError
from wltui.core.records import ModelId, ModelVersion, Outcome, Phase, VersionId, WorkspaceId, phase
from wltui.core.settings import Settings
from wltui.core.threads import run_in_thread
from wltui.lifecycle.first_picture import FirstPicture
from wltui.service.open import open_service
from wltui.store.save_history import SaveRecord
from wltui.ui.instances import Instances
from wltui.ui.recovered_texts import recover_texts
from wltui.ui.screens.base.frame import Frame
from wltui.ui.screens.base.live import LiveScreen
from wltui.ui.terminal.driver import LeanDriver
from wltui.ui.text.format import day_time
from wltui.ui.text.glyphs import ASCII, UNICODE
from wltui.ui.text.paragraphs import TOAST_LINES, paragraphs
from wltui.ui.text.spans import Role, visible
from wltui.ui.theme import DARK, DEFAULTS, TERMINAL, WholeCells

from .session import Opener, SessionApp

if TYPE_CHECKING:
    from wltui.config.edit import ConfigEdit, Draft
    from wltui.service.save_outcome import Saved
    from wltui.ui.palette_targets import Command
    from wltui.ui.screens.editor.editor import ConfigEditor


MOUNTING = 0.01
"""Seconds after which ending looks again whether all screens are mounted."""
AWAY_SECONDS = 60.0
"""How long a screen waits with its next read while nobody looks, besides its usual pause."""
ARRIVALS_NAMED = 3
"""Versions that one message names; a fleet that becomes ready at once is not worth a screen of toasts."""


class WltuiApp(SessionApp):
    """The dashboard of one instance."""

    TITLE = "wltui"
    CSS_PATH = Frame.CSS_PATH  # of every screen: read once more it would be parsed with all else again
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "q,ctrl+q", "quit", "Quit", id="app.quit", tooltip="quit; asks only where something would be lost"
        ),
        Binding(
            "ctrl+p,colon",
            "palette",
            "Palette",
            id="app.palette",
            tooltip="do or find anything: actions, workspaces, models, versions, unsent edits",
        ),
        Binding(
            "ctrl+l",
            "repaint",
            "Repaint",
            False,
            id="app.repaint",
            tooltip="draw the screen anew, if something else has written on it",
        ),
        Binding(
            "ctrl+z",
            "suspend_process",
            "Suspend",
            False,
            id="app.suspend",
            tooltip="stop, and go back to the shell; its fg continues",
        ),
        Binding("p", "pause", "Pause", id="app.pause", tooltip="read nothing by itself, or do so again"),
    ]

    def __init__(
        self,
        settings: Settings,
        *,
        cache_dir: Path | None = None,
        state_dir: Path | None = None,
        opener: Opener | None = None,
        instances: Instances | None = None,
        first: FirstPicture | None = None,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """
        Args:
            settings: The session to begin with.
            cache_dir: Where answers are kept.
            state_dir: Where unsent edits, the history and sign-ins are.
            opener: Opens the service in place of :func:`~wltui.service.open.open_service`, in the same folders.
            instances: Where one can go from here; None where one stays.
            first: What is on the terminal already, and what the next start finds there.
            wait: Lets seconds pass.
            jitter: A number from 0 to 1 for each pause after a failure.
        """
        opener = opener or (lambda settings: open_service(settings, cache_dir, state_dir))
        super().__init__(settings, opener, state_dir, instances, first)
        self.glyphs = ASCII if settings.ascii else UNICODE
        self.wait, self.jitter = wait, jitter
        self.being_saved: set[VersionId] = set()
        self.paused = False
        self.watching = asyncio.Event()
        """Set while somebody looks and has not paused."""
        self.watching.set()
        self.crash: BaseException | None = None
        """The unexpected error that ended the program; not printed yet."""
        self.workspace_names: dict[WorkspaceId, str] = {}
        ScrollBar.renderer = WholeCells
        for theme in (DARK, TERMINAL):
            self.register_theme(theme)
        if self.theme == "textual-dark":  # neither the user nor NO_COLOR asked for another one
            self.theme = (TERMINAL if constants.COLOR_SYSTEM == "standard" else DARK).name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return DEFAULTS

    def on_mount(self) -> None:
        self.begin()

    def begin(self) -> None:
        from wltui.ui.screens.workspaces import WorkspacesScreen

        self.drafted.clear()
        self.workspace_names = {}
        self.push_screen(WorkspacesScreen())
        self.run_worker(self._learn_drafts(), group="drafts", exclusive=True, exit_on_error=False)
        if (workspace := self.settings.workspace) is not None:
            from wltui.ui.screens.models import ModelsScreen

            # Otherwise the list in front tells them, and would be asked for twice.
            self.run_worker(self._learn_names(), group="names", exclusive=True, exit_on_error=False)
            self.push_screen(ModelsScreen(workspace))

    def read_anew(self) -> None:
        if not self.workspace_names:
            self.run_worker(self._learn_names(), group="names", exit_on_error=False)
        if isinstance(self.screen, Frame):
            self.screen.read_anew()

    def busy_reason(self) -> str:
        if self.being_saved:
            return "a save is under way; its outcome is not known yet"
        return self.service.drafts.unwritten or "" if self.drafted else ""

    async def _learn_drafts(self) -> None:
        """Learn of which versions there are unsent edits, of former sessions too."""
        await run_in_thread(recover_texts, self.service.drafts)
        kept = await run_in_thread(self.service.drafts.all)
        self.drafted |= {draft.version.id for draft in kept if not draft.elsewhere}
        if self.drafted:
            self.redraw()

    async def _learn_names(self) -> None:
        """Learn what workspaces are called, for screens that know only their numbers."""
        try:
            async for answer in self.service.workspaces():
                self.workspace_names = {workspace.id: workspace.name for workspace in answer.value}
                if not answer.live:
                    await self.painted()
        except WltuiError:
            return  # the screen in front tells what is wrong
        if isinstance(self.screen, Frame):
            self.screen.redraw()

    def workspace_label(self, workspace_id: WorkspaceId | None) -> str:
        """A workspace's name and number, as far as they are known."""
        if workspace_id is None:
            return ""
        name = self.workspace_names.get(workspace_id)
        return f"{name} ({workspace_id})" if name else str(workspace_id)

    def action_repaint(self) -> None:
        """Draw the whole screen anew."""
        if isinstance(self._driver, LeanDriver):
            self._driver.repaint()
        else:
            self.refresh(layout=True)

    @property
    def quit_key(self) -> str:
        """The key that quits here: q is a letter in a text, and leaves screens that are no list."""
        screen = self.screen
        q_quits = isinstance(screen, Frame) and screen.Q_QUITS and not isinstance(self.focused, Input)
        return "q" if q_quits else "ctrl+q"

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a text; with nothing selected the clipboard stays as it is, since ctrl+c may have meant to quit."""
        if text:
            super().copy_to_clipboard(text)
        else:
            self.action_help_quit()

    def action_help_quit(self) -> None:
        """Answer ctrl+c, which ends other programs."""
        self.flash(f"Press {self.quit_key} to quit.")

    def action_suspend_process(self) -> None:
        """Stop the program with its job, if there is a shell that can continue it."""
        if isinstance(self._driver, LeanDriver) and self._driver.can_stop:
            self._driver.stop()
        else:
            self.flash("No shell to go back to: wltui was not started from one.")

    def show_help(self) -> None:
        from wltui.ui.screens.help import HelpScreen

        if isinstance(self.screen, Frame):
            self.push_screen(HelpScreen(self.screen))

    # Going anywhere

    def action_palette(self) -> None:
        """Choose from everything that can be done, and everywhere one can go."""
        from wltui.ui.screens.palette import PaletteScreen

        if isinstance(self.screen, Frame) and not isinstance(self.screen, PaletteScreen):
            self.push_screen(PaletteScreen(self.screen), self._obey)

    async def _obey(self, command: "Command | None") -> None:
        from wltui.ui.palette_targets import (
            OpenDraft,
            OpenModel,
            OpenVersion,
            OpenWorkspace,
            RunAction,
            SwitchProfile,
        )
        from wltui.ui.screens.base.version_actions import VersionKeys

        match command:
            case RunAction(action, node):
                await self.run_action(action, node)
            case SwitchProfile(instance):
                self.switch_to(instance)
            case OpenWorkspace(workspace_id):
                await self._go_to(workspace_id)
            case OpenModel(workspace_id, model_id, name):
                await self._go_to(workspace_id, model_id, name)
            case OpenVersion(version):
                await self._go_to(version.workspace_id, version.model_id, version.model_name, version)
            case OpenDraft(version):
                await self._go_to(version.workspace_id, version.model_id, version.model_name, version)
                if isinstance(self.screen, VersionKeys):
                    await self.screen.run_action("edit")

    async def _go_to(
        self,
        workspace_id: WorkspaceId | None,
        model_id: ModelId | None = None,
        model_name: str = "",
        version: ModelVersion | None = None,
    ) -> None:
        """Leave where one is, and go down from the first screen, so that esc leads up."""
        from wltui.ui.screens.models import ModelsScreen
        from wltui.ui.screens.version import VersionScreen
        from wltui.ui.screens.versions import VersionsScreen

        while len(self.screen_stack) > 2:  # the app's own empty screen lies below the first
            await self.pop_screen()
        if workspace_id is not None:
            await self.push_screen(ModelsScreen(workspace_id))
        if workspace_id is not None and model_id is not None:
            await self.push_screen(VersionsScreen(workspace_id, model_id, model_name))
        if version is not None:
            await self.push_screen(VersionScreen(version))

    # What is read by itself

    def action_pause(self) -> None:
        """Read nothing by itself, or do so again, at once."""
        self.paused = not self.paused
        self._watch()
        if isinstance(self.screen, LiveScreen) and not self.paused:
            self.screen.read()
        if isinstance(self.screen, Frame):
            self.screen.redraw()

    def show_arrivals(self, versions: Sequence[ModelVersion]) -> None:
        """Tell of versions that became ready or failed while somebody watched: by toast, bell and the desktop."""
        names = ", ".join(
            f"{v.model_name or 'version'} {v.id} is {v.status}" for v in versions[:ARRIVALS_NAMED]
        )
        more = f" and {len(versions) - ARRIVALS_NAMED} more" if len(versions) > ARRIVALS_NAMED else ""
        text = visible(names + more, ascii=self.glyphs is ASCII)
        failed = any(phase(version.status) is Phase.ERROR for version in versions)
        if self.settings.toasts:
            self.notify(text, severity="error" if failed else "information", markup=False, timeout=10)
        if self.settings.bell:
            self.bell()
        if self.settings.notify and self._driver is not None:
            plain = visible(names + more, ascii=True).replace(";", ",")  # a semicolon would end the field
            self._driver.write(f"\x1b]9;{plain}\x07\x1b]777;notify;wltui;{plain}\x07")

    def watch_app_focus(self, _: bool) -> None:
        """Follow the terminal's focus, if it reports it."""
        self._watch()
        self.call_later(self.redraw)

    @property
    def wants_news(self) -> bool:
        """Whether somebody who does not look wants to hear of versions that become ready or fail."""
        return self.settings.bell or self.settings.notify

    async def watched(self) -> None:
        """Wait until somebody looks; if news are wanted meanwhile, not for longer than ``AWAY_SECONDS``."""
        if self.watching.is_set() or self.paused or not self.wants_news:
            await self.watching.wait()
            return
        turns = [asyncio.ensure_future(self.watching.wait()), asyncio.ensure_future(self.wait(AWAY_SECONDS))]
        try:
            await asyncio.wait(turns, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for turn in turns:
                turn.cancel()

    def _watch(self) -> None:
        if self.app_focus and not self.paused:
            self.watching.set()
        else:
            self.watching.clear()

    # Writes

    def keep_draft(self, version: ModelVersion, draft: "Draft") -> None:
        """Keep an edit that was not sent: over esc, quit, and the end of the terminal."""
        self.service.drafts.keep(version, draft)
        (self.drafted.discard if draft.is_empty else self.drafted.add)(version.id)

    def flush(self) -> None:
        """Put unsent edits on disk; called from any thread."""
        self.service.drafts.flush()

    def forget_draft(self, version_id: VersionId) -> None:
        """The edit was sent or thrown away."""
        self.service.drafts.forget(version_id)
        self.drafted.discard(version_id)

    def save(self, version: ModelVersion, edit: "ConfigEdit", *, unrecorded: bool = False) -> None:
        """Send an edit's config, once. The editor hears of the outcome, or the user if it is gone."""
        self.being_saved.add(version.id)
        self.run_worker(self._save(version, edit, unrecorded), group="write", exit_on_error=False)

    async def _save(self, version: ModelVersion, edit: "ConfigEdit", unrecorded: bool) -> None:
        try:
            saved = await self.service.save_config(version, edit, unrecorded=unrecorded)
        except WltuiError as error:
            self.being_saved.discard(version.id)
            if editor := self._editor(version.id):
                editor.save_failed(edit, error)
            else:
                self._toast(version.id, f"Not saved; your edit is kept. {error}", "error")
            self.screen.refresh_bindings()
            return
        self.being_saved.discard(version.id)
        self._ended(version, edit, saved)

    async def look_again(self, version: ModelVersion, edit: "ConfigEdit", saved: "Saved") -> None:
        """Look once more what became of a save; nothing is sent."""
        self._ended(version, edit, await self.service.look_again(saved))

    def _ended(self, version: ModelVersion, edit: "ConfigEdit", saved: "Saved") -> None:
        took = saved.outcome is Outcome.SAVED
        if took:
            self.forget_draft(version.id)
        editor = self._editor(version.id)
        if took or editor is None:
            text, severity = _save_words(saved)
            name = "" if took else "Your save "
            self._toast(version.id, f"{name}{text}", severity)
        if editor is not None:
            editor.save_ended(edit, saved)
        self.screen.refresh_bindings()

    def show_settled(self, entry: SaveRecord, saved: "Saved") -> None:
        """Show what became of a save whose outcome was not known."""
        text, severity = _save_words(saved)
        was = "was " if saved.outcome is Outcome.SAVED else ""
        self._toast(entry.version_id, f"Your save of {day_time(entry.at.isoformat())} {was}{text}", severity)

    def _editor(self, version_id: VersionId) -> "ConfigEditor | None":
        from wltui.ui.screens.editor.editor import ConfigEditor

        editors = [screen for screen in self.screen_stack if isinstance(screen, ConfigEditor)]
        return next((editor for editor in editors if editor.version.id == version_id), None)

    def _toast(
        self, version_id: VersionId, text: str, severity: Literal["information", "warning", "error"]
    ) -> None:
        long = severity != "information"
        shown = "\n".join(paragraphs(text, ascii=self.glyphs is ASCII, most=TOAST_LINES))
        self.notify(shown, title=f"Version {version_id}", severity=severity,
                    markup=False, timeout=30 if long else 5)  # fmt: skip

    # Leaving

    @property
    def _goes_with_the_program(self) -> str:
        """Why unsent edits are lost when the program ends though they are on disk; empty if they are not."""
        return "" if self.settings.lasting else "The demo keeps nothing when it ends."

    async def action_quit(self) -> None:
        """Quit, but not over a save that is under way or an edit that would be lost."""
        from wltui.ui.screens.confirm import QuitScreen

        if any(isinstance(screen, QuitScreen) for screen in self.screen_stack):
            return
        if self.being_saved:
            lines = [(("A save is under way; its outcome is not known yet.", Role.PLAIN),)]
            question = QuitScreen("Quit?", lines, keep="Wait for it", go="Quit without knowing")
        elif self.drafted and (trouble := self.service.drafts.unwritten or self._goes_with_the_program):
            versions = ", ".join(map(str, sorted(self.drafted)))
            lines = [
                ((f"There are unsent edits, of version {versions}.", Role.PLAIN),),
                ((self.screen.shown(trouble) if isinstance(self.screen, Frame) else "", Role.WARNING),),
            ]
            question = QuitScreen("Quit?", lines, keep="Stay", go="Quit and lose them")
        else:
            self.keep_picture()
            self.exit()
            return
        self.push_screen(question, lambda go: self.exit() if go else None)

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """End the program, once no screen is being mounted; may be called from any thread.

        A screen that is closed half mounted would look for widgets that it does not have yet.
        """
        ending = partial(super().exit, result, return_code, message)
        if threading.current_thread() is not threading.main_thread():
            self.call_later(self._end, ending)
        else:
            self._end(ending)

    def _end(self, ending: Callable[[], None]) -> None:
        """End as soon as every screen is mounted."""
        if all(screen.is_mounted for screen in self.screen_stack):
            ending()
        else:
            self.set_timer(MOUNTING, partial(self._end, ending))

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Key) and not event.is_forwarded and event.key != "ctrl+q":
            screen = self.screen
            if isinstance(screen, Frame) and screen.too_small:
                self.keys_served += 1  # nobody would see what it does
                return
        await super().on_event(event)

    def _handle_exception(self, error: Exception) -> None:
        """Keep what nobody expected for the crash report; Textual's own would print every local variable."""
        super()._handle_exception(error)
        self._exit_renderables.clear()
        self.crash = self.crash or (error.error if isinstance(error, WorkerFailed) else error)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A defect in a worker is a crash, not silence."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            raise event.worker.error


def _save_words(saved: "Saved") -> tuple[str, Literal["information", "warning"]]:
    from wltui.ui.text.save_words import outcome_words  # which imports what a start does not need

    return outcome_words(saved)
