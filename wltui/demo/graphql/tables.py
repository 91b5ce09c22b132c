"""A table behind ``/v1/graphql``: its columns, its relations, and how the data's objects fill them.

A row is whichever object of the data stands for it; a column is a function of the row. So nothing is built
before it is asked for, and a change of the data shows in the next answer.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

from wltui.demo.deployments import Tag
from wltui.demo.releases import Era
from wltui.demo.world import World


@dataclass(frozen=True)
class Source:
    """The data that columns read besides their row, for one query."""

    world: World
    now: datetime
    era: Era

    @cached_property
    def model_tags(self) -> "dict[int, list[Tagged]]":
        """The rows of ``model_tag`` by the id of the version."""
        return _by_key((tag, tag.version_ids) for tag in self.world.tags.values())

    @cached_property
    def pipeline_tags(self) -> "dict[int, list[Tagged]]":
        """The rows of ``pipeline_tag`` by the id of the pipeline."""
        return _by_key((tag, tag.pipeline_ids) for tag in self.world.tags.values())


class Tagged(NamedTuple):
    """A row of ``model_tag`` or ``pipeline_tag``: the key of the tagged object."""

    id: int
    key: int
    tag: Tag


def _by_key(tags: Iterable[tuple[Tag, list[int]]]) -> dict[int, list[Tagged]]:
    found: dict[int, list[Tagged]] = {}
    for tag, keys in tags:
        for number, key in enumerate(keys):
            found.setdefault(key, []).append(Tagged(tag.id * 10_000 + number, key, tag))
    return found


class Column(NamedTuple):
    """A column: its scalar type and how to read it."""

    type: str
    read: Callable[[Source, Any], Any]


class Relation(NamedTuple):
    """A relation to another table: to many rows, or to one or none."""

    table: str
    is_list: bool
    read: Callable[[Source, Any], Any]


Reader = Callable[[Source, Any], Any]


@dataclass(slots=True)
class Table:
    """A table or view."""

    name: str
    rows: Callable[[Source], Iterable[Any]]
    columns: dict[str, Column] = field(default_factory=dict)
    relations: dict[str, Relation] = field(default_factory=dict)
    find: Callable[[Source, int], Any] | None = None
    """How ``<name>_by_pk`` finds a row; by a scan for its ``id`` if there is no shorter way."""

    @property
    def has_key(self) -> bool:
        """Whether there is a ``_by_pk`` root."""
        return "id" in self.columns


def make_table(
    name: str,
    rows: Callable[[Source], Iterable[Any]],
    plain: str,
    *,
    columns: Mapping[str, tuple[str, Reader]] | None = None,
    one: Mapping[str, tuple[str, Reader]] | None = None,
    many: Mapping[str, tuple[str, Reader]] | None = None,
    find: Callable[[Source, int], Any] | None = None,
) -> Table:
    """Return a table.

    Args:
        name: Its name.
        rows: All of its rows.
        plain: ``column:type`` of each column that is an attribute of the row.
        columns: The other columns: type, and how to read it.
        one: Relations to one row or none: the other table, and how to read it.
        many: Relations to lists, likewise.
        find: How to find a row by its key, where there is a way shorter than a scan.
    """
    table = Table(name, rows, find=find)
    for entry in plain.split():
        column, _, type = entry.partition(":")
        table.columns[column] = Column(type, _attribute(column))
    table.columns |= {column: Column(type, read) for column, (type, read) in (columns or {}).items()}
    for relation, (target, read) in (one or {}).items():
        table.relations[relation] = Relation(target, is_list=False, read=read)
    for relation, (target, read) in (many or {}).items():
        table.relations[relation] = Relation(target, is_list=True, read=read)
    return table


def _attribute(name: str) -> Reader:
    read = attrgetter(name)
    return lambda _, row: read(row)
