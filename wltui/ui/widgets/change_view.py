"""What an edit changes, and what the schema holds that is being typed."""

from collections.abc import Sequence

from wltui.config_edit import ConfigEdit
from wltui.config_fields import FIELD, FIELDS
from wltui.schema import SchemaError, decode
from wltui.ui.spans import Role, Spans, visible, wrap
from wltui.ui.words import count

from .diff_view import diff_lines


def change_lines(edit: ConfigEdit, field: str, cells: int) -> Sequence[Spans]:
    """The lines for a width in cells; ``field`` is the key of the field that has the cursor."""
    preview = _preview(edit, field, cells) if field.endswith("_schema") else ()
    changes = edit.changes()
    if not changes:
        return (*preview, (("Nothing yet.", Role.MUTED),))
    lost = edit.lost()
    kept = len(FIELDS) - len(changes) - len(lost)
    total = f"{count(len(changes), 'field')} to change, {kept} kept as they are"
    warning = f"Not readable, so a save would clear them: {', '.join(lost)}"
    return (
        *preview,
        *diff_lines(changes, cells),
        (),
        *wrap(((total, Role.MUTED),), cells),
        *(wrap(((warning, Role.WARNING),), cells) if lost else ()),
    )


def _preview(edit: ConfigEdit, field: str, cells: int) -> Sequence[Spans]:
    """A schema as it will be read from what is sent."""
    encoded = edit.value(field)
    if not isinstance(encoded, str):
        return ()
    try:
        found = decode(encoded)
    except SchemaError as error:
        return (*wrap(((visible(f"{error.what}: {error.why}"), Role.WARNING),), cells), ())
    heading = f"{count(len(found.fields), 'field')}, sent as {len(encoded):,} characters"
    lines: list[Spans] = [((f"{FIELD[field].title}  ", Role.BOLD), (heading, Role.MUTED))]
    for entry in found.fields:
        null = "" if entry.nullable else "  not null"
        spans = (
            (f"  {visible(entry.name)}  ", Role.BOLD),
            (visible(entry.type), Role.PLAIN),
            (null, Role.ACCENT),
        )
        lines += wrap(spans, cells)
    return (*lines, ())
