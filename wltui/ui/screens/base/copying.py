"""A screen from which the user can copy: what is under the cursor, texts, and the requests of the screen."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from textual.binding import Binding
from textual.screen import Screen

from wltui.api.calls import Call
from wltui.core.errors import WltuiError
from wltui.core.threads import run_in_thread
from wltui.ui.actions import hidden_if
from wltui.ui.text.spans import visible
from wltui.ui.widgets.letter_menu import LetterMenu
from wltui.ui.widgets.notice import Notice
from wltui.ui.widgets.pager import Pager

from .frame import Frame

if TYPE_CHECKING:  # the menu is imported when it is opened
    from wltui.ui.text.copies import Copy
    from wltui.ui.widgets.copy_menu import CopyMenu

T = TypeVar("T")

SLOW = 5_000
"""Lines of a text from which on they are joined in a thread."""


def has_open_menu(screen: Screen[Any]) -> bool:
    """Return whether a menu takes the keys."""
    return isinstance(screen.focused, LetterMenu)


class CopyFrame(Frame[T]):
    """A frame with a menu of what can be copied. A subclass adds to ``copies``."""

    BINDINGS = [
        Binding("c", "copy", "Copy", id="copy.open",
                tooltip="copy an id, a name, the image path, the row, the JSON, or the request as curl or Python"),
    ]  # fmt: skip

    def copies(self) -> "list[Copy]":
        """Return what can be copied now, but for the requests."""
        return []

    def requests(self) -> Sequence[Call[object]]:
        """Return the requests that the content came from, or the one that is about to be sent."""
        return ()

    @hidden_if(has_open_menu)
    async def action_copy(self) -> None:
        """Open the menu of what can be copied."""
        from wltui.ui.text.copies import request_copies
        from wltui.ui.widgets.copy_menu import CopyMenu

        copies = [
            *self.copies(), *self._message_copies(), *request_copies(self.requests(), self.app.settings),
        ]  # fmt: skip
        if not copies:
            self.flash("There is nothing to copy here yet.")
            return
        if not self.query(CopyMenu):
            await self.mount(CopyMenu(), before="#notice")
        self.query_one(CopyMenu).open(copies, self.glyphs)

    def _message_copies(self) -> "list[Copy]":
        """Return the entry for the failure on screen, for a chat or a ticket."""
        from wltui.ui.text.copies import text_copy

        text = self.query_one("#notice", Notice).text
        return [text_copy("w", "message", text)] if text else []

    def on_copy_menu_chosen(self, event: "CopyMenu.Chosen") -> None:
        self.start(partial(self._copy, event.copy), group="copy")

    async def _copy(self, copy: "Copy") -> None:
        try:
            text = await run_in_thread(copy.make) if copy.is_slow else copy.make()
        except WltuiError as error:
            self.notice(error)
            return
        if text:
            self.app.copy(copy.what, text, lacks=copy.lacks)
        else:
            self.flash(f"Not copied: no {copy.title} was received.")

    def text_copies(self, title: str = "text") -> "list[Copy]":
        """Return the entry for the text that is read on this screen, if it has one."""
        pagers = [pager for pager in self.query(Pager) if pager.display and pager.lines]
        return [_pager_copy(pager, title) for pager in pagers[:1]]


def _pager_copy(pager: Pager, title: str) -> "Copy":
    from wltui.ui.text.copies import Copy
    from wltui.ui.text.selected import whole_text

    lines = pager.lines
    first = next((text for line in lines if (text := "".join(part for part, _ in line).strip())), "")
    more = f" and {len(lines) - 1:,} more lines" if len(lines) > 1 else ""
    return Copy("t", title, partial(whole_text, lines), visible(first) + more, is_slow=len(lines) > SLOW)
