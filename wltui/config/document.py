"""Format a config as commented TOML for an external editor, and parse it again.

TOML has no null, so a missing setting is null; see ``HOW_IT_IS_READ``. Unchanged text keeps its value, whatever that
is: so the text of an edit parses to that edit, for every value that a server may have.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence

from msgspec import UNSET, Struct
from msgspec.structs import replace

from wltui.config.syntax.json_text import TextFault
from wltui.core.records import ConfigId, VersionId

from .edit import SCHEMAS, ConfigEdit, Draft, is_equal_json
from .field_values import (
    EXAMPLES,
    apply_setting,
    as_object,
    clean_unicode,
    describe_unknown,
    format_field,
    format_text,
)
from .fields import FIELD, FIELDS, FieldSpec, Problem
from .schema import SchemaError
from .schema import decode as decode_schema
from .syntax import json_text, toml_text

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
"""
HOW_TO_CANCEL = """\
#
# To cancel, leave the file unchanged, or empty it.
"""
FILE_HEAD = """\
# The config of a model version. "wltui config diff" shows what this file would
# change, "wltui config apply" sends that, once.
#
# A setting that is missing, or has # before it, is null.
#
# By the line "Version … based on config …", changes that others have made since
# are noticed and kept. Remove that line from a file that is kept for good, such
# as in git: then the file is the whole config, whatever others have saved.
#
"""
FILE_END = "# The end. A file that lacks this line, but has the first one, is cut off.\n"
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


def format_document(draft: Draft, problems: Sequence[Problem] = (), *, model_name: str = "") -> str:
    """Return the text of a draft, including texts that could not be parsed, with ``problems`` on top.

    Slow the first time if there are schemas, as ``schema`` explains.
    """
    origin = _origin(draft.edit, model_name)
    lines = [*HEAD.splitlines(), *origin, *_settings(draft), "", HOW_IT_IS_READ + HOW_TO_CANCEL]
    text = "\n".join(lines)
    return add_problem_lines(text, problems) if problems else text


def format_file(edit: ConfigEdit, *, model_name: str = "", base64: bool = False) -> str:
    """Return the text of an edit for a file that :func:`parse_document` parses later, and perhaps elsewhere.

    :func:`parse_origin` returns the config that it began from. With ``base64``, schemas are as in the API.
    """
    hidden = [key for key in FIELD if getattr(edit.base, key) is UNSET]
    unread = [f"{UNREAD}{', '.join(hidden)}."] if hidden else []
    origin = _origin(edit, model_name)
    settings = _settings(Draft(edit), base64=base64)
    return "\n".join([*FILE_HEAD.splitlines(), *origin, *unread, *settings, "", HOW_IT_IS_READ + FILE_END])


def is_cut_off(text: str) -> bool:
    """Return whether a text begins as one of :func:`format_file` and lacks its end: missing settings are not null."""
    lines = text.removeprefix("\ufeff").splitlines()
    is_whole = FILE_END.rstrip() in map(str.rstrip, lines)
    return not is_whole and (FILE_HEAD.splitlines()[0] in lines or parse_origin(text) is not None)


class DocumentOrigin(Struct, frozen=True):
    """The config that the text of a file began from, by its comments."""

    version_id: VersionId
    model_name: str
    """Empty if the text does not name it."""
    config_id: ConfigId | None
    """``NO_CONFIG`` if the version had no config; None if the text does not name it."""
    unread: tuple[str, ...] = ()
    """The keys of the fields that were not readable then: they are missing in the text, but not null."""


UNREAD = "# Not readable: "
_ORIGIN = re.compile(
    r'# Version (\d{1,18})(?: of ("(?:[^"\\]|\\.)*"))?, (?:based on config (\d{1,18})|its first config)\.'
)


def parse_origin(text: str) -> DocumentOrigin | None:
    """Return the origin that the comments above the first setting name, or None if they name none."""
    found: re.Match[str] | None = None
    unread: tuple[str, ...] = ()
    for line in text.removeprefix("\ufeff").splitlines():
        if line.strip() and not line.startswith("#"):
            break
        if line.startswith(UNREAD):
            unread = tuple(key for key in FIELD if re.search(rf"\b{key}\b", line))
        found = found or _ORIGIN.fullmatch(line.rstrip())
    if found is None:
        return None
    try:
        name = json.loads(found[2]) if found[2] else ""
    except ValueError:  # somebody has edited the line
        return None
    return DocumentOrigin(VersionId(int(found[1])), name, ConfigId(int(found[3] or 0)), unread)


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
    problems = [Problem("", describe_unknown(key, known), part=key) for key in settings if key not in known]
    nulls = settings.get(SET_TO_NULL, [])
    if not isinstance(nulls, list) or not all(isinstance(key, str) for key in nulls):
        problems.append(Problem("", "Must be a list of names", part=SET_TO_NULL))
        nulls = []
    problems += [
        Problem("", describe_unknown(key, list(FIELD)), part=SET_TO_NULL) for key in nulls if key not in FIELD
    ]
    made = edit
    for key, spec in FIELD.items():
        if key in settings and key in nulls:
            problems.append(Problem(key, f"It is set here and in {SET_TO_NULL}; remove one"))
        elif key not in settings:
            readable = getattr(edit.base, key) is not UNSET
            made = made.with_value(key, None) if readable or key in nulls else made.reset(key)
        elif key not in written or not is_equal_json(settings[key], written[key]):
            result = apply_setting(made, spec, settings[key])
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


def _settings(draft: Draft, *, base64: bool = False) -> Iterator[str]:
    """Yield the lines of every field, after those that set fields to null which are not readable."""
    edit = draft.edit
    hidden = [key for key in FIELD if getattr(edit.base, key) is UNSET]
    if hidden:
        nulls = [key for key in hidden if edit.value(key) is None and not _refused(draft, FIELD[key])]
        example = toml_text.format_setting((SET_TO_NULL,), nulls or hidden)
        yield from ("", "# Fields that are not readable, to be set to null:")
        yield from example if nulls else _commented(example)
    for spec in FIELDS:
        yield from ("", f"# {spec.title}", *_commented(WORDS[spec.key].split("\n")))
        value = edit.value(spec.key)
        if base64 and spec.key in SCHEMAS and isinstance(value, str) and _is_schema(value):
            yield from format_text(spec.key, value)
        else:
            yield from _setting(draft, spec)


def _is_schema(encoded: str) -> bool:
    try:
        decode_schema(encoded)
    except SchemaError:
        return False
    return True


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
        return format_text(key, draft.refused[key])
    if _refused(draft, spec):
        typed = {part.key: draft.refused.get(f"{key}.{part.key}") for part in spec.parts}
        held = draft.edit.with_switch(key, True).value(key)
        value = as_object(held) | {
            part: clean_unicode(text) for part, text in typed.items() if text is not None
        }
    if value is UNSET:
        return ["# Not readable. It stays unchanged while it is missing here.", *_example(spec)]
    if value is None:
        return _example(spec)
    absent = [part.key for part in spec.parts if as_object(value).get(part.key) is None]
    return [*format_field(spec, value), *_example(spec, absent)] if absent else format_field(spec, value)


def _example(spec: FieldSpec, parts: Iterable[str] | None = None) -> list[str]:
    example = EXAMPLES[spec.key]
    if parts is not None:
        example = {part: as_object(example)[part] for part in parts}
    return _commented(
        format_text(spec.key, str(example)) if spec.key in SCHEMAS else format_field(spec, example)
    )


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
