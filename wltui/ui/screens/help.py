"""Help: the keys that work on the screen it was called from, made from the bindings themselves."""

from collections.abc import Iterable, Sequence
from typing import Any

from textual.widget import Widget

from wltui.ui.glyphs import ASCII
from wltui.ui.keys import active_keys
from wltui.ui.spans import Role, Spans
from wltui.ui.widgets.pager import Pager

from .frame import Frame

GROUPS = {"app": "Everywhere", "frame": "Everywhere", "table": "In the list", "pager": "While reading"}
"""The headings, by the first part of a binding's id; the rest belongs to the screen."""
HERE = "This screen"


class HelpScreen(Frame[None]):
    """The keys of another screen, with the reason where one is off."""

    FOOTER = ("frame.back",)

    def __init__(self, about: Frame[Any]) -> None:
        super().__init__()
        self._about = about
        self._keys = active_keys(about.active_bindings, ascii=about.glyphs is ASCII)

    @property
    def crumb(self) -> Spans:
        return (("Help", Role.PLAIN),)

    def body(self) -> Iterable[Widget]:
        yield Pager(self._lines, id="main")

    def action_help(self) -> None:
        """Help is open already; the same key closes it."""
        self.dismiss()

    def _lines(self, _: int) -> Sequence[Spans]:
        lines: list[Spans] = []
        for heading in dict.fromkeys([HERE, *GROUPS.values()]):
            keys = [
                key for name, key in self._keys.items() if GROUPS.get(name.partition(".")[0], HERE) == heading
            ]
            lines += (
                [(), ((heading, Role.BOLD),)] if lines and keys else [((heading, Role.BOLD),)] if keys else []
            )
            for key in keys:
                off = "" if key.enabled else self._about.why_off(key.binding.action) or "off here"
                line: Spans = (
                    (f"  {key.names:<18}", Role.ACCENT),
                    (key.text, Role.MUTED if off else Role.PLAIN),
                )
                lines.append((*line, (f"  ({off})", Role.WARNING)) if off else line)
        lines += [(), (("Signs", Role.BOLD),), *self._signs()]
        lines += [
            (),
            (("To select text with the mouse hold shift, as in every terminal program.", Role.MUTED),),
        ]
        return lines

    def _signs(self) -> list[Spans]:
        """What the glyphs mean."""
        signs = self.glyphs
        meanings = (
            (signs.ready, Role.SUCCESS, "ready"),
            (signs.error, Role.ERROR, "error"),
            (signs.pending, Role.WARNING, "on its way to ready or error"),
            (signs.other, Role.MUTED, "a status that this program does not know"),
            (signs.absent, Role.MUTED, "no status told"),
            (signs.differs, Role.WARNING, "another image than the newest ready version's"),
            (signs.changed, Role.WARNING, "a field that you changed"),
            (signs.mark, Role.ACCENT, "a marked row"),
            (signs.dash, Role.MUTED, "nothing there"),
        )
        return [((f"  {sign:<18}", role), (text, Role.PLAIN)) for sign, role, text in meanings]
