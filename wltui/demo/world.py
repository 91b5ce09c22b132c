"""The data of the embedded Wallaroo: workspaces, models, their versions and configs, and how builds move."""

import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from .deployments import Deployment, Pipeline, PipelineVersion, Tag, Tie
from .logs import LogLine

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Build:
    """How a version gets from its upload to an outcome: a pure function of the clock."""

    started: datetime
    stages: tuple[tuple[str, float], ...] = ()
    """Status words, and how many seconds each lasts; empty for a build that ended long ago."""
    outcome: str = "ready"
    period: float | None = None
    """Seconds after which it all begins again, for versions that are rebuilt on a schedule."""

    def status(self, now: datetime) -> str:
        """Return the status word at ``now``."""
        age = (now - self.started).total_seconds()
        if self.period:
            age %= self.period
        for status, seconds in self.stages:
            if age < seconds:
                return status
            age -= seconds
        return self.outcome


class Config(msgspec.Struct, kw_only=True):
    """One row of a version's configuration; the fields and their order are the wire's."""

    id: int
    model_version_id: int
    runtime: str
    filter_threshold: float | None = None
    tensor_fields: list[str] | None = None
    input_schema: str | None = None
    output_schema: str | None = None
    batch_config: str | None = None
    dynamic_batching_config: Json | None = None
    continuous_batching_config: Json | None = None
    queue_depth: int | None = None
    sidekick_uri: str | None = None
    openai: Json | None = None


@dataclass(slots=True, kw_only=True)
class Version:
    """One upload of a model."""

    id: int
    model_id: int
    uuid: str
    sha: str
    file_name: str
    size: int
    build: Build
    configs: list[Config]
    """Oldest first; never empty."""
    image_path: str | None = None
    """Where the image is once the build is ready; None for native runtimes."""
    error_summary: str | None = None
    logs: tuple[LogLine, ...] = ()
    """The upload logs, which can be read after the build has ended."""
    conversion: Json | None = None
    visibility: str = "private"
    owner_id: str = '""'
    created_at: str | None = None
    created_by: str | None = None
    created_on_version: str | None = None
    """The release that took the upload; None for the one that answers."""
    updated_at: str = ""
    task_id: str | None = None


@dataclass(slots=True, kw_only=True)
class Model:
    """A name in a workspace, and its versions, oldest first."""

    id: int
    name: str
    workspace_id: int
    created_at: str
    updated_at: str
    versions: list[Version] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Workspace:
    """A workspace and its models, in no order that counts."""

    id: int
    name: str
    created_at: str
    created_by: str
    archived: bool = False
    pipelines: list[Pipeline] = field(default_factory=list)
    models: list[Model] = field(default_factory=list)


class World:
    """All the data, by id. Models, versions and configs are numbered by counters of their own."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.workspaces: dict[int, Workspace] = {}
        self.models: dict[int, Model] = {}
        self.versions: dict[int, Version] = {}
        self.by_name: dict[str, list[Model]] = {}
        """Models by name, across workspaces."""
        self.pipelines: dict[int, Pipeline] = {}
        self.pipeline_versions: dict[int, PipelineVersion] = {}
        self.deployments: dict[int, Deployment] = {}
        self.tags: dict[int, Tag] = {}
        self.ties: dict[int, Tie] = {}
        self._ties_of: dict[int, list[Tie]] = {}
        """By the model version whose config is in use."""
        self._newest_config = 0
        self._newest: dict[str, int] = {}

    def add_workspace(self, workspace: Workspace) -> None:
        """Add a workspace."""
        self.workspaces[workspace.id] = workspace

    def add_model(self, model: Model) -> None:
        """Add a model to its workspace; it brings no versions yet."""
        self.models[model.id] = model
        self.by_name.setdefault(model.name, []).append(model)
        self.workspaces[model.workspace_id].models.append(model)

    def add_version(self, version: Version) -> None:
        """Add a version, with its configs, behind the older ones of its model."""
        self.versions[version.id] = version
        self.models[version.model_id].versions.append(version)
        self._newest_config = max(self._newest_config, *(config.id for config in version.configs))

    def add_pipeline(self, pipeline: Pipeline) -> None:
        """Add a pipeline, with its versions and its deployment, to its workspace."""
        self.pipelines[pipeline.id] = pipeline
        self.workspaces[pipeline.workspace_id].pipelines.append(pipeline)
        self.pipeline_versions |= {version.id: version for version in pipeline.versions}
        if pipeline.deployment:
            self.deployments[pipeline.deployment.id] = pipeline.deployment
            for tie in pipeline.deployment.ties:
                self.ties[tie.id] = tie
                self._ties_of.setdefault(tie.version_id, []).append(tie)

    def ties_of(self, version: Version) -> list[Tie]:
        """Return the ties of all deployments, past ones too, to any config of a version."""
        return self._ties_of.get(version.id, [])

    def is_deployed(self, version: Version) -> bool:
        """Return whether a deployment that is deployed uses a version, with whichever config."""
        return any(self.deployments[tie.deployment_id].deployed for tie in self.ties_of(version))

    def next_pipeline_id(self) -> int:
        """Return a number that no pipeline had yet; each call takes one, as do the next three."""
        return self._count("pipeline")

    def next_pipeline_version_id(self) -> int:
        """Return a number that no pipeline version had yet."""
        return self._count("pipeline_version")

    def next_deployment_id(self) -> int:
        """Return a number that no deployment had yet."""
        return self._count("deployment")

    def next_tie_id(self) -> int:
        """Return a number that no tie had yet."""
        return self._count("tie")

    def _count(self, kind: str) -> int:
        self._newest[kind] = self._newest.get(kind, 0) + 1
        return self._newest[kind]

    def next_model_id(self) -> int:
        """Return a number that no model had yet."""
        return max(self.models, default=0) + 1

    def next_version_id(self) -> int:
        """Return a number that no version had yet."""
        return max(self.versions, default=0) + 1

    def next_config_id(self) -> int:
        """Return a number that no config had yet; each call takes one."""
        self._newest_config += 1
        return self._newest_config

    def random(self, number: int) -> random.Random:
        """Return a generator for data that is made at run time: the same requests make the same data."""
        return random.Random(f"{self.seed}/{number}")


def stamp(time: datetime) -> str:
    """Return a time in UTC as the API writes it: without the zeros at its end."""
    whole, _, fraction = time.isoformat(timespec="microseconds").removesuffix("+00:00").partition(".")
    return ".".join(filter(None, (whole, fraction.rstrip("0")))) + "+00:00"


def random_uuid(rng: random.Random) -> str:
    """Return a version 4 UUID."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
