"""How far one gets on the way to an instance: name, connection, TLS, and whether its API answers there."""

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
    """What became of one request without a token. Seconds are None for a step that was not taken, or failed."""

    peer: str
    """The host that was connected to: the instance's, or the proxy's."""
    proxied: bool
    addresses: tuple[str, ...]
    """Those of the peer; none where its name is not known."""
    name_seconds: float
    tcp_seconds: float | None = None
    tls_seconds: float | None = None
    tls: str = ""
    """The version of TLS, and until when the certificate is valid."""
    api_seconds: float | None = None
    error: ServiceError | None = None
    """Why it went no further; None where the API answered, if only that it wants a token."""


async def probe_instance(settings: Settings) -> ProbeResult:
    """Try the way to the instance once.

    Raises:
        UsageError: the settings of the network can't be used.
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
        tcp_seconds=route.took.get("connect_tcp"),
        tls_seconds=route.took.get("start_tls"),
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
    told = tls.getpeercert() or {}
    end = told.get("notAfter")
    return f"{tls.version()}{f', the certificate is valid until {end}' if end else ''}"
