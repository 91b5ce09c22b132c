"""A screen that shows every version of the instance."""

from collections.abc import AsyncIterator

from wltui.service.fleet import Fleet
from wltui.service.service import Answer
from wltui.ui.text.format import count, name_some
from wltui.ui.text.spans import Role, Spans
from wltui.ui.widgets.progress import progress

from .live import LiveScreen

UNREAD_NAMED = 3
"""How many workspaces that could not be read are named; the others are counted."""


def unread_workspaces(fleet: Fleet) -> str | None:
    """Return a sentence on the workspaces that could not be read, or None if all could."""
    names = {workspace.id: workspace.name for workspace in fleet.workspaces}
    failed = [
        f"{names.get(number, number)}: {error.why or error.what}" for number, error in fleet.unread.items()
    ]
    if not failed:
        return None
    named = name_some(failed, UNREAD_NAMED)
    return f"{count(len(failed), 'workspace')} could not be read, so versions are missing or older: {named}."


class FleetLive(LiveScreen[Fleet, None]):
    """Reads the whole instance, all of it at once if the user presses ``r``.

    A list has this base class last, since Textual finds the styles of a class along its first bases only.
    """

    _is_asked_for = False
    """Whether the next read is one that the user asked for."""

    @property
    def fleet(self) -> Fleet:
        """What has been read so far."""
        return self.answer.value if self.answer else Fleet()

    async def answers(self) -> AsyncIterator[Answer[Fleet]]:
        now, self._is_asked_for = self._is_asked_for, False
        async for answer in self.app.service.fleet(now=now):
            await self.prepare(answer.value)
            await self.app.give_way()
            yield answer

    async def prepare(self, value: Fleet) -> None:
        """Prepare an answer for the screen, in steps, so that keys are served."""

    async def show_latest(self, answer: Answer[Fleet]) -> None:
        if latest := self.app.service.fleet_reader.latest():
            await self.prepare(latest.value)
            self._receive(latest)

    def action_refresh(self) -> None:
        """Read all workspaces again now."""
        self._is_asked_for = True
        super().action_refresh()

    def is_older(self, answer: Answer[Fleet]) -> bool:
        """Return whether an answer of the cache comes after a live one; the oldest part of a fleet dates it."""
        return not answer.live and self.answer is not None and self.answer.live

    def progress(self) -> Spans:
        """Return how far the read is, for the status line; nothing if it is at its end."""
        fleet = self.fleet
        if not fleet.left:
            return ()
        return (("   ", Role.PLAIN), *progress(fleet.left, len(fleet.workspaces), "workspace", self.glyphs))
