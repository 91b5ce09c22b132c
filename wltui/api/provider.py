"""Keycloak: tokens for a password, a refresh token or a device code, and the end of a sign-in.

These requests carry no token in a header, and go to the sign-in service alone: redirects are not followed.
"""

import asyncio
from urllib.parse import urlsplit

import httpx
import msgspec
from msgspec import Struct

from wltui.errors import ApiFormatError, NotSignedIn, ServiceError, TimedOut
from wltui.settings import SYSTEM, Network, Secret, SignIn

from .connection import connect
from .failures import refusal, unreachable
from .words import reason

TIMEOUT = 15.0
"""Seconds for the answer of the sign-in service."""
WHAT = "Signing in failed"
REFUSED = (400, 401)
_UNTOLD_LIFETIME = 60.0


class Grant(Struct, frozen=True):
    """What a sign-in gave."""

    access: Secret
    """A header can hold it."""
    refresh: Secret | None
    lifetime: float
    """Seconds that ``access`` is good for."""


class Refusal(Struct, frozen=True):
    """What the sign-in service said instead."""

    code: str
    """A word of RFC 6749 or 8628, such as ``invalid_grant``; empty where there was none."""
    why: str


class _Grant(msgspec.Struct):
    access_token: str
    expires_in: float | None = None
    refresh_token: str | None = None


class _Refusal(msgspec.Struct):
    error: str = ""


class Provider:
    """The sign-in service of one instance, as one public client of one realm."""

    def __init__(self, endpoint: str, sign_in: SignIn | None = None, network: Network = SYSTEM) -> None:
        self.sign_in = sign_in or SignIn()
        self._network = network
        self._base = base = self.sign_in.auth_url or f"{endpoint}/auth"
        self._realm = f"{base}/realms/{self.sign_in.realm}/protocol/openid-connect"
        self.host = urlsplit(base).hostname or base

    async def grant(self, **form: str) -> Grant | Refusal:
        """Tokens, for a form with ``grant_type``.

        Raises:
            ServiceError: there was neither a grant nor a refusal.
        """
        answer = await self.post("token", **form)
        if answer.status_code in REFUSED:
            return refused(answer)
        self.check(answer, "token")
        try:
            told = msgspec.json.decode(answer.content, type=_Grant)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            told = None
        if told is None or not sendable(told.access_token):  # said without the body, which may hold tokens
            raise self.odd("token", "with a token")
        refresh = Secret(told.refresh_token) if told.refresh_token else None
        return Grant(Secret(told.access_token), refresh, told.expires_in or _UNTOLD_LIFETIME)

    async def end(self, refresh: Secret) -> bool:
        """End the sign-in that a refresh token belongs to; False where the service did not say that it has.

        Raises:
            ServiceError: it can't be asked.
        """
        answer = await self.post("logout", refresh_token=refresh.reveal())
        if answer.status_code == 204:  # Keycloak's; others have a page for people there
            return True
        return (await self.post("revoke", token=refresh.reveal())).status_code == 200

    async def post(self, path: str, **form: str) -> httpx.Response:
        """The answer to a form, by a client of its own, since no header may hold a token.

        Raises:
            ServiceError: there was none.
        """
        try:
            async with (
                asyncio.timeout(2 * TIMEOUT),
                connect(self._realm, timeout=TIMEOUT, network=self._network) as http,
            ):
                return await http.post(
                    f"{self._realm}/{path}", data={"client_id": self.sign_in.client_id} | form
                )
        except httpx.HTTPError as error:
            failed = unreachable(error, what=WHAT, endpoint=path, host=self.host)
        except TimeoutError:
            failed = TimedOut(WHAT, f"{self.host} took too long", "Try again", endpoint=path)
        raise failed

    def for_browsers(self, url: str) -> str:
        """An address of the service as browsers reach it."""
        other = self.sign_in.browser_url
        inside = url == self._base or url.startswith(f"{self._base}/")
        return f"{other}{url.removeprefix(self._base)}" if other and inside else url

    def check(self, answer: httpx.Response, path: str) -> None:
        """See that an answer is a success; raises ServiceError."""
        if answer.status_code == 404:
            why = f"{self.host} has no sign-in service for the realm {self.sign_in.realm}"
            raise NotSignedIn(
                WHAT, why, "Check the endpoint and the realm, or set WLTUI_TOKEN", endpoint=path
            )
        if not answer.is_success:
            raise refusal(answer.status_code, answer.headers, answer.content, what=WHAT, endpoint=path)

    def odd(self, path: str, wanted: str) -> ServiceError:
        """The error for a success that makes no sense."""
        why = f"{self.host} answers the sign-in, but not {wanted}"
        return ApiFormatError(WHAT, why, "Check the endpoint", endpoint=path)


def sendable(token: str) -> bool:
    """Whether a header can hold this token."""
    return bool(token) and all("!" <= letter <= "~" for letter in token)


def refused(answer: httpx.Response) -> Refusal:
    """What an answer of 400 or 401 says."""
    try:
        code = msgspec.json.decode(answer.content, type=_Refusal).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        code = ""
    return Refusal(code, reason(answer.content) or f"the sign-in service answers {answer.status_code}")
