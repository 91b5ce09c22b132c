"""Sources for the values of an edit: another version, the history, a file, the user's own editor."""

from collections.abc import Mapping
from functools import partial

from textual.binding import Binding

from wltui.config.detail import NO_CONFIG
from wltui.config.edit import SCHEMAS, ConfigEdit
from wltui.config.fields import FIELD, FIELDS
from wltui.core.errors import WltuiError
from wltui.core.records import UNSET, ModelConfig, ModelVersion
from wltui.core.threads import run_in_thread
from wltui.ui.actions import disabled_if
from wltui.ui.screens.base.frame import saving
from wltui.ui.text.spans import Role
from wltui.ui.widgets.config_form import prepare

from .frame import EditorFrame, locked


def no_schema(editor: EditorFrame) -> str:
    """Return why no schema can be read from a file, or an empty string if one can."""
    return "" if editor.form.field.endswith("_schema") else "the cursor is in no schema"


def not_read(editor: "EditorSources") -> str:
    """Return why the config to base an edit on is unknown, or an empty string if it is known."""
    return editor.unread_reason


class EditorSources(EditorFrame):
    """Puts values into the form as if they had been typed: the user can see, undo and review them."""

    BINDINGS = [
        Binding("ctrl+o", "copy", "Copy from", id="editor.copy", tooltip="take the config of another version"),
        Binding("f4", "external", "$EDITOR", id="editor.external", tooltip="the whole config in your own editor"),
        Binding("f3", "file", "From file", id="editor.file", tooltip="take a schema from an Arrow or Parquet file"),
    ]  # fmt: skip

    @property
    def unread_reason(self) -> str:
        """Why the newest config is unknown; empty if it is known."""
        raise NotImplementedError

    def action_save(self) -> None:
        """Open the review of the change."""
        raise NotImplementedError

    def take(self, values: Mapping[str, object], origin: str) -> None:
        """Put values, by the keys of fields, into the form; values that are ``UNSET`` or missing stay unchanged.

        ``origin`` names them, as in the sentence "Loaded into the form: …".
        """
        draft = self.form.draft
        if draft is None:
            return
        edit = draft.edit
        for key, value in values.items():
            edit = edit.with_value(key, value) if value is not UNSET else edit
        self.form.show_edit(edit, [key for key, value in values.items() if value is not UNSET])
        left = [spec.title for spec in FIELDS if values.get(spec.key, UNSET) is UNSET]
        kept = f" Not readable there, and left as they were: {', '.join(left)}." if left else ""
        save, undo = self.key_of("editor.save"), self.key_of("field.undo")
        if edit.changes() == draft.edit.changes() and not draft.refused:
            self.say(f"Nothing changed: the form already holds {origin}.{kept}")
        else:
            self.say(
                f"Loaded into the form: {origin}. Not sent yet.{kept} {save} reviews it; {undo} undoes a field."
            )

    @disabled_if(locked, not_read)
    def action_copy(self) -> None:
        """Copy the config of another version that the user picks."""
        from wltui.ui.screens.pick_version import PickVersion

        def picked(version: ModelVersion | None) -> None:
            if version is not None:
                self.notice(f"Reading the config of version {version.id}", role=Role.PLAIN)
                self.start(partial(self._copy, version), group="copy")

        self.app.push_screen(PickVersion(self.version, "Copy from", ready=True), picked)

    async def _copy(self, version: ModelVersion, *, is_new: bool = False) -> None:
        """Load the config of another version; one that is new keeps the schemas of its upload where that has none."""
        try:
            detail = await self.app.service.config_to_edit(version)
        except WltuiError as error:
            self.notice(f"Nothing was copied. {error}")
            return
        if self.disabled_reason("copy"):
            return  # meanwhile another operation locks the form
        config = detail.config or ModelConfig(id=NO_CONFIG)
        await run_in_thread(prepare, ConfigEdit(self.version.id, config))
        number = f"config {config.id}" if config.id != NO_CONFIG else "only nulls, for want of a config"
        values, kept = {spec.key: getattr(config, spec.key) for spec in FIELDS}, ""
        if is_new and (draft := self.form.draft):
            own = {key: draft.edit.row[key] for key in SCHEMAS if values[key] is None}
            kept = "; its own schemas stay" if any(own.values()) else ""
            values |= own
        self.take(values, f"{number} of version {version.id}{kept}")

    @disabled_if(locked, saving)
    def action_external(self) -> None:
        """Edit the whole config in the user's own editor."""
        from wltui.ui.external_editor import edit_config

        draft = self.form.draft
        if draft is None:
            return
        try:
            edited, text = edit_config(self.app, self.version, draft)
        except WltuiError as error:
            self.notice(error)
            return
        self.notice(text or None, role=Role.WARNING)
        if edited is not None:
            self.form.show_edit(edited, FIELD)
            self.call_after_refresh(self.action_save)

    def left_in_editor(self) -> str:
        """Return a sentence if a text of the user's own editor was not accepted, or an empty string."""
        text = self.app.service.drafts.texts.held(self.version.id)
        if text is None or not text.failed:
            return ""
        return f"What you typed in your editor is in {text.path}: {self.key_of('editor.external')} opens it again."

    @disabled_if(locked, no_schema)
    def action_file(self) -> None:
        """Read a schema from a file into the field under the cursor."""
        from .schema_file import SchemaFileScreen

        key = self.form.field

        def read(encoded: str | None) -> None:
            if encoded is not None and (draft := self.form.draft) is not None:
                self.form.show_edit(draft.edit.with_value(key, encoded), [key])
                self.form.focus_field(key)

        self.app.push_screen(SchemaFileScreen(FIELD[key].title), read)
