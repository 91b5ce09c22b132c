"""Compare two schemas entry by entry, as rows of a comparison."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from . import schema
from .comparison import DIFFERENT, Cell, ComparisonRow, State
from .schema import SchemaError
from .schema.entries import Entries, parse_entries

T = TypeVar("T")

_NOTHING = Entries((), ())


def schema_rows(title: str, mine: object, theirs: object, left: Cell, right: Cell) -> Iterator[ComparisonRow]:
    """Yield the rows of a schema field.

    Args:
        title: The field's title.
        mine: Its value in the left config; None for no schema.
        theirs: The same in the right one.
        left: The left schema as a whole, in words.
        right: The same of the right one.
    """
    one, other = _entries(mine), _entries(theirs)
    same = (
        schema.is_same(mine, theirs) if isinstance(mine, str) and isinstance(theirs, str) else mine is theirs
    )
    whole = ComparisonRow.of(title, "Schema", left, right, same=same)
    if one is None or other is None:  # nothing to set side by side, or all of it on one side
        yield whole
    if (one is None and mine is not None) or (other is None and theirs is not None):
        return
    rows = [*_entry_rows(title, one or _NOTHING, other or _NOTHING)]
    yield from rows
    differs = any(row.verdict in DIFFERENT for row in rows)
    if one is not None and other is not None and (not rows or (not same and not differs)):
        yield whole  # no fields at all, or a difference that the entries do not show


def _entries(value: object) -> Entries | None:
    """Return a schema's entries, or None if there is no schema or it can't be read."""
    try:
        return parse_entries(value) if isinstance(value, str) else None
    except SchemaError:
        return None


def _entry_rows(subject: str, left: Entries, right: Entries) -> Iterator[ComparisonRow]:
    sides = [_numbered((entry.name, entry) for entry in side.fields) for side in (left, right)]
    common = [[name for name in side if name in sides[0] and name in sides[1]] for side in sides]
    if common[0] != common[1]:
        one, other = (Cell(", ".join(name for name, _ in names)) for names in common)
        yield ComparisonRow.of(subject, "Order", one, other)
    for key in dict.fromkeys((*sides[0], *sides[1])):
        mine, theirs = (side.get(key) for side in sides)
        one, other = (Cell(entry.type) if entry else Cell("", State.ABSENT) for entry in (mine, theirs))
        yield ComparisonRow.of(subject, key[0], one, other)
        metadata = [entry.metadata if entry else () for entry in (mine, theirs)]
        yield from _metadata_rows(subject, f"{key[0]}, ", *metadata)
    yield from _metadata_rows(subject, "", left.metadata, right.metadata)


def _metadata_rows(
    subject: str, label: str, left: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]]
) -> Iterator[ComparisonRow]:
    sides = [_numbered(pairs) for pairs in (left, right)]
    for key in dict.fromkeys((*sides[0], *sides[1])):
        one, other = (Cell(side[key]) if key in side else Cell("", State.ABSENT) for side in sides)
        yield ComparisonRow.of(subject, f"{label}metadata {key[0]}", one, other)


def _numbered(pairs: Iterable[tuple[str, T]]) -> dict[tuple[str, int], T]:
    """Return values by name; where a name repeats, by its first, second, … occurrence."""
    seen: Counter[str] = Counter()
    found: dict[tuple[str, int], T] = {}
    for name, value in pairs:
        found[name, seen[name]] = value
        seen[name] += 1
    return found
