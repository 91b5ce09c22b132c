"""How this program reaches a server: TLS trust, proxies, patience; of the system where nothing else is asked for."""

import asyncio
import errno
import os
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import h11
import httpx
import truststore

from wltui import __version__
from wltui.core.errors import UsageError
from wltui.core.event_log import is_on
from wltui.core.file_kinds import other_kind
from wltui.core.proxies import check_proxy, proxy_for
from wltui.core.settings import CONNECT_TIMEOUT, DEFAULT_NETWORK, Network

from .body import ACCEPTED, Body
from .request_log import TRY, RequestLog

REDIRECT = "x-wltui-location"
"""Header for a response's ``Location``, which httpx would parse even if redirects are not followed."""
BODY = "wltui.body"
"""The extension of a response with its :class:`~wltui.api.body.Body`."""
SMALL_ANSWER = 1 << 20
"""Default limit of an answer in bytes: those of a sign-in service have a few kB."""
_STRAY = (OSError, ValueError, LookupError, EOFError, httpx.InvalidURL, httpx.StreamError, h11.ProtocolError)
"""Errors that httpx raises besides ``httpx.HTTPError``, for addresses and headers that its helpers can't parse."""
KEEP_ALIVE = 60
"""Seconds that an idle connection is kept: longer than the slowest refresh of the live view."""
PROFILE_PROXY = "proxy of the profile"
"""Source of a proxy that the profile sets, not a variable."""

LARGEST_PEM = 16 << 20
"""Bytes of a file of certificates."""


class Route:
    """Trace of one request: its peer (server or proxy) and the seconds of each step. httpcore calls it at each step."""

    def __init__(self, proxy_source: str = "") -> None:
        self.proxy_source = proxy_source
        """The variable that sets the proxy, or :data:`PROFILE_PROXY`; empty if there is none."""
        self.peer = ""
        """The host of a new connection; empty if an old one was reused, or none was tried."""
        self.sent = False
        """True if bytes of the request may have been sent to the server."""
        self.step_seconds: dict[str, float] = {}
        """Seconds of each completed step, such as ``connect_tcp`` and ``start_tls``."""
        self.tries = 0
        """How often it was sent, and was sent before; a 401 may have it sent once more."""
        self.line: RequestLog | None = None
        """The line in the log about the last try; None if nothing is logged."""
        self.stream: Any = None
        """The network stream of a new connection, as httpcore last made or wrapped it; None without one."""
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
            self.step_seconds[name] = time.monotonic() - self._since
            if name in ("connect_tcp", "start_tls"):
                self.stream = details["return_value"]

    def proxy_of(self, request: httpx.Request) -> str:
        """Return the proxy's host, or an empty text if there was no proxy."""
        url = request.url
        port = url.port or (443 if url.scheme == "https" else 80)
        return "" if (self.peer, self._port) == (url.raw_host.decode("ascii"), port) else self.peer


class NoCookies(CookieJar):
    """A cookie jar that stays empty. httpx would fail at the next request if a cookie is not ASCII."""

    def extract_cookies(self, response: object, request: object) -> None:
        """Ignore the cookies of a response."""


class _Http(httpx.AsyncClient):
    """An httpx client that raises only ``httpx.HTTPError`` and the sign-in's WltuiErrors, and limits answers.

    Redirects are answers like any other. Each request has a :class:`Route` as its extension ``trace``.
    """

    def __init__(self, *, limit: int, **options: Any) -> None:
        hooks: dict[str, list[Callable[..., Any]]] = {
            "request": [self._begin_line] if is_on() else [],
            "response": [self._strip_headers],
        }
        super().__init__(cookies=NoCookies(), event_hooks=hooks, **options)
        self._limit = limit

    def build_request(self, *parts: Any, **options: Any) -> httpx.Request:
        try:
            return super().build_request(*parts, **options)
        except _STRAY as error:
            raise httpx.UnsupportedProtocol(str(error)) from error

    proxy_source = ""

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        route = Route(self.proxy_source)
        route.tries = request.extensions.get(TRY, 0)
        request.extensions = {**request.extensions, "trace": route}
        try:
            with _own_errors(request):
                return await super().send(request, **options)
        except (httpx.HTTPError, asyncio.CancelledError) as error:
            if route.line:
                route.line.write(error=type(error).__name__)
            raise

    async def _begin_line(self, request: httpx.Request) -> None:
        route = request.extensions["trace"]
        route.tries += 1
        route.line = RequestLog(request, route.tries)

    async def _strip_headers(self, response: httpx.Response) -> None:
        """Remove from the response the headers that httpx would act on: compression and redirect."""
        headers, stream = response.headers, response.stream
        encodings = headers.get_list("content-encoding", split_commas=True)
        headers.pop("content-encoding", None)
        if "location" in headers:
            headers[REDIRECT] = headers.pop("location")
        assert isinstance(stream, httpx.AsyncByteStream)  # noqa: S101  this client is asynchronous
        body = Body(stream, encodings, self._limit, success=response.is_success)
        response.extensions[BODY] = body
        line = response.request.extensions["trace"].line
        response.stream = _Mapped(body, response.request, line, response.status_code)


class _Mapped(httpx.AsyncByteStream):
    """A body that raises only ``httpx.HTTPError``. Its end is the time to log the request."""

    def __init__(self, body: Body, request: httpx.Request, line: RequestLog | None, status: int) -> None:
        self._body, self._request, self._line, self._status = body, request, line, status

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            with _own_errors(self._request):
                async for part in self._body:
                    yield part
        except (httpx.HTTPError, asyncio.CancelledError) as error:
            self._log(type(error).__name__)
            raise

    async def aclose(self) -> None:
        self._log()
        with _own_errors(self._request):
            await self._body.aclose()

    def _log(self, error: str = "") -> None:
        if self._line:
            self._line.write(status=self._status, error=error, received=self._body.received)


@contextmanager
def _own_errors(request: httpx.Request) -> Iterator[None]:
    """Convert errors that httpx and its helpers let through into ``httpx.HTTPError``."""
    try:
        yield
    except ssl.SSLError as error:  # TLS 1.3 refuses a client certificate only after the first bytes
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
    """Return an HTTP client for one server; it sends nothing yet, and raises only ``httpx.HTTPError`` and WltuiError.

    Redirects are not followed, so that a token never goes to another host. There is no transport of our own,
    since it would silently switch the proxies off. ``limit``: maximum bytes of an answer, decompressed.

    Raises:
        UsageError: the endpoint or a proxy is not a valid address, or a certificate's file can't be used.
    """
    try:
        host = httpx.URL(endpoint).host
        host.encode("idna")
    except (httpx.InvalidURL, UnicodeError):
        raise UsageError(
            f"{endpoint!r} is not a valid address", "", "Use https://HOST of your Wallaroo instance"
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
            trust_env=False,  # wltui.core.proxies reads the environment; httpx interprets NO_PROXY in its own way
        )
    except (ValueError, httpx.InvalidURL):  # httpx's message may contain the password
        raise UsageError(
            "The proxy can't be used",
            f"{source} is not an http:// or https:// address",
            _proxy_advice(source),
        ) from None
    http.proxy_source = source
    return http


def _proxy(endpoint: str, network: Network) -> tuple[str, str]:
    """Return the source of the proxy and its address; both empty if there is none.

    Raises:
        UsageError: the proxy can't be used.
    """
    if network.proxy is not None:
        given = network.proxy if network.proxy.reveal() else None
        return (
            (PROFILE_PROXY, check_proxy(given, PROFILE_PROXY, _proxy_advice(PROFILE_PROXY)))
            if given
            else ("", "")
        )
    found = proxy_for(endpoint, os.environ)
    if found is None:
        return "", ""
    return found.variable, check_proxy(found.url, found.variable, _proxy_advice(found.variable))


def _proxy_advice(source: str) -> str:
    if source == PROFILE_PROXY:
        return "Set proxy of the profile to http://HOST:PORT"
    return f"Set {source} to http://HOST:PORT, or add the instance's host to NO_PROXY"


def _trust(network: Network) -> ssl.SSLContext:
    """Return the TLS settings: trusted certificates, and the client certificate.

    Raises:
        UsageError: a certificate file can't be used.
    """
    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not network.verify:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    elif network.ca_bundle:
        with _reraise_as_usage_error(
            "CA bundle", network.ca_bundle, "Set ca_bundle to a PEM file of CA certificates"
        ):
            context.load_verify_locations(network.ca_bundle)
    if network.client_cert:
        advice = "Set client_cert and client_key to PEM files that belong together, the key unencrypted"
        with _reraise_as_usage_error("client certificate", network.client_cert, advice):
            _refuse_endless(network.client_key or network.client_cert)
            # Without a password OpenSSL would ask the terminal for that of an encrypted key.
            context.load_cert_chain(network.client_cert, network.client_key, password="")
    return context


@contextmanager
def _reraise_as_usage_error(what: str, path: Path, advice: str) -> Iterator[None]:
    """Replace OpenSSL's error about a file by a UsageError that names the problem."""
    try:
        _refuse_endless(path)
        yield
    except (ssl.SSLError, ValueError):
        raise UsageError(f"The {what} {path} can't be used", "it is not a PEM file", advice) from None
    except OSError as error:
        raise UsageError(f"The {what} {path} can't be used", error.strerror or "", advice) from None


def _refuse_endless(path: Path) -> None:
    """Raise OSError for a pipe or a huge file, of which OpenSSL would not find the end."""
    status = path.stat()
    if kind := other_kind(status.st_mode):
        raise OSError(errno.EINVAL, f"{path.name} is {kind}")
    if status.st_size > LARGEST_PEM:
        raise OSError(errno.EFBIG, f"{path.name} is too large for a certificate")
