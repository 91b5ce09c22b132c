"""Bindings as people read them: footer, help and the README's table are all made from these."""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field
from textual.binding import ActiveBinding, Binding

NAMES = {
    "escape": "esc", "slash": "/", "question_mark": "?", "exclamation_mark": "!", "equals_sign": "=", "colon": ":",
    "pageup": "PgUp", "pagedown": "PgDn",
}  # fmt: skip
ARROWS = {"up": "↑", "down": "↓", "left": "←", "right": "→"}


def key_name(key: str, *, ascii: bool = False) -> str:
    """Return a key as it is written for people: ``/`` for ``slash``."""
    return NAMES.get(key) or (None if ascii else ARROWS.get(key)) or key


class Key(Struct):
    """One thing to do, with every key that does it."""

    binding: Binding
    enabled: bool
    ascii: bool = False
    """Whether it is written with ASCII only."""
    keys: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it does, in a few words."""
        return self.binding.tooltip or self.binding.description

    @property
    def names(self) -> str:
        """All its keys."""
        return " ".join(key_name(key, ascii=self.ascii) for key in self.keys)

    @property
    def name(self) -> str:
        """The key that the footer shows."""
        return self.binding.key_display or key_name(self.keys[0], ascii=self.ascii)


def active_keys(active: Mapping[str, ActiveBinding], *, ascii: bool = False) -> dict[str, Key]:
    """Return the keys that can be pressed, by binding id; a framework's own bindings have no id and are left out."""
    found: dict[str, Key] = {}
    for key, entry in active.items():
        if entry.binding.id:
            found.setdefault(entry.binding.id, Key(entry.binding, entry.enabled, ascii)).keys.append(key)
    return found


def declared_keys(bindings: Iterable[Binding]) -> list[Key]:
    """Return the keys that a class declares, for documents."""
    return [Key(binding, True, keys=binding.key.split(",")) for binding in bindings if binding.id]
