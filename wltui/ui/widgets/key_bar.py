"""The footer: the keys that work here, most used first, cut to the width."""

from collections.abc import Iterable

from wltui.ui.keys import Key
from wltui.ui.text.spans import Role, Spans, width

from .line import Line


class KeyBar(Line):
    """Keys and what they do; whole entries only, so that no word is clipped."""

    def show_keys(self, keys: Iterable[Key], cells: int) -> None:
        """Show the last of the keys, which is help, and before it those of the others that fit in ``cells``."""
        entries = [_entry(key) for key in keys]
        last = entries[-1] if entries else ()
        spans: Spans = ()
        for entry in entries[:-1]:
            if width((*spans, *entry, *last)) <= cells:
                spans += entry
        self.show((*spans, *last))


def _entry(key: Key) -> Spans:
    return (f" {key.name}", Role.ACCENT), (f" {key.binding.description} ", Role.PLAIN)
