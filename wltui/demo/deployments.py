"""The parts of a pipeline: its versions, their deployment, its ties to config rows, and tags."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Tag:
    """A free text on model versions and pipelines."""

    id: int
    text: str
    version_ids: list[int] = field(default_factory=list)
    pipeline_ids: list[int] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class PipelineVersion:
    """One state of a pipeline's steps; every deploy by the SDK makes another."""

    id: int
    uuid: str
    pipeline_id: int
    definition: Json
    created_at: str
    created_by: str
    created_on_version: str | None = None
    """The release that made it; None for the one that answers."""


@dataclass(slots=True, kw_only=True)
class Tie:
    """A row of ``deployment_model_configs``: a deployment uses this config row for this pipeline version."""

    id: int
    deployment_id: int
    config_id: int
    version_id: int
    """The model version that the config row belongs to."""
    pipeline_version_id: int


@dataclass(slots=True, kw_only=True)
class Deployment:
    """How a pipeline runs, or ran when it was last deployed."""

    id: int
    name: str
    """``deploy_id`` on the wire: the pipeline's name."""
    pipeline_id: int
    pipeline_version_id: int
    deployed: bool
    engine_config: Json
    created_at: str
    updated_at: str
    updated_by: str | None
    ties: list[Tie] = field(default_factory=list)
    limit_status: str | None = None
    scene: str = "running"
    """How its status looks while it is deployed; one of ``deployment_status.SCENES``."""


@dataclass(slots=True, kw_only=True)
class Pipeline:
    """A pipeline of a workspace, its versions oldest first."""

    id: int
    name: str
    workspace_id: int
    created_at: str
    updated_at: str
    owner_id: str = '""'
    visibility: str = "private"
    versions: list[PipelineVersion] = field(default_factory=list)
    deployment: Deployment | None = None
    """None until it is first deployed."""
