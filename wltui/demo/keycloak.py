"""Keycloak, as far as a public client needs it: passwords, device codes, rotating refresh tokens, signing out."""

import base64
import hashlib
import hmac
import html
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from urllib.parse import parse_qs

import msgspec

from .http import Request, Response

REALM_PATH = "/auth/realms/master"
TOKEN_PATH = f"{REALM_PATH}/protocol/openid-connect/token"
DEVICE_PATH = f"{REALM_PATH}/protocol/openid-connect/auth/device"
LOGOUT_PATH = f"{REALM_PATH}/protocol/openid-connect/logout"
PAGE_PATH = f"{REALM_PATH}/device"
"""Where people type a device's code."""
CLIENT_ID = "sdk-client"
REFRESH_TTL = 1800
"""Seconds that a refresh token lives unused."""
LASTING_TTL = 30 * 86_400
"""Seconds that one does which was asked for with the scope offline_access."""
DEVICE_TTL = 600
"""Seconds that a device's code lives."""
INTERVAL = 5
"""Seconds that a device usually has to wait between two questions."""
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_PAGE = """\
<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sign in</title><h1>Embedded Wallaroo</h1><p>{words}</p>
<form method="post">
<p><label>Code <input name="user_code" value="{code}"></label></p>
<p><label>User <input name="username" value="demo"></label></p>
<p><label>Password <input name="password" type="password" value="demo"></label></p>
<button name="answer" value="yes">Sign in</button> <button name="answer" value="no">No</button>
</form>
"""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can sign in, with the name as password."""

    name: str
    id: str

    @property
    def email(self) -> str:
        """The address."""
        return f"{self.name}@example.com"


DEMO = User("demo", "5b1f7c58-92f3-4f7e-9f60-0c2f4b8c1d11")
GUEST = User("guest", "0c4e3a51-7d1b-4a55-8a80-6f1f0f3b7c42")
USERS = {user.name: user for user in (DEMO, GUEST)}


@dataclass(slots=True)
class _Device:
    """A device that waits for somebody to type its code."""

    user_code: str
    ends: float
    interval: float
    scope: str
    asked: float | None = None
    """When it last asked."""
    allowed: bool | None = None
    """The answer of a person: None until there is one."""
    user: User = DEMO
    """Who did."""


class Keycloak:
    """Issues tokens to the few users there are, and knows its own again.

    Refresh tokens rotate: each is good for one use, and a second use ends the sign-in.
    """

    def __init__(
        self, clock: Callable[[], datetime], token_ttl: float, device_interval: float = INTERVAL
    ) -> None:
        """``token_ttl``: seconds that an access token lives; ``device_interval``: between a device's questions."""
        self._clock = clock
        self._ttl = float(token_ttl)
        self._interval = device_interval
        self._secret = secrets.token_bytes(32)
        self._refresh: dict[str, float] = {}
        """Unused refresh tokens and when each expires; each begins with the name of its sign-in."""
        self._users: dict[str, User] = {}
        """Whose each sign-in is."""
        self._lasting: set[str] = set()
        """Sign-ins whose refresh tokens live long."""
        self._devices: dict[str, _Device] = {}
        """By the secret that a device asks with."""

    def answer(self, request: Request, issuer: str) -> Response | None:
        """Return the answer, or None if the request is not for Keycloak. ``issuer``: the realm's URL."""
        path, _, query = request.path.partition("?")
        doors = {
            TOKEN_PATH: self._token,
            DEVICE_PATH: self._device,
            LOGOUT_PATH: self._log_out,
            PAGE_PATH: self._page,
        }
        if path not in doors:
            return None
        form = _form(request.body.decode("utf-8", "replace"))
        if path == PAGE_PATH and request.method != "POST":
            return _page("Type the code that wltui shows.", _form(query).get("user_code", ""))
        if request.method != "POST":
            return _refusal(405, "invalid_request", "HTTP 405 Method Not Allowed")
        if path != PAGE_PATH and form.get("client_id") != CLIENT_ID:
            return _refusal(401, "invalid_client", "Invalid client or Invalid client credentials")
        return doors[path](form, issuer)

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

    def _token(self, form: dict[str, str], issuer: str) -> Response:
        session, scope = secrets.token_urlsafe(12), form.get("scope", "")
        match form.get("grant_type"):
            case "password":
                if (user := _known(form)) is None:
                    return _refusal(401, "invalid_grant", "Invalid user credentials")
                self._users[session] = user
            case "refresh_token":
                token = form.get("refresh_token", "")
                session = token.partition(".")[0]
                if self._refresh.pop(token, 0) <= self._now():
                    self._end(session)
                    return _refusal(400, "invalid_grant", "Token is not active")
            case "urn:ietf:params:oauth:grant-type:device_code":
                found = self._asking_device(form.get("device_code", ""))
                if isinstance(found, Response):
                    return found
                scope = found.scope
                self._users[session] = found.user
            case _:
                return _refusal(400, "unsupported_grant_type", "Unsupported grant_type")
        if "offline_access" in scope.split():
            self._lasting.add(session)
        return Response(200, msgspec.json.encode(self._grant(issuer, session)), {"cache-control": "no-store"})

    def _asking_device(self, secret: str) -> _Device | Response:
        """Return a device that may sign in, for this one time, or the refusal of one that may not, or not yet."""
        device = self._devices.get(secret)
        if device is None:
            return _refusal(400, "invalid_grant", "Device code not valid")
        now, before = self._now(), device.asked
        device.asked = now
        if now >= device.ends:
            del self._devices[secret]
            return _refusal(400, "expired_token", "Device code is expired")
        if before is not None and now - before < device.interval:
            device.interval += 5
            return _refusal(400, "slow_down", "Slow down")
        if device.allowed is None:
            return _refusal(400, "authorization_pending", "The authorization request is still pending")
        del self._devices[secret]
        return (
            device
            if device.allowed
            else _refusal(400, "access_denied", "The end user denied the authorization request")
        )

    def _device(self, form: dict[str, str], issuer: str) -> Response:
        letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
        device = _Device(
            f"{letters[:4]}-{letters[4:]}", self._now() + DEVICE_TTL, self._interval, form.get("scope", "")
        )
        secret = secrets.token_urlsafe(32)
        self._devices[secret] = device
        page = f"{issuer}/device"
        body = {
            "device_code": secret,
            "user_code": device.user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={device.user_code}",
            "expires_in": DEVICE_TTL,
            "interval": self._interval,
        }
        return Response(200, msgspec.json.encode(body), {"cache-control": "no-store"})

    def _page(self, form: dict[str, str], issuer: str) -> Response:
        code = form.get("user_code", "").strip().upper()
        waiting = (device for device in self._devices.values() if self._now() < device.ends)
        device = next((d for d in waiting if d.user_code == code and d.allowed is None), None)
        if device is None:
            return _page("No device waits with this code.", code, status=400)
        if form.get("answer") != "yes":
            device.allowed = False
            return _page("The device was refused.", "")
        if (user := _known(form)) is None:
            return _page("Invalid user or password.", code, status=401)
        device.allowed, device.user = True, user
        return _page("The device is signed in. You can close this page.", "")

    def _log_out(self, form: dict[str, str], issuer: str) -> Response:
        token = form.get("refresh_token", "")
        if token not in self._refresh:
            return _refusal(400, "invalid_grant", "Invalid refresh token")
        self._end(token.partition(".")[0])
        return Response(204)

    def end_all(self) -> None:
        """End every sign-in: no token that was issued so far is good any more."""
        self._secret = secrets.token_bytes(32)
        self._refresh.clear()

    def _end(self, session: str) -> None:
        for token in [token for token in self._refresh if token.partition(".")[0] == session]:
            del self._refresh[token]

    def _grant(self, issuer: str, session: str) -> dict[str, str | float]:
        refresh = f"{session}.{secrets.token_urlsafe(48)}"
        lifetime = LASTING_TTL if session in self._lasting else REFRESH_TTL
        self._refresh[refresh] = self._now() + lifetime
        return {
            "access_token": self._access_token(issuer, self._users[session]),
            "expires_in": int(self._ttl) if self._ttl.is_integer() else self._ttl,
            "refresh_expires_in": lifetime,
            "refresh_token": refresh,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "scope": "email profile",
        }

    def _access_token(self, issuer: str, user: User) -> str:
        now = self._now()
        claims = {
            "exp": ceil(now + self._ttl) if self._ttl.is_integer() else now + self._ttl,
            "iat": int(now),
            "jti": secrets.token_hex(16),
            "iss": issuer,
            "sub": user.id,
            "typ": "Bearer",
            "azp": CLIENT_ID,
            "preferred_username": user.name,
            "email": user.email,
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


def _known(form: dict[str, str]) -> User | None:
    """Who gives this name and the right password."""
    user = USERS.get(form.get("username", ""))
    return user if user and form.get("password") == user.name else None


def _form(text: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(text).items()}


def _page(words: str, code: str, *, status: int = 200) -> Response:
    text = _PAGE.format(words=words, code=html.escape(code))
    return Response(status, text.encode(), {"content-type": "text/html; charset=utf-8"})


def _refusal(status: int, error: str, description: str) -> Response:
    return Response(status, msgspec.json.encode({"error": error, "error_description": description}))


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
