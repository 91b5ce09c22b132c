"""A field for an object of a few numbers: off, or on with a box for each number."""

from collections.abc import Iterator
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
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
        self.parts = tuple(part.key for part in spec.parts)
        self._ascii = glyphs.is_ascii
        self._texts = dict.fromkeys(self.parts, "")
        """The text that each box begins with."""
        self._boxes: dict[str, TextField] = {}
        """The boxes; none before the switch is on, since text boxes are the slowest part of a form to make."""
        self.rests = True
        """Whether boxes that are made from now on take no letters at first."""
        self.switch = Choice([(OFF, "off"), (ON, "on")], glyphs=glyphs)

    def compose(self) -> ComposeResult:
        yield self.switch
        yield from self._rows()

    def _rows(self) -> Iterator[Widget]:
        for part in self.spec.parts if self._boxes else ():
            label = Line()
            label.show(((part.title, Role.MUTED),))
            yield Horizontal(label, self._boxes[part.key])

    def _make_boxes(self) -> None:
        for part in self.spec.parts:
            box = TextField(one_line=True, ascii=self._ascii, rests=self.rests, id=f"part-{part.key}")
            box.hint(part.null)
            box.begin(self._texts[part.key])
            self._boxes[part.key] = box
        if self.is_attached:
            self.mount(*self._rows())

    def offer_unread(self, unread: bool) -> None:
        """Set the switch's options; with ``unread``, one of them is to leave an unreadable value unchanged."""
        options = [(OFF, self.spec.null), (ON, "on")]
        self.switch.set_options([(UNREAD, "not readable"), *options] if unread else options)

    def begin(self, part: str, text: str) -> None:
        """Set the text of a part's box without a message and without undo."""
        self._texts[part] = text
        if part in self._boxes:
            self._boxes[part].begin(text)

    def box(self, part: str) -> TextField:
        """Return a part's box."""
        if not self._boxes:
            self._make_boxes()
        return self._boxes[part]

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield each part's key and the text of its box."""
        for part in self.parts:
            yield part, self._boxes[part].text if part in self._boxes else self._texts[part]

    def show_state(self, state: str, *, typed: bool = False) -> None:
        """Set the switch without a message, or with ``typed`` as if the user had moved it."""
        self.switch.pick_anew(state) if typed else self.switch.choose(state)
        self._show_boxes(state == ON)

    def _show_boxes(self, on: bool) -> None:
        if on and not self._boxes:
            self._make_boxes()
        self.set_class(on, "-on")

    def on_choice_changed(self, event: Choice.Changed) -> None:
        event.stop()
        self._show_boxes(event.value == ON)
        self.post_message(self.Switched(self, event.value))

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        part = next(key for key, box in self._boxes.items() if box is event.text_area)
        self.post_message(self.Typed(self, part, event.text_area.text))
