"""Keycloak's token endpoint, as far as the password and refresh grants of a public client need it."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime
from math import ceil
from urllib.parse import parse_qs

import msgspec

from .http import Request, Response

TOKEN_PATH = "/auth/realms/master/protocol/openid-connect/token"
CLIENT_ID = "sdk-client"
USER = "demo"
PASSWORD = "demo"
EMAIL = "demo@example.com"
USER_ID = "5b1f7c58-92f3-4f7e-9f60-0c2f4b8c1d11"
REFRESH_TTL = 1800
"""Seconds that a refresh token lives unused."""


class Keycloak:
    """Issues tokens to the one user there is, and knows its own again.

    Refresh tokens rotate: each is good for one use.
    """

    def __init__(self, clock: Callable[[], datetime], token_ttl: float) -> None:
        """``token_ttl``: seconds that an access token lives."""
        self._clock = clock
        self._ttl = float(token_ttl)
        self._secret = secrets.token_bytes(32)
        self._refresh: dict[str, float] = {}
        """Unused refresh tokens and when each expires."""

    def answer(self, request: Request, issuer: str) -> Response:
        """The answer to a request for tokens. ``issuer``: the realm's URL, for the token's ``iss``."""
        if request.method != "POST":
            return _refusal(405, "invalid_request", "HTTP 405 Method Not Allowed")
        form = {
            name: values[-1] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()
        }
        if form.get("client_id") != CLIENT_ID:
            return _refusal(401, "invalid_client", "Invalid client or Invalid client credentials")
        match form.get("grant_type"):
            case "password":
                if (form.get("username"), form.get("password")) != (USER, PASSWORD):
                    return _refusal(401, "invalid_grant", "Invalid user credentials")
            case "refresh_token":
                if self._refresh.pop(form.get("refresh_token", ""), 0) <= self._now():
                    return _refusal(400, "invalid_grant", "Token is not active")
            case _:
                return _refusal(400, "unsupported_grant_type", "Unsupported grant_type")
        return Response(200, msgspec.json.encode(self._grant(issuer)), {"cache-control": "no-store"})

    def accepts(self, authorization: str) -> bool:
        """Whether this ``Authorization`` header carries an unexpired access token of this server."""
        scheme, _, token = authorization.partition(" ")
        signed, _, signature = token.rpartition(".")
        if scheme.lower() != "bearer" or not hmac.compare_digest(
            signature.encode(), self._sign(signed).encode()
        ):
            return False
        expiry: float = msgspec.json.decode(_unbase64(signed.partition(".")[2]))["exp"]
        return self._now() < expiry

    def _grant(self, issuer: str) -> dict[str, str | float]:
        refresh = secrets.token_urlsafe(48)
        self._refresh[refresh] = self._now() + REFRESH_TTL
        return {
            "access_token": self._access_token(issuer),
            "expires_in": int(self._ttl) if self._ttl.is_integer() else self._ttl,
            "refresh_expires_in": REFRESH_TTL,
            "refresh_token": refresh,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "scope": "email profile",
        }

    def _access_token(self, issuer: str) -> str:
        now = self._now()
        claims = {
            "exp": ceil(now + self._ttl) if self._ttl.is_integer() else now + self._ttl,
            "iat": int(now),
            "jti": secrets.token_hex(16),
            "iss": issuer,
            "sub": USER_ID,
            "typ": "Bearer",
            "azp": CLIENT_ID,
            "preferred_username": USER,
            "email": EMAIL,
            "email_verified": True,
        }
        signed = ".".join(
            _base64(msgspec.json.encode(part)) for part in ({"alg": "HS256", "typ": "JWT"}, claims)
        )
        return f"{signed}.{self._sign(signed)}"

    def _sign(self, text: str) -> str:
        return _base64(hmac.digest(self._secret, text.encode("utf-8", "surrogateescape"), hashlib.sha256))

    def _now(self) -> float:
        return self._clock().timestamp()


def _refusal(status: int, error: str, description: str) -> Response:
    return Response(status, msgspec.json.encode({"error": error, "error_description": description}))


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
