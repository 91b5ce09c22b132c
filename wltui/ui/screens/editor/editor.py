"""The config editor: begins from the newest config, keeps every change, and sends a whole config, once."""

from functools import partial
from itertools import chain, repeat

from textual.binding import Binding

from wltui.config.detail import NO_CONFIG
from wltui.config.edit import ConfigEdit, Draft
from wltui.core.errors import ConfigMoved, HistoryUnwritable, WltuiError
from wltui.core.records import ModelConfig, Outcome
from wltui.service.save_outcome import Saved
from wltui.service.saving import LOOK_AGAIN
from wltui.ui.actions import disabled_if
from wltui.ui.text.format import clock_time
from wltui.ui.text.save_words import NOT_REPEATED, SAVING, doubt_words, outcome_words, waiting_words
from wltui.ui.text.spans import Role, Spans

from .frame import locked
from .opening import EditorOpening
from .sources import not_read


class ConfigEditor(EditorOpening):
    """Edits a version's config; fields that are not touched are sent unchanged.

    ``reload`` contains values of the history to begin with; ``copy_from`` is the predecessor of a new version, whose
    config to begin with; ``external`` opens the user's own editor at once.
    """

    FOOTER = (
        "editor.type", "editor.reload", "editor.save", "frame.back", "field.undo", "editor.external", "editor.discard",
        "editor.copy", "editor.file", "editor.reset",
    )  # fmt: skip
    BINDINGS = [
        Binding("ctrl+s", "save", "Review", id="editor.save", tooltip="see the change and the request; send it"),
        Binding("ctrl+n", "discard", "Discard", id="editor.discard", tooltip="throw this edit away and begin anew"),
        Binding("f5,r", "reload", "Read again", id="editor.reload", tooltip="read the config, or the outcome, again"),
        Binding("escape", "back", "Leave", id="frame.back", tooltip="leave; what was typed is kept"),
    ]  # fmt: skip

    _is_looking = False
    """Whether a worker is looking up the outcome of the last save."""
    _failure: tuple[int, WltuiError] | None = None
    """The error of the last save, and the number of keys served when it came."""

    @property
    def is_uncertain(self) -> bool:
        return self.unknown is not None

    def on_mount(self) -> None:
        self.app.saves.listen(self.version.id, self)
        self.action_reload()

    def on_unmount(self) -> None:
        self.app.saves.stop_listening(self.version.id, self)

    def leave(self) -> None:
        """Leave; what a save came to is said again, if the key may have been pressed before it was read here.

        A save that waits for another wltui is given up first.
        """
        if self.is_waiting:
            self.app.saves.give_up(self.version.id)
            self._lock()
            self.say(f"Nothing was sent; your edit is kept. {self.key_of('editor.save')} reviews it again.")
            return
        super().leave()
        if self.is_open:
            return
        if self.unknown is not None:
            self.app.saves.show_outcome(self.version.id, self.unknown[1])
        elif self._failure and self.app.keys_served <= self._failure[0] + 1:
            self.app.saves.show_failure(self.version.id, self._failure[1])

    @property
    def is_open(self) -> bool:
        """Whether the editor is on the stack of screens; one that was left may be unmounted a moment later."""
        return self in self.app.screen_stack

    def link_spans(self) -> Spans:
        if self.read_at is None:
            return super().link_spans() if self.is_cut_off else ()
        return ((f"{self.glyphs.live} read {clock_time(self.read_at)}", Role.SUCCESS),)

    def read_anew(self) -> None:
        if self.failed and not self.is_filled:
            self.action_reload()
        elif self.failed:
            self.say(
                f"You are signed in again. {self.key_of('editor.reload')} reads the newest config.",
                lasting=True,
            )
        elif self.unknown:
            self.action_reload()
        elif not self.saving:
            self.say(
                f"You are signed in again. What was not sent is sent by {self.key_of('editor.save')}, when you have "
                "reviewed it."
            )

    # Keys

    @disabled_if(locked)
    def action_discard(self) -> None:
        """Discard the edit if the user confirms it."""
        from wltui.ui.screens.confirm import ConfirmScreen

        draft = self.form.draft
        if draft is None or draft.is_empty:
            self.flash("There is nothing to discard.")
            return
        lines = [(("What you changed here is thrown away. Nothing is sent.", Role.PLAIN),)]
        question = ConfirmScreen("Discard?", lines, keep="Keep it", go="Discard")
        self.app.push_screen(question, lambda go: self._discard() if go else None)

    def _discard(self) -> None:
        self.app.saves.forget_draft(self.version.id)
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.detail = None
        self.form.clear()
        self.action_reload()

    # Saving

    @disabled_if(locked, not_read)
    def action_save(self) -> None:
        """Open the review of the change, from which it is sent."""
        from .review import ReviewScreen

        draft = self.form.draft
        if draft is None or self.disabled_reason("save"):
            return
        if problems := self.form.problems:
            key, problem = next(iter(problems.items()))
            self.form.focus_field(key, problem)
            self.flash(problem.text)
        elif draft.is_empty:
            self.flash("There is nothing to save.")
        else:
            edit = draft.edit
            self.app.push_screen(
                ReviewScreen(self.version, edit, self.warning),
                lambda send: self._send(edit) if send else None,
            )

    def _send(self, edit: ConfigEdit, *, unrecorded: bool = False) -> None:
        self.app.saves.save(self.version, edit, unrecorded=unrecorded)
        self._lock()
        self.on_save_waits()

    def on_save_waits(self) -> None:
        """Show whether the save is under way, or waits for another wltui."""
        if self.is_waiting:
            self.notice(waiting_words(self.key_of("frame.back")), role=Role.WARNING)
        else:
            self.notice(SAVING, role=Role.PLAIN)
        self.redraw()

    def on_save_failed(self, edit: ConfigEdit, error: WltuiError) -> None:
        """Show that the save was refused or not sent; the edit stays."""
        self._merging = self.holds_keys = isinstance(error, ConfigMoved)
        self._lock()
        self.notice(str(error) if self._merging else f"Not saved; your edit is kept. {error}")
        self._failure = self.app.keys_served, error
        if self._merging:
            self.start(partial(self._merge, edit), group="read")
        elif isinstance(error, HistoryUnwritable):
            self._ask_unrecorded(edit, error)

    async def _merge(self, edit: ConfigEdit) -> None:
        """Rebase the edit onto the newer config of the version, to be reviewed again."""
        try:
            start = await self.app.service.begin_edit(self.version, edit)
        except WltuiError as error:
            self._merging = False
            self._lock()
            self.serve_keys()
            why, key = error.without_retry().rstrip("."), self.key_of("editor.save")
            self.notice(
                f"This version has a newer config by now; nothing was sent. {why}. {key} tries again."
            )
            return
        self.detail, self.settled, self.read_at = start.detail, start.settled, start.read_at
        base = start.detail.config or ModelConfig(id=NO_CONFIG)
        if self._show_settled():
            await self._fill(Draft(ConfigEdit(self.version.id, base)))
            self.say("Nothing was sent: your save of before has arrived meanwhile.")
        elif await self._placed(Draft(edit), base):
            self.keep()
            whose = "Your save of before" if self._is_ours(base) else "Somebody else"
            self.say(f"{whose} made config {base.id} meanwhile; nothing was sent. Your changes stand on top of it: "
                     f"{self.key_of('editor.save')} reviews them again. {self.doubt}")  # fmt: skip

    def _ask_unrecorded(self, edit: ConfigEdit, error: HistoryUnwritable) -> None:
        from wltui.ui.screens.confirm import ConfirmScreen

        lines = [
            ((str(error), Role.WARNING),),
            (
                (
                    f"Sent all the same, it is missing in the history ({self.key_of('version.history')}).",
                    Role.PLAIN,
                ),
            ),
        ]
        question = ConfirmScreen("Send unrecorded?", lines, keep="Don't send", go="Send all the same")
        self.app.push_screen(question, lambda go: self._send(edit, unrecorded=True) if go else None)

    def on_save_ended(self, edit: ConfigEdit, saved: Saved) -> None:
        """Show the outcome of the save, or that it can't be known."""
        is_open = saved.outcome is Outcome.UNKNOWN
        # If another look-up can't find more, the user may continue from the newest config: the save is in the history.
        self.unknown = None if saved.is_final else (edit, saved)
        self._lock()
        if (
            saved.outcome is Outcome.SAVED and self.app.screen is self
        ):  # a screen below another one counts as current too
            self.dismiss()
        elif saved.outcome is Outcome.SAVED or (is_open and saved.is_final):
            self._begin_anew()
        elif is_open:
            self.notice(f"Your save {doubt_words(saved)} {NOT_REPEATED}", role=Role.WARNING)
            if not self._is_looking:
                self.start(self._keep_looking, group="look")
        else:
            reviews = f"{self.key_of('editor.save')} reviews it again."
            self.notice(f"Your save {outcome_words(saved)[0]} {reviews}", role=Role.WARNING)

    async def _keep_looking(self) -> None:
        """Look up the outcome of the last save at growing intervals until it is known."""
        self._is_looking = True
        try:
            for pause in chain(LOOK_AGAIN, repeat(LOOK_AGAIN[-1])):
                await self.app.wait(pause)
                if self.unknown is None:
                    return
                edit, saved = self.unknown
                await self.app.saves.look_again(self.version, edit, saved)
        finally:
            self._is_looking = False

    def _lock(self) -> None:
        """Disable the form while a save is under way or its outcome is unknown: later changes would not be in it."""
        locked = self.saving or self._merging or self.unknown is not None
        typing = self._typing or self.focused
        self._typing = typing if locked else None
        self.form.disabled = locked
        if typing is not None and not locked:
            typing.focus()
        self.refresh_bindings()
        self.redraw()
