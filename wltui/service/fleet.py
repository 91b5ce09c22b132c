"""Every version of the instance, as far as it is known."""

from collections.abc import Mapping
from operator import attrgetter

from msgspec import Struct

from wltui.core.errors import ServiceError
from wltui.core.records import Model, ModelVersion, VersionId, Workspace, WorkspaceId, missing_records

from .latest import joined

Models = tuple[Model, ...]


class Fleet(Struct, frozen=True):
    """The workspaces of an instance, with all models and versions that are known so far."""

    workspaces: tuple[Workspace, ...] = ()
    models: Mapping[WorkspaceId, Models] = {}
    """The models of each workspace that has been read."""
    newer: Mapping[VersionId, ModelVersion] = {}
    """Versions that GraphQL has shown since their workspace was read; some may be in no list yet."""
    changed_at: Mapping[VersionId, str] = {}
    """Times of the last change of versions that are not ready, if GraphQL shows them."""
    left: int = 0
    """How many workspaces are still to be read."""
    unread: Mapping[WorkspaceId, ServiceError] = {}
    """Why workspaces could not be read this time; what is known of them is older."""

    @property
    def missing(self) -> tuple[int, str]:
        """Return how many records could not be read, and the reason for the first."""
        lists = (
            self.workspaces, *self.models.values(),
            *(model.versions for models in self.models.values() for model in models),
        )  # fmt: skip
        found = [missing_records(records) for records in lists]
        return sum(number for number, _ in found), next((reason for number, reason in found if number), "")

    def versions(self, *, archived: bool = False) -> tuple[ModelVersion, ...]:
        """Return all versions, those of archived workspaces only if ``archived`` is true; newest first by id."""
        hidden = set() if archived else {each.id for each in self.workspaces if each.archived}
        found = {
            version.id: version
            for workspace_id, models in self.models.items()
            if workspace_id not in hidden
            for model in models
            for version in model.versions or ()
        }
        for version in self.newer.values():
            if version.workspace_id not in hidden:
                found[version.id] = joined(found.get(version.id), version)
        return (*sorted(found.values(), key=attrgetter("id"), reverse=True),)
