"""The footer: the keys that work on a screen, most used first, as many as fit. A click does what the key does."""

from collections.abc import Iterable

from wltui.ui.keys import Key
from wltui.ui.text.spans import Role, width

from .parts_line import Part, PartsLine


class KeyBar(PartsLine):
    """Keys and their descriptions; entries are shown whole or not at all. The name of each part is its key."""

    ALLOW_SELECT = False

    def show_keys(self, keys: Iterable[Key], cells: int) -> None:
        """Show the keys that fit in ``cells``; the last one, which is help, is always shown, at the right end."""
        entries = [_entry(key) for key in keys]
        last = entries.pop() if entries else ((), "")
        shown: list[Part] = []
        room = cells - width(last[0]) - 1  # a cell stays free before the last one
        for entry in entries:
            if (size := width(entry[0])) <= room:
                shown.append(entry)
                room -= size
        self.show_parts(shown, last)


def _entry(key: Key) -> Part:
    spans = (f" {key.name}", Role.ACCENT), (f" {key.binding.description} ", Role.PLAIN)
    return spans, key.keys[0]
