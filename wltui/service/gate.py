"""The gate that requests pass: few are under way at once, and what the user waits for goes first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec import Struct

KEPT_FREE = 1
"""Places that what fills in behind leaves free, so that what the user waits for need not wait for an answer."""


class Ticket(Struct, eq=False):
    """Somebody's place in the queue before a gate, or inside."""

    background: bool = False
    """Whether it fills in behind what the user waits for."""


class Gate:
    """Lets ``places`` in at once: first those in a hurry, then those behind, each in the order they came."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._inside: set[Ticket] = set()
        self._waiting: dict[Ticket, asyncio.Future[None]] = {}

    @asynccontextmanager
    async def passed(self, ticket: Ticket) -> AsyncIterator[None]:
        """Wait for a place, and hold it within the ``with``."""
        self._waiting[ticket] = let_in = asyncio.get_running_loop().create_future()
        self._admit()
        try:
            await let_in
            yield
        finally:
            self._waiting.pop(ticket, None)
            self._inside.discard(ticket)
            self._admit()

    def hurry(self, ticket: Ticket) -> None:
        """Somebody waits for it now."""
        if ticket.background:
            ticket.background = False
            self._admit()

    def _admit(self) -> None:
        while ticket := self._following():
            self._inside.add(ticket)
            let_in = self._waiting.pop(ticket)
            if not let_in.done():  # else it was cancelled, and leaves at its next step
                let_in.set_result(None)

    def _following(self) -> Ticket | None:
        if len(self._inside) >= self._places:
            return None
        if hurried := next((ticket for ticket in self._waiting if not ticket.background), None):
            return hurried
        room = sum(ticket.background for ticket in self._inside) < self._places - KEPT_FREE
        return next(iter(self._waiting), None) if room else None
