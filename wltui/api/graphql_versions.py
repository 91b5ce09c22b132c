"""Build the GraphQL query for the versions that are not ready: a small answer for the whole instance.

It alone contains the time of a version's last change; the REST API has only that of its upload.
"""

from msgspec import Struct, field

from wltui.core.records import Model, ModelId, ModelVersion, VersionId, WorkspaceId

from .graphql import Query, Selection, reader
from .wire import ConfiguredVersion, Conversion, FileInfo, VersionFields
from .wire_config import Wire

MOST = 2_000
"""Maximum rows of an answer. If there are more versions that are not ready, the lists of models show them."""


class ChangedVersion(Struct, frozen=True, gc=False):
    """A version that is not ready, and the time of its last change."""

    version: ModelVersion
    """Without a config, and without what the query does not select: size, visibility and whether it is deployed."""
    changed_at: str | None


UNREADY = Selection(
    "model",
    ("id", "model_id", "status"),
    (
        "models_pk_id", "model_version", "updated_at", "error_summary", "task_id", "file_name", "sha", "image_path",
        "conversion", "created_at", "created_by", "created_on_version",
    ),
    relations={"model": Selection("models", ("workspace_id",))},
)  # fmt: skip


def unready_versions() -> Query[tuple[ChangedVersion, ...]]:
    """Build the query for the versions that are not ready, the last changed first, at most :data:`MOST`."""
    what = "The versions that are not ready"
    return Query(
        "unready_versions",
        "model",
        "",
        '(where: {_or: [{status: {_neq: "ready"}}, {status: {_is_null: true}}]},'
        f" order_by: {{updated_at: desc}}, limit: {MOST})",
        {},
        UNREADY,
        reader(_Unready, _Row.record, what),
        what,
    )


class _Place(Wire, frozen=True, gc=False):
    workspace_id: WorkspaceId | None = None


class _Row(Wire, frozen=True, gc=False):
    id: VersionId
    model_id: str
    status: str | None
    models_pk_id: ModelId | None = None
    model_version: str | None = None
    updated_at: str | None = None
    error_summary: str | None = None
    task_id: str | None = None
    file_name: str | None = None
    sha: str | None = None
    image_path: str | None = None
    conversion: Conversion | None = None
    created_at: str | None = None
    created_by: str | None = None
    created_on_version: str | None = None
    model: _Place | None = None

    def record(self) -> ChangedVersion:
        """Return the version; ``model_id`` is the name of its model, and ``model_version`` its own UUID."""
        fields = VersionFields(
            id=self.id,
            name=self.model_id,
            workspace_id=self.model.workspace_id if self.model else None,
            status=self.status,
            error_summary=self.error_summary,
            image_path=self.image_path,
            task_id=self.task_id,
            created_at=self.created_at,
            created_by=self.created_by,
            created_on_version=self.created_on_version,
            file_info=FileInfo(self.model_version, self.sha, self.file_name),
            conversion=self.conversion,
        )
        model = (
            Model(id=self.models_pk_id, name=self.model_id, workspace_id=fields.workspace_id)
            if self.models_pk_id
            else None
        )
        return ChangedVersion(ConfiguredVersion(fields).record(model), self.updated_at)


class _Rows(Wire, frozen=True, gc=False):
    rows: tuple[_Row, ...] = field(name="model")


class _Unready(Wire, frozen=True, gc=False):
    data: _Rows
