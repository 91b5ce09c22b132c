"""Addresses that a server sends and a person is to open in a browser."""

import re
from urllib.parse import urlsplit

import httpx

_HOST = re.compile(r"[\w.-]+|[0-9a-f:.]+", re.ASCII)


def browser_address(url: str) -> str:
    """Return an address as a browser reads it, its host in punycode; empty if it is not fit to be opened.

    That is what is no ``http://`` or ``https://`` address, or holds a user, a ``\\`` or a control character: where
    these lead is not what they look like.
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
