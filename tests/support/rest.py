"""Wait until an app is at rest.

Textual's pilot takes it for idle if its process has used no processor for 20 ms. On a busy machine so is one whose turn
has not come; and on an idle one each key takes twice that time.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import textual.app
import textual.pilot
from textual._context import active_app
from textual.app import App
from textual.message_pump import MessagePump

from tests.support.waiting import limit

TICK = 0.001
"""Seconds between two looks at an app that works."""
QUIET = 3
"""Rounds of the event loop in which nothing may happen before an app counts as being at rest."""


async def come_to_rest(app: App[Any], is_working: Callable[[], bool] = lambda: False) -> None:
    """Wait until nothing is left to do but to wait for events, and all is laid out and painted.

    Args:
        app: The app, which may have ended.
        is_working: Returns whether something else is under way that it waits for.
    """
    quiet = 0
    while quiet < QUIET:
        if is_working():
            await asyncio.sleep(TICK)
            quiet = 0
            continue
        is_waiting, is_due = _is_waiting(app), is_frame_due(app)
        quiet = quiet + 1 if is_waiting and not is_due else 0
        if is_waiting and is_due:
            with app._context():  # rather than at the next of 60 frames a second
                app._check_resize() if app._resize_event else app.screen._on_timer_update()
        await asyncio.sleep(0)


def busy(app: App[Any]) -> list[MessagePump]:
    """Return the widgets that have a message to answer."""
    return [pump for pump in (app, *app.screen.walk_children(with_self=True)) if not _waits(pump)]


def is_frame_due(app: App[Any]) -> bool:
    """Return whether the window has another size, or the screen something to lay out or paint, or to do after that."""
    if app.return_code is not None:
        return False
    screen = app.screen
    return bool(
        app._resize_event
        or screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._dirty_widgets
        or screen._callbacks
    )


def _is_waiting(app: App[Any]) -> bool:
    """Return whether each widget waits for its next message; of an app that has ended, none waits any more."""
    return app.return_code is not None or not busy(app)


def _waits(pump: MessagePump) -> bool:
    """Return whether a widget waits for its next message, or for none any more."""
    ready: Any = pump._message_queue.ready_event
    return pump._closed or bool(ready._waiters and not ready.is_set())


async def _pilot_waits(min_sleep: float = 0, max_sleep: float = 0) -> None:
    app = active_app.get()
    async with limit(lambda: f"the answers of {busy(app)}"):
        await come_to_rest(app)


def let_pilots_wait_for_rest() -> None:
    """Have Textual's pilots wait until the app is at rest, in place of until the processor is."""
    textual.pilot.wait_for_idle = textual.app.wait_for_idle = _pilot_waits  # type: ignore[attr-defined]
