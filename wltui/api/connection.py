"""How this program reaches a server: TLS trust, proxies, patience; of the system where nothing else is asked for."""

import ipaddress
import os
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import truststore

from wltui import __version__
from wltui.errors import UsageError
from wltui.settings import CONNECT_TIMEOUT, SYSTEM, Network

KEEP_ALIVE = 60
"""Seconds that an idle connection is kept: longer than the slowest rhythm of the live view."""


class Route:
    """Whom a request turned to: the server, or the proxy before it. httpcore tells it step by step."""

    def __init__(self) -> None:
        self.peer = ""
        """The host that was connected to; empty where a connection was there already, or none was tried."""
        self.took: dict[str, float] = {}
        """Seconds of each step that went well, such as ``connect_tcp`` and ``start_tls``."""
        self._port, self._since = 0, 0.0

    async def __call__(self, step: str, details: Mapping[str, Any]) -> None:
        name, _, state = step.partition(".")[2].partition(".")
        if state == "started":
            self._since = time.monotonic()
            if name == "connect_tcp":
                self.peer, self._port = str(details["host"]), details["port"]
        elif state == "complete":
            self.took[name] = time.monotonic() - self._since

    def proxy_of(self, request: httpx.Request) -> str:
        """The proxy's host; empty where there was none."""
        url = request.url
        port = url.port or (443 if url.scheme == "https" else 80)
        return "" if (self.peer, self._port) == (url.raw_host.decode("ascii"), port) else self.peer


class _Http(httpx.AsyncClient):
    """httpx, with the way of each request kept beside it, and with its own errors where it lets others through."""

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        request.extensions = {**request.extensions, "trace": Route()}
        try:
            return await super().send(request, **options)
        except ssl.SSLError as error:  # so TLS 1.3 refuses a client's certificate: after the first bytes
            raise httpx.ReadError(str(error), request=request) from error


def connect(
    endpoint: str,
    *,
    timeout: float,
    connect_timeout: float = CONNECT_TIMEOUT,
    auth: httpx.Auth | None = None,
    network: Network = SYSTEM,
) -> httpx.AsyncClient:
    """An HTTP client for one server; nothing is sent yet.

    Redirects are not followed, so that a token never leaves for another host. There is no transport of our
    own, since one would silently switch the proxies off.

    Raises:
        UsageError: the endpoint or a proxy is no address, or a certificate's file can't be used.
    """
    try:
        host = httpx.URL(endpoint).host
        host.encode("idna")
    except (httpx.InvalidURL, UnicodeError):
        raise UsageError(
            f"{endpoint!r} is no address", "", "Use https://HOST of your Wallaroo instance"
        ) from None
    context = _trust(network)
    try:
        return _Http(
            auth=auth,
            verify=context,
            proxy=_proxy(network, context),
            timeout=httpx.Timeout(timeout, connect=connect_timeout),
            limits=httpx.Limits(keepalive_expiry=KEEP_ALIVE),
            headers={"User-Agent": f"wltui/{__version__}"},
            trust_env=network.proxy is None and not is_loopback(host),
        )
    except (ValueError, ImportError, httpx.InvalidURL):
        # What httpx says of it may hold the proxy's password.
        if network.proxy:
            raise UsageError(
                "The proxy can't be used",
                "its address is no http:// or https:// one",
                "Set proxy of the profile to http://HOST:PORT",
            ) from None
        raise UsageError(
            "The proxy settings of the environment can't be used",
            f"one of {', '.join(_proxy_variables())} is no http:// or https:// address",
            "Set it to http://HOST:PORT, or unset it",
        ) from None


def _trust(network: Network) -> ssl.SSLContext:
    """Whom to believe, and who connects.

    Raises:
        UsageError: a file of certificates can't be used.
    """
    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not network.verify:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    elif network.ca_bundle:
        with _told("CA bundle", network.ca_bundle, "Set ca_bundle to a PEM file of CA certificates"):
            context.load_verify_locations(network.ca_bundle)
    if network.client_cert:
        advice = "Set client_cert and client_key to PEM files that belong together, the key unencrypted"
        with _told("client certificate", network.client_cert, advice):
            # Without a password OpenSSL would ask the terminal for that of an encrypted key.
            context.load_cert_chain(network.client_cert, network.client_key, password="")
    return context


def _proxy(network: Network, context: ssl.SSLContext) -> httpx.Proxy | None:
    url = network.proxy.reveal() if network.proxy else ""
    if not url:
        return None
    return httpx.Proxy(url, ssl_context=context if url.lower().startswith("https:") else None)


@contextmanager
def _told(what: str, path: Path, advice: str) -> Iterator[None]:
    """Tell what is wrong with a file in place of what OpenSSL says of it."""
    try:
        yield
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        why = error.strerror if isinstance(error, FileNotFoundError | PermissionError) else "it is not in PEM"
        raise UsageError(f"The {what} {path} can't be used", why or "", advice) from None


def is_loopback(host: str) -> bool:
    """Whether the host is this computer, which no proxy can reach."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _proxy_variables() -> list[str]:
    names = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
    return sorted(name for name in os.environ if name.lower() in names and os.environ[name])
