"""Obey ``wltui upload`` from its beginning to its end: after the upload, follow the version and give it a config."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta

from msgspec import Struct

from wltui.config.syntax import json_text
from wltui.core.errors import OutcomeUnknown, TimedOut
from wltui.core.records import ModelVersion, VersionId
from wltui.core.settings import Settings
from wltui.core.threads import run_in_thread
from wltui.lifecycle.console import say
from wltui.service.headless_edit import EditSource
from wltui.service.service import Service
from wltui.service.upload.first_config import foresee_config
from wltui.ui.text.format import count

from .config_save import ConfigSaver, SaveOptions
from .confirm import Ask
from .following import follow_version
from .save_text import diff_lines, has_colour, say_line
from .upload_prepare import Prepared, Preparer, UploadFlags
from .upload_send import Sent, Uploader, upload_record, version_id

UNUSABLE = 2
"""The exit code for a file that the platform would refuse."""
PAUSE = 5.0
"""Seconds between two reads of a version that is followed."""


class After(Struct, frozen=True, kw_only=True):
    """What is to happen after the upload."""

    config: EditSource | None = None
    """The config that the version gets."""
    is_followed: bool = False
    limit: timedelta | None = None
    """How long it is followed at most."""
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep


async def obey_upload(
    service: Service, settings: Settings, flags: UploadFlags, after: After, ask: Ask | None
) -> int:
    """Upload a file, follow its version and configure it, as far as asked for; return the exit code.

    Raises:
        WltuiError: nothing was uploaded, or the config was not saved.
    """
    preparer, uploader = Preparer(service, settings, flags), Uploader(service, settings, flags, ask)
    ready = await preparer.prepare()
    preparer.show(ready)
    if after.config is not None:
        await _show_config(ready, after.config)
    if flags.dry_run:
        uploader.print_request(ready)
    if ready.is_hopeless and not flags.force:
        if not flags.dry_run:
            say_line("Not uploaded, since the platform would refuse it. Add --force to send it all the same.")
        return UNUSABLE
    if flags.dry_run:
        return 0
    await uploader.confirm(ready)
    sent = await uploader.send(ready)
    code = uploader.end(sent)
    number = version_id(sent)
    if number is not None and flags.output == "id":
        say(str(number))
    ending = _Ending(uploader, after, ready, sent)
    try:
        if code == 0:
            code = await ending.finish(number)
    finally:
        if flags.output == "json":
            say(json_text.format(ending.record, indent=2))
    return code


async def _show_config(ready: Prepared, source: EditSource) -> None:
    """Show how the config that the version gets differs from the one that the upload makes, as far as that is known.

    Raises:
        UsageError, SaveDeclined: no version can get that config; nothing was sent.
    """
    sourced = await run_in_thread(foresee_config, ready.plan, source)
    changes = await run_in_thread(sourced.edit.changes)
    if not changes:
        say_line(
            "Then its config: nothing to change in what the upload itself makes, as far as that is known."
        )
        return
    say_line(f"Then its config, sent without another question: {count(len(changes), 'field')} to change.")
    for line in diff_lines(changes, in_colour=has_colour(sys.stderr)):
        say(line, error=True)
    for note in sourced.notes:
        say_line(note)
    for problem in sourced.edit.problems():
        say_line(f"warning: The config would be refused: {problem.field}: {problem.text}")


class _Ending:
    """What happens to the version after the upload."""

    def __init__(self, uploader: Uploader, after: After, ready: Prepared, sent: Sent) -> None:
        self._uploader, self._after, self._ready, self._sent = uploader, after, ready, sent
        self._version: ModelVersion | None = None
        self._is_configured: bool | None = None if after.config is None else False

    @property
    def record(self) -> dict[str, object]:
        """The record of ``-o json``, as far as things have gone."""
        return upload_record(self._ready, self._sent, self._version, self._is_configured)

    async def finish(self, number: VersionId | None) -> int:
        """Follow the version and configure it, as far as asked for; return the exit code.

        Raises:
            OutcomeUnknown: it is not certain which version to configure or to follow.
        """
        if number is None:
            if self._after.is_followed or self._after.config is not None:
                raise self._unchecked("The new version was not followed")
            return 0
        if self._after.is_followed and (code := await self._follow(number)):
            return code
        if self._after.config is None:
            return 0
        outcome = self._sent.outcome
        if outcome is None or outcome.version is None:
            raise self._unchecked(f"The config of version {number} was not sent")
        options = SaveOptions(
            yes=True, confirm=self._ready.plan.name, unrecorded=self._uploader.flags.unrecorded, output="none"
        )
        code = await ConfigSaver(self._uploader.service, self._uploader.settings, options).save(
            number, self._after.config
        )
        self._is_configured = code == 0
        return code

    def _unchecked(self, what: str) -> OutcomeUnknown:
        file = self._ready.plan.file_name
        return OutcomeUnknown(
            what, f"it could not be checked which version holds {file}", "Look for it with wltui get versions"
        )

    async def _follow(self, number: VersionId) -> int:
        def show(version: ModelVersion, status: str) -> None:
            self._version = version
            reason = f" ({version.error_summary})" if version.error_summary else ""
            say_line(f"Version {number}: {status}{reason}")

        limit = self._after.limit
        try:
            async with asyncio.timeout(limit.total_seconds() if limit is not None else None):
                return await follow_version(
                    self._uploader.service, number, {"ready"}, show, pause=PAUSE, wait=self._after.wait
                )
        except TimeoutError:
            last = self._version.status if self._version else "unknown"
            raise TimedOut(f"Version {number} was not ready in time", f"its status is {last}") from None
