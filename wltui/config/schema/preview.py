"""Format a schema as a tree, with nested fields on lines of their own."""

from collections.abc import Iterator

from . import quoting, type_printer
from .arrow import item_of, metadata_of
from .codec import decode_base64, encoding_error
from .types import Item, Metadata, Path, Type


def preview(encoded: str) -> tuple[str, ...]:
    """Return a line for each field and nested field, indented by two spaces per level, as in ``  item: float``.

    Metadata follow their field in lines such as ``  -- unit: 'm'``; those of the schema come last. All characters
    are printable.

    Raises:
        SchemaError: ``encoded`` is not the base64 of a schema.
    """
    arrow = decode_base64(encoded)
    try:
        items = tuple(map(item_of, arrow))
        metadata = metadata_of(arrow)
    except UnicodeDecodeError as error:
        raise encoding_error(error) from error
    lines = [line for number, item in enumerate(items) for line in _tree(item, (number,), metadata, "")]
    return (*lines, *_pairs((), metadata, ""))


def _tree(item: Item, path: Path, metadata: Metadata, indent: str, code: str = "") -> Iterator[str]:
    type, null = item.type, "" if item.nullable else " not null"
    children = () if type.word == "extension" else type.nested()
    words = _short(type) if children else type_printer.format_type(type)
    yield f"{indent}{quoting.format_name(item.name)}: {words}{null}{code}"
    yield from _pairs(path, metadata, indent + "  ")
    if type.word == "map":
        path, children = (*path, 0), children[0].type.children
    for number, child in enumerate(children):
        code = f"={type.args[number]}" if type.word.endswith("_union") else ""
        yield from _tree(child, (*path, number), metadata, indent + "  ", code)


def _short(type: Type) -> str:
    """Return a type's text without its nested fields."""
    if type.word == "fixed_size_list":
        return f"fixed_size_list[{type.args[0]}]"
    if type.word == "map":
        return "map, keys sorted" if type.args[0] else "map"
    if type.word == "dictionary" and type.inner:
        return (
            f"dictionary of {_short(type.inner)}, {type.args[0]} indices{', ordered' if type.args[1] else ''}"
        )
    return type.word


def _pairs(path: Path, metadata: Metadata, indent: str) -> Iterator[str]:
    for pair in metadata.get(path, {}).items():
        yield f"{indent}-- {quoting.format_pair(*pair)}"
