"""Probe an instance step by step: name, connection, TLS, and an answer of its API."""

import asyncio
import socket
import ssl
import time
from urllib.parse import urlsplit

import httpx
from msgspec import Struct

from wltui.core.errors import ServiceError, TimedOut
from wltui.core.settings import Settings

from .body import BODY_LIMIT
from .calls import list_workspaces
from .connection import Route, connect
from .failures import connection_error, refusal

WHAT = "The API could not be reached"


class ProbeResult(Struct, frozen=True):
    """Result of one request without a token. Seconds are None for a step that was skipped or failed."""

    peer: str
    """Host of the connection: the instance or the proxy."""
    proxied: bool
    addresses: tuple[str, ...]
    """Addresses of the peer; empty if its name is unknown."""
    name_seconds: float
    tcp_seconds: float | None = None
    tls_seconds: float | None = None
    tls: str = ""
    """The TLS version, and the end of the certificate."""
    api_seconds: float | None = None
    error: ServiceError | None = None
    """The failure; None if the API answered, also if only that it requires a token."""


async def probe_instance(settings: Settings) -> ProbeResult:
    """Send one request without a token and return the result of each step.

    Raises:
        UsageError: the network settings can't be used.
    """
    call = list_workspaces()
    address = urlsplit(settings.endpoint)
    host = address.hostname or settings.endpoint
    http = connect(
        settings.endpoint, timeout=settings.request_timeout, network=settings.network, limit=BODY_LIMIT
    )
    request = http.build_request("POST", f"{settings.endpoint}/v1/api/{call.path}", json=dict(call.body))
    error: ServiceError | None = None
    tls, began, seconds = "", time.monotonic(), None
    async with http:
        try:
            async with asyncio.timeout(2 * settings.request_timeout):
                response = await http.send(request, stream=True)
                try:
                    tls = _tls(response)
                    body = await response.aread()
                finally:
                    await response.aclose()
            seconds = time.monotonic() - began
            if response.status_code not in (401, 403):
                error = _wrong_answer(response, body)
        except httpx.HTTPError as failed:
            error = connection_error(failed, what=WHAT, endpoint=call.path, host=host)
        except TimeoutError:
            error = TimedOut(WHAT, f"{host} did not finish its answer", "Try again", endpoint=call.path)
    route = request.extensions["trace"]
    assert isinstance(route, Route)  # noqa: S101  connect() puts it there
    peer = route.peer or host
    began = time.monotonic()
    addresses = await _addresses(peer)
    return ProbeResult(
        peer,
        bool(route.proxy_of(request)),
        addresses,
        name_seconds=time.monotonic() - began,
        tcp_seconds=route.step_seconds.get("connect_tcp"),
        tls_seconds=route.step_seconds.get("start_tls"),
        tls=tls,
        api_seconds=seconds if error is None else None,
        error=error,
    )


def _wrong_answer(response: httpx.Response, body: bytes) -> ServiceError | None:
    call = list_workspaces()
    if not response.is_success:
        return refusal(response.status_code, response.headers, body, what=WHAT, endpoint=call.path)
    try:
        call.decode(body)
    except ServiceError as error:
        return error
    return None


async def _addresses(host: str) -> tuple[str, ...]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def _tls(response: httpx.Response) -> str:
    stream = response.extensions.get("network_stream")
    tls = stream.get_extra_info("ssl_object") if stream is not None else None
    if not isinstance(tls, ssl.SSLObject):
        return ""
    certificate = tls.getpeercert() or {}
    end = certificate.get("notAfter")
    return f"{tls.version()}{f', the certificate is valid until {end}' if end else ''}"
