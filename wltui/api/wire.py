"""The wire's own shapes, and how they become records.

Servers of three years answer in different shapes, and the vendor's own strict parsers fail on most of the
answers that were recorded. So only ids are required here, and the names of models and workspaces; anything
else may be absent, null, or (see :mod:`wltui.api.lenient`) of a kind that was never seen. A row that lacks what is
required is missing from its list, and a list that is null is an empty one.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, ValidationError, structs

from wltui.core.records import (
    Model,
    ModelId,
    ModelVersion,
    VersionId,
    Workspace,
    WorkspaceId,
    missing_records,
    partial_list,
)

from .knowledge import ConfigCall, parse_release
from .lenient import MOST_UNREAD
from .repair import repair
from .wire_config import ConfigRow, Share, Wire, no_sharing

R = TypeVar("R")
S = TypeVar("S")


class WorkspaceItem(Wire, frozen=True, gc=False):
    id: WorkspaceId
    name: str
    archived: bool | None = None
    created_at: str | None = None
    created_by: str | None = None
    models: tuple[VersionId, ...] | None = None
    pipelines: tuple[int, ...] | None = None

    def record(self) -> Workspace:
        return Workspace(
            id=self.id,
            name=self.name,
            archived=bool(self.archived),
            created_at=self.created_at,
            created_by=self.created_by,
            version_ids=self.models or (),
            pipelines=self.pipelines or (),
        )


class Workspaces(Wire, frozen=True, gc=False):
    """``workspaces/list``."""

    workspaces: tuple[WorkspaceItem, ...] | None

    def record(self) -> tuple[Workspace, ...]:
        return records(self.workspaces, WorkspaceItem.record)


class FileInfo(Wire, frozen=True, gc=False):
    version: str | None = None
    sha: str | None = None
    file_name: str | None = None
    size: int | None = None


class Conversion(Wire, frozen=True, gc=False):
    framework: str | None = None
    requirements: tuple[str, ...] | None = None
    python_version: str | None = None
    arch: str | None = None
    accel: str | dict[str, Any] | None = None


NO_FILE, NO_CONVERSION = FileInfo(), Conversion()


class VersionFields(Wire, frozen=True, gc=False):
    """A version as ``models/list`` and ``get_version_by_id`` tell it; neither says which model it is of."""

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
    model_version: VersionFields
    config: ConfigRow | None = None

    def record(
        self,
        model: Model | None = None,
        share: Share = no_sharing,
        call: ConfigCall = ConfigCall.LIST,
    ) -> ModelVersion:
        """Return the version, of ``model``; ``share`` returns one text for all that are equal."""
        version = self.model_version
        proven = parse_release(version.created_on_version)
        file = version.file_info or NO_FILE
        conversion = version.conversion or NO_CONVERSION
        return ModelVersion(
            id=version.id,
            model_id=model.id if model else None,
            model_name=model.name if model else version.name or "",
            workspace_id=version.workspace_id or (model.workspace_id if model else None),
            uuid=file.version,
            status=share(version.status),
            error_summary=share(_reason(version.error_summary)),
            file_name=share(file.file_name),
            sha=share(file.sha),
            size=file.size,
            image_path=share(version.image_path),
            arch=share(conversion.arch),
            accel=share(_accel(conversion.accel)),
            framework=share(conversion.framework),
            python_version=share(conversion.python_version),
            requirements=share(conversion.requirements or ()),
            visibility=share(version.visibility),
            created_at=version.created_at,
            created_by=share(version.created_by),
            created_on_version=share(version.created_on_version),
            deployed=version.deployed,
            task_id=version.task_id,
            config=self.config.record(call, version.id, share, proven) if self.config else None,
        )


class VersionAnswer(Wire, frozen=True, gc=False):
    """``models/get_version_by_id``: the key is there twice."""

    model_version: ConfiguredVersion


class VersionItem(Wire, frozen=True, gc=False):
    """A version as ``models/list_versions`` and ``models/get`` tell it; ``model_id`` is a *name*."""

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
    id: WorkspaceId | None = None


class ModelFields(Wire, frozen=True, gc=False):
    """A model's own fields: ``models/get_by_id``, and ``model`` in ``models/list``."""

    id: ModelId
    name: str
    owner_id: str | None = None
    workspace_id: WorkspaceId | None = None
    created_at: str | None = None
    updated_at: str | None = None

    def record(self, workspace_id: WorkspaceId | None = None) -> Model:
        return Model(
            id=self.id,
            name=self.name,
            workspace_id=self.workspace_id or workspace_id,
            owner_id=_owner(self.owner_id),
            created_at=self.created_at,
            updated_at=self.updated_at,
        )


class ModelAnswer(ModelFields, frozen=True, gc=False):
    """``models/get``."""

    models: tuple[VersionItem, ...] | None = None
    workspace: WorkspaceOfModel | None = None

    def record(self, workspace_id: WorkspaceId | None = None) -> Model:
        model = super().record(self.workspace.id if self.workspace else workspace_id)
        return with_versions(model, self.models)


class ListedModel(Wire, frozen=True, gc=False):
    """An item of ``models/list``, in any of the three shapes it has had.

    Nested since 2024 (``model``, ``model_versions``, ``workspace``); flat before; and in September 2022 an id
    beside one version, which need not be the model's only one: it lends its name, and counts as untold.
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
        workspace_id: WorkspaceId,
        read: "Callable[[Iterable[Any], Model], Iterable[ModelVersion]] | None" = None,
    ) -> Model:
        """The model; ``workspace_id`` is the workspace that was asked for, ``read`` makes records of its versions.

        Raises:
            ValidationError: it is in none of the three shapes.
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


class Logs(Wire, frozen=True, gc=False):
    """``models/get_upload_logs``."""

    logs: tuple[Raw, ...] | None = None

    def record(self) -> tuple[str, ...]:
        """Return the lines; one that is no text is returned as its JSON."""
        return tuple(map(_line, self.logs or ()))


def with_versions(model: Model, versions: tuple[ConfiguredVersion | VersionItem, ...] | None) -> Model:
    """The model with its versions newest first, however the server ordered them."""
    if versions is None:
        return model
    found = records(versions, lambda version: version.record(model))
    return structs.replace(model, versions=partial_list(newest_first(found), *missing_records(found)))


def records(rows: tuple[S, ...] | None, record: Callable[[S], R]) -> tuple[R, ...]:
    """Return the record of each row; one that is in no known shape counts as one that could not be read."""
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
    """Return the versions of one model among those of several. Whose a row is that can't be read is not known."""
    found = records(items, VersionItem.record)
    own = newest_first(version for version in found if version.model_id == model_id)
    return partial_list(own, *missing_records(found))


def models(answer: Models, workspace_id: WorkspaceId) -> tuple[Model, ...]:
    """The listed models, newest first and each once."""
    found = records(answer.models, lambda item: item.record(workspace_id))
    return partial_list(models_of(found), *missing_records(found))


def models_of(listed: Iterable[Model]) -> tuple[Model, ...]:
    """Models newest first and each once. The 2022 shape may have a line for each version."""
    found = {model.id: model for model in listed}
    return tuple(sorted(found.values(), key=lambda model: model.id, reverse=True))


def newest_first(versions: Iterable[ModelVersion]) -> tuple[ModelVersion, ...]:
    """By id: it only ever grows, while servers order by what they like."""
    return tuple(sorted(versions, key=lambda version: version.id, reverse=True))


def _reason(summary: str | None) -> str | None:
    """Servers write "no reason" as null, as nothing, and as the word ``null``."""
    return None if summary is None or summary.strip() in ("", "null") else summary


def _line(raw: Raw) -> str:
    try:
        return msgspec.json.decode(raw, type=str)
    except UnicodeDecodeError:
        return msgspec.json.decode(repair(bytes(raw)), type=str)
    except ValidationError:
        return bytes(raw).decode(errors="replace")


def _owner(owner_id: str | None) -> str | None:
    """Most servers fill owners with two quotation marks, which name nobody."""
    return None if owner_id in ("", '""') else owner_id


def _accel(accel: str | dict[str, Any] | None) -> str | None:
    """``{"qaic": {…}}`` is the accelerator ``qaic`` with options."""
    return ", ".join(accel) if isinstance(accel, dict) else accel
