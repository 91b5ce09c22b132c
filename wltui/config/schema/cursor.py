"""Reading along a line of a schema's text, with the place of every fault."""

import re

from . import quoting
from .codec import SchemaError
from .types import Place

LARGEST = 2**31 - 1
"""The largest size that Arrow has room for."""

_SPACES = {" ", "\t", "\xa0", "\ufeff"}
"""The last two come with what is pasted."""
_NUMBER = re.compile(r"[+-]?\d+", re.ASCII)


class SchemaTextError(SchemaError):
    """A fault in a schema's text, at ``line`` and ``column``, both from 1. ``why`` and ``advice`` say what it is."""

    def __init__(self, why: str, advice: str = "", *, line: int, column: int) -> None:
        super().__init__(f"Line {line}, column {column}", why, advice)
        self.line, self.column = line, column


class Cursor:
    """Reads along one line of a text; what is not as it should be raises :class:`SchemaTextError`."""

    def __init__(self, text: str, line: int = 1) -> None:
        self.text, self.line, self.at = text, line, 0
        self.depth = 0
        """Types that are open here, one within another."""

    @property
    def place(self) -> Place:
        """Where the cursor is."""
        return self.line, self.at + 1

    def fault(self, why: str, advice: str = "", *, at: int | None = None) -> SchemaTextError:
        """The error to raise; ``at`` counts characters from 0."""
        return SchemaTextError(why, advice, line=self.line, column=(self.at if at is None else at) + 1)

    def skip(self) -> None:
        """On to what is no space."""
        while self.text[self.at : self.at + 1] in _SPACES:
            self.at += 1

    def match(self, pattern: re.Pattern[str]) -> str | None:
        """What the pattern matches here, spaces before it skipped; the cursor is then behind it."""
        self.skip()
        found = pattern.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found[0]

    def take(self, mark: str) -> bool:
        """Whether ``mark`` comes next, spaces skipped; the cursor is then behind it."""
        self.skip()
        if self.text.startswith(mark, self.at):
            self.at += len(mark)
            return True
        return False

    def expect(self, mark: str, where: str) -> None:
        """Past ``mark``, which has to come next; ``where`` goes on after its name in a sentence."""
        if not self.take(mark):
            raise self.fault(f"expected {mark} {where}{self.found_instead()}")

    def found_instead(self) -> str:
        """What stands here, for the end of a sentence."""
        rest = self.text[self.at :].split(maxsplit=1)
        return f", not {shorten(rest[0])}" if rest else ", but the line ends here"

    def take_quoted(self) -> str | None:
        """The text in quotes that comes next, if it does."""
        self.skip()
        start = self.at
        if not self.text.startswith(('"', "'"), start):
            return None
        found = self.match(quoting.QUOTED)
        if found is None:
            raise self.fault("these quotes are not closed", at=start)
        try:
            return quoting.unquote(found)
        except ValueError as error:
            raise self.fault(
                str(error), r"A backslash is written \\, and in single quotes as it is", at=start
            ) from None

    def take_string(self, pattern: re.Pattern[str], what: str) -> str:
        """A name, in quotes or without."""
        self.skip()
        start = self.at
        text = self.take_quoted()
        if text is None:
            text = self.match(pattern)
            if text is None:
                raise self.fault(f"expected {what}{self.found_instead()}")
            if not quoting.is_visible(text):
                bad = next(place for place, letter in enumerate(text) if not quoting.is_visible(letter))
                code = ord(text[bad])
                raise self.fault(
                    f"a character that can't be seen, U+{code:04X}",
                    f"Delete it, or put the name in quotes with {quoting.quote(text[bad])[1:-1]}",
                    at=start + bad,
                )
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise self.fault("a name is text, so it holds no bytes", at=start)
        return text

    def take_number(self, what: str, largest: int = LARGEST, least: int = 0) -> int:
        """The whole number that comes next, within bounds; ``what`` names it in a sentence."""
        self.skip()
        start = self.at
        found = self.match(_NUMBER)
        if found is None:
            raise self.fault(f"expected {what}, a whole number{self.found_instead()}")
        if len(found) > 20 or not least <= int(found) <= largest:
            raise self.fault(f"{what} is out of range: from {least} to {largest}", at=start)
        return int(found)


def shorten(text: str) -> str:
    """A piece of somebody's text for a sentence: quoted, visible and short."""
    cut = text if len(text) <= 30 else text[:29] + "…"
    return "'" + quoting.quote(cut)[1:-1].replace('\\"', '"') + "'"
