"""Log what this process does on the network and on disk: one line an event, nowhere unless a sink is set.

The facts of an event are numbers, addresses without their query, and the names of error classes. Texts of servers and
users have no place here: they could hold a secret or somebody's name.
"""

import os
from datetime import UTC, datetime
from typing import Protocol

from .escapes import escape_line


class Sink(Protocol):
    """What takes the lines."""

    @property
    def trouble(self) -> str | None:
        """Why lines can't be written now, as a sentence for the user; None if they can."""

    def write(self, line: str) -> None:
        """Take a line, without its line break; returns at once, in any thread."""

    def close(self) -> str | None:
        """Write what is waiting; return why lines are missing, as a sentence for the user, if any are."""


_sink: Sink | None = None


def set_sink(sink: Sink | None) -> Sink | None:
    """Send the lines from now on to a sink, or nowhere; return where they went before."""
    global _sink  # one for the process, as its clients and stores know nothing of each other
    before, _sink = _sink, sink
    return before


def is_on() -> bool:
    """Return whether anything is logged."""
    return _sink is not None


def log(event: str, **facts: object) -> None:
    """Log an event and its facts, without those that are None."""
    if _sink is not None:
        _sink.write(format_event(event, **facts))


def format_event(event: str, **facts: object) -> str:
    """Return the line about an event of now."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
    words = (f"{name}={fact}" for name, fact in facts.items() if fact is not None)
    return escape_line(" ".join([f"{now}Z", f"pid={os.getpid()}", event, *words]))


def log_trouble() -> str | None:
    """Return why lines can't be written now, as a sentence for the user; None if they can."""
    return _sink.trouble if _sink else None


def close_log() -> None:
    """Write what is waiting, before the process ends without its usual end."""
    if _sink is not None:
        _sink.close()
