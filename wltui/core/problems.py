"""Which versions need attention, why, and since when."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from enum import Enum

from msgspec import Struct

from .compact import read_status
from .records import ModelVersion, Phase, VersionId, phase
from .times import parse_timestamp
from .upload_frameworks import FRAMEWORKS

PATIENCE = timedelta(minutes=30)
"""How long a version may be on its way to ready, at least, before it counts as stuck."""


class Trouble(Enum):
    """What is wrong with a version, the worst first."""

    NOT_READY = "not ready"
    FAILED = "failed"
    UNKNOWN_STATUS = "unknown status"
    WRONG_ROUTE = "wrong route"
    STUCK = "stuck"
    OUTDATED = "outdated"


MEANINGS = {
    Trouble.NOT_READY: "A pipeline is deployed with it, and it is not ready",
    Trouble.FAILED: "Its upload failed",
    Trouble.UNKNOWN_STATUS: "Its status is none that wltui knows",
    Trouble.WRONG_ROUTE: "An ONNX file sent by the convert route, where it stays pending",
    Trouble.STUCK: "It has been pending for longer than is normal",
    Trouble.OUTDATED: "A pipeline runs it with an older config than its newest",
}
"""What each means, as a sentence."""
SEVERITY = {trouble: place for place, trouble in enumerate(Trouble)}


class Problem(Struct, frozen=True):
    """A version that needs attention."""

    version_id: VersionId
    trouble: Trouble
    since: datetime | None = None
    """Since when, or None if no answer contains it. Over REST that is the time of the upload."""


def took_convert_route(version: ModelVersion) -> bool:
    """Return whether an ONNX file was uploaded by the route that converts.

    Only that route makes a task. All five recorded versions sent so stayed pending, one of them for 18 hours; the same
    file sent by the other route is ready in the same second.
    """
    return version.framework == "onnx" and bool(version.task_id) and phase(version.status) is not Phase.READY


def patience(framework: str | None) -> timedelta:
    """Return how long a version of a framework may be on its way to ready.

    That is twice the median of recorded uploads if that is longer: vLLM takes 19 minutes, others below 5.
    """
    found = FRAMEWORKS.get(framework or "")
    return (
        max(PATIENCE, timedelta(seconds=2 * found.duration.median)) if found and found.duration else PATIENCE
    )


def trouble_of(
    version: ModelVersion,
    now: datetime,
    outdated: Collection[VersionId] = (),
    deployed: Collection[VersionId] = (),
) -> Trouble | None:
    """Return the worst that is wrong with a version, or None if nothing is.

    Args:
        version: A version; a status that its answer does not contain is no trouble.
        now: The time, in UTC.
        outdated: The versions that are deployed with an older config than their newest.
        deployed: The versions that are deployed by GraphQL. The REST API said so of none in 78 recorded answers.
    """
    what = phase(version.status)
    if what is Phase.READY:
        return Trouble.OUTDATED if version.id in outdated else None
    if what is Phase.ABSENT:
        return None
    if version.deployed or version.id in deployed:
        return Trouble.NOT_READY
    if what is Phase.ERROR:
        return Trouble.FAILED
    if what is Phase.OTHER:
        return Trouble.UNKNOWN_STATUS
    if took_convert_route(version):
        return Trouble.WRONG_ROUTE
    created = version.created
    return Trouble.STUCK if created and now - created > patience(version.framework) else None


def find_problems(
    versions: Iterable[ModelVersion],
    now: datetime,
    *,
    outdated: Collection[VersionId] = (),
    deployed: Collection[VersionId] = (),
    since: Mapping[VersionId, str] | None = None,
) -> dict[VersionId, Problem]:
    """Return what is wrong with these versions, by version; those that need nobody are missing.

    Args:
        versions: Any number of versions, in any order.
        now: The time, in UTC.
        outdated: The versions that are deployed with an older config than their newest.
        deployed: The versions that are deployed by GraphQL.
        since: Times of the last change of a version, as far as they are known.
    """
    known = since or {}
    found = {}
    for version in versions:
        if phase(read_status(version)) is Phase.READY and version.id not in outdated:
            continue  # as most are
        if trouble := trouble_of(version, now, outdated, deployed):
            found[version.id] = Problem(version.id, trouble, _since(version, trouble, known.get(version.id)))
    return found


def _since(version: ModelVersion, trouble: Trouble, changed_at: str | None) -> datetime | None:
    """Return the time of the failure; of the upload for a version on its way, as each step changes it again."""
    if trouble is Trouble.OUTDATED:
        return None
    if phase(version.status) is Phase.PENDING:
        changed_at = None
    return parse_timestamp(changed_at) or version.created


def group_equal(
    versions: Iterable[ModelVersion], problems: Mapping[VersionId, Problem]
) -> list[list[ModelVersion]]:
    """Return versions in groups that have the same trouble for the same cause: the same file and the same reason.

    Groups, and the versions in each, keep the order of ``versions``. A version without a file hash is alone.
    """
    groups: dict[object, list[ModelVersion]] = {}
    for version in versions:
        problem = problems.get(version.id)
        same = (
            (version.sha, version.error_summary, problem.trouble)
            if problem and version.sha and version.sha.strip()
            else version.id
        )
        groups.setdefault(same, []).append(version)
    return list(groups.values())
