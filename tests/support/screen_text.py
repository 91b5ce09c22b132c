"""Match what a screen shows, wherever its lines wrap.

Where a line wraps depends on the length of an age, a port, a path or a name, so no test may rest on it.
"""

import re

_PATTERN_PARTS = re.compile(
    r"""\[\^?\]?(?:\\.|[^\]\\])*\]          # a class of characters
      | (?:\\?[ ]){2,} | (?:\\?[ ])[+*?{]   # blanks that are counted
      | (?P<blank>\\?[ ])
      | \\.
    """,
    re.DOTALL | re.VERBOSE,
)


def fold(text: str) -> str:
    """Return the text in one line, each run of white space in it as one blank."""
    return " ".join(text.split())


def without_ages(text: str) -> str:
    """Return the text with a word for each age, since ages go on while a test runs."""
    return re.sub(r" *\d+ (?:s|min|h|d|y)\b", " AGE", text)


class ScreenText(str):
    """The text of a screen, in which ``"some words" in text`` holds wherever the words are wrapped or padded."""

    __slots__ = ()

    def __contains__(self, words: object) -> bool:
        return isinstance(words, str) and (str.__contains__(self, words) or fold(words) in fold(self))


def search(pattern: str, text: str) -> re.Match[str] | None:
    """Search a screen for a regular expression, in which a single blank also stands for the end of a line.

    ``^`` and ``$`` are ends of lines. More blanks than one, or a blank with a count, as in ``▸ +19``, are as they are.
    """
    return re.search(_PATTERN_PARTS.sub(_widened, pattern), text, re.MULTILINE)


def _widened(part: re.Match[str]) -> str:
    """Return the pattern's part; never one that matches in many ways, which takes for ever within a repeated group."""
    return r"(?: |\n *)" if part["blank"] else part[0]
