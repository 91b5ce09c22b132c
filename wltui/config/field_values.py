"""The value of one field as TOML lines, and a parsed value of TOML or JSON applied to an edit."""

import math
from collections.abc import Mapping
from difflib import get_close_matches

from wltui.config.syntax.toml_text import NotToml

from .edit import SCHEMAS, ConfigEdit, batch_choices, is_equal_json
from .fields import FieldSpec, Kind, Problem
from .syntax import json_text, tensor_names, toml_text

EXAMPLES: Mapping[str, object] = {
    "tensor_fields": ["input_1", "input_2"],
    "batch_config": "single",
    "filter_threshold": 0.5,
    "dynamic_batching_config": {"max_batch_delay_ms": 10, "batch_size_target": 4, "batch_size_limit": 8},
    "continuous_batching_config": {"max_concurrent_batch_size": 100},
    "openai_config": {"enabled": True, "completion_config": {"max_tokens": 100}},
    "input_schema": "inputs: list<item: float>",
    "output_schema": "variable: list<item: float>",
}


def format_field(spec: FieldSpec, value: object) -> list[str]:
    """Return the lines that set a field to a value other than null."""
    if spec.key not in SCHEMAS:
        try:
            return toml_text.format_setting((spec.key,), value)
        except NotToml:
            pass
    return format_text(spec.key, spec.text(value))


def format_text(key: str, text: str) -> list[str]:
    """Return the lines that set a field to a text as it is typed in the form."""
    if key == "filter_threshold":
        return toml_text.format_setting((key,), clean_unicode(text))
    return toml_text.format_text_setting((key,), clean_unicode(text))


def clean_unicode(text: str) -> str:
    """Return a text with ``?`` in place of half surrogate pairs, which UTF-8 can't express."""
    return text.encode(errors="replace").decode()


def as_object(value: object) -> dict[str, object]:
    """Return the members of an object; of any other value, none."""
    return dict(value) if isinstance(value, Mapping) else {}


def describe_unknown(key: str, known: list[str]) -> str:
    """Return the problem of a name that is none of those known; it names the nearest one."""
    close = get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]}?" if close else f"valid names: {', '.join(known)}"
    return f"{json_text.format(key)} is not a valid name; {hint}"


def apply_setting(edit: ConfigEdit, spec: FieldSpec, value: object) -> ConfigEdit | list[Problem]:
    """Return the edit with a changed setting, or the problems if its value is not valid."""
    key = spec.key
    if isinstance(value, str) and spec.parse is not None:
        result = edit.with_text(key, value.removesuffix("\n"))
        return [result] if isinstance(result, Problem) else result
    if isinstance(value, str) and value in batch_choices(edit.base):
        return edit.with_value(key, value)
    if isinstance(value, list) and key == "tensor_fields":
        return _with_names(edit, value)
    if isinstance(value, int | float) and not isinstance(value, bool) and key == "filter_threshold":
        result = edit.with_text(key, repr(value))
        return [result] if isinstance(result, Problem) else result
    if isinstance(value, Mapping) and spec.kind is Kind.PARTS:
        return _with_parts(edit, spec, value)
    if isinstance(value, Mapping) and key == "openai_config":
        if wrong := not_json_reason(value):
            return [Problem(key, wrong)]
        return edit.with_value(key, _merged(as_object(edit.value(key)), value))
    return [Problem(key, f"Expected a value such as: {' '.join(format_field(spec, EXAMPLES[key])[:1])}")]


def _with_names(edit: ConfigEdit, names: list[object]) -> ConfigEdit | list[Problem]:
    for place, name in enumerate(names, 1):
        if not isinstance(name, str):
            return [Problem("tensor_fields", f"Item {place} of the list is not a text; put it in quotes")]
    texts = tuple(map(str, names))
    wrong = tensor_names.problem_text(texts)
    return [Problem("tensor_fields", wrong)] if wrong else edit.with_value("tensor_fields", texts)


def _with_parts(edit: ConfigEdit, spec: FieldSpec, new: Mapping[str, object]) -> ConfigEdit | list[Problem]:
    """Return the edit with new parts, or their problems.

    Missing parts become null, but keep their defaults if the field was off.
    """
    was_on = isinstance(edit.value(spec.key), Mapping)
    held = as_object(edit.with_switch(spec.key, True).value(spec.key))
    made = _merged(held, new)
    problems: list[Problem] = []
    for part in spec.parts:
        now, before = new.get(part.key), held.get(part.key)
        kept = is_equal_json(now, before) or (now is None and not was_on)
        result = before if kept else part.parse(_as_typed(now))
        if isinstance(result, Problem):
            problems.append(result)
        elif part.key in held or part.key in new:
            made[part.key] = result
    parts = [part.key for part in spec.parts]
    for key in made:
        if key not in parts and key not in held:
            problems.append(Problem(spec.key, describe_unknown(key, parts), part=key))
        elif wrong := not_json_reason(made[key]):
            problems.append(Problem(spec.key, wrong, part=key))
    return problems or edit.with_value(spec.key, made)


def _as_typed(value: object) -> str:
    """Return a value as text, as the user would type it for a part."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _merged(held: Mapping[str, object], new: Mapping[str, object]) -> dict[str, object]:
    """Return the new values in the old order. Old nulls stay, since TOML can't express them."""
    made: dict[str, object] = {}
    for key, value in held.items():
        if key not in new:
            if value is None:
                made[key] = None
            continue
        now = new[key]
        both = isinstance(value, Mapping) and isinstance(now, Mapping)
        made[key] = _merged(as_object(value), as_object(now)) if both else now
    return made | {key: value for key, value in new.items() if key not in held}


def not_json_reason(value: object, depth: int = 0) -> str:
    """Return why JSON can't express a TOML value, or an empty text if it can."""
    if depth > json_text.DEEPEST:
        return f"Brackets are nested more than {json_text.DEEPEST} levels deep"
    if isinstance(value, Mapping | list):
        inner = value.values() if isinstance(value, Mapping) else value
        return next(filter(None, (not_json_reason(one, depth + 1) for one in inner)), "")
    if isinstance(value, str | bool) or value is None:
        return ""
    if isinstance(value, int):
        return "" if value in json_text.RANGE else f"{value} takes more than 64 bits"
    if isinstance(value, float):
        return "" if math.isfinite(value) else f"JSON has no {value}"
    return f"JSON has no dates and times; put {value} in quotes"
