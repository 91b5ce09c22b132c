"""Save a config from the command line: show the change, ask, send it once, and say how it ended.

Standard output has the result alone: the id of the newest config, or a JSON record. All else goes to standard error.
"""

import asyncio
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING

from msgspec import Struct

from wltui.config.detail import NO_CONFIG
from wltui.config.fields import FIELDS
from wltui.config.syntax import json_text
from wltui.core.errors import ConfigMoved, HistoryUnwritable, OutcomeUnknown, ReadOnlyMode
from wltui.core.records import ConfigId, ModelVersion, Outcome, VersionId
from wltui.core.settings import Settings
from wltui.core.threads import run_in_thread
from wltui.lifecycle.console import OutputLost, say
from wltui.service.edit_sources import problems_of
from wltui.ui.text.format import count
from wltui.ui.text.save_words import (
    NOT_REPEATED,
    SAVING,
    doubt_words,
    outcome_words,
    waiting_words,
)

from .confirm import Ask, confirm_send
from .save_text import diff_lines, earlier_save, has_colour, look_up_words, name_version, say_line

if TYPE_CHECKING:
    from wltui.service.headless_edit import EditPlan, EditSource
    from wltui.service.save_outcome import Saved
    from wltui.service.service import Service

FORMAT = 1
"""The format of JSON records."""
UNKNOWN = 8


class SaveOptions(Struct, frozen=True, kw_only=True):
    """The flags of a command that saves."""

    yes: bool = False
    """Send without a question, unless the profile is protected or an earlier save is in doubt."""
    confirm: str | None = None
    """The model's name, as the confirmation."""
    expected: ConfigId | None = None
    dry_run: bool = False
    cleared: tuple[str, ...] = ()
    unrecorded: bool = False
    output: str = "id"
    """The form of the result: its id or a record, or none; of the request of a dry run JSON, or a program."""


class ConfigSaver:
    """Saves configs of one session.

    Args:
        service: The session's service.
        settings: Its settings.
        options: The flags.
        ask: Asks the user; None if there is no terminal.
    """

    def __init__(
        self, service: "Service", settings: Settings, options: SaveOptions, ask: Ask | None = None
    ) -> None:
        self._service, self._settings, self._options, self._ask = service, settings, options, ask
        self._has_begun = False  # the save: before, it waits for another one of this host
        self._lost: OutputLost | None = None
        """Why a message about a save under way could not be printed, if so."""

    async def save(self, version_id: VersionId, source: "EditSource") -> int:
        """Plan, show, confirm, send and look up a save; return the exit code.

        Raises:
            ReadOnlyMode: the session is read-only; nothing was read either.
            SaveDeclined: it would clear fields that can't be read, or nobody confirmed it.
            ConfigMoved: somebody else was faster, or changed the same.
            OutcomeUnknown: an earlier save may still be carried out, and there is nobody to ask.
            WltuiError: it was refused, or could not be sent.
        """
        options = self._options
        if self._settings.read_only and not options.dry_run:
            raise ReadOnlyMode(
                f"The config of version {version_id} was not saved",
                "this session is read-only",
                "Nothing was sent",
            )
        try:
            plan = await self.plan(version_id, source)
            await self._show(plan)
        except asyncio.CancelledError:
            say_line("Nothing was sent.")
            raise
        if not plan.changes:
            if not options.dry_run:
                self._print_result(plan, None)
            return 0
        if plan.problems:
            raise problems_of(version_id, plan.problems)
        plan.check()
        if options.dry_run:
            self._print_request(plan)
            return 0
        await self._confirm(plan)
        return await self._send(plan)

    async def plan(self, version_id: VersionId, source: "EditSource") -> "EditPlan":
        """Return the edit to send; see ``Service.plan_edit``."""
        return await self._service.plan_edit(
            ModelVersion(id=version_id),
            source,
            expected=self._options.expected,
            cleared=self._options.cleared,
        )

    # Before

    async def _show(self, plan: "EditPlan") -> None:
        """Show the change, and all that should be known before it is sent."""
        version = name_version(plan.version)
        here = f"config {plan.base.id}" if plan.base.id != NO_CONFIG else "no config"
        if not plan.changes:
            say_line(f"{version} has {here}: nothing to change.")
        else:
            kept = len(FIELDS) - len(plan.changes)
            say_line(
                f"{version} has {here}: {count(len(plan.changes), 'field')} to change, {kept} unchanged."
            )
            for line in diff_lines(plan.changes, in_colour=has_colour(sys.stderr)):
                say(line, error=True)
        for note in (*plan.notes, *earlier_save(plan), await self._draft_note(plan.version.id)):
            if note:
                say_line(note)

    async def _draft_note(self, version_id: VersionId) -> str:
        drafts = await run_in_thread(self._service.drafts.all)
        if not any(draft.version.id == version_id for draft in drafts):
            return ""
        return (
            "An unsent edit of this version, begun in the dashboard, stays as it is; wltui drafts lists it."
        )

    async def _confirm(self, plan: "EditPlan") -> None:
        """Return once somebody has confirmed the save; raise SaveDeclined or OutcomeUnknown if nobody does."""
        not_sent = f"The config of version {plan.version.id} was not sent"
        doubt = OutcomeUnknown(
            not_sent,
            "an earlier save of yours may still be carried out, and would then replace this one",
            "Run it again later, or on a terminal, where you are asked",
        )
        await confirm_send(
            self._ask,
            self._settings,
            plan.version.model_name,
            not_sent,
            yes=self._options.yes,
            confirm=self._options.confirm,
            doubt=doubt if plan.is_in_doubt else None,
        )

    # After

    async def _send(self, plan: "EditPlan") -> int:
        saved, is_interrupted = await self._await_outcome(self._send_once(plan), plan)
        words = outcome_words(saved)[0]
        if saved.outcome is Outcome.UNKNOWN:
            self._tell(
                f"{name_version(plan.version)}: your save {doubt_words(saved)} {NOT_REPEATED} {look_up_words(plan)}"
            )
        else:
            self._tell(f"{name_version(plan.version)}: {words}")
        self._print_result(plan, saved)
        if self._lost:
            raise self._lost
        if is_interrupted:
            raise asyncio.CancelledError
        return {Outcome.SAVED: 0, Outcome.UNKNOWN: UNKNOWN}.get(saved.outcome, 5)

    def _tell(self, text: str) -> None:
        """Print a message about a save under way. If that fails, the save goes on; :meth:`_send` ends with the error.

        Its reader may be a program that the same ctrl+c ended.
        """
        try:
            say_line(text)
        except OutputLost as lost:
            self._lost = self._lost or lost

    def _show_wait(self, is_waiting: bool) -> None:
        say_line(waiting_words("ctrl+c") if is_waiting else f"{SAVING}.")
        self._has_begun = not is_waiting

    async def _send_once(self, plan: "EditPlan") -> "Saved":
        unrecorded = self._options.unrecorded
        try:
            saved = await self._service.save_config(
                plan.version, plan.edit, unrecorded=unrecorded, on_wait=self._show_wait
            )
        except ConfigMoved as error:
            advice = "Nothing was sent. Run it again to make the change on top of the newest"
            raise ConfigMoved(error.what, error.why, advice, newest=error.newest) from None
        except HistoryUnwritable as error:
            raise HistoryUnwritable(
                error.what,
                error.why,
                "Make room or mend that; or add --unrecorded to send it without a record",
            ) from None

        def on_pause(known: "Saved") -> None:
            self._tell(f"Your save {doubt_words(known)} Looking again.")

        return await self._service.look_until_known(saved, on_pause)

    async def _await_outcome(
        self, sending: Coroutine[object, object, "Saved"], plan: "EditPlan"
    ) -> tuple["Saved", bool]:
        """Return the outcome of a save, and whether ctrl+c or a signal asked to end meanwhile.

        The first one does not end the save, whose outcome nobody would know then; the second one does. A save that
        waits for another one of this host has not begun, and ends at once.
        """
        task = asyncio.ensure_future(sending)
        try:
            return await asyncio.shield(task), False
        except asyncio.CancelledError:
            if not self._has_begun:
                task.cancel()
                self._tell("Nothing was sent.")
                raise
            self._tell(
                "The save is under way, so its outcome is awaited. ctrl+c again ends wltui all the same."
            )
        try:
            return await asyncio.shield(task), True
        except asyncio.CancelledError:
            task.cancel()
            self._tell(
                f"{name_version(plan.version)}: your save was begun, and its outcome is not known: it may be carried "
                f"out. {NOT_REPEATED} {look_up_words(plan)}"
            )
            raise

    # Results

    def _print_request(self, plan: "EditPlan") -> None:
        """Print the request that a save would send."""
        request = plan.edit.request()
        if self._options.output in ("id", "json"):
            say(json_text.format(request, indent=2))
            return
        from wltui.api import calls, snippets

        make = {"curl": snippets.curl, "requests": snippets.requests, "sdk": snippets.sdk}[
            self._options.output
        ]
        snippet = make(calls.insert_config(request), snippets.target_of(self._settings))
        say(snippet or "", end="")

    def _print_result(self, plan: "EditPlan", saved: "Saved | None") -> None:
        """Print the id of the version's newest config, or a record of the save; None if nothing was to be sent."""
        if self._options.output == "none":
            return
        if self._options.output == "json":
            say(json_text.format(save_record(plan, saved), indent=2))
            return
        config = plan.base if saved is None else saved.config if saved.outcome is Outcome.SAVED else None
        if config is not None and config.id != NO_CONFIG:
            say(str(config.id))


def save_record(plan: "EditPlan", saved: "Saved | None") -> dict[str, object]:
    """Return a save as JSON; without ``saved`` there was nothing to change. Ids are null if there are none."""
    is_saved = saved is not None and saved.outcome is Outcome.SAVED
    config = saved.config if saved and is_saved else None if saved else plan.base
    running = saved.running if saved else None
    return {
        "format": FORMAT,
        "version_id": plan.version.id,
        "model_name": plan.version.model_name,
        "outcome": "unchanged" if saved is None else "saved" if is_saved else saved.outcome.name.lower(),
        "config_id": config.id if config and config.id != NO_CONFIG else None,
        "config_id_before": plan.base.id if plan.base.id != NO_CONFIG else None,
        "changed": [change.key for change in plan.changes],
        "kept_differently": [change.key for change in saved.differences] if saved else [],
        "newer_config_id": saved.newer if saved else None,
        "replaced_config_id": saved.replaced if saved else None,
        "redeploy": None if running is None else [use.pipeline_name for use in running],
    }
