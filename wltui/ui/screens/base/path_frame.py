"""A screen that asks for a file: a text box for its path, completed by tab."""

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TypeVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget

from wltui.core.home_paths import UnknownHome
from wltui.core.threads import run_in_thread
from wltui.ui.text.shell_path import completions
from wltui.ui.text.spans import Role
from wltui.ui.widgets.line import Line
from wltui.ui.widgets.text_field import TextField

from .frame import Frame

T = TypeVar("T")


class PathFrame(Frame[T]):
    """A frame with a :class:`TextField` for a path, as people type it or copy it from a shell."""

    CSS_PATH = str(Path(__file__).with_name("path_frame.tcss"))  # a bare name is resolved beside the subclass
    BINDINGS = [
        Binding(
            "tab", "complete", "Complete", id="path.complete", tooltip="complete the path", priority=True
        ),
    ]

    @property
    def box(self) -> TextField:
        """The text box for the path."""
        return self.query_one("#main", TextField)

    def path_row(self) -> Widget:
        """Return the text box with its label."""
        return asked("Path", TextField(one_line=True, ascii=self.glyphs.is_ascii, id="main"))

    def action_complete(self) -> None:
        """Complete the path as far as all files agree, and show the ways to continue it."""
        if self.box.has_focus:
            self.start(partial(self._complete, self.box.text), group="complete")
        else:
            self.box.focus()

    async def _complete(self, text: str) -> None:
        try:
            found = await run_in_thread(completions, text, os.environ)
        except (OSError, UnknownHome, ValueError):
            found = []
        if text != self.box.text:
            return  # the user has typed on
        if not found:
            self.flash("No file there begins with this.")
            return
        same = os.path.commonprefix(found)  # noqa: RUF071  a prefix in letters is meant
        if not text.startswith(same):
            self.box.type_anew(same)
            self.box.move_cursor(self.box.document.end)
        if len(found) > 1:
            self.flash("  ".join(names(found)))


def asked(label: str, widget: Widget) -> Widget:
    """Return a widget to the right of its label, on one line."""
    line = Line()
    line.show(((label, Role.ACCENT),))
    return Horizontal(line, widget, classes="asked")


def names(paths: Iterable[str]) -> Iterable[str]:
    """Yield the last part of each path; folders end with a slash."""
    return (Path(path).name + ("/" if path.endswith("/") else "") for path in paths)
