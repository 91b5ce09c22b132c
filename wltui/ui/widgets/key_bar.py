"""The footer: the keys that work here, most used first, cut to the width."""

from collections.abc import Iterable

from rich.cells import cell_len
from textual.binding import Binding

from ..spans import Role, Span, Spans
from .line import Line

NAMES = {
    "enter": "enter", "escape": "esc", "slash": "/", "question_mark": "?", "exclamation_mark": "!", "space": "space",
    "equals_sign": "=", "colon": ":",
}  # fmt: skip


def key_name(key: str) -> str:
    """A key as it is written for people: ``/`` for ``slash``."""
    return NAMES.get(key, key)


class KeyBar(Line):
    """The keys of bindings that ask to be shown; whole entries only, so that no word is clipped."""

    def show_bindings(self, bindings: Iterable[Binding], cells: int) -> None:
        """Show as many of the bindings as fit in ``cells``."""
        spans: list[Span] = []
        room = cells - 1
        for binding in bindings:
            key = binding.key_display or key_name(binding.key.partition(",")[0])
            need = cell_len(key) + cell_len(binding.description) + 3
            if need > room:
                break
            room -= need
            spans += [(f" {key}", Role.ACCENT), (f" {binding.description} ", Role.PLAIN)]
        line: Spans = tuple(spans)
        self.show(line)
