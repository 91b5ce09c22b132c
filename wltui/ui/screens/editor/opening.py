"""The start of an edit: the newest config, an unsent edit on top of it, and the outcome of an earlier save."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from textual.widget import Widget

from wltui.config.detail import NO_CONFIG, VersionDetail
from wltui.config.edit import ConfigEdit, Draft
from wltui.config.fields import FIELDS
from wltui.core.errors import WltuiError
from wltui.core.records import ModelConfig, ModelVersion, Outcome
from wltui.core.threads import run_in_thread
from wltui.service.rebase import Clash, made_newest, on_config, rebase_on_newest
from wltui.service.save_outcome import Found, Saved, same_request
from wltui.service.saving import Settled
from wltui.store.drafts import Kept
from wltui.ui.actions import disabled_if
from wltui.ui.recovered_texts import recover_texts
from wltui.ui.text.format import age, day_time
from wltui.ui.text.save_words import NOT_REPEATED, doubt_words, warning_words
from wltui.ui.text.spans import Role
from wltui.ui.widgets.config_form import prepare

from .sources import EditorSources

if TYPE_CHECKING:
    from wltui.service.editing import EditStart

    from .history import Reload

ONLY_LOOK = (
    "This config can only be looked at: the server does not return all of it (it has no get_version_by_id), and a "
    "save would clear the fields that can't be read."
)

SENT_SECONDS = 0.005
"""How long it takes until the requests for a config are on their way."""
CONFIG_SECONDS = 0.05
"""How long the first paint waits for the config once the form's rows are made; a server nearby sends it in less time.

Painted before that, the whole screen would be laid out and painted twice, which takes longer than to wait.
"""


def _nothing() -> None:
    """Do nothing: there is nothing to show after the form is filled."""


def nothing_to_read(editor: "EditorOpening") -> str:
    """Return why neither the config nor the outcome of a save is to be read again, or an empty string."""
    if editor.app.settings.offline:
        return "offline mode"
    return "" if editor.failed or editor.unknown or editor.doubt else "the config has been read"


class EditorOpening(EditorSources):
    """Fills the form, and shows the user its origin and any doubt about an earlier save."""

    def __init__(
        self,
        version: ModelVersion,
        *,
        reload: "Reload | None" = None,
        external: bool = False,
        copy_from: ModelVersion | None = None,
    ) -> None:
        super().__init__(version)
        self.detail: VersionDetail | None = None
        """The detail that the edit begins from; None until it is fetched."""
        self.read_at: datetime | None = None
        self.failed = False
        """Whether the newest config could not be read."""
        self.unknown: tuple[ConfigEdit, Saved] | None = None
        """The last save if its outcome is unknown; until it is known, nothing can be typed or sent."""
        self.settled: Settled | None = None
        """An earlier save that had no outcome, with its outcome if that is known by now."""
        self._reload, self._external, self._copy_from = reload, external, copy_from
        self._typing: Widget | None = None
        self._merging = False
        """Whether the edit is being rebased onto another config."""

    @property
    def locked_reason(self) -> str:
        if reason := super().locked_reason:
            return reason
        if self._merging:
            return "it is being put upon the newest config"
        if self.unknown:
            return f"the outcome of the last save is not known; {self.key_of('editor.reload')} looks again"
        return (
            ""
            if self.detail is None or self.detail.complete
            else "this server does not return the whole config"
        )

    @property
    def unread_reason(self) -> str:
        if self.detail is not None:
            return ""
        return f"the newest config could not be read.{self._read_again}".removesuffix(".")

    @disabled_if(nothing_to_read)
    def action_reload(self) -> None:
        """Fetch the newest config again, or look up the outcome of the last save if it is unknown."""
        self.failed = False
        self.holds_keys = True  # or the new config would overwrite the letters typed meanwhile
        self.refresh_bindings()
        self.notice("Looking again" if self.unknown else "Reading the newest config", role=Role.PLAIN)
        self.start(self._look_again if self.unknown else self._load, group="read")

    async def _look_again(self) -> None:
        if self.unknown is not None:
            edit, saved = self.unknown
            await self.app.saves.look_again(self.version, edit, saved)
            if self.is_filled:
                self.serve_keys()

    async def _load(self) -> None:
        service = self.app.service
        await run_in_thread(recover_texts, service.drafts)
        kept = await run_in_thread(service.drafts.take, self.version.id)
        edit = kept.draft.edit if kept else None
        try:
            start = await self._fetch(edit)
        except WltuiError as error:
            await self._begin_unread(error, kept)
            return
        self.detail, self.settled, self.read_at = start.detail, start.settled, start.read_at
        base = start.detail.config or ModelConfig(id=NO_CONFIG)
        if self._show_settled():
            kept = None
        if kept is None:
            text = f"{self.doubt} {self.left_in_editor()} {await self._held_elsewhere()}"
            await self._fill(
                Draft(ConfigEdit(self.version.id, base)),
                partial(self.say, text if start.detail.complete else ONLY_LOOK, lasting=True),
            )
            self._go_on_as_asked()
        else:
            await self._put_upon(base, kept)

    async def _fetch(self, edit: ConfigEdit | None) -> "EditStart":
        """Fetch the start of the edit, and make the form's rows while the server answers.

        The screen is painted without the config if it does not come soon.
        """
        start = asyncio.create_task(self.app.service.begin_edit(self.version, edit))
        try:
            await asyncio.wait({start}, timeout=SENT_SECONDS)
            await self.form.make_rows()
            await asyncio.wait({start}, timeout=CONFIG_SECONDS)
            if not start.done():
                self.end_opening()
            return await start
        finally:
            start.cancel()

    # An earlier save

    def _show_settled(self) -> bool:
        """Show the outcome of an earlier save; return whether it saved the unsent edit, which is then forgotten."""
        if (settled := self.settled) is None:
            return False
        if settled.saved.outcome is not Outcome.UNKNOWN:
            self.app.saves.show_settled(settled.entry, settled.saved)
        if settled.saved.outcome is Outcome.SAVED and settled.is_draft:
            self.app.saves.forget_draft(self.version.id)
            return True
        return False

    @property
    def doubt(self) -> str:
        """A sentence about an earlier save whose outcome is unknown; empty if there is none."""
        settled = self.settled
        if settled is None or settled.saved.outcome is not Outcome.UNKNOWN:
            return ""
        text = f"Your save of {day_time(settled.entry.at.isoformat())} {doubt_words(settled.saved)}"
        return (
            text
            if settled.saved.found is Found.FITS
            else f"{text} {self.key_of('editor.reload')} looks again."
        )

    @property
    def warning(self) -> str:
        """A warning for the review if the outcome of an earlier save is unknown; else empty."""
        return warning_words(self.settled) if self.doubt and self.settled else ""

    def _is_ours(self, base: ModelConfig) -> bool:
        """Return whether an earlier save made the newest config, or may have."""
        return made_newest(self.settled, base)

    # An unsent edit

    async def _held_elsewhere(self) -> str:
        """Return a sentence if another wltui holds an unsent edit of this version, or an empty string."""
        kept = await run_in_thread(self.app.service.drafts.all)
        held = next((each for each in kept if each.elsewhere and each.version.id == self.version.id), None)
        if held is None:
            return ""
        return f"Another wltui on this host holds an unsent edit of this version, of {self._ago(held)}."

    async def _begin_unread(self, error: WltuiError, kept: Kept | None) -> None:
        """Open the unsent edit if there is one; without the newest config no new edit can begin."""
        self.failed = True
        problem = self.app.error_text(error, retries=bool(self._read_again))
        if kept is None:
            self.notice(f"{problem}.{self._read_again}")
            self.end_opening()
            self.serve_keys(give_up=True)
        else:
            sent = await run_in_thread(self._may_be_saved, kept)
            await self._fill(kept.draft)
            edit = "edit, which was sent and may be saved," if sent else f"unsent edit of {self._ago(kept)}"
            self.notice(f"{problem}. Your {edit} is open all the same; to be saved it needs the newest config."
                        f"{self._read_again}")  # fmt: skip
        self.refresh_bindings()

    def _may_be_saved(self, kept: Kept) -> bool:
        """Return whether an edit was sent with an unknown outcome. Reads the history from disk."""
        request = kept.draft.edit.request()
        entries = self.app.service.history.entries(self.version.id)
        return any(
            entry.outcome in (None, Outcome.UNKNOWN) and same_request(entry.request, request)
            for entry in entries
        )

    @property
    def _read_again(self) -> str:
        return "" if self.app.settings.offline else f" {self.key_of('editor.reload')} reads it again."

    async def _put_upon(self, base: ModelConfig, kept: Kept) -> None:
        """Rebase an unsent edit onto the newest config."""
        if await self._placed(kept.draft, base, partial(self._say_back, kept, base)):
            self._go_on_as_asked(f"your unsent edit of {self._ago(kept)}")

    def _say_back(self, kept: Kept, base: ModelConfig) -> None:
        """Show that an unsent edit is back, and the config that it is based on."""
        began = kept.draft.edit.base.id
        back = f"Your unsent edit of {self._ago(kept)} is back."
        if self.settled and self.settled.is_draft and self.doubt:
            save, discard = map(self.key_of, ("editor.save", "editor.discard"))
            self.say(f"{self.doubt} {NOT_REPEATED} Your edit is kept: {save} sends it again, {discard} discards it.",
                     lasting=True)  # fmt: skip
        elif began == base.id:
            self.say(
                f"{back} {self.key_of('editor.discard')} discards it. {self.doubt} {self.left_in_editor()}"
            )
        else:
            self.say(f"{back} It began from config {began}; the newest is now {base.id}, and your changes "
                     f"stand on top of that one. {self.doubt} {self.left_in_editor()}")  # fmt: skip

    async def _placed(
        self, draft: Draft, base: ModelConfig, on_filled: Callable[[], None] = _nothing
    ) -> bool:
        """Fill the form with a draft rebased onto another config; return False if the user has to decide first.

        ``on_filled`` is called in the frame that shows the draft. There is nothing to decide if a save of this very
        edit made the config, or may have.
        """
        placed = await run_in_thread(rebase_on_newest, draft.edit, base, self.settled)
        if isinstance(placed, Clash):
            self._ask(draft.edit, placed.theirs, base, draft.refused)
            return False
        await self._fill(Draft(placed, draft.refused), on_filled)
        if self.settled and self.settled.is_draft and self._is_ours(base):
            self.keep()
        return True

    def _ask(
        self, edit: ConfigEdit, theirs: ModelConfig, base: ModelConfig, refused: Mapping[str, str]
    ) -> None:
        """Let the user decide on fields in which the newest config and the edit differ."""
        from .conflict import ConflictScreen

        self.serve_keys(give_up=True)

        async def go_on(edit: ConfigEdit) -> None:
            text = f"Merged with config {theirs.id}, which is the newest."
            await self._fill(Draft(on_config(edit, base), refused), partial(self.say, text))
            self.keep()
            if not self._go_on_as_asked("the edit that you have just merged"):
                self.action_save()

        async def stay() -> None:
            text = (
                f"Not merged: config {theirs.id} is newer than {edit.base.id}, from which your edit began. "
                f"{self.key_of('editor.save')} goes there again, {self.key_of('editor.discard')} discards your edit. "
                f"{self.doubt}"
            )
            await self._fill(Draft(edit, refused), partial(self.say, text, lasting=True))

        def decided(merge: ConfigEdit | None) -> None:
            self.start(stay if merge is None else partial(go_on, merge), group="read")

        conflict = ConflictScreen(self.version, edit, theirs, self.doubt, is_mine=self._is_ours(base))
        self.when_in_front(lambda: self.app.push_screen(conflict, decided))

    # The form

    async def _fill(self, draft: Draft, on_filled: Callable[[], None] = _nothing) -> None:
        """Put a draft into the form and call ``on_filled`` in one frame: its layout takes tens of ms."""
        field = self.form.field or FIELDS[0].key
        await run_in_thread(prepare, draft.edit)
        with self.app.batch_update():
            await self.form.fill(draft)
            self._merging = False
            self.form.disabled = self.detail is not None and not self.detail.complete
            self.form.focus_field(field)
            self.show_change()
            on_filled()
            self.refresh_bindings()
        self.end_opening()
        self.serve_keys()

    def _go_on_as_asked(self, over: str = "") -> bool:
        """Load the values of the history or another version, or open the user's own editor; return whether asked for.

        ``over`` names the unsent edit that would be replaced; empty if there is none.
        """
        reload, external, source = self._reload, self._external, self._copy_from
        self._reload, self._external, self._copy_from = None, False, None
        if reload is not None and over:
            self.when_in_front(partial(self._ask_to_replace, over, reload))
        elif reload is not None:
            self.take(reload.values, reload.origin)
        elif source is not None and not over:
            self.start(partial(self._copy, source, is_new=True), group="copy")
        elif external and not self.disabled_reason("external"):
            self.when_in_front(partial(self.call_after_refresh, self.action_external))
        else:
            return False
        return True

    def _ask_to_replace(self, over: str, reload: "Reload") -> None:
        from wltui.ui.screens.confirm import ConfirmScreen

        text = f"The form holds {over}. Loading {reload.origin} replaces it."
        question = ConfirmScreen("Replace?", [((text, Role.PLAIN),)], keep="Keep my edit", go="Replace it")
        self.app.push_screen(question, lambda go: self.take(reload.values, reload.origin) if go else None)

    def _ago(self, kept: Kept) -> str:
        return f"{age(self.app.service.clock() - kept.changed)} ago"
