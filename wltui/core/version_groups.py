"""Versions in groups by image, framework or release: what still runs on the old image?"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from enum import Enum

from msgspec import Struct

from .images import ImagePath
from .records import ModelVersion, Phase, phase

LONGEST = 1_000
"""Maximum characters of a group's name; longer texts of a server are cut."""


class GroupBy(Enum):
    """Property that the versions of a group share."""

    IMAGE = "image"
    FRAMEWORK = "framework"
    RELEASE = "release"


class VersionGroup(Struct, frozen=True):
    """The versions that share a property."""

    by: GroupBy
    name: str
    """The common value; empty for the versions that have none."""
    versions: tuple[ModelVersion, ...]

    @property
    def id(self) -> str:
        """Return the key by which the group is found again after a refresh."""
        return self.name

    @property
    def phases(self) -> Mapping[Phase, int]:
        """Return how many versions are in each phase."""
        return Counter(phase(version.status) for version in self.versions)

    @property
    def deployed(self) -> int:
        """Return how many versions are deployed."""
        return sum(bool(version.deployed) for version in self.versions)

    @property
    def models(self) -> int:
        """Return how many models the versions are of."""
        return len({version.model_id for version in self.versions})

    @property
    def workspaces(self) -> int:
        """Return how many workspaces the versions are in."""
        return len({version.workspace_id for version in self.versions})


def in_group(versions: Iterable[ModelVersion], by: GroupBy, name: str) -> tuple[ModelVersion, ...]:
    """Return the versions of one group, in their order."""
    return tuple([version for version in versions if group_name(version, by) == name])


def group_name(version: ModelVersion, by: GroupBy) -> str:
    """Return the value by which a version is grouped; empty if it has none. An image counts without its registry."""
    return _NAMES[by](version)[-LONGEST:]


def group_versions(versions: Iterable[ModelVersion], by: GroupBy) -> tuple[VersionGroup, ...]:
    """Return versions in groups, the largest first; those without a value come last."""
    found: dict[str, list[ModelVersion]] = {}
    for version in versions:
        found.setdefault(group_name(version, by), []).append(version)
    groups = (VersionGroup(by, name, tuple(own)) for name, own in found.items())
    return tuple(sorted(groups, key=lambda group: (not group.name, -len(group.versions), group.name)))


def _image(version: ModelVersion) -> str:
    return ImagePath.parse(version.image_path[-LONGEST:]).short if version.image_path else ""


_NAMES: Mapping[GroupBy, Callable[[ModelVersion], str]] = {
    GroupBy.IMAGE: _image,
    GroupBy.FRAMEWORK: lambda version: version.framework or "",
    GroupBy.RELEASE: lambda version: version.created_on_version or "",
}
