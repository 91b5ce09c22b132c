"""Split a schema into entries, to compare it with another one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from wltui.core.escapes import is_visible

from . import quoting, type_printer
from .arrow import item_of, metadata_of
from .codec import SchemaError, decode_base64, encoding_error
from .cursor import SchemaTextError

if TYPE_CHECKING:
    import pyarrow


class SchemaEntry(Struct, frozen=True):
    """A field as printable text."""

    name: str
    type: str
    """The type, followed by ``not null`` if it is not nullable."""
    metadata: tuple[tuple[str, str], ...] = ()
    """Keys and values; the key of a nested field begins with its place, as in ``child 0, unit``."""


class Entries(Struct, frozen=True):
    """The fields of a schema in order, and its own metadata."""

    fields: tuple[SchemaEntry, ...]
    metadata: tuple[tuple[str, str], ...]


def parse_entries(encoded: str) -> Entries:
    """Return the entries of a schema; ``encoded`` is base64, as in the API.

    Raises:
        SchemaError: it is not a schema.
    """
    arrow = decode_base64(encoded)
    try:
        metadata = metadata_of(arrow)
        names = [field.name for field in arrow]
        types = [_type(field) for field in arrow]
    except UnicodeDecodeError as error:
        raise encoding_error(error) from error
    found: dict[int, list[tuple[str, str]]] = {}
    for path, pairs in metadata.items():
        place = "".join(f"child {number}, " for number in path[1:])
        found.setdefault(path[0] if path else -1, []).extend(
            (place + key, value) for key, value in _format_pairs(pairs)
        )
    return Entries(
        tuple(
            SchemaEntry(quoting.format_name(name), type, tuple(found.get(number, ())))
            for number, (name, type) in enumerate(zip(names, types, strict=True))
        ),
        tuple(found.get(-1, ())),
    )


def _type(field: pyarrow.Field) -> str:
    try:
        words = type_printer.format_type(item_of(field).type)
    except (SchemaError, SchemaTextError):  # an extension without a text form
        words = str(field.type)
    return words + ("" if field.nullable else " not null")


def _format_pairs(pairs: dict[bytes, bytes]) -> Iterator[tuple[str, str]]:
    for pair in pairs.items():
        key, value = (raw.decode("utf-8", "surrogateescape") for raw in pair)
        yield key if is_visible(key) else quoting.quote(key), quoting.quote(value)
