"""Find a text in wrapped lines, also where a line break was put into it, and mark what was found."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from .spans import Continued, Role, Span, Spans, plain

Piece = tuple[int, int, int]
"""A line, and the first and the last character in it plus one."""
Hit = tuple[Piece, ...]
"""What was found once: one piece, or several if it goes on in the next line."""


class Searchable:
    """Wrapped lines, joined to be searched. Slow for 100,000 lines: make it once."""

    def __init__(self, lines: Sequence[Spans]) -> None:
        texts = [plain(line) for line in lines]
        ends = ["\n" if _goes_on(after) else "\v" for after in lines[1:]]
        self._starts = [0, *accumulate(len(line) + 1 for line in texts)]
        self._whole = "".join(part for pair in zip(texts, [*ends, "\v"], strict=False) for part in pair)

    def find(self, text: str) -> list[Hit]:
        """Return every place of a text, in any case."""
        words = (r"(?:\n *)?".join(map(re.escape, word)) for word in text.split())
        pattern = r"[ \n]+".join(words)
        found = re.finditer(pattern, self._whole, re.IGNORECASE) if pattern else ()
        return [self._pieces(each.start(), each.end()) for each in found]

    def _pieces(self, start: int, end: int) -> Hit:
        """Return the parts of a hit line by line, without the blanks at the start of a line that goes on."""
        pieces: list[Piece] = []
        number = bisect_right(self._starts, start) - 1
        while (begin := self._starts[number]) < end:
            stop = min(self._starts[number + 1] - 1, end)
            first = max(begin, start)
            if pieces:
                first = stop - len(self._whole[first:stop].lstrip())
            pieces.append((number, first - begin, stop - begin))
            number += 1
        return tuple(pieces)


def _goes_on(line: Spans) -> bool:
    """Return whether a line goes on with the one above it."""
    return any(isinstance(text, Continued) for text, _ in line)


def mark(spans: Spans, first: int, end: int, role: Role) -> Spans:
    """Return a line with the characters from ``first`` to ``end`` in another role."""
    marked: list[Span] = []
    place = 0
    for text, old in spans:
        cuts = [min(max(cut - place, 0), len(text)) for cut in (first, end)]
        parts = ((text[: cuts[0]], old), (text[cuts[0] : cuts[1]], role), (text[cuts[1] :], old))
        marked += [part for part in parts if part[0]]
        place += len(text)
    return tuple(marked)
