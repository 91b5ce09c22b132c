"""Who sends a request: the bearer token, and the sign-in that renews it.

Headers with a token are built here and nowhere else. Tokens stay in memory, and go to the client's own
endpoint only, since redirects are never followed.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import msgspec

from wltui.errors import ApiFormatError, NotSignedIn, TimedOut, UsageError
from wltui.settings import SYSTEM, Network, Secret

from . import claims
from .connection import connect
from .failures import refusal, unreachable

SKEW = 15.0
"""Seconds before its end at which a token counts as old: SDK tokens live 60 s, and a slow call needs some."""
SIGN_IN_TIMEOUT = 15.0
"""Seconds for the answer of the sign-in service."""
WHAT = "Signing in failed"
_UNTOLD_LIFETIME = 60.0
_CREDENTIALS_REFUSED = (400, 401)


class StaticToken(httpx.Auth):
    """A token from outside, sent as it is until the server refuses it.

    Raises:
        UsageError: no HTTP header can hold it.
    """

    def __init__(self, token: Secret) -> None:
        self._header = _bearer(token)

    @property
    def subject(self) -> str | None:
        """Whom the token names, unverified; None where it is no JWT."""
        return claims.subject(self._header.reveal().removeprefix("Bearer "))

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = self._header.reveal()
        yield request


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a sign-in gave."""

    header: Secret
    refresh: Secret | None
    stale_at: float
    """When to renew, by the clock of the sign-in: before the end, so that slow calls arrive in time."""


class _Grant(msgspec.Struct):
    access_token: str
    expires_in: float | None = None
    refresh_token: str | None = None


class PasswordLogin(httpx.Auth):
    """User and password for Keycloak's password grant, as the vendor's SDK signs in.

    The token is renewed before it ends, or when the server refuses it; by one request, however many wait for
    it. A request that met with a 401 is sent once more, writes too: a 401 says that it was not carried out.
    """

    def __init__(
        self,
        endpoint: str,
        user: str,
        password: Secret,
        *,
        realm: str = "master",
        client_id: str = "sdk-client",
        network: Network = SYSTEM,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``clock``: seconds since any moment, not one that stands still while the computer sleeps."""
        self._endpoint, self._host = endpoint, urlsplit(endpoint).hostname or endpoint
        self._path = f"auth/realms/{realm}/protocol/openid-connect/token"
        self._user, self._password, self._client_id = user, password, client_id
        self._network = network
        self._clock = clock
        self._tokens: Tokens | None = None
        self._renewal: asyncio.Task[Tokens] | None = None

    @property
    def subject(self) -> str | None:
        """The user who signs in; known before the first token is."""
        return self._user

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        tokens = self._tokens
        if tokens is None or self._clock() >= tokens.stale_at:
            tokens = await self._newer_than(tokens)
        request.headers["Authorization"] = tokens.header.reveal()
        response = yield request
        if response.status_code == 401:
            tokens = await self._newer_than(tokens)
            request.headers["Authorization"] = tokens.header.reveal()
            yield request

    async def _newer_than(self, seen: Tokens | None) -> Tokens:
        """Other tokens than ``seen``; those that somebody else got meanwhile will do."""
        if self._tokens is not None and self._tokens is not seen:
            return self._tokens
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._renew())
            # Where every waiter has left, nobody else looks at its error.
            self._renewal.add_done_callback(lambda task: task.cancelled() or task.exception())
        # Shielded: whoever leaves must not end it for the others, nor lose a refresh token that was rotated.
        return await asyncio.shield(self._renewal)

    async def _renew(self) -> Tokens:
        try:
            if self._tokens and self._tokens.refresh:
                self._tokens = await self._refresh(self._tokens.refresh) or await self._sign_in()
            else:
                self._tokens = await self._sign_in()
            return self._tokens
        finally:
            self._renewal = None

    async def _refresh(self, token: Secret) -> Tokens | None:
        """New tokens for a refresh token; None where it is refused."""
        answer = await self._post(grant_type="refresh_token", refresh_token=token.reveal())
        return None if answer.status_code in _CREDENTIALS_REFUSED else self._granted(answer)

    async def _sign_in(self) -> Tokens:
        answer = await self._post(
            grant_type="password", username=self._user, password=self._password.reveal()
        )
        return self._granted(answer)

    async def _post(self, **form: str) -> httpx.Response:
        """The answer of the sign-in service, by a client of its own: this request carries no token."""
        try:
            async with (
                asyncio.timeout(2 * SIGN_IN_TIMEOUT),
                connect(self._endpoint, timeout=SIGN_IN_TIMEOUT, network=self._network) as http,
            ):
                return await http.post(
                    f"{self._endpoint}/{self._path}", data={"client_id": self._client_id} | form
                )
        except httpx.HTTPError as error:
            failed = unreachable(error, what=WHAT, endpoint=self._path, host=self._host)
        except TimeoutError:
            failed = TimedOut(WHAT, f"{self._host} took too long", "Try again", endpoint=self._path)
        raise failed

    def _granted(self, answer: httpx.Response) -> Tokens:
        if answer.status_code in _CREDENTIALS_REFUSED:
            error = refusal(401, answer.headers, answer.content, what=WHAT, endpoint=self._path)
            raise NotSignedIn(WHAT, error.why, "Check user and password", endpoint=self._path)
        if answer.status_code == 404:
            why, advice = f"{self._host} has no sign-in service", "Check the endpoint, or give a token"
            raise NotSignedIn(WHAT, why, advice, endpoint=self._path)
        if not answer.is_success:
            raise refusal(answer.status_code, answer.headers, answer.content, what=WHAT, endpoint=self._path)
        now = self._clock()
        try:
            grant = msgspec.json.decode(answer.content, type=_Grant)
            header = _bearer(Secret(grant.access_token))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, UsageError):
            grant = None
        if grant is None:  # said outside the handler, and without the body, which may hold tokens
            why = f"{self._host} answers the sign-in, but not with a token"
            raise ApiFormatError(WHAT, why, "Check the endpoint", endpoint=self._path)
        lifetime = grant.expires_in or _UNTOLD_LIFETIME
        refresh = Secret(grant.refresh_token) if grant.refresh_token else None
        return Tokens(header, refresh, now + lifetime - min(SKEW, lifetime / 3))


def _bearer(token: Secret) -> Secret:
    text = token.reveal().strip()
    if not text.isascii() or not text.isprintable() or not text or " " in text:
        raise UsageError(
            "The token can't be used",
            "it is empty or holds characters that no HTTP header can",
            "Copy it again",
        )
    return Secret(f"Bearer {text}")
