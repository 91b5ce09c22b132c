"""The fields of a config that requests set: how each is described, typed and parsed.

A value is a JSON value (tuples are lists) or ``UNSET``: *not readable*, which is neither null nor empty.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import lru_cache, partial
from typing import TypeGuard

from msgspec import UNSET, Struct

from wltui.config.schema.text import SchemaTextError
from wltui.config.syntax.json_text import TextFault
from wltui.config.syntax.thresholds import as_float32, format_threshold

from . import schema
from .schema import SchemaError
from .schema import text as schema_text
from .syntax import json_text, tensor_names


class Kind(Enum):
    """Type of a field's editor."""

    LINE = "line"
    """Text of one line."""
    LINES = "lines"
    """Text of any number of lines."""
    CHOICE = "choice"
    """One of a few words."""
    PARTS = "parts"
    """Off, or on with a line for each part of an object."""


class Problem(Struct, frozen=True):
    """A problem of a field, to be shown beside it."""

    field: str
    text: str
    part: str = ""
    """Key of the part in the field's object; empty for the whole field."""
    line: int | None = None
    """Place in a typed text, counted from 1."""
    column: int | None = None


class PartSpec(Struct, frozen=True, kw_only=True):
    """A whole number in the object of a field."""

    key: str
    title: str
    null: str
    """Word for null; empty if the part must be a number."""
    default: int | None
    """Value when the field is switched on."""
    parse: Callable[[str], int | Problem | None]
    """Parses the typed text."""

    def format(self, value: object) -> str:
        """Return the initial text of the part, whatever value the server has; empty for null."""
        return "" if value is None else json_text.format(value)

    def problem_text(self, value: object) -> str:
        """Return the problem of a value, or an empty text. Null is valid, since the server may accept it."""
        if value is None or (is_integer(value) and value > 0):
            return ""
        return "Not a whole number above 0"


class FieldSpec(Struct, frozen=True, kw_only=True):
    """One field that a request sets. ``key`` is its name in requests and in ``ModelConfig`` alike."""

    key: str
    title: str
    null: str
    """Word for null."""
    kind: Kind
    words: Callable[..., str] = json_text.format
    """Describes any other value."""
    parse: Callable[[str], object] | None = None
    """Parses the typed text into a value or a :class:`Problem`; None if the field can't be typed."""
    format: Callable[..., str] = json_text.format
    """Returns the text that ``parse`` accepts for a value."""
    parts: tuple[PartSpec, ...] = ()

    def describe(self, value: object) -> str:
        """Return the value in a few words. Slow the first time for schemas, as ``schema`` explains."""
        if value is UNSET:
            return "not readable"
        return self.null if value is None else self.words(value)

    def text(self, value: object) -> str:
        """Return the initial text of the field; empty for null and for values that are not readable.

        Slow the first time for schemas, as ``schema`` explains.
        """
        return "" if value is UNSET or value is None else self.format(value)

    def part(self, key: str) -> PartSpec:
        """Return the part with this key.

        Raises:
            KeyError: there is none.
        """
        for part in self.parts:
            if part.key == key:
                return part
        raise KeyError(key)


# Tensor fields: one name per line.


def parse_tensor_fields(text: str) -> tuple[str, ...] | Problem | None:
    """Return the names in a text, as :mod:`~wltui.config.syntax.tensor_names` parses them, or None if it is blank."""
    try:
        return tensor_names.parse(text) if text.strip() else None
    except TextFault as fault:
        return Problem("tensor_fields", str(fault), line=fault.line, column=fault.column)


# The batch config: a word.


def format_batch_config(word: str) -> str:
    """Return the word, quoted if it is blank or could be confused with null or with a value that is not readable."""
    plain = word.isprintable() and word.strip() and word not in ("multiple rows", "not readable")
    return word if plain else json_text.format(word)


# The threshold: a number on a line.


def parse_threshold(text: str) -> float | Problem | None:
    """Return a finite number, or None if the text is blank. The decimal separator is a point."""
    number = text.strip()
    if not number:
        return None
    if re.fullmatch(r"[+-]?(\d+,\d*|,\d+)", number):
        return Problem("filter_threshold", f"Use a point: {number.replace(',', '.')}")
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", number, re.ASCII | re.IGNORECASE):
        return Problem("filter_threshold", "Not a number; leave it empty for null")
    threshold = float(number)
    fits = math.isfinite(threshold) and as_float32(threshold) is not None
    return threshold if fits else Problem("filter_threshold", "The number is too large")


# Batching: objects of whole numbers.


def is_integer(value: object) -> TypeGuard[int]:
    """Return whether a value is an int that is not a bool."""
    return isinstance(value, int) and not isinstance(value, bool)


def _parse_part(field: str, part: str, null: str, text: str) -> int | Problem | None:
    number = text.strip()
    wrong = partial(Problem, field, part=part)
    hint = f"; leave it empty for {null}" if null else ""
    if not number:
        return None if null else wrong("Must be a whole number above 0")
    if re.fullmatch(r"[+-]?\d+[.,]\d*", number, re.ASCII):
        return wrong("Must be a whole number, without a point")
    if not re.fullmatch(r"[+-]?\d+", number, re.ASCII):
        return wrong(f"Not a whole number{hint}")
    if re.fullmatch(r"-\d+|\+?0+", number):
        return wrong(f"Must be above 0{hint}")
    digits = number.lstrip("+0")  # Python parses at most 4,300 digits, leading zeros included
    if len(digits) > 19 or int(digits) >= 2**63:
        return wrong("The number is too large")
    return int(digits)


def _parts(field: str, *parts: tuple[str, str, str, int | None]) -> tuple[PartSpec, ...]:
    return tuple(
        PartSpec(
            key=key, title=title, null=null, default=default, parse=partial(_parse_part, field, key, null)
        )
        for key, title, null, default in parts
    )


# The OpenAI config: an object in JSON.


def parse_openai(text: str) -> dict[str, object] | Problem | None:
    """Return a JSON object, or None if the text is blank. Strings in it may span several lines."""
    if not text.strip():
        return None
    try:
        value = json_text.parse(text)
    except TextFault as fault:
        return Problem("openai_config", str(fault), line=fault.line, column=fault.column)
    if not isinstance(value, dict):
        return Problem("openai_config", 'Must be an object such as {"enabled": true}', line=1, column=1)
    return value


def openai_problems(value: Mapping[str, object]) -> Iterator[str]:
    """Yield the problems of an OpenAI config that a server or its documentation forbids."""
    if "enabled" not in value:
        yield '"enabled" is missing; set it to true or false'
    elif not isinstance(value["enabled"], bool):
        yield f'"enabled" must be true or false, not {json_text.format(value["enabled"])[:20]}'
    if "stream" in value:
        yield '"stream" must not be set'
    for key in ("completion_config", "chat_completion_config"):
        inner = value.get(key)
        if inner is not None and not isinstance(inner, Mapping):
            yield f'"{key}" must be an object in braces, or null'
        elif inner and "stream" in inner:
            yield f'"stream" must not be set in "{key}"'


# Schemas: text, one field per line.


def parse_schema(key: str, text: str) -> str | Problem | None:
    """Return the schema of a text as base64, or None if the text is blank.

    Pasted base64 of a schema is accepted unchanged. Slow the first time, as ``schema`` explains.
    """
    if not text.strip():
        return None
    try:
        if schema_text.looks_like_base64(text):
            schema.decode(text)
            return "".join(text.split())
        return schema_text.parse_schema(text)
    except SchemaTextError as error:
        text = f"{error.why}. {error.advice}" if error.advice else error.why
        return Problem(key, text[:1].upper() + text[1:], line=error.line, column=error.column)
    except SchemaError as error:
        return Problem(key, f"{error.what}: {error.why}")


@lru_cache(maxsize=64)
def format_schema(encoded: str) -> str:
    """Return a schema's text, or the string itself if it has none; quoted if it has invisible characters."""
    try:
        return schema_text.format_schema(encoded)
    except SchemaError:
        plain = encoded.isprintable() and encoded == encoded.strip() != ""
        return encoded if plain else json_text.format(encoded)


FIELDS = (
    FieldSpec(
        key="tensor_fields",
        title="Tensor fields",
        null="none",
        kind=Kind.LINES,
        words=tensor_names.summary,
        parse=parse_tensor_fields,
        format=tensor_names.format,
    ),
    FieldSpec(
        key="batch_config",
        title="Batch config",
        null="multiple rows",
        kind=Kind.CHOICE,
        words=format_batch_config,
    ),
    FieldSpec(
        key="filter_threshold",
        title="Filter threshold",
        null="none",
        kind=Kind.LINE,
        words=format_threshold,
        parse=parse_threshold,
        format=format_threshold,
    ),
    FieldSpec(
        key="dynamic_batching_config",
        title="Dynamic batching",
        null="off",
        kind=Kind.PARTS,
        parts=_parts(
            "dynamic_batching_config",
            ("max_batch_delay_ms", "Max delay, ms", "", 10),
            ("batch_size_target", "Target size", "", 4),
            ("batch_size_limit", "Size limit", "none", None),
        ),
    ),
    FieldSpec(
        key="continuous_batching_config",
        title="Continuous batching",
        null="off",
        kind=Kind.PARTS,
        parts=_parts("continuous_batching_config", ("max_concurrent_batch_size", "Max batch size", "", 1)),
    ),
    FieldSpec(
        key="openai_config",
        title="OpenAI",
        null="off",
        kind=Kind.LINES,
        parse=parse_openai,
        format=partial(json_text.format, indent=2),
    ),
    FieldSpec(
        key="input_schema",
        title="Input schema",
        null="none",
        kind=Kind.LINES,
        words=schema.summary,
        parse=partial(parse_schema, "input_schema"),
        format=format_schema,
    ),
    FieldSpec(
        key="output_schema",
        title="Output schema",
        null="none",
        kind=Kind.LINES,
        words=schema.summary,
        parse=partial(parse_schema, "output_schema"),
        format=format_schema,
    ),
)
"""Every field that requests set, in the order of the form."""

FIELD = {spec.key: spec for spec in FIELDS}
