"""Parse the terminal's input into keys; distinguish esc from longer sequences by how the input arrives.

A terminal sends the letters of a key together. So an ESC after which nothing comes for a moment is the key esc. A
longer beginning was cut in two by the link, and its rest is waited for. Within a paste the wait has no limit: else a
piece of the mark at the paste's end would become keys, and later typing would become a part of the paste.
"""

from collections.abc import Iterable, Mapping

from textual import constants
from textual._xterm_parser import XTermParser
from textual.message import Message

ESCAPE_SECONDS, CUT_SECONDS = 0.025, 0.5
"""How long to wait for more after a single ESC, and after a longer beginning of a sequence."""

_ESC, _PASTE, _PASTED = "\x1b", "\x1b[200~", "\x1b[201~"


def escape_seconds(environ: Mapping[str, str]) -> float:
    """Return how long to wait for more after a single ESC: ``ESCDELAY`` (milliseconds, as in curses) in seconds."""
    text = environ.get("ESCDELAY", "")
    return (int(text) / 1000 if text.isdecimal() and len(text) <= 5 else 0.0) or ESCAPE_SECONDS


class Keyboard:
    """Textual's parser, and how long to wait for the rest of an incomplete sequence."""

    def __init__(self, patience: float = ESCAPE_SECONDS, *, debug: bool = False) -> None:
        """``patience``: seconds to wait for more after a single ESC."""
        self._parser = XTermParser(debug)
        self._patience = patience
        self._recent = ""
        self._pasting = False
        constants.ESCAPE_DELAY = 0.0  # type: ignore[misc]  # the caller does the waiting

    def take(self, text: str) -> Iterable[Message]:
        """Yield the keys and other messages that a text from the terminal holds."""
        if not text:
            return  # to the parser, an empty text means the end of all input
        yield from self._parser.feed(text)
        recent = self._recent + text
        begin, end = recent.rfind(_PASTE), recent.rfind(_PASTED)
        if begin != end:
            self._pasting = begin > end
        self._recent = recent[1 - len(_PASTE) :]

    @property
    def patience(self) -> float | None:
        """Seconds without a text after which :meth:`give_up` is due; None if never."""
        if self._pasting:
            return None
        return self._patience if self._recent.endswith(_ESC) else CUT_SECONDS

    def give_up(self) -> Iterable[Message]:
        """Return the keys of an incomplete sequence, since nothing more has come."""
        self._recent = ""
        return self._parser.tick()
