"""The key that uploads a file, on every screen that knows a workspace."""

from typing import TypeVar

from textual.binding import Binding

from wltui.core.records import WorkspaceId
from wltui.ui.actions import disabled_if
from wltui.ui.upload_entry import Upload

from .frame import Frame

T = TypeVar("T")


def no_upload(screen: "UploadKeys[object]") -> str:
    """Return why nothing can be uploaded from here, or an empty string if it can."""
    app = screen.app
    if app.settings.read_only:
        return "this session is read-only"
    if screen.is_cut_off:
        return "offline, and an upload needs the instance"
    return "" if screen.upload_place is not None else "no workspace is known here"


class UploadKeys(Frame[T]):
    """A frame from which a file can be uploaded."""

    BINDINGS = [
        Binding("u", "upload", "Upload", id="upload.begin",
                tooltip="upload a model: a file becomes a new version, or the first of a new model"),
    ]  # fmt: skip

    @property
    def upload_place(self) -> tuple[WorkspaceId, str] | None:
        """The workspace that an upload from here goes to, and the model's name, empty if that is open."""
        raise NotImplementedError

    @disabled_if(no_upload)
    def action_upload(self) -> None:
        """Open the form of an upload."""
        from wltui.ui.screens.upload.form import UploadScreen

        async def begun(upload: Upload | None) -> None:
            if upload is not None:
                await self.app.show_uploads(upload)

        if (place := self.upload_place) is not None:
            self.app.push_screen(UploadScreen(*place), begun)
