"""Describe a schema in lines for people, and compare two schemas."""

from __future__ import annotations

from msgspec import Struct

from .codec import SchemaError, decode_base64, encoding_error


class Field(Struct, frozen=True):
    """One input or output of a model. ``type`` is pyarrow's text, which includes nested nullability."""

    name: str
    type: str
    nullable: bool

    def __str__(self) -> str:
        return f"{self.name}: {self.type}" + ("" if self.nullable else " not null")


class Schema(Struct, frozen=True):
    """The fields and the metadata of a schema. Field metadata is not included; :func:`is_same` compares it too."""

    fields: tuple[Field, ...]
    """May be empty, and names may repeat: both are valid."""
    metadata: tuple[tuple[str, str], ...] = ()
    """Metadata of the schema itself; bytes that are not UTF-8 are written as ``\\xff``."""


def decode(text: str) -> Schema:
    """Return the schema in ``text``, the standard base64 of a serialized Arrow schema; white space is ignored.

    Raises:
        SchemaError: it is not a schema.
    """
    arrow = decode_base64(text)
    try:
        fields = tuple(Field(field.name, str(field.type), field.nullable) for field in arrow)
    except UnicodeDecodeError as error:
        raise encoding_error(error) from error
    metadata = arrow.metadata or {}
    return Schema(fields, tuple((_decode(key), _decode(value)) for key, value in metadata.items()))


def summary(text: str | None) -> str:
    """Return a schema in two words: ``3 fields``, ``none`` for null, or ``not decodable``."""
    if text is None:
        return "none"
    try:
        count = len(decode(text).fields)
    except SchemaError:
        return "not decodable"
    return "1 field" if count == 1 else f"{count or 'no'} fields"


def is_same(one: str | None, other: str | None) -> bool:
    """Return whether two texts contain equal schemas, including all metadata.

    A text that is not a schema equals only itself.
    """
    if one == other:
        return True
    if one is None or other is None:
        return False
    try:
        return bool(decode_base64(one).equals(decode_base64(other), check_metadata=True))
    except SchemaError:
        return False


def _decode(raw: bytes) -> str:
    return raw.decode(errors="backslashreplace")
