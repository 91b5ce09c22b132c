"""A few options on one line, of which one is chosen."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style
from textual.binding import Binding
from textual.events import Blur, Click, Key
from textual.message import Message
from textual.strip import Strip

from wltui.ui.actions import hidden_if, is_hidden
from wltui.ui.keys import present_keys
from wltui.ui.text.glyphs import UNICODE, Glyphs
from wltui.ui.text.jump import find_option
from wltui.ui.text.spans import Role, Spans, clip, width

from .painted import Painted

PAUSE = 1.5
"""Seconds after which a letter begins the name of another option."""

Option = tuple[str, str]
"""A value and its name on screen."""
LOOKS = {Role.MATCH: "choice--button", Role.ACCENT: "choice--option"}
"""The component classes of the chosen option, which looks different with the focus; all else looks as on the screen."""


def has_buttons(choice: "Choice") -> bool:
    """Return whether the options are buttons, which have nothing to undo."""
    return choice.buttons


def has_values(choice: "Choice") -> bool:
    """Return whether the options are values, which are chosen by moving to them."""
    return not choice.buttons


def has_neighbours(choice: "Choice") -> bool:
    """Return whether the screen has other widgets for tab to go to."""
    return len(choice.screen.focus_chain) != 1


class Choice(Painted, can_focus=True):
    """Radio buttons, or with ``buttons`` a row of push buttons that starts on the first, the harmless one.

    A letter goes to the option that begins with it, and further letters to the one that goes on with them.

    If they do not all fit, options before the chosen one are left out, and the last ones are counted.
    """

    COMPONENT_CLASSES = set(LOOKS.values())
    DEFAULT_CSS = """
    Choice { height: 1; }
    Choice > .choice--button, Choice > .choice--option { color: $accent; }
    Choice > .choice--button { text-style: bold; }
    Choice:nocolor > .choice--button { text-style: bold underline; }
    Choice:focus > .choice--button { background: $cursor-background; color: $cursor-foreground; text-style: bold; }
    Choice:focus > .choice--option { color: $primary; text-style: bold; }
    Choice:ansi:focus > .choice--button, Choice:nocolor:focus > .choice--button { text-style: reverse bold; }
    Choice:disabled:can-focus { opacity: 1; color: $text-disabled; }
    Choice:disabled > .choice--option { color: $text-disabled; }
    """
    BINDINGS = [
        Binding("right,l,space", "move(1)", "Other", id="choice.next", tooltip="the next option"),
        Binding("left,h", "move(-1)", "Previous", id="choice.previous", tooltip="the option before", show=False),
        Binding("tab,shift+tab", "move_button", "Other", id="choice.tab", tooltip="the other button", show=False),
        Binding("enter", "pick", "Choose", id="choice.pick", tooltip="choose this option"),
        Binding("f8,ctrl+underscore", "undo", "Undo", id="field.undo", tooltip="the option chosen before", show=False),
        Binding("ctrl+y", "redo", "Redo", id="field.redo", tooltip="do again what was undone", show=False),
    ]  # fmt: skip

    @dataclass
    class Changed(Message):
        """Another option was chosen."""

        choice: "Choice"
        value: str

        @property
        def control(self) -> "Choice":
            """The sender, which ``@on`` selectors match."""
            return self.choice

    @dataclass
    class Picked(Message):
        """The chosen option was confirmed with enter."""

        choice: "Choice"
        value: str

    def __init__(
        self,
        options: Sequence[Option],
        *,
        buttons: bool = False,
        glyphs: Glyphs = UNICODE,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._options = list(options)
        self.buttons = buttons
        """Whether the options are buttons to press."""
        self.takes_letters = True
        """Whether a letter chooses an option, by its name or as a key that moves."""
        self._glyphs = glyphs
        self._index = 0
        self.shown_at: float | None = None
        """Time of the first drawing, by ``time.monotonic``, which also times input; None before."""
        self._undone: list[str] = []
        self._done: list[str] = []
        self._typed, self._typed_at = "", 0.0
        """The beginning of an option's name, and the time of its last letter."""

    @property
    def value(self) -> str:
        """The chosen option's value."""
        return self._options[self._index][0]

    def choose(self, value: str) -> None:
        """Choose the option with this value, without a message; an unknown value changes nothing."""
        index = next((i for i, option in enumerate(self._options) if option[0] == value), self._index)
        if index != self._index:
            self._index = index
            self.refresh()

    def set_options(self, options: Sequence[Option]) -> None:
        """Replace the options; the chosen value stays if it is still among them."""
        value = self.value
        self._options = list(options)
        self._index = 0
        self._done.clear()
        self._undone.clear()
        self.choose(value)
        self.refresh()

    @property
    def role_styles(self) -> dict[Role, Style]:
        if self._styles is None:
            own = {role: self.get_component_rich_style(name, partial=True) for role, name in LOOKS.items()}
            self._styles = super().role_styles | {role: self.rich_style + look for role, look in own.items()}
        return self._styles

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not is_hidden(self, action)

    def pick_anew(self, value: str) -> None:
        """Choose a value as if the user had done so: with a message, and undo."""
        if value != self.value:
            self._done.append(self.value)
            self._undone.clear()
            self._choose_and_post(value)

    def action_move(self, step: int) -> None:
        """Choose the next option (1) or the one before (-1); after the last comes the first."""
        self.pick_anew(self._options[(self._index + step) % len(self._options)][0])

    def on_key(self, event: Key) -> None:
        letter = event.character if event.is_printable else None
        if not self.takes_letters and letter and letter.isalpha() and event.key in self._moving_keys:
            event.stop()
            event.prevent_default()
            return
        if self.buttons or not self.takes_letters or not letter or letter.isspace():
            self._typed = ""
            return
        typed = self._typed if event.time - self._typed_at < PAUSE else ""
        found = find_option([title for _, title in self._options], self._index, typed, letter)
        self._typed, self._typed_at = (found[0] if found else ""), event.time
        if found:
            event.stop()
            event.prevent_default()
            self.pick_anew(self._options[found[1]][0])

    @property
    def _moving_keys(self) -> Sequence[str]:
        keys = present_keys(self)
        return (*keys.keys("choice.next"), *keys.keys("choice.previous"))

    def on_blur(self, event: Blur) -> None:
        self._typed = ""

    @hidden_if(has_buttons)
    def action_undo(self) -> None:
        """Choose the option chosen before."""
        self._turn_back(self._done, self._undone)

    @hidden_if(has_buttons)
    def action_redo(self) -> None:
        """Choose the option that was undone."""
        self._turn_back(self._undone, self._done)

    def _turn_back(self, taken: list[str], kept: list[str]) -> None:
        if taken:
            kept.append(self.value)
            self._choose_and_post(taken.pop())

    def _choose_and_post(self, value: str) -> None:
        self.choose(value)
        self.post_message(self.Changed(self, self.value))

    @hidden_if(has_values, has_neighbours)
    def action_move_button(self) -> None:
        """Move to the next button with tab, if nothing else on the screen takes the focus."""
        self.action_move(1)

    @hidden_if(has_values)
    def action_pick(self) -> None:
        """Confirm the chosen option."""
        self.post_message(self.Picked(self, self.value))

    @property
    def takes_hurried_clicks(self) -> bool:
        """Whether it gets the second click of a double click, which must press no button."""
        return not self.buttons

    def on_click(self, event: Click) -> None:
        """Choose the option under the mouse; press a button that is chosen already."""
        x = event.get_content_offset_capture(self).x
        (first, end), begin = self._shown(), 0
        x -= width(self._more) if first else 0
        for (value, _), spans in zip(self._options[first:end], self._spans()[first:end], strict=True):
            if begin <= x < begin + (size := width(spans)):
                if value == self.value and self.buttons:
                    self.post_message(self.Picked(self, value))
                else:
                    self.pick_anew(value)
                return
            begin += size

    @property
    def _gap(self) -> int:
        return 2 if self.buttons or (not self._has_room(3) and self._has_room(2)) else 3

    def _has_room(self, gap: int) -> bool:
        """Return whether all values fit with some cells between them."""
        texts = [f"{self._glyphs.off} {title}" for _, title in self._options]
        return sum(map(cell_len, texts)) + gap * (len(texts) - 1) <= self.size.width

    @property
    def _more(self) -> Spans:
        """The sign for options left out at the beginning."""
        return ((f"{self._glyphs.ellipsis} ", Role.MUTED),)

    def _rest(self, end: int) -> Spans:
        """Return how many options are left out from ``end`` on."""
        left_out = len(self._options) - end
        return ((f"{self._glyphs.ellipsis} {left_out} more", Role.MUTED),) if left_out else ()

    def _shown(self) -> tuple[int, int]:
        """Return the range of the options to draw, which are shown whole; the chosen one is among them."""
        sizes = [width(spans) for spans in self._spans()]
        gap, count = self._gap, len(sizes)
        for first in range(self._index + 1):
            room = self.size.width + gap - (width(self._more) if first else 0)
            for end in range(count, self._index, -1):
                rest = width(self._rest(end)) + gap if end < count else 0
                if sum(sizes[first:end]) + rest <= room:
                    return first, end
        return self._index, self._index + 1

    def _spans(self) -> list[Spans]:
        options: list[Spans] = []
        for index, (_, title) in enumerate(self._options):
            chosen = index == self._index
            if self.buttons:
                text = f"[ {title} ]" if chosen else f"  {title}  "
                options.append(((text, Role.MATCH if chosen else Role.PLAIN), (" " * self._gap, Role.PLAIN)))
            else:
                sign = self._glyphs.on if chosen else self._glyphs.off
                role = Role.ACCENT if chosen else Role.MUTED
                options.append(((f"{sign} {title}", role), (" " * self._gap, Role.PLAIN)))
        return options

    def render_line(self, y: int) -> Strip:
        self.shown_at = self.shown_at or time.monotonic()
        first, end = self._shown()
        drawn = [span for spans in self._spans()[first:end] for span in spans]
        spans = (
            *(self._more if first else ()),
            *(drawn if end < len(self._options) else drawn[:-1]),
            *self._rest(end),
        )
        return self.strip(clip(spans, self.size.width, self._glyphs.ellipsis), self.size.width)
