"""Compare and format thresholds, which servers store as 32-bit floats although JSON and the database have 64 bits."""

import math
from struct import pack, unpack

from . import json_text

THRESHOLD = "filter_threshold"


def is_same_threshold(one: object, other: object) -> bool:
    """Return whether two values are the same threshold for the server, such as 0.1 and 0.10000000149011612."""
    pair = one, other
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in pair):
        return type(one) is type(other) and one == other
    kept = as_float32(one)  # type: ignore[arg-type]
    return one == other or (kept is not None and kept == as_float32(other))  # type: ignore[arg-type]


def as_float32(value: float) -> float | None:
    """Return the 32-bit float nearest to a number, or None if there is none."""
    try:
        return float(unpack("<f", pack("<f", value))[0])
    except OverflowError:
        return None


def shorten_threshold(value: object) -> object:
    """Return a threshold with the fewest digits that yield the same 32-bit float; any other value as it is.

    Servers return 0.1 as 0.10000000149011612.
    """
    if isinstance(value, float) and math.isfinite(value) and as_float32(value) == value:
        return next(
            short for digits in range(1, 10) if as_float32(short := float(f"{value:.{digits}g}")) == value
        )
    return value


def format_threshold(value: object) -> str:
    """Return a threshold as JSON, with the fewest digits."""
    return json_text.format(shorten_threshold(value))
