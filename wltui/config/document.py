"""The whole config as commented TOML, for people who edit it in an editor of their own.

TOML has no null, so a setting that is missing is null; see ``HOW_IT_IS_READ``. What stands in the text as
:func:`format_document` wrote it is not touched, whatever it is: so the text of an edit is that edit, for every value
that a server may hold.
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
# To cancel, leave the file as it is, or empty it.
#
# A setting that is not here is null: so is one with # before it.
#
"""
HOW_IT_IS_READ = """\
# How this is read: the file is TOML, and it is the whole config. A setting
# that is missing, or has # before it, is null, so deleting a line sets its
# field to null. A field that is not readable is left alone while it is missing.
# Every text may be what the form takes: "0.5" for a number, JSON for the OpenAI
# config, names one a line for the tensor fields. A schema is one field a line,
# or base64.
#
# To cancel, leave the file as it is, or empty it.
"""
WORDS = {
    "tensor_fields": "Names for the model's inputs, in its order. Null: the model's own names.",
    "batch_config": 'How many rows an inference takes: "single" is one. Null: many.',
    "filter_threshold": "A number; 0.0 is one too. Null: none.",
    "dynamic_batching_config": "Gathers requests into batches, of batch_size_limit at most if that is set.\n"
    'Null: off. Not together with continuous batching or the batch config "single";\nneeds both schemas.',
    "continuous_batching_config": "Lets requests join a batch that is under way. Null: off.\n"
    "Not together with dynamic batching or any batch_config; needs both schemas.",
    "openai_config": "Serves the OpenAI API. All but enabled may be left out; stream must not be set.\n"
    "Null: off.",
    "input_schema": "What the model takes: one field a line. Null: none.",
    "output_schema": "What the model answers: one field a line. Null: none.",
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
    """The text of a draft, refused texts included, with ``problems`` on top.

    Slow the first time where there are schemas, as ``schema`` explains.
    """
    edit = draft.edit
    lines = [*HEAD.splitlines(), *_origin(edit, model_name)]
    hidden = [key for key in FIELD if getattr(edit.base, key) is UNSET]
    if hidden:
        nulls = [key for key in hidden if edit.value(key) is None and not _refused(draft, FIELD[key])]
        example = toml_text.format_setting((SET_TO_NULL,), nulls or hidden)
        lines += ["", "# Fields that are not readable, and are to be null all the same:"]
        lines += example if nulls else _commented(example)
    for spec in FIELDS:
        lines += ["", f"# {spec.title}", *_commented(WORDS[spec.key].split("\n")), *_setting(draft, spec)]
    text = "\n".join([*lines, "", HOW_IT_IS_READ])
    return add_problem_lines(text, problems) if problems else text


def parse_document(text: str, edit: ConfigEdit) -> ConfigEdit | tuple[Problem, ...]:
    """The edit that a text makes of ``edit``, whose text it was before; or why it can't be read.

    Every problem has the line in the text that it is about; its field is empty where it is about none. What stands
    against a save is not among them: ``edit.problems()`` tells that.
    """
    try:
        told = _loaded(text)
    except TextFault as fault:
        return (Problem("", str(fault), line=fault.line, column=fault.column),)
    written = _loaded(format_document(Draft(edit)))
    known = [*FIELD, SET_TO_NULL]
    problems = [Problem("", _unknown(key, known), part=key) for key in told if key not in known]
    nulls = told.get(SET_TO_NULL, [])
    if not isinstance(nulls, list) or not all(isinstance(key, str) for key in nulls):
        problems.append(Problem("", "Wants a list of names", part=SET_TO_NULL))
        nulls = []
    problems += [
        Problem("", _unknown(key, list(FIELD)), part=SET_TO_NULL) for key in nulls if key not in FIELD
    ]
    made = edit
    for key, spec in FIELD.items():
        if key in told and key in nulls:
            problems.append(Problem(key, f"It is set here, and in {SET_TO_NULL} as well"))
        elif key not in told:
            readable = getattr(edit.base, key) is not UNSET
            made = made.with_value(key, None) if readable or key in nulls else made.reset(key)
        elif key not in written or not is_equal_json(told[key], written[key]):
            result = _changed(made, spec, told[key])
            if isinstance(result, ConfigEdit):
                made = result
            else:
                problems += result
    if problems:
        return tuple(sorted(locate_problems(problems, text), key=lambda problem: problem.line or 0))
    return made


def locate_problems(problems: Iterable[Problem], text: str) -> Iterator[Problem]:
    """The problems with their lines in a text, where these can be told; a line within a field's text counts there."""
    try:
        _loaded(text)
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
    """The text as it is, below lines that say what is wrong with it; such lines of a former time are taken away.

    Lines that problems tell are those of ``text``, and are written as they are in what is returned.
    """
    lines = text.removeprefix("\ufeff").split("\n")  # further down, the mark would be a fault
    former = 0
    while former < len(lines) and lines[former].startswith(REASON.rstrip()):
        former += 1
    shift = len(problems) + 1 - former
    reasons = [f"{REASON}Not taken yet. Mend this, or empty the file to cancel:"]
    for problem in problems:
        where = "" if problem.line is None else f"line {problem.line + shift}"
        if problem.line is not None and problem.column is not None:
            where += f", column {problem.column}"
        named = ".".join(key for key in (problem.field, problem.part) if key)
        told = ": ".join(word for word in (where, named, problem.text) if word)
        reasons.append(REASON + json_text.escape(told))
    return "\n".join([*reasons, *lines[former:]])


# Writing.


def _origin(edit: ConfigEdit, model_name: str) -> Iterator[str]:
    of = f" of {json_text.format(model_name)}" if model_name else ""
    begun = f"begun from config {edit.base.id}" if edit.base.id else "its first config"
    yield f"# Version {edit.version_id}{of}, {begun}."
    if isinstance(edit.base.runtime, str):
        yield f"# Its runtime, which the platform decides, is {json_text.format(edit.base.runtime)}."


def _commented(lines: Iterable[str]) -> list[str]:
    return [f"# {line}" for line in lines]


def _refused(draft: Draft, spec: FieldSpec) -> bool:
    return any(key in draft.refused for key in (spec.key, *(f"{spec.key}.{part.key}" for part in spec.parts)))


def _setting(draft: Draft, spec: FieldSpec) -> list[str]:
    key, value = spec.key, draft.edit.value(spec.key)
    if key in draft.refused:
        return _spelled_text(key, draft.refused[key])
    if _refused(draft, spec):
        typed = {part.key: draft.refused.get(f"{key}.{part.key}") for part in spec.parts}
        held = draft.edit.with_switch(key, True).value(key)
        value = _object(held) | {part: _unicode(text) for part, text in typed.items() if text is not None}
    if value is UNSET:
        return ["# Not readable. While it is missing here, it is left alone.", *_example(spec)]
    if value is None:
        return _example(spec)
    absent = [part.key for part in spec.parts if _object(value).get(part.key) is None]
    return [*_spelled(spec, value), *_example(spec, absent)] if absent else _spelled(spec, value)


def _example(spec: FieldSpec, parts: Iterable[str] | None = None) -> list[str]:
    example = EXAMPLES[spec.key]
    if parts is not None:
        example = {part: _object(example)[part] for part in parts}
    return _commented(
        _spelled_text(spec.key, str(example)) if spec.key in SCHEMAS else _spelled(spec, example)
    )


def _spelled(spec: FieldSpec, value: object) -> list[str]:
    if spec.key not in SCHEMAS:
        try:
            return toml_text.format_setting((spec.key,), value)
        except NotToml:
            pass
    return _spelled_text(spec.key, spec.text(value))


def _spelled_text(key: str, text: str) -> list[str]:
    if key == "filter_threshold":
        return toml_text.format_setting((key,), _unicode(text))
    return toml_text.format_text_setting((key,), _unicode(text))


def _unicode(text: str) -> str:
    return text.encode(errors="replace").decode()


def _object(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, Mapping) else {}


# Reading.


def _loaded(text: str) -> dict[str, object]:
    """What a text sets.

    Raises:
        TextFault: it is no TOML.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if found := re.search("[\ud800-\udfff]", text):
        raise TextFault("This is no UTF-8", *json_text.place_of(text, found.start()))
    try:
        return tomllib.loads(f"{text}\n")
    except tomllib.TOMLDecodeError as error:
        words, _, place = str(error).rpartition(" (at ")
        line, column = map(int, re.findall(r"\d+", place) or (toml_text.find_unfinished_line(text), 1))
        raise TextFault(f"No TOML: {words}", line, column) from None
    except (ValueError, RecursionError) as error:
        raise TextFault("No TOML: a number is too long, or brackets are too deep", 1, 1) from error


def _unknown(key: str, known: list[str]) -> str:
    close = get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
    return f"{json_text.format(key)} is not known; {hint}"


def _changed(edit: ConfigEdit, spec: FieldSpec, told: object) -> ConfigEdit | list[Problem]:
    """The edit after a field was set to something else than was written for it."""
    key = spec.key
    if isinstance(told, str) and spec.parse is not None:
        result = edit.with_text(key, told.removesuffix("\n"))
        return [result] if isinstance(result, Problem) else result
    if isinstance(told, str) and told in batch_choices(edit.base):
        return edit.with_value(key, told)
    if isinstance(told, list) and key == "tensor_fields":
        return _with_names(edit, told)
    if isinstance(told, int | float) and not isinstance(told, bool) and key == "filter_threshold":
        result = edit.with_text(key, repr(told))
        return [result] if isinstance(result, Problem) else result
    if isinstance(told, Mapping) and spec.kind is Kind.PARTS:
        return _with_parts(edit, spec, told)
    if isinstance(told, Mapping) and key == "openai_config":
        if wrong := _not_json(told):
            return [Problem(key, wrong)]
        return edit.with_value(key, _merged(_object(edit.value(key)), told))
    return [Problem(key, f"Wants something like this: {' '.join(_spelled(spec, EXAMPLES[key])[:1])}")]


def _with_names(edit: ConfigEdit, names: list[object]) -> ConfigEdit | list[Problem]:
    for place, name in enumerate(names, 1):
        if not isinstance(name, str):
            return [Problem("tensor_fields", f"Item {place} of the list is not a text")]
    texts = tuple(map(str, names))
    wrong = tensor_names.problem_text(texts)
    return [Problem("tensor_fields", wrong)] if wrong else edit.with_value("tensor_fields", texts)


def _with_parts(edit: ConfigEdit, spec: FieldSpec, told: Mapping[str, object]) -> ConfigEdit | list[Problem]:
    """Parts that are missing become null, but keep their defaults where the field was off."""
    was_on = isinstance(edit.value(spec.key), Mapping)
    held = _object(edit.with_switch(spec.key, True).value(spec.key))
    made = _merged(held, told)
    problems: list[Problem] = []
    for part in spec.parts:
        now, before = told.get(part.key), held.get(part.key)
        kept = is_equal_json(now, before) or (now is None and not was_on)
        result = before if kept else part.parse(_typed(now))
        if isinstance(result, Problem):
            problems.append(result)
        elif part.key in held or part.key in told:
            made[part.key] = result
    parts = [part.key for part in spec.parts]
    for key in made:
        if key not in parts and key not in held:
            problems.append(Problem(spec.key, _unknown(key, parts), part=key))
        elif wrong := _not_json(made[key]):
            problems.append(Problem(spec.key, wrong, part=key))
    return problems or edit.with_value(spec.key, made)


def _typed(value: object) -> str:
    """What somebody would have typed into a part's box."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _merged(held: Mapping[str, object], told: Mapping[str, object]) -> dict[str, object]:
    """What is told, in the order of what was held, whose nulls stay: TOML can't tell them."""
    made: dict[str, object] = {}
    for key, value in held.items():
        if key not in told:
            if value is None:
                made[key] = None
            continue
        now = told[key]
        both = isinstance(value, Mapping) and isinstance(now, Mapping)
        made[key] = _merged(_object(value), _object(now)) if both else now
    return made | {key: value for key, value in told.items() if key not in held}


def _not_json(value: object, depth: int = 0) -> str:
    """Why TOML's value is none of JSON's, or nothing."""
    if depth > json_text.DEEPEST:
        return f"More than {json_text.DEEPEST} brackets within each other"
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
