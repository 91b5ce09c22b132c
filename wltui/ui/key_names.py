"""The keys of each action as the user has set them, and their names for people; without Textual."""

from collections.abc import Iterable, Mapping
from functools import cache

from .key_table import ACTIONS

FIXED = {"escape": "esc always goes back", "ctrl+q": "ctrl+q always quits", "ctrl+c": "ctrl+c always copies"}
"""Keys that stay as they are, and why: whatever else is changed, one can leave a screen and the program."""
NAMES = {
    "escape": "esc", "slash": "/", "question_mark": "?", "exclamation_mark": "!", "equals_sign": "=", "colon": ":",
    "pageup": "PgUp", "pagedown": "PgDn", "underscore": "_", "comma": ",", "full_stop": ".", "semicolon": ";",
    "plus": "+", "minus": "-", "asterisk": "*", "number_sign": "#", "apostrophe": "'", "quotation_mark": '"',
    "less_than_sign": "<", "greater_than_sign": ">", "tilde": "~", "at": "@", "dollar_sign": "$", "percent_sign": "%",
    "ampersand": "&", "vertical_line": "|", "backslash": "\\", "circumflex_accent": "^", "grave_accent": "`",
    "left_parenthesis": "(", "right_parenthesis": ")", "left_square_bracket": "[", "right_square_bracket": "]",
    "left_curly_bracket": "{", "right_curly_bracket": "}",
}  # fmt: skip
"""Names for people of keys that Textual names otherwise."""
ARROWS = {"up": "↑", "down": "↓", "left": "←", "right": "→"}
SHOWN = {"frame.back": "escape", "filter.done": "enter", "filter.clear": "escape", "menu.close": "escape"}
"""The usual key of an action that hints name, if it is not the first one."""


def key_name(key: str, *, ascii: bool = False) -> str:
    """Return a key's name for people: ``/`` for ``slash``, ``ctrl+_`` for ``ctrl+underscore``."""
    modifiers, plus, base = key.rpartition("+")
    name = NAMES.get(base) or (None if ascii else ARROWS.get(base)) or base
    return f"{modifiers}{plus}{name}"


@cache
def usual_keys() -> Mapping[str, tuple[str, ...]]:
    """Return the keys that each action has unless the user changes them, by the action's name.

    Some actions have fewer keys on some screens; the most count.
    """
    found: dict[str, tuple[str, ...]] = {}
    for line in ACTIONS.splitlines():
        name, keys = line.split(" ")[:2]
        found[name] = max(found.get(name, ()), tuple(keys.split(",")), key=len)
    return found


def with_fixed(name: str, keys: Iterable[str]) -> tuple[str, ...]:
    """Return an action's keys with those of :data:`FIXED` that it always has."""
    return tuple(dict.fromkeys([*keys, *(key for key in usual_keys()[name] if key in FIXED)]))


def whole_keymap(changed: Mapping[str, str]) -> Mapping[str, str]:
    """Return the changed keys, and the usual ones of actions that share a key and a class with a changed action.

    Without them Textual's ``apply_keymap`` takes the key away from those too.
    """
    lines = [line.split(" ") for line in ACTIONS.splitlines()]
    owned = {
        (owner, key): name for name, keys, owner, *_ in lines if name in changed for key in keys.split(",")
    }
    shared = {
        name: keys for name, keys, owner, *_ in lines for key in keys.split(",") if (owner, key) in owned
    }
    return {**shared, **changed}


class KeyNames:
    """The present keys of all actions."""

    def __init__(self, changed: Mapping[str, str] | None = None, *, ascii: bool = False) -> None:
        """
        Args:
            changed: The keys of each action that the user has changed, with commas between.
            ascii: Whether names are in ASCII only.
        """
        self._changed = {name: tuple(keys.split(",")) for name, keys in (changed or {}).items()}
        self._ascii = ascii

    def keys(self, name: str) -> tuple[str, ...]:
        """Return the keys of an action, as Textual names them."""
        return self._changed.get(name) or usual_keys()[name]

    def __call__(self, name: str) -> str:
        """Return the name of the key that hints show for an action: ``esc`` for ``frame.back``."""
        keys = self.keys(name)
        key = keys[0] if name in self._changed else SHOWN.get(name, keys[0])
        return key_name(key, ascii=self._ascii)
