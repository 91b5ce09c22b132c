"""What is wrong with a deployment, from the recorded shapes and wordings of its status."""

import pytest

from wltui.core.deployment_health import findings, version_of_sidekick
from wltui.core.pipelines import Container, DeploymentStatus, RunningModel
from wltui.core.records import VersionId

ENGINE = Container(name="engine-7d9-x2", status="Running")
SIDEKICK = Container(name="engine-sidekick-my-model-2-1454-6c8bd-kk2", status="Running")


def status(
    top: str = "Running", *, details: tuple[str, ...] = (), **parts: tuple[object, ...]
) -> DeploymentStatus:
    return DeploymentStatus(status=top, details=details, **{"engines": (ENGINE,), "sidekicks": (), **parts})  # type: ignore[arg-type]


def test_all_that_runs_is_well() -> None:
    assert findings(status(sidekicks=(SIDEKICK,))) == ()


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("0/3 nodes are available: 3 Insufficient cpu.", "no room"),
        ("1 Insufficient memory", "no room"),
        ("node(s) had untolerated taint {kubernetes.io/arch: arm64}", "architecture"),
        ("CrashLoopBackOff", "again and again"),
        ("Back-off pulling image: ImagePullBackOff", "image can't be fetched"),
    ],
)
def test_reasons_are_explained(reason: str, cause: str) -> None:
    engine = Container(name="engine-1", status="Pending", reason=reason)
    (found,) = findings(status("Starting", engines=(engine,)))
    assert found.server == reason
    assert cause in found.cause
    assert found.remedy
    assert not found.is_passing


def test_a_reason_that_nobody_knows_is_shown_as_it_is() -> None:
    engine = Container(name="engine-1", status="Pending", details=("something new",))
    (found,) = findings(status("Starting", engines=(engine,)))
    assert (found.server, found.cause, found.is_passing) == ("something new", "", True)


def test_a_sidekick_names_its_version() -> None:
    dead = Container(name=SIDEKICK.name, status="Failed", reason="CrashLoopBackOff")
    (found,) = findings(status("Error", sidekicks=(dead,)))
    assert found.what == "Sidekick of version 1454: Failed"
    assert version_of_sidekick("engine-abc") is None


def test_scaling_passes() -> None:
    (found,) = findings(status(details=("Scaling",)))
    assert found.is_passing


def test_an_error_without_a_word_is_an_error() -> None:
    (found,) = findings(status("Error"))
    assert not found.is_passing
    (starting,) = findings(status("Starting"))
    assert starting.is_passing


def test_running_without_its_container_is_said() -> None:
    """Recorded in February 2026: the next inference timed out."""
    model = RunningModel(name="my-model-2", version_id=VersionId(1454), status="Running")
    told = status(models=(model,))
    (found,) = findings(told, {VersionId(1454)})
    assert "no container for version 1454" in found.what
    assert findings(told) == ()  # a native version needs none
    assert findings(status(models=(model,), sidekicks=(SIDEKICK,)), {VersionId(1454)}) == ()


def test_a_limit_is_in_the_platforms_words() -> None:
    (found,) = findings(status(), limit="asked RAM: 60Gi")
    assert found.server == "asked RAM: 60Gi"
