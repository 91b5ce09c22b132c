"""Convert schemas between plain data and pyarrow's objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

from . import extensions
from .codec import decode_base64
from .cursor import Cursor
from .type_parser import parse_type
from .types import LISTS, UNIONS, Item, Metadata, Path, Place, Type, map_of

if TYPE_CHECKING:
    import pyarrow

    Maker = Callable[..., pyarrow.DataType]

_MAKERS = {"bool": "bool_", "halffloat": "float16", "float": "float32", "double": "float64", "list": "list_",
           "date32[day]": "date32", "date64[ms]": "date64", "fixed_size_list": "list_",
           "fixed_size_binary": "binary"}  # fmt: skip
"""pyarrow's functions whose names differ from those of their types."""
_DATES = {"date32": "date32[day]", "date64": "date64[ms]"}
_TIMES = ("time32", "time64", "duration")
_INTERVALS = ("day_time_interval", "month_interval")
_INTERVAL_SCHEMA = (
    "/////6AAAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAMAAAACAAIAAAABAAIAAAABAAAAAIAAABAAAAABAAAANj///8AAAELEAAA"
    "ABgAAAAEAAAAAAAAAAEAAABiAAAABAAEAAQAAAAQABQACAAGAAcADAAAABAAEAAAAAAAAQsQAAAAGAAAAAQAAAAAAAAAAQAAAGEA"
    "BgAIAAYABgAAAAAAAQAAAAAA"
)
"""A schema with one field of each type in ``_INTERVALS``, which pyarrow reads and writes but can't create."""
_WORD = re.compile(r"\w+")


class Unbuildable(Exception):
    """pyarrow has no such type, or a schema can't contain it; ``at`` is its place in the text."""

    def __init__(self, why: str, at: Place) -> None:
        super().__init__(why)
        self.at = at


def metadata_of(arrow: pyarrow.Schema) -> Metadata:
    """Return the metadata of each field that has any, and of the schema itself."""
    found: Metadata = {(): dict(arrow.metadata or {})}
    for number, field in enumerate(arrow):
        for path, one in _walk((number,), field):
            found[path] = dict(one.metadata or {})
    return {path: pairs for path, pairs in found.items() if pairs}


def _walk(path: Path, field: pyarrow.Field) -> Iterator[tuple[Path, pyarrow.Field]]:
    """Yield a field and all nested ones, with paths numbered as by :meth:`Type.nested`."""
    import pyarrow

    yield path, field
    type = field.type
    while isinstance(type, pyarrow.BaseExtensionType | pyarrow.DictionaryType):
        type = type.value_type if isinstance(type, pyarrow.DictionaryType) else type.storage_type
    for number in range(type.num_fields):
        yield from _walk((*path, number), type.field(number))


def item_of(field: pyarrow.Field) -> Item:
    """Return a field as plain data."""
    return Item(field.name, type_of(field.type), field.nullable)


def type_of(arrow: pyarrow.DataType) -> Type:
    """Return a type as plain data.

    Raises:
        SchemaError: it is an extension without a text form.
    """
    words = str(arrow)
    found = _WORD.match(words)
    word = found[0] if found else words
    children = [arrow.field(number) for number in range(arrow.num_fields)]
    if word == "extension":
        return _extension_of(arrow)
    if word == "dictionary":
        return Type(word, (str(arrow.index_type), arrow.ordered), inner=type_of(arrow.value_type))
    if word == "map":
        value = arrow.item_field
        return map_of(type_of(arrow.key_type), type_of(value.type), value.nullable, arrow.keys_sorted)
    if word == "timestamp":
        return Type(word, (arrow.unit, arrow.tz))
    if word in _TIMES:
        return Type(word, (arrow.unit,))
    if word.startswith("decimal"):
        return Type(word, (arrow.precision, arrow.scale))
    if word == "fixed_size_binary":
        return Type(word, (arrow.byte_width,))
    size = (arrow.list_size,) if word == "fixed_size_list" else ()
    codes = tuple(arrow.type_codes) if word in UNIONS else ()
    return Type(_DATES.get(word, word), size or codes, tuple(map(item_of, children)))


def _extension_of(arrow: pyarrow.BaseExtensionType) -> Type:
    name = arrow.extension_name
    if name not in extensions.PARAMETERS or name == "arrow.variable_shape_tensor":
        return parse_type(Cursor(str(arrow)))
    parameters: list[tuple[str, object]] = []
    for key in extensions.PARAMETERS[name]:
        value = None if key in extensions.TYPES else getattr(arrow, key)
        if value is not None:
            parameters.append((key, tuple(value) if isinstance(value, list) else value))
    return Type("extension", (name, *parameters), inner=type_of(arrow.storage_type))


def build_schema(items: tuple[Item, ...], metadata: Metadata) -> pyarrow.Schema:
    """Return the Arrow schema.

    Raises:
        Unbuildable: pyarrow has no such type, or a schema can't contain it.
    """
    import pyarrow

    fields = [_field(item, (number,), metadata) for number, item in enumerate(items)]
    return pyarrow.schema(fields, metadata.get(()))


def _field(item: Item, path: Path, metadata: Metadata) -> pyarrow.Field:
    import pyarrow

    if item.type.word == "null" and not item.nullable:
        raise Unbuildable("a field of type null can't be not null", item.type.at)
    return pyarrow.field(item.name, _type(item.type, path, metadata), item.nullable, metadata.get(path))


def _type(type: Type, path: Path, metadata: Metadata) -> pyarrow.DataType:
    import pyarrow

    try:
        return _build_type(type, path, metadata)
    # pyarrow raises any of these if a value is out of range, or values can't be combined.
    except (pyarrow.ArrowException, TypeError, ValueError, OverflowError, OSError) as error:
        raise Unbuildable(str(error), type.at) from error


def _build_type(type: Type, path: Path, metadata: Metadata) -> pyarrow.DataType:
    import pyarrow

    word, args = type.word, type.args
    if type.inner:
        if type.inner.word in ("extension", word):
            raise Unbuildable(f"a schema can't contain {word} of {type.inner.word}", type.inner.at)
        inner = _type(type.inner, path, metadata)
        if word == "extension":
            return _extension(type, inner)
        return pyarrow.dictionary(_maker(str(args[0]), type.at)(), inner, args[1])
    if word in _INTERVALS:
        return decode_base64(_INTERVAL_SCHEMA).field(_INTERVALS.index(word)).type
    if word == "map":
        _refuse_metadata((*path, 0), metadata, "the entries of a map", type.at)
        parts = enumerate(type.children[0].type.children)
        key, value = (_field(item, (*path, 0, number), metadata) for number, item in parts)
        return pyarrow.map_(key, value, args[0])
    if word == "run_end_encoded":
        for number in (0, 1):
            _refuse_metadata((*path, number), metadata, "the parts of run_end_encoded", type.at)
        parts = enumerate(type.children)
        return pyarrow.run_end_encoded(
            *(_type(item.type, (*path, number), metadata) for number, item in parts)
        )
    make = _maker(word, type.at)
    below = [_field(item, (*path, number), metadata) for number, item in enumerate(type.children)]
    if word in LISTS:
        return make(*below, *args)
    if word == "struct":
        return make(below)
    return make(below, list(args)) if word in UNIONS else make(*args)


def _extension(type: Type, storage: pyarrow.DataType) -> pyarrow.BaseExtensionType:
    """Return an extension type. pyarrow has no function to create one, so it is read from a schema."""
    import pyarrow.ipc

    carrier = pyarrow.schema([pyarrow.field("", storage, metadata=extensions.carrier_metadata(type))])
    found = pyarrow.ipc.read_schema(carrier.serialize()).field(0).type
    if not isinstance(found, pyarrow.BaseExtensionType):
        raise Unbuildable(
            f"pyarrow {pyarrow.__version__} does not know the extension {type.args[0]}", type.at
        )
    return found


def _maker(word: str, at: Place) -> Maker:
    import pyarrow

    make = getattr(pyarrow, _MAKERS.get(word, word), None)
    if make is None:
        raise Unbuildable(f"pyarrow {pyarrow.__version__} does not know {word}", at)
    return cast("Maker", make)


def _refuse_metadata(path: Path, metadata: Metadata, what: str, at: Place) -> None:
    if path in metadata:
        raise Unbuildable(f"Arrow keeps no metadata for {what}", at)
