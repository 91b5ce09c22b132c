"""Parse types such as ``list<item: float>``."""

from __future__ import annotations

import re
from difflib import get_close_matches

from . import extensions, quoting
from .cursor import LARGEST, Cursor, shorten
from .types import LISTS, UNIONS, Item, Place, Type, map_of

DEEPEST = 128
"""Maximum levels of nested types; pyarrow reads no more."""

_PLAIN = (
    "null", "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "halffloat", "float",
    "double", "string", "large_string", "string_view", "binary", "large_binary", "binary_view",
    "month_interval", "day_time_interval", "month_day_nano_interval",
)  # fmt: skip
_UNITS = {
    "time32": ("s", "ms"),
    "time64": ("us", "ns"),
    "timestamp": ("s", "ms", "us", "ns"),
    "duration": ("s", "ms", "us", "ns"),
}
_DECIMALS = ("decimal32", "decimal64", "decimal128", "decimal256")
_NESTED = (*LISTS, *UNIONS, "struct", "map", "dictionary", "run_end_encoded", "extension")
_ALIASES = {
    "boolean": "bool", "bool_": "bool",
    "int": "int64", "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64",
    "u1": "uint8", "u2": "uint16", "u4": "uint32", "u8": "uint64",
    "float16": "halffloat", "half_float": "halffloat", "f2": "halffloat", "half": "halffloat",
    "float32": "float", "f4": "float", "float64": "double", "f8": "double",
    "str": "string", "utf8": "string", "large_str": "large_string", "large_utf8": "large_string",
    "utf8_view": "string_view", "bytes": "binary", "date32": "date32[day]", "date64": "date64[ms]",
    "decimal": "decimal128", "datetime64": "timestamp", "timedelta64": "duration",
    "list_": "list", "map_": "map", "dict": "dictionary",
}  # fmt: skip
_DATES = {"date32[day]": re.compile(r"\[\s*day\s*\]"), "date64[ms]": re.compile(r"\[\s*ms\s*\]")}
_KNOWN = sorted({*_PLAIN, *_DATES, *_UNITS, *_DECIMALS, *_NESTED, "fixed_size_binary", *_ALIASES})
_NEEDS = {
    **{word: f"{word}[{'|'.join(units)}]" for word, units in _UNITS.items()},
    **{word: f"{word}(9, 2)" for word in _DECIMALS},
    **{word: f"{word}<item: float>" for word in LISTS},
    **{word: f"{word}<name: float=0>" for word in UNIONS},
    "fixed_size_list": "fixed_size_list<item: float>[10]",
    "fixed_size_binary": "fixed_size_binary[16]",
    "struct": "struct<name: float>",
    "map": "map<string, float>",
    "dictionary": "dictionary<values=string, indices=int32, ordered=0>",
    "run_end_encoded": "run_end_encoded<run_ends: int32, values: string>",
    "extension": "extension<arrow.json>",
}
_TYPE_WORD = re.compile(r"\w+")
_NOT_NULL = re.compile(r"not\s+null\b", re.IGNORECASE)
_EXTENSION = re.compile(r"[\w.:/-]+")


def parse_field(cursor: Cursor) -> Item:
    """Parse ``name: type`` or ``name: type not null``."""
    name = cursor.take_string(quoting.NAME, "a field's name")
    if not cursor.take(":"):
        raise cursor.fault(f"expected : after the name {shorten(name)}{cursor.found_instead()}")
    return Item(name, parse_type(cursor), not take_not_null(cursor))


def take_not_null(cursor: Cursor) -> bool:
    """Return whether ``not null`` comes next; if so, move past it."""
    return cursor.match(_NOT_NULL) is not None


def parse_type(cursor: Cursor) -> Type:
    """Return the type that comes next, and move past it."""
    cursor.depth += 1
    if cursor.depth > DEEPEST:
        raise cursor.fault(f"types are nested more than {DEEPEST} levels deep here")
    cursor.skip()
    start, place = cursor.at, cursor.place
    written = cursor.match(_TYPE_WORD)
    if written is None:
        raise cursor.fault(f"expected a type{cursor.found_instead()}")
    word = written.lower()
    word = _ALIASES.get(word, word)
    if word in _DATES:
        cursor.match(_DATES[word])
        made = _array(cursor, Type(word, at=place))
    elif word in _PLAIN:
        made = _array(cursor, Type(word, at=place))
    elif word in _UNITS:
        made = _array(cursor, _parse_time_type(cursor, word, place))
    elif word == "fixed_size_binary":
        _open(cursor, "[", word)
        made = Type(word, (cursor.take_number("the size in bytes", LARGEST // 8),), at=place)
        cursor.expect("]", "after the size")
        made = _array(cursor, made)
    elif word in _DECIMALS:
        _open(cursor, "(", word)
        digits = cursor.take_number("the precision", 76, 1)
        scale = cursor.take_number("the scale", 2**31 - 1, -(2**31)) if cursor.take(",") else 0
        cursor.expect(")", "after the scale")
        made = _array(cursor, Type(word, (digits, scale), at=place))
    elif word in _NESTED:
        _open(cursor, "<", word)
        made = _nested(cursor, word, place)
    else:
        raise cursor.fault(f"unknown type {shorten(written)}", _advice(word), at=start)
    cursor.depth -= 1
    return made


def _advice(word: str) -> str:
    if f"arrow.{word}" in extensions.PARAMETERS:
        return f"Example: extension<arrow.{word}>"
    if word in ("datetime", "timestamptz"):
        return "A point in time is timestamp[us], or timestamp[us, tz=UTC]"
    if word in ("date", "time"):
        return f"Did you mean {'date32[day]' if word == 'date' else 'time64[us]'}?"
    near = get_close_matches(word, _KNOWN, 1, 0.6)
    if near:
        return f"Did you mean {_NEEDS.get(near[0], near[0])}?"
    return "Types are named as pyarrow prints them: int64, float, string, list<item: float>, …"


def _open(cursor: Cursor, mark: str, word: str) -> None:
    if not cursor.take(mark):
        raise cursor.fault(
            f"expected {mark} after {word}{cursor.found_instead()}", f"Example: {_NEEDS[word]}"
        )


def _array(cursor: Cursor, item: Type) -> Type:
    """Parse the sizes in ``float[480, 640]``, the outermost first, and return nested lists of fixed size."""
    if not cursor.take("["):
        return item
    sizes = [cursor.take_number("the size")]
    while cursor.take(","):
        sizes.append(cursor.take_number("the size"))
    cursor.expect("]", "after the size")
    if cursor.depth + len(sizes) > DEEPEST:
        raise cursor.fault(f"types are nested more than {DEEPEST} levels deep here")
    for size in reversed(sizes):
        item = Type("fixed_size_list", (size,), (Item("item", item),), at=item.at)
    return item


def _parse_time_type(cursor: Cursor, word: str, place: Place) -> Type:
    units = _UNITS[word]
    _open(cursor, "[", word)
    cursor.skip()
    start = cursor.at
    unit = cursor.match(_TYPE_WORD)
    if unit not in units:
        raise cursor.fault(f"the unit of {word} must be {' or '.join(units)}", at=start)
    zone = None
    if word == "timestamp" and cursor.take(","):
        cursor.expect("tz", "after the comma, as in timestamp[us, tz=UTC]")
        cursor.expect("=", "after tz")
        zone = cursor.take_string(quoting.WORD, "a time zone")
    cursor.expect("]", "after the zone" if zone else "after the unit")
    return Type(word, (unit, zone) if word == "timestamp" else (unit,), at=place)


def _nested(cursor: Cursor, word: str, place: Place) -> Type:
    """Parse the rest of a nested type, after its ``<``."""
    if word in LISTS:
        item = _item(cursor)
        cursor.expect(">", "after the item's type")
        if word != "fixed_size_list":
            return Type(word, (), (item,), at=place)
        if not cursor.take("["):
            raise cursor.fault(
                f"expected the list's size{cursor.found_instead()}", f"Example: {_NEEDS[word]}"
            )
        size = cursor.take_number("the size")
        cursor.expect("]", "after the size")
        return Type(word, (size,), (item,), at=place)
    if word == "struct":
        return Type(word, (), tuple(_fields(cursor)), at=place)
    if word in UNIONS:
        return _union(cursor, word, place)
    if word == "map":
        return _map(cursor, place)
    if word == "dictionary":
        return _dictionary(cursor, place)
    if word == "run_end_encoded":
        ends = _parse_label(cursor, "run_ends", ":")
        cursor.expect(",", "after the type of the run ends")
        values = _parse_label(cursor, "values", ":")
        cursor.expect(">", "after the type of the values")
        return Type(word, (), (Item("run_ends", ends, False), Item("values", values)), at=place)
    return _extension(cursor, place)


def _item(cursor: Cursor) -> Item:
    """Parse the item of a list: a field, or only a type as in ``list<float>``."""
    start = cursor.at
    if cursor.take_quoted() is None:
        cursor.match(quoting.NAME)
    named = cursor.take(":")
    cursor.at = start
    if named:
        return parse_field(cursor)
    return Item("item", parse_type(cursor), not take_not_null(cursor))


def _fields(cursor: Cursor) -> list[Item]:
    found: list[Item] = []
    while not cursor.take(">"):
        if found:
            cursor.expect(",", "or > after the field's type")
        found.append(parse_field(cursor))
    return found


def _union(cursor: Cursor, word: str, place: Place) -> Type:
    found: list[Item] = []
    codes: list[int] = []
    while not cursor.take(">"):
        if found:
            cursor.expect(",", "or > after the field's type")
        found.append(parse_field(cursor))
        codes.append(cursor.take_number("the type code", 127) if cursor.take("=") else len(codes))
    return Type(word, tuple(codes), tuple(found), at=place)


_PART_NAME = re.compile(r"\('[^'\n]*'\)")
_SORTED = re.compile(r"keys_sorted\b")


def _map(cursor: Cursor, place: Place) -> Type:
    key = parse_type(cursor)
    take_not_null(cursor)
    cursor.match(_PART_NAME)
    cursor.expect(",", "after the type of the keys")
    value = parse_type(cursor)
    cursor.match(_PART_NAME)
    nullable = not take_not_null(cursor)
    keys_sorted = False
    if cursor.take(","):
        if cursor.match(_SORTED) is None:
            raise cursor.fault(f"expected keys_sorted{cursor.found_instead()}")
        keys_sorted = True
    cursor.expect(">", "after the type of the values")
    return map_of(key, value, nullable, keys_sorted, place)


def _parse_label(cursor: Cursor, label: str, mark: str) -> Type:
    cursor.expect(label, "here")
    cursor.expect(mark, f"after {label}")
    return parse_type(cursor)


_TRUTH = re.compile(r"[01]\b|true\b|false\b", re.IGNORECASE)


def _dictionary(cursor: Cursor, place: Place) -> Type:
    values = _parse_label(cursor, "values", "=")
    indices, ordered = "int32", False
    if cursor.take(","):
        index = _parse_label(cursor, "indices", "=")
        if "int" not in index.word or index.children or index.args:
            at = index.at[1] - 1
            raise cursor.fault(
                "a dictionary's indices must be whole numbers", "Example: indices=int32", at=at
            )
        indices = index.word
        if cursor.take(","):
            cursor.expect("ordered", "here")
            cursor.expect("=", "after ordered")
            truth = cursor.match(_TRUTH)
            if truth is None:
                raise cursor.fault(f"expected 0 or 1{cursor.found_instead()}")
            ordered = truth.lower() in ("1", "true")
    cursor.expect(">", "after the dictionary")
    return Type("dictionary", (indices, ordered), inner=values, at=place)


def _extension(cursor: Cursor, place: Place) -> Type:
    cursor.skip()
    start = cursor.at
    name = cursor.match(_EXTENSION)
    if name not in extensions.PARAMETERS:
        if not name:
            raise cursor.fault(f"expected an extension's name{cursor.found_instead()}")
        near = get_close_matches(name, extensions.PARAMETERS, 1, 0.6)
        others = "Write other extensions as their storage type, with the metadata ARROW:extension:name"
        advice = f"Did you mean {near[0]}?" if near else others
        raise cursor.fault(f"unknown extension {shorten(name)}", advice, at=start)
    given: Type | None = None
    pairs: dict[str, object] = {}
    needed = [key for key in extensions.PARAMETERS[name] if key in extensions.NEEDED and name != "arrow.json"]
    if cursor.take("["):
        while not cursor.take("]"):
            if given or pairs:
                cursor.expect(",", "or ] here")
            key = _parameter(cursor, name, {*pairs, *(extensions.TYPES if given else ())})
            if key in extensions.TYPES:
                given = parse_type(cursor)
            else:
                pairs[key] = _value(cursor, key)
    for key in needed:
        if key not in pairs and not (key in extensions.TYPES and given):
            raise cursor.fault(f"{name} requires {key}")
    cursor.expect(">", "after the extension")
    stored = extensions.storage_type(name, given, pairs, place)
    ordered = tuple((key, pairs[key]) for key in extensions.PARAMETERS[name] if key in pairs)
    return Type("extension", (name, *ordered), inner=stored, at=place)


def _parameter(cursor: Cursor, name: str, used: set[str]) -> str:
    cursor.skip()
    start = cursor.at
    key = cursor.match(_TYPE_WORD)
    if key is None or key not in extensions.PARAMETERS[name]:
        takes = ", ".join(extensions.PARAMETERS[name]) or "none"
        raise cursor.fault(f"parameters of {name}: {takes}", at=start)
    if key in used:
        raise cursor.fault(f"{key} appears twice", at=start)
    cursor.expect("=", f"after {key}")
    return key


_NULL = re.compile(r"null\b")


def _value(cursor: Cursor, key: str) -> object:
    if key == "ndim":
        return cursor.take_number("the number of dimensions")
    if key in ("type_name", "vendor_name"):
        return cursor.take_string(quoting.WORD, "a name")
    cursor.expect("[", f"after {key}=")
    found: list[object] = []
    while not cursor.take("]"):
        if found:
            cursor.expect(",", "or ] here")
        if key == "dim_names":
            found.append(cursor.take_string(quoting.WORD, "the name of a dimension"))
        elif key == "uniform_shape" and cursor.match(_NULL):
            found.append(None)
        else:
            found.append(cursor.take_number("the size", 2**63 - 1))
    return tuple(found)
