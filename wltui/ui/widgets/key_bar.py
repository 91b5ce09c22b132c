"""The footer: the keys that work here, most used first, cut to the width."""

from collections.abc import Iterable

from rich.cells import cell_len

from wltui.ui.keys import Key
from wltui.ui.spans import Role, Span

from .line import Line


class KeyBar(Line):
    """Keys and what they do; whole entries only, so that no word is clipped."""

    def show_keys(self, keys: Iterable[Key], cells: int) -> None:
        """Show as many of the keys as fit in ``cells``."""
        spans: list[Span] = []
        room = cells - 1
        for key in keys:
            need = cell_len(key.name) + cell_len(key.binding.description) + 3
            if need > room:
                break
            room -= need
            spans += [(f" {key.name}", Role.ACCENT), (f" {key.binding.description} ", Role.PLAIN)]
        self.show(tuple(spans))
