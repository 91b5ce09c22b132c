"""What is typed becomes what is sent, and listings say where an upload goes."""

from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from tests.support.clock import NOW
from tests.support.services import session
from wltui.core.records import Model, ModelId, ModelVersion, VersionId
from wltui.demo import Demo, Scripted
from wltui.service.upload.guess import Guess
from wltui.service.upload.predecessors import Target
from wltui.service.upload.preparing import (
    Hardware,
    describe_target,
    newest_release,
    order_frameworks,
    parse_options,
    usual_hardware,
)

MODEL = Model(id=ModelId(7), name="fraud")


def version(number: int, **fields: object) -> ModelVersion:
    return ModelVersion(id=VersionId(number), **fields)  # type: ignore[arg-type]


def test_settings_are_of_their_kind_or_stay_texts_that_the_checks_find() -> None:
    typed = {
        "block_size": "32", "gpu_memory_utilization": "0.8", "enable_auto_tool_choice": "true",
        "kv_cache_dtype": "fp8", "device_group": "[0, 1]", "tool_call_parser": "1", "max_num_seqs": "many",
    }  # fmt: skip
    assert parse_options("vllm", "none", typed)[0] == {
        "block_size": 32, "gpu_memory_utilization": 0.8, "enable_auto_tool_choice": True,
        "kv_cache_dtype": "fp8", "device_group": [0, 1], "tool_call_parser": "1", "max_num_seqs": "many",
    }  # fmt: skip
    typed = {"num_cores": "8", "mine": '{"a": [1]}', "text": "x", "odd": "NaN", "large": "1e999"}
    assert parse_options("custom", "qaic", typed) == (
        {"mine": {"a": [1]}, "text": "x", "odd": "NaN", "large": "1e999"},
        {"num_cores": 8},
    )
    assert parse_options("onnx", "none", {}) == (None, None)


def test_a_target_is_described_by_its_number_and_newest_version() -> None:
    assert describe_target(Target(None, 1, similar="Fraud"), "fraud") == "a new model; Fraud is another model"
    numbers = {
        1: "1st",
        2: "2nd",
        3: "3rd",
        11: "11th",
        12: "12th",
        21: "21st",
        112: "112th",
        1_003: "1,003rd",
    }
    for number, words in numbers.items():
        assert describe_target(Target(MODEL, number), "fraud") == f"the {words} version of this model"
    newest = Target(MODEL, None, version(166))
    assert describe_target(newest, "fraud") == "the next version of this model; the newest is 166"
    assert describe_target(None, "fraud") == describe_target(newest, "") == ""


def test_hardware_is_that_of_the_newest_version_if_it_is_of_the_framework() -> None:
    before = Target(MODEL, 2, version(1, framework="vllm", accel="jetson", arch=None))
    assert usual_hardware(before, "vllm", "power10") == Hardware("arm", "jetson", "from version 1")
    assert usual_hardware(before, "onnx") == usual_hardware(None, "vllm") == Hardware("x86", "none")
    default = Hardware("power10", "none", "the instance's default")
    assert usual_hardware(before, "onnx", "power10") == default
    unnamed = Target(MODEL, 2, version(1, framework="vllm", accel="cuda"))
    assert usual_hardware(unnamed, "vllm", "power10") == replace(default, accel="cuda")


async def test_the_default_architecture_is_asked_once_and_no_failure_matters(
    demo: Demo, tmp_path: Path
) -> None:
    demo.script("config", Scripted(drop=True), Scripted(404))
    async with session(demo.url, tmp_path) as service:
        assert [await service.uploads.default_arch() for _ in range(3)] == [""] * 3
    assert len(demo.requests) == 2  # an instance that has no such page is not asked again
    demo.script(
        "config", *(Scripted(body=body) for body in (b'{"default_arch":"z80"}', b'{"default_arch":"arm"}'))
    )
    for arch in ("", "arm"):
        async with session(demo.url, tmp_path) as service:
            signs: list[object] = []
            service.on_auth_change(signs.append)
            assert await service.uploads.default_arch() == arch
            assert signs == []  # nothing of the sign-in shows in it
    demo.stop()
    async with session(demo.url, tmp_path) as service:
        assert await service.uploads.default_arch() == "arm"


def test_a_release_is_known_by_what_was_uploaded_lately() -> None:
    def uploaded(days: int, release: str) -> ModelVersion:
        time = (NOW - timedelta(days=days)).isoformat()
        return version(days, created_at=time, created_on_version=release)

    assert newest_release(
        [uploaded(3, "2025.1.0"), uploaded(9, "2025.2.1"), uploaded(90, "2026.1.0")], NOW
    ) == (2025, 2)
    assert newest_release([uploaded(90, "2025.1.0"), version(1)], NOW) is None


def test_all_frameworks_are_offered_the_likely_ones_first() -> None:
    names = order_frameworks(Guess("xgboost", "", ("sklearn", "no framework")))
    assert names[:3] == ("xgboost", "sklearn", "onnx")
    assert sorted(names) == sorted(order_frameworks(None))
