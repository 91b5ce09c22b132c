"""What an edit of a version's config is: its changes, what is wrong with it, and the exact request.

``insert_model_config`` inserts a whole new row, and what a request leaves out is lost. So a request carries
every field: as the user set it, else as it is now. Everything here is frozen data; nothing talks or draws.
What a field's value may be is told in ``config_fields``.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import unified_diff
from functools import cached_property

from msgspec import UNSET, Struct, field
from msgspec.structs import replace

from wltui.config.syntax.thresholds import THRESHOLD, is_same_threshold
from wltui.core.records import ModelConfig, VersionId

from . import schema
from .fields import FIELD, Kind, Problem, is_integer, openai_problems
from .syntax import json_text, tensor_names

WIDE = 60
"""A diff shows a value in lines of its own from this many characters of JSON on."""
SCHEMAS = ("input_schema", "output_schema")


class FieldChange(Struct, frozen=True):
    """A field and its values, either of which may be ``UNSET``."""

    key: str
    title: str
    before: object
    after: object


class ConfigEdit(Struct, frozen=True, dict=True):
    """The config ``base`` of a version, and what the user wants to be different.

    Changes and problems are computed once for each edit: the form asks for them several times a key.
    """

    version_id: VersionId
    base: ModelConfig
    values: Mapping[str, object] = field(default_factory=dict)
    """Only the fields that the user set."""

    @cached_property
    def row(self) -> Mapping[str, object]:
        """Every field as it is now, ``UNSET`` where it is neither set nor readable."""
        return {key: self.values.get(key, held) for key, held in _row(self.base).items()}

    def value(self, key: str) -> object:
        """One field of the :attr:`row`."""
        return self.row[key]

    def base_value(self, key: str) -> object:
        """One field as the base holds it."""
        return _row(self.base)[key]

    def with_value(self, key: str, value: object) -> "ConfigEdit":
        """The edit with a field set. Set to what the base holds, or to ``UNSET``, it counts as not touched.

        Raises:
            KeyError: no request sets this field.
        """
        if value is UNSET or is_same_value(key, value, self.base_value(key)):
            return self.reset(key)
        return replace(self, values={**self.values, key: value})

    def with_text(self, key: str, text: str) -> "ConfigEdit | Problem":
        """The edit after ``text`` was typed into a field's box, or what is wrong with the text.

        The text of what the field is changes nothing, and that of the base leaves the field untouched, even where
        they would be refused as new.
        Schemas are slow the first time, as ``schema`` explains.

        Raises:
            KeyError: no request sets this field.
            ValueError: it is not a field to type.
        """
        spec = FIELD[key]
        if spec.parse is None:
            raise ValueError(f"{key} is not typed")
        if text == spec.text(self.value(key)):
            return self
        if text == spec.text(self.base_value(key)):
            return self.reset(key)
        value = spec.parse(text)
        return value if isinstance(value, Problem) else self.with_value(key, value)

    def with_switch(self, key: str, on: bool) -> "ConfigEdit":
        """The edit with a field of parts switched off, which is null, or on.

        Switched on, it is what it was if that was an object, else what the base holds, else the parts' defaults.

        Raises:
            KeyError: no request sets this field.
            ValueError: it has no parts.
        """
        held = self._object(key)
        return self.with_value(key, held if on else None)

    def with_part_text(self, key: str, part: str, text: str) -> "ConfigEdit | Problem":
        """The edit after ``text`` was typed into the box of a part, or what is wrong with the text.

        The field is switched on by it; every other key of its object stays as it is. The texts of what the part is
        and was are taken as :meth:`typed` takes them.

        Raises:
            KeyError: no request sets this field, or it has no such part.
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
        """What the box of a part begins with; where the field is off, what it would be switched on.

        Raises:
            KeyError: no request sets this field, or it has no such part.
            ValueError: it has no parts.
        """
        return FIELD[key].part(part).format(self._object(key).get(part))

    def _object(self, key: str) -> Mapping[str, object]:
        """What a field of parts is while it is on."""
        spec = FIELD[key]
        if spec.kind is not Kind.PARTS:
            raise ValueError(f"{key} has no parts")
        for value in (self.value(key), self.base_value(key)):
            if isinstance(value, Mapping):
                return value
        return {part.key: part.default for part in spec.parts}

    def reset(self, key: str) -> "ConfigEdit":
        """The edit with a field as the base holds it."""
        return replace(self, values={other: value for other, value in self.values.items() if other != key})

    def changes(self) -> tuple[FieldChange, ...]:
        """What a save changes because the user wants it; see :meth:`lost` for what it would clear besides."""
        return self._changes

    @cached_property
    def _changes(self) -> tuple[FieldChange, ...]:
        return _differences(_row(self.base), self.row)

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to save."""
        return bool(self.changes())

    def problems(self) -> tuple[Problem, ...]:
        """What stands against a save, in the order of the form.

        What is wrong with the base already does not: the user may have no way to mend it here, and a save
        makes it no worse.
        """
        return self._found

    @cached_property
    def _found(self) -> tuple[Problem, ...]:
        new = set(_problems(self.row)) - set(_problems(_row(self.base)))
        order = list(FIELD)
        return tuple(sorted(new, key=lambda one: (order.index(one.field), one.part, one.text)))

    def cleared_titles(self) -> tuple[str, ...]:
        """The titles of the fields that a save would clear, since what they hold is not readable."""
        return tuple(FIELD[key].title for key, value in self.row.items() if value is UNSET)

    def request(self) -> dict[str, object]:
        """The body for ``insert_model_config``: the version and all eight fields, null where not readable."""
        return {"model_version_id": self.version_id} | {
            key: _sendable(value) for key, value in self.row.items()
        }


class Draft(Struct, frozen=True, dict=True):
    """An edit that was begun and not sent, with everything that was typed."""

    edit: ConfigEdit
    refused: Mapping[str, str] = field(default_factory=dict)
    """Texts that stand in boxes and could not be read, which are not part of the edit.

    They are named by the field's key, or by ``key.part``.
    """

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be lost with it."""
        return not (self.edit.is_changed or self.refused)


def batch_choices(base: ModelConfig) -> tuple[str | None, ...]:
    """What ``batch_config`` may be set to: null, ``"single"``, and the server's word if that is another."""
    known = (None, "single")
    held = base.batch_config
    return known if held is UNSET or held in known else (*known, held)


def find_mismatches(sent: Mapping[str, object], got: ModelConfig) -> tuple[FieldChange, ...]:
    """Where the server holds something else than was sent; what ``got`` does not tell is passed over."""
    return _differences(sent, {key: value for key, value in _row(got).items() if value is not UNSET})


def format_diff(changes: Iterable[FieldChange]) -> tuple[tuple[str, str], ...]:
    """Lines of (sign, text), signed ``" "``, ``"-"`` or ``"+"``: each field's key, then before and after.

    Values are JSON; long ones take a line an item, and a line more after each line break in a text. What both
    have is signed ``" "``. Schemas are told a field a line.
    """
    return tuple(line for change in changes for line in _diff(change))


def is_same_value(key: str, one: object, other: object) -> bool:
    """Whether two values of a field are the same to the server.

    Schemas are compared by what they hold, thresholds as 32-bit floats, all else as :func:`is_equal_json` says.
    Schemas of
    different spelling are slow the first time, as ``schema`` explains.
    """
    if key == THRESHOLD:
        return is_same_threshold(one, other)
    if key in SCHEMAS and isinstance(one, str) and isinstance(other, str):
        return schema.is_same(one, other)
    return is_equal_json(one, other)


def is_same_text(key: str, one: object, other: object) -> bool:
    """Return whether two values of a field are the same without decoding schemas; a threshold is a 32-bit float."""
    return is_equal_json(one, other) or (key == THRESHOLD and is_same_threshold(one, other))


def is_equal_json(one: object, other: object) -> bool:
    """Equal as JSON: ``true`` is not 1, but 1 is 1.0; a tuple is a list; ``UNSET`` equals itself alone."""
    pairs = [(one, other)]
    while pairs:  # no recursion, as a server may nest as deep as it likes
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
    # The server may give the keys of an object back in another order, which is no difference.
    return "not readable" if value is UNSET else json_text.format(value, indent=indent, sort_keys=True)


def _lines(key: str, value: object) -> list[str]:
    if key in SCHEMAS and isinstance(value, str):
        if schema.summary(value) == "not decodable":
            return [f"not decodable: {json_text.format(value)}"]
        return FIELD[key].text(value).split("\n")
    return re.sub(r"\\.", lambda escape: escape[0] + "\n" * (escape[0] == r"\n"), _json(value, 2)).split("\n")


def _problems(row: Mapping[str, object]) -> Iterator[Problem]:
    names, threshold, openai = (row[key] for key in ("tensor_fields", "filter_threshold", "openai_config"))
    if isinstance(names, list | tuple) and (wrong := tensor_names.problem_text(names)):
        yield Problem("tensor_fields", wrong)
    if isinstance(threshold, float) and not math.isfinite(threshold):
        yield Problem("filter_threshold", "Not a number that JSON can carry")
    if isinstance(openai, Mapping):
        yield from (Problem("openai_config", wrong) for wrong in openai_problems(openai))
    yield from _wrong_batching(row)


def _wrong_batching(row: Mapping[str, object]) -> Iterator[Problem]:
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
            if wrong := part.problem_text(value.get(part.key)):
                yield Problem(key, wrong, part=part.key)
        if excluded:
            yield Problem("batch_config", f"{title} does not go together with {batch!r}")
        for needed in ("input_schema", "output_schema"):
            if row[needed] is None:
                yield Problem(needed, f"{title} needs it")
    if isinstance(dynamic, Mapping):
        target, limit = (dynamic.get(part) for part in ("batch_size_target", "batch_size_limit"))
        if is_integer(target) and is_integer(limit) and limit < target:
            text = f"The limit {limit} is below the target {target}"
            yield Problem("dynamic_batching_config", text, part="batch_size_limit")
        if isinstance(continuous, Mapping):
            yield Problem("continuous_batching_config", "Dynamic batching is on; only one of them can be")
