"""What a token says about its user, to be shown and to keep caches apart; never to be trusted."""

import base64
import json
import math
from collections.abc import Mapping

LONGEST_NAME = 200
"""Characters of a user's name."""


def json_object(body: bytes) -> Mapping[str, object]:
    """Return the members of a JSON object, each of whatever type it is; empty if the body is no JSON object.

    Half a surrogate pair, bytes that are no UTF-8 and numbers of any length are read, as one odd member must not
    cost the others.
    """
    try:
        read = json.loads(body.decode("utf-8-sig", "replace"), parse_int=_integer)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def claims(token: str) -> Mapping[str, object]:
    """Return the claims of a JWT, with its signature unchecked; empty for a token of any other kind."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
    except ValueError:
        return {}
    return json_object(payload)


def subject(token: str) -> str | None:
    """Return whom a token names: an e-mail address if it has one, else a user name, else an id."""
    told = claims(token)
    names = (told.get(claim) for claim in ("email", "preferred_username", "sub"))
    name = next((name for name in names if isinstance(name, str) and name.strip()), None)
    return name and plain_text(name[:LONGEST_NAME])


def user_id(token: str) -> str:
    """Return the id of a token's user; empty if it names none by a text or a whole number."""
    told = claims(token).get("sub")
    return plain_text(str(told)) if isinstance(told, str | int) and not isinstance(told, bool) else ""


def plain_text(text: str) -> str:
    """Return a text that can be written as UTF-8, with ``?`` in place of each half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode()


def expiry(token: str) -> float | None:
    """Return when a token ends, in seconds since 1970, or None if it does not say."""
    return seconds(claims(token).get("exp"))


def seconds(value: object) -> float | None:
    """Return a positive number, also one that was written as a text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if 0 < number < math.inf else None


def _integer(digits: str) -> int | float:
    """A whole number; one that is too long to be a number of anything is as good as endless."""
    return int(digits) if len(digits) < 100 else math.copysign(math.inf, -1 if digits[0] == "-" else 1)
