"""A screen with data of the service: first from the cache, then from the API, refreshed while the user looks at it."""

from abc import abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec.structs import replace
from textual.binding import Binding

from wltui.api.calls import Call
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
from wltui.core.records import ModelVersion, Phase, VersionId
from wltui.core.threads import run_in_thread
from wltui.core.times import to_local
from wltui.service.raw import RawFinder, raw_texts, received
from wltui.service.rhythm import RESTING_SECONDS, Rhythm, list_pause
from wltui.service.service import Answer, Source
from wltui.ui.text.format import clock_time
from wltui.ui.text.spans import Role, Spans
from wltui.ui.widgets.notice import Notice

from .copying import CopyFrame
from .freshness import Link
from .moving import Moving, arrivals
from .opening import CACHE_SECONDS

if TYPE_CHECKING:
    from wltui.ui.text.copies import Copy

T = TypeVar("T")
Result = TypeVar("Result")
"""The type of the screen's result when it is left; None for most."""

RETRY_SECONDS = (2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds to wait after each failure in a row, give or take a quarter, so that clients don't all retry at once."""
LONGEST_ASKED = 600.0
"""The longest pause, in seconds, that a server can ask for; ``r`` retries at once."""
REFRESH_SECONDS = 1.0
"""Ignore further ``r`` for this many seconds, so that holding the key doesn't keep cancelling the request."""
FINAL = (NotSignedIn, Forbidden, NotFound, NoSuchEndpoint)
"""Failures that a retry does not mend; the last two may pass if the same request has succeeded before."""


class LiveScreen(CopyFrame[Result], Generic[T, Result]):
    """Reads :meth:`answers` when it comes to the front, on ``r``, and by itself; stops when it is left."""

    BINDINGS = [
        Binding("r,f5", "refresh", "Refresh", id="live.refresh", tooltip="read again now"),
        Binding("y", "raw", "JSON", id="live.raw", tooltip="the JSON as received"),
    ]

    USELESS = ()
    FOLLOWS = False
    """Whether this is a list whose versions on their way can be read alone; see :meth:`with_latest`."""

    def __init__(self) -> None:
        super().__init__()
        self.answer: Answer[T] | None = None
        self.link = Link()
        self.phases: Counter[Phase] = Counter()
        """The number of versions on screen in each phase."""
        self._refreshed = 0.0
        """When the user last pressed ``r``, on the monotonic clock."""
        self._failures = 0
        self._moving = Moving()
        self._rhythm = Rhythm()
        self._more_read_at: datetime | None = None
        """When more was last read than :meth:`answers`; None if it is due."""
        self.is_more_due = True
        """Whether to read more than that with this answer, such as the detail of a row: not after each of the reads
        that follow a version on its way and find nothing new."""

    @abstractmethod
    def answers(self) -> AsyncIterator[Answer[T]]:
        """Return the service's stream of answers that this screen shows."""

    @abstractmethod
    def show(self, value: T) -> None:
        """Put a value on screen; called only if it differs from the one shown."""

    def problem(self, value: T) -> str | None:
        """Return a sentence about a defect of an answer that is shown nevertheless, or None if it has none."""
        return None

    @property
    def watched(self) -> Iterable[ModelVersion]:
        """The versions on screen whose status may change."""
        return ()

    @property
    def visible_versions(self) -> Collection[VersionId]:
        """The versions in the part of a list that is in view."""
        return ()

    @property
    def moving(self) -> bool:
        """Whether a version on screen is on its way to ready, and has been for less than half an hour."""
        return bool(self._moving.lately(self.app.service.clock()))

    @property
    def followed(self) -> list[ModelVersion]:
        """The versions that are read alone between two reads of a large list."""
        service = self.app.service
        return self._moving.to_follow(service.clock(), service.latest.can_look, self.visible_versions)

    def with_latest(self, answer: Answer[T]) -> Answer[T]:
        """Return an answer with the versions that were read alone since; only a list has them."""
        return answer

    @property
    def opening_seconds(self) -> float:
        return CACHE_SECONDS

    @property
    def waits_for_more(self) -> bool:
        """Whether the first paint should wait for more than the first answer."""
        return False

    @property
    def sources(self) -> tuple[Source, ...]:
        """The responses that the content was made from."""
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
        has_message = self._flash or app.messages.all or any(notice.display for notice in self.query(Notice))
        return fresh and not (has_message or app.settings.offline)

    def cached_spans(self) -> Spans:
        time = f"{to_local(self.link.as_of):%Y-%m-%d %H:%M}" if self.link.as_of else ""
        return ((f"{self.glyphs.cached} cached {time}", Role.WARNING),)

    def on_screen_resume(self) -> None:
        if self.app.screen is self:  # False while several screens are being left at once
            self.read()

    def on_screen_suspend(self) -> None:
        self.workers.cancel_node(self)  # all workers of a screen are reads

    def action_refresh(self) -> None:
        """Read again now, and show that; do nothing if the last such read is under way and has just begun."""
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
        """Return a function that finds the JSON to show. If a response is large, it runs in a thread."""
        return partial(received, self.sources)

    def copies(self) -> "list[Copy]":
        from wltui.ui.text.copies import json_copy

        return [*super().copies(), *([json_copy(self.sources, self.raw_finder())] if self.sources else [])]

    def requests(self) -> Sequence[Call[object]]:
        from wltui.ui.text.copies import calls_of

        return calls_of(self.sources)

    async def _show_raw(self) -> None:
        from wltui.ui.screens.raw import RawScreen

        find = self.raw_finder()
        if any(source.is_large for source in self.sources):
            self.flash("Looking for the JSON")
            texts = await run_in_thread(lambda: raw_texts(find()))
        else:
            texts = raw_texts(find())
        limits = self.app.service.graphql_limits if self.app.settings.graphql else ()
        self.app.push_screen(RawScreen(texts, limits, self.requests()))

    def read(self) -> None:
        """Read at once, then at intervals; a read that is under way is cancelled."""
        self._more_read_at = None
        self.start(self._live, group="read")

    async def _live(self) -> None:
        while pause := await self._read():
            self._rhythm.begin(pause, follows=self._can_follow)
            while await self._is_due_later():
                await self._look()

    async def _is_due_later(self) -> bool:
        """Wait for the next look at versions on their way; return False if all is to be read again now."""
        app, rhythm = self.app, self._rhythm
        step, began = rhythm.step, app.service.clock()
        await app.wait(step)
        await app.wait_until_watched()
        rhythm.spend(max(step, (app.service.clock() - began).total_seconds()))
        return rhythm.left > 0

    async def _look(self) -> None:
        """Read the versions on their way alone, and show them where they have changed."""
        look = await self.app.service.latest.look(self.followed)
        if look.has_changed and self.answer is not None:
            await self.show_latest(self.answer)
        self._rhythm.take(look)

    async def show_latest(self, answer: Answer[T]) -> None:
        """Show an answer with the versions that were read alone since."""
        self._receive(self.with_latest(answer))

    async def _read(self) -> float:
        """Read once; return the seconds until the next read, or 0 if only the user starts it."""
        try:
            async for answer in self.answers():
                self._receive(answer)
                if not answer.live:
                    await self.app.wait_until_painted()
                    await self.wait_until_painted()
        except WltuiError as error:
            pause = self._pause_after(error)
            self._failed(error, pause)
            return pause
        self._failures = 0
        size = self.answer.size if self.answer else 0
        return self._asked_for(list_pause(size, moving=self.moving, can_follow=self._can_follow))

    @property
    def _can_follow(self) -> bool:
        """Whether versions on their way are read alone: not if reads fail, or the user has set when to read."""
        is_usual = not self._failures and self.app.settings.refresh is None
        return self.FOLLOWS and is_usual and bool(self.followed)

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
        """Return the pause that the user has set, or ``seconds`` if there is none."""
        asked = self.app.settings.refresh
        return seconds if asked is None else asked

    def is_older(self, answer: Answer[T]) -> bool:
        """Return whether an answer adds nothing to the one shown.

        The cache may answer twice, the second time with more: the configs that this program saved, once loaded.
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
        before = self._moving.versions if changed else {}
        self.answer = answer
        self._decide_on_more(answer, changed=changed)
        if changed:
            self._watch(answer.as_of)
        self.link = self.link.after(answer.as_of, live=answer.live, changed=changed)
        self.notice(self.problem(answer.value), role=Role.WARNING)
        if changed:
            self.show(answer.value)
            arrived = arrivals(before, self.watched) if before else []
            if answer.live and arrived:
                self.app.show_arrivals(arrived)
        self.redraw()
        self._complete_at_start()

    def _decide_on_more(self, answer: Answer[T], *, changed: bool) -> None:
        now, before = self.app.service.clock(), self._more_read_at
        rested = before is None or now - before >= timedelta(seconds=RESTING_SECONDS)
        self.is_more_due = changed or rested or not answer.live
        if self.is_more_due and answer.live:
            self._more_read_at = now

    def _watch(self, now: datetime) -> None:
        self.phases = self._moving.take(lambda: self.watched, now)

    def _failed(self, error: WltuiError, pause: float) -> None:
        """Show the error and the time of the next try; the content stays."""
        self.link = replace(self.link, reading=False, failure=error)
        if self.app.settings.offline and self.answer is not None:
            self.redraw()  # the header shows offline mode, and nothing is wrong
            return
        self.notice(self._failure_text(error, pause))
        self.redraw()
        self._complete_at_start()

    def _failure_text(self, error: WltuiError, pause: float) -> str:
        """Return the error as text, with the time of the next try in place of an advice to try again."""
        text = self.app.error_text(error, retries=bool(pause))
        if not pause:
            return f"{text}."
        time = clock_time(self.app.service.clock() + timedelta(seconds=pause))
        asked = ", as the server asks" if isinstance(error, ApiRefused) and error.retry_after >= pause else ""
        return f"{text}. Next try at {time}{asked}."

    def _complete_at_start(self) -> None:
        if not self.waits_for_more:
            self.end_opening()
        if self.is_current:
            self.app.frame_is_complete()
