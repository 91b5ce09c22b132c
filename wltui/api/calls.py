"""Build the calls of the API, one function per endpoint; each returns a value that a client can send.

All but one are POSTs below ``/v1/api``, reads included. The wire's ``model_id`` has three meanings. The functions here
take typed ids and send the right one.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import DecodeError, Struct, ValidationError, structs

from wltui.core.compact import replace_fields
from wltui.core.pipelines import Deployment, DeploymentStatus, Pipeline
from wltui.core.records import (
    Model,
    ModelConfig,
    ModelId,
    ModelVersion,
    PartialList,
    VersionId,
    Workspace,
    WorkspaceId,
)

from . import model_lists, wire, wire_logs, wire_pipelines
from .knowledge import ConfigCall
from .lenient import check_size, decode, format_error
from .wire_config import ConfigAnswer, InsertedConfig, unknown_keys

T_co = TypeVar("T_co", covariant=True)
Shape = TypeVar("Shape")


SHORT_PATIENCE = 5.0
"""Seconds to wait for an answer without which all goes on."""


class Call(Struct, Generic[T_co], frozen=True):
    """One request: its path and body, and functions to decode its answer."""

    path: str
    """Below ``/v1/api``, such as ``models/list``; or with a slash in front, below the endpoint itself."""
    body: Mapping[str, object]
    """What is asked for: the JSON to send, unless ``sent`` is."""
    read: "Callable[[bytes, T_co | None], T_co]"
    """See :meth:`decode`."""
    what: str
    """Subject of the request for messages: ``The models of workspace 10``."""
    write: bool = False
    """True if it changes data, so that it must never be sent twice."""
    alternatives: tuple[str, ...] = ()
    """Other paths of the same call, for servers that do not have ``path``."""
    is_open: bool = False
    """True if everybody may read it: it is a GET, without a body and without the token."""
    sent: Mapping[str, object] | None = None
    """The JSON to send in place of ``body``, under which its answer is kept all the same."""
    patience: float | None = None
    """Seconds after which the answer is not worth waiting for, since there is another way to have it, or to do
    without. Such a call is not repeated, and its failure says nothing of the sign-in."""

    @property
    def content(self) -> Mapping[str, object]:
        """Return the JSON to send."""
        return self.body if self.sent is None else self.sent

    @property
    def key(self) -> tuple[str, bytes]:
        """Return a key that is equal for calls with equal path and body."""
        return self.path, msgspec.json.encode(self.body, order="deterministic")

    def encode(self) -> bytes:
        """Return the body to send, in UTF-8."""
        return msgspec.json.encode(dict(self.content))

    def url(self, endpoint: str, path: str = "") -> str:
        """Return the address below an endpoint, which has no slash at its end; ``path`` is one of the alternatives."""
        path = path or self.path
        return endpoint + (path if path.startswith("/") else f"/v1/api/{path}")

    def decode(self, body: bytes, before: "T_co | None" = None) -> T_co:
        """Return the records in an answer's body; slow if it is large.

        A list of models takes records over from ``before``, an earlier answer, if they are equal.

        Raises:
            ApiFormatError: it is no JSON or lacks what is required; the error names the endpoint and the field.
        """
        return self.read(body, before)


def list_workspaces() -> Call[tuple[Workspace, ...]]:
    """Build the call for every workspace that the user can see."""
    return _call(
        "workspaces/list", {}, wire.Workspaces, "The list of workspaces",
        wire.Workspaces.record,
    )  # fmt: skip


def list_models(workspace_id: WorkspaceId) -> Call[tuple[Model, ...]]:
    """Build the call for the models of a workspace, newest first, with versions if the server sends them (since 2024).

    The config of a version in the answer is its first row, not its newest; use :func:`get_config` for that.
    """
    return _call(
        "models/list", {"workspace_id": workspace_id}, wire.Models, f"The models of workspace {workspace_id}",
        lambda answer: wire.models(answer, workspace_id),
        pieces=lambda body, before: model_lists.models(body, workspace_id, before),
    )  # fmt: skip


def list_all_models() -> Call[tuple[Model, ...]]:
    """Build the call for the models of all workspaces in one answer, each with its workspace's id.

    Both keys of ``models/list`` are optional in the API's description, but no answer to a request without them is
    recorded: compare it with the list of workspaces. Its workspace is None if a model's item names none.
    """
    return _call(
        "models/list", {}, wire.Models, "The models of all workspaces",
        lambda answer: wire.models(answer, None),
        pieces=lambda body, before: model_lists.models(body, None, before),
    )  # fmt: skip


def list_versions(model_id: ModelId, name: str) -> Call[tuple[ModelVersion, ...]]:
    """Build the call for the versions of a model, newest first, without configs and dates.

    The server returns those of *any* model with this name or number; only the model's own are kept.
    """
    return _call(
        "models/list_versions",
        {"model_id": name, "models_pk_id": model_id},
        wire.VersionItems,
        f"The versions of model {model_id}",
        lambda items: wire.versions_of(items, model_id),
    )


def get_version(version_id: VersionId) -> Call[ModelVersion]:
    """Build the call for a version with the config of its upload, which may be outdated. The answer has no model id."""
    return _call(
        "models/get_version_by_id",
        {"model_version_id": version_id},
        wire.VersionAnswer,
        f"Version {version_id}",
        lambda answer: answer.model_version.record(call=ConfigCall.VERSION),
        alternatives=("models/get_model_version_by_id",),
        row=("model_version", "config"),
        with_extra=lambda version, extra: replace_fields(
            version, config=version.config and structs.replace(version.config, extra=extra)
        ),
    )


def get_config(version_id: VersionId) -> Call[ModelConfig | None]:
    """Build the call for the newest config of a version: four fields, the others ``UNSET``; None if it has no config.

    The wire calls the version's id ``model_id`` here; a model's id would return the config of another model.
    """
    return _call(
        "models/get_config_by_id",
        {"model_id": version_id},
        ConfigAnswer,
        f"The config of version {version_id}",
        lambda answer: (
            answer.model_config
            and structs.replace(answer.model_config.record(ConfigCall.NEWEST), version_id=version_id)
        ),
        row=("model_config",),
        with_extra=lambda config, extra: config and structs.replace(config, extra=extra),
    )


def insert_config(request: Mapping[str, object]) -> Call[ModelConfig]:
    """Build the write that saves a new config for a version; the server clears fields that the request omits.

    ``request`` is sent unchanged, with ``model_version_id`` and the OpenAI settings as ``openai_config``.
    """
    return _call(
        "models/insert_model_config",
        request,
        InsertedConfig,
        f"The config of version {request.get('model_version_id', '?')}",
        lambda answer: answer.model_config.record(ConfigCall.INSERT),
        write=True,
        row=("model_config",),
        with_extra=lambda config, extra: structs.replace(config, extra=extra),
    )


def default_arch() -> Call[str | None]:
    """Build the call for the architecture that uploads have if they name none; None if the server does not say.

    The SDK makes it since release 2024.2, before it signs in. An older server may answer 404.
    """
    path, what = "config", "The default architecture"

    def read(body: bytes, before: str | None) -> str | None:
        answer = decode(body, dict[str, object], what=f"{what} could not be read", endpoint=path)
        arch = answer.get("default_arch")
        return arch if isinstance(arch, str) else None

    return Call(path, {}, read, what, is_open=True, patience=SHORT_PATIENCE)


def upload_logs(version_id: VersionId, lines: int | None = None) -> Call[tuple[str, ...]]:
    """Build the call for the upload log of a version, oldest line first: all lines, or the last ``lines``."""
    return _call(
        "models/get_upload_logs",
        {"model_version_id": version_id} | ({"lines": lines} if lines is not None else {}),
        wire_logs.Logs,
        f"The upload logs of version {version_id}",
        wire_logs.Logs.record,
    )


def list_pipelines(workspace_id: WorkspaceId) -> Call[tuple[Pipeline, ...]]:
    """Build the call for the pipelines of a workspace, each with its newest version. Servers have it since 2024.2."""
    return _call(
        "pipelines/list_pipelines",
        {"workspace_id": workspace_id},
        wire_pipelines.Pipelines,
        f"The pipelines of workspace {workspace_id}",
        wire_pipelines.Pipelines.record,
    )


def deployment_status(deployment: Deployment) -> Call[DeploymentStatus]:
    """Build the call for the current status of a deployment. The server answers 404 if it does not know it (yet)."""
    return _call(
        "status/get_deployment",
        {"name": f"{deployment.name}-{deployment.id}"},
        wire_pipelines.DeploymentAnswer,
        f"The status of pipeline {deployment.name}",
        wire_pipelines.DeploymentAnswer.record,
    )


def _call(
    path: str,
    body: Mapping[str, object],
    shape: type[Shape],
    what: str,
    record: Callable[[Shape], T_co],
    *,
    write: bool = False,
    alternatives: tuple[str, ...] = (),
    pieces: "Callable[[bytes, T_co | None], T_co] | None" = None,
    row: tuple[str, ...] = (),
    with_extra: Callable[[Any, tuple[str, ...]], Any] = lambda value, _: value,
) -> Call[T_co]:
    """Build a call.

    ``row``: keys of the config row in its answer; ``with_extra`` adds that row's unknown fields. ``pieces`` decodes
    piece by piece, and raises msgspec's errors if a part is malformed.
    """
    failed = f"{what} could not be {'saved' if write else 'read'}"

    def read(body: bytes, before: T_co | None) -> T_co:
        if pieces is not None:
            check_size(body, what=failed, endpoint=path)
            with suppress(DecodeError, UnicodeDecodeError, RecursionError):  # a misfit is mended below
                return pieces(body, before)
        answer = decode(body, shape, what=failed, endpoint=path)
        try:
            value = record(answer)
            if isinstance(value, PartialList) and not value:  # it must not look like an empty list
                raise ValidationError(value.reason)
        except ValidationError as error:
            raise format_error(error, what=failed, endpoint=path) from None
        extra = unknown_keys(body, *row) if row else ()
        return with_extra(value, extra) if extra else value

    return Call(path, body, read, what, write, alternatives)
