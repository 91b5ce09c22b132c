"""One field of a form: its name, a control, and the problem of its value below."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from wltui.ui.text.spans import Role

from .line import Line
from .notice import Notice

LABEL = 23
"""Cells of the labels' column."""


class FieldRow(Vertical):
    """A label, a control (a ``Line`` if the field can't be changed) and a problem."""

    DEFAULT_CSS = f"""
    FieldRow {{ height: auto; }}
    FieldRow > Horizontal {{ height: auto; }}
    FieldRow > Horizontal > .label {{ width: {LABEL}; }}
    FieldRow > Horizontal > .control {{ width: 1fr; }}
    FieldRow > Horizontal > Input {{ background: $band; }}
    FieldRow > Horizontal > Input:focus {{ background: $surface; }}
    FieldRow > Horizontal > .label.-focused {{ color: $primary; text-style: bold; }}
    FieldRow > Notice {{ display: none; padding-left: {LABEL}; }}
    FieldRow > Notice.-visible {{ display: block; }}
    """

    def __init__(self, key: str, title: str, control: Widget, *, changed_mark: str) -> None:
        super().__init__(id=f"field-{key}")
        self.key = key
        self.title = title
        self.control = control
        self.notice: Notice | None = None
        """The problem of the value; None before the first."""
        self._mark = changed_mark
        control.add_class("control", update=False)  # it is styled when it is mounted

    def compose(self) -> ComposeResult:
        label = Line()
        label.add_class("label", update=False)
        yield Horizontal(label, self.control)

    def on_mount(self) -> None:
        self.show_state(changed=False, problem="")

    def on_descendant_focus(self) -> None:
        self.query_one(".label").add_class("-focused")

    def on_descendant_blur(self) -> None:
        self.query_one(".label").remove_class("-focused")

    def show_state(self, *, changed: bool, problem: str) -> None:
        """Mark whether the field differs from the server's value, and show its problem."""
        mark = (f"{self._mark} ", Role.WARNING) if changed else ("  ", Role.PLAIN)
        self.query_one(".label", Line).show((mark, (self.title, Role.PLAIN)))
        if problem and self.notice is None:
            self.notice = Notice()  # most rows never have one
            self.mount(self.notice)
        if self.notice is not None:
            self.notice.show_problem(problem or None, Role.ERROR)
