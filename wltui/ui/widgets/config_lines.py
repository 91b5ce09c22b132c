"""A version's config in lines: what is set, what is at its default in one line, and what is not known in another."""

from collections.abc import Mapping, Sequence

from wltui.config.detail import VersionDetail
from wltui.config.fields import FIELDS, FieldSpec
from wltui.config.schema import Schema, SchemaError, decode, short_type
from wltui.core.records import UNSET, ModelConfig
from wltui.ui.key_names import KeyNames
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans, clip, width, wrap

from .labelled import heading, indented, labelled

SCHEMAS = {"input_schema": "Input schema", "output_schema": "Output schema"}
SHORT = {
    "filter_threshold": "Threshold",
    "dynamic_batching_config": "Dyn. batching",
    "continuous_batching_config": "Cont. batching",
}
"""Titles of fields that are too long for the column of labels."""
NOT_RETURNED = "the API does not return them after a change"
NEVER_RETURNED = "this server's API does not return them"
Decoded = Mapping[str, Schema | SchemaError]
"""Decoded schemas, or why they can't be decoded, by their base64 text; a missing one is being decoded."""


def config_groups(
    detail: VersionDetail, schemas: Decoded, cells: int, glyphs: Glyphs, *, keys: KeyNames | None
) -> list[list[Spans]]:
    """Render the newest config and its schemas, in groups; ``keys`` as of a ``VersionView``."""
    config = detail.config
    if config is None:
        advice = f" Press {keys('version.edit')} to make the first one." if keys else ""
        return [[heading("Config", cells, glyphs), ((f"  none yet.{advice}", Role.MUTED),)]]
    held = {spec.key: getattr(config, spec.key) for spec in FIELDS}
    default = [spec for spec in FIELDS if held[spec.key] is None]
    unknown = [spec for spec in FIELDS if held[spec.key] is UNSET]
    lines = [_head(config, cells, glyphs, all_default=len(default) == len(FIELDS))]
    if detail.replaced_config:
        words = f"changed since the upload, whose config was {detail.replaced_config.id}"
        lines += indented(((words, Role.MUTED),), cells)
    for spec in FIELDS:
        if spec.key not in SCHEMAS and spec not in default and spec not in unknown:
            text = glyphs.text(spec.describe(held[spec.key]))
            lines += labelled(SHORT.get(spec.key, spec.title), [((text, Role.PLAIN),)], cells)
    for title, value in (("Queue depth", config.queue_depth), ("Sidekick URI", config.sidekick_uri)):
        if value is not UNSET and value is not None:
            lines += labelled(title, [((glyphs.text(str(value)), Role.PLAIN),)], cells)
    if default:
        lines += _folded(default, cells, title="" if len(default) == len(FIELDS) else "At default: ")
    if unknown:
        why = NOT_RETURNED if detail.complete and detail.replaced_config else NEVER_RETURNED
        lines += indented(((f"Unknown: {_names(unknown)}", Role.WARNING), (f"  ({why})", Role.MUTED)), cells)
    texts = {title: held[key] for key, title in SCHEMAS.items() if isinstance(held[key], str)}
    return [lines, *(_schema(title, schemas.get(text), cells, glyphs) for title, text in texts.items())]


def config_to_come(cells: int, glyphs: Glyphs) -> list[list[Spans]]:
    """Render placeholders before the config is read, so that later lines seldom move then."""
    lines = _folded(FIELDS, cells)
    return [[heading("Config", cells, glyphs), (("  reading", Role.MUTED),), *[()] * (len(lines) - 1)]]


def config_not_read(cells: int, glyphs: Glyphs) -> list[list[Spans]]:
    """Render that the config could not be read."""
    return [[heading("Config", cells, glyphs), (("  not read", Role.MUTED),)]]


def _head(config: ModelConfig, cells: int, glyphs: Glyphs, *, all_default: bool) -> Spans:
    runtime = glyphs.text(config.runtime) if config.runtime is not UNSET and config.runtime else ""
    words = f"  {glyphs.separator} all else at default" if all_default else ""
    after: Spans = (f"  {runtime}" if runtime else "", Role.BOLD), (words, Role.MUTED)
    return heading(f"Config {config.id}", cells, glyphs, after)


def _folded(specs: Sequence[FieldSpec], cells: int, *, title: str = "") -> list[Spans]:
    """Render the names of fields at their default."""
    return indented(((title + _names(specs), Role.MUTED),), cells)


def _names(specs: Sequence[FieldSpec]) -> str:
    return ", ".join(spec.title for spec in specs)


def _schema(title: str, schema: Schema | SchemaError | None, cells: int, glyphs: Glyphs) -> list[Spans]:
    lines = [heading(title, cells, glyphs)]
    if schema is None:
        return [*lines, (("  decoding", Role.MUTED),)]
    if isinstance(schema, SchemaError):
        return lines + indented(((glyphs.text(f"{schema.what}: {schema.why}"), Role.ERROR),), cells)
    if not schema.fields:
        return [*lines, (("  no fields", Role.MUTED),)]
    longest = max(width(((glyphs.text(entry.name), Role.BOLD),)) for entry in schema.fields)
    name_cells = min(longest + 2, max(12, cells // 3))
    room = max(8, cells - name_cells - 2)
    exact = all(len(str(entry.type)) + (0 if entry.nullable else 10) <= room for entry in schema.fields)
    for entry in schema.fields:
        label = clip(((glyphs.text(entry.name), Role.BOLD),), name_cells - 2, glyphs.ellipsis)
        kind: Spans = (
            (glyphs.text(entry.type if exact else short_type(entry.type)), Role.PLAIN),
            *([] if entry.nullable else [("  not null", Role.ACCENT)]),
        )
        first, *rest = wrap(kind, room)
        pad = " " * (name_cells - width(label))
        lines.append((("  ", Role.PLAIN), *label, (pad, Role.PLAIN), *first))
        lines += [((" " * (name_cells + 2), Role.PLAIN), *line) for line in rest]
    return lines


def decode_or_error(text: str) -> Schema | SchemaError:
    """Return a schema, or the error if it can't be decoded. Slow the first time: it imports pyarrow."""
    try:
        return decode(text)
    except SchemaError as error:
        return error
