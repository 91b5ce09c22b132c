"""A field for an object of a few numbers: off, or on with a box for each number."""

from collections.abc import Iterator
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import TextArea

from wltui.config.fields import FieldSpec
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role

from .choice import Choice
from .line import Line
from .text_field import TextField

OFF, ON, UNREAD = "off", "on", "\0"
"""The switch's values for null, for an object, and for an unreadable value."""
LABEL = 15
"""Width of the parts' labels in cells."""


class PartsField(Vertical):
    """A switch, and below it the boxes while it is on."""

    DEFAULT_CSS = f"""
    PartsField {{ height: auto; }}
    PartsField > Horizontal {{ height: auto; display: none; }}
    PartsField.-on > Horizontal {{ display: block; }}
    PartsField > Horizontal > Line {{ width: {LABEL}; }}
    """

    @dataclass
    class Switched(Message):
        """The user moved the switch to ``to``: ``OFF``, ``ON`` or ``UNREAD``."""

        field: "PartsField"
        to: str

    @dataclass
    class Typed(Message):
        """The text of a part's box changed."""

        field: "PartsField"
        part: str
        text: str

    def __init__(self, spec: FieldSpec, *, glyphs: Glyphs) -> None:
        super().__init__()
        self.spec = spec
        self._boxes = {
            part.key: TextField(one_line=True, ascii=glyphs.is_ascii, id=f"part-{part.key}")
            for part in spec.parts
        }
        self.switch = Choice([(OFF, "off"), (ON, "on")], glyphs=glyphs)

    def compose(self) -> ComposeResult:
        yield self.switch
        for part in self.spec.parts:
            label = Line()
            label.show(((part.title, Role.MUTED),))
            box = self._boxes[part.key]
            box.hint(part.null)
            yield Horizontal(label, box)

    def offer_unread(self, unread: bool) -> None:
        """Set the switch's options; with ``unread``, one of them is to leave an unreadable value unchanged."""
        options = [(OFF, self.spec.null), (ON, "on")]
        self.switch.set_options([(UNREAD, "not readable"), *options] if unread else options)

    def box(self, part: str) -> TextField:
        """Return a part's box."""
        return self._boxes[part]

    def boxes(self) -> Iterator[tuple[str, TextField]]:
        """Return an iterator over each part's key and box."""
        return iter(self._boxes.items())

    def show_state(self, state: str, *, typed: bool = False) -> None:
        """Set the switch without a message, or with ``typed`` as if the user had moved it."""
        self.switch.pick_anew(state) if typed else self.switch.choose(state)
        self.set_class(state == ON, "-on")

    def on_choice_changed(self, event: Choice.Changed) -> None:
        event.stop()
        self.set_class(event.value == ON, "-on")
        self.post_message(self.Switched(self, event.value))

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        part = next(key for key, box in self._boxes.items() if box is event.text_area)
        self.post_message(self.Typed(self, part, event.text_area.text))
