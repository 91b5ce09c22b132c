"""Run a parsed query: check all of it against the tables, then read the rows."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .document import Document, Field, Operation, Selection
from .errors import QueryError, unknown_field
from .filters import Schema, coerce, compile_order, compile_where, sort_rows
from .introspection import build_schema, find_type
from .sent import Sent
from .tables import Relation, Source, Table

Json = dict[str, Any]
Reader = Callable[[Any], Any]
ROWS_ARGUMENTS = ("where", "order_by", "limit", "offset", "distinct_on")
SEARCHES = {"search_models": "model", "search_pipelines": "pipeline_version"}
"""Functions of the database, and the table whose rows they return."""


class Execution:
    """One operation, with its variables."""

    def __init__(
        self, tables: Mapping[str, Table], source: Source, document: Document, variables: Mapping[str, object]
    ) -> None:
        self._tables, self._source = tables, source
        self._schema = Schema(tables, source)
        self._sent = Sent(document.fragments, variables)

    def run(self, operation: Operation) -> Json:
        """Return the answer's data.

        Raises:
            QueryError: the query is refused.
        """
        if operation.kind == "mutation":
            raise QueryError("no mutations exist")
        if operation.kind == "subscription":
            raise QueryError(
                "subscriptions are not supported over HTTP, use websockets instead", "$", "unexpected"
            )
        self._sent.take_variables(operation)
        fields = self._sent.merge(operation.selection)
        plans = {key: self._root(each, f"$.selectionSet.{each[0].name}") for key, each in fields.items()}
        return {key: plan() for key, plan in plans.items()}

    def _root(self, fields: list[Field], path: str) -> Callable[[], Any]:
        field = fields[0]
        name = field.name
        if name == "__typename":
            return lambda: "query_root"
        if name == "__schema":
            return lambda: self._project(build_schema(self._tables), self._sent.children(fields, path))
        if name == "__type":
            wanted = self._sent.arguments(field, ("name",), path).get("name")
            found = find_type(self._tables, str(wanted))
            return lambda: found and self._project(found, self._sent.children(fields, path))
        if name in self._tables:
            table = self._tables[name]
            return self._list(table, fields, lambda: table.rows(self._source), path)
        if name in SEARCHES and SEARCHES[name] in self._tables:
            return self._search(self._tables[SEARCHES[name]], fields, path)
        table_name, _, kind = name.rpartition("_by_pk") if name.endswith("_by_pk") else name.rpartition("_")
        if table_name not in self._tables:
            raise unknown_field(name, "query_root", path)
        table = self._tables[table_name]
        if name.endswith("_by_pk") and table.has_key:
            return self._by_key(table, fields, path)
        if kind == "aggregate":
            return self._aggregate(table, fields, lambda: table.rows(self._source), path)
        raise unknown_field(name, "query_root", path)

    def _by_key(self, table: Table, fields: list[Field], path: str) -> Callable[[], Any]:
        arguments = self._sent.arguments(fields[0], ("id",), path)
        if "id" not in arguments:
            raise QueryError("missing required field 'id'", f"{path}.args.id", "validation-failed")
        key = coerce("bigint", arguments["id"], f"{path}.args.id")
        read = self._object(table, self._sent.children(fields, path), path)
        source, identity = self._source, table.columns["id"].read

        def find() -> Any:
            if table.find:
                return table.find(source, key)
            return next((row for row in table.rows(source) if identity(source, row) == key), None)

        return lambda: None if (row := find()) is None else read(row)

    def _search(self, table: Table, fields: list[Field], path: str) -> Callable[[], Any]:
        """Return a search: rows whose name, file, hash, version or tags hold the words."""
        arguments = self._sent.arguments(fields[0], ("args", *ROWS_ARGUMENTS), path)
        words = str(arguments.get("args", {}).get("search", "")).lower()

        def rows() -> Iterable[Any]:
            return (row for row in table.rows(self._source) if words in self._searched(table, row))

        return self._list(table, fields, rows, path, ("args",))

    def _searched(self, table: Table, row: Any) -> str:
        world = self._source.world
        if table.name == "model":
            tags = [tag.text for tag in world.tags.values() if row.id in tag.version_ids]
            texts = [world.models[row.model_id].name, row.sha, row.uuid, row.file_name, *tags]
        else:
            pipeline = world.pipelines[row.pipeline_id]
            tags = [tag.text for tag in world.tags.values() if pipeline.id in tag.pipeline_ids]
            texts = [pipeline.name, row.uuid, *tags]
        return "\n".join(texts).lower()

    def _object(self, table: Table, selection: list[Selection], path: str) -> Reader:
        plan = {
            key: self._field(table, fields, f"{path}.selectionSet.{fields[0].name}")
            for key, fields in self._sent.merge(selection).items()
        }
        return lambda row: {key: read(row) for key, read in plan.items()}

    def _field(self, table: Table, fields: list[Field], path: str) -> Reader:
        field = fields[0]
        if field.name == "__typename":
            return lambda _: table.name
        if field.name in table.columns:
            return self._column(table, field, path)
        if field.name in table.relations:
            return self._related(table.relations[field.name], fields, path)
        name = field.name.removesuffix("_aggregate")
        if name != field.name and (relation := table.relations.get(name)) and relation.is_list:
            other, source = self._tables[relation.table], self._source
            return self._later(
                lambda rows: self._aggregate(other, fields, rows, path),
                lambda row: relation.read(source, row),
            )
        raise unknown_field(field.name, table.name, path)

    def _column(self, table: Table, field: Field, path: str) -> Reader:
        type, read = table.columns[field.name]
        if field.selection:
            raise QueryError(f"unexpected subselection set for non-object field '{field.name}'", path)
        arguments = self._sent.arguments(field, ("path",) if type == "jsonb" else (), path)
        source, steps = self._source, str(arguments.get("path") or "").strip("$.")
        if not steps:
            return lambda row: read(source, row)
        return lambda row: _descend(read(source, row), steps.split("."))

    def _related(self, relation: Relation, fields: list[Field], path: str) -> Reader:
        other, source = self._tables[relation.table], self._source
        if relation.is_list:
            return self._later(
                lambda rows: self._list(other, fields, rows, path), lambda row: relation.read(source, row)
            )
        self._sent.arguments(fields[0], (), path)
        read = self._object(other, self._sent.children(fields, path), path)
        return lambda row: None if (found := relation.read(source, row)) is None else read(found)

    @staticmethod
    def _later(
        plan: Callable[[Callable[[], Iterable[Any]]], Callable[[], Any]],
        rows: Callable[[Any], Iterable[Any]],
    ) -> Reader:
        """Return a reader whose plan is checked now and reads the rows of each row later."""
        current: list[Any] = [None]
        run = plan(lambda: rows(current[0]))

        def read(row: Any) -> Any:
            before, current[0] = current[0], row
            try:
                return run()
            finally:
                current[0] = before

        return read

    def _list(
        self,
        table: Table,
        fields: list[Field],
        rows: Callable[[], Iterable[Any]],
        path: str,
        more: tuple[str, ...] = (),
    ) -> Callable[[], Any]:
        select = self._selected(table, fields[0], rows, path, more)
        read = self._object(table, self._sent.children(fields, path), path)
        return lambda: [read(row) for row in select()]

    def _selected(
        self,
        table: Table,
        field: Field,
        rows: Callable[[], Iterable[Any]],
        path: str,
        more: tuple[str, ...] = (),
    ) -> Callable[[], list[Any]]:
        """Return the rows that the arguments of a list choose, in their order."""
        arguments, source = self._sent.arguments(field, (*ROWS_ARGUMENTS, *more), path), self._source
        at = f"{path}.args"
        where = None
        if arguments.get("where") is not None:
            where = compile_where(self._schema, table, arguments["where"], f"{at}.where")
        order = arguments.get("order_by") or []
        names, keys = compile_order(self._schema, table, order, f"{at}.order_by")
        distinct = self._distinct(table, arguments.get("distinct_on"), names, f"{at}.distinct_on")
        limit, offset = (self._amount(arguments, name, at) for name in ("limit", "offset"))

        def select() -> list[Any]:
            found = rows() if where is None else (row for row in rows() if where(row))
            listed = sort_rows(found, keys) if keys else list(found)
            if distinct:
                seen: dict[tuple[Any, ...], Any] = {}
                for row in listed:
                    seen.setdefault(tuple(read(source, row) for read in distinct), row)
                listed = list(seen.values())
            start = offset or 0
            return listed[start:] if limit is None else listed[start : start + limit]

        return select

    def _amount(self, arguments: Json, name: str, path: str) -> int | None:
        if arguments.get(name) is None:
            return None
        number: int = coerce("Int", arguments[name], f"{path}.{name}")
        if number < 0:
            raise QueryError("unexpected negative value", f"{path}.{name}")
        return number

    @staticmethod
    def _distinct(table: Table, value: object, ordered: list[str], path: str) -> list[Callable[..., Any]]:
        columns = (
            [] if value is None else [str(each) for each in (value if isinstance(value, list) else [value])]
        )
        for name in columns:
            if name not in table.columns:
                raise QueryError(
                    f"expected one of the values {list(table.columns)} for type '{table.name}_select_column', "
                    f"but found '{name}'",
                    path,
                )
        if columns and ordered and set(ordered[: len(columns)]) != set(columns):
            raise QueryError('"distinct_on" columns must match initial "order_by" columns', path)
        return [table.columns[name].read for name in columns]

    def _aggregate(
        self, table: Table, fields: list[Field], rows: Callable[[], Iterable[Any]], path: str
    ) -> Callable[[], Any]:
        select = self._selected(table, fields[0], rows, path)
        plan: dict[str, Callable[[list[Any]], Any]] = {}
        for key, each in self._sent.merge(self._sent.children(fields, path)).items():
            at = f"{path}.selectionSet.{each[0].name}"
            children = self._sent.children(each, at)
            if each[0].name == "nodes":
                read = self._object(table, children, at)
                plan[key] = lambda found, read=read: [read(row) for row in found]  # type: ignore[misc]
            elif each[0].name == "aggregate":
                plan[key] = self._figures(table, children, at)
            else:
                raise unknown_field(each[0].name, f"{table.name}_aggregate", at)

        def answer() -> Json:
            found = select()
            return {key: read(found) for key, read in plan.items()}

        return answer

    def _figures(self, table: Table, selection: list[Selection], path: str) -> Callable[[list[Any]], Any]:
        plan: dict[str, Callable[[list[Any]], Any]] = {}
        for key, fields in self._sent.merge(selection).items():
            name, at = fields[0].name, f"{path}.selectionSet.{fields[0].name}"
            if name == "count":
                self._sent.arguments(fields[0], ("columns", "distinct"), at)
                plan[key] = len
                continue
            if name not in FIGURES:
                raise unknown_field(name, f"{table.name}_aggregate_fields", at)
            columns = {}
            for child, (field, *_) in self._sent.merge(self._sent.children(fields, at)).items():
                if field.name not in table.columns:
                    raise unknown_field(field.name, f"{table.name}_{name}_fields", f"{at}.selectionSet")
                columns[child] = table.columns[field.name].read
            plan[key] = self._figure(FIGURES[name], columns)
        return lambda rows: {key: read(rows) for key, read in plan.items()}

    def _figure(
        self, figure: Callable[[list[Any]], Any], columns: dict[str, Callable[..., Any]]
    ) -> Callable[[list[Any]], Any]:
        source = self._source

        def values(read: Callable[..., Any], rows: list[Any]) -> Any:
            found = [value for row in rows if (value := read(source, row)) is not None]
            return figure(found) if found else None

        return lambda rows: {key: values(read, rows) for key, read in columns.items()}

    def _project(self, value: Any, selection: list[Selection]) -> Any:
        """Return the selected part of the schema's description, which is plain data."""
        if isinstance(value, list):
            return [self._project(each, selection) for each in value]
        if not isinstance(value, dict):
            return value
        return {
            key: self._project(value.get(fields[0].name), [c for f in fields for c in f.selection or []])
            for key, fields in self._sent.merge(selection).items()
        }


FIGURES: dict[str, Callable[[list[Any]], Any]] = {
    "max": max,
    "min": min,
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
}


def _descend(value: Any, steps: list[str]) -> Any:
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value
