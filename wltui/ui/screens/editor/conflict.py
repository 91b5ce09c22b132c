"""Conflict: somebody else saved a config during the edit. The user sees every difference before the merge."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widget import Widget

from wltui.config.detail import NO_CONFIG
from wltui.config.edit import ConfigEdit
from wltui.config.fields import FIELD, FIELDS
from wltui.config.merge import MergedField, Side, merge_edit, merge_fields
from wltui.core.records import ModelConfig, ModelVersion
from wltui.core.threads import run_in_thread
from wltui.ui.actions import disabled_if
from wltui.ui.screens.base.copying import CopyFrame
from wltui.ui.text.copies import Copy, text_copy
from wltui.ui.text.format import clock_time, count
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans, visible, wrap
from wltui.ui.widgets.block import Block
from wltui.ui.widgets.choice import Choice
from wltui.ui.widgets.labelled import heading
from wltui.ui.widgets.three_way import (
    SideRows,
    ThreeWay,
    ThreeWayRow,
    describe_change,
    describe_sides,
    render_rows,
)

BUTTONS = (("cancel", "Cancel"), ("review", "Review the merge"))
PROBLEMS = "goes on all the same: the form shows it beside the field."
LABEL = 23
"""Width of the column with the merged fields' names, in cells."""
WHOSE = 8
"""Width of the column that names the side whose value was taken, in cells."""
Settled = tuple[str, str, Sequence[ThreeWayRow]]
"""A merged field's title, the side whose value was taken, and the change."""


class Fields(VerticalScroll, can_focus=False, inherit_bindings=False):
    """A scrolling container without keys of its own, since these would hide those that go from field to field."""


def comparing(screen: "ConflictScreen") -> str:
    """Return why there is nothing to review yet, or an empty string if there is."""
    return "the configs are being compared" if screen.fields is None else ""


class ConflictScreen(CopyFrame[ConfigEdit | None]):
    """Returns the edit on top of the other config, to be checked and reviewed as any edit; None to go back.

    The merged edit may have no changes left, and may have problems that neither side had alone.
    """

    IN_HAND = "leave the editor first; what was typed is kept"

    CSS_PATH = "conflict.tcss"
    FOOTER = (
        "conflict.review",
        "choice.pick",
        "sides.next",
        "choice.next",
        "conflict.next",
        "frame.back",
        "copy.open",
        "conflict.page_down",
    )
    AUTO_FOCUS = ""
    BINDINGS = [
        Binding("ctrl+s", "review", "Review", id="conflict.review", tooltip="review the merge, when all is chosen"),
        Binding("down,tab,j,enter", "app.focus_next", "Next field", id="conflict.next", tooltip="to the next field"),
        Binding("up,shift+tab,k", "app.focus_previous", "Previous", id="conflict.previous",
                tooltip="to the field before", show=False),
        Binding("pagedown", "scroll(1)", "Page down", id="conflict.page_down", tooltip="half a page down", show=False),
        Binding("pageup", "scroll(-1)", "Page up", id="conflict.page_up", tooltip="half a page up", show=False),
    ]  # fmt: skip

    def __init__(
        self,
        version: ModelVersion,
        edit: ConfigEdit,
        theirs: ModelConfig,
        doubt: str = "",
        *,
        is_mine: bool = False,
    ) -> None:
        """
        Args:
            version: The version that is configured.
            edit: The user's edit.
            theirs: The newest config, just read; it is not the one that the edit began from.
            doubt: A sentence about an earlier save whose outcome is unknown; empty if there is none.
            is_mine: Whether that save made ``theirs``, or may have.
        """
        super().__init__()
        self._doubt, self._is_mine = doubt, is_mine
        self.version = version
        self.edit = edit
        self.theirs = theirs
        self.read_at: datetime | None = None
        """When ``theirs`` was read, as the header shows it."""
        self.fields: Sequence[MergedField] | None = None
        """The fields that differ; None while the configs are being compared."""

    @property
    def crumb(self) -> Spans:
        return (("Conflict", Role.PLAIN),)

    def link_spans(self) -> Spans:
        if self.read_at is None:
            return ()
        return ((f"{self.glyphs.live} read {clock_time(self.read_at)}", Role.SUCCESS),)

    def body(self) -> Iterable[Widget]:
        yield Block(self._story, id="story")
        yield Fields()
        yield Choice(BUTTONS, buttons=True, id="main")

    def on_mount(self) -> None:
        self.read_at = self.app.service.clock()
        self.start(self._compare, group="read")

    async def _compare(self) -> None:
        """Compare the configs and show the differences; in a thread, as decoding schemas is slow the first time."""
        fields, described, settled = await run_in_thread(self._describe_fields)
        names = {
            Side.BASE: f"original, {_name(self.edit.base)}",
            Side.THEIRS: f"{'saved' if self._is_mine else 'theirs'}, {_name(self.theirs)}",
            Side.YOURS: "yours",
        }
        sides = [ThreeWay(field, rows, names, glyphs=self.glyphs) for field, rows in described]
        alike = len(FIELDS) - len(fields)
        container = self.query_one(Fields)
        await container.mount(*sides, Block(partial(_merged_lines, settled, alike, self.glyphs), id="merged"))
        self.fields = fields
        self.query_one("#story", Block).show(self._story)
        self._show_problems()
        first = self._open[0] if self._open else self.query_one(Choice)
        first.focus()
        self.redraw()

    def _describe_fields(
        self,
    ) -> tuple[Sequence[MergedField], Sequence[tuple[MergedField, SideRows]], Sequence[Settled]]:
        fields = merge_fields(self.edit, self.theirs)
        touched = {change.key for change in self.edit.changes()}
        described: list[tuple[MergedField, SideRows]] = []
        settled: list[Settled] = []
        for field in fields:
            if field.choice is None:
                described.append((field, describe_sides(field)))
            else:
                both = field.choice is Side.THEIRS and field.key in touched
                settled.append(
                    (
                        field.title,
                        "both" if both else field.choice.value,
                        describe_change(field, field.choice),
                    )
                )
        return fields, described, settled

    # Choices

    @property
    def _open(self) -> Sequence[ThreeWay]:
        """The fields for which no side is chosen yet."""
        return [sides for sides in self.query(ThreeWay) if sides.taken is None]

    def on_three_way_taken(self) -> None:
        self._show_problems()
        self.redraw()

    @property
    def _merged(self) -> ConfigEdit | None:
        """The merge; None until a side is chosen for every field."""
        if self.fields is None or self._open:
            return None
        choices = {sides.field.key: sides.taken for sides in self.query(ThreeWay) if sides.taken is not None}
        return merge_edit(self.edit, self.theirs, choices)

    def _show_problems(self) -> None:
        """Show the problems of the merged config: values of the two sides that are invalid together."""
        edit = self._merged
        found = edit.problems() if edit else ()
        problems = [f"{FIELD[problem.field].title}: {problem.text}" for problem in found]
        self.notice(
            "\n".join([*problems, f"{self.key_of('conflict.review')} {PROBLEMS}"]) if problems else None
        )

    def on_three_way_refused(self, event: ThreeWay.Refused) -> None:
        self.flash(event.reason)

    def status_spans(self) -> tuple[Spans, Spans]:
        if self.fields is None:
            return (("Comparing", Role.WARNING),), ()
        edit = self._merged
        if edit is None:
            return ((f"{count(len(self._open), 'field')} to choose", Role.WARNING),), ()
        if not edit.is_changed:
            return (("All is chosen, and nothing of yours is left to save", Role.WARNING),), ()
        return ((f"All is chosen; {count(len(edit.changes()), 'field')} to change", Role.PLAIN),), ()

    # Keys

    def set_focus(
        self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False
    ) -> None:
        """Scroll the whole field into view, or its beginning; Textual would scroll to its middle."""
        super().set_focus(widget, scroll_visible=False, from_app_focus=from_app_focus)
        if scroll_visible:
            self._bring_into_view()

    def on_resize(self) -> None:
        self.call_after_refresh(self._bring_into_view)

    def _bring_into_view(self) -> None:
        if isinstance(self.focused, ThreeWay):
            self.query_one(Fields).scroll_to_widget(self.focused, animate=False)

    @disabled_if(comparing)
    def action_review(self) -> None:
        """Close with the merge if all is chosen, else focus the first field without a choice."""
        if (edit := self._merged) is not None:
            self.dismiss(edit)
        elif self._open:
            self._open[0].focus()
            self.flash(f"{self._open[0].field.title} is not chosen yet")

    def on_choice_picked(self, event: Choice.Picked) -> None:
        if event.value == "review":
            self.action_review()
        else:
            self.action_back()

    def action_scroll(self, direction: int) -> None:
        """Scroll half a page down (1) or up (-1); the focus stays."""
        container = self.query_one(Fields)
        container.scroll_relative(y=direction * max(1, container.size.height // 2), animate=False)

    def leave(self) -> None:
        """Go back to the editor with the edit unchanged; nothing is sent."""
        self.dismiss(None)

    # Copying

    def copies(self) -> list[Copy]:
        fields = [sides.text for sides in self.query(ThreeWay)]
        found = [text_copy("i", "id of the version", str(self.version.id))]
        if fields:
            found.append(
                text_copy("d", "differences", "\n\n".join(fields), preview=count(len(fields), "field"))
            )
        if (edit := self._merged) is not None:
            found.append(
                text_copy("j", "JSON of the merge", json.dumps(edit.request(), indent=2, ensure_ascii=False))
            )
        return found

    # Drawing

    def _story(self, cells: int) -> Sequence[Spans]:
        name = visible(f"version {self.version.id} of {self.version.model_name}")
        whose = "A save of yours made" if self._is_mine else "Somebody else saved"
        if self._is_mine and self._doubt:
            whose = "A save of yours may have made"
        story = (
            f"{whose} {_name(self.theirs)} of {name} while you edited it; you began from "
            f"{_name(self.edit.base)}. {visible(self._doubt) or 'Nothing was sent.'}"
        )
        return wrap(((story, Role.WARNING), (self._advice(), Role.PLAIN)), cells)

    def _advice(self) -> str:
        if self.fields is None:
            return ""
        if not any(field.choice is None for field in self.fields):
            return " No field was changed on both sides, so the changes go together: review the merge."
        return " Choose a value for each field, then review the merge."


def _name(config: ModelConfig) -> str:
    return "no config" if config.id == NO_CONFIG else f"config {config.id}"


def _merged_lines(settled: Sequence[Settled], alike: int, glyphs: Glyphs, cells: int) -> Sequence[Spans]:
    """Render the fields that need no choice, each with the side whose value was taken and the change."""
    lines: list[Spans] = [heading("Merged automatically", cells, glyphs)] if settled else []
    indent = 2 + LABEL + WHOSE
    for title, whose, change in settled:
        head: Spans = ((f"  {title:<{LABEL}}", Role.PLAIN), (f"{whose:<{WHOSE}}", Role.BOLD))
        for line in render_rows(change, max(8, cells - indent), glyphs):
            lines.append((*head, *line))
            head = ((" " * indent, Role.PLAIN),)
    if not alike:
        return lines
    rest = f"{count(alike, 'other field')} alike on all sides"
    return [*lines, (("  " if settled else "", Role.PLAIN), (rest, Role.MUTED))]
