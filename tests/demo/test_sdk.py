"""The vendor's own SDK takes the embedded Wallaroo for a real one.

It is no dependency: ``WLTUI_SDK_PYTHON`` names a Python interpreter that has it (``wallaroo==2026.1.3``).
"""

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wltui.demo import Demo
from wltui.demo.http import Request

SDK_PYTHON = os.environ.get("WLTUI_SDK_PYTHON", "")
SCRIPT = """
import json, pathlib, sys
import pyarrow, wallaroo
from wallaroo.framework import Framework

client = wallaroo.Client(api_endpoint=sys.argv[1], auth_type="user_password", interactive=False)
workspaces = client.list_workspaces()
client.set_current_workspace(next(workspace for workspace in workspaces if workspace.id() == 10))
version = client.get_model("api-upload-pytorch-multi-io", "9150b046-5df0-4c41-a60b-3016355f89d5")
config = version.config()

def upload(name: str, content):
    file = pathlib.Path("weights.pt")
    file.write_bytes(content)
    schema = pyarrow.schema([("amount", pyarrow.float32())])
    return client.upload_model(
        name, file, framework=Framework.PYTORCH, input_schema=schema, output_schema=schema
    )

uploaded, empty = upload("sdk-upload", b"weights"), upload("sdk-empty", b"")
told = {
    "workspaces": [[workspace.id(), workspace.name()] for workspace in workspaces],
    "models": [[model.id(), model.name()] for model in client.list_models()],
    "version": [version.id(), version.status(), version.image_path(), version.arch()],
    "config": [config.runtime(), config.tensor_fields(), config.filter_threshold()],
    "uploaded": [uploaded.id(), uploaded.status(), uploaded.config().runtime()],
    "empty": [empty.id(), empty.status(), empty.error_summary()],
    "logs": [line.split(" ", 3)[3] for line in empty.get_upload_logs()],
}
print(json.dumps(told))
"""


@pytest.mark.skipif(not SDK_PYTHON, reason="WLTUI_SDK_PYTHON names no Python that has the vendor's SDK")
def test_the_sdk_reads_uploads_and_follows(tmp_path: Path) -> None:
    requests: list[Request] = []
    born = datetime.now(UTC)  # the SDK looks at the clock on the wall to know whether its token is still good

    def clock() -> datetime:
        """A minute passes with each look at a version."""
        return born + timedelta(
            minutes=sum(request.path == "models/get_version_by_id" for request in requests)
        )

    with Demo(clock=clock, token_ttl=86_400) as demo:
        requests = demo.requests
        done = subprocess.run(
            [SDK_PYTHON, "-c", SCRIPT, demo.url],
            cwd=tmp_path,
            env={"HOME": str(tmp_path), "WALLAROO_USER": "demo", "WALLAROO_PASSWORD": "demo"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    world = demo.world
    uploaded, empty = (world.versions[number] for number in sorted(world.versions)[-2:])
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "workspaces": [[workspace.id, workspace.name] for workspace in world.workspaces.values()],
        "models": [[model.id, model.name] for model in world.workspaces[10].models],
        "version": [
            16,
            "ready",
            "proxy.replicated.com/proxy/wallaroo/ghcr.io/wallaroolabs/mlflow-deploy:v2023.4.0-4103",
            "x86",
        ],
        "config": ["flight", None, None],
        "uploaded": [uploaded.id, "ready", "flight"],
        "empty": [empty.id, "error", "Could not load the model: the file is empty"],
        "logs": ["Loading model…", "EOFError: Ran out of input"],
    }
    assert (uploaded.size, empty.size) == (len(b"weights"), 0)
    assert "Ready" in done.stdout
