"""How Hasura refuses a query: HTTP 200 and a list of errors."""

from typing import Any


class QueryError(Exception):
    """A query is refused, with the words, the code and the path that Hasura gives."""

    def __init__(self, message: str, path: str = "$", code: str = "validation-failed") -> None:
        super().__init__(message)
        self.message, self.path, self.code = message, path, code

    def answer(self) -> dict[str, Any]:
        """Return the answer's body."""
        extensions = {"path": self.path, "code": self.code}
        return {"errors": [{"message": self.message, "extensions": extensions}]}


def unknown_field(name: str, type: str, path: str) -> QueryError:
    """Return the refusal of a column, a relation or a root that the schema does not have."""
    return QueryError(f"field '{name}' not found in type: '{type}'", path)
