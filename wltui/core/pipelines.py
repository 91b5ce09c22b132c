"""Records of pipelines, their deployments, and the versions that these run."""

from enum import Enum
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


class Verdict(Enum):
    """How the config that a pipeline runs a version with relates to the version's newest."""

    CURRENT = "it runs the newest config"
    OUTDATED = "it runs an older config until it is deployed again"
    STOPPED = "it is not deployed"
    UNKNOWN = "which config it runs is not known"


class PipelineUse(Struct, frozen=True, kw_only=True, gc=False):
    """A version that a pipeline uses, with the config row that it was deployed with."""

    pipeline_id: PipelineId
    pipeline_name: str
    workspace_id: WorkspaceId | None = None
    version_id: VersionId
    config_id: ConfigId | None = None
    """None over REST, which does not show it."""
    deployment: Deployment | None = None

    @property
    def is_deployed(self) -> bool | None:
        """Return whether the pipeline is deployed, or None if that is not known."""
        return self.deployment.deployed if self.deployment else None

    def verdict(self, newest: ConfigId | None) -> Verdict:
        """Return how what it runs relates to the version's newest config. Config ids only grow."""
        if self.is_deployed is False:
            return Verdict.STOPPED
        if not self.is_deployed or self.config_id is None or newest is None:
            return Verdict.UNKNOWN
        return Verdict.CURRENT if self.config_id >= newest else Verdict.OUTDATED


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
