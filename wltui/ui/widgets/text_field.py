"""A text box for a field, of one line or of several, with undo."""

import re

from rich.text import Text
from textual.binding import Binding
from textual.content import Content
from textual.events import Key, Paste
from textual.widgets import TextArea

from wltui.config.syntax.json_text import escape
from wltui.ui.actions import hidden_if, is_hidden
from wltui.ui.text.spans import visible

from .text_box import make_compact

SHORT = 8
LINE = 40
"""Lines, and letters in each, of a text that is visible as a whole: the cursor starts at its end, in a longer text at
its beginning."""


def has_one_line(field: "TextField") -> bool:
    """Return whether a field has one line, so that there are no lines to swap."""
    return field.one_line


class TextField(TextArea):
    """A text box that is as tall as its text; up and down leave it at its first and last line.

    Control characters in pasted text are made visible. With ``escaped``, for a language with escapes, they are
    escaped, so that the value is the pasted one. A box of one line takes only the first line.

    A box that rests takes no letters, so that keys pressed by accident change nothing; those of the screen work.
    """

    DEFAULT_CSS = """
    TextField { height: auto; min-height: 1; padding: 0; background: $band; }
    TextField { scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; }
    TextField:focus { background: $surface; }
    TextField .text-area--placeholder { color: $text-disabled; }
    TextField:ansi .text-area--placeholder { text-style: dim; }
    TextField.-read-only:focus { background: $cursor-background; color: $cursor-foreground; }
    TextField.-read-only:focus .text-area--placeholder { color: $cursor-foreground; text-style: none; }
    TextField.-read-only:focus .text-area--cursor { background: $cursor-background; color: $cursor-foreground; }
    TextField.-read-only:ansi:focus, TextField.-read-only:nocolor:focus { text-style: reverse; }
    TextField:nocolor .text-area--cursor { text-style: reverse; }
    TextField.-line { height: 1; overflow: hidden hidden; }
    TextField:disabled:can-focus { opacity: 1; color: $text-disabled; background: $surface; }
    """
    BINDINGS = [
        Binding("f8,ctrl+underscore", "undo", "Undo", id="field.undo", tooltip="undo what was typed in this field"),
        Binding("ctrl+y", "redo", "Redo", id="field.redo", tooltip="do again what was undone", show=False),
        Binding("ctrl+z", "app.suspend_process", "Suspend", id="app.suspend", show=False,  # Textual's box undoes by it
                tooltip="suspend; fg in the shell resumes"),
        Binding("ctrl+up", "move_line(-1)", "Line up", id="field.line_up", tooltip="move this line up", show=False),
        Binding("ctrl+down", "move_line(1)", "Line down", id="field.line_down", tooltip="move this line down",
                show=False),
    ]  # fmt: skip

    def __init__(
        self,
        *,
        one_line: bool = False,
        escaped: bool = False,
        ascii: bool = False,
        rests: bool = False,
        id: str | None = None,
    ) -> None:
        """
        Args:
            one_line: Whether it has a single line.
            escaped: Whether control characters are escaped.
            ascii: Whether the terminal can't show other characters; each is shown as a question mark.
            rests: Whether it takes no letters at first.
            id: The widget's id.
        """
        super().__init__(
            soft_wrap=not one_line,
            highlight_cursor_line=False,
            id=id,
            show_cursor=True,
            read_only=rests,
        )
        make_compact(self)
        self.set_class(rests, "-read-only", update=False)  # Textual sets it later only
        self.cursor_blink = False
        self.match_cursor_bracket = False
        self.one_line, self._escaped, self._ascii = one_line, escaped, ascii
        self.set_class(one_line, "-line", update=False)  # it is styled when it is mounted

    def on_mount(self) -> None:
        self.styles.max_height = max(SHORT, self.app.size.height // 3)

    def wake(self) -> None:
        """Take letters from now on."""
        self.read_only = False

    def hint(self, text: str) -> None:
        """Set the placeholder that an empty box shows."""
        self.placeholder = Content(visible(text, ascii=self._ascii))

    def begin(self, text: str) -> None:
        """Set the text without a message and without undo; the cursor is at the end of a short text."""
        with self.prevent(TextArea.Changed):
            self.load_text(text)
        if sum(1 + len(line) // LINE for line in self.document.lines) <= SHORT:
            self.move_cursor(self.document.end)

    def type_anew(self, text: str) -> None:
        """Replace the text as if the user had typed it: with a message, and undo."""
        if text != self.text:
            self.replace(text, self.document.start, self.document.end)

    def go_to(self, line: int, column: int) -> None:
        """Move the cursor to a line and column, both counted from 1."""
        self.move_cursor((line - 1, column - 1))

    def get_line(self, line_index: int) -> Text:
        """Return a line as drawn; in ASCII, if the terminal can't show more."""
        line = super().get_line(line_index)
        if self._ascii:
            line.plain = line.plain.encode("ascii", "replace").decode()
        return line

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if self.read_only and action not in ("undo", "redo"):
            return False  # so that arrows and all else are keys of the screen
        return not is_hidden(self, action)

    async def _on_key(self, event: Key) -> None:
        if event.key == "enter" and self.one_line and not self.read_only:
            event.stop()
            event.prevent_default()
            self.screen.focus_next()
            return
        await super()._on_key(event)

    async def _on_paste(self, event: Paste) -> None:
        if self.read_only:
            event.prevent_default()
            return  # the screen says which key lets text in
        event.prevent_default()
        event.stop()
        lines = re.split("\r\n|[\r\n]", event.text)
        text = "\n".join(self._harmless(line) for line in lines[: 1 if self.one_line else None])
        if result := self._replace_via_keyboard(text, *self.selection):
            self.move_cursor(result.end_location)

    def _harmless(self, line: str) -> str:
        if self._escaped:
            return "\t".join(map(escape, line.split("\t")))
        return visible(line.replace("\t", "    "))

    def action_cursor_up(self, select: bool = False) -> None:
        """Move up a line, or from the first line to the field before."""
        if select or not self.navigator.is_first_wrapped_line(self.cursor_location):
            super().action_cursor_up(select)
        else:
            self.screen.focus_previous()

    def action_cursor_down(self, select: bool = False) -> None:
        """Move down a line, or from the last line to the next field."""
        if select or not self.navigator.is_last_wrapped_line(self.cursor_location):
            super().action_cursor_down(select)
        else:
            self.screen.focus_next()

    @hidden_if(has_one_line)
    def action_move_line(self, step: int) -> None:
        """Swap the cursor's line with the one above (-1) or below (1)."""
        row, column = self.cursor_location
        other = row + step
        if not 0 <= other < self.document.line_count:
            return
        first, second = sorted((row, other))
        swapped = f"{self.document[second]}\n{self.document[first]}"
        self.replace(swapped, (first, 0), (second, len(self.document[second])))
        self.move_cursor((other, column))
