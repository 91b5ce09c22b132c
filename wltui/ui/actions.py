"""Conditions under which an action is disabled or has no key, declared beside the action."""

from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct

A = TypeVar("A", bound=Callable[..., object])


class Guard(Struct):
    """The conditions of an action; each function is called with the node that the action belongs to."""

    reasons: tuple[Callable[..., str], ...] = ()
    conditions: tuple[Callable[..., bool], ...] = ()


_guards: dict[Callable[..., object], Guard] = {}
"""The guards of ``action_`` methods."""


def disabled_if(*reasons: Callable[..., str]) -> Callable[[A], A]:
    """Disable an action while one of these functions returns a reason, which is shown to the user."""

    def guard(action: A) -> A:
        _guards.setdefault(action, Guard()).reasons = reasons
        return action

    return guard


def hidden_if(*conditions: Callable[..., bool]) -> Callable[[A], A]:
    """Unbind an action's key while one of these functions returns True; the key then works for other widgets."""

    def guard(action: A) -> A:
        _guards.setdefault(action, Guard()).conditions = conditions
        return action

    return guard


def find_reason(node: object, action: str) -> str:
    """Return why an action of a node is disabled, or an empty string if it is not."""
    return next(filter(None, (reason(node) for reason in _guard(node, action).reasons)), "")


def is_hidden(node: object, action: str) -> bool:
    """Return whether an action of a node has no key at present."""
    return any(condition(node) for condition in _guard(node, action).conditions)


def _guard(node: object, action: str) -> Guard:
    """Return the guard of an action; a method without a guard has that of the method which it overrides."""
    place = type(node), action
    if place not in _found:
        name = f"action_{action.partition('(')[0]}"
        methods = (kind.__dict__.get(name) for kind in type(node).__mro__)
        _found[place] = next((_guards[method] for method in methods if method in _guards), _NONE)
    return _found[place]


_NONE = Guard()
_found: dict[tuple[type, str], Guard] = {}
"""The guards by class and action, since each key that is pressed asks for those of all actions several times."""
