"""Times: read from text or seconds, and shown on the user's clock. Whatever a server sends, it raises nothing."""

from datetime import UTC, datetime

LONGEST = 100
"""Characters of a timestamp that are looked at; it takes long to find out that a very long text is none."""
EARLIEST = datetime(1, 1, 3, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)
"""Times outside have no day in some time zone, so Python can't convert them to every user's clock."""


def parse_timestamp(stamp: str | None) -> datetime | None:
    """Return the time in UTC that a timestamp names, or None if it is absent, unreadable or at the edge of time.

    Servers drop trailing zeros of the fraction, so it may have any number of digits.
    """
    if not stamp or len(stamp) > LONGEST:
        return None
    try:
        time = datetime.fromisoformat(stamp)
        if time.tzinfo is not UTC:  # lists of 100,000 sort by it
            time = (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return time if EARLIEST <= time <= LATEST else None


def require_time(text: str) -> datetime:
    """Return the time in UTC that a timestamp of this program's own files names.

    Raises:
        ValueError: it names none.
    """
    time = parse_timestamp(text)
    if time is None:
        raise ValueError(f"no time: {text}")
    return time


def from_seconds(seconds: object) -> datetime | None:
    """Return the time in UTC that many seconds after 1970, or None if that is no number or at the edge of time."""
    if not isinstance(seconds, int | float):
        return None
    try:
        time = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):  # NaN and infinity among them
        return None
    return time if EARLIEST <= time <= LATEST else None


def to_local(time: datetime) -> datetime:
    """Return the time on the user's clock, or as it is if it can't be converted."""
    try:
        return time.astimezone()
    except (ValueError, OverflowError, OSError):
        return time
