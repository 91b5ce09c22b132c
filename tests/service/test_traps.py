"""The API's traps that lie above the client; those of the wire are in ``tests/api``."""

import base64
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import wltui.config.schema
import wltui.core.errors
from tests.support.clock import NOW
from tests.support.editing import said
from tests.support.session import OpenApp
from wltui.config.edit import ConfigEdit
from wltui.config.schema import decode
from wltui.core.records import ConfigId, ModelConfig, ModelVersion, VersionId
from wltui.core.settings import Secret, Settings
from wltui.demo import Demo, Scripted
from wltui.service.open import open_service
from wltui.ui.screens.base.live import LiveScreen

VERSION = VersionId(16)


def settings(demo: Demo) -> Settings:
    return Settings(endpoint=demo.url, login=("demo", Secret("demo")))


def paths(demo: Demo) -> list[str]:
    return [request.path for request in demo.requests if not request.path.startswith("/auth")]


async def test_trap_08_a_failed_read_is_never_followed_by_an_insert(demo: Demo, tmp_path: Path) -> None:
    service = open_service(settings(demo), tmp_path, clock=lambda: NOW)
    demo.script(
        "models/get_config_by_id", *[Scripted(status=500, body=b'{"msg":"unknown error.","code":500}')] * 9
    )
    edit = ConfigEdit(VERSION, ModelConfig(id=ConfigId(26))).with_value("filter_threshold", 0.0)
    with pytest.raises(wltui.core.errors.ApiRefused, match="unknown error"):
        await service.save_config(ModelVersion(id=VERSION), edit)
    await service.close()
    assert "models/insert_model_config" not in paths(demo)


def list_of_one(status: str, created_at: str | None) -> Scripted:
    version = {"id": 900, "name": "slow", "status": status, "created_at": created_at, "workspace_id": 10}
    model = {
        "model": {"id": 90, "name": "slow"},
        "model_versions": [{"model_version": version, "config": None}],
    }
    return Scripted(body=json.dumps({"models": [model]}).encode())


@pytest.mark.parametrize(
    ("age", "moving"),
    [(timedelta(minutes=1), True), (timedelta(hours=18), False), (None, True)],
    ids=["just uploaded", "stuck for 18 hours", "of unknown age"],
)
async def test_trap_15_what_is_stuck_is_not_polled_at_full_speed(
    age: timedelta | None, moving: bool, demo: Demo, open_app: OpenApp
) -> None:
    now = NOW
    created = None if age is None else (NOW - age).isoformat()
    demo.script("models/list", *[list_of_one("attempting_load_container", created)] * 4)
    async with open_app(workspace=10, clock=lambda: now) as session:
        screen = session.app.screen
        assert isinstance(screen, LiveScreen)
        assert screen.moving is moving
        now = later(now)
        assert screen.moving is False


def later(time: datetime) -> datetime:
    return time + timedelta(hours=1)


async def test_trap_17_the_sdks_tokens_are_left_alone(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK keeps one file for all hosts and users; a token of another host must not be sent to this one."""
    folder = tmp_path / "wallaroo_sdk" / "auth"
    folder.mkdir(parents=True)
    (folder / "keycloak.json").write_text(json.dumps({"access_token": "the-sdks-own", "expiry": 9e9}))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    service = open_service(Settings(endpoint=demo.url), None)
    with pytest.raises(wltui.core.errors.NotSignedIn):
        async for _ in service.workspaces():
            pass
    await service.close()
    assert all("the-sdks-own" not in str(request.headers) for request in demo.requests)


async def test_trap_19_nothing_depends_on_the_config_call(demo: Demo, open_app: OpenApp) -> None:
    demo.script("config", Scripted(status=404, body=b"no such call"))
    async with open_app() as session:
        assert "api-tutorial" in session.text
    assert "config" not in paths(demo)


def test_trap_25_a_schema_is_a_streams_head_in_standard_base64() -> None:
    packed = pa.schema([pa.field("text", pa.string())]).serialize().to_pybytes()
    text = base64.b64encode(packed).decode()
    assert text.startswith("/////")
    assert str(decode(text).fields[0]) == "text: string"
    with pytest.raises(wltui.config.schema.SchemaError, match="URL-safe"):
        decode(base64.urlsafe_b64encode(packed).decode())


@pytest.mark.parametrize("batching", ["dynamic_batching_config", "continuous_batching_config"])
def test_trap_27_batching_rules_are_checked_before_sending(batching: str) -> None:
    whole: dict[str, Any] = dict.fromkeys(
        ("tensor_fields", "filter_threshold", "batch_config", "openai_config")
    )
    schemas = {"input_schema": "AAAA", "output_schema": "AAAA"}
    on = {"max_batch_delay_ms": 10, "batch_size_target": 4, "max_concurrent_batch_size": 1}
    base = ModelConfig(id=ConfigId(1), **{**whole, **schemas, batching: on})
    assert ConfigEdit(VERSION, base).problems() == ()
    assert [
        problem.field for problem in ConfigEdit(VERSION, base).with_value("batch_config", "single").problems()
    ] == ["batch_config"]


async def test_trap_28_a_save_says_that_deployments_keep_their_config(open_app: OpenApp) -> None:
    async with open_app(workspace=4) as session:
        await session.press("enter", "e", "enter", "x", "ctrl+s")
        assert "Running deployments keep the config they were deployed" in session.text
        await session.press("right", "enter")
        assert "To use it, deploy ccfraud-pipeline again." in said(session)


async def test_trap_29_deployed_and_status_are_independent(demo: Demo, open_app: OpenApp) -> None:
    list_body = json.loads(list_of_one("attempting_load_container", None).body or b"")
    list_body["models"][0]["model_versions"][0]["model_version"]["deployed"] = True
    demo.script("models/list", *[Scripted(body=json.dumps(list_body).encode())] * 4)
    async with open_app(workspace=10) as session:
        await session.press("enter")
        assert "◐ attempting_load_container" in session.text
        assert "a deployed pipeline." in session.text


def test_trap_30_nothing_deletes() -> None:
    calls = Path(wltui.__file__).parent / "api" / "calls.py"
    assert "delete" not in calls.read_text(encoding="utf-8")
