"""Uploads of small files to the embedded Wallaroo, and what it has stored of them."""

import hashlib
import zipfile
from pathlib import Path
from typing import Any

from tests.support.model_files import CUSTOM
from wltui.core.records import WorkspaceId
from wltui.core.upload_plan import UploadPlan
from wltui.demo import Demo
from wltui.demo.world import Version
from wltui.service.upload.digest import FileDigest, digest
from wltui.service.upload.queue import State, UploadJob
from wltui.ui.upload_entry import Upload

WORKSPACE = WorkspaceId(10)
LARGE = 40 << 20
"""Bytes of a file that fits in no buffer on its way."""


def plan_of(folder: Path, content: bytes = b"model", **fields: Any) -> UploadPlan:
    """Write a file and return the plan of its upload as a new model; ``fields`` are others of the plan."""
    path = folder / f"{hashlib.sha256(content).hexdigest()[:8]}.pkl"
    path.write_bytes(content)
    chosen: dict[str, Any] = {"name": "fresh", "workspace_id": WORKSPACE, "framework": "sklearn"}
    return UploadPlan(file=path, **chosen | fields)


def write_custom_model(folder: Path, name: str = "fraud.zip") -> Path:
    """Write a custom model, of the same bytes each time, and return its path."""
    with zipfile.ZipFile(folder / name, "w") as archive:
        for file, content in CUSTOM.items():
            archive.writestr(zipfile.ZipInfo(file), content)
    return folder / name


def running_upload(folder: Path) -> Upload:
    """Return an upload of a large file that has come to 41 % in 20 seconds, and stays there."""
    now = [0.0]
    plan = UploadPlan(
        file=write_custom_model(folder), name="ccfraud", workspace_id=WORKSPACE, framework="custom"
    )
    job = UploadJob(plan, digest_of(plan), lambda: now[0], unrecorded=False)
    job.size = 1_200_000_000
    job.enter(State.SENDING)
    now[0] = 20.0
    job.progress(500_000_000)
    return Upload(plan.file_name, plan.name, job.size, job)


def digest_of(plan: UploadPlan) -> FileDigest:
    """Return the hash of a plan's file."""
    return digest(plan.file)


def stored(demo: Demo, plan: UploadPlan) -> list[Version]:
    """Return the versions that the server has of a plan's file under its name, oldest first."""
    sha = digest(plan.file).sha256
    return [
        version
        for model in demo.world.by_name.get(plan.name, [])
        for version in sorted(model.versions, key=lambda version: version.id)
        if model.workspace_id == plan.workspace_id and version.sha == sha
    ]
