"""What a token says about its user, to be shown and to keep caches apart; never to be trusted."""

import base64
from typing import Any

import msgspec


def claims(token: str) -> dict[str, Any]:
    """The claims of a JWT, with its signature unchecked; empty for a token of any other kind."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        return msgspec.json.decode(payload, type=dict[str, Any])
    except (ValueError, RecursionError):  # base64, UTF-8 and JSON errors are all ValueErrors
        return {}


def subject(token: str) -> str | None:
    """Whom the token names: an e-mail address where it has one, else a user name, else an id."""
    told = claims(token)
    names = (told.get(claim) for claim in ("email", "preferred_username", "sub"))
    return next((name for name in names if isinstance(name, str) and name), None)
