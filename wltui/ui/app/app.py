"""The Textual app: the stack of screens, and the keys that work everywhere."""

import asyncio
import random
import threading
from collections.abc import Awaitable, Callable, Set
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual.binding import Binding, BindingType
from textual.events import Event, Key
from textual.scrollbar import ScrollBar
from textual.worker import Worker, WorkerFailed, WorkerState

from wltui.core.errors import WltuiError
from wltui.core.records import VersionId, WorkspaceId
from wltui.core.threads import run_in_thread
from wltui.lifecycle.start import Start
from wltui.ui.actions import disabled_if
from wltui.ui.instances import Instances
from wltui.ui.key_names import KeyNames, whole_keymap
from wltui.ui.screens.base.frame import Frame
from wltui.ui.terminal.driver import LeanDriver
from wltui.ui.text.glyphs import ASCII, UNICODE
from wltui.ui.theme import WholeCells

from .session import Opener
from .theming import ThemingApp

if TYPE_CHECKING:
    from wltui.ui.palette_targets import Command
    from wltui.ui.upload_entry import Upload


MOUNTING = 0.01
"""Seconds after which an exit checks again whether all screens are mounted."""


def find_in_hand(app: "WltuiApp") -> str:
    """Return why no list may cover the screens that are open, or an empty string if one may."""
    frames = (screen for screen in reversed(app.screen_stack) if isinstance(screen, Frame))
    return next((frame.IN_HAND for frame in frames if frame.IN_HAND), "")


class WltuiApp(ThemingApp):
    """The dashboard of one instance."""

    TITLE = "wltui"
    CSS_PATH = Frame.CSS_PATH  # that of every screen: loaded later, all styles would be parsed again
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+q", "quit", "Quit", id="app.quit", tooltip="quit; asks first if something would be lost"
        ),
        Binding(
            "ctrl+p,colon",
            "palette",
            "Palette",
            id="app.palette",
            tooltip="do or find anything: actions, workspaces, models, versions, unsent edits",
        ),
        Binding(
            "exclamation_mark",
            "fleet(True)",
            "Problems",
            id="app.problems",
            tooltip="every version of the instance that needs attention, and why",
        ),
        Binding(
            "0", "fleet(False)", "All versions", id="app.versions", tooltip="every version of the instance"
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
            tooltip="suspend; fg in the shell resumes",
        ),
        Binding(
            "U",
            "uploads",
            "Uploads",
            False,
            id="app.uploads",
            tooltip="the uploads of this session: how far they are, and what became of them",
        ),
        Binding("p", "pause", "Pause", id="app.pause", tooltip="pause or resume automatic refresh"),
    ]

    def __init__(
        self,
        start: Start,
        opener: Opener,
        *,
        state_dir: Path | None = None,
        instances: Instances | None = None,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """
        Args:
            start: The session to begin with.
            opener: Opens the service of a session.
            state_dir: The folder of the sign-ins, and of the user's choices; None keeps neither.
            instances: The instances that the user can switch to; None if there is no other one.
            wait: Waits for a number of seconds.
            jitter: Returns a number from 0 to 1 for each pause after a failure.
        """
        super().__init__(start, opener, state_dir, instances)
        self.glyphs = ASCII if start.settings.ascii else UNICODE
        self.key_names = KeyNames(start.settings.keys, ascii=start.settings.ascii)
        # They are of the user, not of the instance: another session keeps them.
        self.set_keymap(whole_keymap(start.settings.keys))
        self.wait, self.jitter = wait, jitter
        self.crash: BaseException | None = None
        """The unexpected error that ended the program; not printed yet."""
        self.workspace_names: dict[WorkspaceId, str] = {}
        ScrollBar.renderer = WholeCells

    @property
    def takes_mouse(self) -> bool:
        """Whether it takes the mouse from the terminal."""
        return self.settings.mouse

    def on_mount(self) -> None:
        self.begin()

    def begin(self) -> None:
        from wltui.ui.screens.workspaces import WorkspacesScreen

        super().begin()
        self.saves.drafted.clear()
        self.uploads.forget()
        self.workspace_names = {}
        self.last_jump = None
        self.push_screen(WorkspacesScreen())
        self.run_worker(self._learn_drafts(), group="drafts", exclusive=True, exit_on_error=False)
        if (workspace := self.settings.workspace) is not None:
            from wltui.ui.screens.models import ModelsScreen

            # Without a workspace the list in front shows the names; a second request would fetch them twice.
            self.run_worker(self._learn_names(), group="names", exclusive=True, exit_on_error=False)
            self.push_screen(ModelsScreen(workspace))

    def read_anew(self) -> None:
        if not self.workspace_names:
            self.run_worker(self._learn_names(), group="names", exit_on_error=False)
        if isinstance(self.screen, Frame):
            self.screen.read_anew()

    async def _learn_drafts(self) -> None:
        """Mark the versions that have unsent edits, those of former sessions included."""
        await self.saves.find_drafts()
        if self.saves.drafted:
            self.redraw()
        await self.wait_until_painted()
        await self.uploads.find_unsettled()

    async def _learn_names(self) -> None:
        """Fetch the names of the workspaces, for screens that know only their ids."""
        try:
            async for answer in self.service.workspaces():
                self.workspace_names = {workspace.id: workspace.name for workspace in answer.value}
                if not answer.live:
                    await self.wait_until_painted()
        except WltuiError:
            return  # the screen in front shows the error
        if isinstance(self.screen, Frame):
            self.screen.redraw()

    def workspace_label(self, workspace_id: WorkspaceId | None) -> str:
        """Return a workspace's name and id, the id alone if the name is unknown, or an empty string if both are."""
        if workspace_id is None:
            return ""
        name = self.workspace_names.get(workspace_id)
        return f"{name} ({workspace_id})" if name else str(workspace_id)

    def action_repaint(self) -> None:
        """Draw the whole screen again."""
        if isinstance(self._driver, LeanDriver):
            self._driver.repaint()
        else:
            self.refresh(layout=True)

    def action_suspend_process(self) -> None:
        """Suspend the program with its job, if there is a shell that can continue it."""
        if isinstance(self._driver, LeanDriver) and self._driver.can_stop:
            self._driver.stop()
        else:
            self.flash("No shell to go back to: wltui was not started from one.")

    def show_help(self) -> None:
        from wltui.ui.screens.help import HelpScreen

        if isinstance(self.screen, Frame):
            self.push_screen(HelpScreen(self.screen))

    # Navigation

    def action_palette(self) -> None:
        """Open the palette: every action, and every place to go to."""
        from wltui.ui.screens.palette import PaletteScreen

        if isinstance(self.screen, Frame) and not isinstance(self.screen, PaletteScreen):
            self.push_screen(PaletteScreen(self.screen), self._obey)

    @disabled_if(find_in_hand)
    async def action_fleet(self, problems: bool) -> None:
        """Show the problems of the instance, or all its versions: go back to that screen if it is open."""
        from .navigation import show_fleet

        if isinstance(self.screen, Frame):
            await show_fleet(self, problems=problems)

    @disabled_if(find_in_hand)
    async def action_uploads(self) -> None:
        """Show the uploads of the session: go back to that screen if it is open."""
        if isinstance(self.screen, Frame):
            await self.show_uploads()

    async def show_uploads(self, upload: "Upload | None" = None) -> None:
        from .navigation import show_uploads

        await show_uploads(self, upload)

    async def _obey(self, command: "Command | None") -> None:
        from .navigation import obey  # which imports screens that a start does not need

        if command is not None:
            await obey(self, command)

    def flush(self) -> None:
        """Write unsent edits to disk; may be called from any thread."""
        self.service.drafts.flush()

    # Leaving

    @property
    def _goes_with_the_program(self) -> str:
        """Why unsent edits on disk are lost when the program ends; empty if they stay."""
        return "" if self.settings.lasting else "The demo keeps nothing when it ends."

    async def action_quit(self) -> None:
        """Quit, but ask first if a save is under way or an edit would be lost."""
        await self._quit(frozenset())

    async def _quit(
        self, given_up: Set[VersionId], *, has_asked: bool = False, has_ended: bool = False
    ) -> None:
        """Quit, or ask the next question; the outcome of the saves in ``given_up`` is not waited for.

        With ``has_ended`` it asks in any case: the question before held no longer, and its answer may be on the way.
        """
        from wltui.ui.screens.confirm import QuitScreen

        from .quitting import quit_question  # which imports what a start does not need

        if any(isinstance(screen, QuitScreen) for screen in self.screen_stack):
            return
        if self.saves.drafted and not self.service.drafts.unwritten:
            await run_in_thread(self.flush)  # the last letters may be on their way to a slow disk
        begun = self.saves.begun
        is_about_saves = bool(begun - given_up or self.saves.waiting)
        trouble = self.service.drafts.unwritten or self._goes_with_the_program
        question = quit_question(
            self.saves, self.uploads, self.glyphs, given_up, trouble=trouble, has_ended=has_ended
        )
        if question is None:
            if not has_asked:  # else the question is still on the terminal
                self.keep_picture()
            self.exit()
            return

        async def answered(go: bool | None) -> None:
            if go is None:
                await self._quit(given_up, has_ended=True)
            elif go and is_about_saves:  # one may have been sent, and an upload may be under way too
                if not begun - given_up:
                    self.saves.give_up_waiting()
                await self._quit(given_up | begun, has_asked=True)
            elif go:
                self.exit()

        self.push_screen(question, answered)

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """End the program as soon as every screen is mounted; may be called from any thread.

        A screen that is closed before would look for widgets that it does not have yet.
        """
        ending = partial(super().exit, result, return_code, message)
        if threading.current_thread() is not threading.main_thread():
            self.call_later(self._end, ending)
        else:
            self._end(ending)

    def _end(self, ending: Callable[[], None]) -> None:
        """Call ``ending`` as soon as every screen is mounted. A save that waits for another wltui is given up."""
        self.saves.give_up_waiting()  # or it would begin while the screens close
        if all(screen.is_mounted for screen in self.screen_stack):
            ending()
        else:
            self.set_timer(MOUNTING, partial(self._end, ending))

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Key) and not event.is_forwarded:
            self.service.visit.on_key()
            if not (isinstance(self.screen, Frame) and self.screen.too_small):  # which hides them
                self.messages.on_key(event.key, event.time)
            if self.garbage:
                self.garbage.on_key()
        at_once = (*self.key_names.keys("app.suspend"), "ctrl+q")
        if isinstance(event, Key) and not event.is_forwarded and event.key not in at_once:
            screen = self.screen
            if isinstance(screen, Frame) and screen.too_small:
                self.keys_served += 1  # its effect would be hidden
                return
        await super().on_event(event)

    def _handle_exception(self, error: Exception) -> None:
        """Keep an unexpected error for the crash report; Textual's own report would print every local variable."""
        super()._handle_exception(error)
        self._exit_renderables.clear()
        self.crash = self.crash or (error.error if isinstance(error, WorkerFailed) else error)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Raise the error of a failed worker: a defect ends the program and is not passed over in silence."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            raise event.worker.error
