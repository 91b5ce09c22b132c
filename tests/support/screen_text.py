"""Match what a screen shows, wherever its lines wrap.

Where a line wraps depends on the length of an age, a port, a path or a name, so no test may rest on it.
"""

import re

_PATTERN_PARTS = re.compile(
    r"(?P<class>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<spaces>(?:\\? )+)(?P<repeated>[+*?{]?)|(?P<escape>\\.)",
    re.DOTALL,
)


def fold(text: str) -> str:
    """Return the text in one line, each run of white space in it as one blank."""
    return " ".join(text.split())


class ScreenText(str):
    """The text of a screen, in which ``"some words" in text`` holds wherever the words are wrapped or padded."""

    __slots__ = ()

    def __contains__(self, words: object) -> bool:
        return isinstance(words, str) and (str.__contains__(self, words) or fold(words) in fold(self))


def search(pattern: str, text: str) -> re.Match[str] | None:
    """Search a screen for a regular expression, in which a blank stands for any white space.

    ``^`` and ``$`` are ends of lines. A blank with a count, as in ``▸ +19``, stands for blanks alone.
    """
    return re.search(_PATTERN_PARTS.sub(_widened, pattern), text, re.MULTILINE)


def _widened(part: re.Match[str]) -> str:
    return r"\s+" if part["spaces"] and not part["repeated"] else part[0]
