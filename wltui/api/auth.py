"""Who sends a request: the bearer token, and the sign-in that renews it.

Headers with a token are built here and nowhere else. They go to the client's own endpoint
only, since redirects are never followed.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Generator

import httpx
from msgspec import Struct

from wltui.core.errors import NotSignedIn, UsageError
from wltui.core.settings import DEFAULT_NETWORK, Network, Secret, SignIn

from .keycloak import SIGN_IN_FAILED, Grant, Provider, Refusal, is_sendable

Auth = httpx.Auth
"""What puts a token on requests."""
SKEW = 15.0
"""Seconds before its end at which a token counts as old: SDK tokens live 60 s, and a slow call needs some."""
WRITE = "wltui.write"
"""The extension that marks a request as a write."""
SETTLE_TIMEOUT = 3.0
"""Seconds that the end of the program may wait for a renewal."""


class StaticToken(httpx.Auth):
    """A token from outside, sent as it is until the server refuses it.

    Raises:
        UsageError: no HTTP header can hold it.
    """

    def __init__(self, token: Secret) -> None:
        self._header = bearer_header(token)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = self._header.reveal()
        yield request


class Tokens(Struct, frozen=True):
    """What a sign-in gave."""

    header: Secret
    refresh: Secret | None
    stale_at: float
    """When to renew, by the clock of the sign-in: before the end, so that slow calls arrive in time."""


class RenewableToken(httpx.Auth):
    """A token that is renewed before it ends, or when the server refuses it; once, however many wait for it.

    A read that was answered with 401 is sent once more. A write never is, since it may have been carried out all the
    same: requests with the extension :data:`WRITE` are writes.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """``clock``: seconds since any moment, not one that stands still while the computer sleeps."""
        self.clock = clock
        self._tokens: Tokens | None = None
        self._renewal: asyncio.Task[Tokens] | None = None

    async def renew(self, seen: Tokens | None) -> Tokens:
        """Other tokens than ``seen``, which are old or were refused; raises WltuiError."""
        raise NotImplementedError

    async def settle(self) -> None:
        """Wait for a renewal that is under way, so that what a refresh token was spent on is not lost."""
        if self._renewal is not None:
            await asyncio.wait([self._renewal], timeout=SETTLE_TIMEOUT)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        tokens = self._tokens
        if tokens is None or self.clock() >= tokens.stale_at:
            tokens = await self._newer_than(tokens)
        request.headers["Authorization"] = tokens.header.reveal()
        response = yield request
        if response.status_code == 401 and not request.extensions.get(WRITE):
            tokens = await self._newer_than(tokens)
            request.headers["Authorization"] = tokens.header.reveal()
            yield request

    async def _newer_than(self, seen: Tokens | None) -> Tokens:
        """Other tokens than ``seen``; those that somebody else got meanwhile will do."""
        if self._tokens is not None and self._tokens is not seen:
            return self._tokens
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._renew(seen))
            # Where every waiter has left, nobody else looks at its error.
            self._renewal.add_done_callback(lambda task: task.cancelled() or task.exception())
        # Shielded: whoever leaves must not end it for the others, nor lose a refresh token that was rotated.
        return await asyncio.shield(self._renewal)

    async def _renew(self, seen: Tokens | None) -> Tokens:
        try:
            self._tokens = await self.renew(seen)
            return self._tokens
        finally:
            self._renewal = None


class PasswordLogin(RenewableToken):
    """User and password for Keycloak's password grant, as the vendor's SDK signs in."""

    def __init__(
        self,
        endpoint: str,
        user: str,
        password: Secret,
        *,
        sign_in: SignIn | None = None,
        network: Network = DEFAULT_NETWORK,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(clock)
        self._provider = Provider(endpoint, sign_in, network)
        self._user, self._password = user, password

    async def renew(self, seen: Tokens | None) -> Tokens:
        grant = None
        if seen and seen.refresh:
            answer = await self._provider.grant(
                grant_type="refresh_token", refresh_token=seen.refresh.reveal()
            )
            grant = answer if isinstance(answer, Grant) else None
        grant = grant or await fetch_password_grant(self._provider, self._user, self._password)
        return Tokens(bearer_header(grant.access), grant.refresh, renewal_time(grant, self.clock()))


async def fetch_password_grant(provider: Provider, user: str, password: Secret, *, scope: str = "") -> Grant:
    """Tokens for a user and a password. ``scope``: what to ask for, if anything else than is usual there.

    Raises:
        ServiceError: there are none; NotSignedIn where user or password is wrong.
    """
    form = {"grant_type": "password", "username": user, "password": password.reveal()}
    answer = await provider.grant(**form, **({"scope": scope} if scope else {}))
    if isinstance(answer, Refusal):
        raise NotSignedIn(SIGN_IN_FAILED, answer.why, "Check user and password", endpoint="token")
    return answer


def renewal_time(grant: Grant, now: float) -> float:
    """When to renew what was granted just now: before its end, so that slow calls arrive in time."""
    return now + grant.lifetime - min(SKEW, grant.lifetime / 3)


def bearer_header(token: Secret) -> Secret:
    """The header for a token; raises UsageError where no header can hold it."""
    text = token.reveal().strip()
    if not is_sendable(text):
        raise UsageError(
            "The token can't be used",
            "it is empty or holds characters that no HTTP header can",
            "Copy it again",
        )
    return Secret(f"Bearer {text}")
