"""When an action does not work, declared beside the action: why it is off, and where its key means nothing."""

from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct

A = TypeVar("A", bound=Callable[..., object])


class Guard(Struct):
    """What keeps an action from working; each function gets the node that the action belongs to."""

    reasons: tuple[Callable[..., str], ...] = ()
    conditions: tuple[Callable[..., bool], ...] = ()


_guards: dict[Callable[..., object], Guard] = {}
"""The guards of ``action_`` methods."""


def disabled_if(*reasons: Callable[..., str]) -> Callable[[A], A]:
    """Keep an action off while one of these functions returns a reason, which the user is shown."""

    def guard(action: A) -> A:
        _guards.setdefault(action, Guard()).reasons = reasons
        return action

    return guard


def hidden_if(*conditions: Callable[..., bool]) -> Callable[[A], A]:
    """Take an action's key away while one of these functions returns True: the key goes to whoever else has it."""

    def guard(action: A) -> A:
        _guards.setdefault(action, Guard()).conditions = conditions
        return action

    return guard


def find_reason(node: object, action: str) -> str:
    """Return why an action of a node does not work just now, or an empty string if it does."""
    return next(filter(None, (reason(node) for reason in _guard(node, action).reasons)), "")


def is_hidden(node: object, action: str) -> bool:
    """Return whether an action of a node has no key just now."""
    return any(condition(node) for condition in _guard(node, action).conditions)


def _guard(node: object, action: str) -> Guard:
    """Return the guard of an action; a method that overrides a guarded one has the same guard, if none of its own."""
    name = f"action_{action.partition('(')[0]}"
    methods = (kind.__dict__.get(name) for kind in type(node).__mro__)
    return next((_guards[method] for method in methods if method in _guards), _NONE)


_NONE = Guard()
