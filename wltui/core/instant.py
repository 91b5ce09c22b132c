"""Times that can be measured from, also by another process and after the clock was set."""

import secrets
from datetime import datetime, timedelta
from pathlib import Path

from msgspec import Struct

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_THIS_PROCESS = f"process {secrets.token_hex(8)}"
CLOCK_DOUBT = timedelta(days=1)
"""How far the clocks of two hosts, or of one before and after a restart, may be apart."""


class Instant(Struct, frozen=True):
    """One moment, by the wall clock and by a clock that nobody sets."""

    time: datetime
    """In UTC, by the wall clock."""
    boot: str = ""
    """What ``ticks`` count from: a start of this host. Empty if that is not known."""
    ticks: float = 0.0
    """Seconds by the monotonic clock, which Python has system-wide."""

    def elapsed_since(self, earlier: "Instant") -> timedelta:
        """Return the time that has certainly passed since then; zero if none is certain."""
        ticks = self.ticks - earlier.ticks
        if self.boot and self.boot == earlier.boot and ticks >= 0:
            return timedelta(seconds=ticks)
        return max(timedelta(), self.time - earlier.time - CLOCK_DOUBT)


def boot_id() -> str:
    """Return a name for this start of the host, the same in all its processes, or one for this process alone."""
    try:
        return BOOT_ID.read_text().strip() or _THIS_PROCESS
    except OSError:
        return _THIS_PROCESS
