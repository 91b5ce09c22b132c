"""How a cell looks, and the shortest sequence that turns one look into another."""

from functools import lru_cache
from itertools import product
from typing import NamedTuple

_OFF = {
    "1": "22", "2": "22", "3": "23", "4": "24", "21": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29",
    "51": "54", "52": "54", "53": "55", "58": "59",
}  # fmt: skip
"""The code that ends an attribute; attributes with the same one exclude each other, except bold and dim."""
_TOGETHER = "22"
_SEEN_ON_BLANKS = {"24", "25", "27", "29", "54", "55"}
"""The ends of attributes that show on a blank; terminals differ on whether erased cells have them."""


_LEVELS = (0, 95, 135, 175, 215, 255)
_NUMBERS = {
    **{
        f"2;{red};{green};{blue}": f"5;{16 + number}"
        for number, (red, green, blue) in enumerate(product(_LEVELS, repeat=3))
        if number > 5
    },
    **{f"2;{grey};{grey};{grey}": f"5;{232 + number}" for number, grey in enumerate(range(8, 248, 10))},
}
"""The 24-bit colours with a number in the palette of 256 colours; the number takes half the bytes.

Without the first 16, which users choose, and the black and blues after them, which some colour schemes change too.
"""


class Look(NamedTuple):
    """The style of a cell, in the codes of SGR; empty texts are the terminal's own colours."""

    attributes: frozenset[str] = frozenset()
    """Codes such as ``1`` for bold, ``4:3`` for a wavy underline, ``58;5;9`` for its colour."""
    ink: str = ""
    paper: str = ""
    link: str = ""
    """Parameters and address of a hyperlink, as after ``OSC 8 ;``."""


PLAIN = Look()


def _end_code(code: str) -> str:
    """Return the code that ends an attribute, or an empty string for any other code."""
    return _OFF.get(code.partition(":")[0].partition(";")[0], "")


@lru_cache(4096)
def blank_look(look: Look) -> Look:
    """Return the part of a look that shows on a blank: its background alone, unless it draws lines."""
    if look.link or any(_end_code(code) in _SEEN_ON_BLANKS for code in look.attributes):
        return look
    return Look(paper=look.paper)


@lru_cache(4096)
def apply_codes(look: Look, codes: str) -> Look:
    """Return the look after ``ESC [ codes m``; unknown codes change nothing."""
    attributes, ink, paper = look.attributes, look.ink, look.paper
    rest = codes.split(";")[::-1]
    while rest:
        code = rest.pop()
        number = code.partition(":")[0]
        if number in ("38", "48", "58"):
            if code == number:  # the colour is in the codes that follow
                kind = rest.pop() if rest else ""
                count = {"2": 3, "5": 1}.get(kind, 0)
                colour = ";".join([kind, *(rest.pop() for _ in range(min(count, len(rest))))])
                code = f"{code};{_NUMBERS.get(colour, colour)}"
            if number == "38":
                ink = code
            elif number == "48":
                paper = code
            else:
                attributes = frozenset(a for a in attributes if _end_code(a) != "59") | {code}
        elif number.lstrip("0") == "":
            attributes, ink, paper = frozenset(), "", ""
        elif end := "24" if code == "4:0" else _end_code(code):
            if end != _TOGETHER:
                attributes = frozenset(a for a in attributes if _end_code(a) != end)
            attributes = attributes if code == "4:0" else attributes | {code}
        elif code in _OFF.values():
            attributes = frozenset(a for a in attributes if _end_code(a) != code)
        elif code in _INKS:
            ink = "" if code == "39" else code
        elif code in _PAPERS:
            paper = "" if code == "49" else code
    return Look(attributes, ink, paper, look.link)


_INKS = {*map(str, (*range(30, 38), 39, *range(90, 98)))}
_PAPERS = {*map(str, (*range(40, 48), 49, *range(100, 108)))}


@lru_cache(4096)
def change(old: Look, new: Look) -> str:
    """Return the shortest sequence after which text has the new look."""
    link = "" if old.link == new.link else f"\x1b]8;{new.link or ';'}\x1b\\"
    return link + min(_by_steps(old, new), _anew(new), key=len)


def _by_steps(old: Look, new: Look) -> str:
    ended = {_end_code(code) for code in old.attributes - new.attributes}
    begun = [code for code in new.attributes if code not in old.attributes or _end_code(code) in ended]
    codes = [*sorted(ended), *sorted(begun)]
    if old.ink != new.ink:
        codes.append(new.ink or "39")
    if old.paper != new.paper:
        codes.append(new.paper or "49")
    return f"\x1b[{';'.join(codes)}m" if codes else ""


def _anew(new: Look) -> str:
    codes = [code for code in (*sorted(new.attributes), new.ink, new.paper) if code]
    return f"\x1b[0;{';'.join(codes)}m" if codes else "\x1b[m"
