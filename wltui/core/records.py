"""The API's nouns, as every floor above the client knows them.

The API's own words mix models and their versions up (a ``model_id`` is a version's number in one call and a
model's name in another), so each kind of id has a type of its own here, and the wire's names end in ``api/``.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Any, NewType, TypeVar

from msgspec import UNSET as UNSET
from msgspec import Struct, UnsetType, structs

WorkspaceId = NewType("WorkspaceId", int)
ModelId = NewType("ModelId", int)
"""A name in a workspace; the wire calls it ``models_pk_id``, or ``id`` of ``models/get``."""
VersionId = NewType("VersionId", int)
"""One upload of a model; the wire calls it ``model_version_id``, and ``model_id`` in ``get_config_by_id``."""
ConfigId = NewType("ConfigId", int)
"""One row of configuration; rows are only ever added, and the newest counts."""


class Phase(Enum):
    """What a status word means to a person; the words themselves are open (a server may invent one)."""

    READY = "ready"
    ERROR = "error"
    PENDING = "pending"
    """On its way to ready or error. It may stay there for hours and still be served."""
    OTHER = "other"
    """A word this program does not know; to be shown as it is and treated as not final."""
    ABSENT = "absent"
    """The answer had no status (``models/get`` leaves it out)."""


STATUSES = {
    "ready": Phase.READY,
    "error": Phase.ERROR,
    "uploading": Phase.PENDING,
    "pending_load_native": Phase.PENDING,
    "attempting_load_native": Phase.PENDING,
    "pending_load_container": Phase.PENDING,
    "attempting_load_container": Phase.PENDING,
}


def phase(status: str | None) -> Phase:
    """The phase that a status word stands for."""
    return STATUSES.get(status, Phase.OTHER) if status else Phase.ABSENT


class Outcome(Enum):
    """What became of a save."""

    SAVED = "saved"
    NOT_SAVED = "not saved"
    REFUSED = "refused"
    """The server said no."""
    UNKNOWN = "may be saved"


class Workspace(Struct, frozen=True, gc=False):
    """A workspace, as ``workspaces/list`` tells it."""

    id: WorkspaceId
    name: str
    archived: bool = False
    created_at: str | None = None
    created_by: str | None = None
    """An e-mail address or a UUID: the same workspace shows either, at different times."""
    version_ids: tuple[VersionId, ...] = ()
    """What the wire calls ``models`` here holds *version* ids."""
    pipelines: tuple[int, ...] = ()


class ModelConfig(Struct, frozen=True, kw_only=True, gc=False):
    """One row of a version's configuration.

    A field is ``UNSET`` where the answer did not carry it (``get_config_by_id`` tells four fields only): it is
    *not readable*, which is neither null nor empty.
    """

    id: ConfigId
    version_id: VersionId | None = None
    runtime: str | UnsetType | None = UNSET
    """Decided by the platform; it cannot be set."""
    tensor_fields: tuple[str, ...] | UnsetType | None = UNSET
    filter_threshold: float | UnsetType | None = UNSET
    batch_config: str | UnsetType | None = UNSET
    """``"single"``, or null for many rows an inference."""
    input_schema: str | UnsetType | None = UNSET
    """A serialized Arrow schema in standard base64."""
    output_schema: str | UnsetType | None = UNSET
    dynamic_batching_config: dict[str, Any] | UnsetType | None = UNSET
    continuous_batching_config: dict[str, Any] | UnsetType | None = UNSET
    openai_config: dict[str, Any] | UnsetType | None = UNSET
    """The wire calls it ``openai_config`` in requests and ``openai`` in answers."""
    queue_depth: int | UnsetType | None = UNSET
    sidekick_uri: str | UnsetType | None = UNSET
    extra: tuple[str, ...] = ()
    """Names of fields that are set and that this program does not know. A request can't carry them."""


def overlay(under: ModelConfig, over: ModelConfig) -> ModelConfig:
    """Return ``under`` with every field that ``over`` holds, and the unknown fields of both."""
    held = {name: getattr(over, name) for name in over.__struct_fields__}
    held["extra"] = tuple(dict.fromkeys((*under.extra, *over.extra)))
    return structs.replace(under, **{name: value for name, value in held.items() if value is not UNSET})


class ModelVersion(Struct, frozen=True, kw_only=True, gc=False):
    """One upload of a model. Every field but the id may be missing, since each call tells other ones."""

    id: VersionId
    model_id: ModelId | None = None
    model_name: str = ""
    workspace_id: WorkspaceId | None = None
    uuid: str | None = None
    status: str | None = None
    """An open set; see :func:`phase`."""
    error_summary: str | None = None
    """Why it failed, in the server's words; None where the server gave no reason."""
    file_name: str | None = None
    """As the uploader passed it: it may be a whole local path."""
    sha: str | None = None
    """SHA-256 of the file; versions may share one."""
    size: int | None = None
    """Bytes of the file."""
    image_path: str | None = None
    """None for native runtimes and while an image is being built; not a sign of failure."""
    arch: str | None = None
    accel: str | None = None
    framework: str | None = None
    python_version: str | None = None
    requirements: tuple[str, ...] = ()
    visibility: str | None = None
    owner_id: str | None = None
    created_at: str | None = None
    created_by: str | None = None
    created_on_version: str | None = None
    """The Wallaroo release that took the upload."""
    deployed: bool | None = None
    """Independent of the status."""
    task_id: str | None = None
    config: ModelConfig | None = None
    """The config that came with this version in the same answer: its *first* row, stale once re-configured."""


class Model(Struct, frozen=True, kw_only=True, gc=False):
    """A model, with its versions newest first where the answer told them."""

    id: ModelId
    name: str
    workspace_id: WorkspaceId | None = None
    owner_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    versions: tuple[ModelVersion, ...] | None = None
    """None: not told yet (the flat ``models/list`` of older servers leaves them out)."""


T = TypeVar("T")


class PartialList(tuple[T, ...]):
    """Records of a list of which some could not be read. It equals only a list that lacks the same."""

    missing: int
    """How many could not be read."""
    reason: str
    """Why the first of those could not."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PartialList) and (tuple(self), self.missing, self.reason) == (
            tuple(other),
            other.missing,
            other.reason,
        )

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((tuple(self), self.missing))


def partial_list(records: Iterable[T], missing: int, reason: str) -> tuple[T, ...]:
    """Return records as a list of which ``missing`` could not be read; a plain tuple if there are none of those."""
    if not missing:
        return tuple(records)
    told = PartialList(records)
    told.missing, told.reason = missing, reason
    return told


def missing_records(records: Iterable[object] | None) -> tuple[int, str]:
    """Return how many records of a list could not be read, and why the first could not."""
    return (records.missing, records.reason) if isinstance(records, PartialList) else (0, "")


def unread_versions(models: Iterable[Model]) -> tuple[int, str]:
    """Return how many versions of these models could not be read, and why the first could not."""
    found = [missing_records(model.versions) for model in models]
    return sum(missing for missing, _ in found), next((reason for missing, reason in found if missing), "")
