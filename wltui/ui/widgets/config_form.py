"""The form of the config editor: a row a field, checked as it is typed."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.events import Click
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget
from textual.widgets import TextArea

from wltui.config.edit import ConfigEdit, Draft, batch_choices
from wltui.config.fields import FIELD, FIELDS, Kind, Problem
from wltui.core.records import UNSET
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role

from .choice import Choice
from .field_row import FieldRow
from .line import Line
from .parts_field import OFF, ON, UNREAD, PartsField
from .scrolling_form import ScrollingForm
from .text_field import TextField

NULL, UNREADABLE, WORD = "null", "unreadable", "="
"""Option values for null and for an unreadable value, and the prefix for a word, which may be any text."""


class ConfigForm(ScrollingForm):
    """Edits a :class:`ConfigEdit`; hidden until :meth:`fill`."""

    @dataclass
    class Changed(Message):
        """Something was typed or chosen; see ``form.draft`` and ``form.problems`` for the result."""

        form: "ConfigForm"

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.display = False
        self._glyphs = glyphs
        self._edit: ConfigEdit | None = None
        self._refused: dict[str, tuple[str, Problem]] = {}
        """Texts that can't be parsed, with their problem, by the field's key or ``key.part``."""
        self._objects: dict[str, object] = {}
        """The last object of each field of parts by its key: a field switched off and on again holds it."""
        self.is_typing = False
        """Whether text boxes take letters; at first the form is a list of fields, in which a letter changes nothing."""

    def _rows(self) -> ComposeResult:
        mark = self._glyphs.unsent
        yield FieldRow("runtime", "Runtime", Line(), changed_mark=mark)
        for spec in FIELDS:
            yield FieldRow(spec.key, spec.title, self._control(spec.key), changed_mark=mark)

    def _control(self, key: str) -> Widget:
        spec = FIELD[key]
        if spec.kind is Kind.CHOICE:
            return Choice([(NULL, spec.null)], glyphs=self._glyphs)
        if spec.kind is Kind.PARTS:
            return PartsField(spec, glyphs=self._glyphs)
        return TextField(
            one_line=spec.kind is Kind.LINE,
            escaped=key != "tensor_fields",
            ascii=self._glyphs.is_ascii,
            rests=True,
        )

    # The draft

    @property
    def draft(self) -> Draft | None:
        """The edit and all texts that can't be parsed; None before :meth:`fill`."""
        if self._edit is None:
            return None
        return Draft(self._edit, {place: text for place, (text, _) in self._refused.items()})

    @property
    def problems(self) -> Mapping[str, Problem]:
        """The problems that prevent a save, by the field's key, in the order of the form."""
        across = {problem.field: problem for problem in self._edit.problems()} if self._edit else {}
        typed = {problem.field: problem for _, problem in self._refused.values()}
        found = across | typed
        return {spec.key: found[spec.key] for spec in FIELDS if spec.key in found}

    async def make_rows(self) -> None:
        """Make the rows, which takes as long as a request; they are hidden until :meth:`fill`."""
        if not self.children:
            await self.mount_all(self._rows())
            for switch in self.query(Choice):
                switch.takes_letters = self.is_typing

    async def fill(self, draft: Draft) -> None:
        """Show a draft in the form. Call :func:`prepare` with its edit first."""
        await self.make_rows()
        self.display = True  # a class would style each row again
        self._edit, self._refused, self._objects = draft.edit, {}, {}
        base = draft.edit.base
        runtime = base.runtime if isinstance(base.runtime, str) else self._glyphs.dash
        line = self.row("runtime").control
        if isinstance(line, Line):
            line.show(((self._text(runtime), Role.PLAIN), ("  decided by the platform", Role.MUTED)))
        words = [*([UNSET] if base.batch_config is UNSET else []), *batch_choices(base)]
        choice = self.row("batch_config").control
        if isinstance(choice, Choice):
            describe = FIELD["batch_config"].describe
            choice.set_options([(_option(word), self._text(describe(word))) for word in words])
        for spec in FIELDS:
            control = self.row(spec.key).control
            if isinstance(control, PartsField):
                control.offer_unread(getattr(base, spec.key) is UNSET)
            self._put(spec.key)
        for place, text in draft.refused.items():
            if (box := self._box(place)) is not None:
                box.begin(text)
                self._edit = self._read(self._edit, place, text)
        self._remember()
        self._mark_rows()

    def clear(self) -> None:
        """Drop the draft and hide the form."""
        self._edit, self._refused = None, {}
        self.display = False

    def show_edit(self, edit: ConfigEdit, keys: Iterable[str]) -> None:
        """Show an edit that differs from the form's in these fields, as if the user had typed them.

        Each field can undo it. The edit must equal the form's in all other fields.
        """
        changed = set(keys)
        self._forget_refused(changed)
        self._edit = edit
        for key in changed:
            self._put(key, typed=True)
        self._post_change()

    def row(self, key: str) -> FieldRow:
        """Return a field's row."""
        return self.query_one(f"#field-{key}", FieldRow)

    def focus_field(self, key: str, problem: Problem | None = None) -> None:
        """Put the cursor into a field; with a problem, at the problem's place."""
        control = self.row(key).control
        if problem:
            self.begin_typing()
        if isinstance(control, PartsField):
            inner = problem.part if problem and problem.part and self._is_on(key) else ""
            control = control.box(inner) if inner else control.switch
        self.screen.set_focus(
            control
        )  # at once: by focus() the form would be laid out without a cursor first
        if isinstance(control, TextField) and problem and problem.line:
            control.go_to(problem.line, problem.column or 1)

    @property
    def field(self) -> str:
        """The key of the field that has the cursor, or an empty string."""
        focused = self.screen.focused
        rows = (row.key for row in focused.ancestors if isinstance(row, FieldRow)) if focused else iter(())
        return next(rows, "")

    def reset(self, key: str) -> None:
        """Set a field back to the server's value; each box and choice of it can undo that."""
        if self._edit is not None:
            self._edit = self._edit.reset(key)
            self._forget_refused({key})
            self._put(key, typed=True)
            self._post_change()

    # Typing

    def begin_typing(self) -> None:
        """Let text boxes take letters, from now on."""
        if not self.is_typing:
            self.is_typing = True
            for field in self.query(PartsField):
                field.rests = False
            for box in self.query(TextField):
                box.wake()
            for switch in self.query(Choice):
                switch.takes_letters = True

    def on_click(self, event: Click) -> None:
        """Begin to type where a text box is clicked."""
        if isinstance(event.widget, TextField):
            self.begin_typing()

    def notes_of(self, field: Widget) -> Iterable[Region]:
        notice = self.row(self._key_of(field)).notice
        if notice is not None and notice.display:
            yield notice.region

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._take_text(self._key_of(event.text_area), event.text_area.text)

    def on_parts_field_typed(self, event: PartsField.Typed) -> None:
        event.stop()
        self._take_text(f"{event.field.spec.key}.{event.part}", event.text)

    def on_parts_field_switched(self, event: PartsField.Switched) -> None:
        event.stop()
        if self._edit is None:
            return
        key = event.field.spec.key
        self._forget_refused({key})
        if event.to == UNREAD:
            self._edit = self._edit.reset(key)
        elif event.to == ON and key in self._objects:
            self._edit = self._edit.with_value(key, self._objects[key])
        else:
            self._edit = self._edit.with_switch(key, event.to == ON)
        if event.to == ON:
            for part, text in event.field.texts():
                self._edit = self._read(self._edit, f"{key}.{part}", text)
        self._post_change()

    def on_choice_changed(self, event: Choice.Changed) -> None:
        event.stop()
        if self._edit is not None:
            self._edit = self._edit.with_value(self._key_of(event.choice), _value(event.value))
            self._post_change()

    def _take_text(self, place: str, text: str) -> None:
        if self._edit is not None:
            self._edit = self._read(self._edit, place, text)
            self._post_change()

    def _read(self, edit: ConfigEdit, place: str, text: str) -> ConfigEdit:
        """Return the edit with a box's text. If it can't be parsed, remember it; reset the field, or keep the part."""
        key, _, part = place.partition(".")
        result = edit.with_part_text(key, part, text) if part else edit.with_text(key, text)
        if isinstance(result, Problem):
            self._refused[place] = text, result
            return edit if part else edit.reset(key)
        self._refused.pop(place, None)
        return result

    def _forget_refused(self, keys: Collection[str]) -> None:
        """Forget the texts that can't be parsed in these fields, which hold other values now."""
        self._refused = {place: kept for place, kept in self._refused.items() if _field(place) not in keys}

    def _key_of(self, widget: Widget) -> str:
        return next(row.key for row in widget.ancestors if isinstance(row, FieldRow))

    def _remember(self) -> None:
        for spec in FIELDS:
            if self._edit is not None and isinstance(held := self._edit.value(spec.key), Mapping):
                self._objects[spec.key] = held

    def _post_change(self) -> None:
        self._remember()
        self._mark_rows()
        self.post_message(self.Changed(self))

    def _mark_rows(self) -> None:
        changed = {change.key for change in self._edit.changes()} if self._edit else set()
        changed |= {_field(place) for place in self._refused}
        problems = self.problems
        for spec in FIELDS:
            problem = problems.get(spec.key)
            self.row(spec.key).show_state(
                changed=spec.key in changed, problem=_problem_text(problem) if problem else ""
            )

    # Drawing

    def _put(self, key: str, *, typed: bool = False) -> None:
        """Write the edit's value into the field's control; with ``typed``, as if the user had typed it, with undo."""
        if self._edit is None:
            return
        spec, value, control = FIELD[key], self._edit.value(key), self.row(key).control
        null = "not readable" if value is UNSET else spec.null
        if isinstance(control, TextField):
            control.hint(null)
            control.type_anew(spec.text(value)) if typed else control.begin(spec.text(value))
        elif isinstance(control, Choice):
            control.pick_anew(_option(value)) if typed else control.choose(_option(value))
        elif isinstance(control, PartsField):
            state = UNREAD if value is UNSET else OFF if value is None else ON
            control.show_state(state, typed=typed)
            for part in control.parts:
                text = self._edit.part_text(key, part)
                if not typed:
                    control.begin(part, text)
                elif state == ON:
                    control.box(part).type_anew(text)

    def _box(self, place: str) -> TextField | None:
        key, _, part = place.partition(".")
        control = self.row(key).control if key in FIELD else None
        if isinstance(control, PartsField) and part:
            return control.box(part) if part in control.parts else None
        return control if isinstance(control, TextField) and not part else None

    def _is_on(self, key: str) -> bool:
        control = self.row(key).control
        return isinstance(control, PartsField) and control.switch.value == ON

    def _text(self, text: str) -> str:
        return self._glyphs.text(text)


def prepare(edit: ConfigEdit) -> None:
    """Compute and cache the texts that a form shows of an edit. Slow, as it may import pyarrow: call it in a thread."""
    for spec in FIELDS:
        spec.text(getattr(edit.base, spec.key))
        spec.text(edit.value(spec.key))
    edit.changes()


def _option(value: object) -> str:
    """Return the option value for a field's value."""
    return UNREADABLE if value is UNSET else NULL if value is None else f"{WORD}{value}"


def _value(option: str) -> object:
    """Return the field's value for an option value."""
    return UNSET if option == UNREADABLE else None if option == NULL else option.removeprefix(WORD)


def _field(place: str) -> str:
    return place.partition(".")[0]


def _problem_text(problem: Problem) -> str:
    """Return a problem in one line, with its place if the text has several lines."""
    if problem.line is None:
        return problem.text
    column = f", column {problem.column}" if problem.column else ""
    return f"Line {problem.line}{column}: {problem.text}"
