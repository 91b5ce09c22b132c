"""Whether somebody looks: what is read by itself waits for that, and news are announced to those who look away."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from wltui.core.records import ModelVersion, Phase, phase
from wltui.lifecycle.start import Start
from wltui.ui.instances import Instances
from wltui.ui.screens.base.frame import Frame
from wltui.ui.screens.base.live import LiveScreen
from wltui.ui.text.spans import visible

from .session import Opener, SessionApp

AWAY_SECONDS = 60.0
"""How long a screen waits with its next read while nobody looks, besides its usual pause."""
ARRIVALS_NAMED = 3
"""Versions that one message names; a fleet that becomes ready at once is not worth a screen of toasts."""


class AttentiveApp(SessionApp):
    """An app that reads nothing by itself while it is paused or out of focus."""

    def __init__(
        self,
        start: Start,
        opener: Opener,
        state_dir: Path | None,
        instances: Instances | None,
    ) -> None:
        super().__init__(start, opener, state_dir, instances)
        self.paused = False
        self.watching = asyncio.Event()
        """Set while somebody looks and has not paused."""
        self.watching.set()

    def action_pause(self) -> None:
        """Read nothing by itself, or do so again, at once."""
        self.paused = not self.paused
        self._watch()
        if isinstance(self.screen, LiveScreen) and not self.paused:
            self.screen.read()
        if isinstance(self.screen, Frame):
            self.screen.redraw()

    def show_arrivals(self, versions: Sequence[ModelVersion]) -> None:
        """Announce versions that became ready or failed while somebody watched: by toast, bell and the desktop."""
        names = ", ".join(
            f"{v.model_name or 'version'} {v.id} is {v.status}" for v in versions[:ARRIVALS_NAMED]
        )
        more = f" and {len(versions) - ARRIVALS_NAMED} more" if len(versions) > ARRIVALS_NAMED else ""
        text = self.glyphs.text(names + more)
        failed = any(phase(version.status) is Phase.ERROR for version in versions)
        if self.settings.toasts:
            self.notify(text, severity="error" if failed else "information", markup=False, timeout=10)
        if self.settings.bell:
            self.bell()
        if self.settings.notify and self._driver is not None:
            plain = visible(names + more, ascii=True).replace(";", ",")  # a semicolon would end the field
            self._driver.write(f"\x1b]9;{plain}\x07\x1b]777;notify;wltui;{plain}\x07")

    def watch_app_focus(self, _: bool) -> None:
        """Follow the terminal's focus, if it reports it."""
        self._watch()
        self.call_later(self.redraw)

    @property
    def wants_news(self) -> bool:
        """Whether somebody who does not look wants to hear of versions that become ready or fail."""
        return self.settings.bell or self.settings.notify

    async def watched(self) -> None:
        """Wait until somebody looks; if news are wanted meanwhile, not for longer than ``AWAY_SECONDS``."""
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
