"""What a user has typed into the form of an upload; it is kept while the session lasts."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from wltui.config.fields import FIELD, Problem
from wltui.core.records import WorkspaceId
from wltui.core.upload_frameworks import needs_schemas
from wltui.core.upload_plan import UploadPlan
from wltui.service.upload.preparing import DEFAULT_ACCEL, DEFAULT_ARCH, options_of, parse_options
from wltui.ui.text.shell_path import find_path

SCHEMAS = ("input_schema", "output_schema")


class UploadDraft(Struct, frozen=True):
    """The texts and choices of the form."""

    file: str = ""
    name: str = ""
    framework: str = ""
    arch: str = DEFAULT_ARCH
    accel: str = DEFAULT_ACCEL
    input_schema: str = ""
    """As the config editor shows a schema: a line a field; or base64."""
    output_schema: str = ""
    options: Mapping[str, str] = {}
    """Settings by key, as typed; those at their default are left out."""
    extra: str = ""
    """More settings of a custom model: a JSON object."""
    given: frozenset[str] = frozenset()
    """The fields that the user has filled in; the others may be filled in by what is found out."""


class Built(Struct, frozen=True):
    """The upload that a draft describes."""

    plan: UploadPlan
    problems: Mapping[str, str]
    """What can't be understood, by field."""


def find_file(text: str) -> Path:
    """Return the file of a path as typed. Reads the disk; raises UnknownHome."""
    return Path(os.path.abspath(find_path(text.strip(), os.environ)))


def build_upload(draft: UploadDraft, file: Path, workspace_id: WorkspaceId) -> Built:
    """Return the upload of a file as a draft describes it. Slow if it has schemas: call it in a thread."""
    problems: dict[str, str] = {}
    schemas: dict[str, str | None] = dict.fromkeys(SCHEMAS)
    if needs_schemas(draft.framework):
        for key in SCHEMAS:
            value = _parse_schema(key, getattr(draft, key))
            if isinstance(value, Problem):
                place = f"Line {value.line}: " if value.line else ""
                problems[key] = f"{place}{value.text}"
            else:
                schemas[key] = value
    known = {option.key for option in options_of(draft.framework, draft.accel)}
    typed = {key: text for key, text in draft.options.items() if key in known}
    config, accel_config = parse_options(draft.framework, draft.accel, typed)
    if draft.framework == "custom" and draft.extra.strip():
        more = _parse_object(draft.extra)
        if more is None:
            problems["extra"] = 'Not a JSON object, such as {"key": 1}'
        else:
            config = {**more, **(config or {})}
    plan = UploadPlan(
        name=draft.name.strip(),
        workspace_id=workspace_id,
        file=file,
        framework=draft.framework,
        arch=draft.arch,
        accel=draft.accel,
        accel_config=accel_config,
        framework_config=config,
        input_schema=schemas["input_schema"],
        output_schema=schemas["output_schema"],
    )
    return Built(plan, problems)


def schema_text(key: str, encoded: str) -> str:
    """Return a schema as the form shows it. Slow: call it in a thread."""
    return FIELD[key].text(encoded)


def _parse_schema(key: str, text: str) -> str | Problem | None:
    parse = FIELD[key].parse
    value = parse(text) if parse else None
    return value if isinstance(value, str | Problem) else None


def _parse_object(text: str) -> dict[str, object] | None:
    try:
        value = msgspec.json.decode(text)  # unlike the standard library's, it takes no NaN
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
