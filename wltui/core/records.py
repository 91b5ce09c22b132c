"""Records of the API: workspaces, models, versions and configs.

The API's own words mix models and their versions up (a ``model_id`` is a version's number in one call and a
model's name in another), so each kind of id has a type of its own here. The wire's names stay inside ``api/``.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, NewType, TypeVar

from msgspec import UNSET as UNSET
from msgspec import Struct, UnsetType, structs

from .compact import Compact, config_id, created_seconds, fields_of
from .times import from_seconds

WorkspaceId = NewType("WorkspaceId", int)
ModelId = NewType("ModelId", int)
"""A name in a workspace; the wire calls it ``models_pk_id``, or ``id`` of ``models/get``."""
VersionId = NewType("VersionId", int)
"""One upload of a model; the wire calls it ``model_version_id``, and ``model_id`` in ``get_config_by_id``."""
ConfigId = NewType("ConfigId", int)
"""One row of configuration; rows are only ever added, and the newest counts."""


class Phase(Enum):
    """Meaning of a status word. The set of words is open: a server may send one that is not in :data:`STATUSES`."""

    READY = "ready"
    ERROR = "error"
    PENDING = "pending"
    """On its way to ready or error. It may stay there for hours and still be served."""
    OTHER = "other"
    """A word that this program does not know; show it unchanged and treat it as not final."""
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
    "pending_conversion": Phase.PENDING,
    "converting": Phase.PENDING,
}
"""The last two are of servers of 2023."""


def phase(status: str | None) -> Phase:
    """Return the phase of a status word; ``ABSENT`` if there is none, ``OTHER`` if it is unknown."""
    return STATUSES.get(status, Phase.OTHER) if status else Phase.ABSENT


class Outcome(Enum):
    """Result of a save."""

    SAVED = "saved"
    NOT_SAVED = "not saved"
    REFUSED = "refused"
    """The server rejected it."""
    UNKNOWN = "may be saved"


class Workspace(Struct, frozen=True, gc=False):
    """A workspace, as ``workspaces/list`` returns it."""

    id: WorkspaceId
    name: str
    archived: bool = False
    created_at: str | None = None
    created_by: str | None = None
    """An e-mail address or a UUID; the same workspace may have either at different times."""
    version_ids: Sequence[VersionId] = ()
    """The wire calls this field ``models``, but it holds *version* ids. See :func:`~wltui.core.compact.packed_ids`."""
    pipelines: tuple[int, ...] = ()


class ModelConfig(Struct, frozen=True, kw_only=True, gc=False):
    """One row of a version's configuration.

    A field is ``UNSET`` if the answer did not contain it (``get_config_by_id`` returns four fields only): it is
    *not readable*, which is neither null nor empty.
    """

    id: ConfigId
    version_id: VersionId | None = None
    runtime: str | UnsetType | None = UNSET
    """Decided by the platform; requests can't set it."""
    tensor_fields: tuple[str, ...] | UnsetType | None = UNSET
    filter_threshold: float | UnsetType | None = UNSET
    batch_config: str | UnsetType | None = UNSET
    """``"single"``, or null for many rows per inference."""
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
    """Names of fields that are set but unknown to this program. A request can't contain them."""


def overlay(under: ModelConfig, over: ModelConfig) -> ModelConfig:
    """Return ``under`` with every field that is set in ``over``, and the unknown fields of both."""
    held = {name: getattr(over, name) for name in over.__struct_fields__}
    held["extra"] = tuple(dict.fromkeys((*under.extra, *over.extra)))
    return structs.replace(under, **{name: value for name, value in held.items() if value is not UNSET})


class ModelVersion(Struct, metaclass=Compact, frozen=True, kw_only=True, gc=False):
    """One upload of a model. Every field but the id may be missing, since each call returns different ones.

    To change fields, use :func:`wltui.core.compact.replace_fields`.
    """

    id: VersionId
    model_id: ModelId | None = None
    model_name: str = ""
    workspace_id: WorkspaceId | None = None
    uuid: str | None = None
    status: str | None = None
    """An open set; see :func:`phase`."""
    error_summary: str | None = None
    """Reason of a failure, in the server's words; None if the server gave none."""
    file_name: str | None = None
    """As the uploader passed it; may be a whole local path."""
    sha: str | None = None
    """SHA-256 of the file; several versions may share it."""
    size: int | None = None
    """Bytes of the file."""
    image_path: str | None = None
    """None for native runtimes and while an image is being built; None is not a sign of failure."""
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
    """The Wallaroo release that received the upload."""
    deployed: bool | None = None
    """Independent of the status."""
    task_id: str | None = None
    config: ModelConfig | None = None
    """The config in the same answer: the *first* row of this version, outdated after the first save."""

    @property
    def created(self) -> datetime | None:
        """The time of ``created_at``, None if it is unknown or unreadable."""
        return from_seconds(self.created_seconds)

    @property
    def created_seconds(self) -> float | None:
        """The same in seconds since 1970: lists of 100,000 sort by it."""
        return created_seconds(self)

    @property
    def config_id(self) -> ConfigId | None:
        """The id of ``config``, which costs less than the config."""
        number: ConfigId | None = config_id(self)
        return number

    def __repr__(self) -> str:
        return f"ModelVersion({', '.join(f'{name}={value!r}' for name, value in fields_of(self).items())})"


class Model(Struct, frozen=True, kw_only=True, gc=False):
    """A model, with its versions newest first if the answer contained them."""

    id: ModelId
    name: str
    workspace_id: WorkspaceId | None = None
    owner_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    versions: tuple[ModelVersion, ...] | None = None
    """None if not loaded yet (the flat ``models/list`` of older servers omits them)."""


T = TypeVar("T")


class PartialList(tuple[T, ...]):
    """A list in which some records could not be read. It equals only a list with the same gaps."""

    missing: int
    """Number of unreadable records."""
    reason: str
    """Reason why the first of them could not be read."""

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
    """Return records as a :class:`PartialList` with ``missing`` unreadable ones, or as a tuple if none is."""
    if not missing:
        return tuple(records)
    partial = PartialList(records)
    partial.missing, partial.reason = missing, reason
    return partial


def missing_records(records: Iterable[object] | None) -> tuple[int, str]:
    """Return the number of unreadable records of a list, and the reason of the first; ``(0, "")`` if it is complete."""
    return (records.missing, records.reason) if isinstance(records, PartialList) else (0, "")


def unread_versions(models: Iterable[Model]) -> tuple[int, str]:
    """Return the number of unreadable versions of these models, and the reason of the first."""
    found = [missing_records(model.versions) for model in models]
    return sum(missing for missing, _ in found), next((reason for missing, reason in found if missing), "")
