"""Refresh only while the user is looking, and announce news to a user who is looking elsewhere."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from wltui.core.records import ModelVersion, Phase, VersionId, phase
from wltui.lifecycle.start import Start
from wltui.ui.instances import Instances
from wltui.ui.screens.base.frame import Frame
from wltui.ui.screens.base.live import LiveScreen
from wltui.ui.text.spans import Role, visible

from .session import Opener, SessionApp

AWAY_SECONDS = 60.0
"""How long a screen delays its next refresh while the terminal is out of focus, besides its usual pause."""
ARRIVALS_NAMED = 3
"""Versions that one message names: many that become ready at once must not fill the screen."""


class AttentiveApp(SessionApp):
    """An app that does not refresh by itself while it is paused or out of focus."""

    def __init__(
        self,
        start: Start,
        opener: Opener,
        state_dir: Path | None,
        instances: Instances | None,
    ) -> None:
        super().__init__(start, opener, state_dir, instances)
        self.paused = False
        self._announced: set[tuple[str, VersionId, str | None]] = set()
        self.watching = asyncio.Event()
        """Set while the terminal has the focus and the user has not paused."""
        self.watching.set()

    def action_pause(self) -> None:
        """Pause automatic refreshes, or resume them with one at once."""
        self.paused = not self.paused
        self._watch()
        if isinstance(self.screen, LiveScreen) and not self.paused:
            self.screen.read()
        if isinstance(self.screen, Frame):
            self.screen.redraw()

    def show_arrivals(self, versions: Sequence[ModelVersion]) -> None:
        """Announce versions that became ready or failed while on screen: by message, bell and desktop notification.

        Each is announced once, though several screens may have watched it.
        """
        session = self.service.owner
        versions = [each for each in versions if (session, each.id, each.status) not in self._announced]
        self._announced.update((session, each.id, each.status) for each in versions)
        if not versions:
            return
        names = ", ".join(
            f"{v.model_name or 'version'} {v.id} is {v.status}" for v in versions[:ARRIVALS_NAMED]
        )
        more = f" and {len(versions) - ARRIVALS_NAMED} more" if len(versions) > ARRIVALS_NAMED else ""
        text = self.glyphs.text(names + more)
        failed = any(phase(version.status) is Phase.ERROR for version in versions)
        if self.settings.toasts:
            self.messages.show(text, Role.ERROR if failed else Role.SUCCESS, seconds=10)
        if self.settings.bell:
            self.bell()
        if self.settings.notify and self._driver is not None:
            plain = visible(names + more, ascii=True).replace(";", ",")  # a semicolon would end the field
            self._driver.write(f"\x1b]9;{plain}\x07\x1b]777;notify;wltui;{plain}\x07")

    def watch_app_focus(self, _: bool) -> None:
        """Follow the terminal's focus, if the terminal reports it."""
        self._watch()
        self.call_later(self.redraw)
        self.call_later(self._focus_again)

    def _focus_again(self) -> None:
        """Focus a screen that opened while the terminal was away: Textual leaves that without a focus then."""
        screen = self.screen
        if self.app_focus and screen.focused is None and isinstance(screen.AUTO_FOCUS, str):
            for widget in screen.query(screen.AUTO_FOCUS):
                if widget.focusable:
                    screen.set_focus(widget)
                    return

    @property
    def wants_news(self) -> bool:
        """Whether the user wants news of versions by bell or notification, also while looking elsewhere."""
        return self.settings.bell or self.settings.notify

    async def wait_until_watched(self) -> None:
        """Wait until the app is in focus and not paused.

        If only the focus is missing and the user wants news, wait at most ``AWAY_SECONDS``.
        """
        if self.watching.is_set() or self.paused or not self.wants_news:
            await self.watching.wait()
            return
        turns = [asyncio.ensure_future(self.watching.wait()), asyncio.ensure_future(self.wait(AWAY_SECONDS))]
        try:
            await asyncio.wait(turns, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for turn in turns:
                turn.cancel()

    def _watch(self) -> None:
        if self.app_focus and not self.paused:
            self.watching.set()
        else:
            self.watching.clear()
