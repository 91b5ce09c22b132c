"""Find a text in wrapped lines, also where a line break was put into it, and mark what was found."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise

from rich.cells import cell_len

from .spans import Role, Span, Spans, plain

Piece = tuple[int, int, int]
"""A line, and the first and the last character in it plus one."""
Hit = tuple[Piece, ...]
"""What was found once: one piece, or several if it goes on in the next line."""


def find_hits(lines: Sequence[Spans], text: str, cells: int) -> list[Hit]:
    """Return every place of a text, in any case, in lines that were wrapped at ``cells``."""
    if not text.strip():
        return []
    texts = [plain(line) for line in lines]
    ends = ["\n" if _is_wrapped(line, after, cells) else "\v" for line, after in pairwise(texts)]
    starts = [0, *accumulate(len(line) + 1 for line in texts)]
    whole = "".join(part for pair in zip(texts, [*ends, "\v"], strict=True) for part in pair)
    words = (r"(?:\n *)?".join(map(re.escape, word)) for word in text.split())
    pattern = re.compile(r"[ \n]+".join(words), re.IGNORECASE)
    return [_pieces(found.start(), found.end(), starts, texts) for found in pattern.finditer(whole)]


def _is_wrapped(line: str, after: str, cells: int) -> bool:
    """Return whether a line ends where it does because what comes after it did not fit."""
    word = after.lstrip().partition(" ")[0]
    return bool(word) and cell_len(line) + (1 if cell_len(line) < cells else 0) + cell_len(word) > cells


def _pieces(start: int, end: int, starts: Sequence[int], texts: Sequence[str]) -> Hit:
    """Return the parts of a hit line by line, without the blanks at the start of a line that goes on."""
    pieces: list[Piece] = []
    number = bisect_right(starts, start) - 1
    while starts[number] < end:
        text = texts[number]
        first = max(0, start - starts[number])
        if pieces:
            first = len(text) - len(text.lstrip())
        pieces.append((number, first, min(len(text), end - starts[number])))
        number += 1
    return tuple(pieces)


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
