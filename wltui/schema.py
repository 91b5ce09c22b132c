"""Arrow schemas, from the base64 that the API carries to the lines that people read.

pyarrow is imported by the first call that needs it, which takes 0.1 to 0.2 seconds: decode in a thread.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import WltuiError

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]

_FILE_HEADS = {b"ARROW1": "an Arrow file", b"PAR1": "a Parquet file", b"FEA1": "a Feather file"}


class SchemaError(WltuiError):
    """The text is no Arrow schema as the API carries it."""


@dataclass(frozen=True, slots=True)
class Field:
    """One input or output of a model. ``type`` is in pyarrow's words and shows nested nullability too."""

    name: str
    type: str
    nullable: bool

    def __str__(self) -> str:
        return f"{self.name}: {self.type}" + ("" if self.nullable else " not null")


@dataclass(frozen=True, slots=True)
class Schema:
    """What a schema shows. Field metadata is not part of it; :func:`same` compares that as well."""

    fields: tuple[Field, ...]
    """May be empty, and names may repeat: both are legitimate."""
    metadata: tuple[tuple[str, str], ...] = ()
    """Of the schema as a whole; bytes that are no UTF-8 are spelled ``\\xff``."""


def decode(text: str) -> Schema:
    """The schema in ``text``, the standard base64 of a serialized Arrow schema; white space is ignored.

    Raises:
        SchemaError: it is something else.
    """
    arrow = _read(text)
    try:
        fields = tuple(Field(field.name, str(field.type), field.nullable) for field in arrow)
    except UnicodeDecodeError as error:
        raise _refusal(f"a name in it is no UTF-8 ({error.reason})") from error
    metadata = arrow.metadata or {}
    return Schema(fields, tuple((_spell(key), _spell(value)) for key, value in metadata.items()))


def lines(schema: Schema) -> tuple[str, ...]:
    """One line a field, in pyarrow's words: ``inputs: list<item: float> not null``."""
    return tuple(map(str, schema.fields))


def summary(text: str | None) -> str:
    """A schema in two words: ``3 fields``, ``none`` for null, or ``not decodable``."""
    if text is None:
        return "none"
    try:
        count = len(decode(text).fields)
    except SchemaError:
        return "not decodable"
    return "1 field" if count == 1 else f"{count or 'no'} fields"


def same(one: str | None, other: str | None) -> bool:
    """Whether two texts hold equal schemas, all metadata included.

    A text that holds none equals itself alone.
    """
    if one == other:
        return True
    if one is None or other is None:
        return False
    try:
        return bool(_read(one).equals(_read(other), check_metadata=True))
    except SchemaError:
        return False


def _read(text: str) -> pyarrow.Schema:
    packed = "".join(text.split())
    if not packed:
        raise _refusal("it is empty")
    try:
        message = base64.b64decode(packed, validate=True)
    except ValueError as error:
        if "-" in packed or "_" in packed:
            raise _refusal("this is URL-safe base64", "Use the standard alphabet, with + and /") from error
        raise _refusal(f"no base64: {error}") from error
    for head, kind in _FILE_HEADS.items():
        if message.startswith(head):
            raise _refusal(f"these are the bytes of {kind}")

    import pyarrow.ipc  # type: ignore[import-untyped]

    try:
        return pyarrow.ipc.read_schema(pyarrow.py_buffer(message))
    # pyarrow reports a damaged message as an OSError, which is not one of its own exceptions.
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise _refusal(f"damaged or cut off: {error}") from error


def _refusal(why: str, advice: str = "Take base64 of schema.serialize(), as pyarrow gives it") -> SchemaError:
    return SchemaError("This is no Arrow schema", why, advice)


def _spell(raw: bytes) -> str:
    return raw.decode(errors="backslashreplace")
