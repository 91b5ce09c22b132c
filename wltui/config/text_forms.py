"""A config as text for files and pipes: commented TOML or JSON, with schemas as text or base64; and back.

The text of a config, unchanged, parses to an edit without changes, for every value that a server may have.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from wltui.core.records import UNSET, ConfigId, VersionId

from .detail import NO_CONFIG, VersionDetail, empty_row
from .document import DocumentOrigin, format_file, is_cut_off, parse_document, parse_origin
from .edit import SCHEMAS, ConfigEdit
from .field_values import apply_setting, describe_unknown, not_json_reason
from .fields import FIELD, Kind, Problem
from .syntax import json_text
from .syntax.json_text import TextFault

Form = Literal["toml", "json"]
Schemas = Literal["text", "base64"]

ABOUT = ("version_id", "model_version_id", "model_name", "config_id", "runtime", "format", "as_of", "live")
"""Keys of JSON that are not settings. ``model_version_id`` is the version in a request of the API."""


def config_record(detail: VersionDetail, *, schemas: Schemas = "base64") -> dict[str, object]:
    """Return a version's newest config as a JSON object. Fields that are not readable are missing in it.

    Slow the first time with schemas as text, as ``schema`` explains.
    """
    config = detail.config or empty_row(detail.version.id)
    found: dict[str, object] = {
        "version_id": detail.version.id,
        "model_name": detail.version.model_name,
        "config_id": config.id if config.id != NO_CONFIG else None,
        "runtime": config.runtime,
    }
    for key, spec in FIELD.items():
        value = getattr(config, key)
        is_text = schemas == "text" and key in SCHEMAS and isinstance(value, str)
        found[key] = spec.text(value) if is_text else list(value) if isinstance(value, tuple) else value
    return {key: value for key, value in found.items() if value is not UNSET}


def format_config(detail: VersionDetail, form: Form = "toml", schemas: Schemas | None = None) -> str:
    """Return a version's newest config as text that :func:`parse_config` parses.

    Slow the first time, as ``schema`` explains.

    Args:
        detail: The version and its newest config.
        form: TOML as in ``$EDITOR``, or JSON.
        schemas: By default text in TOML, and base64 in JSON.
    """
    if form == "json":
        return json_text.format(config_record(detail, schemas=schemas or "base64"), indent=2) + "\n"
    edit = ConfigEdit(detail.version.id, detail.config or empty_row(detail.version.id))
    return format_file(edit, model_name=detail.version.model_name, base64=schemas == "base64")


class ConfigText(Struct, frozen=True):
    """The text of a config, and the config that it began from if it names one."""

    text: str
    origin: DocumentOrigin | None
    settings: Mapping[str, object] | None = None
    """The members of its JSON object; None if it is TOML."""


def _has_settings(text: str) -> bool:
    """Return whether a line is neither empty nor a comment."""
    return any(
        line and not line.startswith("#") for line in map(str.strip, text.removeprefix("\ufeff").splitlines())
    )


def read_config_text(text: str) -> ConfigText | Problem:
    """Return a text with its origin: JSON if it begins with a brace, else TOML; or why it is no JSON object.

    JSON may be that of :func:`format_config`, the body of a request, or a list of one config as commands print it.
    """
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        origin = parse_origin(text)
        if origin is None and not _has_settings(text):
            return Problem(
                "", "It has no settings, and names no config. An empty text would set every field to null"
            )
        if is_cut_off(text):
            return Problem("", "Its last line is missing, so it may be cut off; get the config anew")
        return ConfigText(text, origin)
    try:
        value = json_text.parse(text.removeprefix("\ufeff"))
    except TextFault as fault:
        return Problem("", f"Not valid JSON: {fault}", line=fault.line, column=fault.column)
    items = value.get("items") if isinstance(value, dict) else None
    if isinstance(items, list):
        if len(items) != 1:
            return Problem("", f"Expected one config, not {len(items)}")
        value = items[0]
    if not isinstance(value, dict):
        return Problem("", "Expected a JSON object with the fields of a config")
    for key in ("version_id", "model_version_id", "config_id"):
        number = value.get(key)
        if number is not None and (isinstance(number, bool) or not isinstance(number, int)):
            return Problem("", f"{key} is not a whole number, so it is not known which config this is")
    return ConfigText(text, _origin(value), value)


def parse_config(read: ConfigText, edit: ConfigEdit) -> ConfigEdit | tuple[Problem, ...]:
    """Return the edit with the values of a text, or the problems if they can't be parsed.

    A field that is missing in TOML is null if it is readable in the edit's base, and else unchanged; one that is
    missing in JSON is unchanged. Slow the first time, as ``schema`` explains.
    """
    if read.settings is None:
        return parse_document(read.text, edit)
    problems = [
        Problem("", describe_unknown(key, list(FIELD)), part=key)
        for key in read.settings
        if key not in FIELD and key not in ABOUT
    ]
    for key in FIELD:
        if key in read.settings:
            result = apply_json(edit, key, read.settings[key])
            if isinstance(result, ConfigEdit):
                edit = result
            else:
                problems += result
    return tuple(problems) or edit


def apply_json(edit: ConfigEdit, key: str, value: object) -> ConfigEdit | list[Problem]:
    """Return the edit with a field set to a JSON value, or the problems if it is not valid.

    Raises:
        KeyError: requests don't have this field.
    """
    spec = FIELD[key]
    if value is None:
        return edit.with_value(key, None)
    held = edit.with_value(key, value)
    if key not in held.values or held.values == edit.values:  # as it is, which may be invalid as a new value
        return held
    if isinstance(value, Mapping) and spec.kind is not Kind.PARTS and key == "openai_config":
        wrong = not_json_reason(value)
        return [Problem(key, wrong)] if wrong else held
    return apply_setting(edit, spec, value)


def _origin(settings: Mapping[str, object]) -> DocumentOrigin | None:
    """Return the origin that the members of a JSON object name, or None if they name no version."""
    version = settings.get("version_id", settings.get("model_version_id"))
    if not isinstance(version, int):
        return None
    name, config = settings.get("model_name"), settings.get("config_id", UNSET)
    began = ConfigId(config) if isinstance(config, int) else NO_CONFIG if config is None else None
    unread = tuple(key for key in FIELD if key not in settings)
    return DocumentOrigin(VersionId(version), name if isinstance(name, str) else "", began, unread)
