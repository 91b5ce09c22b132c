"""The saves of a session and its unsent edits; both outlive the screens on which they began."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Literal, Protocol

from wltui.core.errors import WltuiError
from wltui.core.records import ModelVersion, Outcome, VersionId
from wltui.core.threads import run_in_thread
from wltui.service.service import Service
from wltui.store.save_history import SaveRecord
from wltui.ui.recovered_texts import recover_texts
from wltui.ui.text.format import day_time

from .messages import Severity

if TYPE_CHECKING:
    from wltui.config.edit import ConfigEdit, Draft
    from wltui.service.save_outcome import Saved


class Cancellable(Protocol):
    """Work that runs, such as a worker of Textual."""

    def cancel(self) -> object:
        """End it at its next wait."""


class SaveListener(Protocol):
    """Receives the outcome of each save of one version; the editor of its config is one.

    It is called directly and not by a message: between the end of a save and a message another key could be served.
    """

    @property
    def is_open(self) -> bool:
        """Whether the user can still see the listener; if not, a message shows the outcome."""

    def on_save_ended(self, edit: "ConfigEdit", saved: "Saved") -> None:
        """Receive the outcome of a save, which may be unknown."""

    def on_save_failed(self, edit: "ConfigEdit", error: WltuiError) -> None:
        """Receive the error of a save that was refused or not sent."""

    def on_save_waits(self) -> None:
        """Receive that a save waits for another wltui, or that it has waited and begins now."""


class Saves:
    """Know which configs are being saved and which edits are unsent; send each save once and report its outcome."""

    def __init__(
        self,
        service: Callable[[], Service],
        *,
        run: Callable[[Coroutine[object, object, None]], Cancellable],
        announce: Callable[[VersionId, str, Severity], None],
        on_change: Callable[[], None],
    ) -> None:
        """
        Args:
            service: Returns the service of the present session.
            run: Runs a save to its end, even if its screen is left meanwhile.
            announce: Shows the outcome of a version's save over any screen.
            on_change: Called when a save has ended or is sent after a wait, since keys and questions depend on it.
        """
        self._service, self._run, self._announce, self._on_change = service, run, announce, on_change
        self.under_way: set[VersionId] = set()
        """The versions whose config is being saved; no second save of one begins."""
        self.waiting: set[VersionId] = set()
        """Those of them that wait for another wltui on this host: nothing is sent yet."""
        self._workers: dict[VersionId, Cancellable] = {}
        self.drafted: set[VersionId] = set()
        """The versions that have an unsent edit."""
        self._listeners: dict[VersionId, SaveListener] = {}

    @property
    def begun(self) -> set[VersionId]:
        """The versions whose config is being saved, and may have been sent."""
        return self.under_way - self.waiting

    def busy_reason(self) -> str:
        """Return why the session can't be left now, or an empty string if it can."""
        if self.begun:
            return "a save is under way; its outcome is not known yet"
        if self.waiting:
            return "a save waits for another wltui; nothing is sent yet"
        return self._service().drafts.unwritten or "" if self.drafted else ""

    # Listeners

    def listen(self, version_id: VersionId, listener: SaveListener) -> None:
        """Report the outcomes of a version's saves to ``listener``, which replaces an earlier one."""
        self._listeners[version_id] = listener

    def stop_listening(self, version_id: VersionId, listener: SaveListener) -> None:
        """Report nothing to ``listener`` any more; a later listener of the same version stays."""
        if self._listeners.get(version_id) is listener:
            del self._listeners[version_id]

    def _listener(self, version_id: VersionId) -> SaveListener | None:
        found = self._listeners.get(version_id)
        return found if found is not None and found.is_open else None

    # Unsent edits

    async def find_drafts(self) -> None:
        """Load which versions have unsent edits, those of former sessions included."""
        drafts = self._service().drafts
        await run_in_thread(recover_texts, drafts)
        kept = await run_in_thread(drafts.all)
        self.drafted |= {draft.version.id for draft in kept if not draft.elsewhere}

    def keep_draft(self, version: ModelVersion, draft: "Draft") -> None:
        """Keep an unsent edit: it survives esc, quit, and the loss of the terminal."""
        self._service().drafts.keep(version, draft)
        (self.drafted.discard if draft.is_empty else self.drafted.add)(version.id)

    def forget_draft(self, version_id: VersionId) -> None:
        """Forget an edit that was saved or discarded."""
        self._service().drafts.forget(version_id)
        self.drafted.discard(version_id)

    # Saves

    def save(self, version: ModelVersion, edit: "ConfigEdit", *, unrecorded: bool = False) -> None:
        """Send an edit's config, once. Report the outcome to the listener, or by a message if there is none."""
        self.under_way.add(version.id)
        self._workers[version.id] = self._run(self._save(version, edit, unrecorded))

    def give_up(self, version_id: VersionId) -> None:
        """End a save that waits for another wltui. Nothing was sent, and the unsent edit stays."""
        if version_id in self.waiting:
            self._workers[version_id].cancel()
            self.waiting.discard(version_id)
            self.under_way.discard(version_id)
            self._on_change()

    def give_up_waiting(self) -> None:
        """End all saves that wait for another wltui, so that none is sent any more."""
        for version_id in [*self.waiting]:
            self.give_up(version_id)

    def _show_wait(self, version_id: VersionId, is_waiting: bool) -> None:
        was_waiting = version_id in self.waiting
        (self.waiting.add if is_waiting else self.waiting.discard)(version_id)
        if was_waiting is is_waiting:
            return
        if listener := self._listener(version_id):
            listener.on_save_waits()
        self._on_change()

    async def _save(self, version: ModelVersion, edit: "ConfigEdit", unrecorded: bool) -> None:
        try:
            saved = await self._service().save_config(
                version, edit, unrecorded=unrecorded, on_wait=partial(self._show_wait, version.id)
            )
        except WltuiError as error:
            self.waiting.discard(version.id)
            self.under_way.discard(version.id)
            if listener := self._listener(version.id):
                listener.on_save_failed(edit, error)
            else:
                self.show_failure(version.id, error)
            self._on_change()
            return
        self.under_way.discard(version.id)
        self._end(version, edit, saved)

    async def look_again(self, version: ModelVersion, edit: "ConfigEdit", saved: "Saved") -> None:
        """Look up the outcome of a save once more and report it; nothing is sent."""
        self._end(version, edit, await self._service().look_again(saved))

    def _end(self, version: ModelVersion, edit: "ConfigEdit", saved: "Saved") -> None:
        is_saved = saved.outcome is Outcome.SAVED
        if is_saved:
            self.forget_draft(version.id)
        listener = self._listener(version.id)
        if is_saved or listener is None:
            self.show_outcome(version.id, saved)
        if listener is not None:
            listener.on_save_ended(edit, saved)
        self._on_change()

    def show_outcome(self, version_id: VersionId, saved: "Saved") -> None:
        """Show the outcome of a save, or that it is unknown, over any screen."""
        text, severity = _save_words(saved)
        name = "" if saved.outcome is Outcome.SAVED else "Your save "
        self._announce(version_id, f"{name}{text}", severity)

    def show_failure(self, version_id: VersionId, error: WltuiError) -> None:
        """Show over any screen that a save was refused or not sent."""
        self._announce(version_id, f"Not saved; your edit is kept. {error}", "error")

    def show_settled(self, entry: SaveRecord, saved: "Saved") -> None:
        """Show the outcome, found later, of a save whose outcome was unknown."""
        text, severity = _save_words(saved)
        was = "was " if saved.outcome is Outcome.SAVED else ""
        self._announce(
            entry.version_id, f"Your save of {day_time(entry.at.isoformat())} {was}{text}", severity
        )


def _save_words(saved: "Saved") -> tuple[str, Literal["information", "warning"]]:
    from wltui.ui.text.save_words import outcome_words  # it imports modules that a start does not need

    return outcome_words(saved)
