"""A question before something is lost; it starts on the harmless answer."""

from collections.abc import Iterable, Sequence

from textual.widget import Widget

from wltui.ui.spans import Role, Spans, wrap
from wltui.ui.widgets.choice import Choice
from wltui.ui.widgets.pager import Pager

from .frame import Frame


class ConfirmScreen(Frame[bool]):
    """Answers True only where the user chose the second button."""

    FOOTER = ("choice.pick", "choice.next", "frame.back")
    CSS = "ConfirmScreen Pager { height: auto; max-height: 8; margin: 1 0; }"

    def __init__(self, title: str, lines: Sequence[Spans], *, keep: str, go: str) -> None:
        super().__init__()
        self._title, self._lines, self._keep, self._go = title, lines, keep, go

    @property
    def crumb(self) -> Spans:
        return ((self._title, Role.PLAIN),)

    def body(self) -> Iterable[Widget]:
        pager = Pager(lambda cells: [part for line in self._lines for part in wrap(line, cells)])
        pager.can_focus = False
        yield pager
        yield Choice([("keep", self._keep), ("go", self._go)], buttons=True, id="main")

    def on_choice_picked(self, event: Choice.Picked) -> None:
        self.dismiss(event.value == "go")

    def action_back(self) -> None:
        """The harmless answer."""
        self.dismiss(False)


class QuitScreen(ConfirmScreen):
    """The question before quitting, of which there is one at most."""
