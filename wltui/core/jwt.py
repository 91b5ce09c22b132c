"""Read the claims of a token (JWT) without verification: for display and for users' file names, never for access.

Imports nothing large, since it is needed for the name of the first picture's file.
"""

import json
from binascii import a2b_base64
from collections.abc import Mapping

MAX_NAME = 200
"""Maximum characters of a user's name."""
_BOM = b"\xef\xbb\xbf"
_INFINITY = float("inf")


def json_object(body: bytes) -> Mapping[str, object]:
    """Return the members of a JSON object, of any type, or an empty mapping if the body is not a JSON object.

    Half a surrogate pair, bytes that are not UTF-8 and numbers of any length are accepted, so that one invalid member
    does not hide the others.
    """
    try:
        read = json.loads(body.removeprefix(_BOM).decode("utf-8", "replace"), parse_int=_integer)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def parse_claims(token: str) -> Mapping[str, object]:
    """Return the claims of a JWT without checking its signature; empty if the token is not a JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        payload = a2b_base64(parts[1].replace("-", "+").replace("_", "/") + "==")
    except ValueError:
        return {}
    return json_object(payload)


def user_name(token: str) -> str | None:
    """Return the name of a token's user: the e-mail address, else the user name, else the id; None if it has none."""
    claims = parse_claims(token)
    names = (claims.get(claim) for claim in ("email", "preferred_username", "sub"))
    name = next((name for name in names if isinstance(name, str) and name.strip()), None)
    return name and plain_text(name[:MAX_NAME])


def user_id(token: str) -> str:
    """Return the id of a token's user; empty if that is not a text or a whole number."""
    user = parse_claims(token).get("sub")
    return plain_text(str(user)) if isinstance(user, str | int) and not isinstance(user, bool) else ""


def plain_text(text: str) -> str:
    """Return a text that UTF-8 can encode, with ``?`` in place of each half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode()


def expiry(token: str) -> float | None:
    """Return the end of a token in seconds since 1970, or None if it has none."""
    return seconds(parse_claims(token).get("exp"))


def seconds(value: object) -> float | None:
    """Return a positive number, also from a text, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if 0 < number < _INFINITY else None


def _integer(digits: str) -> int | float:
    """Return a whole number, or infinity if it has 100 digits or more."""
    if len(digits) < 100:
        return int(digits)
    return -_INFINITY if digits[0] == "-" else _INFINITY
