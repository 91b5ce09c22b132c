"""Use and renew the sign-in that ``wltui login`` saved, which several processes share."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import BinaryIO

from msgspec.structs import replace

from wltui.api.auth import RenewableToken, Tokens, bearer_header, renewal_time
from wltui.api.keycloak import SIGN_IN_FAILED, Provider, Refusal
from wltui.core.errors import NotSignedIn, TimedOut
from wltui.core.settings import DEFAULT_NETWORK, SIGN_IN_COMMAND, Network, Secret
from wltui.core.threads import run_in_thread

from .token_store import Login, TokenStore

ENDED = "Your sign-in has ended"
PAUSE = 0.05
"""Seconds between two attempts to get the lock."""
ATTEMPTS = 700
"""Attempts to get the lock: together longer than two answers of a slow sign-in service take."""


class StoredLogin(RenewableToken):
    """A user's sign-in. Its refresh token is spent under a lock, and only if no other process has done so."""

    def __init__(
        self,
        store: TokenStore,
        login: Login,
        *,
        network: Network = DEFAULT_NETWORK,
        clock: Callable[[], float] = time.time,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
        command: str = SIGN_IN_COMMAND,
    ) -> None:
        """``command`` is the command line that signs in again, for advice."""
        super().__init__(clock)
        self._again = f"Sign in again: {command}"
        self._store, self._login, self._network, self._wait = store, login, network, wait
        self._tokens = _tokens(login) if login.has_tokens else None
        self._unwritten: Login | None = None
        """The sign-in that ``_spent`` was exchanged for, if it could not be saved."""
        self._spent: Secret | None = None
        self._dead: Secret | None = None
        """A refresh token that the service has refused."""

    async def renew(self, seen: Tokens | None) -> Tokens:
        """Return the tokens that another process renewed, or renew them; raise NotSignedIn if that is impossible."""
        async with locked(self._store, self._login, self._wait):
            kept = await self._newest()
            tokens = _tokens(kept)
            if (seen is None or tokens.header != seen.header) and self.clock() < tokens.stale_at:
                return tokens
            return _tokens(await self._refreshed(kept))

    async def _newest(self) -> Login:
        kept = await run_in_thread(self._store.reload, self._login)
        if kept is None:
            raise NotSignedIn("You are not signed in", "you signed out meanwhile", self._again)
        return self._unwritten if self._unwritten and kept.refresh == self._spent else kept

    async def _refreshed(self, login: Login) -> Login:
        if login.refresh is None or login.refresh == self._dead:
            raise NotSignedIn(ENDED, "it can't be renewed", self._again)
        provider = Provider(login.endpoint, login.provider, self._network)
        answer = await provider.grant(grant_type="refresh_token", refresh_token=login.refresh.reveal())
        if isinstance(answer, Refusal):
            if answer.code == "invalid_grant":
                self._dead = login.refresh
            raise NotSignedIn(ENDED, answer.why, self._again, endpoint="token")
        new = replace(
            login,
            access=answer.access,
            refresh=answer.refresh or login.refresh,
            stale_at=renewal_time(answer, self.clock()),
        )
        try:
            await run_in_thread(self._store.save, new)
        except OSError:  # a full disk costs nothing before the end of the program
            if self._unwritten is None:
                self._spent = login.refresh
            self._unwritten = new
        else:
            self._unwritten = self._spent = None
        return new


@asynccontextmanager
async def locked(
    store: TokenStore, login: Login, wait: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> AsyncIterator[None]:
    """Hold the lock on a sign-in against every other process and task.

    Raises:
        TimedOut: another one does not release it.
    """
    lock = await _lock(store, login, wait)
    try:
        yield
    finally:
        if lock is not None:
            lock.close()


async def _lock(
    store: TokenStore, login: Login, wait: Callable[[float], Awaitable[object]]
) -> BinaryIO | None:
    """Return the lock, or None if the disk has no locks."""
    for _ in range(ATTEMPTS):
        try:
            lock = await run_in_thread(store.try_lock, login)
        except OSError:
            return None
        if lock is not None:
            return lock
        await wait(PAUSE)
    raise TimedOut(
        SIGN_IN_FAILED, "another wltui is at it and does not come to an end", "End that, or try again"
    )


def _tokens(login: Login) -> Tokens:
    return Tokens(bearer_header(login.access), login.refresh, login.stale_at)
