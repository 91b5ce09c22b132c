"""How a deployment looks to ``status/get_deployment``: engines, load balancers and the containers beside them.

The top status and the sidekicks say how it fares; the models and pipelines inside an engine are ``Running`` even
where it does not, as on real servers.
"""

import random
from collections.abc import Callable

from .deployments import Deployment, Json, Tie
from .releases import Era
from .world import World

NO_ROOM = (
    "0/5 nodes are available: 3 Insufficient cpu, 1 Insufficient memory, "
    "1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }. preemption: not eligible"
)
WRONG_ARCH = (
    "0/5 nodes are available: 2 node(s) had untolerated taint {kubernetes.io/arch: arm64}, "
    "3 Insufficient memory. preemption: no victims found"
)
CONTAINER_SCENES = frozenset({"crash_loop", "no_container", "wrong_arch"})
"""Scenes about the containers of versions that no engine runs by itself."""


def needs_container(world: World, tie: Tie) -> bool:
    """Return whether a container runs the version of a tie, and not the engine."""
    return world.versions[tie.version_id].configs[-1].runtime not in ("onnx", "tensorflow")


def build_status(world: World, deployment: Deployment, era: Era) -> Json:
    """Return the status of a deployment that is deployed."""
    return SCENES[deployment.scene](_Parts(world, deployment, era))


class _Parts:
    """The parts of one deployment's status; names and addresses are the same at each look."""

    def __init__(self, world: World, deployment: Deployment, era: Era) -> None:
        self._world, self._deployment = world, deployment
        self._era: Era = era
        self._rng = random.Random(f"{world.seed}/status/{deployment.id}")

    def status(self, word: str, details: list[str], engines: list[Json], sidekicks: list[Json]) -> Json:
        balancer: Json = {"ip": self._ip(), "name": f"engine-lb-{self._hash(10)}-{self._hash(5)}"}
        balancer |= {"status": "Running", "reason": None, "details": []}
        return {
            "status": word,
            "details": details,
            "engines": engines,
            "engine_lbs": [balancer],
            "sidekicks": sidekicks,
        }

    def engine(self, word: str = "Running", reason: str | None = None, details: tuple[str, ...] = ()) -> Json:
        is_up = word == "Running"
        return {
            "ip": self._ip() if is_up else None,
            "name": f"engine-{self._hash(10)}-{self._hash(5)}",
            "status": word,
            "reason": reason,
            "details": list(details),
            "pipeline_statuses": {"pipelines": [self._pipeline()]} if is_up else None,
            "model_statuses": (
                {"models": [self._model(tie) for tie in self._deployment.ties]} if is_up else None
            ),
        }

    def sidekicks(
        self, word: str = "Running", reason: str | None = None, details: tuple[str, ...] = ()
    ) -> list[Json]:
        return [
            {
                "ip": self._ip() if word == "Running" else None,
                "name": sidekick_name(self._world, tie, self._hash(10)),
                "status": word,
                "reason": reason,
                "details": list(details),
                "statuses": "\n" if word == "Running" else None,
            }
            for tie in self._deployment.ties
            if needs_container(self._world, tie)
        ]

    def _pipeline(self) -> Json:
        version = self._world.pipeline_versions[self._deployment.pipeline_version_id]
        state = {"id": self._deployment.name, "status": "Running"}
        return state if self._era == "2023.4" else {**state, "version": version.uuid}

    def _model(self, tie: Tie) -> Json:
        version = self._world.versions[tie.version_id]
        name = self._world.models[version.model_id].name
        state = {"name": name, "version": version.uuid, "sha": version.sha, "status": "Running"}
        return state if self._era == "2023.4" else {"model_version_id": version.id, **state}

    def _ip(self) -> str:
        return f"10.{self._rng.randrange(4, 250)}.{self._rng.randrange(250)}.{self._rng.randrange(2, 250)}"

    def _hash(self, length: int) -> str:
        return "".join(self._rng.choice("bcdfghjklmnpqrstvwxz2456789") for _ in range(length))


def sidekick_name(world: World, tie: Tie, suffix: str) -> str:
    """Return the name of a version's container; it holds the version's id."""
    model = world.models[world.versions[tie.version_id].model_id]
    return f"engine-sidekick-{model.name}-{tie.version_id}-{suffix}"


def _running(parts: _Parts) -> Json:
    return parts.status("Running", [], [parts.engine()], parts.sidekicks())


def _scaling(parts: _Parts) -> Json:
    engines = [parts.engine(), parts.engine("Pending")]
    return parts.status("Running", ["Scaling"], engines, parts.sidekicks())


def _starting(parts: _Parts) -> Json:
    return parts.status("Starting", [], [parts.engine("Pending")], parts.sidekicks("Pending"))


def _crash_loop(parts: _Parts) -> Json:
    failed = parts.sidekicks("Failed", "CrashLoopBackOff", ("back-off 5m0s restarting failed container",))
    return parts.status("Error", [], [parts.engine()], failed)


def _no_container(parts: _Parts) -> Json:
    return parts.status("Running", [], [parts.engine()], [])


def _no_room(parts: _Parts) -> Json:
    engine = parts.engine("Pending", "Unschedulable", (NO_ROOM,))
    return parts.status("Error", [], [engine], parts.sidekicks("Pending"))


def _wrong_arch(parts: _Parts) -> Json:
    return parts.status("Error", [], [parts.engine()], parts.sidekicks("Pending", WRONG_ARCH))


SCENES: dict[str, Callable[[_Parts], Json]] = {
    "running": _running,
    "scaling": _scaling,
    "starting": _starting,
    "crash_loop": _crash_loop,
    "no_container": _no_container,
    "no_room": _no_room,
    "wrong_arch": _wrong_arch,
}
"""How a deployment fares, by name."""
