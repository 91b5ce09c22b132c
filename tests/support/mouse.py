"""A hand at the mouse, as the terminal reports it; it knows how fast it clicks."""

import time

from rich.cells import cell_len
from textual.app import App
from textual.events import MouseDown, MouseUp

from tests.support.session import Session

SLOW = 5.0
"""Seconds between two clicks that are two."""
FAST = 0.2
"""Seconds between the presses of a double click."""


def press_button(
    app: App[None], x: int, y: int, *, at: float, button: int = 1, to: int | None = None
) -> None:
    """Press and release a button at a time of the clock of messages; ``to`` is the column of the release."""
    for kind, column in ((MouseDown, x), (MouseUp, x if to is None else to)):
        event = kind(None, column, y, 0, 0, button, False, False, False)
        event.time = at
        app.post_message(event)


def place_of(session: Session, text: str) -> tuple[int, int]:
    """Return column and row of a text on screen."""
    lines = session.text.split("\n")
    row = next(row for row, line in enumerate(lines) if text in line)
    return cell_len(lines[row][: lines[row].index(text)]), row


class Mouse:
    """Clicks that never depend on how fast the machine is: each has its time."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.time = time.monotonic() + 3600
        """When it clicked last: long after all that this test shows."""

    async def click(self, text: str, *, button: int = 1, times: int = 1, right: int = 1) -> None:
        """Click on a text of the screen, ``right`` of its first cell, some time after the last click."""
        x, y = place_of(self._session, text)
        self.time += SLOW
        for _ in range(times):
            await self.press(x + right, y, button=button, at=self.time)
            self.time += FAST

    async def press(self, x: int, y: int, *, at: float, button: int = 1, to: int | None = None) -> None:
        """Press and release a button at a time, and wait for what it brings about."""
        press_button(self._session.app, x, y, at=at, button=button, to=to)
        await self._session.settle()
