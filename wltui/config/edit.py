"""Edits of a version's config: changes, problems, and the exact request.

``insert_model_config`` inserts a whole new row, and fields that a request omits are lost. So a request contains every
field: as the user set it, else its current value. Everything here is frozen data, without network or screen.
:mod:`wltui.config.fields` defines the valid values.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import unified_diff
from functools import cached_property

from msgspec import UNSET, Struct, field
from msgspec.structs import replace

from wltui.config.syntax.thresholds import THRESHOLD, is_same_threshold, shorten_threshold
from wltui.core.records import ModelConfig, VersionId

from . import schema
from .fields import FIELD, Kind, Problem, is_integer, openai_problems
from .syntax import json_text, tensor_names

WIDE = 60
"""Characters of JSON from which a diff shows a value on several lines."""
SCHEMAS = ("input_schema", "output_schema")


class FieldChange(Struct, frozen=True):
    """A field and its values, either of which may be ``UNSET``."""

    key: str
    title: str
    before: object
    after: object


class ConfigEdit(Struct, frozen=True, dict=True):
    """The config ``base`` of a version, and the values that the user changed.

    Changes and problems are cached, since the form needs them several times per key press.
    """

    version_id: VersionId
    base: ModelConfig
    values: Mapping[str, object] = field(default_factory=dict)
    """Only the fields that the user set."""

    @cached_property
    def row(self) -> Mapping[str, object]:
        """Return every field's current value; ``UNSET`` if it is neither set nor readable."""
        return {key: self.values.get(key, held) for key, held in _row(self.base).items()}

    def value(self, key: str) -> object:
        """Return one field of the :attr:`row`."""
        return self.row[key]

    def base_value(self, key: str) -> object:
        """Return the value of one field in the base."""
        return _row(self.base)[key]

    def with_value(self, key: str, value: object) -> "ConfigEdit":
        """Return the edit with a field set. The base's value, and ``UNSET``, remove the change.

        Raises:
            KeyError: requests don't have this field.
        """
        if value is UNSET or is_same_value(key, value, self.base_value(key)):
            return self.reset(key)
        return replace(self, values={**self.values, key: value})

    def with_text(self, key: str, text: str) -> "ConfigEdit | Problem":
        """Return the edit after the user typed ``text`` for a field, or the problem if it can't be parsed.

        The text of the current value changes nothing, and that of the base removes the change, even if they would be
        invalid as new values. Schemas are slow the first time, as ``schema`` explains.

        Raises:
            KeyError: requests don't have this field.
            ValueError: the field can't be typed.
        """
        spec = FIELD[key]
        if spec.parse is None:
            raise ValueError(f"{key} can't be typed")
        if text == spec.text(self.value(key)):
            return self
        if text == spec.text(self.base_value(key)):
            return self.reset(key)
        value = spec.parse(text)
        return value if isinstance(value, Problem) else self.with_value(key, value)

    def with_switch(self, key: str, on: bool) -> "ConfigEdit":
        """Return the edit with a field of parts switched on, or off (null).

        If it is switched on, its value is the current object, else the base's object, else the parts' defaults.

        Raises:
            KeyError: requests don't have this field.
            ValueError: it has no parts.
        """
        held = self._object(key)
        return self.with_value(key, held if on else None)

    def with_part_text(self, key: str, part: str, text: str) -> "ConfigEdit | Problem":
        """Return the edit after the user typed ``text`` for a part, or the problem if it can't be parsed.

        This switches the field on; the other keys of its object do not change. The texts of the current value and
        the base's are accepted as by :meth:`with_text`.

        Raises:
            KeyError: requests don't have this field, or it has no such part.
            ValueError: it has no parts.
        """
        held = self._object(key)
        spec = FIELD[key].part(part)
        began = self.base_value(key)
        if text == spec.format(held.get(part)):
            return self.with_value(key, held)
        if isinstance(began, Mapping) and text == spec.format(began.get(part)):
            without = {name: value for name, value in held.items() if name != part}
            return self.with_value(key, {**held, part: began[part]} if part in began else without)
        value = spec.parse(text)
        return value if isinstance(value, Problem) else self.with_value(key, {**held, part: value})

    def part_text(self, key: str, part: str) -> str:
        """Return the initial text of a part; if the field is off, that of the value it would have when switched on.

        Raises:
            KeyError: requests don't have this field, or it has no such part.
            ValueError: it has no parts.
        """
        return FIELD[key].part(part).format(self._object(key).get(part))

    def _object(self, key: str) -> Mapping[str, object]:
        """Return the object of a field of parts while it is on."""
        spec = FIELD[key]
        if spec.kind is not Kind.PARTS:
            raise ValueError(f"{key} has no parts")
        for value in (self.value(key), self.base_value(key)):
            if isinstance(value, Mapping):
                return value
        return {part.key: part.default for part in spec.parts}

    def reset(self, key: str) -> "ConfigEdit":
        """Return the edit without a change of this field."""
        return replace(self, values={other: value for other, value in self.values.items() if other != key})

    def changes(self) -> tuple[FieldChange, ...]:
        """Return the changes that the user made; see :meth:`cleared_titles` for fields that a save clears besides."""
        return self._changes

    @cached_property
    def _changes(self) -> tuple[FieldChange, ...]:
        return _differences(_row(self.base), self.row)

    @property
    def is_changed(self) -> bool:
        """Return whether there is a change to save."""
        return bool(self.changes())

    def problems(self) -> tuple[Problem, ...]:
        """Return the problems that prevent a save, in the order of the form.

        Problems that the base already has are left out: the user may be unable to solve them here, and a save
        makes them no worse.
        """
        return self._problems

    @cached_property
    def _problems(self) -> tuple[Problem, ...]:
        new = set(_find_problems(self.row)) - set(_find_problems(_row(self.base)))
        order = list(FIELD)
        return tuple(sorted(new, key=lambda one: (order.index(one.field), one.part, one.text)))

    def cleared_titles(self) -> tuple[str, ...]:
        """Return the titles of the fields that a save would clear, since their values are not readable."""
        return tuple(FIELD[key].title for key, value in self.row.items() if value is UNSET)

    def request(self) -> dict[str, object]:
        """Return the body for ``insert_model_config``: the version and all eight fields, null if not readable."""
        return {"model_version_id": self.version_id} | {
            key: _sendable(value) for key, value in self.row.items()
        }


class Draft(Struct, frozen=True, dict=True):
    """An unsent edit, with all texts that the user typed."""

    edit: ConfigEdit
    refused: Mapping[str, str] = field(default_factory=dict)
    """Typed texts that could not be parsed, and so are not part of the edit.

    Their keys are the field's, or ``key.part``.
    """

    @property
    def is_empty(self) -> bool:
        """Return whether the draft has no change and no text, so that it can be dropped."""
        return not (self.edit.is_changed or self.refused)


def batch_choices(base: ModelConfig) -> tuple[str | None, ...]:
    """Return the choices for ``batch_config``: null, ``"single"``, and the server's word if it is another."""
    known = (None, "single")
    held = base.batch_config
    return known if held is UNSET or held in known else (*known, held)


def find_mismatches(sent: Mapping[str, object], got: ModelConfig) -> tuple[FieldChange, ...]:
    """Return the fields whose value on the server differs from the sent one; ignore ``UNSET`` fields of ``got``."""
    return _differences(sent, {key: value for key, value in _row(got).items() if value is not UNSET})


def format_diff(changes: Iterable[FieldChange]) -> tuple[tuple[str, str], ...]:
    """Return lines of (sign, text), with sign ``" "``, ``"-"`` or ``"+"``: each field's key, then before and after.

    Values are JSON; long ones have one item per line, and a new line after each line break in a text. Common lines
    have the sign ``" "``. Schemas have one field per line.
    """
    return tuple(line for change in changes for line in _diff(change))


def is_same_value(key: str, one: object, other: object) -> bool:
    """Return whether two values of a field are equal for the server.

    Schemas are compared decoded, thresholds as 32-bit floats, everything else by :func:`is_equal_json`. Schemas of
    different base64 are slow the first time, as ``schema`` explains.
    """
    if key == THRESHOLD:
        return is_same_threshold(one, other)
    if key in SCHEMAS and isinstance(one, str) and isinstance(other, str):
        return schema.is_same(one, other)
    return is_equal_json(one, other)


def is_same_text(key: str, one: object, other: object) -> bool:
    """Return whether two values of a field are equal without decoding schemas; thresholds are 32-bit floats."""
    return is_equal_json(one, other) or (key == THRESHOLD and is_same_threshold(one, other))


def is_equal_json(one: object, other: object) -> bool:
    """Return whether two values are equal as JSON: 1 is 1.0 but not ``true``, tuples are lists, ``UNSET`` is itself."""
    pairs = [(one, other)]
    while pairs:  # no recursion, since a server may nest without limit
        left, right = pairs.pop()
        if isinstance(left, bool) or isinstance(right, bool):
            if left is not right:
                return False
        elif isinstance(left, list | tuple) and isinstance(right, list | tuple):
            if len(left) != len(right):
                return False
            pairs += zip(left, right, strict=True)
        elif isinstance(left, Mapping) and isinstance(right, Mapping):
            if left.keys() != right.keys():
                return False
            pairs += ((left[key], right[key]) for key in left)
        elif left != right:
            return False
    return True


def config_changes(before: ModelConfig, after: ModelConfig) -> tuple[FieldChange, ...]:
    """Return the fields in which two configs differ, a threshold as people write it: 0.1 for the 32-bit float."""
    rows = ({**row, THRESHOLD: shorten_threshold(row[THRESHOLD])} for row in map(_row, (before, after)))
    return _differences(*rows)


def _row(config: ModelConfig) -> dict[str, object]:
    return {key: getattr(config, key) for key in FIELD}


def _differences(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(key, spec.title, before[key], after[key])
        for key, spec in FIELD.items()
        if key in before and key in after and not is_same_value(key, before[key], after[key])
    )


def _sendable(value: object) -> object:
    return None if value is UNSET else list(value) if isinstance(value, tuple) else value


def _diff(change: FieldChange) -> Iterator[tuple[str, str]]:
    yield " ", change.key
    old, new = ([_json(value)] for value in (change.before, change.after))
    if change.key in SCHEMAS or max(len(old[0]), len(new[0])) >= WIDE:
        old, new = (_lines(change.key, value) for value in (change.before, change.after))
    everything = len(old) + len(new)
    for line in [*unified_diff(old, new, n=everything, lineterm="")][3:]:
        yield line[0], line[1:]


def _json(value: object, indent: int | None = None) -> str:
    # The server may return the keys of an object in another order, which is not a change.
    return "not readable" if value is UNSET else json_text.format(value, indent=indent, sort_keys=True)


def _lines(key: str, value: object) -> list[str]:
    if key in SCHEMAS and isinstance(value, str):
        if schema.summary(value) == "not decodable":
            return [f"not decodable: {json_text.format(value)}"]
        return FIELD[key].text(value).split("\n")
    return re.sub(r"\\.", lambda escape: escape[0] + "\n" * (escape[0] == r"\n"), _json(value, 2)).split("\n")


def _find_problems(row: Mapping[str, object]) -> Iterator[Problem]:
    names, threshold, openai = (row[key] for key in ("tensor_fields", "filter_threshold", "openai_config"))
    if isinstance(names, list | tuple) and (wrong := tensor_names.problem_text(names)):
        yield Problem("tensor_fields", wrong)
    if isinstance(threshold, float) and not math.isfinite(threshold):
        yield Problem("filter_threshold", "JSON can't express this number")
    if isinstance(openai, Mapping):
        yield from (Problem("openai_config", wrong) for wrong in openai_problems(openai))
    yield from _batching_problems(row)


def _batching_problems(row: Mapping[str, object]) -> Iterator[Problem]:
    dynamic, continuous, batch = (
        row[key] for key in ("dynamic_batching_config", "continuous_batching_config", "batch_config")
    )
    for key, excluded in (
        ("dynamic_batching_config", batch == "single"),
        ("continuous_batching_config", isinstance(batch, str)),
    ):
        value = row[key]
        if not isinstance(value, Mapping):
            continue
        title = FIELD[key].title
        for part in FIELD[key].parts:
            if text := part.problem_text(value.get(part.key)):
                yield Problem(key, text, part=part.key)
        if excluded:
            yield Problem("batch_config", f"{title} can't be combined with {batch!r}")
        for needed in ("input_schema", "output_schema"):
            if row[needed] is None:
                yield Problem(needed, f"{title} requires this schema")
    if isinstance(dynamic, Mapping):
        target, limit = (dynamic.get(part) for part in ("batch_size_target", "batch_size_limit"))
        if is_integer(target) and is_integer(limit) and limit < target:
            text = f"The limit {limit} is below the target {target}"
            yield Problem("dynamic_batching_config", text, part="batch_size_limit")
        if isinstance(continuous, Mapping):
            yield Problem(
                "continuous_batching_config", "Dynamic batching is on too; only one of them can be on"
            )
