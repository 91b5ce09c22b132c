"""How this program reaches a server: TLS trust, proxies, patience; of the system where nothing else is asked for."""

import os
import ssl
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import h11
import httpx
import truststore

from wltui import __version__
from wltui.core.errors import UsageError
from wltui.core.proxies import check_proxy, proxy_for
from wltui.core.settings import CONNECT_TIMEOUT, DEFAULT_NETWORK, Network

from .body import ACCEPTED, Body

REDIRECT = "x-wltui-location"
"""The header that holds a response's ``Location``, which httpx would read even if it is not to follow it."""
SMALL_ANSWER = 1 << 20
"""Bytes of an answer by default: those of a sign-in service have a few kB."""
_STRAY = (OSError, ValueError, LookupError, EOFError, httpx.InvalidURL, httpx.StreamError, h11.ProtocolError)
"""What comes out of httpx besides ``httpx.HTTPError``, at addresses and headers that its helpers can't read."""
KEEP_ALIVE = 60
"""Seconds that an idle connection is kept: longer than the slowest rhythm of the live view."""
PROFILE_PROXY = "proxy of the profile"
"""What gives a proxy that no variable names."""


class Route:
    """Whom a request turned to: the server, or the proxy before it. httpcore tells it step by step."""

    def __init__(self, proxy_source: str = "") -> None:
        self.proxy_source = proxy_source
        """The variable that names the proxy, or :data:`PROFILE_PROXY`; empty if there is none."""
        self.peer = ""
        """The host that was connected to; empty where a connection was there already, or none was tried."""
        self.sent = False
        """Whether any byte of the request may have left for the server."""
        self.took: dict[str, float] = {}
        """Seconds of each step that went well, such as ``connect_tcp`` and ``start_tls``."""
        self._port, self._since = 0, 0.0

    async def __call__(self, step: str, details: Mapping[str, Any]) -> None:
        name, _, state = step.partition(".")[2].partition(".")
        if state == "started":
            self._since = time.monotonic()
            if name == "send_request_headers" and details["request"].method != b"CONNECT":
                self.sent = True
            if name == "connect_tcp":
                self.peer, self._port = str(details["host"]), details["port"]
        elif state == "complete":
            self.took[name] = time.monotonic() - self._since

    def proxy_of(self, request: httpx.Request) -> str:
        """The proxy's host; empty where there was none."""
        url = request.url
        port = url.port or (443 if url.scheme == "https" else 80)
        return "" if (self.peer, self._port) == (url.raw_host.decode("ascii"), port) else self.peer


class NoCookies(CookieJar):
    """Keeps no cookie. httpx sends back what it keeps, and fails at the next request if that is not ASCII."""

    def extract_cookies(self, response: object, request: object) -> None:
        """Pass over what the response sets."""


class _Http(httpx.AsyncClient):
    """httpx, which raises nothing but ``httpx.HTTPError`` and the sign-in's WltuiErrors, and whose answers are bounded.

    Redirects are answers like any other, and the way of each request is kept beside it.
    """

    def __init__(self, *, limit: int, **options: Any) -> None:
        super().__init__(cookies=NoCookies(), event_hooks={"response": [self._tame]}, **options)
        self._limit = limit

    def build_request(self, *parts: Any, **options: Any) -> httpx.Request:
        try:
            return super().build_request(*parts, **options)
        except _STRAY as error:
            raise httpx.UnsupportedProtocol(str(error)) from error

    proxy_source = ""

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        request.extensions = {**request.extensions, "trace": Route(self.proxy_source)}
        with _own_errors(request):
            return await super().send(request, **options)

    async def _tame(self, response: httpx.Response) -> None:
        """Take off the response what httpx would act upon: the compression of the body, and where to go next."""
        headers, stream = response.headers, response.stream
        encodings = headers.get_list("content-encoding", split_commas=True)
        headers.pop("content-encoding", None)
        if "location" in headers:
            headers[REDIRECT] = headers.pop("location")
        assert isinstance(stream, httpx.AsyncByteStream)  # noqa: S101  this client is asynchronous
        body = Body(stream, encodings, self._limit, success=response.is_success)
        response.stream = _Mapped(body, response.request)


class _Mapped(httpx.AsyncByteStream):
    """A body that raises nothing but ``httpx.HTTPError``."""

    def __init__(self, body: Body, request: httpx.Request) -> None:
        self._body, self._request = body, request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _own_errors(self._request):
            async for part in self._body:
                yield part

    async def aclose(self) -> None:
        with _own_errors(self._request):
            await self._body.aclose()


@contextmanager
def _own_errors(request: httpx.Request) -> Iterator[None]:
    """Turn what httpx and its helpers let through into errors of httpx."""
    try:
        yield
    except ssl.SSLError as error:  # so TLS 1.3 refuses a client's certificate: after the first bytes
        raise httpx.ReadError(str(error), request=request) from error
    except _STRAY as error:
        raise httpx.LocalProtocolError(str(error), request=request) from error


def connect(
    endpoint: str,
    *,
    timeout: float,
    connect_timeout: float = CONNECT_TIMEOUT,
    auth: httpx.Auth | None = None,
    network: Network = DEFAULT_NETWORK,
    limit: int = SMALL_ANSWER,
) -> httpx.AsyncClient:
    """Return an HTTP client for one server; nothing is sent yet. It raises ``httpx.HTTPError`` and WltuiError only.

    Redirects are not followed, so that a token never leaves for another host. There is no transport of our
    own, since one would silently switch the proxies off. ``limit`` is that of an answer's bytes, decompressed.

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
    source, proxy = _proxy(endpoint, network)
    try:
        http = _Http(
            auth=auth,
            verify=context,
            proxy=httpx.Proxy(proxy, ssl_context=context if proxy.lower().startswith("https:") else None)
            if proxy
            else None,
            timeout=httpx.Timeout(timeout, connect=connect_timeout),
            limits=httpx.Limits(keepalive_expiry=KEEP_ALIVE),
            limit=limit,
            headers={"User-Agent": f"wltui/{__version__}", "Accept-Encoding": ACCEPTED},
            trust_env=False,  # wltui.core.proxies reads the environment; httpx reads NO_PROXY otherwise than others
        )
    except (ValueError, httpx.InvalidURL):  # what httpx says of it may hold the password
        raise UsageError(
            "The proxy can't be used", f"{source} is no http:// or https:// address", _mend(source)
        ) from None
    http.proxy_source = source
    return http


def _proxy(endpoint: str, network: Network) -> tuple[str, str]:
    """What gives the proxy, and its address; both empty if there is none.

    Raises:
        UsageError: it can't be used.
    """
    if network.proxy is not None:
        given = network.proxy if network.proxy.reveal() else None
        return (PROFILE_PROXY, check_proxy(given, PROFILE_PROXY, _mend(PROFILE_PROXY))) if given else ("", "")
    found = proxy_for(endpoint, os.environ)
    if found is None:
        return "", ""
    return found.variable, check_proxy(found.url, found.variable, _mend(found.variable))


def _mend(source: str) -> str:
    if source == PROFILE_PROXY:
        return "Set proxy of the profile to http://HOST:PORT"
    return f"Set {source} to http://HOST:PORT, or add the instance's host to NO_PROXY"


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


@contextmanager
def _told(what: str, path: Path, advice: str) -> Iterator[None]:
    """Tell what is wrong with a file in place of what OpenSSL says of it."""
    try:
        yield
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        why = error.strerror if isinstance(error, FileNotFoundError | PermissionError) else "it is not in PEM"
        raise UsageError(f"The {what} {path} can't be used", why or "", advice) from None
