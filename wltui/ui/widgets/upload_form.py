"""The form of an upload: file, model, framework, hardware, schemas and settings, each with notes below it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import TextArea

from wltui.core.framework_options import Kind, Option
from wltui.core.upload_frameworks import ACCELS, ARCHS, needs_schemas
from wltui.service.upload.preparing import options_of, order_frameworks
from wltui.ui.keys import present_keys
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans
from wltui.ui.upload_draft import SCHEMAS, UploadDraft

from .choice import Choice
from .noted_row import LABEL, NotedRow
from .scrolling_form import ScrollingForm
from .text_field import TextField

LONGEST_TITLE = LABEL - 2
"""The most characters of a setting's name beside which the column of labels is as wide as of other fields."""
_NONE = ("", "not chosen")
_TITLES = {
    "file": "File", "name": "Model", "framework": "Framework", "arch": "Architecture", "accel": "Acceleration",
    "input_schema": "Input schema", "output_schema": "Output schema", "extra": "More settings",
}  # fmt: skip


class UploadForm(ScrollingForm):
    """Edits an :class:`UploadDraft`."""

    DEFAULT_CSS = """
    UploadForm > Vertical { height: auto; }
    UploadForm > NotedRow.-off { display: none; }
    """

    @dataclass
    class Changed(Message):
        """The user has changed a field."""

        form: "UploadForm"
        key: str

    def __init__(self, draft: UploadDraft, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.draft = draft
        self._glyphs = glyphs
        self._options: tuple[Option, ...] = ()
        """The settings that are shown."""
        self._notes: Mapping[str, Sequence[Spans]] = {}

        ascii = glyphs.is_ascii
        frameworks = [
            *([] if draft.framework else [_NONE]),
            *((name, name) for name in order_frameworks(None)),
        ]
        self._boxes = {
            "file": TextField(one_line=True, ascii=ascii, id="main"),
            "name": TextField(one_line=True, ascii=ascii),
            **{key: TextField(escaped=True, ascii=ascii) for key in SCHEMAS},
            "extra": TextField(ascii=ascii),
        }
        self._choices = {
            "framework": Choice(frameworks, glyphs=glyphs),
            "arch": Choice([(word, word) for word in ARCHS], glyphs=glyphs),
            "accel": Choice([(word, word) for word in ACCELS], glyphs=glyphs),
        }
        self._rows = {
            key: NotedRow(key, title, self._boxes.get(key) or self._choices[key])
            for key, title in _TITLES.items()
        }
        """The rows of all frameworks; one that is not called for is not mounted yet, or hidden."""
        self._settings: list[NotedRow] = []
        """The rows of the settings that framework and acceleration have."""
        self._changing = asyncio.Lock()
        """Held while they change: the user's choice and what is read of the file may change them at the same time."""

    def compose(self) -> ComposeResult:
        for key, row in self._rows.items():
            if key == "extra":
                yield Vertical(id="settings")
            if self._is_called_for(key):
                yield row

    def _is_called_for(self, key: str) -> bool:
        framework = self.draft.framework
        if key in SCHEMAS:
            return needs_schemas(framework)
        return key != "extra" or framework == "custom"

    async def on_mount(self) -> None:
        self._boxes["extra"].hint('{"key": "value"}, if your model needs any')
        for key in SCHEMAS:
            self._boxes[key].hint(
                f"type it, a field a line; {present_keys(self)('upload.schema')} reads a file"
            )
        await self.show_draft(self.draft)

    # The draft

    async def show_draft(self, draft: UploadDraft) -> None:
        """Show a draft, without a message."""
        self.draft = draft
        for key, box in self._boxes.items():
            if box.text != getattr(draft, key):
                box.begin(getattr(draft, key))
        for key, choice in self._choices.items():
            choice.choose(getattr(draft, key))
        await self._show_options()

    async def fill_in(self, **values: str) -> None:
        """Fill in fields that the user has not filled in, without a message."""
        new = {key: value for key, value in values.items() if key not in self.draft.given}
        if any(getattr(self.draft, key) != value for key, value in new.items()):
            await self.show_draft(replace(self.draft, **new))

    def offer_frameworks(self, names: Sequence[str], *, is_chosen: bool) -> None:
        """Set the order of the frameworks."""
        options = [*([] if is_chosen else [_NONE]), *((name, name) for name in names)]
        self._choices["framework"].set_options(options)

    def take_schema(self, key: str, text: str) -> None:
        """Put a schema into its field as if the user had typed it."""
        self._boxes[key].type_anew(text)

    def row(self, key: str) -> NotedRow:
        """Return a field's row."""
        return next(row for row in (*self._rows.values(), *self._settings) if row.key == key)

    def focus_field(self, key: str) -> None:
        """Put the cursor into a field; into that of the framework if it is not shown."""
        self.row(key if self._has(key) else "framework").control.focus()

    @property
    def field(self) -> str:
        """The key of the field that has the cursor, or an empty string."""
        focused = self.screen.focused
        rows = (row.key for row in focused.ancestors if isinstance(row, NotedRow)) if focused else iter(())
        return next(rows, "")

    def show_notes(self, notes: Mapping[str, Sequence[Spans]]) -> None:
        """Show notes by the field that they are about; those about a field that is not shown are the framework's."""
        self._notes = notes
        meanings = {option.key: ((option.meaning, Role.MUTED),) for option in self._options}
        shown: dict[str, list[Spans]] = {}
        for key, lines in notes.items():
            shown.setdefault(key if self._has(key) else "framework", []).extend(lines)
        for row in (*self._rows.values(), *self._settings):
            own = [meanings[row.key]] if row.key in meanings else []
            row.show_notes([*own, *shown.get(row.key, ())])

    def _has(self, key: str) -> bool:
        if key in self._rows:
            return self._is_called_for(key)
        return any(row.key == key for row in self._settings)

    # Settings

    async def _show_options(self) -> None:
        """Show the fields that framework and acceleration call for, after an earlier call has shown its own."""
        async with self._changing:
            await self._change_options(self.draft)

    async def _change_options(self, draft: UploadDraft) -> None:
        """Mount, show and hide rows."""
        for key, row in self._rows.items():
            if self._is_called_for(key) and not row.is_attached:
                await self.mount(row, before=None if key == "extra" else "#settings")
            row.set_class(not self._is_called_for(key), "-off")
        options = options_of(draft.framework, draft.accel)
        if options == self._options:
            return
        self._options, self._settings = options, []
        place = self.query_one("#settings", Vertical)
        await place.remove_children()
        is_wide = any(len(option.key) > LONGEST_TITLE for option in options)
        self._settings = [self._setting(option, is_wide=is_wide) for option in options]
        await place.mount_all(self._settings)
        self.show_notes(self._notes)

    def _setting(self, option: Option, *, is_wide: bool) -> NotedRow:
        typed = self.draft.options.get(option.key)
        words = _words_of(option)
        control: Widget
        if words:
            control = Choice(words, glyphs=self._glyphs)
            control.choose(typed if typed is not None else words[0][0])
        else:
            control = TextField(one_line=True, ascii=self._glyphs.is_ascii)
            control.hint("not sent" if option.default is None else str(option.default))
            if typed is not None:
                control.begin(typed)
        return NotedRow(option.key, option.key, control, is_wide=is_wide)

    # Typing

    async def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        await self._take(event.text_area, event.text_area.text)

    async def on_choice_changed(self, event: Choice.Changed) -> None:
        event.stop()
        await self._take(event.choice, event.value)

    async def _take(self, control: Widget, value: str) -> None:
        key = next(row.key for row in control.ancestors if isinstance(row, NotedRow))
        option = next((option for option in self._options if option.key == key), None)
        if option is None:
            given = self.draft.given | {key}
            self.draft = replace(self.draft, **{key: value, "given": given})
        else:
            left = {name: text for name, text in self.draft.options.items() if name != key}
            is_default = not value.strip() or value == _default_word(option)
            self.draft = replace(self.draft, options=left if is_default else {**left, key: value})
        if key in ("framework", "accel"):
            await self._show_options()
        self.post_message(self.Changed(self, key))


def _default_word(option: Option) -> str:
    if option.default is None:
        return ""
    return str(option.default).lower() if isinstance(option.default, bool) else str(option.default)


def _words_of(option: Option) -> list[tuple[str, str]]:
    """Return the options of a setting's line of choices, its default first; none if it has a text box."""
    if option.kind is Kind.SWITCH:
        unset = [("", "not sent")] if option.default is None else []
        return [*unset, ("false", "off"), ("true", "on")]
    first = _default_word(option)
    return [(word, word) for word in dict.fromkeys((first, *option.choices))] if option.choices else []
