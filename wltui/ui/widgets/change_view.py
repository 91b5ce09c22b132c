"""The changes of an edit, and a preview of the schema that is being typed."""

from collections.abc import Sequence

from wltui.config.edit import ConfigEdit
from wltui.config.fields import FIELD, FIELDS
from wltui.config.schema import SchemaError
from wltui.config.schema.preview import preview
from wltui.ui.text.format import count
from wltui.ui.text.paragraphs import wrap_paragraphs
from wltui.ui.text.spans import Role, Spans, clip, wrap

from .diff_view import diff_lines


def change_lines(edit: ConfigEdit, field: str, cells: int) -> Sequence[Spans]:
    """Render the changes for a width in cells; ``field`` is the key of the field that has the cursor."""
    return (*_change(edit, cells), *(_preview(edit, field, cells) if field.endswith("_schema") else ()))


def _change(edit: ConfigEdit, cells: int) -> Sequence[Spans]:
    changes = edit.changes()
    if not changes:
        return ((("Nothing yet.", Role.MUTED),),)
    lost = edit.cleared_titles()
    kept = len(FIELDS) - len(changes) - len(lost)
    total = f"{count(len(changes), 'field')} to change, {kept} unchanged"
    warning = f"Not readable, so a save would clear them: {', '.join(lost)}"
    return (
        *diff_lines(changes, cells),
        (),
        *wrap(((total, Role.MUTED),), cells),
        *(wrap(((warning, Role.WARNING),), cells) if lost else ()),
    )


def _preview(edit: ConfigEdit, field: str, cells: int) -> Sequence[Spans]:
    """Render the schema under the cursor as a tree, decoded from the text that would be sent."""
    encoded = edit.value(field)
    if not isinstance(encoded, str):
        return ()
    try:
        tree = preview(encoded)
    except SchemaError as error:
        return ((), *wrap_paragraphs(f"{error.what}: {error.why}", Role.WARNING, cells))
    size = f"decoded from {len(encoded):,} characters"
    return (
        (),
        ((f"{FIELD[field].title}  ", Role.BOLD), (size, Role.MUTED)),
        *(clip(((f"  {line}", Role.PLAIN),), cells) for line in tree or ("no fields",)),
    )
