"""The bindings of all screens and widgets, as ``wltui/ui/key_table.py`` holds them."""

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from textual.app import App
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, TextArea

import wltui.ui
from wltui.ui.app.app import WltuiApp
from wltui.ui.screens.base.frame import Frame

HEAD = '''"""The keys of every action, and which actions can meet: made by ``pytest --redraw tests/ui/test_keymap.py``.

The file of settings is checked against it before a screen, or Textual, is imported.
"""

'''


@cache
def classes() -> tuple[type, ...]:
    """All classes of the interface, in the order of their modules."""
    found: dict[type, None] = {}
    for module in pkgutil.walk_packages(wltui.ui.__path__, "wltui.ui."):
        for owner in vars(importlib.import_module(module.name)).values():
            if isinstance(owner, type) and owner.__module__ == module.name:
                found[owner] = None
    return tuple(found)


@cache
def screens() -> tuple[type[Frame[Any]], ...]:
    """The screens that a user sees: those that no other one is built on."""
    frames = [owner for owner in classes() if issubclass(owner, Frame) and owner is not Frame]
    return tuple(frame for frame in frames if not any(frame in other.__mro__[1:] for other in frames))


def own_bindings(owner: type) -> list[Binding]:
    """The bindings that a class declares itself, and that have a name."""
    declared = vars(owner).get("BINDINGS", ())
    return [binding for binding in declared if isinstance(binding, Binding) and binding.id]


def widgets_of(owner: type) -> tuple[type[Widget], ...]:
    """The widgets with keys that a screen or widget may hold, by what its modules and those of its parts import."""
    found: dict[type, None] = {}
    waiting = [part for part in owner.__mro__ if part.__module__.startswith("wltui.ui.")]
    seen = set()
    while waiting:
        part = waiting.pop()
        if part in seen:
            continue
        seen.add(part)
        for other in vars(sys.modules[part.__module__]).values():
            if (
                not isinstance(other, type)
                or not issubclass(other, Widget)
                or issubclass(other, Screen | App)
            ):
                continue
            if other.__module__.startswith("wltui.ui.widgets") or other in (Input, TextArea):
                waiting += [kind for kind in other.__mro__ if kind.__module__.startswith("wltui.ui.widgets")]
                if any(own_bindings(kind) for kind in other.__mro__):
                    found[other] = None
    bases = {base for kind in found for base in kind.__mro__[1:]}
    return tuple(kind for kind in found if kind not in bases)


def _declaring(owner: type) -> list[str]:
    """The names of the classes from which a class has its keys, its own first."""
    return [kind.__name__ for kind in owner.__mro__ if own_bindings(kind)]


def _action_lines() -> Iterator[str]:
    for owner in classes():
        for binding in own_bindings(owner):
            yield f"{binding.id} {binding.key} {owner.__name__}{' first' if binding.priority else ''}"


def _screen_lines() -> Iterator[str]:
    for screen in screens():
        others = [name for name in _declaring(screen) if name != screen.__name__]
        yield f"{screen.__name__}: {' '.join(others)}"
        widgets = dict.fromkeys(" ".join(_declaring(widget)) for widget in widgets_of(screen))
        if widgets:
            yield f"  {', '.join(sorted(widgets))}"


def editing_keys() -> set[str]:
    """The keys by which a text box is edited, and which have no name to change them by."""
    boxes = (Input, TextArea)
    found = {key for box in boxes for key in box._merge_bindings().key_to_bindings}
    named = {key for kind in classes() for binding in own_bindings(kind) for key in binding.key.split(",")}
    return {key for key in found if not key.startswith("super+")} - (named & {"ctrl+y", "ctrl+z"})


def render() -> str:
    """The text of the module."""

    def block(name: str, lines: Iterable[str], doc: str) -> str:
        return f'{name} = """\\\n' + "".join(f"{line}\n" for line in lines) + f'"""\n"""{doc}"""\n'

    app = " ".join(_declaring(WltuiApp))
    return HEAD + "\n".join(
        (
            block(
                "ACTIONS",
                _action_lines(),
                "Name, usual keys and class of each action, and whether its keys come before those of a text box.",
            ),
            block(
                "SCREENS",
                [f"app: {app}", *_screen_lines()],
                "The classes whose actions work on each screen beside its own; below, those of each widget.",
            ),
            block("EDITING", sorted(editing_keys()), "The keys by which any text box is edited."),
        )
    )
