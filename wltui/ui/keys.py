"""Bindings in a form for people, from which footer, help and the README's table are made."""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field
from textual.binding import ActiveBinding, Binding
from textual.widget import Widget

from .key_names import KeyNames, key_name


class Key(Struct):
    """One action with all its keys."""

    binding: Binding
    enabled: bool
    ascii: bool = False
    """Whether its names use ASCII only."""
    keys: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """A short description of the action."""
        return self.binding.tooltip or self.binding.description

    @property
    def names(self) -> str:
        """The names of all its keys."""
        return " ".join(key_name(key, ascii=self.ascii) for key in self.keys)

    @property
    def name(self) -> str:
        """The name of the key that the footer shows."""
        names = [key_name(key, ascii=self.ascii) for key in self.keys]
        chosen = self.binding.key_display
        return chosen if chosen in names else names[0]


def present_keys(widget: Widget) -> KeyNames:
    """Return the keys of every action in a widget's app; the usual ones if the app has no others."""
    found = getattr(widget.app, "key_names", None)
    return found if isinstance(found, KeyNames) else KeyNames()


def active_keys(active: Mapping[str, ActiveBinding], *, ascii: bool = False) -> dict[str, Key]:
    """Return the keys that work at present, by binding id; bindings without id, such as Textual's own, are left out."""
    found: dict[str, Key] = {}
    for key, entry in active.items():
        if entry.binding.id:
            found.setdefault(entry.binding.id, Key(entry.binding, entry.enabled, ascii)).keys.append(key)
    return found


def declared_keys(bindings: Iterable[Binding]) -> list[Key]:
    """Return the keys that a class declares, for documentation."""
    return [Key(binding, True, keys=binding.key.split(",")) for binding in bindings if binding.id]
