"""Shapes of pipelines and of a deployment's status in the API's answers, and their conversion to records.

``pipelines/list_pipelines`` was never recorded, and its published type of a deployment is another component of the
same name. So only ids and names are required, and missing values are None. ``status/get_deployment`` was
recorded 475 times between 2022 and 2026, in three shapes.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import field

from wltui.core.pipelines import (
    Container,
    Deployment,
    DeploymentId,
    DeploymentStatus,
    Pipeline,
    PipelineId,
    RunningModel,
    Step,
    StepModel,
)
from wltui.core.records import ConfigId, VersionId, WorkspaceId

from .wire import records
from .wire_config import Wire

DEEPEST = 20
"""Maximum levels of a step that are searched for models."""


class PipelineFields(Wire, frozen=True, gc=False):
    """The pipeline itself."""

    id: PipelineId
    name: str
    created_at: str | None = None
    updated_at: str | None = None


class WorkspaceOfPipeline(Wire, frozen=True, gc=False):
    """The workspace of a pipeline."""

    id: WorkspaceId | None = None


class DeploymentFields(Wire, frozen=True, gc=False):
    """The deployment of a pipeline; servers may omit any field."""

    id: DeploymentId | None = None
    deploy_id: str | None = None
    deployed: bool | None = None
    updated_at: str | None = None
    updated_by: str | None = None
    limit_status: str | None = None

    def record(self, pipeline: str) -> Deployment | None:
        """Return the deployment of the pipeline with this name, or None if its id is missing."""
        if self.id is None:
            return None
        return Deployment(
            id=self.id,
            name=self.deploy_id or pipeline,
            deployed=self.deployed,
            updated_at=self.updated_at,
            updated_by=self.updated_by,
            limit_status=self.limit_status or None,
        )


class PipelineVersionFields(Wire, frozen=True, gc=False):
    """The newest version of a pipeline; ``steps`` is a list, or an object that contains one."""

    version: str | None = None
    steps: Any = None
    created_at: str | None = None


class ListedPipeline(Wire, frozen=True, gc=False):
    """One item of the list."""

    pipeline: PipelineFields
    workspace: WorkspaceOfPipeline | None = None
    deployment: DeploymentFields | None = None
    pipeline_version: PipelineVersionFields | None = None

    def record(self) -> Pipeline:
        """Return the pipeline; without a deployment if the answer has no id of it."""
        newest = self.pipeline_version
        return Pipeline(
            id=self.pipeline.id,
            name=self.pipeline.name,
            workspace_id=self.workspace.id if self.workspace else None,
            created_at=self.pipeline.created_at,
            updated_at=self.pipeline.updated_at,
            deployment=self.deployment.record(self.pipeline.name) if self.deployment else None,
            version=newest.version if newest else None,
            steps=tuple(_steps(newest.steps)) if newest else (),
        )


class Pipelines(Wire, frozen=True, gc=False):
    """``pipelines/list_pipelines``."""

    pipelines: tuple[ListedPipeline, ...] | None

    def record(self) -> tuple[Pipeline, ...]:
        """Return the pipelines by name."""
        return records(self.pipelines, ListedPipeline.record)


def _steps(steps: object) -> Iterator[Step]:
    """Yield the steps with models, from a list of steps or an object that contains one."""
    if isinstance(steps, dict):
        steps = steps.get("steps")
    for step in steps if isinstance(steps, list) else ():
        for kind, content in step.items() if isinstance(step, dict) else ():
            if models := tuple(_models(content)):
                yield Step(str(kind), models)


def _models(part: object, weight: float | None = None, level: int = 0) -> Iterator[StepModel]:
    """Yield each ``{name, version, sha}`` at any depth, with the weight beside it."""
    if level > DEEPEST:
        return
    if isinstance(part, list):
        for inner in part:
            yield from _models(inner, weight, level + 1)
    elif isinstance(part, dict):
        name, version, share = part.get("name"), part.get("version"), part.get("weight", weight)
        share = float(share) if isinstance(share, int | float) and not isinstance(share, bool) else weight
        if isinstance(name, str) and isinstance(version, str):
            yield StepModel(name, version, share)
        else:
            for inner in part.values():
                yield from _models(inner, share, level + 1)


class StatusOfPart(Wire, frozen=True, gc=False):
    """An engine, a load balancer or a sidekick."""

    name: str | None = None
    status: str | None = None
    reason: str | None = None
    details: tuple[str, ...] | None = None
    statuses: str | None = None

    def record(self) -> Container:
        """Return the container; a missing name is ``unnamed``, and a missing status ``unknown``."""
        return Container(
            name=self.name or "unnamed",
            status=self.status or "unknown",
            reason=self.reason or None,
            details=self.details or (),
            statuses=(self.statuses or "").strip() or None,
        )


class VersionOfModel(Wire, frozen=True, gc=False):
    """The version in the shape of 2024.1."""

    name: str | None = None
    version: str | None = None
    id: VersionId | None = None


class ConfigOfModel(Wire, frozen=True, gc=False):
    """The config row in the shape of 2024.1."""

    id: ConfigId | None = None


class ModelStatus(Wire, frozen=True, gc=False):
    """A model in an engine: flat, with the version's id since 2024-09, or nested as in 2024.1."""

    name: str | None = None
    version: str | None = None
    model_version_id: VersionId | None = None
    status: Any = None
    model_version: VersionOfModel | None = None
    config: ConfigOfModel | None = None

    def record(self) -> RunningModel:
        """Return the running version, with the fields that the answer has."""
        inner = self.model_version or VersionOfModel()
        return RunningModel(
            name=self.name or inner.name or "",
            uuid=self.version or inner.version,
            version_id=self.model_version_id or inner.id,
            config_id=self.config.id if self.config else None,
            status=self.status if isinstance(self.status, str) else None,
        )


class ModelStatuses(Wire, frozen=True, gc=False):
    """The models of an engine."""

    models: tuple[ModelStatus, ...] | None = None


class Engine(StatusOfPart, frozen=True, gc=False):
    """An engine and the models that it has loaded."""

    model_statuses: ModelStatuses | None = None


class DeploymentAnswer(Wire, frozen=True, gc=False):
    """``status/get_deployment``."""

    status: str
    details: tuple[str, ...] | None = None
    engines: tuple[Engine, ...] | None = None
    balancers: tuple[StatusOfPart, ...] | None = field(default=None, name="engine_lbs")
    sidekicks: tuple[StatusOfPart, ...] | None = None

    def record(self) -> DeploymentStatus:
        """Return the status. Each version is listed once, however many engines loaded it."""
        models = (
            model.record()
            for engine in self.engines or ()
            for model in (engine.model_statuses.models if engine.model_statuses else None) or ()
        )
        return DeploymentStatus(
            status=self.status,
            details=self.details or (),
            engines=_containers(self.engines),
            balancers=_containers(self.balancers),
            sidekicks=None if self.sidekicks is None else _containers(self.sidekicks),
            models=tuple(dict.fromkeys(models)),
        )


def _containers(parts: Iterable[StatusOfPart] | None) -> tuple[Container, ...]:
    return tuple(part.record() for part in parts or ())
