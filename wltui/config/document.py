"""Format a config as commented TOML for an external editor, and parse it again.

TOML has no null, so a missing setting is null; see ``HOW_IT_IS_READ``. Unchanged text keeps its value, whatever that
is: so the text of an edit parses to that edit, for every value that a server may have.
"""

import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

from msgspec import UNSET
from msgspec.structs import replace

from wltui.config.syntax.json_text import TextFault
from wltui.config.syntax.toml_text import NotToml

from .edit import SCHEMAS, ConfigEdit, Draft, batch_choices, is_equal_json
from .fields import FIELD, FIELDS, FieldSpec, Kind, Problem
from .syntax import json_text, tensor_names, toml_text

SET_TO_NULL = "set_to_null"
REASON = "# >>> "

HEAD = """\
# The config of a model version. Change it, save this file, and leave the
# editor: the change is shown before anything is sent.
# To cancel, leave the file unchanged, or empty it.
#
# A setting that is missing, or has # before it, is null.
#
"""
HOW_IT_IS_READ = """\
# Format: this TOML file is the whole config. A setting that is missing, or has
# # before it, is null, so deleting a line sets its field to null. A field that
# is not readable stays unchanged while it is missing. Texts may be written as in
# the form: "0.5" for a number, JSON for the OpenAI config, one name per line for
# the tensor fields. A schema has one field per line, or is base64.
#
# To cancel, leave the file unchanged, or empty it.
"""
WORDS = {
    "tensor_fields": "Names of the model's inputs, in order. Null: the model's own names.",
    "batch_config": 'Rows per inference: "single" is one. Null: many.',
    "filter_threshold": "A number; 0.0 is not the same as null. Null: none.",
    "dynamic_batching_config": "Collects requests in batches, of at most batch_size_limit if that is set.\n"
    'Null: off. Not together with continuous batching or the batch config "single";\nneeds both schemas.',
    "continuous_batching_config": "Lets requests join a running batch. Null: off.\n"
    "Not together with dynamic batching or any batch_config; needs both schemas.",
    "openai_config": "Serves the OpenAI API. Only enabled is required; stream must not be set.\nNull: off.",
    "input_schema": "The model's input: one field per line. Null: none.",
    "output_schema": "The model's output: one field per line. Null: none.",
}
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


def format_document(draft: Draft, problems: Sequence[Problem] = (), *, model_name: str = "") -> str:
    """Return the text of a draft, including texts that could not be parsed, with ``problems`` on top.

    Slow the first time if there are schemas, as ``schema`` explains.
    """
    edit = draft.edit
    lines = [*HEAD.splitlines(), *_origin(edit, model_name)]
    hidden = [key for key in FIELD if getattr(edit.base, key) is UNSET]
    if hidden:
        nulls = [key for key in hidden if edit.value(key) is None and not _refused(draft, FIELD[key])]
        example = toml_text.format_setting((SET_TO_NULL,), nulls or hidden)
        lines += ["", "# Fields that are not readable, to be set to null:"]
        lines += example if nulls else _commented(example)
    for spec in FIELDS:
        lines += ["", f"# {spec.title}", *_commented(WORDS[spec.key].split("\n")), *_setting(draft, spec)]
    text = "\n".join([*lines, "", HOW_IT_IS_READ])
    return add_problem_lines(text, problems) if problems else text


def parse_document(text: str, edit: ConfigEdit) -> ConfigEdit | tuple[Problem, ...]:
    """Apply a changed text of ``edit`` and return the new edit, or the problems if the text can't be parsed.

    Every problem has its line in the text; its field is empty if it concerns no field. Problems that prevent a save
    are not included: ``edit.problems()`` returns those.
    """
    try:
        settings = _load(text)
    except TextFault as fault:
        return (Problem("", str(fault), line=fault.line, column=fault.column),)
    written = _load(format_document(Draft(edit)))
    known = [*FIELD, SET_TO_NULL]
    problems = [Problem("", _unknown(key, known), part=key) for key in settings if key not in known]
    nulls = settings.get(SET_TO_NULL, [])
    if not isinstance(nulls, list) or not all(isinstance(key, str) for key in nulls):
        problems.append(Problem("", "Must be a list of names", part=SET_TO_NULL))
        nulls = []
    problems += [
        Problem("", _unknown(key, list(FIELD)), part=SET_TO_NULL) for key in nulls if key not in FIELD
    ]
    made = edit
    for key, spec in FIELD.items():
        if key in settings and key in nulls:
            problems.append(Problem(key, f"It is set here and in {SET_TO_NULL}; remove one"))
        elif key not in settings:
            readable = getattr(edit.base, key) is not UNSET
            made = made.with_value(key, None) if readable or key in nulls else made.reset(key)
        elif key not in written or not is_equal_json(settings[key], written[key]):
            result = _apply_setting(made, spec, settings[key])
            if isinstance(result, ConfigEdit):
                made = result
            else:
                problems += result
    if problems:
        return tuple(sorted(locate_problems(problems, text), key=lambda problem: problem.line or 0))
    return made


def locate_problems(problems: Iterable[Problem], text: str) -> Iterator[Problem]:
    """Yield the problems with their lines in a text, if these can be found; lines in a field's text are converted."""
    try:
        _load(text)
        places = toml_text.find_places(text)
    except TextFault:
        places = {}
    for problem in problems:
        path = tuple(key for key in (problem.field, problem.part) if key)
        place = places.get(path) or places.get(path[:1])
        if place is None:
            yield problem
        elif problem.line is None or place.text_line == place.line:
            yield replace(problem, line=place.line, column=None)
        else:
            yield replace(problem, line=place.text_line + problem.line - 1)


def add_problem_lines(text: str, problems: Sequence[Problem]) -> str:
    """Return the text below comment lines that describe its problems, which replace earlier ones.

    The problems' lines refer to ``text``, and are converted to those of the returned text.
    """
    lines = text.removeprefix("\ufeff").split("\n")  # further down, a byte order mark is a syntax error
    former = 0
    while former < len(lines) and lines[former].startswith(REASON.rstrip()):
        former += 1
    shift = len(problems) + 1 - former
    reasons = [f"{REASON}Not accepted. Correct this, or empty the file to cancel:"]
    for problem in problems:
        where = "" if problem.line is None else f"line {problem.line + shift}"
        if problem.line is not None and problem.column is not None:
            where += f", column {problem.column}"
        named = ".".join(key for key in (problem.field, problem.part) if key)
        reason = ": ".join(word for word in (where, named, problem.text) if word)
        reasons.append(REASON + json_text.escape(reason))
    return "\n".join([*reasons, *lines[former:]])


# Writing.


def _origin(edit: ConfigEdit, model_name: str) -> Iterator[str]:
    of = f" of {json_text.format(model_name)}" if model_name else ""
    origin = f"based on config {edit.base.id}" if edit.base.id else "its first config"
    yield f"# Version {edit.version_id}{of}, {origin}."
    if isinstance(edit.base.runtime, str):
        yield f"# Runtime: {json_text.format(edit.base.runtime)}, set by the platform."


def _commented(lines: Iterable[str]) -> list[str]:
    return [f"# {line}" for line in lines]


def _refused(draft: Draft, spec: FieldSpec) -> bool:
    return any(key in draft.refused for key in (spec.key, *(f"{spec.key}.{part.key}" for part in spec.parts)))


def _setting(draft: Draft, spec: FieldSpec) -> list[str]:
    key, value = spec.key, draft.edit.value(spec.key)
    if key in draft.refused:
        return _format_text(key, draft.refused[key])
    if _refused(draft, spec):
        typed = {part.key: draft.refused.get(f"{key}.{part.key}") for part in spec.parts}
        held = draft.edit.with_switch(key, True).value(key)
        value = _object(held) | {part: _unicode(text) for part, text in typed.items() if text is not None}
    if value is UNSET:
        return ["# Not readable. It stays unchanged while it is missing here.", *_example(spec)]
    if value is None:
        return _example(spec)
    absent = [part.key for part in spec.parts if _object(value).get(part.key) is None]
    return [*_format_field(spec, value), *_example(spec, absent)] if absent else _format_field(spec, value)


def _example(spec: FieldSpec, parts: Iterable[str] | None = None) -> list[str]:
    example = EXAMPLES[spec.key]
    if parts is not None:
        example = {part: _object(example)[part] for part in parts}
    return _commented(
        _format_text(spec.key, str(example)) if spec.key in SCHEMAS else _format_field(spec, example)
    )


def _format_field(spec: FieldSpec, value: object) -> list[str]:
    if spec.key not in SCHEMAS:
        try:
            return toml_text.format_setting((spec.key,), value)
        except NotToml:
            pass
    return _format_text(spec.key, spec.text(value))


def _format_text(key: str, text: str) -> list[str]:
    if key == "filter_threshold":
        return toml_text.format_setting((key,), _unicode(text))
    return toml_text.format_text_setting((key,), _unicode(text))


def _unicode(text: str) -> str:
    return text.encode(errors="replace").decode()


def _object(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, Mapping) else {}


# Reading.


def _load(text: str) -> dict[str, object]:
    """Return the settings in a text.

    Raises:
        TextFault: it is not valid TOML.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if found := re.search("[\ud800-\udfff]", text):
        raise TextFault("This is not valid UTF-8", *json_text.place_of(text, found.start()))
    try:
        return tomllib.loads(f"{text}\n")
    except tomllib.TOMLDecodeError as error:
        words, _, place = str(error).rpartition(" (at ")
        line, column = map(int, re.findall(r"\d+", place) or (toml_text.find_unfinished_line(text), 1))
        raise TextFault(f"Not valid TOML: {words}", line, column) from None
    except (ValueError, RecursionError) as error:
        raise TextFault(
            "Not valid TOML: a number is too long, or brackets are nested too deeply", 1, 1
        ) from error


def _unknown(key: str, known: list[str]) -> str:
    close = get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]}?" if close else f"valid names: {', '.join(known)}"
    return f"{json_text.format(key)} is not a valid name; {hint}"


def _apply_setting(edit: ConfigEdit, spec: FieldSpec, value: object) -> ConfigEdit | list[Problem]:
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
        if wrong := _not_json(value):
            return [Problem(key, wrong)]
        return edit.with_value(key, _merged(_object(edit.value(key)), value))
    return [Problem(key, f"Expected a value such as: {' '.join(_format_field(spec, EXAMPLES[key])[:1])}")]


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
    held = _object(edit.with_switch(spec.key, True).value(spec.key))
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
            problems.append(Problem(spec.key, _unknown(key, parts), part=key))
        elif wrong := _not_json(made[key]):
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
        made[key] = _merged(_object(value), _object(now)) if both else now
    return made | {key: value for key, value in new.items() if key not in held}


def _not_json(value: object, depth: int = 0) -> str:
    """Return why JSON can't express a TOML value, or an empty text if it can."""
    if depth > json_text.DEEPEST:
        return f"Brackets are nested more than {json_text.DEEPEST} levels deep"
    if isinstance(value, Mapping | list):
        inner = value.values() if isinstance(value, Mapping) else value
        return next(filter(None, (_not_json(one, depth + 1) for one in inner)), "")
    if isinstance(value, str | bool) or value is None:
        return ""
    if isinstance(value, int):
        return "" if value in json_text.RANGE else f"{value} takes more than 64 bits"
    if isinstance(value, float):
        return "" if math.isfinite(value) else f"JSON has no {value}"
    return f"JSON has no dates and times; put {value} in quotes"
