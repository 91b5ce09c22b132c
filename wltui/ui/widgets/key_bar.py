"""The footer: the keys that work on a screen, most used first, as many as fit."""

from collections.abc import Iterable

from wltui.ui.keys import Key
from wltui.ui.text.spans import Role, Spans, width

from .line import Line


class KeyBar(Line):
    """Keys and their descriptions; entries are shown whole or not at all."""

    ALLOW_SELECT = False

    def show_keys(self, keys: Iterable[Key], cells: int) -> None:
        """Show the keys that fit in ``cells``; the last one, which is help, is always shown, at the right end."""
        entries = [_entry(key) for key in keys]
        last = entries[-1] if entries else ()
        spans: Spans = ()
        for entry in entries[:-1]:
            if width((*spans, *entry, *last)) < cells:  # a cell stays free before the last one
                spans += entry
        self.show(spans, last)


def _entry(key: Key) -> Spans:
    return (f" {key.name}", Role.ACCENT), (f" {key.binding.description} ", Role.PLAIN)
