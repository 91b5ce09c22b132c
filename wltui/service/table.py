"""A table of records for files and commands: named and typed columns, and rows that are made one at a time."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from enum import Enum
from itertools import islice
from typing import Any, Generic, TypeVar

from msgspec import UNSET, Struct
from msgspec.structs import replace

from wltui.core.times import parse_timestamp

R = TypeVar("R")
T = TypeVar("T")

FORMAT = 1
"""Number of the format of all columns; it grows if the name, kind or meaning of one changes."""
Progress = Callable[[int], object]
"""Called with the number of rows that are written, after each piece; an error that it raises ends the writing."""


class Kind(Enum):
    """Type of a column's values, beside null and ``UNSET``."""

    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    TRUTH = "true or false"
    TIME = "time"
    """A ``datetime`` in UTC."""
    TEXTS = "list of texts"
    """A tuple of ``str``."""
    INTEGERS = "list of integers"
    """A tuple of ``int``."""
    JSON = "JSON"
    """Any JSON value."""


class Column(Struct, Generic[R], frozen=True):
    """A column: a field of one kind of record, with a name that never changes."""

    name: str
    """In English and snake_case, the same in every format."""
    kind: Kind
    title: str
    """For people, as the heading of a table."""
    doc: str
    """Its meaning in a line, for the reference."""
    read: Callable[[R], object]
    """Return the value of a record. A time may be a server's timestamp."""
    has_null: bool = False
    """Whether None means that there is none. Else it means that the value is not known."""

    def value(self, record: R) -> Any:
        """Return the value of a record: None if there is none, ``UNSET`` if that is not known."""
        value = self.read(record)
        if self.kind is Kind.TIME and isinstance(value, str):
            value = parse_timestamp(value) or UNSET
        return UNSET if value is None and not self.has_null else value


class Table(Struct, Generic[R], frozen=True):
    """Records with their columns, and facts about the whole list."""

    name: str
    """The kind of its records, in the plural: ``versions``."""
    columns: Sequence[Column[R]]
    records: Sequence[R]
    as_of: datetime
    """When the records were true, in UTC."""
    live: bool = True
    """Whether the API said so just now; False if they come from the cache."""
    missing: int = 0
    """How many records could not be read."""
    missing_reason: str = ""
    """Why the first of them could not be read, or why the list is not complete."""
    is_unfinished: bool = False
    """Whether a part of the list is not read yet, or could not be read, so that more records may be missing."""

    def __len__(self) -> int:
        return len(self.records)

    @property
    def complete(self) -> bool:
        """Return whether no record is missing."""
        return not (self.missing or self.is_unfinished)

    @property
    def head(self) -> dict[str, object]:
        """Return the facts about the whole list: the envelope of its JSON, without the items."""
        head: dict[str, object] = {
            "format": FORMAT,
            "kind": self.name,
            "as_of": self.as_of,
            "live": self.live,
            "complete": self.complete,
        }
        if not self.complete:
            head["missing"] = self.missing
            head["missing_reason"] = self.missing_reason
        return head

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return tuple(column.name for column in self.columns)

    def row(self, record: R) -> tuple[Any, ...]:
        """Return the values of a record in the order of the columns."""
        return tuple(column.value(record) for column in self.columns)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the values of each record."""
        return map(self.row, self.records)

    def item(self, record: R) -> dict[str, Any]:
        """Return the values of a record by name, without those that are not known."""
        pairs = ((column.name, column.value(record)) for column in self.columns)
        return {name: value for name, value in pairs if value is not UNSET}

    def items(self) -> Iterator[dict[str, Any]]:
        """Yield the known values of each record by name."""
        return map(self.item, self.records)

    def with_columns(self, names: Collection[str]) -> "Table[R]":
        """Return the table with these columns only, in this order.

        Raises:
            KeyError: there is no column of that name.
        """
        by_name = {column.name: column for column in self.columns}
        return replace(self, columns=tuple(by_name[name] for name in names))

    def with_records(self, records: Sequence[R]) -> "Table[R]":
        """Return the table with these records, such as those that match a filter."""
        return replace(self, records=records)


def in_pieces(items: Iterator[T], size: int) -> Iterator[list[T]]:
    """Yield lists of at most so many items."""
    while piece := list(islice(items, size)):
        yield piece
