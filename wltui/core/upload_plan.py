"""An upload before it is sent: which file, as which version of which model, and how the platform is to take it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from .framework_options import OPTIONS, QAIC, fill_in
from .records import WorkspaceId
from .upload_frameworks import CONVERT, FRAMEWORKS, Route

Visibility = Literal["private", "public"]
PYTHON_VERSION = "3.8"
"""What the SDK always sends. The platform builds with another: Python 3.10 in release 2025.2."""


class UploadPlan(Struct, frozen=True, kw_only=True):
    """All that is to be uploaded and how. Nothing in it is checked; ``service/upload/checks.py`` does that."""

    name: str
    """The model's. If the workspace has a model of that name, the upload becomes its next version."""
    workspace_id: WorkspaceId
    file: Path
    framework: str
    arch: str = "x86"
    accel: str = "none"
    accel_config: Mapping[str, Any] | None = None
    """Settings of the acceleration ``qaic`` that differ from its defaults; no other has any."""
    framework_config: Mapping[str, Any] | None = None
    """Settings of the framework that differ from its defaults."""
    input_schema: str | None = None
    """Base64 of a serialized Arrow schema; not sent by the direct route."""
    output_schema: str | None = None
    visibility: Visibility = "private"

    @property
    def file_name(self) -> str:
        """Return the name that the server stores: without folders, since it keeps what it gets."""
        return self.file.name

    @property
    def route(self) -> Route:
        """Return the call that takes the file; the framework decides that."""
        framework = FRAMEWORKS.get(self.framework)
        return framework.route if framework else CONVERT

    def metadata(self) -> dict[str, Any]:
        """Return the JSON object that describes the file: what the vendor's SDK 2026.1.3 sends, in its order."""
        options, given = OPTIONS.get(self.framework, ()), dict(self.framework_config or {})
        config = (
            {"config": fill_in(options, given), "framework": self.framework} if options or given else None
        )
        accel = {"qaic": fill_in(QAIC, self.accel_config or {})} if self.accel == "qaic" else self.accel
        metadata: dict[str, Any] = {
            "name": self.name,
            "visibility": self.visibility,
            "workspace_id": self.workspace_id,
            "conversion": {
                "arch": self.arch,
                "accel": accel,
                "framework": self.framework,
                "framework_config": config,
                "python_version": PYTHON_VERSION,
                "requirements": [],
            },
        }
        if self.route == CONVERT:
            schemas = {"input_schema": self.input_schema, "output_schema": self.output_schema}
            metadata |= {key: schema for key, schema in schemas.items() if schema is not None}
        return metadata
