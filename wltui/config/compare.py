"""Compare two versions: field by field, their images part by part, their schemas entry by entry.

If a value is unknown on one side, it counts neither as equal nor as null: the row can't be compared, and says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from wltui.core.diagnosis import diagnose
from wltui.core.images import ImagePath
from wltui.core.records import UNSET, ModelConfig, ModelVersion

from .comparison import DIFFERENT, Cell, Comparison, ComparisonRow, Group, State, Verdict
from .detail import VersionDetail, empty_row
from .edit import is_equal_json
from .fields import FIELDS, FieldSpec, Kind
from .schema_rows import schema_rows
from .syntax import json_text
from .version_fields import GROUPS

Known = VersionDetail | ModelVersion
"""One side of a comparison. A version alone, as lists contain it, has no known config."""


def compare(left: Known, right: Known) -> Comparison:
    """Compare two versions and return the rows in groups.

    Slow the first time if there are schemas, as :mod:`wltui.config.schema` explains: call it in a thread.
    """
    one, other = _Side.of(left), _Side.of(right)
    groups = [
        Group("Status", (*_fields(one, other, _STATUS), *_causes(one.version, other.version))),
        Group("Image", tuple(_image(one, other))),
        Group("Built for", tuple(_fields(one, other, GROUPS["Built for"]))),
        Group("Config", tuple(_config(one, other))),
        *(Group(spec.title, tuple(_values(spec, one, other))) for spec in FIELDS if spec.key in _SCHEMAS),
        *(Group(title, tuple(_fields(one, other, GROUPS[title]))) for title in ("File", "Identity")),
    ]
    return Comparison(tuple(groups))


_SCHEMAS = ("input_schema", "output_schema")
_STATUS = {"status": "Status", "error_summary": "Reason", "deployed": "Deployed", "created_at": "Created"}
_OWN = ("id", "uuid", "created_at", "task_id")
_NULLS = {"error_summary": "none", "image_path": "none", "requirements": "none"}
"""Fields whose missing value means that there is none, not that it is unknown."""
_OTHERS = {"queue_depth": "Queue depth", "sidekick_uri": "Sidekick URI"}
"""Fields of a config that no request sets."""


class _Side(Struct, frozen=True):
    """The known data of one version."""

    version: ModelVersion
    config: ModelConfig | None
    """The newest config, an empty one if the version has none; None: not read."""
    first: ModelConfig | None
    """The config that came with the upload."""
    whole: bool
    """True if a field without a value is known to be empty."""

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
            return Cell("none", State.NULL) if self.whole else Cell("unknown", State.UNKNOWN)
        if isinstance(value, bool):
            return Cell("yes" if value else "no")
        return Cell(", ".join(value) if isinstance(value, tuple) else str(value))

    def setting(self, name: str) -> object:
        """Return a field of the config, or ``UNSET`` if it is unknown."""
        return getattr(self.config, name) if self.config else UNSET

    def words(self, spec: FieldSpec, value: object) -> Cell:
        if value is UNSET:
            return self.unread
        return Cell(spec.describe(value), State.NULL if value is None else State.KNOWN)

    @property
    def unread(self) -> Cell:
        """Return the cell for an unknown part of the config."""
        return Cell("not readable" if self.config else "not read", State.UNKNOWN)


def _own(row: ComparisonRow) -> ComparisonRow:
    return replace(row, verdict=Verdict.OWN) if row.verdict in DIFFERENT else row


# The version


def _fields(one: _Side, other: _Side, titles: Mapping[str, str]) -> Iterator[ComparisonRow]:
    for name, title in titles.items():
        if name in _STATUS and titles is not _STATUS:
            continue
        row = ComparisonRow.of(title, title, one.field(name), other.field(name), field=name)
        yield _own(row) if name in _OWN else row


def _causes(one: ModelVersion, other: ModelVersion) -> Iterator[ComparisonRow]:
    """Yield the known cause of either failure, in wltui's words. It is not counted as a difference."""
    causes = [diagnose(one, siblings=(other,)).cause, diagnose(other, siblings=(one,)).cause]
    if any(causes):
        left, right = (Cell(cause) if cause else Cell("none", State.NULL) for cause in causes)
        yield ComparisonRow("Cause", "wltui: cause", left, right, Verdict.OWN)


def _image(one: _Side, other: _Side) -> Iterator[ComparisonRow]:
    left, right = (side.version.image_path for side in (one, other))
    if not left or not right:
        mine, theirs = (side.field("image_path") for side in (one, other))
        yield ComparisonRow.of("Image", "Path", mine, theirs, field="image_path")
        return
    for part, mine, theirs in zip(_PARTS, _image_parts(left), _image_parts(right), strict=True):
        yield ComparisonRow.of(f"Image {part.lower()}", part, mine, theirs)


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
    yield _own(
        ComparisonRow.of("Config", "Config id", _number(one.config, one), _number(other.config, other))
    )
    yield _own(ComparisonRow.of("First config", "Came with upload", _number(one.first), _number(other.first)))
    yield from _read_only_field(one, other, "runtime", "Runtime")
    for spec in FIELDS:
        if spec.key not in _SCHEMAS:
            yield from _values(spec, one, other)
    for name, title in _OTHERS.items():
        yield from _read_only_field(one, other, name, title)


def _number(config: ModelConfig | None, side: _Side | None = None) -> Cell:
    if config is None and side is not None:
        return side.unread
    return Cell(str(config.id)) if config and config.id else Cell("none yet", State.NULL)


def _read_only_field(one: _Side, other: _Side, name: str, title: str) -> Iterator[ComparisonRow]:
    """Yield the rows of a config field that no request sets."""
    spec = FieldSpec(key=name, title=title, null="none", kind=Kind.LINE, words=str)
    yield from _values(spec, one, other)


def _values(spec: FieldSpec, one: _Side, other: _Side) -> Iterator[ComparisonRow]:
    """Yield the rows of a field: one, or one for each part of its value if both sides are known."""
    mine, theirs = one.setting(spec.key), other.setting(spec.key)
    known = mine is not UNSET and theirs is not UNSET
    if spec.key in _SCHEMAS and known and not (mine is None and theirs is None):
        left, right = one.words(spec, mine), other.words(spec, theirs)
        yield from schema_rows(spec.title, mine, theirs, left, right)
    elif known and (isinstance(mine, Mapping) or isinstance(theirs, Mapping)):
        yield from _object(spec, mine, theirs)
    else:
        yield ComparisonRow.of(
            spec.title,
            spec.title,
            one.words(spec, mine),
            other.words(spec, theirs),
            same=is_equal_json(mine, theirs),
        )


def _object(spec: FieldSpec, mine: object, theirs: object) -> Iterator[ComparisonRow]:
    """Yield a row for the object itself, and one for each of its values, key by key."""
    titles: dict[tuple[str, ...], str] = {(part.key,): part.title for part in spec.parts}

    def switch(value: object) -> Cell:
        if value is None:
            return Cell(spec.null, State.NULL)
        return Cell("on" if isinstance(value, Mapping) else json_text.format(value))

    yield ComparisonRow.of(spec.title, spec.title, switch(mine), switch(theirs))
    left, right = _leaves(mine), _leaves(theirs)
    for path in dict.fromkeys((*left, *right)):
        yield ComparisonRow.of(
            spec.title,
            "  " + (titles.get(path) or ".".join(path)),
            _leaf(left, path),
            _leaf(right, path),
            same=is_equal_json(left.get(path), right.get(path)),
        )


def _leaf(leaves: Mapping[tuple[str, ...], object], path: tuple[str, ...]) -> Cell:
    return Cell(json_text.format(leaves[path])) if path in leaves else Cell("", State.ABSENT)


def _leaves(value: object) -> dict[tuple[str, ...], object]:
    """Return the value at each path of nested objects; lists, and objects without keys, are values."""
    found: dict[tuple[str, ...], object] = {}
    open_: list[tuple[tuple[str, ...], object]] = [((), value)]
    while open_:  # no recursion, since a server may nest without limit
        path, item = open_.pop()
        if isinstance(item, Mapping) and (item or not path):
            open_ += reversed([((*path, str(key)), below) for key, below in item.items()])
        elif path:
            found[path] = item
    return found
