"""Single settings as words of a command line: ``filter_threshold=0.5``, ``openai_config.enabled=true``.

A value is typed as in the form, or is JSON where it begins with a brace or a bracket; ``null`` is null. A part of a
field follows its name after a dot.
"""

import re
from collections.abc import Callable, Mapping

from wltui.core.records import UNSET

from .edit import SCHEMAS, ConfigEdit, batch_choices
from .field_values import describe_unknown
from .fields import FIELD, FieldSpec, Kind, Problem
from .schema import SchemaError
from .syntax import json_text
from .syntax.json_text import TextFault
from .text_forms import apply_json

Result = ConfigEdit | tuple[Problem, ...]
_MEANT_AS_JSON = re.compile(r'\{(?![{%#])|\[\s*["\[{\]\d-]|"|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$')
"""What is no word even if it is no valid JSON: objects, lists, quoted texts, and numbers that are too large.

A template in a config may begin with two braces, or with a word in brackets.
"""


def assign(edit: ConfigEdit, path: str, text: str, read_schema: Callable[[str], str]) -> Result:
    """Return the edit with a field, or a part of one, set to a typed value; or the problems.

    Slow the first time for schemas, as ``schema`` explains.

    Args:
        edit: The edit.
        path: The field's key, perhaps with a part behind a dot.
        text: The value.
        read_schema: Returns the base64 of the schema in a file whose path follows an ``@``, or raises SchemaError.
    """
    key, _, part = path.partition(".")
    if wrong := _wrong_path(path):
        return (wrong,)
    spec = FIELD[key]
    if not text.strip():
        return (Problem(key, "Has no value; to set it to null, write null or use unset", part=part),)
    if text == "null":
        return unset(edit, path)
    if key in SCHEMAS and not part and text.startswith("@"):
        try:
            return edit.with_value(key, read_schema(text[1:]))
        except SchemaError as error:
            return (Problem(key, str(error)),)
    if not _is_unicode(text):
        return (Problem(key, "The value is not valid UTF-8", part=part),)
    if part:
        return _assign_part(edit, spec, part, text)
    if spec.kind is Kind.CHOICE:
        if text in batch_choices(edit.base):
            return edit.with_value(key, text)
        words = ", ".join(map(str, filter(None, batch_choices(edit.base))))
        return (Problem(key, f"{json_text.format(text)} is none of: {words}, null"),)
    if spec.kind is Kind.PARTS:
        try:
            result = apply_json(edit, key, json_text.parse(text))
        except TextFault as fault:
            return (
                Problem(key, f"{fault}; write an object in JSON, or set its parts, such as {key}.PART=1"),
            )
        return result if isinstance(result, ConfigEdit) else tuple(result)
    typed = edit.with_text(key, text)
    return (typed,) if isinstance(typed, Problem) else typed


def unset(edit: ConfigEdit, path: str) -> Result:
    """Return the edit with a field set to null, or with a part of one removed or set to null; or the problems."""
    key, _, part = path.partition(".")
    if wrong := _wrong_path(path):
        return (wrong,)
    if not part:
        return edit.with_value(key, None)
    spec, held = FIELD[key], edit.value(key)
    if wrong := _no_part(spec, part, held):
        return (wrong,)
    if not isinstance(held, Mapping):
        return edit
    if spec.kind is Kind.PARTS:
        typed = edit.with_part_text(key, part, "")
        return (typed,) if isinstance(typed, Problem) else typed
    return edit.with_value(key, _without(held, part.split(".")))


def _wrong_path(path: str) -> Problem | None:
    """Return why a path names no field and no part of one, or None if it does.

    A path that ends with a dot, as of an empty variable in a script, does not mean the whole field.
    """
    key, dot, part = path.partition(".")
    if key not in FIELD:
        return Problem("", describe_unknown(key, list(FIELD)))
    if dot and not all(part.split(".")):
        return Problem(key, f"{json_text.format(path)} lacks a name beside a dot")
    return None if _is_unicode(path) else Problem(key, "The name of a part is not valid UTF-8")


def _is_unicode(text: str) -> bool:
    """Return whether a word of a command line can be sent: bytes that are not UTF-8 are half surrogates in it."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _assign_part(edit: ConfigEdit, spec: FieldSpec, part: str, text: str) -> Result:
    key, held = spec.key, edit.value(spec.key)
    if wrong := _no_part(spec, part, held):
        return (wrong,)
    if spec.kind is Kind.PARTS:
        typed = edit.with_part_text(key, part, text)
        return (typed,) if isinstance(typed, Problem) else typed
    try:
        value = json_text.parse(text)
    except TextFault as fault:
        if _MEANT_AS_JSON.match(text):
            return (Problem(key, f"Not valid JSON: {fault}", part=part),)
        value = text  # a word without quotes, as a shell leaves it
    made = _with(held if isinstance(held, Mapping) else {}, part.split("."), value)
    if made is None:
        return (Problem(key, "Is not an object up to there, so it has no parts", part=part),)
    return edit.with_value(key, made)


def _no_part(spec: FieldSpec, part: str, held: object) -> Problem | None:
    """Return why a field has no such part to change, or None if it has."""
    parts = [one.key for one in spec.parts]
    if spec.kind is Kind.PARTS and part not in parts:
        return Problem(spec.key, describe_unknown(part, parts))
    if spec.kind is not Kind.PARTS and spec.key != "openai_config":
        return Problem(spec.key, "Has no parts", part=part)
    if held is UNSET:
        return Problem(
            spec.key, "Is not readable, so a part of it can't be changed; set it as a whole", part=part
        )
    return None


def _with(held: Mapping[str, object], path: list[str], value: object) -> dict[str, object] | None:
    """Return an object with a value far down set; None if something on the way is no object."""
    key, *rest = path
    if not rest:
        return {**held, key: value}
    inner = held.get(key)
    if inner is None:
        inner = {}
    made = _with(inner, rest, value) if isinstance(inner, Mapping) else None
    return None if made is None else {**held, key: made}


def _without(held: Mapping[str, object], path: list[str]) -> dict[str, object]:
    """Return an object without a member far down, if it has it."""
    key, *rest = path
    inner = held.get(key)
    if not rest:
        return {name: value for name, value in held.items() if name != key}
    return {**held, key: _without(inner, rest)} if isinstance(inner, Mapping) else dict(held)
