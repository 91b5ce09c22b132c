"""Extract a short reason from a server's answer, for an error message."""

import re

import msgspec

from wltui.core.terminal_text import split_lines

LONGEST = 200
"""Maximum characters of a message."""
_LOOKED_AT = 8192
"""Bytes of a page that are searched for text."""

_UNSEEN = re.compile(r"<(script|style|head)\b.*?</\1\s*>|<!--.*?-->|<[^<>]*>", re.IGNORECASE | re.DOTALL)
# Some gateways print the failed request with its headers.
_SECRET = re.compile(r"\bbearer\s+\S+|\beyJ[\w-]{5,}(\.[\w-]*)*", re.IGNORECASE)


class _Reason(msgspec.Struct):
    """The fields of error bodies of the API, of its engines, and of Keycloak."""

    msg: object = None
    error_description: object = None
    error: object = None
    message: object = None


def shorten(text: str) -> str:
    """Return ``text`` on one line of at most 200 characters, without anything that looks like a token."""
    line = " ".join(_SECRET.sub("…", " ".join(split_lines(text))).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"


def reason(body: bytes) -> str | None:
    """Return the reason in the server's JSON, or None if the body is not the API's."""
    try:
        found = msgspec.json.decode(body, type=_Reason)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    words = (found.msg, found.error_description, found.error, found.message)
    return next((shorten(text) for text in words if isinstance(text, str) and text.strip()), None)


def excerpt(body: bytes) -> str:
    """Return the first words of a text or an HTML page, without tags."""
    import html

    text = body[:_LOOKED_AT].decode(errors="replace").removeprefix("\ufeff")
    # A script or comment without an end hides the rest.
    seen = re.split(r"<(?:script|style|!--)", _UNSEEN.sub(" ", text), maxsplit=1)[0]
    return shorten(html.unescape(seen))
