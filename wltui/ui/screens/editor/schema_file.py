"""Choose a file to read a schema from."""

import os
from collections.abc import Iterable
from functools import partial

from textual.binding import Binding
from textual.widget import Widget

from wltui.config.schema import SchemaError
from wltui.core.home_paths import UnknownHome
from wltui.core.threads import run_in_thread
from wltui.ui.screens.base.path_frame import PathFrame
from wltui.ui.text.shell_path import find_path
from wltui.ui.text.spans import Role, Spans, wrap
from wltui.ui.widgets.pager import Pager

READS = (
    "An Arrow, Feather or Parquet file, of which the schema alone is read; a serialized schema; or a text file with "
    "one in base64. Each may be packed by gzip. The path is on the computer that runs wltui, as you type it or copy it "
    "from a shell; {key} completes it."
)


class SchemaFileScreen(PathFrame[str | None]):
    """Returns the schema in base64, or None."""

    IN_HAND = "leave the editor first; what was typed is kept"

    FOOTER = ("file.read", "path.complete", "frame.back")
    BINDINGS = [
        Binding("enter", "read", "Read it", id="file.read", tooltip="take the schema of this file", priority=True),
        Binding("escape", "back", "Back", id="frame.back", tooltip="back to the form, which stays as it was"),
    ]  # fmt: skip

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    @property
    def crumb(self) -> Spans:
        return ((f"{self._title} from a file", Role.PLAIN),)

    def body(self) -> Iterable[Widget]:
        yield self.path_row()
        reads = READS.format(key=self.key_of("path.complete"))
        pager = Pager(lambda cells: wrap(((reads, Role.MUTED),), cells))
        pager.can_focus = False
        yield pager

    def action_read(self) -> None:
        """Read the schema from the file with the path typed."""
        if text := self.box.text.strip():
            self.start(partial(self._read, text), group="read")

    async def _read(self, text: str) -> None:
        from wltui.config.schema.files import read_schema

        self.notice("Reading the file", role=Role.PLAIN)
        try:
            encoded = await run_in_thread(lambda: read_schema(find_path(text, os.environ)))
            if self.app.screen is self:  # else help is in front; the user may press enter again later
                self.dismiss(encoded)
        except SchemaError as error:
            self.notice(error)
        except UnknownHome as error:
            self.notice(SchemaError(f"{text} can't be read", str(error)))

    def leave(self) -> None:
        """Go back to the form."""
        self.dismiss(None)
