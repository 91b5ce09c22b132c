"""Uploads of small files to the embedded Wallaroo, and what it has stored of them."""

import hashlib
from pathlib import Path
from typing import Any

from wltui.core.records import WorkspaceId
from wltui.core.upload_plan import UploadPlan
from wltui.demo import Demo
from wltui.demo.world import Version
from wltui.service.upload.digest import FileDigest, digest

WORKSPACE = WorkspaceId(10)


def plan_of(folder: Path, content: bytes = b"model", **fields: Any) -> UploadPlan:
    """Write a file and return the plan of its upload as a new model; ``fields`` are others of the plan."""
    path = folder / f"{hashlib.sha256(content).hexdigest()[:8]}.pkl"
    path.write_bytes(content)
    chosen: dict[str, Any] = {"name": "fresh", "workspace_id": WORKSPACE, "framework": "sklearn"}
    return UploadPlan(file=path, **chosen | fields)


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
