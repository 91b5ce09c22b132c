"""Messages on what has ended or arrived: the results of saves and uploads, and versions that became ready or failed.

They stand in the status line of whatever screen is in front, or in lines of their own above it, and so cover nothing.
Any key ends them and does its own work, esc too: if a message kept esc from its work, the moment of its arrival would
change what typed keys do. Warnings and errors wait for a key, since nobody may be looking when they arrive.
"""

import time
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from wltui.ui.text.spans import Role

Severity = Literal["information", "warning", "error"]

MOST = 3
"""Messages at a time; the oldest of the least grave goes first."""
GRAVEST = (Role.ERROR, Role.WARNING, Role.SUCCESS, Role.PLAIN, Role.MUTED)
"""The roles of messages, gravest first."""
LEAST_SECONDS = 1.0
"""How long a message stays whatever is typed, for somebody who types on; only esc ends it earlier."""
GRAVE = 3
"""How many times longer a warning or an error does, as it is longer to read."""
ROLES: dict[Severity, Role] = {
    "information": Role.SUCCESS, "warning": Role.WARNING, "error": Role.ERROR,
}  # fmt: skip


class Shown(Struct):
    """A message on screen."""

    text: str
    """Lines that this terminal can show."""
    role: Role
    since: float
    """When it was shown first, by the clock of keys."""


class Messages:
    """The messages that are on screen, oldest first."""

    def __init__(
        self, after: Callable[[float, Callable[[], None]], object], on_change: Callable[[], None]
    ) -> None:
        """
        Args:
            after: Calls a function after some seconds.
            on_change: Shows the messages of now.
        """
        self.after, self._on_change = after, on_change
        self.least = LEAST_SECONDS
        self.all: list[Shown] = []

    def show(self, text: str, role: Role, *, seconds: float | None = None) -> None:
        """Show a message until a key is pressed, at most for some seconds; a muted one takes a line of its own."""
        message = Shown(text, role, time.monotonic())
        kept = [*self.all, message]
        if len(kept) > MOST:
            kept.remove(max(kept, key=lambda each: GRAVEST.index(each.role)))  # the first of several
        self.all = kept
        if seconds is not None:
            self.after(seconds, lambda: self._keep([each for each in self.all if each is not message]))
        self._on_change()

    def on_key(self, key: str, pressed_at: float) -> None:
        """End the messages that were on screen for a while when a key was pressed; esc ends all."""
        least = 0.0 if key == "escape" else self.least
        factors = {Role.ERROR: GRAVE, Role.WARNING: GRAVE, Role.MUTED: 0}
        if self.all:
            ends = [each.since + least * factors.get(each.role, 1) for each in self.all]
            self._keep([each for each, end in zip(self.all, ends, strict=True) if pressed_at < end])

    def clear(self) -> None:
        """End all messages."""
        self._keep([])

    def _keep(self, messages: list[Shown]) -> None:
        if len(messages) != len(self.all):
            self.all = messages
            self._on_change()
