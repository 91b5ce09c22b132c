"""The versions on a screen that are on their way to ready."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta

from wltui.core.compact import read_status
from wltui.core.records import ModelVersion, Phase, VersionId, phase

MOVING_FOR = timedelta(minutes=30)
"""How long a version counts as on its way to ready; after that it may take hours, and the usual pause will do."""
FOLLOWED = 8
"""Maximum versions on their way that are read alone at a time."""


class Moving:
    """The versions on their way to ready in the last answer, and since when each is."""

    def __init__(self) -> None:
        self.versions: dict[VersionId, ModelVersion] = {}
        """Those whose status is not final."""
        self._since: dict[VersionId, datetime] = {}
        """Since when each is on its way: its upload, or if that is unknown, when it was first seen so."""

    def take(self, watched: Callable[[], Iterable[ModelVersion]], now: datetime) -> Counter[Phase]:
        """Record the versions on their way, and count all by phase; once per answer, as there may be many."""
        words = Counter(map(read_status, watched()))
        phases: Counter[Phase] = Counter()
        for word, number in words.items():
            phases[phase(word)] += number
        moving = {word for word in words if phase(word) in (Phase.PENDING, Phase.OTHER)}
        pending = [version for version in (watched() if moving else ()) if read_status(version) in moving]
        self.versions = {version.id: version for version in pending}
        self._since = {
            version.id: self._since.get(version.id) or version.created or now for version in pending
        }
        return phases

    def lately(self, now: datetime) -> list[ModelVersion]:
        """Return the versions that have been on their way for less than :data:`MOVING_FOR`."""
        return [
            version for number, version in self.versions.items() if now - self._since[number] < MOVING_FOR
        ]

    def to_follow(
        self, now: datetime, can_look: Callable[[ModelVersion], bool], visible: Collection[VersionId]
    ) -> list[ModelVersion]:
        """Return the versions to read alone, :data:`FOLLOWED` at most: those in view first, then the youngest."""
        found = [version for version in self.lately(now) if can_look(version)]
        return sorted(found, key=lambda version: (version.id not in visible, -version.id))[:FOLLOWED]


def arrivals(before: dict[VersionId, ModelVersion], now: Iterable[ModelVersion]) -> list[ModelVersion]:
    """Return the versions whose status has changed from pending to ready or error."""
    return [
        version
        for version in now
        if (known := before.get(version.id)) and has_arrived(known.status, version.status)
    ]


def has_arrived(before: str | None, now: str | None) -> bool:
    """Return whether a status has changed from pending to ready or error."""
    return phase(before) is Phase.PENDING and phase(now) in (Phase.READY, Phase.ERROR)
