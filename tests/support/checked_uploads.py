"""Uploads that are checked, and what was found in short."""

from pathlib import Path
from typing import Any

from tests.support.sdk_uploads import SCHEMA
from wltui.core.records import WorkspaceId
from wltui.core.upload_plan import UploadPlan
from wltui.service.upload.checks import Severity, check

CERTAIN, LIKELY, NOTE = Severity.CERTAIN, Severity.LIKELY, Severity.NOTE
Found = list[tuple[Severity, str]]


def plan(file: Path, framework: str, **fields: Any) -> UploadPlan:
    schemas = {} if framework in {"onnx", "tensorflow"} else {"input_schema": SCHEMA, "output_schema": SCHEMA}
    given = {"name": "ccfraud", "workspace_id": WorkspaceId(4), **schemas, **fields}
    return UploadPlan(file=file, framework=framework, **given)


def found(file: Path, framework: str, **fields: Any) -> Found:
    return [(each.severity, each.cause) for each in check(plan(file, framework, **fields))]


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
