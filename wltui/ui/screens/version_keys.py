"""What can be done with a version, in the list of versions and on its own screen alike."""

from textual.binding import Binding

from wltui.records import ModelVersion

from .frame import Frame


class VersionKeys(Frame[None]):
    """A frame that has a version: edit its config, read its upload logs."""

    BINDINGS = [
        Binding("e", "edit", "Edit config", id="version.edit", tooltip="edit the config of this version"),
        Binding("L", "logs", "Logs", id="version.logs", tooltip="the upload logs of this version"),
    ]

    @property
    def version(self) -> ModelVersion | None:
        """The version that the keys are about."""
        raise NotImplementedError

    def why_off(self, action: str) -> str:
        if action == "edit" and self.app.settings.read_only:
            return "this session is read-only"
        if action == "edit" and self.app.settings.offline:
            return "offline: an edit begins from the newest config, read live"
        if self.version is None and action in ("edit", "logs"):
            return "no version is under the cursor"
        if self.version is not None and action == "edit" and self.version.id in self.app.being_saved:
            return "its config is being saved"
        return super().why_off(action)

    def action_edit(self) -> None:
        """Edit the version's config."""
        from .config_editor import ConfigEditor

        if self.version is not None:
            self.app.push_screen(ConfigEditor(self.version))

    def action_logs(self) -> None:
        """Read the version's upload logs."""
        from .text import LogsScreen

        if self.version is not None:
            self.app.push_screen(LogsScreen(self.version))
