"""Tables of the platform's words for a failure, with their cause and remedy in wltui's words."""

import re
from collections.abc import Iterable

from msgspec import Struct


class Explanation(Struct, frozen=True, gc=False):
    """What a kind of words means. Servers word the same failure differently, so a pattern holds its keywords only."""

    pattern: str
    """A regular expression; the case of letters does not matter."""
    cause: str
    remedy: str
    is_passing: bool = False
    """Whether it may end without anybody's help."""


def find_explanation(words: str, table: Iterable[Explanation]) -> Explanation | None:
    """Return the first explanation whose pattern is in the words, or None. White space is folded."""
    folded = " ".join(words.split())
    return next((each for each in table if re.search(each.pattern, folded, re.IGNORECASE)), None)
