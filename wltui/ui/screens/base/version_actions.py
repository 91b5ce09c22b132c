"""Actions on a version, both in the list of versions and on the version's own screen."""

from typing import TYPE_CHECKING

from textual.binding import Binding

from wltui.core.records import ModelVersion, Phase, WorkspaceId, phase
from wltui.core.upload_log import missing_log_reason
from wltui.ui.actions import disabled_if
from wltui.ui.widgets.version_pane import VersionPane

from .frame import saving
from .upload_keys import UploadKeys

if TYPE_CHECKING:
    from wltui.ui.screens.editor.history import Reload


def no_version(screen: "VersionKeys") -> str:
    """Return why there is no version to act on, or an empty string if there is one."""
    return "no version is under the cursor" if screen.version is None else ""


def no_log(screen: "VersionKeys") -> str:
    """Return why the version has no upload log, or an empty string if it may have one."""
    version = screen.version
    return missing_log_reason(version) if version is not None else ""


def no_workspace(screen: "VersionKeys") -> str:
    """Return why the pipelines of the version can't be listed, or an empty string if they can."""
    version = screen.version
    return "its workspace is not known" if version is not None and version.workspace_id is None else ""


def not_editable(screen: "VersionKeys") -> str:
    """Return why the version's config can't be edited, or an empty string if it can."""
    app, version = screen.app, screen.version
    if app.settings.read_only:
        return "this session is read-only"
    if version is not None and version.id in app.saves.under_way:
        return "its config is being saved"
    if screen.is_cut_off and version is not None and version.id not in app.saves.drafted:
        return "offline, and an edit needs the newest config"
    return ""


class VersionKeys(UploadKeys[None]):
    """A frame with a version: edit its config, compare it, read its upload logs."""

    BINDINGS = [
        Binding("e", "edit", "Edit config", id="version.edit", tooltip="edit the config of this version"),
        Binding("E", "external", "$EDITOR", id="version.external", tooltip="edit its config in your own editor",
                show=False),
        Binding("H", "history", "History", id="version.history", tooltip="what was saved from here; put a config back"),
        Binding("equals_sign", "compare", "Compare", id="version.compare",
                tooltip="compare two versions: the marked ones, or this one and another"),
        Binding("D", "pipelines", "Pipelines", id="version.pipelines",
                tooltip="where this version runs, and with which config"),
        Binding("L", "logs", "Logs", id="version.logs", tooltip="the upload logs of this version"),
    ]  # fmt: skip

    @property
    def version(self) -> ModelVersion | None:
        """The version that the keys act on; None if there is none."""
        raise NotImplementedError

    @property
    def upload_place(self) -> tuple[WorkspaceId, str] | None:
        version = self.version
        if version is None or version.workspace_id is None:
            return None
        return version.workspace_id, version.model_name

    def make_pane(self, id: str) -> VersionPane:
        """Return an empty pane for a version's detail."""
        app = self.app
        return VersionPane(
            glyphs=app.glyphs,
            clock=app.service.clock,
            workspace_label=app.workspace_label,
            is_unsent=lambda version_id: version_id in app.saves.drafted,
            id=id,
        )

    @disabled_if(no_version, not_editable)
    def action_edit(self) -> None:
        """Edit the version's config."""
        self._edit()

    @disabled_if(no_version, not_editable, saving)
    def action_external(self) -> None:
        """Edit the version's config in the user's own editor."""
        self._edit(external=True)

    @disabled_if(no_version, no_workspace)
    def action_pipelines(self) -> None:
        """Show the pipelines that use the version."""
        from wltui.ui.screens.pipelines import PipelinesScreen

        if (version := self.version) is not None and version.workspace_id is not None:
            self.app.push_screen(
                PipelinesScreen.of_versions(version.workspace_id, f"version {version.id}", [version])
            )

    @disabled_if(no_version)
    def action_history(self) -> None:
        """Show the history of saves, and begin an edit with the config that the user chooses there."""
        from wltui.ui.screens.editor.history import HistoryScreen, Reload

        def chosen(reload: Reload | None) -> None:
            if reload is not None:
                self._edit(reload=reload)

        if self.version is not None:
            self.app.push_screen(HistoryScreen(self.version), chosen)

    def _edit(self, *, reload: "Reload | None" = None, external: bool = False) -> None:
        from wltui.ui.screens.editor.editor import ConfigEditor

        if self.version is not None:
            self.app.push_screen(ConfigEditor(self.version, reload=reload, external=external))

    @disabled_if(no_version)
    def action_compare(self) -> None:
        """Compare the version with another one that the user picks."""
        if self.version is not None:
            self._compare_with_another(self.version)

    def _compare_with_another(self, version: ModelVersion) -> None:
        from wltui.ui.screens.pick_version import PickVersion

        def picked(other: ModelVersion | None) -> None:
            if other is not None:
                self._compare(version, other)

        failed = (
            phase(version.status) is Phase.ERROR
        )  # then what changed since the last good one is the question
        self.app.push_screen(PickVersion(version, "Compare with", ready=failed), picked)

    def _compare(self, one: ModelVersion, other: ModelVersion) -> None:
        """Open the comparison of two versions, the older on the left."""
        from wltui.ui.screens.compare import CompareScreen

        left, right = sorted((one, other), key=lambda version: version.id)
        self.app.push_screen(CompareScreen(left, right))

    @disabled_if(no_version, no_log)
    def action_logs(self) -> None:
        """Read the version's upload logs."""
        from wltui.ui.screens.logs import LogsScreen

        if self.version is not None:
            self.app.push_screen(LogsScreen(self.version))
