"""Conditions and orders: ``where``, ``order_by`` and ``distinct_on`` as functions of a row."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cmp_to_key
from typing import Any

from .errors import QueryError, unknown_field
from .tables import Column, Source, Table

Predicate = Callable[[Any], bool | None]
"""Returns None where SQL's answer would be unknown."""
INTEGERS = {"bigint": 64, "Int": 32}
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "_eq": lambda value, other: bool(value == other),
    "_neq": lambda value, other: bool(value != other),
    "_gt": lambda value, other: bool(value > other),
    "_gte": lambda value, other: bool(value >= other),
    "_lt": lambda value, other: bool(value < other),
    "_lte": lambda value, other: bool(value <= other),
    "_like": lambda value, pattern: _like(pattern).fullmatch(value) is not None,
    "_nlike": lambda value, pattern: _like(pattern).fullmatch(value) is None,
    "_ilike": lambda value, pattern: _like(pattern, re.IGNORECASE).fullmatch(value) is not None,
    "_nilike": lambda value, pattern: _like(pattern, re.IGNORECASE).fullmatch(value) is None,
}
ORDERED = ("_gt", "_gte", "_lt", "_lte")
LIKE = ("_like", "_nlike", "_ilike", "_nilike")
TEXTS = ("String", "bpchar")
ORDERS = {
    "asc": (False, False),
    "asc_nulls_last": (False, False),
    "asc_nulls_first": (False, True),
    "desc": (True, True),
    "desc_nulls_first": (True, True),
    "desc_nulls_last": (True, False),
}
"""By word: whether it goes down, and whether nulls come first."""


def operators(type: str) -> list[str]:
    """Return the comparisons that a column of a type has."""
    names = ["_eq", "_neq", "_in", "_nin", "_is_null", *ORDERED]
    return names + list(LIKE) if type in TEXTS else names


@dataclass(frozen=True, slots=True)
class Schema:
    """The visible tables, and the source of their rows."""

    tables: Mapping[str, Table]
    source: Source


def compile_where(schema: Schema, table: Table, where: object, path: str) -> Predicate:
    """Return the condition that ``where`` states about rows of a table.

    Raises:
        QueryError: it names an unknown column, or compares it with a value of another type.
    """
    if not isinstance(where, dict):
        raise QueryError(f"expected an object for type '{table.name}_bool_exp'", path)
    parts = [_condition(schema, table, name, value, f"{path}.{name}") for name, value in where.items()]
    return _all(parts)


def _condition(schema: Schema, table: Table, name: str, value: object, path: str) -> Predicate:
    source = schema.source
    if name in ("_and", "_or"):
        items = value if isinstance(value, list) else [value]
        parts = [compile_where(schema, table, item, f"{path}[{n}]") for n, item in enumerate(items)]
        return _all(parts) if name == "_and" else _any(parts)
    if name == "_not":
        inner = compile_where(schema, table, value, path)
        return lambda row: None if (result := inner(row)) is None else not result
    if name in table.columns:
        return _compare_column(table.columns[name], value, source, path)
    if name in table.relations:
        relation = table.relations[name]
        inner = compile_where(schema, schema.tables[relation.table], value, path)
        if relation.is_list:
            return lambda row: any(inner(other) for other in relation.read(source, row))
        return lambda row: (other := relation.read(source, row)) is not None and bool(inner(other))
    raise unknown_field(name, f"{table.name}_bool_exp", path)


def _all(parts: list[Predicate]) -> Predicate:
    def holds(row: Any) -> bool | None:
        result: bool | None = True
        for part in parts:
            if (each := part(row)) is False:
                return False
            result = None if each is None else result
        return result

    return parts[0] if len(parts) == 1 else holds


def _any(parts: list[Predicate]) -> Predicate:
    def holds(row: Any) -> bool | None:
        result: bool | None = False
        for part in parts:
            if (each := part(row)) is True:
                return True
            result = None if each is None else result
        return result

    return holds


def _compare_column(column: Column, value: object, source: Source, path: str) -> Predicate:
    if not isinstance(value, dict):
        raise QueryError(f"expected an object for type '{column.type}_comparison_exp'", path)
    parts = [_comparison(column, name, other, source, f"{path}.{name}") for name, other in value.items()]
    return _all(parts)


def _comparison(column: Column, operator: str, other: object, source: Source, path: str) -> Predicate:
    type, read = column
    if operator not in operators(type):
        raise unknown_field(operator, f"{type}_comparison_exp", path)
    if operator == "_is_null":
        if not isinstance(other, bool):
            raise QueryError("expected a boolean for type 'Boolean'", path)
        return lambda row: (read(source, row) is None) is other
    if operator in ("_in", "_nin"):
        items = other if isinstance(other, list) else [other]
        wanted = [coerce(type, item, f"{path}[{n}]") for n, item in enumerate(items)]
        chosen = frozenset(wanted) if type != "jsonb" else wanted
        is_in = operator == "_in"
        return _unless_null(type, lambda row: read(source, row), lambda found: (found in chosen) is is_in)
    comparison, wanted_one = COMPARISONS[operator], coerce(type, other, path)
    return _unless_null(type, lambda row: read(source, row), lambda found: comparison(found, wanted_one))


def _unless_null(type: str, read: Callable[[Any], Any], test: Callable[[Any], bool]) -> Predicate:
    prepare = datetime.fromisoformat if type == "timestamptz" else None

    def holds(row: Any) -> bool | None:
        found = read(row)
        if found is None:
            return None
        return test(prepare(found) if prepare else found)

    return holds


def coerce(type: str, value: object, path: str) -> Any:
    """Return a value as one of a column's type.

    Raises:
        QueryError: it is of another type, or null.
    """
    if value is None:
        raise QueryError(f"unexpected null value for type '{type}'", path)
    if type in INTEGERS:
        return _whole(type, value, path)
    if type == "Boolean":
        if not isinstance(value, bool):
            raise QueryError(f"expected a boolean for type 'Boolean', but found {_kind(value)}", path)
        return value
    if type == "float8":
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise QueryError(f"expected a number for type 'float8', but found {_kind(value)}", path)
        return float(value)
    if type == "jsonb":
        return value
    if not isinstance(value, str):
        raise QueryError(f"expected a string for type '{type}', but found {_kind(value)}", path)
    if type == "timestamptz":
        return _time(value, path)
    if type == "uuid" and not re.fullmatch(r"[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}", value):
        raise QueryError(f'invalid input syntax for type uuid: "{value}"', path, "data-exception")
    return value


def _whole(type: str, value: object, path: str) -> int:
    """Return a whole number; Hasura takes one in quotes too, where the column has 64 bits."""
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) >> (INTEGERS[type] - 1):
            raise QueryError(f'value "{value}" is out of range for type {type}', path, "data-exception")
        return value
    if type == "Int":
        raise QueryError(f"expected a 32-bit integer for type 'Int', but found {_kind(value)}", path)
    if isinstance(value, str):
        if re.fullmatch(r"[+-]?\d{1,18}", value):
            return int(value)
        raise QueryError(f'invalid input syntax for type bigint: "{value}"', path, "data-exception")
    raise QueryError(f"expected a bigint, but found {_kind(value)}", path)


def _time(value: str, path: str) -> datetime:
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        message = f'invalid input syntax for type timestamp with time zone: "{value}"'
        raise QueryError(message, path, "data-exception") from None
    return time if time.tzinfo else datetime.fromisoformat(f"{time.isoformat()}+00:00")


def _kind(value: object) -> str:
    match value:
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
    return "an object"


def _like(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return SQL's pattern, in which ``%`` is any text and ``_`` any character."""
    words = {"%": ".*", "_": "."}
    text = "".join(words.get(character) or re.escape(character) for character in pattern)
    return re.compile(text, re.DOTALL | flags)


Key = tuple[Callable[[Any], Any], bool, bool]


def compile_order(schema: Schema, table: Table, order: object, path: str) -> tuple[list[str], list[Key]]:
    """Return the names and the keys of ``order_by``, the most important first.

    Raises:
        QueryError: it names an unknown column.
    """
    names: list[str] = []
    keys: list[Key] = []
    for entry in order if isinstance(order, list) else [order]:
        if not isinstance(entry, dict):
            raise QueryError(f"expected an object for type '{table.name}_order_by'", path)
        for name, value in entry.items():
            names.append(name)
            keys += _order_keys(schema, table, name, value, f"{path}.{name}")
    return names, keys


def _order_keys(schema: Schema, table: Table, name: str, value: object, path: str) -> list[Key]:
    source = schema.source
    relation = table.relations.get(name)
    if relation and not relation.is_list:
        _, inner = compile_order(schema, schema.tables[relation.table], value, path)

        def through(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
            return lambda row: None if (other := relation.read(source, row)) is None else read(other)

        return [(through(read), *rest) for read, *rest in inner]  # type: ignore[misc]
    if name not in table.columns:
        raise unknown_field(name, f"{table.name}_order_by", path)
    if value is None:
        return []
    if value not in ORDERS:
        raise QueryError(f"expected one of the values {list(ORDERS)} for type 'order_by'", path)
    read = table.columns[name].read
    return [(lambda row: read(source, row), *ORDERS[str(value)])]


def sort_rows(rows: Iterable[Any], keys: list[Key]) -> list[Any]:
    """Return the rows in order; those that are equal stay as they were."""

    def compare(first: Any, second: Any) -> int:
        for read, is_down, nulls_first in keys:
            one, other = read(first), read(second)
            if one is None or other is None:
                if one is not other:
                    return -1 if (one is None) is nulls_first else 1
            elif one != other:
                return -1 if (one < other) is not is_down else 1
        return 0

    return sorted(rows, key=cmp_to_key(compare))
