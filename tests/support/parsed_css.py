"""Parse and match each style sheet once in a test run: Textual does it for each app, a fifth of a test's time."""

from typing import Any

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from wltui.ui.stylesheet import MatchingStylesheet


def share_parsed_css() -> None:
    """Let all apps of this process share the parsed rules of equal sources and variables; nothing changes rules.

    They share too which rules apply to a kind of widget, unless a test counts the matching.
    """
    parse = Stylesheet._parse_rules
    parsed: dict[tuple[Any, ...], list[RuleSet]] = {}

    def parse_once(self: Stylesheet, css: str, *place: Any, **named: Any) -> list[RuleSet]:
        key = (css, place, *named.items(), *self._variables.items())
        if key not in parsed:
            parsed[key] = parse(self, css, *place, **named)
        return parsed[key]

    RuleSet.__hash__ = object.__hash__  # type: ignore[method-assign] # the same, but not a function in Python
    Stylesheet._parse_rules = parse_once  # type: ignore[method-assign]
    MatchingStylesheet.memories = {}
