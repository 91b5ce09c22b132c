"""Keycloak: tokens for a password, a refresh token or a device code, and the end of a sign-in.

These requests carry no token in a header, and go to the sign-in service alone: redirects are not followed. Its answers
are read with patience: only what can't be done without has to be there, and only an error of OAuth's own ends a
sign-in. Any other failure, such as a page of a gateway, may pass.
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
"""Seconds for the answer of the sign-in service."""
SIGN_IN_FAILED = "Signing in failed"
LEAST_SECRET = 4
"""Characters; what is shorter stands in words by chance, and words with it are not shown at all."""
_UNTOLD_LIFETIME = 60.0
_LONGEST_LIFETIME = 366 * 86_400.0
_SECRETS = ("password", "refresh_token", "device_code", "token")
"""The fields of a form that are secret."""
_FIELD = re.compile(rb'((?:token|secret|password|device_code)"\s*:\s*)"(?:[^"\\]|\\.)*"?', re.IGNORECASE)
"""A field of an answer whose value may be a secret, whole or cut off."""
_PASSING = frozenset({"server_error", "temporarily_unavailable", "unknown_error"})
"""Codes of an error that says nothing about the sign-in."""
_PHRASES = frozenset(re.sub(r"\W+", "_", status.phrase.lower()) for status in HTTPStatus)
"""What gateways write where OAuth has a code."""


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
    """A word of RFC 6749 or 8628, such as ``invalid_grant``."""
    why: str


class Answer(Struct, frozen=True):
    """An answer of the sign-in service."""

    status: int
    headers: httpx.Headers
    body: bytes
    """It may hold tokens, and repeat what was sent."""
    sent: tuple[str, ...] = ()
    """The secrets that it was sent."""

    def __repr__(self) -> str:
        return f"Answer({self.status})"

    @property
    def is_success(self) -> bool:
        """Whether the status says so."""
        return 200 <= self.status < 300

    @property
    def redacted_body(self) -> bytes:
        """The body for people, without the secrets that were sent; empty if it holds one that is too short to hide."""
        short = [secret for secret in self.sent if len(secret) < LEAST_SECRET]
        if any(encode_text(secret) in self.body for secret in short):
            return b""
        shown = _FIELD.sub(rb'\1"[hidden]"', hide_secrets_in_bytes(self.body, self.sent))
        is_json = shown.lstrip()[:1] in (b"{", b"[", b'"')
        return b"" if is_json and reason(shown) is None else shown  # damaged, or made for a program

    def refusal(self) -> Refusal | None:
        """Return OAuth's own error, or None if the answer is something else."""
        code = json_object(self.body).get("error")
        if not (400 <= self.status < 500 and isinstance(code, str)):
            return None
        if not re.fullmatch(r"[a-z0-9_.-]{1,64}", code) or code in _PHRASES | _PASSING:
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
        """``command``: what signs in there on a command line, for advice."""
        self.command = command
        self.sign_in = sign_in or SignIn()
        self._network = network
        self._base = base = self.sign_in.auth_url or f"{endpoint}/auth"
        self._realm = f"{base}/realms/{self.sign_in.realm}/protocol/openid-connect"
        self.host = urlsplit(base).hostname or base

    async def grant(self, **form: str) -> Grant | Refusal:
        """Return tokens for a form with ``grant_type``, or OAuth's own error.

        Raises:
            ServiceError: there was neither a grant nor a refusal.
        """
        answer = await self.post("token", **form)
        if refused := answer.refusal():
            return refused
        self.check(answer, "token")
        told = json_object(answer.body)
        access, refresh = told.get("access_token"), told.get("refresh_token")
        if not isinstance(access, str) or not is_sendable(
            access
        ):  # said without the body, which may hold tokens
            raise self.unexpected_answer("token", "with a token")
        lifetime = min(seconds(told.get("expires_in")) or _UNTOLD_LIFETIME, _LONGEST_LIFETIME)
        can_renew = isinstance(refresh, str) and refresh and plain_text(refresh) == refresh
        return Grant(Secret(access), Secret(str(refresh)) if can_renew else None, lifetime)

    async def end(self, refresh: Secret) -> bool:
        """End the sign-in that a refresh token belongs to; False if the service did not say that it has.

        Raises:
            ServiceError: it can't be asked.
        """
        answer = await self.post("logout", refresh_token=refresh.reveal())
        if answer.status == 204:  # Keycloak's; others have a page for people there
            return True
        return (await self.post("revoke", token=refresh.reveal())).status == 200

    async def post(self, path: str, **form: str) -> Answer:
        """Return the answer to a form, by a client of its own, since no header may hold a token.

        Raises:
            ServiceError: there was none.
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
        """Return an address of the service as browsers reach it."""
        other = self.sign_in.browser_url
        inside = url == self._base or url.startswith(f"{self._base}/")
        return f"{other}{url.removeprefix(self._base)}" if other and inside else url

    def check(self, answer: Answer, path: str) -> None:
        """Raise ServiceError if an answer is no success. It may pass, so none of them says that nobody is signed in."""
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
            "Try again; a gateway may be in the way",
            endpoint=path,
            status=answer.status,
        )

    def unexpected_answer(self, path: str, wanted: str) -> ServiceError:
        """Return the error for a success that makes no sense."""
        why = f"{self.host} answers the sign-in, but not {wanted}"
        return ApiFormatError(SIGN_IN_FAILED, why, "Check the endpoint", endpoint=path)


def is_sendable(token: str) -> bool:
    """Return whether a header can hold this token."""
    return bool(token) and all("!" <= letter <= "~" for letter in token)
