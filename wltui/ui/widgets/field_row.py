"""One field of a form: its name, a control, and beneath it what is wrong with what was typed."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from wltui.ui.spans import Role, Spans

from .line import Line
from .notice import Notice

LABEL = 23


class FieldRow(Vertical):
    """A label, a control (a ``Line`` where the field is only shown) and a problem."""

    DEFAULT_CSS = f"""
    FieldRow {{ height: auto; }}
    FieldRow > Horizontal {{ height: 1; }}
    FieldRow > Horizontal > .label {{ width: {LABEL}; }}
    FieldRow > Horizontal > .control {{ width: 1fr; }}
    FieldRow > Horizontal > Input {{ background: $band; }}
    FieldRow > Horizontal > Input:focus {{ background: $surface; }}
    FieldRow:focus-within > Horizontal > .label > .role--plain {{ text-style: bold; }}
    FieldRow > Notice {{ display: none; padding-left: {LABEL}; }}
    FieldRow > Notice.-told {{ display: block; }}
    """

    def __init__(self, key: str, title: str, control: Widget, *, changed_mark: str) -> None:
        super().__init__(id=f"field-{key}")
        self.key = key
        self._title = title
        self._mark = changed_mark
        self.control_widget = control
        control.add_class("control")

    def compose(self) -> ComposeResult:
        label = Line()
        label.add_class("label")
        yield Horizontal(label, self.control_widget)
        yield Notice()

    def on_mount(self) -> None:
        self.tell(changed=False, problem="")

    def tell(self, *, changed: bool, problem: str) -> None:
        """Mark whether the field differs from what the server has, and say what is wrong with it."""
        mark = (f"{self._mark} ", Role.WARNING) if changed else ("  ", Role.PLAIN)
        self.query_one(".label", Line).show((mark, (self._title, Role.PLAIN)))
        self.query_one(Notice).tell(problem or None, Role.ERROR)

    def show_value(self, spans: Spans) -> None:
        """Show a value that can't be edited here."""
        if isinstance(self.control_widget, Line):
            self.control_widget.show(spans)
