"""Parse times from text or seconds, and convert them to the user's time zone. No text of a server raises an error."""

from datetime import UTC, datetime

LONGEST = 100
"""Maximum characters of a timestamp. Longer texts are rejected unread, since parsing them takes long."""
EARLIEST = datetime(1, 1, 3, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)
"""Python can't convert times outside this range to every time zone."""


def parse_timestamp(stamp: str | None) -> datetime | None:
    """Return the time in UTC of a timestamp, or None if it is absent, unreadable or out of range.

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
    """Return the time in UTC of a timestamp that this program wrote.

    Raises:
        ValueError: it is not a timestamp, or out of range.
    """
    time = parse_timestamp(text)
    if time is None:
        raise ValueError(f"not a timestamp: {text}")
    return time


def from_seconds(seconds: object) -> datetime | None:
    """Return the time in UTC for seconds since 1970, or None if that is not a number or out of range."""
    if not isinstance(seconds, int | float):
        return None
    try:
        time = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):  # NaN and infinity among them
        return None
    return time if EARLIEST <= time <= LATEST else None


def to_local(time: datetime) -> datetime:
    """Return the time in the user's time zone, or unchanged if it can't be converted."""
    try:
        return time.astimezone()
    except (ValueError, OverflowError, OSError):
        return time
