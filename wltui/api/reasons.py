"""What the other side said, cut down to what an error message may hold."""

import re

import msgspec

from wltui.core.terminal_text import split_lines

LONGEST = 200
"""Characters of a message that are shown."""
_LOOKED_AT = 8192
"""Bytes of a page that are searched for its first text."""

_UNSEEN = re.compile(r"<(script|style|head)\b.*?</\1\s*>|<!--.*?-->|<[^<>]*>", re.IGNORECASE | re.DOTALL)
# Some gateways print the request that they could not pass on, with its headers.
_SECRET = re.compile(r"\bbearer\s+\S+|\beyJ[\w-]{5,}(\.[\w-]*)*", re.IGNORECASE)


class _Reason(msgspec.Struct):
    """The error bodies of the API, of its engines, and of Keycloak, in one."""

    msg: object = None
    error_description: object = None
    error: object = None
    message: object = None


def shorten(text: str) -> str:
    """``text`` in one line of at most 200 characters, without anything that looks like a token."""
    line = " ".join(_SECRET.sub("…", " ".join(split_lines(text))).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"


def reason(body: bytes) -> str | None:
    """What the server's own JSON gives as the reason; None where the body is not the API's."""
    try:
        told = msgspec.json.decode(body, type=_Reason)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    words = (told.msg, told.error_description, told.error, told.message)
    return next((shorten(text) for text in words if isinstance(text, str) and text.strip()), None)


def excerpt(body: bytes) -> str:
    """The first words of a text or an HTML page, without its tags."""
    import html

    text = body[:_LOOKED_AT].decode(errors="replace").removeprefix("\ufeff")
    # A script or a comment without an end swallows the rest.
    seen = re.split(r"<(?:script|style|!--)", _UNSEEN.sub(" ", text), maxsplit=1)[0]
    return shorten(html.unescape(seen))
