"""A screen whose content is read from the service: first what the cache knows, then what the API says, and again
and again while it is looked at."""

from abc import abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Generic, TypeVar

from msgspec.structs import replace
from textual.binding import Binding

from wltui.core.errors import (
    ApiRefused,
    ConnectionFailed,
    Forbidden,
    NoSuchEndpoint,
    NotFound,
    NotSignedIn,
    TimedOut,
    WltuiError,
)
from wltui.core.records import ModelVersion, Phase, VersionId, phase
from wltui.core.threads import run_in_thread
from wltui.core.times import parse_timestamp, to_local
from wltui.service.raw import RawFinder, raw_texts, received
from wltui.service.service import Answer, Source
from wltui.ui.text.format import clock_time
from wltui.ui.text.spans import Role, Spans
from wltui.ui.widgets.notice import Notice

from .frame import Frame
from .freshness import Link

T = TypeVar("T")
Result = TypeVar("Result")
"""What the screen is left with; None for most."""

MOVING_SECONDS, RESTING_SECONDS = 5.0, 30.0
"""How often to read again: while something on screen is on its way to ready, and else."""
MOVING_FOR = timedelta(minutes=30)
"""How long a version counts as on its way; one that has been for longer may stay so for hours, and is no hurry."""
RETRY_SECONDS = (2.0, 4.0, 8.0, 16.0, 30.0)
"""How long to wait after each failure in a row, give or take a quarter: many clients must not come back at once."""
LONGEST_ASKED = 600.0
"""How many seconds a server may ask to wait before the next try; ``r`` tries at once."""
REFRESH_SECONDS = 1.0
"""How long ``r`` lets go on what it asked for before: a key that is held must not give it up again and again."""
FINAL = (NotSignedIn, Forbidden, NotFound, NoSuchEndpoint)
"""Failures that asking again does not mend; the last two may pass where the same was answered before."""


class LiveScreen(Frame[Result], Generic[T, Result]):
    """Reads :meth:`answers` when it comes to the front, on ``r`` and by itself; stops when it is left."""

    BINDINGS = [
        Binding("r,f5", "refresh", "Refresh", id="live.refresh", tooltip="read again now"),
        Binding("y", "raw", "JSON", id="live.raw", tooltip="the JSON as received"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.answer: Answer[T] | None = None
        self.link = Link()
        self.phases: Counter[Phase] = Counter()
        """How many of the versions on screen are in each phase."""
        self._refreshed = 0.0
        """When the user last asked for it, on the monotonic clock."""
        self._failures = 0
        self._statuses: dict[VersionId, str | None] = {}
        """The statuses of those on their way."""
        self._pending_since: dict[VersionId, datetime] = {}
        """Since when each version is on its way: its upload, or where that is not told, when it was first seen so."""

    @abstractmethod
    def answers(self) -> AsyncIterator[Answer[T]]:
        """Return the stream of the service that this screen shows."""

    @abstractmethod
    def show(self, value: T) -> None:
        """Put a value on screen; called only when it differs from what is shown."""

    def problem(self, value: T) -> str | None:
        """Return what is amiss with an answer that is shown all the same, as a sentence for the user."""
        return None

    @property
    def watched(self) -> Iterable[ModelVersion]:
        """The versions on screen whose status may change while one watches."""
        return ()

    @property
    def moving(self) -> bool:
        """Whether a version on screen is on its way to ready or error, and has not been for long."""
        now = self.app.service.clock()
        return any(now - since < MOVING_FOR for since in self._pending_since.values())

    @property
    def sources(self) -> tuple[Source, ...]:
        """The responses that what is shown was made from."""
        return self.answer.sources if self.answer else ()

    @property
    def is_cut_off(self) -> bool:
        return super().is_cut_off or isinstance(self.link.failure, (ConnectionFailed, TimedOut))

    def link_spans(self) -> Spans:
        app = self.app
        return self.link.spans(
            app.service.clock(),
            self.glyphs,
            offline=app.settings.offline,
            paused=app.paused,
            away=not app.app_focus and not app.wants_news,
        )

    @property
    def is_as_at_start(self) -> bool:
        link, app = self.link, self.app
        fresh = link.live and not link.reading and link.failure is None and not app.paused
        told = self._flash or any(notice.display for notice in self.query(Notice))
        return fresh and not (told or app.settings.offline)

    def cached_spans(self) -> Spans:
        time = f"{to_local(self.link.as_of):%Y-%m-%d %H:%M}" if self.link.as_of else ""
        return ((f"{self.glyphs.cached} cached {time}", Role.WARNING),)

    def on_screen_resume(self) -> None:
        if self.app.screen is self:  # and not one of many that are being left
            self.read()

    def on_screen_suspend(self) -> None:
        self.workers.cancel_node(self)  # reads are all that a screen does by itself

    def action_refresh(self) -> None:
        """Read again now, and say so; what was asked for just now may be on its way still."""
        if self.link.reading and monotonic() - self._refreshed < REFRESH_SECONDS:
            return
        self._refreshed = monotonic()
        self.link = replace(self.link, reading=True, failure=None)
        self.redraw()
        self.read()

    def action_raw(self) -> None:
        """Show the JSON as received."""
        if self.sources:
            self.start(self._show_raw, group="read raw")
        else:
            self.flash("Nothing has been received yet.")

    def raw_finder(self) -> RawFinder:
        """Return work that finds the JSON to show. It may be slow, and runs in a thread then."""
        return partial(received, self.sources)

    async def _show_raw(self) -> None:
        from wltui.ui.screens.raw import RawScreen

        find = self.raw_finder()
        if any(source.is_large for source in self.sources):
            self.flash("Looking for the JSON")
            texts = await run_in_thread(lambda: raw_texts(find()))
        else:
            texts = raw_texts(find())
        self.app.push_screen(RawScreen(texts))

    def read(self) -> None:
        """Ask the service again, and go on doing so; a read that is still under way is given up."""
        self.start(self._live, group="read")

    async def _live(self) -> None:
        while pause := await self._read():
            await self.app.wait(pause)
            await self.app.watched()

    async def _read(self) -> float:
        """Read once; returns in how many seconds to read again, 0 for not by itself."""
        try:
            async for answer in self.answers():
                self._receive(answer)
                if not answer.live:
                    await self.app.painted()
        except WltuiError as error:
            pause = self._pause_after(error)
            self._failed(error, pause)
            return pause
        self._failures = 0
        return self._asked_for(MOVING_SECONDS if self.moving else RESTING_SECONDS)

    def _pause_after(self, error: WltuiError) -> float:
        passing = self.link.live and isinstance(error, (NotFound, NoSuchEndpoint))
        if (isinstance(error, FINAL) and not passing) or self.app.settings.offline:
            return 0
        self._failures += 1
        back_off = RETRY_SECONDS[min(self._failures, len(RETRY_SECONDS)) - 1] * (0.75 + self.app.jitter() / 2)
        if not self._asked_for(back_off):
            return 0
        asked = error.retry_after if isinstance(error, ApiRefused) else 0
        return max(back_off, self._asked_for(back_off), min(asked, LONGEST_ASKED))

    def _asked_for(self, seconds: float) -> float:
        """Return the pause that the user has set, or ``seconds`` if none is set."""
        asked = self.app.settings.refresh
        return seconds if asked is None else asked

    def is_older(self, answer: Answer[T]) -> bool:
        """Return whether an answer adds nothing to what is shown.

        The cache may answer twice, and the second time with more: once what this program saved has been loaded.
        """
        shown = self.answer
        if answer.live or shown is None:
            return False
        return shown.live or answer.as_of < shown.as_of or answer.value == shown.value

    def _receive(self, answer: Answer[T]) -> None:
        if self.is_older(answer):
            return
        known = self.answer.value if self.answer else None
        changed = self.answer is None or (known is not answer.value and known != answer.value)
        before = self._statuses if changed else {}
        self.answer = answer
        if changed:
            self._watch(answer.as_of)
        self.link = self.link.after(answer.as_of, live=answer.live, changed=changed)
        self.notice(self.problem(answer.value), role=Role.WARNING)
        if changed:
            self.show(answer.value)
            arrived = [
                version
                for version in (self.watched if before else ())
                if version.id in before and has_arrived(before[version.id], version.status)
            ]
            if answer.live and arrived:
                self.app.show_arrivals(arrived)
        self.redraw()
        self._complete_at_start()

    def _watch(self, now: datetime) -> None:
        """Count the versions, and note those that are on their way: once an answer, as there may be many."""
        words = Counter(version.status for version in self.watched)
        self.phases = Counter()
        for word, number in words.items():
            self.phases[phase(word)] += number
        moving = {word for word in words if phase(word) in (Phase.PENDING, Phase.OTHER)}
        pending = [version for version in (self.watched if moving else ()) if version.status in moving]
        self._statuses = {version.id: version.status for version in pending}
        self._pending_since = {
            version.id: self._pending_since.get(version.id) or parse_timestamp(version.created_at) or now
            for version in pending
        }

    def _failed(self, error: WltuiError, pause: float) -> None:
        """Say what is wrong and when the next try comes; what is on screen stays."""
        self.link = replace(self.link, reading=False, failure=error)
        if self.app.settings.offline and self.answer is not None:
            self.redraw()  # the header says it, and nothing is amiss
            return
        self.notice(self._failure_text(error, pause))
        self.redraw()
        self._complete_at_start()

    def _failure_text(self, error: WltuiError, pause: float) -> str:
        """Return the error in words, and when the screen tries again, in place of an advice to try again."""
        text, advice = self.app.error_text(error), error.advice.rstrip(".")
        if not pause:
            return f"{text}."
        if advice.startswith("Try again"):
            other = advice.partition(", or ")[2]
            text = text.removesuffix(advice).rstrip(". ") + (
                f". {other[0].upper()}{other[1:]}" if other else ""
            )
        time = clock_time(self.app.service.clock() + timedelta(seconds=pause))
        asked = ", as the server asks" if isinstance(error, ApiRefused) and error.retry_after >= pause else ""
        return f"{text}. Next try at {time}{asked}."

    def _complete_at_start(self) -> None:
        if self.is_current:
            self.app.frame_is_complete()


def has_arrived(before: str | None, now: str | None) -> bool:
    """Whether a status has left its way to ready or error."""
    return phase(before) is Phase.PENDING and phase(now) in (Phase.READY, Phase.ERROR)
