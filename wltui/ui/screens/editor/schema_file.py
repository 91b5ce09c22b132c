"""Choose a file to read a schema from."""

import os
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget

from wltui.config.schema import SchemaError
from wltui.core.threads import run_in_thread
from wltui.ui.screens.base.frame import Frame
from wltui.ui.text.shell_path import find_path, from_shell
from wltui.ui.text.spans import Role, Spans, visible, wrap
from wltui.ui.widgets.line import Line
from wltui.ui.widgets.pager import Pager
from wltui.ui.widgets.text_field import TextField

READS = (
    "An Arrow, Feather or Parquet file, of which the schema alone is read; a serialized schema; or a text file with "
    "one in base64. Each may be packed by gzip. The path is on the computer that runs wltui, as you type it or copy it "
    "from a shell; tab completes it."
)


class SchemaFileScreen(Frame[str | None]):
    """Returns the schema in base64, or None."""

    IN_HAND = "leave the editor first; what was typed is kept"

    FOOTER = ("file.read", "file.complete", "frame.back")
    CSS = """
    SchemaFileScreen #asked { height: 1; margin: 1 1; }
    SchemaFileScreen #asked > Line { width: 7; }
    """
    BINDINGS = [
        Binding("enter", "read", "Read it", id="file.read", tooltip="take the schema of this file", priority=True),
        Binding("tab", "complete", "Complete", id="file.complete", tooltip="complete the path", priority=True),
        Binding("escape", "back", "Back", id="frame.back", tooltip="back to the form, which stays as it was"),
    ]  # fmt: skip

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    @property
    def crumb(self) -> Spans:
        return ((f"{self._title} from a file", Role.PLAIN),)

    @property
    def box(self) -> TextField:
        """The text box for the path."""
        return self.query_one(TextField)

    def body(self) -> Iterable[Widget]:
        label = Line()
        label.show((("Path", Role.ACCENT),))
        yield Horizontal(label, TextField(one_line=True, id="main"), id="asked")
        pager = Pager(lambda cells: wrap(((READS, Role.MUTED),), cells))
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
        except RuntimeError as error:  # from expanduser: ~name of an unknown user
            self.notice(SchemaError(f"{text} can't be read", str(error)))

    def action_complete(self) -> None:
        """Complete the path as far as all files agree, and show the ways to continue it."""
        self.start(partial(self._complete, self.box.text), group="complete")

    async def _complete(self, text: str) -> None:
        try:
            found = await run_in_thread(completions, text, os.environ)
        except (OSError, RuntimeError, ValueError):
            found = []
        if text != self.box.text:
            return  # the user has typed on
        if not found:
            self.flash("Nothing there begins so that could be typed.")
            return
        same = os.path.commonprefix(found)  # noqa: RUF071  a prefix in letters is meant
        if not text.startswith(same):
            self.box.type_anew(same)
            self.box.move_cursor(self.box.document.end)
        if len(found) > 1:
            names = "  ".join(Path(path).name + ("/" if path.endswith("/") else "") for path in found)
            self.flash(names)

    def action_back(self) -> None:
        """Go back to the form."""
        self.dismiss(None)


def completions(text: str, environ: Mapping[str, str]) -> list[str]:
    """Return the paths that begin with a text, sorted; folders end with a slash.

    If there are none, the text is unquoted as by a shell. Hidden files are included if their first dot is typed.
    Names with characters that a terminal can't show are left out.
    """
    return _beginning(text) or _beginning(from_shell(text, environ))


def _beginning(text: str) -> list[str]:
    folder, slash, begin = text.rpartition("/")
    place = Path(folder + slash or ".").expanduser()
    if not place.is_dir():
        return []
    return sorted(
        f"{folder}{slash}{entry.name}{'/' if entry.is_dir() else ''}"
        for entry in place.iterdir()
        if entry.name.startswith(begin)
        and visible(entry.name) == entry.name
        and (begin.startswith(".") or not entry.name.startswith("."))
    )
