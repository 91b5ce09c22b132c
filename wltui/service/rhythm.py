"""When a list is read again, and when the versions on their way are read alone between two reads of it.

A list of thousands of versions is megabytes, and the API has no paging: a large list is read less often, so that it
costs :data:`LIST_RATE` at most. Its versions on their way to ready are read one by one meanwhile, as often as before.
"""

from .latest import Look

MOVING_SECONDS, RESTING_SECONDS = 5.0, 30.0
"""Seconds between reads: while a version on screen is on its way to ready, and otherwise."""
LIST_RATE = 8_000
"""Bytes a second, on the wire, that reading a list again and again may take."""
LONGEST_PAUSE = 600.0
"""Maximum seconds between two reads of a list, however large it is."""
HURRY = 5
"""How many times as often a list is read while versions arrive one after another: at most so, however large it is."""
SLOWEST_LOOK = 60.0
"""Maximum seconds between two looks at versions on their way while looks fail."""


def pause_for(size: int) -> float:
    """Return for how many seconds an answer of ``size`` bytes on the wire is not to be read again."""
    return min(LONGEST_PAUSE, size / LIST_RATE)


def list_pause(size: int, *, moving: bool, can_follow: bool) -> float:
    """Return the seconds from one read of a list to the next.

    Args:
        size: Bytes that the list took on the wire.
        moving: Whether a version on it is on its way to ready.
        can_follow: Whether such versions can be read alone meanwhile.
    """
    fair = pause_for(size)
    is_read_whole = moving and (not can_follow or fair <= MOVING_SECONDS)
    return max(fair, MOVING_SECONDS if is_read_whole else RESTING_SECONDS)


class Rhythm:
    """The pauses of one screen between two reads of its list."""

    def __init__(self) -> None:
        self.left = 0.0
        """Seconds until the list is due."""
        self.follows = False
        """Whether versions on their way are read alone meanwhile."""
        self._passed = 0.0
        """Seconds since the list was read."""
        self._soonest = RESTING_SECONDS
        """Seconds from that read to the next one if a version arrives."""
        self._failures = 0
        """Number of looks in a row that failed."""

    def begin(self, pause: float, *, follows: bool) -> None:
        """Begin a pause of some seconds, after a read of the list."""
        self.left, self.follows, self._passed = pause, follows, 0.0
        self._soonest = max(RESTING_SECONDS, pause / HURRY)

    @property
    def step(self) -> float:
        """Seconds until the next look at the versions on their way, or until the list is due."""
        if not self.follows:
            return self.left
        return min(self.left, SLOWEST_LOOK, MOVING_SECONDS * 2.0**self._failures)

    def spend(self, seconds: float) -> None:
        """Count seconds that have passed."""
        self._passed += seconds
        self.left -= seconds

    def take(self, look: Look) -> None:
        """Bring the list forward if a look shows that it has changed in more than a status.

        A version that has arrived changes dates, runtime and counts: the list is read soon, but not so often that it
        fills a slow network where versions arrive all day. One that is gone has to leave the list, and if the network
        or the sign-in is gone, reading the list shows it: it is read at once. Of failures in a row only the first
        counts, so that a call that always fails costs no lists.
        """
        if look.is_gone or (look.is_cut_off and not self._failures):
            self.left = 0.0
        elif look.has_arrived:
            self.left = min(self.left, max(0.0, self._soonest - self._passed))
        self._failures = self._failures + 1 if look.has_failed else 0
