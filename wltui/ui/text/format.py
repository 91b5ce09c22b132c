"""Times, ages and sizes as people read them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from wltui.core.times import parse_timestamp, to_local

LONGEST_LINE = 1_000
"""The most characters of a text that a line shows and that lists sort and filter by; a server may send any number."""


def shortened(text: str) -> str:
    """Return a text for one line, cut to ``LONGEST_LINE`` characters."""
    return text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1] + "…"


def age(span: timedelta) -> str:
    """Return a length of time in its largest unit: ``8 s``, ``3 min``, ``18 h``, ``12 d``, ``3 y``."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size, least in _UNITS:
        if seconds >= least * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


_UNITS = (("y", 365 * 86_400, 2), ("d", 86_400, 2), ("h", 3_600, 1), ("min", 60, 1))
"""Units of time, their seconds, and the least number of each for which it is used."""


def age_order(stamp: str | None) -> float | None:
    """Return a sort key for ages, lower for a later API timestamp, or None if it can't be parsed."""
    time = parse_timestamp(stamp)
    return -time.timestamp() if time else None


def clock_time(time: datetime) -> str:
    """Return the time in the user's time zone: ``12:04:31``."""
    return to_local(time).strftime("%H:%M:%S")


def day_time(stamp: str | None) -> str:
    """Return an API timestamp in the user's time zone, to the minute, or as received if it can't be parsed."""
    time = parse_timestamp(stamp)
    return to_local(time).strftime("%Y-%m-%d %H:%M") if time else shortened(stamp or "")


def age_since(stamp: str | None, now: datetime) -> str:
    """Return how long ago an API timestamp was, or the timestamp as received if it can't be parsed."""
    time = parse_timestamp(stamp)
    return age(now - time) if time else shortened(stamp or "")


def full_time(stamp: str | None, now: datetime) -> str:
    """Return an API timestamp in the user's time zone, its age, and the time in UTC if that differs.

    A timestamp that can't be parsed is returned as received.
    """
    time = parse_timestamp(stamp)
    if time is None:
        return shortened(stamp or "")
    here, absolute = f"{to_local(time):%Y-%m-%d %H:%M:%S}", f"{time:%Y-%m-%d %H:%M:%S} UTC"
    same = absolute.startswith(here)
    return f"{absolute if same else here}, {age(now - time)} ago" + ("" if same else f" ({absolute})")


def size(count: int) -> str:
    """Return a number of bytes in decimal units: ``12.8 MB``."""
    if count >= 10**18:  # no file has that many
        return f"{count:,} B"
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 999.5:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def count(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 model``, ``2 models``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def name_some(texts: Sequence[str], most: int) -> str:
    """Return the first texts, at most ``most``, and how many more there are: ``a; b; and 3 more``."""
    more = len(texts) - most
    return "; ".join([*texts[:most], *([f"and {more:,} more"] if more > 0 else [])])


def could_not_be_read(missing: int, reason: str, noun: str) -> str | None:
    """Return a sentence on the rows of a list that could not be parsed, or None if there are none."""
    if not missing:
        return None
    return f"{count(missing, noun)} could not be read: {reason}. The others are shown."


@lru_cache(maxsize=4096)  # the versions of a list share few files, and a filter asks for each
def base_name(path: str | None) -> str:
    """Return the last part of a name that may be a path, of Windows too; an empty string if there is none."""
    return path[-LONGEST_LINE:].replace("\\", "/").rstrip("/").rpartition("/")[2] if path else ""
