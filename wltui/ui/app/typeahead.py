"""Serve keys and pastes one after the other, however fast they come.

Textual hands each key to the widget that has the focus when the key arrives, and a binding acts only when the key
has travelled up from there to the app. Over a slow link keys come in bursts: the letters typed after ``tab`` would
land in the field before it, and a second ``enter`` on a screen that is about to be covered. So the next key waits
until a marker, sent after the last one along the same path, has come up behind it. A screen that is not ready for keys
may hold them back for longer.
"""

import asyncio
from collections import deque

from textual.driver import Driver
from textual.events import Event, Key, MouseUp, Paste
from textual.message import Message
from textual.widget import Widget

from wltui.ui.host import Host
from wltui.ui.sure_timers import SureTimers

ROUNDS = 3
"""Markers per key: one behind the key, one behind its widget's messages, one behind a new screen's first focus."""
AT_ONCE = ("escape", "ctrl+q")
"""Keys that no screen holds back, and that the user can't change; keys held back before them are dropped."""
PATIENCE = 0.5
"""Seconds after which a marker counts as lost if the widget that it was sent through has gone."""
LOOKS = 20
"""How often that is looked at. A marker whose widget is still there then counts as lost, too: nothing takes so long."""
TURNS = 4
"""Turns of the event loop that a key takes from its arrival until it is served."""
LONGEST_WAIT = 0.5
"""Seconds that other work waits for keys that come without a gap, so that it ends even if one is held down."""


class TypeAhead(Host, SureTimers):
    """An app that serves keys in order."""

    class Served(Message):
        """Follows a key from the focused widget up to the app."""

        def __init__(self, number: int, rounds: int) -> None:
            super().__init__()
            self.number, self.rounds = number, rounds

    input_time = 0.0
    keys_served = 0
    _number = 0
    """The number of the key that is being served."""
    _served: Key | Paste | None = None
    """That key, or the last one."""
    _overdue: asyncio.TimerHandle | None = None
    """Set while a key is being served."""
    _through: Widget | None = None
    """The widget that the last marker was sent through."""
    _waited_since: float | None = None
    """When other work began to wait for keys between which there has been no gap, by the clock of the event loop."""

    def __init__(self, driver_class: type[Driver] | None = None) -> None:
        super().__init__(driver_class=driver_class)
        self._keys: deque[Key | Paste] = deque()

    async def on_event(self, event: Event) -> None:
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            if isinstance(event, MouseUp):  # a click; the mouse's way there is no input
                self.input_time = event.time
            await super().on_event(event)
            return
        if self._holds_back and isinstance(event, Key) and event.key in self.key_names.keys("app.suspend"):
            await super().on_event(event)  # the keys that are held back wait for the way back, too
            self.keys_served += 1
            return
        if self._holds_back and _acts_at_once(event):
            self._give_up()
        self._keys.append(event)
        if self._overdue is None:
            await self._serve()

    @property
    def _holds_back(self) -> bool:
        """Whether the screen in front has ``holds_keys`` and is not ready for them."""
        return bool(getattr(self.screen, "holds_keys", False))

    async def serve_held(self, *, give_up: bool = False) -> None:
        """Serve the keys that the screen in front held back; if ``give_up`` is true, drop them."""
        if give_up:
            self._give_up()
        if self._overdue is None:
            await self._serve()

    def hold_key(self) -> None:
        if isinstance(event := self._served, Key):
            again = Key(event.key, event.character)
            again.time = event.time
            self._keys.appendleft(again)
            self.keys_served -= 1

    def _give_up(self) -> None:
        self.keys_served += len(self._keys)
        self._keys.clear()

    async def _serve(self) -> None:
        """Send the next key to its widget, and a marker behind it."""
        if self._holds_back and (urgent := next(filter(_acts_at_once, self._keys), None)):
            # It came in a burst with the keys before it, before the screen was in front that holds them back.
            while self._keys[0] is not urgent:
                self._keys.popleft()
                self.keys_served += 1
        if self._keys and (_acts_at_once(self._keys[0]) or not self._holds_back):
            self._number += 1
            event = self._served = self._keys.popleft()
            self.input_time = event.time
            await super().on_event(event)
            self._await_marker(self._number, LOOKS)
            self._follow(self._number, ROUNDS)

    def _await_marker(self, number: int, looks: int) -> None:
        """Look in a while whether the marker is lost; for the first opening of a filter it may be long on its way."""
        self._overdue = asyncio.get_running_loop().call_later(
            PATIENCE, self._look_for_marker, number, looks - 1
        )

    def _look_for_marker(self, number: int, looks: int) -> None:
        if looks and self._through is not None and self._through.is_running:
            self._await_marker(number, looks)
        else:
            self._mark(number, 1)

    def _follow(self, number: int, rounds: int) -> None:
        self._through = self.focused or self.screen
        if not self._through.post_message(self.Served(number, rounds)):
            self._mark(number, 1)  # that widget accepts no messages any more

    def _mark(self, number: int, rounds: int) -> None:
        """Act as if the marker had come up."""
        self.post_message(self.Served(number, rounds))

    async def give_way(self) -> None:
        for _ in range(TURNS):
            await asyncio.sleep(0)
        now = asyncio.get_running_loop().time
        while self._overdue is not None:
            if self._waited_since is None:
                self._waited_since = now()
            if now() - self._waited_since > LONGEST_WAIT:
                break
            await asyncio.sleep(0.001)

    async def on_type_ahead_served(self, event: Served) -> None:
        event.stop()
        if event.number != self._number or self._overdue is None:
            return  # it counts as lost already
        if event.rounds > 1:
            self._follow(event.number, event.rounds - 1)
        else:
            self._overdue.cancel()
            self._overdue = None
            self.keys_served += 1
            await self._serve()
            if self._overdue is None:
                self._waited_since = None


def _acts_at_once(event: Key | Paste) -> bool:
    return isinstance(event, Key) and event.key in AT_ONCE
