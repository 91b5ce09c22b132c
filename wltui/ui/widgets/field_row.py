"""One field of a form: its name, a control, and the problem of its value below."""

from textual.widget import Widget

from wltui.ui.text.spans import Role

from .labelled_row import LabelledRow
from .notice import Notice

LABEL = 23
"""Cells of the labels' column."""


class Problem(Notice):
    """What is wrong with a field's value, in line with its control."""

    DEFAULT_CSS = f"""
    Problem {{ display: none; padding: 0 1 0 {LABEL}; }}
    Problem.-visible {{ display: block; }}
    """


class FieldRow(LabelledRow):
    """A label and a control (a ``Line`` if the field can't be changed); a problem is mounted below the row."""

    DEFAULT_CSS = f"""
    FieldRow > .control {{ width: 1fr; margin-left: {LABEL}; }}
    """

    def __init__(self, key: str, title: str, control: Widget, *, changed_mark: str) -> None:
        super().__init__(key, title, control)
        self.notice: Notice | None = None
        """The problem of the value; None before the first, as most rows never have one."""
        self._mark = changed_mark
        self.show_state(changed=False, problem="")

    def show_state(self, *, changed: bool, problem: str) -> None:
        """Mark whether the field differs from the server's value, and show its problem."""
        mark = (f"{self._mark} ", Role.WARNING) if changed else ("  ", Role.PLAIN)
        self.show_label((mark, (self.title, Role.PLAIN)))
        if problem and self.notice is None and isinstance(self.parent, Widget):
            self.notice = Problem()
            self.parent.mount(self.notice, after=self)
        if self.notice is not None:
            self.notice.show_problem(problem or None, Role.ERROR)
