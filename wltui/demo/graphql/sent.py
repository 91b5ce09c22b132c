"""The parts of a request beside its query: variables, arguments, fragments and directives."""

from collections.abc import Iterable, Mapping
from typing import Any

from .document import Directive, Field, Operation, Selection, Spread, Variable
from .errors import QueryError

Json = dict[str, Any]
ABSENT = object()


class Sent:
    """The fragments of a document and the variables of a request."""

    def __init__(self, fragments: Mapping[str, list[Selection]], variables: Mapping[str, object]) -> None:
        self._fragments, self._given = fragments, variables
        self._variables: dict[str, object] = {}

    def take_variables(self, operation: Operation) -> None:
        """Fill in the variables that an operation declares.

        Raises:
            QueryError: one is missing, or one was sent that it does not declare.
        """
        unexpected = [name for name in self._given if name not in operation.variables]
        if unexpected:
            raise QueryError(f"unexpected variables in variableValues: {', '.join(unexpected)}")
        for name, declared in operation.variables.items():
            if name in self._given:
                self._variables[name] = self._given[name]
            elif declared.has_default:
                self._variables[name] = declared.default
            if declared.type.endswith("!") and self._variables.get(name) is None:
                raise QueryError(f"expecting a value for non-nullable variable: '{name}'")

    def _value(self, value: object) -> object:
        """Return a value with its variables filled in; a key whose variable is absent is left out."""
        match value:
            case Variable(name):
                return self._variables.get(name, ABSENT)
            case list():
                return [None if (item := self._value(each)) is ABSENT else item for each in value]
            case dict():
                filled = {name: self._value(each) for name, each in value.items()}
                return {name: each for name, each in filled.items() if each is not ABSENT}
        return value

    def arguments(self, field: Field, known: Iterable[str], path: str) -> Json:
        """Return a field's arguments with their variables filled in.

        Raises:
            QueryError: it has one that is not known.
        """
        for name in field.arguments:
            if name not in known:
                raise QueryError(f"'{field.name}' has no argument named '{name}'", path)
        values = {name: self._value(value) for name, value in field.arguments.items()}
        return {name: value for name, value in values.items() if value is not ABSENT}

    def merge(self, selection: list[Selection]) -> dict[str, list[Field]]:
        """Return the fields by their key in the answer; one that is selected twice has both selections."""
        fields: dict[str, list[Field]] = {}
        for each in self._flatten(selection):
            fields.setdefault(each.key, []).append(each)
        return fields

    def _flatten(self, selection: list[Selection]) -> Iterable[Field]:
        for each in selection:
            if not self._is_included(each.directives):
                continue
            if isinstance(each, Field):
                yield each
            elif each.name is None:
                yield from self._flatten(each.selection)
            else:
                yield from self._flatten(self._fragment(each))

    def _fragment(self, spread: Spread) -> list[Selection]:
        if spread.name is None or spread.name not in self._fragments:
            raise QueryError(f"reference to undefined fragment '{spread.name}'")
        return self._fragments[spread.name]

    def _is_included(self, directives: list[Directive]) -> bool:
        for directive in directives:
            wanted = self._value(directive.arguments.get("if"))
            if (directive.name == "include" and wanted is False) or (
                directive.name == "skip" and wanted is True
            ):
                return False
        return True

    @staticmethod
    def children(fields: list[Field], path: str) -> list[Selection]:
        """Return the selection of an object.

        Raises:
            QueryError: nothing is.
        """
        children = [child for field in fields for child in field.selection or []]
        if not children:
            raise QueryError(f"missing selection set for '{fields[0].name}'", path)
        return children
