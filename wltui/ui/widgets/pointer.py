"""The mouse: the left button alone acts, and no click in a hurry presses a button.

All clicks come through :class:`PointerScreen`. The second press of a double click that was meant for a row must not
answer a question that has just opened above it: it is hurried there, wherever the hand has moved meanwhile, and only
widgets that count clicks get it.
"""

import time
from math import inf

from textual.errors import NoWidget
from textual.events import Click, Event, MouseDown, MouseUp
from textual.geometry import Offset
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget

LEFT = 1
"""The mouse's left button."""
HURRY = 0.5
"""Seconds after a press, or after a screen has appeared, in which another press counts as hurried."""
UNREST = 2
"""Cells that the hand may move by between the presses of a double click, or in a click."""


class Pointed(Widget):
    """A widget that the mouse acts on."""

    @property
    def takes_hurried_clicks(self) -> bool:
        """Whether it gets clicks shortly after another one: only if none of them does what can't be undone."""
        return False

    def text_offset(self, x: int, y: int) -> Offset | None:
        """Return the place in the text that is at a place of the screen; None if no text can be selected."""
        return None


class PointerScreen(Screen[ScreenResultType]):
    """A screen that forwards clicks of the left button only, and hurried ones only to widgets that count them."""

    _dragged: Pointed | None = None
    """The widget in which the mouse button was pressed; a selection stays in it."""
    appeared_at = inf
    """When the screen came to the front last, by the clock of messages, ``time.monotonic``."""
    _pressed_at = -inf
    _pressed = Offset(-1, -1)
    _presses = 0
    """The presses of the button in a row, in one place and each hurried after the one before."""
    _is_hurried = False

    def on_screen_resume(self) -> None:
        self.appeared_at = time.monotonic()

    def _forward_event(self, event: Event) -> None:
        """Forward an event to the widgets, except for those of the mouse that they must not get."""
        if not isinstance(event, MouseDown | MouseUp | Click):
            super()._forward_event(event)
        elif event.button == LEFT:
            self._dragged = None
            x, y = event.x, event.y
            if isinstance(event, MouseDown):
                self._note_press(event)
            elif isinstance(event, Click):
                event.chain = self._presses
                if not self._is_wanted(event):
                    return
            super()._forward_event(event)
            if isinstance(event, MouseDown):
                self._dragged = self._find_selectable(x, y)

    def _note_press(self, press: MouseDown) -> None:
        again = press.time - self._pressed_at <= HURRY
        self._presses = self._presses + 1 if again and self._is_near(press.screen_offset) else 1
        self._is_hurried = again or press.time - self.appeared_at <= HURRY
        self._pressed_at, self._pressed = press.time, press.screen_offset

    def _is_near(self, place: Offset) -> bool:
        """Return whether a place is that of the last press, but for the hand's unrest."""
        moved = place - self._pressed
        return moved.y == 0 and abs(moved.x) <= UNREST

    def _is_wanted(self, click: Click) -> bool:
        """Return whether the widget under a click gets it, as Textual's own widgets get all.

        The end of a drag counts as a click only where text can be selected, where the widget recognises it.
        """
        widget = self._find_widget(click.x, click.y)
        if not isinstance(widget, Pointed):
            return True
        is_near = self._is_near(click.screen_offset)
        if is_near and not self._is_hurried:
            return True
        return widget.takes_hurried_clicks and (is_near or widget.allow_select)

    def _find_selectable(self, x: int, y: int) -> Pointed | None:
        """Return the widget at a place of the screen if its text can be selected."""
        widget = self._find_widget(x, y)
        return widget if isinstance(widget, Pointed) and widget.allow_select else None

    def _find_widget(self, x: int, y: int) -> Widget | None:
        try:
            return self.get_widget_at(x, y)[0]
        except NoWidget:
            return None

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Return the widget whose text is at a place of the screen, and the place in its text.

        Textual looks for the place in the styles of what is painted, which would cost each line something.
        """
        widget = self._dragged or self._find_selectable(x, y)
        return (widget, widget.text_offset(x, y)) if widget else super().get_widget_and_offset_at(x, y)
