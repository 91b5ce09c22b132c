"""Copy texts to the clipboard, and say what and how much."""

import asyncio
import os
from functools import cached_property
from typing import TYPE_CHECKING

from textual.widgets import Input

from wltui.core.threads import run_in_thread
from wltui.ui.screens.base.frame import Frame
from wltui.ui.text.format import count, size
from wltui.ui.text.spans import Role
from wltui.ui.widgets.letter_menu import LetterMenu

from .attention import AttentiveApp

if TYPE_CHECKING:
    from wltui.ui.terminal.clipboard import Reach


class CopyingApp(AttentiveApp):
    """An app that copies by OSC 52, within tmux by its buffer, and never an empty text, which would clear it."""

    _reach: "Reach | None" = None
    """Whether copied texts reach the clipboard; None before the first one."""

    def copy(self, what: str, text: str, *, lacks: str = "") -> None:
        """Copy a text and flash what it was and how long; one that no terminal takes is not copied.

        Args:
            what: What it is, for the message: ``image path``.
            text: The text, not empty.
            lacks: What it leaves out, for the message.
        """
        from wltui.ui.terminal.clipboard import MOST

        self._clipboard = text  # Textual's text boxes paste it
        if (length := len(text.encode("utf-8", "replace"))) > MOST:
            file = (
                f" Press {self.key_names('file.write')} to write a file instead."
                if self._has("file.write")
                else ""
            )
            self.flash(f"Not copied: {what}, {size(length)}. Terminals take {size(MOST)} at most.{file}")
            return
        self.run_worker(self._hand_on(what, text, lacks), group="copy", exit_on_error=False)

    @cached_property
    def _copying(self) -> asyncio.Lock:
        """Return the lock that is held while a text is handed on."""
        return asyncio.Lock()

    async def _hand_on(self, what: str, text: str, lacks: str) -> None:
        from wltui.ui.terminal.clipboard import clipboard_sequence, find_reach, load_into_tmux

        environ = dict(os.environ)
        async with self._copying:  # the last of two quick copies is the one that stays
            is_loaded = "TMUX" in environ and await run_in_thread(load_into_tmux, text, environ)
            if not is_loaded and self._driver is not None:
                self._driver.write(clipboard_sequence(text, environ))
        is_first = self._reach is None
        if is_first:
            self._reach = await run_in_thread(find_reach, environ)
        reach = self._reach
        end = "."
        if reach is not None and reach.ok is False:
            end = f", but {reach.finding}."
        elif is_first and (reach is None or reach.ok is None):
            end = ", if your terminal lets it."
        without = f", without {lacks}" if lacks else ""
        role = Role.SUCCESS if end == "." else Role.WARNING
        self.flash(f"Copied {what}, {count(len(text), 'character')}{without}{end}", role)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a selection. If nothing is selected, name the key that quits: ctrl+c may have been meant to quit."""
        if text:
            self.copy("selection", text)
        else:
            self.action_help_quit()

    def _has(self, name: str) -> bool:
        """Return whether a key of an action works at present."""
        return any(entry.binding.id == name for entry in self.screen.active_bindings.values())

    @property
    def quit_key(self) -> str:
        """The key that quits: ctrl+q if a text box or a menu takes the letters, or if q leaves the screen."""
        screen = self.screen
        q_quits = (
            isinstance(screen, Frame) and screen.Q_QUITS and not isinstance(self.focused, Input | LetterMenu)
        )
        return self.key_names("app.quit") if q_quits else "ctrl+q"

    def action_help_quit(self) -> None:
        """Name the keys that copy and quit, after ctrl+c, which ends other programs; end a wait for another wltui."""
        if isinstance(self.screen, Frame) and getattr(self.screen, "is_waiting", False):
            self.screen.leave()
            return
        has_menu = self._has("copy.open") and not isinstance(self.focused, Input)
        menu = f"; {self.key_names('copy.open')} offers what there is" if has_menu else ""
        self.flash(f"Nothing is selected to copy{menu}. Press {self.quit_key} to quit.")
