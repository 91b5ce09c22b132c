"""A terminal as a program sees it: an xterm with two screens, which answers queries, and has no kitty keyboard.

pyte draws. It is stricter than terminals are, which take anything: so it is given whole sequences alone, and of each
no more numbers than it takes. A terminal that was flushed gets the beginning of one sequence and the end of another.
"""

import re
from collections.abc import Callable

import pyte

_SEQUENCE = re.compile(
    rb"\x1b\[(?P<private>[<=>?]?)(?P<numbers>[0-9;:]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    rb"|\x1b[]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"
    rb"|\x1b\[[0-?]*[ -/]*[@-~]?"
)
"""A control sequence; a string of the terminal's own, or the beginning of one; a sequence that another breaks off."""
_CUT_OFF = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|[]PX^_][^\x07\x1b]*\x1b?)?\Z")
_MODES_AT_REST = {"7", "25"}
"""Private modes that a fresh xterm has set: lines wrap, and the cursor is shown."""
_NUMBERS = {"H": 2, "f": 2, "r": 2}
"""How many numbers a sequence has by its last letter; the others have one, but those of style."""
_ERASES = {"J": ("", "0", "1", "2", "3"), "K": ("", "0", "1", "2")}
"""What can be erased: of the screen, and of a line; a terminal ignores the rest."""
_STYLE = b"m"


class Xterm:
    """Takes what a program writes.

    Args:
        columns: the width.
        rows: the height.
        answer: called with what the terminal sends by itself.
    """

    def __init__(self, columns: int, rows: int, answer: Callable[[str], None]) -> None:
        self._answer = answer
        self._main, self._alternate = pyte.Screen(columns, rows), pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._main)
        self._tail = b""
        self._modes = set(_MODES_AT_REST)
        self._kitty = 0

    @property
    def screen(self) -> pyte.Screen:
        """The one of its two screens that is shown."""
        return self._alternate if "1049" in self._modes else self._main

    def text(self) -> str:
        """What the screen shows, without blanks at the ends of its lines."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def resize(self, columns: int, rows: int) -> None:
        for screen in (self._main, self._alternate):
            screen.resize(rows, columns)

    def left_behind(self) -> set[str]:
        """What was switched and not switched back: the ends of control sequences such as ``?1049h``."""
        switched = self._modes ^ _MODES_AT_REST
        left = {f"?{mode}{'h' if mode in self._modes else 'l'}" for mode in switched}
        return left | {">u"} if self._kitty > 0 else left

    def receive(self, data: bytes) -> None:
        """Take some bytes; a sequence may be cut off at their end, and go on in the next."""
        data = self._tail + data
        cut = _CUT_OFF.search(data)
        self._tail = cut[0] if cut else b""
        data = data[: len(data) - len(self._tail)]
        done = 0
        for found in _SEQUENCE.finditer(data):
            if found["final"] == _STYLE and not (found["private"] or found["between"]):
                continue
            self._stream.feed(data[done : found.start()])
            done = found.end()
            if found["final"]:
                self._obey(*(found[name].decode() for name in ("private", "numbers", "between", "final")))
        self._stream.feed(data[done:])

    def _obey(self, private: str, numbers: str, between: str, final: str) -> None:
        match private + between + final:
            case "c":
                self._answer("\x1b[?64;1;2;6;9;15;22c")
            case "n" if numbers == "6":
                self._answer(f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R")
            case "?$p" if numbers.isdigit():
                state = (1 if numbers in self._modes else 2) if int(numbers) < 2000 else 0
                self._answer(f"\x1b[?{numbers};{state}$y")
            case "?h":
                self._switch(self._modes | set(numbers.split(";")))
            case "?l":
                self._switch(self._modes - set(numbers.split(";")))
            case ">u":
                self._kitty += 1
            case "<u":
                self._kitty -= 1
            case "J" | "K" if numbers not in _ERASES[final]:
                pass
            case _ if not private and not between:
                taken = numbers.split(";")[: _NUMBERS.get(final, 1)]
                self._stream.feed(f"\x1b[{';'.join(taken)}{final}".encode())

    def _switch(self, modes: set[str]) -> None:
        before, self._modes = self.screen, modes
        if self.screen is not before:
            self._stream.detach(before)
            self._alternate.reset()
            self._stream.attach(self.screen)
