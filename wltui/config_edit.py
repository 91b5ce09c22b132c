"""What an edit of a version's config is: its fields, checks and differences, and the exact request.

``insert_model_config`` inserts a whole new row, and what a request leaves out is lost. So a request carries
every field: as the user set it, else as it is now. Everything here is frozen data; nothing talks or draws.

A value is what JSON can say (tuples are lists) or ``UNSET``: *not readable*, which is neither null nor empty.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import unified_diff

from msgspec import UNSET

from . import schema
from .records import ModelConfig, VersionId

WIDE = 60
"""A diff shows a value in lines of its own from this many characters of JSON on."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field, to be said beside it."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field and its values, either of which may be ``UNSET``."""

    key: str
    title: str
    before: object
    after: object


def parse_tensor_fields(text: str) -> tuple[str, ...] | Problem | None:
    """The list of names that people type on one line: ``input_1, input_2``.

    Empty is null, and ``[]`` the empty list. An empty name, one that reads like null, and one with a comma,
    a quote, a hidden character or a space at an end are JSON strings. A whole JSON array is read too.
    """
    if not text.strip():
        return None
    try:
        names = tuple(_json_names(text) if text.lstrip().startswith("[") else _typed_names(text.strip()))
    except ValueError as mistake:
        return Problem("tensor_fields", str(mistake))
    wrong = _wrong_names(names)
    return Problem("tensor_fields", wrong) if wrong else names


def format_tensor_fields(names: Iterable[str] | None) -> str:
    """The line that :func:`parse_tensor_fields` reads as these names."""
    if names is None:
        return ""
    return ", ".join(name if _is_plain(name) else _quoted(name) for name in names) or "[]"


def parse_threshold(text: str) -> float | Problem | None:
    """A finite number with a decimal point, or null where nothing is typed."""
    number = text.strip()
    if not number:
        return None
    if re.fullmatch(r"[+-]?(\d+,\d*|,\d+)", number):
        return Problem("filter_threshold", f"Use a point: {number.replace(',', '.')}")
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", number, re.ASCII | re.IGNORECASE):
        return Problem("filter_threshold", "Not a number; leave it empty for null")
    threshold = float(number)
    return threshold if math.isfinite(threshold) else Problem("filter_threshold", "Too large a number")


def format_threshold(threshold: float | None) -> str:
    """The text that :func:`parse_threshold` reads as this number."""
    return "" if threshold is None else json.dumps(threshold)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """One field that a request sets. ``key`` is its name in requests and in :class:`ModelConfig` alike."""

    key: str
    title: str
    null: str
    """Null in words."""
    words: Callable[..., str] = _compact
    """Any other value in words."""
    editable: bool = False
    """Whether the form edits it; other fields are carried along unchanged."""
    parse: Callable[[str], object] | None = None
    """Reads what was typed, as a value or a :class:`Problem`; None where the field is not typed."""
    format: Callable[..., str] = _compact
    """The text that ``parse`` reads as a value."""

    def tell(self, value: object) -> str:
        """The value in a few words. Telling a schema is slow the first time, as ``schema`` explains."""
        if value is UNSET:
            return "not readable"
        return self.null if value is None else self.words(value)

    def text(self, value: object) -> str:
        """What a text box begins with: nothing for null, and nothing for what is not readable."""
        return "" if value is UNSET else self.format(value)


FIELDS = (
    FieldSpec(
        key="tensor_fields",
        title="Tensor fields",
        null="none",
        words=format_tensor_fields,
        editable=True,
        parse=parse_tensor_fields,
        format=format_tensor_fields,
    ),
    FieldSpec(key="batch_config", title="Batch config", null="multiple rows", words=str, editable=True),
    FieldSpec(
        key="filter_threshold",
        title="Filter threshold",
        null="none",
        words=format_threshold,
        editable=True,
        parse=parse_threshold,
        format=format_threshold,
    ),
    FieldSpec(key="dynamic_batching_config", title="Dynamic batching", null="off"),
    FieldSpec(key="continuous_batching_config", title="Continuous batching", null="off"),
    FieldSpec(key="openai_config", title="OpenAI", null="off"),
    FieldSpec(key="input_schema", title="Input schema", null="none", words=schema.summary),
    FieldSpec(key="output_schema", title="Output schema", null="none", words=schema.summary),
)
"""Every field that a request sets, in the order of the form."""

FIELD = {spec.key: spec for spec in FIELDS}


@dataclass(frozen=True)
class ConfigEdit:
    """The config ``base`` of a version, and what the user wants to be different."""

    version_id: VersionId
    base: ModelConfig
    values: Mapping[str, object] = field(default_factory=dict)
    """Only the fields that the user set."""

    @property
    def row(self) -> dict[str, object]:
        """Every field as it is now, ``UNSET`` where it is neither set nor readable."""
        return {key: self.values.get(key, held) for key, held in _row(self.base).items()}

    def value(self, key: str) -> object:
        """One field of the :attr:`row`."""
        return self.row[key]

    def with_value(self, key: str, value: object) -> "ConfigEdit":
        """The edit with a field set. Set to what the base holds, or to ``UNSET``, it counts as not touched.

        Raises:
            KeyError: no request sets this field.
        """
        if value is UNSET or equal(value, _row(self.base)[key]):
            return self.reset(key)
        return replace(self, values={**self.values, key: value})

    def typed(self, key: str, text: str) -> "ConfigEdit | Problem":
        """The edit after ``text`` was typed into a field's box, or what is wrong with the text.

        The text that the box began with leaves the field untouched, even where it would be refused as new.

        Raises:
            KeyError: no request sets this field.
            ValueError: it is not a field to type.
        """
        spec = FIELD[key]
        if spec.parse is None:
            raise ValueError(f"{key} is not typed")
        if text == spec.text(_row(self.base)[key]):
            return self.reset(key)
        value = spec.parse(text)
        return value if isinstance(value, Problem) else self.with_value(key, value)

    def reset(self, key: str) -> "ConfigEdit":
        """The edit with a field as the base holds it."""
        return replace(self, values={other: value for other, value in self.values.items() if other != key})

    def changes(self) -> tuple[FieldChange, ...]:
        """What a save changes because the user wants it; see :meth:`lost` for what it would clear besides."""
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
        new = set(_problems(self.row)) - set(_problems(_row(self.base)))
        order = list(FIELD)
        return tuple(sorted(new, key=lambda problem: (order.index(problem.field), problem.text)))

    def lost(self) -> tuple[str, ...]:
        """The titles of the fields that a save would clear, since what they hold is not readable."""
        return tuple(FIELD[key].title for key, value in self.row.items() if value is UNSET)

    def request(self) -> dict[str, object]:
        """The body for ``insert_model_config``: the version and all eight fields, null where not readable."""
        return {"model_version_id": self.version_id} | {
            key: _sendable(value) for key, value in self.row.items()
        }


@dataclass(frozen=True)
class Draft:
    """An edit that was begun and not sent, with everything that was typed."""

    edit: ConfigEdit
    refused: Mapping[str, str] = field(default_factory=dict)
    """Texts that stand in fields and could not be read, by the field's key; they are not part of the edit."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be lost with it."""
        return not (self.edit.is_changed or self.refused)


def batch_choices(base: ModelConfig) -> tuple[str | None, ...]:
    """What ``batch_config`` may be set to: null, ``"single"``, and the server's word if that is another."""
    known = (None, "single")
    held = base.batch_config
    return known if held is UNSET or held in known else (*known, held)


def read_back(sent: Mapping[str, object], got: ModelConfig) -> tuple[FieldChange, ...]:
    """Where the server holds something else than was sent; what ``got`` does not tell is passed over."""
    return _differences(sent, {key: value for key, value in _row(got).items() if value is not UNSET})


def diff(changes: Iterable[FieldChange]) -> tuple[tuple[str, str], ...]:
    """Lines of (sign, text), signed ``" "``, ``"-"`` or ``"+"``: each field's key, then before and after.

    Values are JSON; long ones take a line an item, and what both have is signed ``" "``. Schemas are told in
    words, as :meth:`FieldSpec.tell` does.
    """
    return tuple(line for change in changes for line in _diff(change))


def equal(one: object, other: object) -> bool:
    """Equal as JSON: ``true`` is not 1, but 1 is 1.0; a tuple is a list; ``UNSET`` equals itself alone."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    return one == other


def _row(config: ModelConfig) -> dict[str, object]:
    return {key: getattr(config, key) for key in FIELD}


def _differences(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(key, spec.title, before[key], after[key])
        for key, spec in FIELD.items()
        if key in before and key in after and not equal(before[key], after[key])
    )


def _sendable(value: object) -> object:
    return None if value is UNSET else list(value) if isinstance(value, tuple) else value


def _diff(change: FieldChange) -> Iterator[tuple[str, str]]:
    yield " ", change.key
    before, after = (_diff_text(change.key, value) for value in (change.before, change.after))
    if max(len(before), len(after)) < WIDE:
        yield "-", before
        yield "+", after
        return
    old, new = (
        _diff_text(change.key, value, indent=2).split("\n") for value in (change.before, change.after)
    )
    everything = len(old) + len(new)
    for line in [*unified_diff(old, new, n=everything, lineterm="")][3:]:
        yield line[0], line[1:]


def _diff_text(key: str, value: object, indent: int | None = None) -> str:
    if value is UNSET or (key.endswith("_schema") and value is not None):
        return FIELD[key].tell(value)
    # The server may give the keys of an object back in another order, which is no difference.
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=indent)


def _problems(row: Mapping[str, object]) -> Iterator[Problem]:
    names, threshold, batch = (row[key] for key in ("tensor_fields", "filter_threshold", "batch_config"))
    if isinstance(names, list | tuple) and (wrong := _wrong_names(names)):
        yield Problem("tensor_fields", wrong)
    if isinstance(threshold, float) and not math.isfinite(threshold):
        yield Problem("filter_threshold", "Not a number that JSON can carry")
    for key, excluded in (
        ("dynamic_batching_config", batch == "single"),
        ("continuous_batching_config", isinstance(batch, str)),
    ):
        if not isinstance(row[key], Mapping):
            continue
        title = FIELD[key].title
        if excluded:
            yield Problem("batch_config", f"{title} does not go together with {batch!r}")
        for needed in ("input_schema", "output_schema"):
            if row[needed] is None:
                yield Problem(needed, f"{title} needs it")


def _wrong_names(names: Iterable[str]) -> str:
    """What is wrong with a list of names, or nothing."""
    for name, count in Counter(names).items():
        if count > 1:
            return f"{_quoted(name)} is there {'twice' if count == 2 else f'{count} times'}"
        if re.search("[\ud800-\udfff]", name):
            return f"{_quoted(name)} is not valid Unicode"
    return ""


def _is_plain(name: str) -> bool:
    """Whether a name stands for itself among others on a line."""
    return (
        name.isprintable()
        and name == name.strip()
        # Empty, or a word that stands for no name at all.
        and name.lower() not in ("", "null", "none", "not readable")
        and not name.startswith("[")
        and not set(name) & set(",\"'")
    )


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=not name.isprintable())


def _json_names(text: str) -> list[str]:
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError('Not a JSON list; write ["input_1", "input_2"] or input_1, input_2') from None
    for place, name in enumerate(names, 1):
        if not isinstance(name, str):
            raise ValueError(f"Item {place} of the list is not a text")
    return list(names)


def _typed_names(line: str) -> Iterator[str]:
    more = ","
    while more:
        if line.startswith('"'):
            try:
                name, end = json.JSONDecoder().raw_decode(line)
            except ValueError:
                raise ValueError("A name in quotes does not end, or is no JSON string") from None
            between, more, line = line[end:].partition(",")
            if between.strip():
                raise ValueError(f"A comma is missing after {_quoted(name)}")
        else:
            name, more, line = line.partition(",")
            name = name.strip()
            if not name:
                raise ValueError('A name is missing beside a comma; an empty name is written as ""')
            if not _is_plain(name):
                raise ValueError(f"If this is the name, write it as {_quoted(name)}")
        yield name
        line = line.lstrip()
