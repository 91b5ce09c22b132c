"""Shapes of the API's answers, and their conversion to records.

Servers of three years answer in different shapes, and the vendor's own strict parsers fail on most recorded answers.
So only ids and the names of models and workspaces are required here; anything else may be absent, null, or (see
:mod:`wltui.api.lenient`) of an unexpected type. A row without a required field is left out of its list, and a list
that is null is empty.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from msgspec import ValidationError, structs

from wltui.core.compact import packed_ids
from wltui.core.records import (
    ConfigId,
    Model,
    ModelId,
    ModelVersion,
    VersionId,
    Workspace,
    WorkspaceId,
    missing_records,
    partial_list,
)
from wltui.core.sharing import Sharing

from .knowledge import ConfigCall, parse_release
from .lenient import MOST_UNREAD
from .wire_config import ConfigRow, Wire

R = TypeVar("R")
S = TypeVar("S")


class WorkspaceItem(Wire, frozen=True, gc=False):
    """An item of ``workspaces/list``."""

    id: WorkspaceId
    name: str
    archived: bool | None = None
    created_at: str | None = None
    created_by: str | None = None
    models: tuple[VersionId, ...] | None = None
    pipelines: tuple[int, ...] | None = None

    def record(self) -> Workspace:
        """Return the workspace."""
        return Workspace(
            id=self.id,
            name=self.name,
            archived=bool(self.archived),
            created_at=self.created_at,
            created_by=self.created_by,
            version_ids=packed_ids(self.models or ()),
            pipelines=self.pipelines or (),
        )


class Workspaces(Wire, frozen=True, gc=False):
    """``workspaces/list``."""

    workspaces: tuple[WorkspaceItem, ...] | None

    def record(self) -> tuple[Workspace, ...]:
        """Return the workspaces; a PartialList if some can't be read."""
        return records(self.workspaces, WorkspaceItem.record)


class FileInfo(Wire, frozen=True, gc=False):
    """The uploaded file of a version; ``version`` is the version's UUID."""

    version: str | None = None
    sha: str | None = None
    file_name: str | None = None
    size: int | None = None


class Conversion(Wire, frozen=True, gc=False):
    """Options of a version's upload."""

    framework: str | None = None
    requirements: tuple[str, ...] | None = None
    python_version: str | None = None
    arch: str | None = None
    accel: str | dict[str, Any] | None = None


NO_FILE, NO_CONVERSION = FileInfo(), Conversion()


class VersionFields(Wire, frozen=True, gc=False):
    """A version in ``models/list`` and ``get_version_by_id``; neither names its model."""

    id: VersionId
    name: str | None = None
    workspace_id: WorkspaceId | None = None
    status: str | None = None
    error_summary: str | None = None
    visibility: str | None = None
    image_path: str | None = None
    task_id: str | None = None
    created_at: str | None = None
    created_by: str | None = None
    created_on_version: str | None = None
    deployed: bool | None = None
    file_info: FileInfo | None = None
    conversion: Conversion | None = None


class ConfiguredVersion(Wire, frozen=True, gc=False):
    """A version with a config row, which may not be its newest."""

    model_version: VersionFields
    config: ConfigRow | None = None

    def record(
        self,
        model: Model | None = None,
        sharing: Sharing | None = None,
        call: ConfigCall = ConfigCall.LIST,
    ) -> ModelVersion:
        """Return the version of ``model``; ``sharing`` keeps one object for all equal parts of versions."""
        sharing = sharing or Sharing()
        version = self.model_version
        file = version.file_info or NO_FILE
        conversion = version.conversion or NO_CONVERSION
        shared = sharing.made(  # the values of its fields in their order: by names it would take three times as long
            ModelVersion.shared,
            model.id if model else None,
            model.name if model else version.name or "",
            version.workspace_id or (model.workspace_id if model else None),
            version.status,
            _reason(version.error_summary),
            file.file_name,
            version.image_path,
            conversion.arch,
            _accel(conversion.accel),
            conversion.framework,
            conversion.python_version,
            conversion.requirements or (),
            version.visibility,
            None,  # the owner's id
            version.created_by,
            version.created_on_version,
            version.deployed,
        )
        own = (file.version, file.sha, version.created_at, file.size, version.task_id)
        row, config, of = self.config, None, None
        if row is not None:
            proven = parse_release(version.created_on_version)
            config = sharing.converted(
                structs.replace(row, id=ConfigId(0), version_id=None),
                (call, proven),
                lambda row: row.record(call, proven),
            )
            of = row.id, row.version_id
        made: ModelVersion = ModelVersion.assemble(version.id, own, shared, config, of)
        return made


class VersionAnswer(Wire, frozen=True, gc=False):
    """``models/get_version_by_id``: the answer has the same key on two levels."""

    model_version: ConfiguredVersion


class VersionItem(Wire, frozen=True, gc=False):
    """A version in ``models/list_versions`` and ``models/get``; ``model_id`` is a *name*."""

    id: VersionId
    models_pk_id: ModelId | None = None
    model_id: str | None = None
    model_version: str | None = None
    sha: str | None = None
    owner_id: str | None = None
    file_name: str | None = None
    image_path: str | None = None
    status: str | None = None
    error_summary: str | None = None

    def record(self, model: Model | None = None) -> ModelVersion:
        """Return the version, of ``model`` if that is known."""
        return ModelVersion(
            id=self.id,
            model_id=model.id if model else self.models_pk_id,
            model_name=model.name if model else self.model_id or "",
            workspace_id=model.workspace_id if model else None,
            uuid=self.model_version,
            status=self.status,
            error_summary=_reason(self.error_summary),
            file_name=self.file_name,
            sha=self.sha,
            image_path=self.image_path,
            owner_id=_owner(self.owner_id),
        )


class WorkspaceOfModel(Wire, frozen=True, gc=False):
    """The workspace of a model, by its id only."""

    id: WorkspaceId | None = None


class ModelFields(Wire, frozen=True, gc=False):
    """A model's own fields: ``model`` in ``models/list``."""

    id: ModelId
    name: str
    owner_id: str | None = None
    workspace_id: WorkspaceId | None = None
    created_at: str | None = None
    updated_at: str | None = None

    def record(self, workspace_id: WorkspaceId | None = None) -> Model:
        """Return the model without versions; ``workspace_id`` is used if the answer has none."""
        return Model(
            id=self.id,
            name=self.name,
            workspace_id=self.workspace_id or workspace_id,
            owner_id=_owner(self.owner_id),
            created_at=self.created_at,
            updated_at=self.updated_at,
        )


class ListedModel(Wire, frozen=True, gc=False):
    """An item of ``models/list``, in any of its three historical shapes.

    Nested since 2024 (``model``, ``model_versions``, ``workspace``); flat before; and in September 2022 an id
    beside one version, which may not be the only one: only its name is used, and the versions count as not loaded.
    """

    model: ModelFields | None = None
    model_versions: tuple[ConfiguredVersion, ...] | None = None
    workspace: WorkspaceOfModel | None = None
    id: ModelId | None = None
    name: str | None = None
    owner_id: str | None = None
    workspace_id: WorkspaceId | None = None
    created_at: str | None = None
    updated_at: str | None = None
    models: VersionItem | None = None

    def record(
        self,
        workspace_id: WorkspaceId | None,
        read: "Callable[[Iterable[Any], Model], Iterable[ModelVersion]] | None" = None,
    ) -> Model:
        """Return the model.

        ``workspace_id``: the requested workspace, None for all; ``read``: converts its versions to records.

        Raises:
            ValidationError: it has none of the three shapes.
        """
        if self.model is not None:
            here = self.workspace.id if self.workspace else None
            model = self.model.record(here or workspace_id)
            if read is None or self.model_versions is None:
                return with_versions(model, self.model_versions)
            return structs.replace(model, versions=newest_first(read(self.model_versions, model)))
        name = self.name or (self.models.model_id if self.models else None)
        if self.id is None or name is None:
            raise ValidationError(
                "Object missing required field `model`, or `id` and `name` - at `$.models[...]`"
            )
        flat = ModelFields(self.id, name, self.owner_id, self.workspace_id, self.created_at, self.updated_at)
        return flat.record(workspace_id)


class Models(Wire, frozen=True, gc=False):
    """``models/list``."""

    models: tuple[ListedModel, ...] | None


def with_versions(model: Model, versions: tuple[ConfiguredVersion | VersionItem, ...] | None) -> Model:
    """Return the model with its versions newest first, whatever their order in the answer."""
    if versions is None:
        return model
    found = records(versions, lambda version: version.record(model))
    return structs.replace(model, versions=partial_list(newest_first(found), *missing_records(found)))


def records(rows: tuple[S, ...] | None, record: Callable[[S], R]) -> tuple[R, ...]:
    """Return the record of each row; one of an unknown shape counts as unreadable."""
    found: list[R] = []
    missing, reason = missing_records(rows)
    for row in rows or ():
        try:
            found.append(record(row))
        except ValidationError as error:
            missing, reason = missing + 1, reason or str(error)
            if missing > MOST_UNREAD:
                raise ValidationError(reason) from None
    return partial_list(found, missing, reason)


VersionItems: Any = tuple[VersionItem, ...] | None
"""``models/list_versions``."""


def versions_of(items: tuple[VersionItem, ...] | None, model_id: ModelId) -> tuple[ModelVersion, ...]:
    """Return the versions of one model among those of several. Unreadable rows count, since their model is unknown."""
    found = records(items, VersionItem.record)
    own = newest_first(version for version in found if version.model_id == model_id)
    return partial_list(own, *missing_records(found))


def models(answer: Models, workspace_id: WorkspaceId | None) -> tuple[Model, ...]:
    """Return the listed models, newest first and without duplicates."""
    found = records(answer.models, lambda item: item.record(workspace_id))
    return partial_list(models_of(found), *missing_records(found))


def models_of(listed: Iterable[Model]) -> tuple[Model, ...]:
    """Return models newest first and without duplicates. The 2022 shape may have a line for each version."""
    found = {model.id: model for model in listed}
    return tuple(sorted(found.values(), key=lambda model: model.id, reverse=True))


def newest_first(versions: Iterable[ModelVersion]) -> tuple[ModelVersion, ...]:
    """Return versions by descending id, since ids only grow and servers sort in other ways."""
    return tuple(sorted(versions, key=lambda version: version.id, reverse=True))


def _reason(summary: str | None) -> str | None:
    """Return a reason, or None for null, a blank text and the word ``null``: servers write all three."""
    return None if summary is None or summary.strip() in ("", "null") else summary


def _owner(owner_id: str | None) -> str | None:
    """Return an owner's id, or None for an empty text and for two quotation marks, which most servers write."""
    return None if owner_id in ("", '""') else owner_id


def _accel(accel: str | dict[str, Any] | None) -> str | None:
    """Return the name of an accelerator: ``qaic`` for ``{"qaic": {…}}``, which has options."""
    return ", ".join(accel) if isinstance(accel, dict) else accel
