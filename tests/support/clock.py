"""Time as a test has it: a clock that stands still until the test moves it, and waiting that takes none."""

from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
"""The time at which every test plays."""


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now
        self._ticks = 0.0

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        """Return the time in seconds since 1970."""
        return self.now.timestamp()

    def advance(self, seconds: float = 0, **by: float) -> None:
        """Move it, as in ``advance(5)`` and ``advance(minutes=5)``."""
        self.now += timedelta(seconds=seconds, **by)
        self._ticks += timedelta(seconds=seconds, **by).total_seconds()

    def ticks(self) -> float:
        """Return seconds by a clock that nobody sets."""
        return self._ticks

    def set_by(self, **by: float) -> None:
        """Set the wall clock, though no time passes: ``set_by(hours=1)``."""
        self.now += timedelta(**by)


async def at_once(_: float) -> None:
    """A pause that takes no time."""
