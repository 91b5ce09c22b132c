"""Where two versions differ: field by field, their images part by part, their schemas entry by entry.

What is not known of one side is never taken for equal, nor for null: such rows can't be compared, and say why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from wltui.config.schema.entries import Entries, entries
from wltui.core.images import ImagePath
from wltui.core.records import UNSET, ModelConfig, ModelVersion

from . import schema
from .detail import VersionDetail, empty_row
from .edit import equal
from .fields import FIELDS, FieldSpec, Kind
from .schema import SchemaError
from .syntax import json_text

T = TypeVar("T")

Known = VersionDetail | ModelVersion
"""What is known of a side; of a version alone, as a list tells it, no config is known."""


class State(Enum):
    """What a cell is."""

    TOLD = "told"
    NULL = "null"
    """Nothing is there, and that is known."""
    ABSENT = "absent"
    """The other side has an entry, this one has none of that name."""
    UNKNOWN = "unknown"
    """Not readable or not read; the text says which."""


class Cell(Struct, frozen=True):
    """One side of a row, in words. What came from outside is in them as it came."""

    text: str
    state: State = State.TOLD


class Verdict(Enum):
    """How the two sides of a row are to each other."""

    SAME = "same"
    DIFFERS = "differs"
    ADDED = "added"
    """Only the right side has it."""
    REMOVED = "removed"
    """Only the left side has it."""
    UNKNOWN = "can't be compared"
    OWN = "own"
    """Each version has one of its own, such as an id, so that it says nothing that they differ."""


DIFFERENT = (Verdict.DIFFERS, Verdict.ADDED, Verdict.REMOVED)


class ComparisonRow(Struct, frozen=True):
    """Two cells beside each other."""

    subject: str
    """What is counted as one thing: an image's tag, a config's field, a schema."""
    label: str
    left: Cell
    right: Cell
    verdict: Verdict
    field: str = ""
    """The field of ``ModelVersion`` whose value both cells are as it came."""


class Group(Struct, frozen=True):
    """Rows under a heading."""

    title: str
    rows: tuple[ComparisonRow, ...]


class Comparison(Struct, frozen=True):
    """All groups, in the order in which they are read."""

    groups: tuple[Group, ...]

    @property
    def rows(self) -> Iterator[ComparisonRow]:
        """The rows of all groups."""
        return (row for group in self.groups for row in group.rows)

    @property
    def subjects(self) -> tuple[str, ...]:
        """Everything that is compared, once each."""
        return _once(row for row in self.rows if row.verdict is not Verdict.OWN)

    @property
    def different(self) -> tuple[str, ...]:
        """The subjects in which the two differ."""
        return _once(row for row in self.rows if row.verdict in DIFFERENT)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The subjects that can't be compared."""
        return _once(row for row in self.rows if row.verdict is Verdict.UNKNOWN)


def compare(left: Known, right: Known) -> Comparison:
    """Both sides, row by row. Slow the first time where there are schemas, as ``schema`` explains."""
    one, other = _Side.of(left), _Side.of(right)
    groups = [
        Group("Status", tuple(_fields(one, other, _STATUS))),
        Group("Image", tuple(_image(one, other))),
        Group("Runs on", tuple(_fields(one, other, _BUILD))),
        Group("Config", tuple(_config(one, other))),
        *(Group(spec.title, tuple(_values(spec, one, other))) for spec in FIELDS if spec.key in _SCHEMAS),
        Group("File", tuple(_fields(one, other, _FILE))),
        Group("Identity", tuple(_fields(one, other, _IDENTITY))),
    ]
    return Comparison(tuple(groups))


_SCHEMAS = ("input_schema", "output_schema")
_STATUS = {
    "status": "Status",
    "error_summary": "Reason",
    "deployed": "Deployed",
    "created_at": "Created",
}
_BUILD = {
    "arch": "Architecture",
    "accel": "Acceleration",
    "framework": "Framework",
    "python_version": "Python",
    "requirements": "Requirements",
}
_FILE = {"file_name": "File name", "sha": "SHA-256", "size": "Size"}
_IDENTITY = {
    "id": "Version id",
    "uuid": "UUID",
    "model_name": "Model",
    "model_id": "Model id",
    "workspace_id": "Workspace",
    "owner_id": "Owner",
    "visibility": "Visibility",
    "created_by": "Created by",
    "created_on_version": "On release",
    "task_id": "Task",
}
_OWN = ("id", "uuid", "created_at", "task_id")
_NULLS = {"error_summary": "none", "image_path": "none", "requirements": "none"}
"""Where nothing told means that there is nothing."""
_OTHERS = {"queue_depth": "Queue depth", "sidekick_uri": "Sidekick URI"}
"""Fields of a config that no request sets."""


class _Side(Struct, frozen=True):
    version: ModelVersion
    config: ModelConfig | None
    """What every field of is told where the version has no config, too; None: not read."""
    first: ModelConfig | None
    whole: bool
    """Whether nothing told means nothing there."""

    @classmethod
    def of(cls, known: Known) -> _Side:
        if isinstance(known, ModelVersion):
            return cls(known, None, known.config, False)
        version = known.version
        return cls(version, known.config or empty_row(version.id), version.config, known.complete)

    def field(self, name: str) -> Cell:
        value = getattr(self.version, name)
        if value is None or value in ("", ()):
            if null := _NULLS.get(name):
                return Cell(null, State.NULL)
            return Cell("nothing told", State.NULL if self.whole else State.UNKNOWN)
        if isinstance(value, bool):
            return Cell("yes" if value else "no")
        return Cell(", ".join(value) if isinstance(value, tuple) else str(value))

    def setting(self, name: str) -> object:
        """A field of the config as far as it is known."""
        return getattr(self.config, name) if self.config else UNSET

    def words(self, spec: FieldSpec, value: object) -> Cell:
        if value is UNSET:
            return self.unread
        return Cell(spec.describe(value), State.NULL if value is None else State.TOLD)

    @property
    def unread(self) -> Cell:
        """In place of what is not known of the config."""
        return Cell("not readable" if self.config else "not read", State.UNKNOWN)


def _verdict(left: Cell, right: Cell, same: bool | None = None) -> Verdict:
    if State.UNKNOWN in (left.state, right.state):
        return Verdict.UNKNOWN
    if State.ABSENT in (left.state, right.state):
        return Verdict.ADDED if left.state is State.ABSENT else Verdict.REMOVED
    return Verdict.SAME if (left == right if same is None else same) else Verdict.DIFFERS


def _row(
    subject: str, label: str, left: Cell, right: Cell, *, same: bool | None = None, field: str = ""
) -> ComparisonRow:
    return ComparisonRow(subject, label, left, right, _verdict(left, right, same), field)


def _own(row: ComparisonRow) -> ComparisonRow:
    return replace(row, verdict=Verdict.OWN) if row.verdict in DIFFERENT else row


# The version


def _fields(one: _Side, other: _Side, titles: Mapping[str, str]) -> Iterator[ComparisonRow]:
    for name, title in titles.items():
        row = _row(title, title, one.field(name), other.field(name), field=name)
        yield _own(row) if name in _OWN else row


def _image(one: _Side, other: _Side) -> Iterator[ComparisonRow]:
    left, right = (side.version.image_path for side in (one, other))
    if not left or not right:
        yield _row("Image", "Path", one.field("image_path"), other.field("image_path"))
        return
    for part, mine, theirs in zip(_PARTS, _image_parts(left), _image_parts(right), strict=True):
        yield _row(f"Image {part.lower()}", part, mine, theirs)


_PARTS = ("Registry", "Repository", "Name", "Tag", "Digest")


def _image_parts(path: str) -> Iterator[Cell]:
    image = ImagePath.parse(path)
    for part in (
        image.registry,
        image.repository,
        image.name,
        image.tag.removeprefix(":"),
        image.digest.removeprefix("@"),
    ):
        yield Cell(part) if part else Cell("none", State.NULL)


# The config


def _config(one: _Side, other: _Side) -> Iterator[ComparisonRow]:
    yield _own(_row("Config", "Config id", _number(one.config, one), _number(other.config, other)))
    yield _own(_row("First config", "Came with upload", _number(one.first), _number(other.first)))
    yield from _told(one, other, "runtime", "Runtime")
    for spec in FIELDS:
        if spec.key not in _SCHEMAS:
            yield from _values(spec, one, other)
    for name, title in _OTHERS.items():
        yield from _told(one, other, name, title)


def _number(config: ModelConfig | None, side: _Side | None = None) -> Cell:
    if config is None and side is not None:
        return side.unread
    return Cell(str(config.id)) if config and config.id else Cell("none yet", State.NULL)


def _told(one: _Side, other: _Side, name: str, title: str) -> Iterator[ComparisonRow]:
    """A field of the config that no request sets."""
    spec = FieldSpec(key=name, title=title, null="none", kind=Kind.LINE, words=str)
    yield from _values(spec, one, other)


def _values(spec: FieldSpec, one: _Side, other: _Side) -> Iterator[ComparisonRow]:
    """The rows of a field: one, or one for each part of what it holds where both are known."""
    mine, theirs = one.setting(spec.key), other.setting(spec.key)
    known = mine is not UNSET and theirs is not UNSET
    if spec.key in _SCHEMAS and known and not (mine is None and theirs is None):
        yield from _schema(spec, one, other, mine, theirs)
    elif known and (isinstance(mine, Mapping) or isinstance(theirs, Mapping)):
        yield from _object(spec, mine, theirs)
    else:
        yield _row(
            spec.title,
            spec.title,
            one.words(spec, mine),
            other.words(spec, theirs),
            same=equal(mine, theirs),
        )


def _object(spec: FieldSpec, mine: object, theirs: object) -> Iterator[ComparisonRow]:
    """Whether an object is there, and what is in it, key by key."""
    titles: dict[tuple[str, ...], str] = {(part.key,): part.title for part in spec.parts}

    def switch(value: object) -> Cell:
        if value is None:
            return Cell(spec.null, State.NULL)
        return Cell("on" if isinstance(value, Mapping) else json_text.write(value))

    yield _row(spec.title, spec.title, switch(mine), switch(theirs))
    left, right = _leaves(mine), _leaves(theirs)
    for path in dict.fromkeys((*left, *right)):
        yield _row(
            spec.title,
            "  " + (titles.get(path) or ".".join(path)),
            _leaf(left, path),
            _leaf(right, path),
            same=equal(left.get(path), right.get(path)),
        )


def _leaf(leaves: Mapping[tuple[str, ...], object], path: tuple[str, ...]) -> Cell:
    return Cell(json_text.write(leaves[path])) if path in leaves else Cell("", State.ABSENT)


def _leaves(value: object) -> dict[tuple[str, ...], object]:
    """What stands at each path of nested objects; lists, and objects without keys, are values."""
    found: dict[tuple[str, ...], object] = {}
    open_: list[tuple[tuple[str, ...], object]] = [((), value)]
    while open_:  # no recursion, as a server may nest as deep as it likes
        path, item = open_.pop()
        if isinstance(item, Mapping) and (item or not path):
            open_ += reversed([((*path, str(key)), below) for key, below in item.items()])
        elif path:
            found[path] = item
    return found


# The schemas


def _schema(
    spec: FieldSpec, one: _Side, other: _Side, mine: object, theirs: object
) -> Iterator[ComparisonRow]:
    left, right = _entries(mine), _entries(theirs)
    same = schema.same(mine, theirs) if isinstance(mine, str) and isinstance(theirs, str) else mine is theirs
    whole = _row(spec.title, "Schema", one.words(spec, mine), other.words(spec, theirs), same=same)
    if left is None or right is None:  # nothing to set side by side, or all of it on one side
        yield whole
    if (left is None and mine is not None) or (right is None and theirs is not None):
        return
    rows = [*_entry_rows(spec.title, left or _NOTHING, right or _NOTHING)]
    yield from rows
    if left is not None and right is not None and (not rows or (not same and not _differs(rows))):
        yield whole  # no fields at all, or a difference that the entries do not tell


_NOTHING = Entries((), ())


def _entries(value: object) -> Entries | None:
    try:
        return entries(value) if isinstance(value, str) else None
    except SchemaError:
        return None


def _differs(rows: Iterable[ComparisonRow]) -> bool:
    return any(row.verdict in DIFFERENT for row in rows)


def _entry_rows(subject: str, left: Entries, right: Entries) -> Iterator[ComparisonRow]:
    sides = [_numbered((entry.name, entry) for entry in side.fields) for side in (left, right)]
    common = [[name for name in side if name in sides[0] and name in sides[1]] for side in sides]
    if common[0] != common[1]:
        yield _row(subject, "Order", *(Cell(", ".join(name for name, _ in names)) for names in common))
    for key in dict.fromkeys((*sides[0], *sides[1])):
        mine, theirs = (side.get(key) for side in sides)
        yield _row(subject, key[0], *(Cell(e.type) if e else Cell("", State.ABSENT) for e in (mine, theirs)))
        yield from _pairs(
            subject, f"{key[0]}, ", mine.metadata if mine else (), theirs.metadata if theirs else ()
        )
    yield from _pairs(subject, "", left.metadata, right.metadata)


def _pairs(
    subject: str, label: str, left: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]]
) -> Iterator[ComparisonRow]:
    sides = [_numbered(pairs) for pairs in (left, right)]
    for key in dict.fromkeys((*sides[0], *sides[1])):
        cells = (Cell(side[key]) if key in side else Cell("", State.ABSENT) for side in sides)
        yield _row(subject, f"{label}metadata {key[0]}", *cells)


def _numbered(pairs: Iterable[tuple[str, T]]) -> dict[tuple[str, int], T]:
    """By name, and where names repeat by which of them it is."""
    seen: Counter[str] = Counter()
    found: dict[tuple[str, int], T] = {}
    for name, value in pairs:
        found[name, seen[name]] = value
        seen[name] += 1
    return found


def _once(rows: Iterable[ComparisonRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.subject for row in rows))
