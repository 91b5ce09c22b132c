"""The schema as ``__schema`` and ``__type`` describe it: built from the tables that are visible."""

from collections.abc import Iterable, Mapping
from typing import Any

from .filters import ORDERS, operators
from .tables import Table

Json = dict[str, Any]
SEARCHES = {"search_models": "model", "search_pipelines": "pipeline_version"}
BUILT_IN = ("String", "Int", "Boolean", "Float")


def build_schema(tables: Mapping[str, Table]) -> Json:
    """Return the whole schema."""
    types = _types(tables)
    return {
        "queryType": {"name": "query_root"},
        "mutationType": None,
        "subscriptionType": None,
        "types": list(types.values()),
        "directives": [],
    }


def find_type(tables: Mapping[str, Table], name: str) -> Json | None:
    """Return one type, or None if there is none of that name."""
    return _types(tables).get(name)


def _types(tables: Mapping[str, Table]) -> dict[str, Json]:
    scalars = {column.type for table in tables.values() for column in table.columns.values()}
    types = [_scalar(name) for name in sorted(scalars | set(BUILT_IN))]
    types += [_input(f"{name}_comparison_exp", _comparisons(name)) for name in sorted(scalars)]
    types.append(_enum("order_by", ORDERS))
    roots: list[Json] = []
    for table in tables.values():
        types += _table_types(tables, table)
        roots += _roots(table)
    for name, target in SEARCHES.items():
        if target in tables:
            arguments = [_argument("args", _named("SCALAR", "search_args")), *_row_arguments(target)]
            roots.append(_field(name, _list(_named("OBJECT", target)), arguments))
    types += [_scalar("search_args"), _object("query_root", roots)]
    return {each["name"]: each for each in types}


def _table_types(tables: Mapping[str, Table], table: Table) -> Iterable[Json]:
    name = table.name
    fields = [
        _field(
            column,
            _named("SCALAR", type),
            [_argument("path", _named("SCALAR", "String"))] if type == "jsonb" else [],
        )
        for column, (type, _) in table.columns.items()
    ]
    conditions = {column: f"{type}_comparison_exp" for column, (type, _) in table.columns.items()}
    orders: dict[str, Json] = {column: _named("ENUM", "order_by") for column in table.columns}
    for relation, (target, is_list, _) in table.relations.items():
        of = _named("OBJECT", target)
        fields.append(
            _field(relation, _list(of) if is_list else of, _row_arguments(target) if is_list else [])
        )
        conditions[relation] = f"{target}_bool_exp"
        if is_list:
            aggregate = _named("OBJECT", f"{target}_aggregate")
            fields.append(_field(f"{relation}_aggregate", aggregate, _row_arguments(target)))
        else:
            orders[relation] = _named("INPUT_OBJECT", f"{target}_order_by")
    inputs = {key: _named("INPUT_OBJECT", type) for key, type in conditions.items()}
    itself = _named("INPUT_OBJECT", f"{name}_bool_exp")
    logic = {"_and": _list(itself), "_or": _list(itself), "_not": itself}
    yield _object(name, fields)
    yield _input(f"{name}_bool_exp", inputs | logic)
    yield _input(f"{name}_order_by", orders)
    yield _enum(f"{name}_select_column", table.columns)
    yield from _aggregate_types(table)


def _aggregate_types(table: Table) -> Iterable[Json]:
    name = table.name
    column = _list(_named("ENUM", f"{name}_select_column"))
    count = [_argument("columns", column), _argument("distinct", _named("SCALAR", "Boolean"))]
    figures = [_field("count", _named("SCALAR", "Int"), count)]
    figures += [
        _field(each, _named("OBJECT", f"{name}_figures"), []) for each in ("max", "min", "sum", "avg")
    ]
    yield _object(
        f"{name}_aggregate",
        [
            _field("aggregate", _named("OBJECT", f"{name}_aggregate_fields"), []),
            _field("nodes", _list(_named("OBJECT", name)), []),
        ],
    )
    yield _object(f"{name}_aggregate_fields", figures)
    yield _object(
        f"{name}_figures",
        [_field(column, _named("SCALAR", type), []) for column, (type, _) in table.columns.items()],
    )


def _roots(table: Table) -> Iterable[Json]:
    of = _named("OBJECT", table.name)
    yield _field(table.name, _list(of), _row_arguments(table.name))
    yield _field(
        f"{table.name}_aggregate", _named("OBJECT", f"{table.name}_aggregate"), _row_arguments(table.name)
    )
    if table.has_key:
        key = {"kind": "NON_NULL", "name": None, "ofType": _named("SCALAR", "bigint")}
        yield _field(f"{table.name}_by_pk", of, [_argument("id", key)])


def _row_arguments(table: str) -> list[Json]:
    return [
        _argument("where", _named("INPUT_OBJECT", f"{table}_bool_exp")),
        _argument("order_by", _list(_named("INPUT_OBJECT", f"{table}_order_by"))),
        _argument("limit", _named("SCALAR", "Int")),
        _argument("offset", _named("SCALAR", "Int")),
        _argument("distinct_on", _list(_named("ENUM", f"{table}_select_column"))),
    ]


def _comparisons(type: str) -> dict[str, Json]:
    one = _named("SCALAR", type)
    special = {"_in": _list(one), "_nin": _list(one), "_is_null": _named("SCALAR", "Boolean")}
    return {operator: special.get(operator, one) for operator in operators(type)}


def _named(kind: str, name: str) -> Json:
    return {"kind": kind, "name": name, "ofType": None}


def _list(of: Json) -> Json:
    return {"kind": "LIST", "name": None, "ofType": {"kind": "NON_NULL", "name": None, "ofType": of}}


def _argument(name: str, type: Json) -> Json:
    return {"name": name, "description": None, "type": type, "defaultValue": None}


def _field(name: str, type: Json, arguments: list[Json]) -> Json:
    return {
        "name": name,
        "description": None,
        "args": arguments,
        "type": type,
        "isDeprecated": False,
        "deprecationReason": None,
    }


def _type(kind: str, name: str, **parts: Any) -> Json:
    empty = dict.fromkeys(
        ("description", "fields", "inputFields", "interfaces", "enumValues", "possibleTypes")
    )
    return {"kind": kind, "name": name, **empty, **parts}


def _scalar(name: str) -> Json:
    return _type("SCALAR", name)


def _object(name: str, fields: list[Json]) -> Json:
    return _type("OBJECT", name, fields=fields, interfaces=[])


def _input(name: str, fields: dict[str, Json]) -> Json:
    return _type("INPUT_OBJECT", name, inputFields=[_argument(key, type) for key, type in fields.items()])


def _enum(name: str, values: Iterable[str]) -> Json:
    entries = [
        {"name": value, "description": None, "isDeprecated": False, "deprecationReason": None}
        for value in values
    ]
    return _type("ENUM", name, enumValues=entries)
