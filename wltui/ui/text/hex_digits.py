"""Find digits in the UUIDs and hashes of many rows, without writing out those of each row."""

import re
from collections.abc import Callable

from wltui.core.compact import digest_bytes

from .facts import Facts


def digit_test(word: str, exact: Callable[[Facts], bool], *, at_start: bool) -> Callable[[Facts], bool]:
    """Return a function that returns the same as ``exact``, which reads the UUID and the hash of a row as texts.

    It does not call that for most rows that do not have the digits, and so takes a quarter of the time.

    Args:
        word: Hexadecimal digits, with or without dashes.
        exact: Returns False for each row of which neither the UUID nor the hash has the digits.
        at_start: Whether the digits are looked for at the beginning of both alone.
    """
    digits = word.replace("-", "")
    pattern = b"(?s)" + (
        b".(?:%b|.{16}%b)" % ((_aligned(digits),) * 2) if at_start else b"%b|%b" % _both_ways(digits)
    )
    find = re.compile(pattern).match if at_start else re.compile(pattern).search

    def test(row: Facts) -> bool:
        packed = digest_bytes(row.source)
        return (packed is None or find(packed) is not None) and exact(row)

    return test


def _both_ways(digits: str) -> tuple[bytes, bytes]:
    """Return patterns of digits that begin with a byte, and in the middle of one."""
    if not digits:
        return b"", b""
    low = b"".join(re.escape(bytes.fromhex(f"{high:x}{digits[0]}")) for high in range(16))
    return _aligned(digits), b"[%b]%b" % (low, _aligned(digits[1:]))


def _aligned(digits: str) -> bytes:
    """Return a pattern of bytes that begin with these digits."""
    whole = len(digits) // 2 * 2
    pattern = re.escape(bytes.fromhex(digits[:whole]))
    if whole == len(digits):
        return pattern
    first, last = (re.escape(bytes.fromhex(digits[-1] + other)) for other in "0f")
    return pattern + b"[%b-%b]" % (first, last)
