"""Ask before something is lost; the focus starts on the harmless answer."""

from collections.abc import Callable, Iterable, Sequence

from textual.containers import Vertical
from textual.widget import Widget

from wltui.ui.screens.base.frame import Frame
from wltui.ui.text.spans import Role, Spans, wrap
from wltui.ui.widgets.choice import Choice
from wltui.ui.widgets.pager import Pager


class Question(Frame[bool]):
    """A screen that asks; a key that was pressed before the question was on screen confirms nothing."""

    IN_HAND = "answer the question first"

    def is_confirmed(self, refused: str) -> bool:
        """Return whether the key was pressed after the question was shown; else flash ``refused`` and the reason.

        What the palette was asked to do over the question confirms nothing either.
        """
        shown_at = self.query_one(Choice).shown_at
        if shown_at is not None and self.app.input_time >= max(shown_at, self.appeared_at):
            return True
        self.flash(f"{refused}: it was pressed before this was shown. Press it again.")
        return False


class ConfirmScreen(Question):
    """A question with two buttons; returns True only if the user chose the second, and None if it holds no longer."""

    FOOTER = ("choice.pick", "choice.next", "frame.back")
    CSS = """
    ConfirmScreen #question { height: 1fr; }
    ConfirmScreen Pager { height: auto; max-height: 8; margin: 1 0; }
    ConfirmScreen Choice { margin: 0 1; }
    """

    def __init__(self, title: str, lines: Sequence[Spans], *, keep: str, go: str) -> None:
        super().__init__()
        self._title, self._lines, self._keep, self._go = title, lines, keep, go
        self.holds: Callable[[], bool] = lambda: True
        """Returns whether the lines are still true."""

    def on_mount(self) -> None:
        self.bindings_updated_signal.subscribe(self, lambda _: self._close_if_over())

    def show_status(self) -> None:
        super().show_status()
        self._close_if_over()

    def _close_if_over(self) -> None:
        # A screen right below that in front is current, too, and none is when the program ends.
        if self.is_mounted and self.is_current and self.app.screen is self and not self.holds():
            self.dismiss(None)

    @property
    def crumb(self) -> Spans:
        return ((self._title, Role.PLAIN),)

    def body(self) -> Iterable[Widget]:
        pager = Pager(lambda cells: [part for line in self._lines for part in wrap(line, cells)])
        pager.can_focus = False
        choice = Choice([("keep", self._keep), ("go", self._go)], buttons=True, id="main")
        yield Vertical(pager, choice, id="question")

    def on_choice_picked(self, event: Choice.Picked) -> None:
        if event.value != "go" or self.is_confirmed("Not done"):
            self.dismiss(event.value == "go")

    def leave(self) -> None:
        """Close with the harmless answer."""
        self.dismiss(False)


class QuitScreen(ConfirmScreen):
    """The question before quitting; at most one is open."""
