"""Format types as pyarrow prints them, unless that is ambiguous."""

from . import extensions, quoting
from .types import LISTS, UNIONS, Item, Type

_SQUARE = ("time32", "time64", "duration", "fixed_size_binary")


def format_field(item: Item) -> str:
    """Return ``name: type`` or ``name: type not null``."""
    return f"{quoting.format_name(item.name)}: {_value(item)}"


def format_type(type: Type) -> str:
    """Return the complete text of a type, such as ``list<item: float>``."""
    word, args, children = type.word, type.args, type.children
    if word in LISTS:
        size = f"[{args[0]}]" if args else ""
        return f"{word}<{format_field(children[0])}>{size}"
    if word == "struct":
        return f"struct<{', '.join(map(format_field, children))}>"
    if word in UNIONS:
        return f"{word}<{', '.join(f'{format_field(item)}={code}' for item, code in zip(children, args, strict=True))}>"
    if word == "map":
        key, value = children[0].type.children
        return f"map<{format_type(key.type)}, {_value(value)}{', keys_sorted' if args[0] else ''}>"
    if word == "run_end_encoded":
        ends, values = (format_type(item.type) for item in children)
        return f"run_end_encoded<run_ends: {ends}, values: {values}>"
    if word == "dictionary" and type.inner:
        return (
            f"dictionary<values={format_type(type.inner)}, indices={args[0]}, ordered={1 if args[1] else 0}>"
        )
    if word == "extension":
        return f"extension<{_extension(type)}>"
    if word == "timestamp":
        unit, zone = args
        return f"timestamp[{unit}{f', tz={quoting.format_word(str(zone))}' if zone else ''}]"
    if word in _SQUARE:
        return f"{word}[{args[0]}]"
    return f"{word}({args[0]}, {args[1]})" if args else word


def _value(item: Item) -> str:
    return format_type(item.type) + ("" if item.nullable else " not null")


def _extension(type: Type) -> str:
    """Return an extension's text: ``arrow.opaque[storage_type=int8, type_name=point, vendor_name=me]``."""
    name, pairs = type.args[0], extensions.parameters(type)
    named = extensions.named_type(type)
    parts = []
    for key in extensions.PARAMETERS[str(name)]:
        if key in extensions.TYPES and named:
            parts.append(f"{key}={format_type(named)}")
        elif key in pairs:
            parts.append(f"{key}={_parameter(pairs[key])}")
    return f"{name}[{', '.join(parts)}]" if parts else f"{name}"


def _parameter(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{','.join(map(_parameter, value))}]"
    if isinstance(value, str):
        return quoting.format_word(value)
    return "null" if value is None else str(value)
