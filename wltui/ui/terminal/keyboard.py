"""What the terminal sends, from its text to keys: esc is told from what begins like it by how it came.

A terminal sends the letters of a key together. So an ESC behind which nothing comes for a moment is the key esc, while
a longer beginning was cut in two by the link, and is waited for. Within a paste that is as long as it takes: a piece of
the mark at its end would become keys, and all that is typed from then on a part of the paste.
"""

from collections.abc import Iterable, Mapping

from textual import constants
from textual._xterm_parser import XTermParser
from textual.message import Message

ESCAPE_SECONDS, CUT_SECONDS = 0.025, 0.5
"""How long an ESC alone, and a longer beginning, may be the begin of something else."""

_ESC, _PASTE, _PASTED = "\x1b", "\x1b[200~", "\x1b[201~"


def escape_seconds(environ: Mapping[str, str]) -> float:
    """How long an ESC alone may be more than esc: the milliseconds of ``ESCDELAY``, as in other programs."""
    text = environ.get("ESCDELAY", "")
    return (int(text) / 1000 if text.isdecimal() and len(text) <= 5 else 0.0) or ESCAPE_SECONDS


class Keyboard:
    """Textual's parser, and for how long to wait for more of what it has the beginning of."""

    def __init__(self, patience: float = ESCAPE_SECONDS, *, debug: bool = False) -> None:
        """``patience``: seconds that an ESC alone may be the begin of something else."""
        self._parser = XTermParser(debug)
        self._patience = patience
        self._recent = ""
        self._pasting = False
        constants.ESCAPE_DELAY = 0.0  # type: ignore[misc]  # who waits here is the one who calls

    def take(self, text: str) -> Iterable[Message]:
        """Yield the keys and all else that a text says."""
        if not text:
            return  # it would mean that there never will be one again
        yield from self._parser.feed(text)
        recent = self._recent + text
        begin, end = recent.rfind(_PASTE), recent.rfind(_PASTED)
        if begin != end:
            self._pasting = begin > end
        self._recent = recent[1 - len(_PASTE) :]

    @property
    def patience(self) -> float | None:
        """Seconds without a text after which :meth:`give_up` is due; None where it never is."""
        if self._pasting:
            return None
        return self._patience if self._recent.endswith(_ESC) else CUT_SECONDS

    def give_up(self) -> Iterable[Message]:
        """Nothing more has come: the beginning is all there is."""
        self._recent = ""
        return self._parser.tick()
