"""How this program reaches a server: TLS trust of the system, proxies of the environment, patience."""

import ipaddress
import os
import ssl

import httpx
import truststore

from wltui import __version__
from wltui.errors import UsageError
from wltui.settings import CONNECT_TIMEOUT

KEEP_ALIVE = 60
"""Seconds that an idle connection is kept: longer than the slowest rhythm of the live view."""


def connect(
    endpoint: str,
    *,
    timeout: float,
    connect_timeout: float = CONNECT_TIMEOUT,
    auth: httpx.Auth | None = None,
) -> httpx.AsyncClient:
    """An HTTP client for one server; nothing is sent yet.

    Redirects are not followed, so that a token never leaves for another host. There is no transport of our
    own, since one would silently switch the proxies off.

    Raises:
        UsageError: the endpoint, or a proxy variable, is no address.
    """
    try:
        host = httpx.URL(endpoint).host
        host.encode("idna")
    except (httpx.InvalidURL, UnicodeError):
        raise UsageError(
            f"{endpoint!r} is no address", "", "Use https://HOST of your Wallaroo instance"
        ) from None
    try:
        return httpx.AsyncClient(
            auth=auth,
            verify=truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            timeout=httpx.Timeout(timeout, connect=connect_timeout),
            limits=httpx.Limits(keepalive_expiry=KEEP_ALIVE),
            headers={"User-Agent": f"wltui/{__version__}"},
            trust_env=not is_loopback(host),
        )
    except (ValueError, ImportError, httpx.InvalidURL):
        # What httpx says of it may hold the proxy's password.
        raise UsageError(
            "The proxy settings of the environment can't be used",
            f"one of {', '.join(_proxy_variables())} is no http:// or https:// address",
            "Set it to http://HOST:PORT, or unset it",
        ) from None


def is_loopback(host: str) -> bool:
    """Whether the host is this computer, which no proxy can reach."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _proxy_variables() -> list[str]:
    names = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
    return sorted(name for name in os.environ if name.lower() in names and os.environ[name])
