"""Which of many digests hold some digits: a million are searched in a tenth of a second, as bytes and not as texts.

They stand side by side, 48 bytes for each entry: a UUID of 16 bytes and a hash of 32; zeros if there is none.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import chain, compress

SIZE = 48
"""Bytes of an entry."""
MANY = 2
"""The least bytes that so few entries have by chance that these are gone through one by one."""
_HASH = 16
_PARTS = {"uuid": (0, "0" * 8 + "-0000" * 3 + "-" + "0" * 12), "sha": (_HASH, "0" * 64)}
"""The first byte of a UUID and of a hash, and how they are written."""
_MOST = 3
"""The most digits that are looked for at once."""
_STEP = 8_192
"""Entries that are searched at once: as many as the processor's cache holds."""


def holding(
    digests: bytearray, word: str, parts: Iterable[str], *, at_start: bool
) -> tuple[Iterable[int], Iterable[int]]:
    """Return the places whose UUID or hash has a word in it, and others that may have it.

    Args:
        digests: The digests of all entries.
        word: Hexadecimal digits, with or without dashes, at least one sign; no digest has another word.
        parts: ``uuid``, ``sha``, or both.
        at_start: Whether the word is looked for at the beginning alone.
    """
    if not re.fullmatch("[0-9a-f-]*", word):
        return (), ()
    digits = word.replace("-", "")
    starts = {part: _starts(word, part, at_start=at_start) for part in parts}
    whole = {bytes.fromhex(part[: len(part) & ~1]) for part in (digits, digits[1:])[: 1 if at_start else 2]}
    if any(starts.values()) and min(map(len, whole)) >= MANY:
        return (), chain.from_iterable(_with_bytes(digests, needle, at_start=at_start) for needle in whole)
    found = [_with_digits(digests, digits, part, places) for part, places in starts.items() if places]
    return chain(*(sure for sure, _ in found)), chain(*(maybe for _, maybe in found))


def _with_digits(
    digests: bytearray, digits: str, part: str, starts: Collection[int]
) -> tuple[Iterable[int], Iterable[int]]:
    """Return the places with few digits in one part, which begin at one of ``starts``, and those that may have them."""
    sure, maybe = bytearray(), bytearray()
    for start in range(0, len(digests), _STEP * SIZE):
        step = digests[start : start + _STEP * SIZE]
        hits, there = _search(step, digits[:_MOST], _PARTS[part][0], starts)
        known = hits & there if len(digits) <= _MOST else 0
        sure += known.to_bytes(len(step) // SIZE, "little")
        maybe += (hits ^ known).to_bytes(len(step) // SIZE, "little")
    places = range(len(sure))
    return compress(places, sure), compress(places, maybe)


def _starts(word: str, part: str, *, at_start: bool) -> Collection[int]:
    """Return the numbers of the digits at which a word may begin in a UUID or hash."""
    pattern = _PARTS[part][1][: len(word) if at_start else None]
    shape = "".join("-" if letter == "-" else "0" for letter in word)
    return {
        start - pattern.count("-", 0, start)
        for start in range(len(pattern) - len(word) + 1)
        if pattern.startswith(shape, start)
    }


def _with_bytes(digests: bytearray, needle: bytes, *, at_start: bool) -> Iterator[int]:
    """Yield the places whose digests have or begin with these bytes; those across two digests are among them."""
    start = digests.find(needle)
    while start >= 0:
        place, offset = divmod(start, SIZE)
        if not at_start or offset in (0, _HASH):
            yield place
            offset = _HASH
        start = digests.find(needle, place * SIZE + (_HASH if offset < _HASH else SIZE))


def _search(digests: bytearray, digits: str, first: int, starts: Collection[int]) -> tuple[int, int]:
    """Return which digests have at most three digits at one of some places, and of which these bytes are no zeros.

    Both have one byte for each entry, the lowest first: 1 or 0. A digest that is not there is zeros too.
    """
    table = bytes(_bits(f"{byte:02x}", digits) for byte in range(256))
    columns: dict[int, int] = {}
    for number in {place for start in starts for place in (start // 2, (start + len(digits) - 1) // 2)}:
        column = digests[first + number :: SIZE]  # one byte of all entries, which becomes one number
        columns[number] = int.from_bytes(column.translate(table), "little")
    hits = there = 0
    for start in starts:
        number, is_second = divmod(start, 2)
        hit = columns[number] >> 2 * is_second
        if is_second + len(digits) > 2:
            hit &= columns[number + 1] >> 2 * is_second + 1
        hits |= hit
    for bits in columns.values():
        there |= bits >> 4
    ones = int.from_bytes(b"\1" * (len(digests) // SIZE), "little")
    return hits & ones, there & ones


def _bits(byte: str, digits: str) -> int:
    """Return what a byte, written in two digits, says of at most three that are looked for.

    1 is that they may begin with it, 2 that they may go on with it after that; 4 and 8 are the same if they begin with
    its second digit; 16 is that it is no zero.
    """
    return (
        byte.startswith(digits[:2])
        | byte.startswith(digits[2:]) << 1
        | byte.endswith(digits[:1]) << 2
        | byte.startswith(digits[1:]) << 3
        | (byte != "00") << 4
    )
