"""Read ``[keys]`` of config.toml: the user's keys of actions, checked before a screen is there."""

import difflib
import re
import string
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from wltui.ui.key_names import FIXED, NAMES, usual_keys, with_fixed
from wltui.ui.key_table import ACTIONS, EDITING, SCREENS

from .profile_keys import ABOVE, FILE_KEYS

MODIFIERS = ("alt", "ctrl", "hyper", "meta", "shift", "super")
"""In the order in which Textual names them."""
NAMED = {
    "up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete", "backspace", "tab", "enter",
    "space", "escape", *(f"f{number}" for number in range(1, 25)),
}  # fmt: skip
"""Keys that type no sign."""
TYPED = {
    "esc": "escape", "↑": "up", "↓": "down", "←": "left", "→": "right", "pgup": "pageup", "pgdn": "pagedown",
    "return": "enter", "del": "delete", "ins": "insert", " ": "space",
}  # fmt: skip
"""Other names of keys, some of them those that the screens show."""
SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "esc", "ctrl+h": "backspace"}
"""Keys for which a terminal sends the same bytes as for other ones."""
RENAMED = {
    "solidus": "slash", "reverse_solidus": "backslash", "commercial_at": "at", "hyphen_minus": "minus",
    "plus_sign": "plus", "low_line": "underscore",
}  # fmt: skip
"""Textual's names of signs, where they are not Unicode's."""
TEXT = ("editor", "field", "filter", "search", "palette", "path", "upload")
"""The first parts of the names of actions that are for typing; a letter would be typed."""
PLACE = "REFERENCE.md lists the names of actions"


class KeyMistake(Struct, frozen=True):
    """A mistake in the keys: its place, words and advice."""

    place: tuple[str, ...]
    """The keys of the setting in the file, below ``keys``."""
    what: str
    advice: str


def read_keys(table: Mapping[str, object]) -> tuple[dict[str, str], list[KeyMistake]]:
    """Return the keys of each action in ``[keys]`` as Textual takes them, and every mistake."""
    mistakes: list[KeyMistake] = []
    asked: dict[str, tuple[str, ...]] = {}
    places: dict[str, tuple[str, ...]] = {}
    for place, value in _settings(table):
        name = ".".join(place)
        if name not in usual_keys():
            mistakes.append(KeyMistake(place, f"there is no action {name!r}", _nearest(name)))
            continue
        if name in asked:
            mistakes.append(KeyMistake(place, f"{name} is set twice", "Remove one of the lines"))
            continue
        try:
            asked[name] = with_fixed(name, [_key(name, key) for key in _typed_keys(value)])
            places[name] = place
        except ValueError as error:
            what, _, advice = str(error).partition("\n")
            mistakes.append(KeyMistake(place, f"{name}: {what}", advice))
    mistakes += [KeyMistake(places[name], what, advice) for name, what, advice in _clashes(asked)]
    return {name: ",".join(keys) for name, keys in asked.items()}, mistakes


def _settings(
    table: Mapping[str, object], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yield place and value of each setting: ``"list.filter"`` and ``list.filter`` are the same action."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _settings(value, (*above, key))
        else:
            yield (*above, key), value


def _typed_keys(value: object) -> Sequence[str]:
    """Return the keys as the user wrote them.

    Raises:
        ValueError: there are none.
    """
    if isinstance(value, str):
        value = [","] if value.strip() == "," else value.split(",")
    if not isinstance(value, list) or not all(isinstance(key, str) for key in value):
        raise ValueError('neither a key nor a list of keys\nWrite "f2", or ["f2", "ctrl+t"]')
    keys = [key.strip() or key[:1] for key in value]
    if not any(keys):
        raise ValueError('no key is named\nWrite one, such as "f2", or remove the line')
    return keys


def _key(name: str, typed: str) -> str:
    """Return Textual's name of a key for an action.

    Raises:
        ValueError: it is not a key, or can't be one of this action. A second line is advice.
    """
    key = parse_key(typed)
    if key in usual_keys()[name]:
        return key
    if key in FIXED:
        raise ValueError(f"{FIXED[key]}, so that it can be no other key\nChoose another key")
    sign = _sign(key)
    is_typing = name.partition(".")[0] in TEXT and not any(map(_sign, usual_keys()[name]))
    if sign and (is_typing or _comes_first(name)):
        raise ValueError(f"{sign!r} is typed as text there\nChoose a key that types nothing, such as f2")
    if is_typing and key in EDITING.split():
        raise ValueError(f"{key} edits the text there\nChoose another key")
    return key


def _sign(key: str) -> str:
    """Return the sign that a key types, or an empty string if it types none."""
    if len(key) == 1:
        return key
    return "" if "+" in key or key in NAMED - {"space"} else NAMES.get(key, key)


def _comes_first(name: str) -> bool:
    return any(line.split(" ")[0] == name and line.endswith(" first") for line in ACTIONS.splitlines())


def parse_key(typed: str) -> str:
    """Return Textual's name of a key: ``question_mark`` for ``?``.

    Raises:
        ValueError: it is not a key. A second line of the text is advice.
    """
    *modifiers, base = _split(typed)
    key = _base(base)
    if key is None or not set(modifiers) <= set(MODIFIERS) or len(set(modifiers)) < len(modifiers):
        raise ValueError(f"{typed!r} is not a key\n{_meant(typed)}")
    if modifiers and len(key) == 1 and key != key.lower():
        raise ValueError(f"{typed!r} is not a key\nDid you mean {'+'.join((*modifiers, key.lower()))}?")
    if modifiers == ["shift"] and _sign(key) and key != "space":
        means = (
            f"Did you mean {key.upper()}?"
            if key.isalpha() and len(key) == 1
            else "Write the sign that it types"
        )
        raise ValueError(f"{typed!r} is not a key\n{means}")
    name = "+".join((*sorted(modifiers), key))
    if name in SAME:
        raise ValueError(f"to a terminal {typed} is the same as {SAME[name]}\nChoose another key")
    return "ctrl+@" if name in ("ctrl+space", "ctrl+at") else name


def _split(typed: str) -> list[str]:
    """Return the modifiers and the last key; the last one may be a plus itself."""
    if typed in ("+", "-"):
        return [typed]
    if typed.endswith("++"):
        return [*typed[:-2].split("+"), "+"]
    return typed.split("+")


def _base(text: str) -> str | None:
    """Return Textual's name of a key without modifiers, or None if there is no such key."""
    if text.lower() in NAMED or text in NAMES:
        return text.lower()
    if text.lower() in TYPED:
        return TYPED[text.lower()]
    if len(text) != 1 or not text.isprintable() or text.isspace():
        return None
    if text.isalnum():
        return text
    name = unicodedata.name(text, "").lower().replace("-", "_").replace(" ", "_")
    return RENAMED.get(name, name) or None


def _meant(typed: str) -> str:
    """Return advice for a text that is not a key."""
    parts = [
        part
        for part in re.split(r"[+\-]", typed.lower().replace("^", "ctrl+").replace("c-", "ctrl+"))
        if part
    ]
    words = {"control": "ctrl", "ctl": "ctrl", "option": "alt", "cmd": "super", "command": "super"}
    parts = [words.get(part, part) for part in parts]
    if parts:
        *modifiers, base = parts
        known = sorted({*NAMED, *NAMES, *TYPED, *string.ascii_lowercase})
        near = [base] if _base(base) else difflib.get_close_matches(base, known, n=1, cutoff=0.6)
        meant = [
            next(iter(difflib.get_close_matches(part, MODIFIERS, n=1, cutoff=0.5)), "") for part in modifiers
        ]
        if near and all(meant):
            return f"Did you mean {'+'.join(dict.fromkeys((*meant, near[0])))}?"
    return "Write a sign, a name such as f2 or pagedown, or ctrl+t"


def _nearest(name: str) -> str:
    """Return advice for a name that no action has."""
    if name in FILE_KEYS:
        return ABOVE
    known = usual_keys()
    word = name.lower().replace("-", "_")
    same_end = [other for other in known if other.rpartition(".")[2] == word.rpartition(".")[2]]
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.7) or same_end
    near = near or difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"Did you mean {near[0]}?" if near else PLACE


def _clashes(asked: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str, str]]:
    """Yield name, words and advice for each key that would be that of two actions at once.

    Two actions that share a key by design, as they never work at the same time, may share any.
    """
    usual = usual_keys()
    present = {**usual, **asked}
    met = [(group, asked.keys() & group) for group in groups()]
    found: set[tuple[str, str]] = set()
    for name in asked:
        others = {other for group, names in met if name in names for other in group} - {name}
        for key in asked[name]:
            rivals = [
                other
                for other in present
                if other in others and key in present[other] and not set(usual[name]) & set(usual[other])
            ]
            rivals = [other for other in rivals if (other, name) not in found]
            found |= {(name, other) for other in rivals}
            if rivals:
                names = ", ".join(rivals)
                what = f"{NAMES.get(key, key)} would be the key of {name} and of {names}, on the same screen"
                yield name, what, f"Choose another key for {name}, or change that of {names}"


def groups() -> Iterator[set[str]]:
    """Yield the actions that can work at the same time: those of a widget, its screen and the app."""
    of_class: dict[str, set[str]] = {}
    for line in ACTIONS.splitlines():
        name, _, owner = line.split(" ")[:3]
        of_class.setdefault(owner, set()).add(name)

    def names(classes: str) -> set[str]:
        return set().union(*(of_class[owner] for owner in classes.split()))

    everywhere: set[str] = set()
    screen: set[str] = set()
    for line in SCREENS.splitlines():
        if line.startswith(" "):
            for widget in line.split(","):
                yield screen | names(widget)
        else:
            title, _, classes = line.partition(": ")
            screen = everywhere | names(classes) | of_class.get(title, set())
            everywhere = screen if title == "app" else everywhere
            yield screen
