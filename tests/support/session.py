"""The running app as a test has it: hands at its keyboard, eyes on its screen, and its waiting."""

import asyncio
import unicodedata
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from textual.events import Key
from textual.keys import _character_to_key, _get_unicode_name_from_key
from textual.pilot import Pilot

from tests.support.rest import come_to_rest, is_drawn, unfinished
from tests.support.screen_text import ScreenText
from tests.support.unseen import draw
from tests.support.waiting import TICK, describe, limit, reached
from wltui.ui.app.app import WltuiApp

OpenApp = Callable[..., AbstractAsyncContextManager["Session"]]
"""How a test opens the app; see the fixture ``open_app``."""


def key_event(key: str) -> Key:
    """What the terminal says of a key, named as in bindings, or of a character."""
    name = _character_to_key(key) if len(key) == 1 else key
    character: str | None
    try:
        character = unicodedata.lookup(_get_unicode_name_from_key(name))
    except KeyError:
        character = key if len(key) == 1 else None
    return Key(name, character)


class Waits:
    """The app's waiting: short pauses are over at once, long ones when the test says so."""

    def __init__(self) -> None:
        self.least = 1.0
        """Seconds from which on a pause is a long one."""
        self.pauses: list[tuple[float, asyncio.Future[None]]] = []
        """The seconds that are waited for just now, and what ends the wait."""

    async def __call__(self, seconds: float) -> None:
        if seconds < self.least:
            return
        pause = seconds, asyncio.get_running_loop().create_future()
        self.pauses.append(pause)
        try:
            await pause[1]
        finally:
            self.pauses.remove(pause)

    def end(self) -> float:
        """End the shortest pause; returns its seconds."""
        seconds, future = min(self.pauses, key=lambda pause: pause[0])
        future.set_result(None)
        return seconds


class Session:
    """The running app and the hands at its keyboard."""

    def __init__(self, app: WltuiApp, pilot: Pilot[None], waits: Waits) -> None:
        self.app, self.pilot, self.waits = app, pilot, waits

    async def settle(self) -> None:
        """Wait until nothing is being read or sent any more, and all of it is drawn."""
        async with limit(lambda: f"the end of {self._unfinished}; the screen:\n{self.text}"):
            await come_to_rest(self.app, lambda: self._working)
        self.look()

    def look(self) -> None:
        """Have the screen drawn, as it is for somebody who looks before pressing a key."""
        draw(self.app)

    async def until(self, holds: Callable[[], object], what: str = "") -> None:
        """Wait until something holds that a server, a thread or the screen is to bring about, and all of it is drawn.

        A text may be on screen before it has the room for its second line. ``what`` says what is waited for, if the
        source of the condition does not.
        """
        await reached(
            lambda: holds() and is_drawn(self.app),
            lambda: f"{what or describe(holds)}, drawn; the screen:\n{self.text}",
        )

    async def time_passes(self) -> float:
        """Let the screen in front read again by itself; returns the seconds that it waited for it."""
        seconds = self.waits.end()
        await self.settle()
        return seconds

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, each when what the one before asked for has been read."""
        for key in keys:
            await self._press(key)
        await self.settle()

    async def _press(self, key: str) -> None:
        self.look()
        before = self.app.keys_served
        self.app.post_message(key_event(key))
        async with limit(lambda: f"{key} and the end of {self._unfinished}; the screen:\n{self.text}"):
            while (self.app.keys_served == before and self.app.return_code is None) or self._working:  # noqa: ASYNC110
                await asyncio.sleep(TICK)

    async def burst(self, *keys: str) -> None:
        """Press keys as they come in one packet over a slow link: all at once."""
        served = self.app.keys_served + len(keys)
        for key in keys:
            self.app.post_message(key_event(key))
        await reached(lambda: self.app.keys_served >= served)
        await self.settle()

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.press(*text)

    @property
    def _working(self) -> bool:
        """Whether something is being read or sent, rather than waited for."""
        held = sum(not future.done() for _, future in self.waits.pauses)
        if not held and not self.app.watching.is_set():
            held = 1  # the screen in front, until somebody looks
        return sum(not worker.is_finished for worker in self.app.workers) > held

    @property
    def _unfinished(self) -> list[str]:
        """Name the workers that still run, those that are only waited for too, and what else keeps the app busy."""
        return [
            *(f"{worker.name} {worker.description}" for worker in self.app.workers if not worker.is_finished),
            *(["a screen that opens"] if getattr(self.app.screen, "is_opening", False) else []),
            *unfinished(self.app),
        ]

    @property
    def text(self) -> ScreenText:
        """The screen as lines of text, blanks at their ends left out."""
        strips = self.app.screen._compositor.render_strips()
        return ScreenText("\n".join(strip.text.rstrip() for strip in strips))
