"""The key that writes what is on screen to a file."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from textual.binding import Binding

from wltui.ui.actions import hidden_if
from wltui.ui.text.spans import Role

from .copying import has_open_menu
from .frame import Frame

if TYPE_CHECKING:
    from wltui.service.file_content import FileContent
    from wltui.service.tables import Table

T = TypeVar("T")
MakeTable = Callable[[], "Table[Any]"]
"""Makes a table of records that are fixed; it may be called in a thread."""


def has_no_file(screen: "FileKeys[object]") -> bool:
    """Return whether nothing of this screen is worth a file."""
    return not screen.HAS_FILE


class FileKeys(Frame[T]):
    """A frame whose table or text can be written to a file. A subclass returns it from :meth:`file_content`."""

    HAS_FILE = True
    """Whether the key is bound."""
    BINDINGS = [
        Binding("o", "write_file", "To file", id="file.write",
                tooltip="write the table as filtered and sorted, or what is shown, to a file"),
    ]  # fmt: skip

    def file_content(self) -> "FileContent | None":
        """Return what a file would hold, or None if nothing has been read yet."""
        return None

    @hidden_if(has_no_file, has_open_menu)
    def action_write_file(self) -> None:
        """Ask for a file, and write to it."""
        from wltui.ui.screens.write_file import WriteFileScreen

        def written(text: str | None) -> None:
            if text:
                self.flash(text, Role.SUCCESS)

        if (content := self.file_content()) is None:
            self.flash("Nothing has been read yet.")
        else:
            self.app.push_screen(WriteFileScreen(content), written)
