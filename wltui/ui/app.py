"""The Textual app: the stack of screens, the keys that hold everywhere, and the writes, which outlive screens."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.scrollbar import ScrollBar
from textual.worker import Worker, WorkerFailed, WorkerState

from wltui.config_edit import ConfigEdit, Draft
from wltui.errors import WltuiError
from wltui.records import VersionId, WorkspaceId
from wltui.service import Outcome, Saved, Service, open_service
from wltui.settings import Settings

from .glyphs import ASCII, UNICODE
from .screens.frame import Frame
from .spans import Role, visible
from .theme import DARK, DEFAULTS, WholeCells
from .typeahead import TypeAhead


class WltuiApp(TypeAhead):
    """The dashboard of one instance."""

    TITLE = "wltui"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "q,ctrl+q", "quit", "Quit", id="app.quit", tooltip="quit; asks only where something would be lost"
        ),
    ]

    def __init__(
        self,
        settings: Settings,
        *,
        cache_dir: Path | None = None,
        service: Service | None = None,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.glyphs = ASCII if settings.ascii else UNICODE
        self.service = service or open_service(settings, cache_dir)
        self.wait = wait
        self.unsent: dict[VersionId, Draft] = {}
        """Edits that were begun and not sent; they live as long as the program."""
        self.crash: BaseException | None = None
        """The unexpected error that ended the program; not printed yet."""
        self.workspace_names: dict[WorkspaceId, str] = {}
        ScrollBar.renderer = WholeCells
        self.register_theme(DARK)
        if self.theme == "textual-dark":  # neither the user nor NO_COLOR asked for another one
            self.theme = DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return DEFAULTS

    def on_mount(self) -> None:
        from .screens.workspaces import WorkspacesScreen

        self.push_screen(WorkspacesScreen())
        self.run_worker(self._learn_names(), group="names", exit_on_error=False)
        if (workspace := self.settings.workspace) is not None:
            from .screens.models import ModelsScreen

            self.push_screen(ModelsScreen(workspace))

    async def _learn_names(self) -> None:
        """Learn what workspaces are called, for screens that know only their numbers."""
        try:
            async for answer in self.service.workspaces():
                self.workspace_names = {workspace.id: workspace.name for workspace in answer.value}
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

    def flash(self, text: str) -> None:
        """Say something small and passing; never the place for what must not be missed."""
        self.notify(self._shown(text), markup=False, timeout=4)

    def _shown(self, text: str) -> str:
        return visible(text, ascii=self.settings.ascii)

    # Writes

    def save(self, edit: ConfigEdit) -> None:
        """Send an edit's config, once. The editor hears of the outcome, and so does the user if it is gone."""
        self.run_worker(self._save(edit), group="write", exit_on_error=False)

    async def _save(self, edit: ConfigEdit) -> None:
        from .screens.config_editor import ConfigEditor

        editors = [screen for screen in self.screen_stack if isinstance(screen, ConfigEditor)]
        editor = next((editor for editor in editors if editor.version.id == edit.version_id), None)
        try:
            saved = await self.service.save_config(edit)
        except WltuiError as error:
            if editor and editor.is_attached:
                editor.save_failed(error)
            else:
                self.notify(
                    self._shown(str(error)), title="Not saved", severity="error", markup=False, timeout=30
                )
            return
        if saved.outcome is Outcome.TOOK:
            self.unsent.pop(edit.version_id, None)
        shown = editor is not None and editor.is_attached
        if saved.outcome is Outcome.TOOK or not shown:  # else the editor's own notice tells more
            self._tell_outcome(edit, saved)
        if editor and shown:
            editor.save_ended(saved)

    def _tell_outcome(self, edit: ConfigEdit, saved: Saved) -> None:
        title = f"Version {edit.version_id}"
        if saved.outcome is not Outcome.TOOK:
            self.notify(
                f"The save: {saved.outcome.value}.", title=title, severity="warning", markup=False, timeout=10
            )
            return
        number = saved.config.id if saved.config else "?"
        text = f"saved as config {number}. Running deployments keep theirs until they are deployed again."
        if saved.differences:
            kept = ", ".join(change.title for change in saved.differences)
            text = f"saved as config {number}, but the server kept something else for: {self._shown(kept)}"
        self.notify(text, title=title, markup=False, timeout=10,
                    severity="warning" if saved.differences else "information")  # fmt: skip

    @property
    def saving(self) -> bool:
        """Whether a write is under way."""
        return any(worker.group == "write" and not worker.is_finished for worker in self.workers)

    # Leaving

    async def action_quit(self) -> None:
        """Quit, but not over a save that is under way or an edit that was not sent."""
        from .screens.confirm import ConfirmScreen

        if isinstance(self.screen, ConfirmScreen):
            return
        if self.saving:
            lines = [(("A save is under way; its outcome is not known yet.", Role.PLAIN),)]
            question = ConfirmScreen("Quit?", lines, keep="Wait for it", go="Quit without knowing")
        elif self.unsent:
            versions = ", ".join(str(number) for number in self.unsent)
            lines = [((f"There are unsent edits, of version {versions}. Quitting loses them.", Role.PLAIN),)]
            question = ConfirmScreen("Quit?", lines, keep="Stay", go="Quit and lose them")
        else:
            self.exit()
            return
        self.push_screen(question, lambda go: self.exit() if go else None)

    async def on_unmount(self) -> None:
        await self.service.close()

    def _handle_exception(self, error: Exception) -> None:
        """Keep what nobody expected for the crash report; Textual's own would print every local variable."""
        super()._handle_exception(error)
        self._exit_renderables.clear()
        self.crash = self.crash or (error.error if isinstance(error, WorkerFailed) else error)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A defect in a worker is a crash, not silence."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            raise event.worker.error
