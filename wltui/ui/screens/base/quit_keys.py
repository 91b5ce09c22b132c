"""The keys that quit, on the lists from which others are opened."""

from typing import TypeVar

from textual.binding import Binding

from .frame import Frame

T = TypeVar("T")


class QuitKeys(Frame[T]):
    """A frame that q does not leave. Elsewhere the app has ctrl+q alone, so that q quits nowhere by surprise."""

    Q_QUITS = True
    BINDINGS = [
        Binding("q,ctrl+q", "app.quit", "Quit", id="app.quit",
                tooltip="quit; asks only where something would be lost"),
    ]  # fmt: skip
