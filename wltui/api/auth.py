"""Authenticate requests: add the bearer token, and renew it before it ends.

Headers with a token are built only here. They go to the client's own endpoint only, since redirects are never
followed.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Generator

import httpx
from msgspec import Struct

from wltui.core.errors import NotSignedIn, UsageError, WltuiError
from wltui.core.event_log import log
from wltui.core.settings import DEFAULT_NETWORK, Network, Secret, SignIn

from .keycloak import SIGN_IN_FAILED, Grant, Provider, Refusal, is_sendable

Auth = httpx.Auth
"""Adds a token to requests."""
SKEW = 15.0
"""Seconds before its end at which a token is renewed: SDK tokens live 60 s, and a slow call needs some of them."""
WRITE = "wltui.write"
"""The extension that marks a request as a write."""
SETTLE_TIMEOUT = 3.0
"""Maximum seconds that the program waits for a renewal when it ends."""


class StaticToken(httpx.Auth):
    """A fixed token, sent unchanged until the server refuses it.

    Raises:
        UsageError: an HTTP header can't contain it.
    """

    def __init__(self, token: Secret) -> None:
        self._header = bearer_header(token)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request with the token, as httpx asks of an ``Auth``."""
        request.headers["Authorization"] = self._header.reveal()
        yield request


class Tokens(Struct, frozen=True):
    """The tokens of a sign-in."""

    header: Secret
    refresh: Secret | None
    stale_at: float
    """Time of the next renewal, by the sign-in's clock: before the end, so that slow calls arrive in time."""


class RenewableToken(httpx.Auth):
    """A token that is renewed before it ends, or when the server refuses it. Concurrent requests share one renewal.

    A read that gets a 401 is sent once more. A write is never repeated, since it may have been saved nevertheless:
    requests with the extension :data:`WRITE` are writes.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """Start without a token. ``clock`` returns seconds since a fixed time, and runs while the computer sleeps."""
        self.clock = clock
        self._tokens: Tokens | None = None
        self._renewal: asyncio.Task[Tokens] | None = None

    async def renew(self, seen: Tokens | None) -> Tokens:
        """Return newer tokens than ``seen``, which are old or were refused; raise WltuiError if there are none."""
        raise NotImplementedError

    async def renew_now(self) -> None:
        """Renew the token though it may be good for a while, before a request that takes long; raise WltuiError."""
        await self._newer_than(self._tokens)

    async def settle(self) -> None:
        """Wait for a running renewal: it has used up the refresh token, so its result must not get lost."""
        if self._renewal is not None:
            await asyncio.wait([self._renewal], timeout=SETTLE_TIMEOUT)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send the request with a token that is good for a while, and once more with a new one after a 401."""
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
        """Return other tokens than ``seen``, also those that another request got meanwhile."""
        if self._tokens is not None and self._tokens is not seen:
            return self._tokens
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._renew(seen))
            # If every waiter is cancelled, nobody else retrieves its error.
            self._renewal.add_done_callback(lambda task: task.cancelled() or task.exception())
        # Shielded: a cancelled request must not cancel it for the others, nor lose a rotated refresh token.
        return await asyncio.shield(self._renewal)

    async def _renew(self, seen: Tokens | None) -> Tokens:
        event = "sign-in" if seen is None else "renewal"
        try:
            self._tokens = await self.renew(seen)
        except WltuiError as error:
            log(event, error=type(error).__name__)
            raise
        else:
            log(event)
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
        """Return tokens from the refresh token, or from the password if that is refused."""
        grant = None
        if seen and seen.refresh:
            answer = await self._provider.grant(
                grant_type="refresh_token", refresh_token=seen.refresh.reveal()
            )
            grant = answer if isinstance(answer, Grant) else None
        grant = grant or await fetch_password_grant(self._provider, self._user, self._password)
        return Tokens(bearer_header(grant.access), grant.refresh, renewal_time(grant, self.clock()))


async def fetch_password_grant(provider: Provider, user: str, password: Secret, *, scope: str = "") -> Grant:
    """Fetch tokens for a user and a password. ``scope``: the OAuth scope to request; empty for the default.

    Raises:
        NotSignedIn: user or password is wrong.
        ServiceError: the service can't be reached, or its answer is not valid.
    """
    form = {"grant_type": "password", "username": user, "password": password.reveal()}
    answer = await provider.grant(**form, **({"scope": scope} if scope else {}))
    if isinstance(answer, Refusal):
        raise NotSignedIn(SIGN_IN_FAILED, answer.why, "Check user and password", endpoint="token")
    return answer


def renewal_time(grant: Grant, now: float) -> float:
    """Return the time at which to renew a grant of ``now``: before its end, so that slow calls arrive in time."""
    return now + grant.lifetime - min(SKEW, grant.lifetime / 3)


def bearer_header(token: Secret) -> Secret:
    """Return the header for a token; raise UsageError if a header can't contain it."""
    text = token.reveal().strip()
    if not is_sendable(text):
        raise UsageError(
            "The token can't be used",
            "it is empty or has characters that are not allowed in an HTTP header",
            "Copy it again",
        )
    return Secret(f"Bearer {text}")
