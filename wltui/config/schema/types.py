"""A schema as plain data, between its text and pyarrow's objects."""

from __future__ import annotations

from dataclasses import dataclass, field

Path = tuple[int, ...]
"""Path of a field: its number in the schema, its number among that field's children, and so on."""
Metadata = dict[Path, dict[bytes, bytes]]
"""Metadata of each field by its path; that of the schema itself is at ``()``."""
Place = tuple[int, int]
"""Line and column in a text, both from 1."""

LISTS = ("list", "large_list", "list_view", "large_list_view", "fixed_size_list")
UNIONS = ("dense_union", "sparse_union")


@dataclass(frozen=True, slots=True)
class Type:
    """A type with pyarrow's name; ``at`` does not count for equality."""

    word: str
    """``float``, ``timestamp``, ``struct``, ``extension``: without brackets. ``date32[day]`` and ``date64[ms]``,
    which have one unit each, are exceptions."""
    args: tuple[object, ...] = ()
    """A size; a unit, of a timestamp with its zone or None; precision and scale; whether a map's keys are sorted; the
    word of a dictionary's indices and whether it is ordered; a union's type codes; an extension's name and pairs."""
    children: tuple[Item, ...] = ()
    """Numbered as in pyarrow, so a map has one: its entries."""
    inner: Type | None = None
    """A dictionary's values, an extension's storage."""
    at: Place = field(default=(1, 1), compare=False)

    def nested(self) -> tuple[Item, ...]:
        """Return the nested fields: for a dictionary those of its values, for an extension those of its storage."""
        return self.inner.nested() if self.inner else self.children


@dataclass(frozen=True, slots=True)
class Item:
    """A field. Its metadata is kept separately, by path."""

    name: str
    type: Type
    nullable: bool = True


def map_of(key: Type, value: Type, nullable: bool, keys_sorted: bool, at: Place = (1, 1)) -> Type:
    """Return a map type. Its parts have the names that pyarrow uses when it reads a map."""
    pair = Type("struct", (), (Item("key", key, False), Item("value", value, nullable)), at=at)
    return Type("map", (keys_sorted,), (Item("entries", pair, False),), at=at)
