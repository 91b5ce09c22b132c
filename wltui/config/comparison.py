"""Result of a comparison of two versions: groups of rows with two cells and a verdict each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum

from msgspec import Struct


class State(Enum):
    """Whether a cell holds a value."""

    KNOWN = "known"
    NULL = "null"
    """Known to be empty."""
    ABSENT = "absent"
    """Only the other side has an entry of this name."""
    UNKNOWN = "unknown"
    """Not readable or not read; the text says which."""


class Cell(Struct, frozen=True):
    """One side of a row, as text. It may contain unescaped text from outside."""

    text: str
    state: State = State.KNOWN


class Verdict(Enum):
    """How the two sides of a row differ."""

    SAME = "same"
    DIFFERS = "differs"
    ADDED = "added"
    """Only the right side has it."""
    REMOVED = "removed"
    """Only the left side has it."""
    UNKNOWN = "can't be compared"
    OWN = "own"
    """Each version has one of its own, such as an id: a difference means nothing."""

    @staticmethod
    def of(left: Cell, right: Cell, same: bool | None = None) -> Verdict:
        """Return the verdict on two cells; ``same`` decides if both hold values, else their texts do."""
        if State.UNKNOWN in (left.state, right.state):
            return Verdict.UNKNOWN
        if State.ABSENT in (left.state, right.state):
            return Verdict.ADDED if left.state is State.ABSENT else Verdict.REMOVED
        return Verdict.SAME if (left == right if same is None else same) else Verdict.DIFFERS


DIFFERENT = (Verdict.DIFFERS, Verdict.ADDED, Verdict.REMOVED)


class ComparisonRow(Struct, frozen=True):
    """Two cells beside each other."""

    subject: str
    """The unit that is counted: an image's tag, a config's field, a schema."""
    label: str
    left: Cell
    right: Cell
    verdict: Verdict
    field: str = ""
    """Field of ``ModelVersion`` whose raw value both cells show; empty if there is none."""

    @classmethod
    def of(
        cls, subject: str, label: str, left: Cell, right: Cell, *, same: bool | None = None, field: str = ""
    ) -> ComparisonRow:
        """Return a row with its verdict, as :meth:`Verdict.of`."""
        return cls(subject, label, left, right, Verdict.of(left, right, same), field)


class Group(Struct, frozen=True):
    """Rows under a heading."""

    title: str
    rows: tuple[ComparisonRow, ...]


class Comparison(Struct, frozen=True):
    """All groups, in reading order."""

    groups: tuple[Group, ...]

    @property
    def rows(self) -> Iterator[ComparisonRow]:
        """Return the rows of all groups."""
        return (row for group in self.groups for row in group.rows)

    @property
    def subjects(self) -> tuple[str, ...]:
        """Return everything that is compared, without duplicates."""
        return _subjects(row for row in self.rows if row.verdict is not Verdict.OWN)

    @property
    def different(self) -> tuple[str, ...]:
        """Return the subjects in which the versions differ."""
        return _subjects(row for row in self.rows if row.verdict in DIFFERENT)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Return the subjects that can't be compared."""
        return _subjects(row for row in self.rows if row.verdict is Verdict.UNKNOWN)


def _subjects(rows: Iterable[ComparisonRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.subject for row in rows))
