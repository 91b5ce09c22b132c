"""The config editor: begins from the newest config, keeps what is typed, and sends a whole config, once."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.widget import Widget

from wltui.apart import apart
from wltui.config_edit import ConfigEdit, Draft
from wltui.config_fields import FIELDS
from wltui.config_merge import merge_fields, merged
from wltui.detail import NO_CONFIG, VersionDetail
from wltui.errors import ConfigMoved, HistoryUnwritable, WltuiError
from wltui.records import ModelConfig, ModelVersion, Outcome
from wltui.saving import Saved
from wltui.store.drafts import Kept
from wltui.ui.spans import Role, Spans
from wltui.ui.widgets.config_form import prepare
from wltui.ui.words import age, clock_time, day_time

from .editor_sources import EditorSources

if TYPE_CHECKING:
    from .history import Reload

NEED_A_FORM = (
    "save", "reset", "copy", "external", "file", "discard", "app.focus_next", "app.focus_previous",
)  # fmt: skip
ONLY_LOOK = (
    "This config can only be looked at: the server does not tell the whole of it (it has no get_version_by_id), and a "
    "save would clear the fields that can't be read."
)


class ConfigEditor(EditorSources):
    """Edits a version's config; what is not touched is carried along as it is.

    ``reload`` are values to begin with, out of the history; ``external`` begins in the user's own editor.
    """

    FOOTER = (
        "editor.reload", "editor.save", "frame.back", "field.undo", "editor.external", "editor.discard", "editor.copy",
        "editor.file", "editor.reset",
    )  # fmt: skip
    BINDINGS = [
        Binding("ctrl+s", "save", "Review", id="editor.save", tooltip="see the change and the request; send it"),
        Binding("ctrl+n", "discard", "Discard", id="editor.discard", tooltip="throw this edit away and begin anew"),
        Binding("f5,r", "reload", "Read again", id="editor.reload", tooltip="read the config, or the outcome, again"),
        Binding("escape", "back", "Leave", id="frame.back", tooltip="leave; what was typed is kept"),
    ]  # fmt: skip

    def __init__(
        self, version: ModelVersion, *, reload: "Reload | None" = None, external: bool = False
    ) -> None:
        super().__init__(version)
        self.detail: VersionDetail | None = None
        """What the edit begins from; None until it is read."""
        self.read_at: datetime | None = None
        self.failed = False
        """Whether the newest config could not be read."""
        self.unknown: tuple[ConfigEdit, Saved] | None = None
        """The save of just now, where its outcome is not known; until it is, nothing is typed or sent."""
        self.unsettled = ""
        """What to say of an earlier save whose outcome is still not known."""
        self._reload, self._external = reload, external
        self._typing: Widget | None = None
        self._merging = False
        """Whether the edit is being put upon somebody else's config."""

    @property
    def is_uncertain(self) -> bool:
        return self.unknown is not None

    def on_mount(self) -> None:
        self.action_reload()

    def link_spans(self) -> Spans:
        if self.read_at is None:
            return ()
        return ((f"{self.glyphs.live} read {clock_time(self.read_at)}", Role.SUCCESS),)

    def read_anew(self) -> None:
        if self.failed and not self.is_filled:
            self.action_reload()
        elif self.failed:
            self.say("You are signed in again. f5 reads the newest config.", lasting=True)
        elif not (self.saving or self.unknown):
            self.say(
                "You are signed in again. What was not sent is sent by ctrl+s, when you have reviewed it."
            )

    # Beginning

    def action_reload(self) -> None:
        """Read the config that the edit begins from; or look again what became of a save."""
        self.failed = False
        self.holds_keys = True  # or what is typed meanwhile would be lost in what is read
        self.refresh_bindings()
        self.notice("Looking again" if self.unknown else "Reading the newest config", role=Role.PLAIN)
        self.start(self._look_again if self.unknown else self._load, group="read")

    async def _load(self) -> None:
        service = self.app.service
        kept = await apart(service.drafts.take, self.version.id)
        try:
            detail = await service.config_to_edit(self.version)
            kept = await self._settle(kept)
        except WltuiError as error:
            await self._begin_unread(error, kept)
            return
        self.detail, self.read_at = detail, service.clock()
        base = detail.config or ModelConfig(id=NO_CONFIG)
        if kept is None:
            await self._fill(Draft(ConfigEdit(self.version.id, base)))
            told = f"{self.unsettled} {await self._held_elsewhere()}"
            self.say(told if detail.complete else ONLY_LOOK, lasting=True)
            self._go_on_as_asked()
        else:
            await self._put_upon(base, kept)

    async def _held_elsewhere(self) -> str:
        """What to say where another wltui holds an unsent edit of this version."""
        kept = await apart(self.app.service.drafts.all)
        held = next((each for each in kept if each.elsewhere and each.version.id == self.version.id), None)
        if held is None:
            return ""
        return f"Another wltui on this host holds an unsent edit of this version, of {self._ago(held)}."

    async def _begin_unread(self, error: WltuiError, kept: Kept | None) -> None:
        """Without the newest config nothing can be begun, but an unsent edit is at hand."""
        self.failed = True
        told = self.app.told(error)
        if kept is None:
            self.notice(f"{told}.{self._read_again}")
            self.serve_keys(give_up=True)
        else:
            await self._fill(kept.draft)
            self.notice(f"{told}. Your unsent edit of {self._ago(kept)} is open all the same; to be saved it needs the "
                        f"newest config.{self._read_again}")  # fmt: skip
        self.refresh_bindings()

    @property
    def _read_again(self) -> str:
        return "" if self.app.settings.offline else " f5 reads it again."

    async def _settle(self, kept: Kept | None) -> Kept | None:
        """Learn what became of a save that ended with the program; an edit that was sent is none any more."""
        entry = await self.app.service.unfinished(self.version.id)
        if entry is None:
            return kept
        saved = await self.app.service.settle(entry)
        self.unsettled = ""
        when = day_time(entry.at.isoformat())
        if saved.outcome is Outcome.UNKNOWN:
            self.unsettled = (f"It can't be told yet what became of your save of {when}, and it may still take. f5 "
                              "looks again.")  # fmt: skip
        else:
            self.app.tell_settled(entry, saved)
        if saved.outcome is Outcome.TOOK and kept and kept.draft.edit.request() == entry.request:
            self.app.forget_draft(self.version.id)
            return None
        return kept

    async def _put_upon(self, base: ModelConfig, kept: Kept) -> None:
        """Put an unsent edit upon the newest config."""
        edit = kept.draft.edit
        if not await self._merged(kept.draft, base):
            return
        back = f"Your unsent edit of {self._ago(kept)} is back."
        if edit.base.id == base.id:
            self.say(f"{back} ctrl+n discards it. {self.unsettled}")
        else:
            self.say(f"{back} It began from config {edit.base.id}; the newest is now {base.id}, and your changes "
                     f"stand on top of that one. {self.unsettled}")  # fmt: skip
        self._go_on_as_asked(f"your unsent edit of {self._ago(kept)}")

    async def _merged(self, draft: Draft, base: ModelConfig) -> bool:
        """Fill the form with a draft put upon another config; False where the user has to decide first."""
        fields = await asyncio.to_thread(merge_fields, draft.edit, base)
        if any(field.choice is None for field in fields):
            self._ask(draft.edit, base, draft.refused)
            return False
        await self._fill(Draft(merged(draft.edit, base, {}), draft.refused))
        return True

    def _ask(self, edit: ConfigEdit, theirs: ModelConfig, refused: Mapping[str, str]) -> None:
        """Let the user decide where somebody else changed what the edit changes."""
        from .conflict import ConflictScreen

        self.serve_keys(give_up=True)

        async def go_on(edit: ConfigEdit) -> None:
            await self._fill(Draft(edit, refused))
            self.keep()
            self.say(f"Merged with config {theirs.id}, which is the newest.")
            if not self._go_on_as_asked("the edit that you have just merged"):
                self.action_save()

        async def stay() -> None:
            await self._fill(Draft(edit, refused))
            self.say(f"Not merged: somebody saved config {theirs.id} since your edit began from {edit.base.id}. ctrl+s "
                     "goes there again, ctrl+n discards your edit.", lasting=True)  # fmt: skip

        def decided(merge: ConfigEdit | None) -> None:
            self.start(stay if merge is None else partial(go_on, merge), group="read")

        self.when_in_front(lambda: self.app.push_screen(ConflictScreen(self.version, edit, theirs), decided))

    async def _fill(self, draft: Draft) -> None:
        field = self.form.field or FIELDS[0].key
        await asyncio.to_thread(prepare, draft.edit)
        self.form.fill(draft)
        self._merging = False
        self.form.disabled = self.detail is not None and not self.detail.complete
        self.form.focus_field(field)
        self.show_change()
        self.refresh_bindings()
        self.serve_keys()

    def _go_on_as_asked(self, over: str = "") -> bool:
        """Load what the history gave, or go to the user's own editor; returns whether there was anything to do.

        ``over`` names the unsent edit that would be replaced, if there is one.
        """
        reload, external = self._reload, self._external
        self._reload, self._external = None, False
        if reload is not None and over:
            self.when_in_front(partial(self._ask_to_replace, over, reload))
        elif reload is not None:
            self.take(reload.values, reload.said)
        elif external and not self.why_off("external"):
            self.when_in_front(partial(self.call_after_refresh, self.action_external))
        else:
            return False
        return True

    def _ask_to_replace(self, over: str, reload: "Reload") -> None:
        from .confirm import ConfirmScreen

        text = f"The form holds {over}. Loading the config {reload.said} replaces it."
        question = ConfirmScreen("Replace?", [((text, Role.PLAIN),)], keep="Keep my edit", go="Replace it")
        self.app.push_screen(question, lambda go: self.take(reload.values, reload.said) if go else None)

    def _ago(self, kept: Kept) -> str:
        return f"{age(self.app.service.clock() - kept.changed)} ago"

    # Keys

    def why_off(self, action: str) -> str:
        if action == "reload":
            if self.app.settings.offline:
                return "offline mode"
            return "" if self.failed or self.unknown or self.unsettled else "the config has been read"
        if action in NEED_A_FORM:
            if not self.is_filled:
                return "the config is not read yet"
            if self.saving:
                return "a save is under way"
            if self._merging:
                return "it is being merged with somebody else's"
            if self.unknown:
                return "the outcome of the last save is not known; f5 looks again"
            if self.detail and not self.detail.complete:
                return "this server cannot tell the whole config"
        if action in ("save", "copy") and self.detail is None:
            return f"the newest config could not be read.{self._read_again}".removesuffix(".")
        return super().why_off(action)

    def action_discard(self) -> None:
        """Throw the edit away, after a question."""
        from .confirm import ConfirmScreen

        draft = self.form.draft
        if draft is None or draft.is_empty:
            self.flash("There is nothing to discard.")
            return
        lines = [(("What you changed here is thrown away. Nothing is sent.", Role.PLAIN),)]
        question = ConfirmScreen("Discard?", lines, keep="Keep it", go="Discard")
        self.app.push_screen(question, lambda go: self._discard() if go else None)

    def _discard(self) -> None:
        self.app.forget_draft(self.version.id)
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.detail = None
        self.form.clear()
        self.action_reload()

    # Saving

    def action_save(self) -> None:
        """Review the change, and send it from there."""
        from .review import ReviewScreen

        draft = self.form.draft
        if draft is None or self.why_off("save"):
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
                ReviewScreen(self.version, edit), lambda send: self._send(edit) if send else None
            )

    def _send(self, edit: ConfigEdit, *, unrecorded: bool = False) -> None:
        self.app.save(self.version, edit, unrecorded=unrecorded)
        self._lock()
        self.notice("Saving: sent once, then read back", role=Role.PLAIN)

    def save_failed(self, edit: ConfigEdit, error: WltuiError) -> None:
        """The save was refused or not sent; the edit stays."""
        self._merging = self.holds_keys = isinstance(error, ConfigMoved)
        self._lock()
        self.notice(error)
        if self._merging:
            self.start(partial(self._merge, edit), group="read")
        elif isinstance(error, HistoryUnwritable):
            self._ask_unrecorded(edit, error)

    async def _merge(self, edit: ConfigEdit) -> None:
        """Somebody else was faster: put the edit upon their config, and review it again."""
        try:
            detail = await self.app.service.config_to_edit(self.version)
        except WltuiError as error:
            self._merging = False
            self._lock()
            self.serve_keys()
            self.notice(f"Somebody else saved this config meanwhile; nothing was sent. {str(error).rstrip('.')}. "
                        "ctrl+s tries again.")  # fmt: skip
            return
        self.detail, self.read_at = detail, self.app.service.clock()
        base = detail.config or ModelConfig(id=NO_CONFIG)
        if not await self._merged(Draft(edit), base):
            return
        self.keep()
        self.say(f"Somebody else saved config {base.id} meanwhile; nothing was sent. Your changes touch other "
                 "fields and now stand on top of theirs: ctrl+s reviews them again.")  # fmt: skip

    def _ask_unrecorded(self, edit: ConfigEdit, error: HistoryUnwritable) -> None:
        from .confirm import ConfirmScreen

        lines = [
            ((str(error), Role.WARNING),),
            (("Sent all the same, it is missing in the history (H).", Role.PLAIN),),
        ]
        question = ConfirmScreen("Send unrecorded?", lines, keep="Don't send", go="Send all the same")
        self.app.push_screen(question, lambda go: self._send(edit, unrecorded=True) if go else None)

    def save_ended(self, edit: ConfigEdit, saved: Saved) -> None:
        """The outcome of the save is known, or that it can't be known."""
        self.unknown = (edit, saved) if saved.outcome is Outcome.UNKNOWN else None
        self._lock()
        if saved.outcome is Outcome.TOOK:
            if self.app.screen is self:  # a covered screen counts as current too
                self.dismiss()
            else:
                self._begin_anew()
            return
        why = f" ({saved.reason.why})" if saved.reason and saved.reason.why else ""
        if saved.outcome is Outcome.DID_NOT_TAKE:
            self.notice(f"The answer was lost{why}. The newest config is still the one you began from: the change did "
                        "not take. ctrl+s reviews it again.", role=Role.WARNING)  # fmt: skip
            return
        lost = (
            f"The answer was lost{why}"
            if saved.reason
            else "The save was answered, but not found when read back"
        )
        self.notice(f"{lost}: it can't be told yet whether the change took. Nothing is sent again by itself; f5 looks "
                    "again.", role=Role.WARNING)  # fmt: skip

    async def _look_again(self) -> None:
        if self.unknown is not None:
            edit, saved = self.unknown
            await self.app.look_again(self.version, edit, saved)
            if self.is_filled:
                self.serve_keys()

    def _lock(self) -> None:
        """While a save is under way or its outcome is not known, nothing may be typed that it would not hold."""
        locked = self.saving or self._merging or self.unknown is not None
        typing = self._typing or self.focused
        self._typing = typing if locked else None
        self.form.disabled = locked
        if typing is not None and not locked:
            typing.focus()
        self.refresh_bindings()
        self.redraw()
