"""Limit the number of requests under way, and let those that the user waits for go first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec import Struct

KEPT_FREE = 1
"""Places that background requests leave free, so that one the user waits for can start at once."""


class Ticket(Struct, eq=False):
    """A request in the queue of a gate, or inside."""

    background: bool = False
    """True if the user does not wait for it."""


class Gate:
    """Admits ``places`` requests at once: background ones last, each kind in the order of arrival."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._inside: set[Ticket] = set()
        self._waiting: dict[Ticket, asyncio.Future[None]] = {}

    @asynccontextmanager
    async def passed(self, ticket: Ticket) -> AsyncIterator[None]:
        """Wait for a place and hold it inside the ``with``."""
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
        """Move a request out of the background: the user waits for it now."""
        if ticket.background:
            ticket.background = False
            self._admit()

    def _admit(self) -> None:
        while ticket := self._next_ticket():
            self._inside.add(ticket)
            let_in = self._waiting.pop(ticket)
            if not let_in.done():  # else it was cancelled and leaves at its next step
                let_in.set_result(None)

    def _next_ticket(self) -> Ticket | None:
        if len(self._inside) >= self._places:
            return None
        if urgent := next((ticket for ticket in self._waiting if not ticket.background), None):
            return urgent
        room = sum(ticket.background for ticket in self._inside) < self._places - KEPT_FREE
        return next(iter(self._waiting), None) if room else None
