"""Help: the keys of the screen below, generated from its bindings."""

from collections.abc import Iterable, Sequence
from typing import Any

from textual.widget import Widget

from wltui.ui.keys import active_keys
from wltui.ui.screens.base.frame import Frame
from wltui.ui.text.spans import Role, Spans, wrap
from wltui.ui.widgets.pager import Pager

GROUPS = {"app": "Everywhere", "frame": "Everywhere", "list": "In the list", "pager": "While reading"}
"""Headings by the first part of a binding's id; all other bindings go under ``HERE``."""
HERE = "This screen"
MOUSE = (
    "Drag with the mouse to select text, or click twice on a word; ctrl+c copies it. Within tmux the mouse needs its "
    "option mouse on. With shift held the terminal itself selects."
)
LABEL = 20
"""Width of the column of keys, in cells."""


class HelpScreen(Frame[None]):
    """The keys of another screen, each with its reason if it is disabled."""

    FOOTER = ("frame.back",)

    def __init__(self, about: Frame[Any]) -> None:
        super().__init__()
        self._about = about
        self._keys = active_keys(about.active_bindings, ascii=about.glyphs.is_ascii)

    @property
    def crumb(self) -> Spans:
        return (("Help", Role.PLAIN),)

    def body(self) -> Iterable[Widget]:
        yield Pager(self._lines, id="main")

    def action_help(self) -> None:
        """Close the help: the key that opens it also closes it."""
        self.dismiss()

    def _lines(self, cells: int) -> Sequence[Spans]:
        lines: list[Spans] = []
        for heading in dict.fromkeys([HERE, *GROUPS.values()]):
            keys = [
                key for name, key in self._keys.items() if GROUPS.get(name.partition(".")[0], HERE) == heading
            ]
            lines += (
                [(), ((heading, Role.BOLD),)] if lines and keys else [((heading, Role.BOLD),)] if keys else []
            )
            for key in keys:
                off = "" if key.enabled else self._about.disabled_reason(key.binding.action) or "off here"
                text: Spans = ((key.text, Role.MUTED if off else Role.PLAIN),)
                if off:
                    text = (*text, (f"  ({off})", Role.WARNING))
                lines += _entry(key.names, Role.ACCENT, text, cells)
        lines += [(), (("Signs", Role.BOLD),), *self._signs(cells)]
        lines += [(), *wrap(((MOUSE, Role.MUTED),), cells)]
        return lines

    def _signs(self, cells: int) -> list[Spans]:
        """Render the meanings of the glyphs."""
        signs = self.glyphs
        meanings = (
            (signs.ready, Role.SUCCESS, "ready"),
            (signs.error, Role.ERROR, "error"),
            (signs.pending, Role.WARNING, "on its way to ready or error"),
            (signs.other, Role.MUTED, "a status that this program does not know"),
            (signs.absent, Role.MUTED, "no status"),
            (signs.differs, Role.WARNING, "another image than the newest ready version's"),
            (signs.redeploy, Role.WARNING, "deployed with an older config: deploy the pipeline again"),
            (signs.cached, Role.MUTED, "from the cache, not read yet"),
            (signs.changed_just_now, Role.ACCENT, "changed a moment ago"),
            (signs.changed, Role.WARNING, "a field that you changed"),
            (signs.unsent, Role.ACCENT, f"an edit that was not sent; {self.key_of('version.edit')} opens it"),
            (signs.mark, Role.ACCENT, "a marked row"),
            (signs.dash, Role.MUTED, "nothing there"),
        )
        return [
            line for sign, role, text in meanings for line in _entry(sign, role, ((text, Role.PLAIN),), cells)
        ]


def _entry(name: str, role: Role, text: Spans, cells: int) -> list[Spans]:
    """Render a key or a sign, with its meaning in a second column."""
    first, *rest = wrap(text, max(8, cells - LABEL))
    return [
        ((f"  {name:<{LABEL - 2}}", role), *first),
        *(((" " * LABEL, Role.PLAIN), *line) for line in rest),
    ]
