"""What a deployment's status means: which part of it is in trouble, why, and what helps.

The models and pipelines inside an engine report Running even while the deployment fails (597 of 597 and 481 of 481
recorded ones), so they say nothing. The deployment's own status, its containers, their reasons and details do.
"""

import re
from collections.abc import Collection, Iterable, Iterator

from msgspec import Struct

from .explanation import Explanation, find_explanation
from .pipelines import Container, DeploymentStatus
from .records import VersionId

RUNNING = "Running"
_SIDEKICK = re.compile(r"engine-sidekick-.+-(\d+)-[^-]+(?:-[^-]+)*$")


class Finding(Struct, frozen=True):
    """Something that is wrong, in the server's words, and what it means."""

    what: str
    server: str = ""
    """The server's own words."""
    cause: str = ""
    remedy: str = ""
    is_passing: bool = False
    """Whether it may end by itself."""


_CAUSES = (
    Explanation(r"insufficient (cpu|memory|\S*gpu)", "the cluster has no room for it",
                "Undeploy a pipeline that is not needed, or deploy this one with less."),
    Explanation(r"untolerated taint.*arch", "no node with room has the version's architecture",
                "Upload the model for the architecture of the nodes, or add such a node."),
    Explanation(r"crashloopbackoff", "the container of a version ends right after its start, again and again",
                "Check the version's file and config; on release 2026.1 or newer its sidekick's logs say why."),
    Explanation(r"imagepull|errimage", "the version's image can't be fetched",
                "Check the image path of the version, and the registry's access."),
    Explanation(r"^scaling$", "it is being scaled", "Wait.", True),
)  # fmt: skip


def findings(
    status: DeploymentStatus, in_containers: Collection[VersionId] = (), limit: str | None = None
) -> tuple[Finding, ...]:
    """Return what is wrong with a deployment, the worst first; nothing if all of it runs.

    Args:
        status: What runs just now.
        in_containers: The versions that are known to run in a container of their own.
        limit: Why the platform refuses to deploy it, in its words.
    """
    found = list(_of_parts(status))
    for detail in status.details:
        found.append(_explained("Deployment", detail))
    if limit:
        found.append(Finding("Deployment", limit, "the platform's limits do not allow it", "Ask for less."))
    found += _missing(status, in_containers)
    if not found and status.status != RUNNING:
        is_error = status.status.casefold() == "error"
        found.append(Finding(f"Deployment: {status.status}", is_passing=not is_error))
    return tuple(sorted(found, key=lambda finding: finding.is_passing))


def _of_parts(status: DeploymentStatus) -> Iterator[Finding]:
    groups: tuple[tuple[str, Iterable[Container]], ...] = (
        ("Engine", status.engines), ("Load balancer", status.balancers), ("Sidekick", status.sidekicks or ()),
    )  # fmt: skip
    for kind, parts in groups:
        for part in parts:
            words = " ".join(filter(None, (part.reason, *part.details)))
            if part.status != RUNNING or words:
                number = version_of_sidekick(part.name)
                of = f" of version {number}" if number else ""
                yield _explained(f"{kind}{of}: {part.status}", words, is_pending=part.status == "Pending")


def _explained(what: str, words: str, *, is_pending: bool = False) -> Finding:
    known = find_explanation(words, _CAUSES)
    if known is None:
        return Finding(what, words, is_passing=is_pending)
    return Finding(what, words, known.cause, known.remedy, known.is_passing)


def _missing(status: DeploymentStatus, in_containers: Collection[VersionId]) -> Iterator[Finding]:
    """Yield a finding for each version that says Running, though its container is not there."""
    if status.sidekicks is None or status.status != RUNNING:
        return
    there = {version_of_sidekick(part.name) for part in status.sidekicks}
    running = {model.version_id: model for model in status.models if model.version_id in in_containers}
    for number in sorted(number for number in running if number is not None and number not in there):
        yield Finding(
            f"Running, but there is no container for version {number}",
            cause="requests to it time out",
            remedy="Deploy the pipeline again.",
        )


def version_of_sidekick(name: str) -> VersionId | None:
    """Return the version in the name of its container, ``engine-sidekick-<model>-<version>-<hash>``."""
    found = _SIDEKICK.search(name)
    return VersionId(int(found[1])) if found else None
