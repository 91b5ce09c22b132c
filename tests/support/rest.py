"""Wait until an app is at rest.

Textual's pilot takes it for idle if its process has used no processor for 20 ms. On a busy machine so is one whose turn
has not come; and on an idle one each key takes twice that time.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import textual.app
import textual.pilot
from textual._context import active_app
from textual.app import App
from textual.message_pump import MessagePump

from tests.support.waiting import TICK, limit

QUIET = 3
"""Rounds of the event loop in which nothing may happen before an app counts as being at rest."""
DUE = (
    "_layout_required",
    "_scroll_required",
    "_repaint_required",
    "_recompose_required",
    "_dirty_widgets",
    "_callbacks",
)
"""Attributes of a screen that say that it has something to lay out or paint, or to do after that."""


async def come_to_rest(app: App[Any], is_working: Callable[[], bool] = lambda: False) -> None:
    """Wait until nothing is left to do but to wait for events, and all is laid out and painted.

    Args:
        app: The app, which may have ended.
        is_working: Returns whether something else is under way that it waits for.
    """
    quiet = 0
    while quiet < QUIET:
        if is_working() or _is_serving(app):
            await asyncio.sleep(TICK)
            quiet = 0
            continue
        is_waiting, is_due = _is_waiting(app), is_frame_due(app)
        quiet = quiet + 1 if is_waiting and not is_due else 0
        if is_waiting and is_due:
            with app._context():  # rather than at the next of 60 frames a second
                app._check_resize() if app._resize_event else app.screen._on_timer_update()
        await asyncio.sleep(0)


def is_frame_due(app: App[Any]) -> bool:
    """Return whether the window has another size, or the screen something to lay out or paint, or to do after that."""
    if app.return_code is not None:
        return False
    screen = app.screen
    return bool(app._resize_event) or any(getattr(screen, name) for name in DUE)


def is_drawn(app: App[Any]) -> bool:
    """Return whether all that widgets were told is laid out and painted; more may be on its way to them."""
    return _is_waiting(app) and not is_frame_due(app)


def unfinished(app: App[Any]) -> list[str]:
    """Name what keeps an app from being at rest."""
    screens = app._screen_stack[-1:]  # none while it ends
    return [
        *(["a key that is being served"] if _is_serving(app) else []),
        *(f"busy: {pump}" for pump in _busy(app)),
        *(["a change of size"] if app._resize_event else []),
        *(name for screen in screens for name in DUE if getattr(screen, name)),
        *(["a batch of updates"] if app._batch_count else []),
    ]


def _busy(app: App[Any]) -> Iterator[MessagePump]:
    """Yield the widgets that have a message to answer, those on screens below the one in front among them."""
    return (pump for pump in (app, *app._registry) if not _waits(pump))


def _is_waiting(app: App[Any]) -> bool:
    """Return whether each widget waits for its next message; of an app that has ended, none waits any more."""
    return app.return_code is not None or next(_busy(app), None) is None


def _is_serving(app: App[Any]) -> bool:
    """Return whether a key's effect is not over, although a widget that left may have taken its marker along."""
    return app.return_code is None and getattr(app, "_overdue", None) is not None


def _waits(pump: MessagePump) -> bool:
    """Return whether a widget waits for its next message, or for none any more."""
    ready: Any = pump._message_queue.ready_event
    return pump._closed or bool(ready._waiters and not ready.is_set())


async def _pilot_waits(min_sleep: float = 0, max_sleep: float = 0) -> None:
    app = active_app.get()
    async with limit(lambda: f"the end of {unfinished(app)}"):
        await come_to_rest(app)


def let_pilots_wait_for_rest() -> None:
    """Have Textual's pilots wait until the app is at rest, in place of until the processor is."""
    textual.pilot.wait_for_idle = textual.app.wait_for_idle = _pilot_waits  # type: ignore[attr-defined]
