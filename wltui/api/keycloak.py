"""Keycloak client: fetch tokens for a password, a refresh token or a device code, and end a session.

These requests have no token in a header, and go to the sign-in service only: redirects are not followed. Answers are
parsed leniently: only indispensable fields are required, and only an OAuth error ends a sign-in. Any other failure,
such as a page of a gateway, counts as temporary.
"""

import asyncio
import re
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

import httpx
from msgspec import Struct

from wltui.core.errors import ApiFormatError, ApiRefused, ServiceError, TimedOut
from wltui.core.jwt import json_object, plain_text, seconds
from wltui.core.redaction import encode_text, hide_secrets, hide_secrets_in_bytes
from wltui.core.settings import DEFAULT_NETWORK, SIGN_IN_COMMAND, Network, Secret, SignIn

from .connection import REDIRECT, connect
from .failures import connection_error, refusal
from .reasons import excerpt, reason

TIMEOUT = 15.0
"""Seconds to wait for an answer of the sign-in service."""
SIGN_IN_FAILED = "Signing in failed"
LEAST_SECRET = 4
"""Minimum characters of a secret that can be hidden. A shorter one matches words, so that no text with it is shown."""
_DEFAULT_LIFETIME = 60.0
_LONGEST_LIFETIME = 366 * 86_400.0
_SECRETS = ("password", "refresh_token", "device_code", "token")
"""Secret fields of a form."""
_FIELD = re.compile(rb'((?:token|secret|password|device_code)"\s*:\s*)"(?:[^"\\]|\\.)*"?', re.IGNORECASE)
"""A field of an answer whose value may be a secret, complete or cut off."""
_TEMPORARY = frozenset({"server_error", "temporarily_unavailable", "unknown_error"})
"""Error codes that do not concern the sign-in."""
_PHRASES = frozenset(re.sub(r"\W+", "_", status.phrase.lower()) for status in HTTPStatus)
"""Words that gateways put in place of an OAuth code."""


class Grant(Struct, frozen=True):
    """Tokens that the service granted."""

    access: Secret
    """A valid value of a header."""
    refresh: Secret | None
    lifetime: float
    """Seconds that ``access`` is valid."""


class Refusal(Struct, frozen=True):
    """An OAuth error, which refuses the sign-in."""

    code: str
    """A word of RFC 6749 or 8628, such as ``invalid_grant``."""
    why: str


class Answer(Struct, frozen=True):
    """An answer of the sign-in service."""

    status: int
    headers: httpx.Headers
    body: bytes
    """May contain tokens, and repeat secrets that were sent."""
    sent: tuple[str, ...] = ()
    """The secrets in the request."""

    def __repr__(self) -> str:
        return f"Answer({self.status})"

    @property
    def is_success(self) -> bool:
        """Return whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def redacted_body(self) -> bytes:
        """Return the body for people, without the sent secrets; empty if one of them is too short to be hidden."""
        short = [secret for secret in self.sent if len(secret) < LEAST_SECRET]
        if any(encode_text(secret) in self.body for secret in short):
            return b""
        redacted = _FIELD.sub(rb'\1"[hidden]"', hide_secrets_in_bytes(self.body, self.sent))
        is_json = redacted.lstrip()[:1] in (b"{", b"[", b'"')
        return b"" if is_json and reason(redacted) is None else redacted  # damaged, or made for a program

    def refusal(self) -> Refusal | None:
        """Return the OAuth error in the answer, or None if there is none."""
        code = json_object(self.body).get("error")
        if not (400 <= self.status < 500 and isinstance(code, str)):
            return None
        if not re.fullmatch(r"[a-z0-9_.-]{1,64}", code) or code in _PHRASES | _TEMPORARY:
            return None
        return Refusal(code, reason(self.redacted_body) or f"the sign-in service answers {self.status}")


class Provider:
    """The sign-in service of one instance, as one public client of one realm."""

    def __init__(
        self,
        endpoint: str,
        sign_in: SignIn | None = None,
        network: Network = DEFAULT_NETWORK,
        *,
        command: str = SIGN_IN_COMMAND,
    ) -> None:
        """Set the addresses of the service. ``command``: signs in there on a command line, for advice."""
        self.command = command
        self.sign_in = sign_in or SignIn()
        self._network = network
        self._base = base = self.sign_in.auth_url or f"{endpoint}/auth"
        self._realm = f"{base}/realms/{self.sign_in.realm}/protocol/openid-connect"
        self.host = urlsplit(base).hostname or base

    async def grant(self, **form: str) -> Grant | Refusal:
        """Return tokens for a form with ``grant_type``, or the OAuth error.

        Raises:
            ServiceError: the answer is neither a grant nor a refusal.
        """
        answer = await self.post("token", **form)
        if refused := answer.refusal():
            return refused
        self.check(answer, "token")
        found = json_object(answer.body)
        access, refresh = found.get("access_token"), found.get("refresh_token")
        if not isinstance(access, str) or not is_sendable(
            access
        ):  # without the body, which may contain tokens
            raise self.unexpected_answer("token", "with a token")
        lifetime = min(seconds(found.get("expires_in")) or _DEFAULT_LIFETIME, _LONGEST_LIFETIME)
        can_renew = isinstance(refresh, str) and refresh and plain_text(refresh) == refresh
        return Grant(Secret(access), Secret(str(refresh)) if can_renew else None, lifetime)

    async def end_session(self, refresh: Secret) -> bool:
        """End the session of a refresh token; return False if the service did not confirm it.

        Raises:
            ServiceError: the service can't be reached.
        """
        answer = await self.post("logout", refresh_token=refresh.reveal())
        if answer.status == 204:  # Keycloak's status; other services have a page for people at this path
            return True
        return (await self.post("revoke", token=refresh.reveal())).status == 200

    async def post(self, path: str, **form: str) -> Answer:
        """Send a form and return the answer. Uses a new client, so that no header contains a token.

        Raises:
            ServiceError: there was no answer.
        """
        fields = {
            name: encode_text(text) for name, text in ({"client_id": self.sign_in.client_id} | form).items()
        }
        try:
            async with (
                asyncio.timeout(2 * TIMEOUT),
                connect(self._realm, timeout=TIMEOUT, network=self._network) as http,
            ):
                response = await http.post(
                    f"{self._realm}/{path}",
                    content=urlencode(fields),
                    headers={
                        "Content-Type": "application/x-www-form-urlencoded",
                        "Accept": "application/json",
                    },
                )
        except httpx.HTTPError as error:
            failed = connection_error(error, what=SIGN_IN_FAILED, endpoint=path, host=self.host)
        except TimeoutError:
            failed = TimedOut(SIGN_IN_FAILED, f"{self.host} took too long", "Try again", endpoint=path)
        else:
            sent = tuple(form[name] for name in _SECRETS if form.get(name))
            return Answer(response.status_code, response.headers, response.content, sent)
        raise failed

    def to_browser_url(self, url: str) -> str:
        """Return the address at which browsers reach a page of the service."""
        other = self.sign_in.browser_url
        inside = url == self._base or url.startswith(f"{self._base}/")
        return f"{other}{url.removeprefix(self._base)}" if other and inside else url

    def check(self, answer: Answer, path: str) -> None:
        """Raise ServiceError if an answer is unsuccessful; never NotSignedIn, since the failure may be temporary."""
        if answer.is_success:
            return
        if answer.status == 404:
            why = f"{self.host} has no sign-in service for the realm {self.sign_in.realm}"
            advice = "Check the endpoint and the realm, or set WLTUI_TOKEN"
            raise ApiRefused(SIGN_IN_FAILED, why, advice, endpoint=path, status=404)
        location = hide_secrets(answer.headers.get(REDIRECT, ""), answer.sent)
        error = refusal(
            answer.status,
            httpx.Headers({REDIRECT: location.encode("ascii", "replace").decode()}),
            answer.redacted_body,
            what=SIGN_IN_FAILED,
            endpoint=path,
        )
        if isinstance(error, ApiRefused) and answer.status != 400:
            raise error
        said = reason(answer.redacted_body) or excerpt(answer.redacted_body)
        raise ApiRefused(
            SIGN_IN_FAILED,
            f"{self.host} answers {answer.status}, but not as a sign-in service{f' ({said})' if said else ''}",
            "Try again; the answer may come from a gateway",
            endpoint=path,
            status=answer.status,
        )

    def unexpected_answer(self, path: str, wanted: str) -> ServiceError:
        """Return the error for a successful answer with invalid content."""
        why = f"{self.host} answers the sign-in, but not {wanted}"
        return ApiFormatError(SIGN_IN_FAILED, why, "Check the endpoint", endpoint=path)


def is_sendable(token: str) -> bool:
    """Return whether a header can contain this token."""
    return bool(token) and all("!" <= letter <= "~" for letter in token)
