"""Read a line of a schema's text step by step, with the place of every fault."""

import re

from wltui.core.escapes import is_visible

from . import quoting
from .codec import SchemaError
from .types import Place

LARGEST = 2**31 - 1
"""Maximum size in Arrow."""

_SPACES = {" ", "\t", "\xa0", "\ufeff"}
"""The last two occur in pasted text."""
_NUMBER = re.compile(r"[+-]?\d+", re.ASCII)


class SchemaTextError(SchemaError):
    """A fault in a schema's text, at ``line`` and ``column``, both from 1, with ``why`` and ``advice``."""

    def __init__(self, why: str, advice: str = "", *, line: int, column: int) -> None:
        super().__init__(f"Line {line}, column {column}", why, advice)
        self.line, self.column = line, column


class Cursor:
    """Reads one line of a text from left to right; raises :class:`SchemaTextError` at a fault."""

    def __init__(self, text: str, line: int = 1) -> None:
        self.text, self.line, self.at = text, line, 0
        self.depth = 0
        """Levels of nested types at this place."""

    @property
    def place(self) -> Place:
        """Return line and column of the cursor."""
        return self.line, self.at + 1

    def fault(self, why: str, advice: str = "", *, at: int | None = None) -> SchemaTextError:
        """Return the error to raise; ``at`` counts characters from 0, the cursor's place by default."""
        return SchemaTextError(why, advice, line=self.line, column=(self.at if at is None else at) + 1)

    def skip(self) -> None:
        """Move past spaces."""
        while self.text[self.at : self.at + 1] in _SPACES:
            self.at += 1

    def match(self, pattern: re.Pattern[str]) -> str | None:
        """Skip spaces, return the text that the pattern matches here and move past it; None if it does not match."""
        self.skip()
        found = pattern.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found[0]

    def take(self, mark: str) -> bool:
        """Skip spaces, and return whether ``mark`` comes next; if so, move past it."""
        self.skip()
        if self.text.startswith(mark, self.at):
            self.at += len(mark)
            return True
        return False

    def expect(self, mark: str, where: str) -> None:
        """Move past ``mark``, or raise if it does not come next; ``where`` follows its name in the message."""
        if not self.take(mark):
            raise self.fault(f"expected {mark} {where}{self.found_instead()}")

    def found_instead(self) -> str:
        """Return a clause that names the text at the cursor, for the end of a message."""
        rest = self.text[self.at :].split(maxsplit=1)
        return f", not {shorten(rest[0])}" if rest else ", but the line ends here"

    def take_quoted(self) -> str | None:
        """Return the text in quotes that comes next and move past it; None if there is none."""
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
                str(error), r"Write a backslash as \\, or put the text in single quotes", at=start
            ) from None

    def take_string(self, pattern: re.Pattern[str], what: str) -> str:
        """Return the name that comes next, in quotes or without, and move past it."""
        self.skip()
        start = self.at
        text = self.take_quoted()
        if text is None:
            text = self.match(pattern)
            if text is None:
                raise self.fault(f"expected {what}{self.found_instead()}")
            if not is_visible(text):
                bad = next(place for place, letter in enumerate(text) if not is_visible(letter))
                code = ord(text[bad])
                raise self.fault(
                    f"an invisible character, U+{code:04X}",
                    f"Delete it, or put the name in quotes and write {quoting.quote(text[bad])[1:-1]}",
                    at=start + bad,
                )
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise self.fault("a name is text, so it can't contain bytes", at=start)
        return text

    def take_number(self, what: str, largest: int = LARGEST, least: int = 0) -> int:
        """Return the whole number that comes next, if within bounds; ``what`` names it in messages."""
        self.skip()
        start = self.at
        found = self.match(_NUMBER)
        if found is None:
            raise self.fault(f"expected {what}, a whole number{self.found_instead()}")
        if len(found) > 20 or not least <= int(found) <= largest:
            raise self.fault(f"{what} is out of range: from {least} to {largest}", at=start)
        return int(found)


def shorten(text: str) -> str:
    """Return a piece of text for a message: quoted, visible and short."""
    cut = text if len(text) <= 30 else text[:29] + "…"
    return "'" + quoting.quote(cut)[1:-1].replace('\\"', '"') + "'"
