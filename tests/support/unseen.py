"""Draw what somebody sees: Textual draws each frame of a headless app, up to 60 a second, and throws it away.

That is a fifth of the time of a test of a screen. A ``Session`` draws before each key, as the screen is drawn for
whoever presses it, and whenever the app is at rest: what cannot be drawn fails the test all the same.
"""

from typing import Any
from weakref import WeakSet

from textual._compositor import Compositor
from textual.app import App

_unseen: WeakSet[App[Any]] = WeakSet()
_render_update = Compositor.render_update


def _render_if_seen(
    self: Compositor, full: bool = False, screen_stack: Any = None, simplify: bool = False
) -> Any:
    if not full and self.root is not None and self.root._parent in _unseen:
        return None  # the regions that changed stay noted
    return _render_update(self, full, screen_stack, simplify)


Compositor.render_update = _render_if_seen  # type: ignore[method-assign]


def leave_out_frames(app: App[Any]) -> None:
    """Draw this headless app by :func:`draw` alone."""
    _unseen.add(app)


def draw_each_frame(app: App[Any]) -> None:
    """Draw this app as Textual does, since a test counts its frames."""
    _unseen.discard(app)


def draw(app: App[Any]) -> None:
    """Draw what has changed on the screen in front since it was last drawn, if frames are left out."""
    if app in _unseen:
        with app._context():
            _render_update(app.screen._compositor, screen_stack=app._background_screens)
