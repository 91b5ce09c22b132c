"""Check addresses that a server sends for a person to open in a browser."""

import re
from urllib.parse import urlsplit

import httpx

_HOST = re.compile(r"[\w.-]+|[0-9a-f:.]+", re.ASCII)


def browser_address(url: str) -> str:
    """Return an address as a browser reads it, its host in punycode, or an empty text if it is not safe to open.

    Unsafe are addresses without ``http://`` or ``https://``, and those with a user, a ``\\`` or a control character:
    they lead elsewhere than they seem to.
    """
    try:
        parts = urlsplit(url)
        address = httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        return ""
    host = address.raw_host.decode("ascii")
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        return ""
    if "@" in parts.netloc or "\\" in url or not parts.netloc.isprintable():
        return ""
    return str(address)
