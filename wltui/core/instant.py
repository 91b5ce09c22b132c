"""Measure elapsed time across processes, even if somebody sets the clock."""

import secrets
from datetime import datetime, timedelta
from pathlib import Path

from msgspec import Struct

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_THIS_PROCESS = f"process {secrets.token_hex(8)}"
CLOCK_DOUBT = timedelta(days=1)
"""Maximum difference between the clocks of two hosts, or of one host before and after a restart."""


class Instant(Struct, frozen=True):
    """A point in time by the wall clock and by the monotonic clock, which nobody can set."""

    time: datetime
    """In UTC, by the wall clock."""
    boot: str = ""
    """Identifies the start of the host from which ``ticks`` count; empty if unknown."""
    ticks: float = 0.0
    """Seconds by the monotonic clock, which is the same for all processes of the host."""

    def elapsed_since(self, earlier: "Instant") -> timedelta:
        """Return the time that has certainly passed since then; zero if none is certain."""
        ticks = self.ticks - earlier.ticks
        if self.boot and self.boot == earlier.boot and ticks >= 0:
            return timedelta(seconds=ticks)
        return max(timedelta(), self.time - earlier.time - CLOCK_DOUBT)


def boot_id() -> str:
    """Return an id of this start of the host, equal in all its processes, or one for this process only if unknown."""
    try:
        return BOOT_ID.read_text().strip() or _THIS_PROCESS
    except OSError:
        return _THIS_PROCESS
