"""The form of the config editor: a row a field, checked as it is typed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from wltui.config_edit import FIELD, FIELDS, ConfigEdit, Draft, Problem, batch_choices
from wltui.records import UNSET
from wltui.ui.glyphs import ASCII, Glyphs
from wltui.ui.spans import Role, Spans, visible, wrap

from .block import Block
from .choice import Choice
from .field_row import FieldRow
from .text_box import TextBox

NULL_BATCH, UNREAD_BATCH = "", "\0"
"""How the choice calls the value null, and one that is not readable."""
EDITED = ("tensor_fields", "batch_config", "filter_threshold")
"""The fields that the form edits; others are only shown."""
BATCH_TITLES = {NULL_BATCH: "multiple rows", "single": "single", UNREAD_BATCH: "not readable"}


class ConfigForm(VerticalScroll, can_focus=False):
    """Edits a :class:`ConfigEdit`; hidden until it is given one."""

    DEFAULT_CSS = """
    ConfigForm { display: none; scrollbar-size-vertical: 1; height: 1fr; }
    ConfigForm.-filled { display: block; }
    """

    @dataclass
    class Changed(Message):
        """Something was typed or chosen; ``form.draft`` and ``form.problems`` tell what it makes."""

        form: "ConfigForm"

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._glyphs = glyphs
        self._edit: ConfigEdit | None = None
        self._refused: dict[str, tuple[str, str]] = {}
        """Texts that could not be read, and why, by the field's key."""

    def compose(self) -> ComposeResult:
        mark = self._glyphs.changed
        yield FieldRow("runtime", "Runtime", Block(), changed_mark=mark)
        for spec in FIELDS:
            yield FieldRow(spec.key, spec.title, self._control(spec.key), changed_mark=mark)

    def _control(self, key: str) -> Widget:
        if key == "batch_config":
            return Choice(list(BATCH_TITLES.items()), glyphs=self._glyphs)
        if key not in EDITED:
            return Block()
        return TextBox(FIELD[key].null)

    # What it holds

    @property
    def draft(self) -> Draft | None:
        """Everything that was typed; None before :meth:`fill`."""
        return (
            Draft(self._edit, {key: text for key, (text, _) in self._refused.items()}) if self._edit else None
        )

    @property
    def problems(self) -> Mapping[str, str]:
        """What stands against a save, by the field's key, in the order of the form."""
        across = {problem.field: problem.text for problem in self._edit.problems()} if self._edit else {}
        found = across | {key: why for key, (_, why) in self._refused.items()}
        return {spec.key: found[spec.key] for spec in FIELDS if spec.key in found}

    def fill(self, draft: Draft, shown: Mapping[str, Sequence[str]]) -> None:
        """Put a draft into the form; ``shown`` has the lines of the fields that are only shown, by key."""
        self._edit, self._refused = draft.edit, {}
        base = draft.edit.base
        runtime = base.runtime if isinstance(base.runtime, str) else self._glyphs.dash
        self._show("runtime", [f"{runtime}  (decided by the platform)"], Role.PLAIN)
        words = [word or NULL_BATCH for word in batch_choices(base)]
        words = [UNREAD_BATCH, *words] if base.batch_config is UNSET else words
        self.query_one(Choice).set_options(
            [(word, self._text(BATCH_TITLES.get(word, word))) for word in words]
        )
        for spec in FIELDS:
            if spec.key in EDITED:
                self._put(spec.key)
            else:
                held = getattr(base, spec.key)
                role = Role.WARNING if held is UNSET else Role.MUTED if held is None else Role.PLAIN
                self._show(spec.key, shown[spec.key], role)
        for key, text in draft.refused.items():
            control = self.row(key).control
            if isinstance(control, Input):
                control.value = text  # its Changed message tells again what is wrong with it
        self.add_class("-filled")
        self._mark_rows()

    def row(self, key: str) -> FieldRow:
        """A field's row."""
        return self.query_one(f"#field-{key}", FieldRow)

    def focus_field(self, key: str) -> bool:
        """Put the cursor into a field; False where the field takes none."""
        control = self.row(key).control
        if control.focusable:
            control.focus()
        return control.focusable

    def reset(self, widget: Widget) -> None:
        """Put the field that a widget belongs to back as the server has it."""
        row = next((row for row in widget.ancestors if isinstance(row, FieldRow)), None)
        if row is not None and self._edit is not None:
            self._edit = self._edit.reset(row.key)
            self._refused.pop(row.key, None)
            self._put(row.key)
            self._changed()

    # Typing

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._edit is None:
            return
        key = self._key_of(event.input)
        result = self._edit.typed(key, event.value)
        if isinstance(result, Problem):
            self._refused[key] = event.value, result.text
            self._edit = self._edit.reset(key)
        else:
            self._refused.pop(key, None)
            self._edit = result
        self._changed()

    def on_choice_changed(self, event: Choice.Changed) -> None:
        event.stop()
        if self._edit is not None:
            value = UNSET if event.value == UNREAD_BATCH else event.value or None
            self._edit = self._edit.with_value("batch_config", value)
            self._changed()

    def _key_of(self, widget: Widget) -> str:
        return next(row.key for row in widget.ancestors if isinstance(row, FieldRow))

    def _changed(self) -> None:
        self._mark_rows()
        self.post_message(self.Changed(self))

    def _mark_rows(self) -> None:
        changed = {change.key for change in self._edit.changes()} if self._edit else set()
        problems = self.problems
        for spec in FIELDS:
            self.row(spec.key).tell(
                changed=spec.key in changed or spec.key in self._refused, problem=problems.get(spec.key, "")
            )

    # Drawing

    def _put(self, key: str) -> None:
        """Write the edit's value into the field's control, without taking it for typing."""
        value = self._edit.value(key) if self._edit else None
        control = self.row(key).control
        if isinstance(control, Input):
            control.placeholder = "not readable" if value is UNSET else FIELD[key].null
            with control.prevent(Input.Changed):
                control.value = FIELD[key].text(value).replace("\n", ", ")
        elif isinstance(control, Choice):
            control.choose(UNREAD_BATCH if value is UNSET else str(value or NULL_BATCH))

    def _text(self, text: str) -> str:
        return visible(text, ascii=self._glyphs is ASCII)

    def _show(self, key: str, texts: Sequence[str], role: Role) -> None:
        control = self.row(key).control
        if isinstance(control, Block):
            control.show(partial(_lines, [self._text(text) for text in texts], role))


def _lines(texts: Sequence[str], role: Role, cells: int) -> Sequence[Spans]:
    def all_lines() -> Iterator[Spans]:
        for text in texts:
            yield from wrap(((text, role),), cells)

    return list(all_lines())
