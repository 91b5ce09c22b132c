"""What has changed on an instance since a user last looked at it."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from .records import ConfigId, ModelVersion, Phase, VersionId, phase

SIGNS = {Phase.READY: "r", Phase.ERROR: "e", Phase.PENDING: "p", Phase.OTHER: "o", Phase.ABSENT: "a"}
"""A letter for each phase, by which a snapshot remembers it."""
READY, ERROR = SIGNS[Phase.READY], SIGNS[Phase.ERROR]

Statuses = Mapping[VersionId, str]
"""The phase of versions, as a letter of :data:`SIGNS`."""


class Changes(Struct, frozen=True):
    """What has changed. A version is in one of the first three at most: in the one that needs attention most."""

    broke: tuple[ModelVersion, ...] = ()
    """Versions that are in error and were not, new ones included."""
    became_ready: tuple[ModelVersion, ...] = ()
    """Versions that were in error, or on their way, and are ready."""
    appeared: tuple[ModelVersion, ...] = ()
    """New uploads that are not in error."""
    reconfigured: tuple[VersionId, ...] = ()
    """Versions that have a newer config, as far as it is known."""

    def __bool__(self) -> bool:
        return bool(self.broke or self.became_ready or self.appeared or self.reconfigured)

    def joined(self, other: "Changes") -> "Changes":
        """Return the changes of both."""
        return Changes(
            self.broke + other.broke,
            self.became_ready + other.became_ready,
            self.appeared + other.appeared,
            self.reconfigured + other.reconfigured,
        )


class _Signs(dict[str | None, str]):
    """Letters by status word. There may be 100,000 versions, and they share few words."""

    def __missing__(self, word: str | None) -> str:
        sign = self[word] = SIGNS[phase(word)]
        return sign


class _Letters(Mapping[VersionId, str]):
    """Letters by version in nine bytes each, where a dictionary takes sixty: a list may have a million."""

    def __init__(self, letters: Mapping[VersionId, str]) -> None:
        """Raise OverflowError if an id has more than 63 bits."""
        self._ids = array("q", sorted(letters))
        self._letters = "".join(map(letters.__getitem__, self._ids))  # type: ignore[arg-type]

    def __getitem__(self, version_id: VersionId) -> str:
        place = bisect_left(self._ids, version_id)
        if place == len(self._ids) or self._ids[place] != version_id:
            raise KeyError(version_id)
        return self._letters[place]

    def __iter__(self) -> Iterator[VersionId]:
        return map(VersionId, self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, _Letters):
            return self._ids == other._ids and self._letters == other._letters
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]

    def unpacked(self) -> dict[VersionId, str]:
        """Return a dictionary of the same, which is fast."""
        return dict(zip(map(VersionId, self._ids), self._letters, strict=True))


def signs_of(versions: Iterable[ModelVersion]) -> Statuses:
    """Return the phase of each version as a letter."""
    signs = _Signs()
    letters = {version.id: signs[version.status] for version in versions}
    try:
        return _Letters(letters)
    except OverflowError:
        return letters


def find_changes(before: Statuses | None, since: datetime, versions: Iterable[ModelVersion]) -> Changes:
    """Return what has changed among the versions of a list.

    A version is new if its id is above the largest one in ``before``: ids only grow, while ``since`` may be later than
    the time at which the list was read, and by another clock than the server's. ``before`` is None if the list had not
    been read; then only versions that were uploaded after ``since`` are new.
    """
    broke: list[ModelVersion] = []
    ready: list[ModelVersion] = []
    appeared: list[ModelVersion] = []
    signs = _Signs()
    known = before.unpacked() if isinstance(before, _Letters) else before or {}
    largest = max(known, default=0)
    for version in [each for each in versions if known.get(each.id) != signs[each.status]]:
        then, now = known.get(version.id), signs[version.status]
        if then is None:
            if version.id > largest if before is not None else _is_uploaded_after(since, version):
                (broke if now == ERROR else appeared).append(version)
        elif now == ERROR:
            broke.append(version)
        elif now == READY:
            ready.append(version)
    return Changes(tuple(broke), tuple(ready), tuple(appeared))


def _is_uploaded_after(since: datetime, version: ModelVersion) -> bool:
    created = version.created
    return created is not None and created > since


def find_reconfigured(
    before: Mapping[VersionId, ConfigId], now: Mapping[VersionId, ConfigId]
) -> dict[VersionId, ConfigId]:
    """Return the versions whose newest config was known before and is another one now, with that. Ids only grow."""
    return {
        version_id: config_id
        for version_id, config_id in now.items()
        if version_id in before and before[version_id] < config_id
    }
