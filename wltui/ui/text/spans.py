"""Styled text as plain data: a line is a tuple of (text, role), and nothing in it can be parsed as markup.

All text from outside must pass through :func:`visible` first, so that a name can neither move the cursor nor reverse
the direction of text.
"""

import re
from collections.abc import Iterable
from enum import StrEnum

from rich.cells import cell_len, chop_cells, set_cell_size

from wltui.core.escapes import HIDDEN

from .format import LONGEST_LINE as LONGEST_LINE
from .format import shortened as shortened


class Role(StrEnum):
    """The meaning of a piece of text; the theme decides its look (component classes of the same names)."""

    PLAIN = "plain"
    BOLD = "bold"
    MUTED = "muted"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"
    ACCENT = "accent"
    MATCH = "match"
    """Letters that a filter matched."""
    FOUND = "found"
    """What a search has gone to."""
    CHIP = "chip"
    """An instance whose profile has a colour."""
    SELECTED = "selected"
    """What the user selected with the mouse."""
    TITLE = "title"
    """The title of the pane that has the keys."""
    HEADING = "heading"
    """The heading of a group of lines."""
    RULE = "rule"
    """A line that divides."""


Span = tuple[str, Role]
Spans = tuple[Span, ...]


class Continued(str):
    """The first text of a line that goes on with the one above it, because that was too long for the screen."""

    __slots__ = ("gap",)
    gap: str
    """The blanks that the line break stands for; empty if a word was broken."""

    @classmethod
    def after(cls, gap: str, text: str) -> "Continued":
        """Return ``text`` as the continuation of a line."""
        made = cls(text)
        made.gap = gap
        return made


class Cut(str):
    """A text without room for all of it; a selection that takes it whole has the whole text."""

    __slots__ = ("whole",)
    whole: str

    @classmethod
    def of(cls, whole: str, text: str) -> str:
        """Return ``text``, which is shown in place of ``whole``."""
        if text == whole:
            return text
        made = cls(text)
        made.whole = whole
        return made


class Edge(str):
    """The blanks before a column; a selection that begins and ends in one column takes nothing of the others."""

    __slots__ = ()


_SPELLED = re.compile(f"{HIDDEN.pattern}|\ufffd")  # and what stands for a damaged character


def _spell(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else f"<U+{code:04X}>"


def visible(text: str, *, ascii: bool = False) -> str:
    """Return ``text`` in one line, with control, zero-width and bidi characters made visible.

    With ``ascii``, every other character beyond ASCII becomes ``?``, for terminals that can't show it.
    """
    clean = _SPELLED.sub(lambda match: f"<U+{ord(match[0]):04X}>" if ascii else _spell(match), text)
    return clean.encode("ascii", "replace").decode() if ascii else clean


def in_ascii(text: str) -> str:
    """Return ``text`` in ASCII, as the same kind of text."""
    if text.isascii():
        return text
    if isinstance(text, Continued):
        return Continued.after(text.gap, visible(text, ascii=True))
    if isinstance(text, Cut):
        return Cut.of(text.whole, visible(text, ascii=True))
    return type(text)(visible(text, ascii=True))


def plain(spans: Spans) -> str:
    """Return the text without roles."""
    return "".join(text for text, _ in spans)


def width(spans: Spans) -> int:
    """Return the number of terminal cells that the spans take."""
    return sum(cell_len(text) for text, _ in spans)


def clip(spans: Spans, cells: int, ellipsis: str = "…") -> Spans:
    """Return the spans cut from the right to at most ``cells``, with an ellipsis at the end if something was cut."""
    if width(spans) <= cells:
        return spans
    room = max(0, cells - cell_len(ellipsis))
    kept: list[Span] = []
    role = Role.PLAIN
    for text, role in spans:
        size = cell_len(text)
        if size > room:
            kept.append((set_cell_size(text, room), role))
            break
        kept.append((text, role))
        room -= size
    return (
        *(span for span in kept if span[0]),
        (set_cell_size(ellipsis, min(cells, cell_len(ellipsis))), role),
    )


def clip_middle(spans: Spans, cells: int, ellipsis: str = "…") -> Spans:
    """Return the spans in at most ``cells``, with an ellipsis in place of their middle if something was cut."""
    if width(spans) <= cells:
        return spans
    room = max(0, cells - cell_len(ellipsis))
    head = clip(spans, (room + 1) // 2, "")
    role = head[-1][1] if head else Role.PLAIN
    return _merge_roles([*head, (set_cell_size(ellipsis, min(cells, cell_len(ellipsis))), role),
                         *clip_start(spans, room - width(head))])  # fmt: skip


def clip_start(spans: Spans, cells: int) -> Spans:
    """Return the last ``cells`` of the spans; a wide character that is cut in two leaves a blank."""
    kept: list[Span] = []
    for text, role in reversed(spans):
        if cells <= 0:
            break
        size = cell_len(text)
        kept.append((text if size <= cells else set_cell_size(text[::-1], cells)[::-1], role))
        cells -= size
    return tuple(reversed(kept))


def wrap(spans: Spans, cells: int) -> list[Spans]:
    """Return the spans in lines of at most ``cells``: broken between words, and within words longer than a line.

    The lines after the first begin with a :class:`Continued` text, by which they can be joined again.
    """
    lines: list[list[Span]] = [[]]
    gaps = [""]
    room = cells = max(1, cells)
    for text, role in spans:
        for word in _WORDS.findall(text):
            size = cell_len(word)
            if size > room and room < cells and (size <= cells or word.isspace()):
                lines.append([])
                room = cells
                if word.isspace():
                    gaps.append(word)
                    continue  # the line break replaces it
                gaps.append("")
            for piece in _chop(word, room, cells):
                size = cell_len(piece)
                if size > room:
                    lines.append([])
                    gaps.append("")
                    room = cells
                lines[-1].append((piece, role))
                room -= size
    first, *rest = map(_merge_roles, lines)
    return [first, *(_continue(line, gap) for line, gap in zip(rest, gaps[1:], strict=True))]


def _continue(line: Spans, gap: str) -> Spans:
    """Return a line that goes on with the one above it, with the blanks in place of which it was broken."""
    (text, role), *others = line or (("", Role.PLAIN),)
    return ((Continued.after(gap, text), role), *others)


_WORDS = re.compile(r"\s+|\S+")


def _chop(word: str, room: int, cells: int) -> list[str]:
    """Return a word in pieces: the first fits in ``room``, the others in ``cells``."""
    if cell_len(word) <= room:
        return [word]
    head = chop_cells(word, room)[0] if room > 1 else ""
    return [*([head] if head else []), *chop_cells(word[len(head) :], cells)]


def _merge_roles(line: Iterable[Span]) -> Spans:
    """Return a line with neighbouring spans of the same role merged."""
    joined: list[Span] = []
    for text, role in line:
        if joined and joined[-1][1] is role:
            joined[-1] = (joined[-1][0] + text, role)
        else:
            joined.append((text, role))
    return tuple(joined)
