"""Records of pipelines, their deployments, and the versions that these run."""

from typing import NewType

from msgspec import Struct

from .records import ConfigId, VersionId, WorkspaceId

PipelineId = NewType("PipelineId", int)
DeploymentId = NewType("DeploymentId", int)


class Deployment(Struct, frozen=True, kw_only=True, gc=False):
    """The only deployment of a pipeline. It still exists if the pipeline is undeployed."""

    id: DeploymentId
    name: str
    """The API's ``deploy_id``, which is the pipeline's name."""
    deployed: bool | None = None
    """None if the answer does not contain it."""
    updated_at: str | None = None
    updated_by: str | None = None
    """The UUID of a user; None below release 2024.2."""
    limit_status: str | None = None
    """The platform's reason for refusing to deploy it."""


class StepModel(Struct, frozen=True, gc=False):
    """A version in a step of a pipeline, identified by the UUID of its upload."""

    name: str
    uuid: str
    weight: float | None = None
    """Its share of the requests in an A/B step."""


class Step(Struct, frozen=True, gc=False):
    """A step of a pipeline that runs one model, several of which one answers, or several in shadow."""

    kind: str
    """The wire's name of the step, such as ``ModelInference`` or ``RandomSplit``."""
    models: tuple[StepModel, ...]


class Pipeline(Struct, frozen=True, kw_only=True, gc=False):
    """A pipeline with its newest version, which may not be the deployed one."""

    id: PipelineId
    name: str
    workspace_id: WorkspaceId | None = None
    created_at: str | None = None
    updated_at: str | None = None
    deployment: Deployment | None = None
    version: str | None = None
    """The UUID of the newest pipeline version."""
    steps: tuple[Step, ...] = ()

    @property
    def is_deployed(self) -> bool | None:
        """Return whether it is deployed, or None if the answer does not contain it."""
        return self.deployment.deployed if self.deployment else None

    def runs(self, uuid: str | None) -> bool:
        """Return whether a step contains the version with this UUID."""
        return uuid is not None and any(model.uuid == uuid for step in self.steps for model in step.models)


class PipelineUse(Struct, frozen=True, kw_only=True, gc=False):
    """A version that a deployment runs or ran, with its config row at that time."""

    pipeline_id: PipelineId
    pipeline_name: str
    workspace_id: WorkspaceId | None = None
    version_id: VersionId
    config_id: ConfigId
    deployment: Deployment


class Container(Struct, frozen=True, kw_only=True, gc=False):
    """One engine, load balancer or sidekick of a deployment."""

    name: str
    status: str
    reason: str | None = None
    details: tuple[str, ...] = ()
    statuses: str | None = None


class RunningModel(Struct, frozen=True, kw_only=True, gc=False):
    """A version that an engine has loaded."""

    name: str
    uuid: str | None = None
    version_id: VersionId | None = None
    config_id: ConfigId | None = None
    """Only release 2024.1 returns it."""
    status: str | None = None


class DeploymentStatus(Struct, frozen=True, kw_only=True, gc=False):
    """The current status of a deployment."""

    status: str
    details: tuple[str, ...] = ()
    engines: tuple[Container, ...] = ()
    balancers: tuple[Container, ...] = ()
    sidekicks: tuple[Container, ...] | None = None
    """None if the answer has no list of them (before 2022-12)."""
    models: tuple[RunningModel, ...] = ()
