"""The columns of configs, of saves, and of unsent edits."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from wltui.config.detail import NO_CONFIG
from wltui.config.edit import is_same_text
from wltui.config.fields import FIELD, format_schema
from wltui.config.syntax.thresholds import THRESHOLD, shorten_threshold
from wltui.core.records import UNSET, ConfigId, ModelConfig, ModelVersion, Outcome, WorkspaceId
from wltui.store.draft_files import Kept
from wltui.store.save_history import SaveRecord

from .record_columns import NO_NAMES, Names
from .table import Column, Kind

_KINDS = {
    "tensor_fields": (Kind.TEXTS, "Names of the model's inputs, in order; null for the model's own."),
    "batch_config": (Kind.TEXT, "`single` for one row per inference; null for many."),
    "filter_threshold": (Kind.NUMBER, "Filter threshold; null for none."),
    "dynamic_batching_config": (Kind.JSON, "Object of dynamic batching; null if it is off."),
    "continuous_batching_config": (Kind.JSON, "Object of continuous batching; null if it is off."),
    "openai_config": (Kind.JSON, "Object of the OpenAI API; null if it is off."),
    "input_schema": (Kind.TEXT, "Input schema, as a serialized Arrow schema in base64; null for none."),
    "output_schema": (Kind.TEXT, "Output schema, likewise."),
}
_OUTCOMES = "`saved`, `not_saved`, `refused`, or `unknown` if it may be saved"


class Work(Struct, frozen=True):
    """A save or an unsent edit, and its changes."""

    what: SaveRecord | Kept
    values: Mapping[str, object]
    """The new values of the fields that it changes."""

    @property
    def version(self) -> ModelVersion:
        """Return the version, with as much as was recorded of it."""
        if isinstance(self.what, Kept):
            return self.what.version
        entry = self.what
        return ModelVersion(id=entry.version_id, model_name=entry.model_name, workspace_id=entry.workspace_id)

    @property
    def base(self) -> ModelConfig:
        """Return the config before."""
        return self.what.draft.edit.base if isinstance(self.what, Kept) else self.what.base


def work_of(what: SaveRecord | Kept) -> Work:
    """Return a save or an unsent edit with its changes. Schemas are compared as text."""
    if isinstance(what, Kept):
        refused = {key.partition(".")[0]: UNSET for key in what.draft.refused}
        values: Mapping[str, object] = {**refused, **what.draft.edit.values}
        return Work(what, {key: values[key] for key in FIELD if key in values})
    base = {key: getattr(what.base, key) for key in FIELD}
    sent = {key: what.request[key] for key in FIELD if key in what.request}
    return Work(
        what,
        {
            key: value
            for key, value in sent.items()
            if not is_same_text(key, value, None if base[key] is UNSET else base[key])
        },
    )


def config_columns() -> Sequence[Column[ModelConfig]]:
    """Return the columns of configs: a field that can't be read is absent, and one that is null is null."""

    def text(key: str) -> Callable[[ModelConfig], object]:
        def read(config: ModelConfig) -> object:
            encoded = getattr(config, key)
            return format_schema(encoded) if isinstance(encoded, str) else encoded

        return read

    return (
        Column("config_id", Kind.INTEGER, "Config", "Number of the config row; null if the version has none yet.",
               lambda c: _number(c.id), has_null=True),
        Column("version_id", Kind.INTEGER, "Version", "Number of its version.", lambda c: c.version_id),
        Column("runtime", Kind.TEXT, "Runtime", "Runtime, which the platform decides.", _field("runtime"),
               has_null=True),
        *(Column(key, kind, FIELD[key].title, doc, _field(key), has_null=True) for key, (kind, doc) in _KINDS.items()),
        Column("input_schema_text", Kind.TEXT, "Input schema as text", "Input schema, one field per line.",
               text("input_schema"), has_null=True),
        Column("output_schema_text", Kind.TEXT, "Output schema as text", "Output schema, one field per line.",
               text("output_schema"), has_null=True),
        Column("queue_depth", Kind.INTEGER, "Queue depth", "Queue depth, which requests can't set.",
               _field("queue_depth"), has_null=True),
        Column("sidekick_uri", Kind.TEXT, "Sidekick", "Address of its container, which requests can't set.",
               _field("sidekick_uri"), has_null=True),
        Column("other_fields", Kind.TEXTS, "Other fields", "Fields that are set and that wltui does not know.",
               lambda c: c.extra),
    )  # fmt: skip


def history_columns(names: Names = NO_NAMES) -> Sequence[Column[Work]]:
    """Return the columns of saves; unsent edits may be among them."""

    def saved(read: Callable[[SaveRecord], object]) -> Callable[[Work], object]:
        return lambda work: read(work.what) if isinstance(work.what, SaveRecord) else UNSET

    def outcome(work: Work) -> str:
        if isinstance(work.what, Kept):
            return "unsent"
        found = work.what.outcome or Outcome.UNKNOWN
        return found.name.lower()

    return (
        Column("outcome", Kind.TEXT, "Outcome", f"{_OUTCOMES}; `unsent` for an unsent edit.", outcome),
        Column("at", Kind.TIME, "When", "When it was sent, or the edit changed last.",
               lambda w: w.what.changed if isinstance(w.what, Kept) else w.what.at),
        *_version_of_work(names),
        Column("config_id", Kind.INTEGER, "Config", "Number of the config that the save made; null if it made none.",
               saved(lambda s: _number(s.config.id) if s.config else None), has_null=True),
        *_changes(),
        Column("user", Kind.TEXT, "User", "Who saved it.", saved(lambda s: s.user or None)),
        Column("reason", Kind.TEXT, "Reason", "Why it was refused, or why its outcome had to be looked up; null if "
               "neither was so.", saved(lambda s: s.reason or None), has_null=True),
        Column("differences", Kind.TEXT, "Differences", "Fields that the server kept differently; null if it kept all.",
               saved(lambda s: s.differences or None), has_null=True),
        Column("request", Kind.JSON, "Request", "Body that was sent.", saved(lambda s: s.request)),
    )  # fmt: skip


def draft_columns(names: Names = NO_NAMES) -> Sequence[Column[Work]]:
    """Return the columns of unsent edits."""

    def of_draft(read: Callable[[Kept], object]) -> Callable[[Work], object]:
        return lambda work: read(work.what) if isinstance(work.what, Kept) else UNSET

    return (
        Column("changed_at", Kind.TIME, "Changed", "When it changed last.", of_draft(lambda d: d.changed)),
        Column("began_at", Kind.TIME, "Begun", "When it was begun.", of_draft(lambda d: d.began)),
        *_version_of_work(names),
        *_changes(),
        Column("is_open", Kind.TRUTH, "Open", "Whether another running wltui has it open.",
               of_draft(lambda d: d.elsewhere)),
    )  # fmt: skip


def _version_of_work(names: Names) -> Sequence[Column[Work]]:
    def workspace(number: WorkspaceId | None) -> str | None:
        return None if number is None else names.get(number)

    return (
        Column("version_id", Kind.INTEGER, "Version", "Number of the version.", lambda w: w.version.id),
        Column("model", Kind.TEXT, "Model", "Name of its model.", lambda w: w.version.model_name or None),
        Column("workspace", Kind.TEXT, "Workspace", "Name of its workspace.",
               lambda w: workspace(w.version.workspace_id)),
        Column("workspace_id", Kind.INTEGER, "Workspace ID", "Number of its workspace.",
               lambda w: w.version.workspace_id),
        Column("base_config_id", Kind.INTEGER, "From config", "Number of the config before; null if there was none.",
               lambda w: _number(w.base.id), has_null=True),
    )  # fmt: skip


def _changes() -> Sequence[Column[Work]]:
    return (
        Column("changed", Kind.TEXTS, "Changed", "Names of the fields that it changes.", lambda w: tuple(w.values)),
        Column("values", Kind.JSON, "Values", "Their new values, without those that are not valid yet.",
               lambda w: {key: value for key, value in w.values.items() if value is not UNSET}),
    )  # fmt: skip


def _field(key: str) -> Callable[[ModelConfig], object]:
    def read(config: ModelConfig) -> object:
        value = getattr(config, key)
        return shorten_threshold(value) if key == THRESHOLD else value

    return read


def _number(number: ConfigId) -> int | None:
    return None if number == NO_CONFIG else number
