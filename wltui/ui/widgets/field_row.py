"""One field of a form: its name, a control, and the problem of its value below."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget

from wltui.ui.text.spans import Role

from .line import Line
from .notice import Notice

LABEL = 23
"""Cells of the labels' column."""


class Problem(Notice):
    """What is wrong with a field's value, in line with its control."""

    DEFAULT_CSS = f"""
    Problem {{ display: none; padding: 0 1 0 {LABEL}; }}
    Problem.-visible {{ display: block; }}
    """


class FieldRow(Horizontal):
    """A label and a control (a ``Line`` if the field can't be changed); a problem is mounted below the row."""

    DEFAULT_CSS = f"""
    FieldRow {{ height: auto; padding-right: 1; }}
    FieldRow > .label {{ width: {LABEL}; }}
    FieldRow > .control {{ width: 1fr; }}
    FieldRow > .label.-focused {{ color: $primary; text-style: bold; }}
    """

    def __init__(self, key: str, title: str, control: Widget, *, changed_mark: str) -> None:
        super().__init__(id=f"field-{key}")
        self.key = key
        self.title = title
        self.control = control
        self.notice: Notice | None = None
        """The problem of the value; None before the first, as most rows never have one."""
        self._mark = changed_mark
        self._label = Line()
        self._label.add_class("label", update=False)
        control.add_class("control", update=False)  # it is styled when it is mounted

    def compose(self) -> ComposeResult:
        yield self._label
        yield self.control

    def on_mount(self) -> None:
        self.show_state(changed=False, problem="")

    def on_descendant_focus(self) -> None:
        self._label.add_class("-focused")

    def on_descendant_blur(self) -> None:
        self._label.remove_class("-focused")

    def show_state(self, *, changed: bool, problem: str) -> None:
        """Mark whether the field differs from the server's value, and show its problem."""
        mark = (f"{self._mark} ", Role.WARNING) if changed else ("  ", Role.PLAIN)
        self._label.show((mark, (self.title, Role.PLAIN)))
        if problem and self.notice is None and isinstance(self.parent, Widget):
            self.notice = Problem()
            self.parent.mount(self.notice, after=self)
        if self.notice is not None:
            self.notice.show_problem(problem or None, Role.ERROR)
