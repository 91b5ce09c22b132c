"""Check the wishes of an upload: name, framework, hardware, settings and schemas. The file is not read."""

import math
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from msgspec.structs import replace

from wltui.config.schema import SchemaError
from wltui.config.schema.codec import decode_base64
from wltui.core.framework_options import OPTIONS, QAIC, Kind, Option
from wltui.core.upload_frameworks import ACCELS, ARCHS, FRAMEWORKS, Framework, Release, required_arch
from wltui.core.upload_plan import UploadPlan

from .findings import Finding, Severity, shorten
from .names import check_name


def check_plan(plan: UploadPlan, release: Release | None = None) -> list[Finding]:
    """Return the findings about an upload, whatever is in its file. Slow if it has schemas: they are decoded.

    Args:
        plan: The upload.
        release: The release of the server, or the newest that is known to be not above it; None if none is known.
    """
    found = [*_about("name", check_name(plan.name))]
    framework = FRAMEWORKS.get(plan.framework)
    if framework is None:
        words = f"{shorten(plan.framework)} is no framework." if plan.framework else "No framework is chosen."
        near = get_close_matches(plan.framework.lower(), FRAMEWORKS, 3, 0.5)
        remedy = f"Choose {' or '.join(near)}." if near else "Choose a framework, such as onnx or custom."
        return [*found, Finding(Severity.CERTAIN, words, remedy, place="framework")]
    found += _about("framework", _too_new(f"The framework {framework.name}", framework.since, release))
    found += _check_hardware(plan, release)
    found += _check_settings(plan, framework, release)
    return [*found, *_check_schemas(plan, framework)]


def _about(place: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    return (replace(finding, place=place) for finding in findings)


def _too_new(subject: str, since: Release, release: Release | None) -> Iterator[Finding]:
    if release is not None and release < since:
        cause = f"{subject} came with release {_format(since)}; the server seems to be {_format(release)}."
        yield Finding(Severity.LIKELY, cause, "Choose another, or ask the administrator for an update.")


def _format(release: Release) -> str:
    return f"{release[0]}.{release[1]}"


def _check_hardware(plan: UploadPlan, release: Release | None) -> Iterator[Finding]:
    for place, kind, word, known in (
        ("arch", "architecture", plan.arch, ARCHS), ("accel", "acceleration", plan.accel, ACCELS)
    ):  # fmt: skip
        if word in known:
            yield from _about(place, _too_new(f"The {kind} {word}", known[word], release))
        else:
            cause = f"The platform has no {kind} {shorten(word)}."
            yield Finding(Severity.CERTAIN, cause, f"Choose one of {', '.join(known)}.", place=place)
    needed = required_arch(plan.accel)
    if needed and plan.arch in ARCHS and plan.arch != needed:
        cause = f"The acceleration {plan.accel} exists on {needed} only. The vendor's SDK refuses it for {plan.arch}."
        remedy = f"Choose the architecture {needed}, or another acceleration."
        yield Finding(Severity.LIKELY, cause, remedy, place="accel")


def _check_settings(plan: UploadPlan, framework: Framework, release: Release | None) -> Iterator[Finding]:
    options = OPTIONS.get(framework.name, ())
    if plan.framework_config and not options:
        cause = f"The framework {framework.name} has no settings."
        yield Finding(Severity.LIKELY, cause, "Remove them.", place="framework")
    elif plan.framework_config:
        yield from _check_values(framework.name, options, plan.framework_config, plan.accel, release)
    if plan.accel_config and plan.accel == "qaic":
        yield from _check_values("qaic", QAIC, plan.accel_config, plan.accel, release)
    elif plan.accel_config:
        cause = f"The acceleration {shorten(plan.accel)} has no settings: they will not be sent."
        yield Finding(Severity.NOTE, cause, "Remove them.", place="accel")


def _check_values(
    owner: str, options: tuple[Option, ...], given: Mapping[str, Any], accel: str, release: Release | None
) -> Iterator[Finding]:
    known = {option.key: option for option in options}
    for key, value in given.items():
        option = known.get(key)
        if option is None:
            if owner != "custom":
                cause = f"{owner} has no setting {shorten(key)}. The vendor's SDK refuses it."
                remedy = f"Use one of {', '.join(known)}, or remove it."
                yield Finding(Severity.LIKELY, cause, remedy, place="framework")
        elif value is not None:
            yield from _about(key, _check_value(option, value, accel))
            since = option.since or (0, 0)
            yield from _about(key, _too_new(f"The setting {key} of {owner}", since, release))


def _check_value(option: Option, value: object, accel: str) -> Iterator[Finding]:
    shown = shorten(str(value))
    if not _is_kind(option, value):
        choices = f": {', '.join(option.choices)}" if option.choices else ""
        cause = f"{option.key} is {shown or 'empty'}; it has to be {option.kind.value}{choices}."
        yield Finding(Severity.LIKELY, cause, "Correct the value.")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if option.is_fraction and not 0 < value <= 1:
            yield Finding(
                Severity.LIKELY, f"{option.key} is {shown}; it is a part of 1.", "Use 0.9, for example."
            )
        elif not option.is_fraction and value < option.least:
            cause = f"{option.key} is {shown}; it has to be {option.least} or more."
            yield Finding(Severity.LIKELY, cause, "Correct the value.")
    needed = option.accel or option.only_with.get(str(value), "")
    if needed and accel != needed:
        subject = option.key if option.accel else f"The value {shown} of {option.key}"
        yield Finding(Severity.LIKELY, f"{subject} is for the acceleration {needed} only.",
                      f"Remove it, or choose {needed}.")  # fmt: skip


def _is_kind(option: Option, value: object) -> bool:
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    match option.kind:
        case Kind.INTEGER:
            return is_integer
        case Kind.NUMBER:
            return is_integer or (isinstance(value, float) and math.isfinite(value))
        case Kind.SWITCH:
            return isinstance(value, bool)
        case Kind.CHOICE:
            return value in option.choices
        case Kind.TEXT:
            return isinstance(value, str) and bool(value)
    numbers = value if isinstance(value, list | tuple) else [None]
    return all(isinstance(each, int) and not isinstance(each, bool) and each >= 0 for each in numbers)


def _check_schemas(plan: UploadPlan, framework: Framework) -> Iterator[Finding]:
    schemas = {"input schema": plan.input_schema, "output schema": plan.output_schema}
    missing = [name for name, schema in schemas.items() if schema is None]
    if not framework.needs_schemas:
        if len(missing) < 2:
            cause = f"Schemas are not sent with an upload for {framework.name}."
            remedy = "Set them in the version's config afterwards, if they are needed."
            yield Finding(Severity.NOTE, cause, remedy, place="framework")
        return
    if missing:
        cause = f"The framework {framework.name} needs an input and an output schema; the {missing[0]} is missing."
        cause = (
            cause
            if len(missing) == 1
            else f"The framework {framework.name} needs an input and an output schema."
        )
        remedy = "Take them from an earlier version or a file, or type them."
        yield Finding(Severity.LIKELY, cause, remedy, place=missing[0].replace(" ", "_"))
    for name, schema in schemas.items():
        if schema is not None:
            try:
                decode_base64(schema)
            except SchemaError as error:
                cause = f"The {name} is no Arrow schema: {shorten(error.why)}."
                remedy = f"{error.advice}." if error.advice else ""
                yield Finding(Severity.LIKELY, cause, remedy, place=name.replace(" ", "_"))
