"""The company's pipelines: which versions run, with which config row, and in which trouble."""

import random
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain, count, cycle

from .deployment_status import CONTAINER_SCENES, needs_container
from .deployments import Deployment, Json, Pipeline, PipelineVersion, Tag, Tie
from .roster import PEOPLE
from .world import Config, Version, Workspace, World, random_uuid, stamp

SHAPES = ("single", "single", "split", "single", "shadow", "single", "chain")
"""The kinds of steps of the pipelines, in turn; where too few versions are left, it is a single step."""
TAKES = {"single": 1, "split": 2, "shadow": 2, "chain": 2}
SCENES = (
    "running", "scaling", "running", "crash_loop", "running", "starting", "running", "no_container",
    "running", "no_room", "running", "running", "wrong_arch",
)  # fmt: skip
"""How the deployed ones fare, in turn."""
TAGS = ("production", "My Great Tag", "champion", "q3 review", "do not delete", "canary", "éval")


def add_fleet(world: World, deployed: Iterable[Version], anchor: datetime) -> None:
    """Add pipelines to the company's workspaces, so that exactly the given versions are deployed.

    A generator of its own makes them: the models and versions of a seed do not depend on it.
    """
    _Fleet(world, anchor).run(list(deployed))


class _Fleet:
    def __init__(self, world: World, anchor: datetime) -> None:
        self.world, self.anchor = world, anchor
        self.rng = random.Random(f"{world.seed}/pipelines")
        self.shapes, self.scenes = cycle(SHAPES), deque(SCENES)
        self.is_behind = cycle((True, True, False))
        """Whether a deployment uses an older config row than the newest, where there are several."""
        self.has_newer_steps = cycle((False, False, True, False))
        """Whether the newest pipeline version is another one than the deployed."""

    def run(self, deployed: list[Version]) -> None:
        chosen = {version.id for version in deployed}
        by_workspace: dict[int, list[Version]] = {}
        for version in deployed:
            workspace_id = self.world.models[version.model_id].workspace_id
            by_workspace.setdefault(workspace_id, []).append(version)
        for workspace in self.world.workspaces.values():
            if not workspace.pipelines:  # the guide's have theirs
                self._fill(workspace, by_workspace.get(workspace.id, []), chosen)
        self._tag()

    def _fill(self, workspace: Workspace, running: list[Version], deployed: set[int]) -> None:
        for shape, versions in self._groups(running):
            self._add(workspace, shape, versions, is_deployed=True)
        resting = [
            ready[0]
            for model in workspace.models
            if not any(version.id in deployed for version in model.versions)
            and (ready := [version for version in model.versions if version.build.outcome == "ready"])
        ]
        for version, is_deployed in zip(resting, (False, None), strict=False):
            self._add(workspace, "single", [version], is_deployed=is_deployed)

    def _groups(self, versions: list[Version]) -> Iterator[tuple[str, list[Version]]]:
        left = list(versions)
        while left:
            shape = next(self.shapes)
            if len(left) < TAKES[shape]:
                shape = "single"
            group, left = left[: TAKES[shape]], left[TAKES[shape] :]
            yield shape, group

    def _add(
        self, workspace: Workspace, shape: str, versions: list[Version], *, is_deployed: bool | None
    ) -> None:
        """Add one pipeline; ``is_deployed`` None means that it never was."""
        rng, world = self.rng, self.world
        name = self._name(workspace, world.models[versions[0].model_id].name)
        start = max(version.build.started for version in versions)
        begun, changed = sorted(start + (self.anchor - start) * rng.random() for _ in range(2))
        email, owner = rng.choice(PEOPLE)
        pipeline = Pipeline(
            id=world.next_pipeline_id(),
            name=name,
            workspace_id=workspace.id,
            created_at=stamp(begun),
            updated_at=stamp(changed),
            owner_id=owner,
        )
        steps = build_steps(shape, [model_of_step(world, version) for version in versions])
        amount = rng.choice((1, 1, 2, 3))
        times = [begun + (changed - begun) * position / amount for position in range(amount)]
        for time in times:
            self._add_version(pipeline, steps, time, email)
        in_use = pipeline.versions[-1]
        if is_deployed and next(self.has_newer_steps):
            self._add_version(pipeline, steps, changed + timedelta(seconds=5), email)
        if is_deployed is not None:
            pipeline.deployment = self._deployment(
                pipeline, in_use, versions, changed, email, is_deployed=is_deployed
            )
        world.add_pipeline(pipeline)

    @staticmethod
    def _name(workspace: Workspace, model: str) -> str:
        """Return a name that no pipeline of the workspace has; it may be that of another workspace's."""
        taken = {pipeline.name for pipeline in workspace.pipelines}
        base = f"{model[:50]}-pipeline"
        names = chain([base], (f"{base}-{number}" for number in count(2)))
        return next(name for name in names if name not in taken)

    def _add_version(self, pipeline: Pipeline, steps: list[Json], time: datetime, email: str) -> None:
        pipeline.versions.append(
            PipelineVersion(
                id=self.world.next_pipeline_version_id(),
                uuid=random_uuid(self.rng),
                pipeline_id=pipeline.id,
                definition={"id": pipeline.name, "steps": steps},
                created_at=stamp(time),
                created_by=email,
            )
        )

    def _deployment(
        self,
        pipeline: Pipeline,
        in_use: PipelineVersion,
        versions: list[Version],
        changed: datetime,
        email: str,
        *,
        is_deployed: bool,
    ) -> Deployment:
        deployment = Deployment(
            id=self.world.next_deployment_id(),
            name=pipeline.name,
            pipeline_id=pipeline.id,
            pipeline_version_id=in_use.id,
            deployed=is_deployed,
            engine_config=build_engine_config(self.world, versions),
            created_at=pipeline.created_at,
            updated_at=stamp(changed),
            updated_by=email,
        )
        for version in versions:
            deployment.ties.append(
                Tie(
                    id=self.world.next_tie_id(),
                    deployment_id=deployment.id,
                    config_id=self._config(version.configs).id,
                    version_id=version.id,
                    pipeline_version_id=in_use.id,
                )
            )
        if is_deployed:
            deployment.scene = self._scene(deployment)
        if deployment.scene == "no_room":
            deployment.limit_status = LIMIT_REASON
        return deployment

    def _scene(self, deployment: Deployment) -> str:
        """Return the next scene whose turn it is; those about containers wait for a deployment that has one."""
        has_container = any(needs_container(self.world, tie) for tie in deployment.ties)
        scene = next(scene for scene in self.scenes if has_container or scene not in CONTAINER_SCENES)
        self.scenes.remove(scene)
        self.scenes.append(scene)
        return scene

    def _config(self, rows: list[Config]) -> Config:
        if len(rows) > 1 and next(self.is_behind):
            return rows[-2]
        return rows[-1]

    def _tag(self) -> None:
        rng, world = self.rng, self.world
        for number, text in enumerate(TAGS, 1):
            world.tags[number] = Tag(id=number, text=text)
        pipelines = list(world.pipelines.values())
        for version in world.versions.values():
            if rng.random() < 0.08:
                world.tags[rng.randrange(len(TAGS)) + 1].version_ids.append(version.id)
        for pipeline in pipelines:
            if rng.random() < 0.3:
                world.tags[rng.randrange(len(TAGS)) + 1].pipeline_ids.append(pipeline.id)


LIMIT_REASON = "The pipeline cannot be deployed: the cluster has too few free resources (4Gi of memory asked)"


def model_of_step(world: World, version: Version) -> Json:
    """Return a version as the steps of pipelines name it."""
    return {"name": world.models[version.model_id].name, "version": version.uuid, "sha": version.sha}


def build_steps(shape: str, models: list[Json]) -> list[Json]:
    """Return the steps of a pipeline: one model, several in a row, an A/B split, or a champion with a shadow."""
    match shape:
        case "split":
            weights = [
                {"model": model, "weight": weight} for model, weight in zip(models, (3, 1), strict=False)
            ]
            return [{"RandomSplit": {"hash_key": None, "weights": weights}}]
        case "shadow":
            return [
                {"ModelInference": {"models": models}},
                {"AuditResults": {"from": 1, "to": None}},
                {"MultiOut": {}},
            ]
    return [{"ModelInference": {"models": [model]}} for model in models]


def build_engine_config(world: World, versions: list[Version]) -> Json:
    """Return the resources of a deployment's engine and of the containers beside it."""
    conversion = versions[0].conversion or {}
    images = {
        f"{world.models[version.model_id].name}-{version.id}": {
            "resources": _resources(0.25, "1Gi"),
            "arch": (version.conversion or {}).get("arch"),
            "accel": (version.conversion or {}).get("accel"),
        }
        for version in versions
        if version.configs[-1].runtime not in ("onnx", "tensorflow")
    }
    return {
        "engine": {
            "cpu": 1,
            "resources": _resources(1, "512Mi"),
            "arch": conversion.get("arch"),
            "accel": conversion.get("accel"),
        },
        "enginelb": {},
        "engineAux": {"images": images},
    }


def _resources(cpu: float, memory: str) -> Json:
    return {"limits": {"cpu": cpu, "memory": memory}, "requests": {"cpu": cpu, "memory": memory}}
