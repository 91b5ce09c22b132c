"""Prepare an upload: values as people type them, and what the listings of the instance say about it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from wltui.api.knowledge import parse_release
from wltui.core.framework_options import OPTIONS, QAIC, Option, parse_value
from wltui.core.records import Model, ModelVersion, WorkspaceId
from wltui.core.upload_frameworks import FRAMEWORKS, Release, required_arch
from wltui.core.upload_plan import UploadPlan

from .checks import check
from .contents import Contents
from .findings import Finding
from .guess import Guess
from .predecessors import Target, check_same_file

DEFAULT_ARCH, DEFAULT_ACCEL = "x86", "none"
LATELY = timedelta(days=30)
"""How long a server is taken to be of the release that received an upload, and not of a newer one."""


def order_frameworks(guess: Guess | None) -> tuple[str, ...]:
    """Return all frameworks, those that a file is probably of first."""
    likely = (guess.framework, *guess.alternatives) if guess else ()
    return tuple(dict.fromkeys(name for name in (*likely, *FRAMEWORKS) if name in FRAMEWORKS))


class Hardware(Struct, frozen=True):
    """The architecture and acceleration that an upload has if nobody chooses others."""

    arch: str = DEFAULT_ARCH
    accel: str = DEFAULT_ACCEL
    source: str = ""
    """Where the architecture comes from, in a few words; empty if nothing is known and it is the usual one."""


def usual_hardware(target: Target | None, framework: str, default_arch: str = "") -> Hardware:
    """Return the hardware of the model's newest version of the framework, or the defaults.

    ``default_arch``: what the instance takes where none is named; empty if that is not known.
    """
    previous = target.previous if target else None
    arch, accel, source = None, DEFAULT_ACCEL, ""
    if previous is not None and previous.framework == framework:
        accel = previous.accel or DEFAULT_ACCEL
        arch, source = previous.arch or required_arch(accel), f"from version {previous.id}"
    if arch is None:
        arch, source = default_arch, "the instance's default" if default_arch else ""
    return Hardware(arch or DEFAULT_ARCH, accel, source)


def newest_release(versions: Iterable[ModelVersion], now: datetime) -> Release | None:
    """Return the newest release that received one of these versions lately, or None if none was uploaded lately.

    The server is of that release, or of a newer one: what was uploaded long ago says nothing of it.
    """
    found = (
        parse_release(each.created_on_version)
        for each in versions
        if (time := each.created) is not None and now - time < LATELY
    )
    return max(filter(None, found), default=None)


def versions_of(models: Iterable[Model]) -> list[ModelVersion]:
    """Return all known versions of models."""
    return [version for model in models for version in model.versions or ()]


def options_of(framework: str, accel: str) -> tuple[Option, ...]:
    """Return the settings that an upload may have: of its framework, and of its acceleration."""
    return (*OPTIONS.get(framework, ()), *(QAIC if accel == "qaic" else ()))


def parse_options(
    framework: str, accel: str, typed: Mapping[str, str]
) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """Return the settings of the framework and those of the acceleration, or None for each that has none.

    A text that is no value of its setting's kind stays a text, which the checks then find. A key that is no setting
    goes to the framework: a custom model may have any.
    """
    known = {option.key: option for option in options_of(framework, accel)}
    of_accel = {option.key for option in QAIC} if accel == "qaic" else set()
    values = {key: parse_value(known.get(key), text) for key, text in typed.items()}
    ours = {key: value for key, value in values.items() if key not in of_accel}
    theirs = {key: value for key, value in values.items() if key in of_accel}
    return ours or None, theirs or None


def find_all(
    plan: UploadPlan,
    contents: Contents,
    sha256: str,
    known: Iterable[ModelVersion],
    workspaces: Mapping[WorkspaceId, str],
    *,
    now: datetime,
) -> Sequence[Finding]:
    """Return what is wrong with an upload, and what became of this very file before. Slow: call it in a thread.

    Args:
        plan: The upload.
        contents: What is in its file.
        sha256: The hash of its file; empty if it is not known yet.
        known: All known versions of its workspace, and those of others that have the same file.
        workspaces: The names of workspaces by their ids.
        now: The time.
    """
    versions = distinct(known)
    found = check(plan, contents, release=newest_release(versions, now))
    return [*found, *(check_same_file(plan, sha256, versions, workspaces) if sha256 else ())]


def describe_target(target: Target | None, name: str) -> str:
    """Return which version of which model an upload makes, in a few words; ``name`` is to be safe to show."""
    if target is None or not name:
        return ""
    if target.model is None:
        near = f"; {target.similar} is another model" if target.similar else ""
        return f"a new model{near}"
    previous = target.previous
    newest = f"; the newest is {previous.id}" if previous else ""
    return f"{_ordinal(target.ordinal)} version of this model{newest}"


def _ordinal(number: int | None) -> str:
    if number is None:
        return "the next"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"the {number:,}{ending}"


def distinct(versions: Iterable[ModelVersion]) -> Sequence[ModelVersion]:
    """Return the versions, each once; of several records of one the first."""
    found: dict[int, ModelVersion] = {}
    for version in versions:
        found.setdefault(version.id, version)
    return tuple(found.values())
