"""What a schema holds, in lines that people read, and whether two are the same."""

from __future__ import annotations

from msgspec import Struct

from .codec import SchemaError, decode_base64, encoding_error


class Field(Struct, frozen=True):
    """One input or output of a model. ``type`` is in pyarrow's words and shows nested nullability too."""

    name: str
    type: str
    nullable: bool

    def __str__(self) -> str:
        return f"{self.name}: {self.type}" + ("" if self.nullable else " not null")


class Schema(Struct, frozen=True):
    """What a schema shows. Field metadata is not part of it; :func:`is_same` compares that as well."""

    fields: tuple[Field, ...]
    """May be empty, and names may repeat: both are legitimate."""
    metadata: tuple[tuple[str, str], ...] = ()
    """Of the schema as a whole; bytes that are no UTF-8 are spelled ``\\xff``."""


def decode(text: str) -> Schema:
    """The schema in ``text``, the standard base64 of a serialized Arrow schema; white space is ignored.

    Raises:
        SchemaError: it is something else.
    """
    arrow = decode_base64(text)
    try:
        fields = tuple(Field(field.name, str(field.type), field.nullable) for field in arrow)
    except UnicodeDecodeError as error:
        raise encoding_error(error) from error
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


def is_same(one: str | None, other: str | None) -> bool:
    """Whether two texts hold equal schemas, all metadata included.

    A text that holds none equals itself alone.
    """
    if one == other:
        return True
    if one is None or other is None:
        return False
    try:
        return bool(decode_base64(one).equals(decode_base64(other), check_metadata=True))
    except SchemaError:
        return False


def _spell(raw: bytes) -> str:
    return raw.decode(errors="backslashreplace")
