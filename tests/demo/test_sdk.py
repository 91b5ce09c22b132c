"""The vendor's own SDK, unchanged, takes the embedded Wallaroo for a real one.

It is no dependency, and pins older libraries: ``WLTUI_SDK_PYTHON`` names a Python interpreter that has it
(``wallaroo==2026.1.3``). ``.ci/run`` makes one. ``sdk_calls.py`` says what is called.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.support.sdk_uploads import plans, recorded
from wltui.api import calls, snippets
from wltui.api.snippet_upload import sdk_upload
from wltui.api.snippets import Target
from wltui.core.records import ModelId, VersionId, WorkspaceId
from wltui.core.upload_frameworks import FRAMEWORKS
from wltui.core.upload_plan import UploadPlan
from wltui.demo import Demo
from wltui.demo.http import Request

SDK_PYTHON = os.environ.get("WLTUI_SDK_PYTHON", "")
IMAGE = "proxy.replicated.com/proxy/wallaroo/ghcr.io/wallaroolabs/mlflow-deploy:v2023.4.0-4103"
REFUSED = {
    "create_tag": "no mutations exist",
    "update visibility": "no mutations exist",
    "an unknown pipeline": "not found in this workspace",
    "an unknown deployment": "not found",
    "status of what is not deployed": "not found",
    "a bad zip": "Not a valid ZIP file",
    "a bad suffix": "needs to be a .zip",
    "a bad name": "must be DNS-compatible",
    "a workspace of the same name": "Failed to create workspace",
}
"""Calls that fail on a real Wallaroo too, or write by GraphQL."""
ANSWERS: dict[str, object] = {
    "workspace.pipelines": ["ccfraud-pipeline"],
    "version": [16, "ready", IMAGE, "x86"],
    "config": ["flight", None, None],
    "config by GraphQL": 6,
    "configure": 0.1,
    "uploaded": ["ready", "onnx"],
    "empty": ["error", "null"],
    "logs": ["Loading model…", "EOFError: Ran out of input"],
    "native": ["ready", "onnx"],
    "upload tensorflow": "tensorflow",
    "upload keras": "flight",
    "register_model_image": ["ready", "example.com/image:1"],
    "list_versions_for_model": [6, 3],
    "list_pipelines of a workspace": ["ccfraud-pipeline"],
    "get_pipeline": "ccfraud-pipeline",
    "pipeline.status": "Running",
    "list_deployments": ["ccfraud-pipeline", True],
    "deployment.model_configs": [26],
    "search_models": [3, 6],
    "search_model_versions": 5,
    "search_pipelines": ["ccfraud-pipeline"],
    "get_user_by_email": "jane@example.com",
    "frameworks": list(FRAMEWORKS),
}

NAME = 'it\'s "quoted" $(id) `id` \\ \n 模型 \x9b' + "x" * 2_000
SNIPPETS: list[calls.Call[Any]] = [
    calls.list_workspaces(),
    calls.list_models(WorkspaceId(10)),
    calls.list_versions(ModelId(15), NAME),
    calls.get_version(VersionId(16)),
    calls.get_config(VersionId(16)),
    calls.upload_logs(VersionId(15), lines=3),
    calls.list_pipelines(WorkspaceId(4)),
    calls.insert_config({
        "model_version_id": 16, "tensor_fields": [NAME], "filter_threshold": 0.0, "input_schema": None,
        "dynamic_batching_config": {"max_batch_delay_ms": 5, "batch_size_target": 4, "batch_size_limit": None},
        "openai_config": {"enabled": True, "completion_config": {"temperature": 0.5, "stop": [NAME]}},
    }),
]  # fmt: skip
"""Calls that are made by SDK snippets too."""


AGAIN = "-by-code"
"""Ends the names of models that snippets upload."""


def plans_in(folder: Path) -> Iterator[UploadPlan]:
    """Yield the plans of :func:`plans`, each with an empty zip file as its file."""
    for plan in plans():
        file = folder / plan.file.name
        file.write_bytes(b"PK\x05\x06" + bytes(18))
        yield replace(plan, file=file)


def call_sdk(folder: Path) -> tuple[Demo, dict[str, Any]]:
    """Return a server that was called, and what came of each call."""
    requests: list[Request] = []
    born = datetime.now(UTC)  # the SDK looks at the clock on the wall to know whether its token is still good

    def clock() -> datetime:
        """Return a time that a minute is added to by each look at a version, so that builds end."""
        return born + timedelta(
            minutes=sum(request.path == "models/get_version_by_id" for request in requests)
        )

    with Demo(clock=clock, token_ttl=86_400) as demo:
        requests = demo.requests
        target = Target(demo.url)
        programs = [
            *(sdk_upload(replace(plan, name=f"{plan.name}{AGAIN}"), target) for plan in plans_in(folder)),
            *(snippets.sdk(call, target) for call in SNIPPETS),
        ]
        (folder / "snippets.json").write_text(json.dumps(programs))
        fields = ("name", "framework", "arch", "accel", "accel_config", "framework_config")
        planned = [
            {name: getattr(plan, name) for name in fields} | {"file": plan.file_name} for plan in plans()
        ]
        (folder / "uploads.json").write_text(json.dumps(planned))
        done = subprocess.run(
            [SDK_PYTHON, Path(__file__).with_name("sdk_calls.py"), demo.url],
            cwd=folder,
            env={"HOME": str(folder), "WALLAROO_USER": "demo", "WALLAROO_PASSWORD": "demo"},
            capture_output=True,
            text=True,
            check=False,
            timeout=500,
        )
    assert done.returncode == 0, done.stderr
    return demo, json.loads(done.stdout.splitlines()[-1])


def uploads(requests: list[Request]) -> dict[str, tuple[str, str, str]]:
    """Return the route, metadata and file name of each upload, by the model's name: the last of each."""
    found = {}
    for request in requests:
        if request.path in {"models/upload", "models/upload_and_convert"}:
            metadata = re.search(rb'name="metadata".*?\r\n\r\n(.*?)\r\n--', request.body, re.DOTALL)
            file_name = re.search(rb'name="file"; filename="(.*?)"', request.body)
            if metadata and file_name:
                text = metadata[1].decode()
                found[json.loads(text)["name"]] = (request.path, text, file_name[1].decode())
    return found


@pytest.mark.skipif(not SDK_PYTHON, reason="WLTUI_SDK_PYTHON names no Python that has the vendor's SDK")
def test_the_sdk_works(tmp_path: Path) -> None:
    demo, answers = call_sdk(tmp_path)
    failed = {name: answer for name, answer in answers.items() if str(answer).startswith("error")}
    assert set(failed) == set(REFUSED), failed
    assert not [name for name, words in REFUSED.items() if words not in failed[name]]
    assert {name: answers[name] for name in ANSWERS} == ANSWERS
    assert len(answers) - len(failed) > 75
    sent = [(request.path, json.loads(request.body)) for request in demo.requests[-len(SNIPPETS) :]]
    assert sent == [((call.alternatives or (call.path,))[0], dict(call.body)) for call in SNIPPETS]
    uploaded = uploads(demo.requests)
    for plan in plans():
        assert uploaded[plan.name] == (plan.route, json.dumps(recorded(plan)), plan.file_name)
        assert uploaded[plan.name][1] == json.dumps(plan.metadata())
        route, metadata, file_name = uploaded[f"{plan.name}{AGAIN}"]
        assert (route, file_name) == (plan.route, plan.file_name)
        assert json.loads(metadata) == plan.metadata() | {"name": f"{plan.name}{AGAIN}"}
    created = [workspace.name for workspace in demo.world.workspaces.values()]
    assert [name for _, name in answers["workspaces"]] == [
        name for name in created if name != "sdk-workspace"
    ]
