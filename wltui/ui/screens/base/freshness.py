"""The freshness of the content on screen, as the header shows it."""

from datetime import datetime, timedelta

from msgspec import Struct

from wltui.core.errors import (
    ApiFormatError,
    ApiRefused,
    ConnectionFailed,
    Forbidden,
    NoSuchEndpoint,
    NotFound,
    NotSignedIn,
    TimedOut,
    WltuiError,
)
from wltui.ui.text.format import age, clock_time
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans

HEADER_SECONDS = timedelta(seconds=10)
"""How old the time in the header may grow while reads return nothing new: each new time costs some bytes."""
FAILURES: dict[type[WltuiError], str] = {
    ConnectionFailed: "offline",
    TimedOut: "no answer",
    NotSignedIn: "not signed in",
    Forbidden: "forbidden",
    NotFound: "gone",
    NoSuchEndpoint: "not supported",
    ApiRefused: "refused",
    ApiFormatError: "unreadable answer",
}
"""The short names of failures in the header."""


def failure_name(error: WltuiError) -> str:
    """Return the short name of a failure for the header."""
    return next((name for kind, name in FAILURES.items() if isinstance(error, kind)), "failed")


class Link(Struct, frozen=True):
    """The freshness of the content on screen."""

    as_of: datetime | None = None
    """When the content was last fetched; None if nothing has been fetched yet."""
    shown: datetime | None = None
    """The time in the header, which may be up to :data:`HEADER_SECONDS` before ``as_of``."""
    live: bool = False
    reading: bool = True
    """Whether the user waits for an answer; automatic reads are not announced."""
    failure: WltuiError | None = None

    def after(self, as_of: datetime, *, live: bool, changed: bool) -> "Link":
        """Return the link after an answer; the header gets its time if the user asked or the content changed."""
        quiet = self.live and not self.reading and self.failure is None and not changed
        keep = quiet and self.shown is not None and self.shown <= as_of < self.shown + HEADER_SECONDS
        return Link(as_of, self.shown if keep else as_of, live, reading=False)

    def spans(self, now: datetime, glyphs: Glyphs, *, offline: bool, paused: bool, away: bool) -> Spans:
        """Return the state, and after it the time of the content, which the header shows if there is room.

        ``offline`` and ``paused`` are choices of the user. ``away`` means that reads wait for the terminal's focus.
        """
        time = f" {glyphs.separator} as of {clock_time(self.as_of)}" if self.as_of else ""
        if offline:
            return (f"{glyphs.cached} offline mode", Role.WARNING), (time, Role.WARNING)
        if self.failure is not None:
            return (f"{glyphs.offline} {failure_name(self.failure)}", Role.ERROR), (time, Role.ERROR)
        if self.as_of is None:
            return ((f"{glyphs.refreshing} loading", Role.WARNING),)
        if paused and not self.reading:
            return (f"{glyphs.paused} paused", Role.WARNING), (time, Role.WARNING)
        if away and not self.reading:
            return (f"{glyphs.cached} paused, out of focus", Role.WARNING), (time, Role.WARNING)
        if self.reading and self.live:
            return ((f"{glyphs.refreshing} refreshing", Role.WARNING),)
        if not self.live:
            return ((f"{glyphs.cached} cached {age(now - self.as_of)} ago", Role.WARNING),)
        return ((f"{glyphs.live} live {clock_time(self.shown or self.as_of)}", Role.SUCCESS),)
