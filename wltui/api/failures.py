"""What went wrong with a request, in the errors of this program.

Nothing here repeats headers, and of a server's text at most 200 characters.
"""

import socket
import ssl
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx

from wltui.core.errors import (
    ApiFormatError,
    ApiRefused,
    ConnectionFailed,
    Forbidden,
    NoSuchEndpoint,
    NotFound,
    NotSignedIn,
    ServiceError,
    TimedOut,
)
from wltui.core.settings import SIGN_IN_COMMAND

from .body import TooLarge
from .connection import PROFILE_PROXY, REDIRECT, Route
from .reasons import excerpt, reason, shorten

NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""Failures from before the first byte of a request left."""

CHECK_NETWORK = "Check the endpoint, the network and the VPN"
PROXY_LOGIN = "Write them into the proxy's address: http://USER:PASSWORD@HOST:PORT"
_EXPIRED, _NOT_YET_VALID = 10, 9
_WRONG_HOST = (62, 63, 64)
"""OpenSSL's numbers for what is wrong with a certificate."""
_UNWANTED = (
    "UNKNOWN_CA",
    "BAD_CERTIFICATE",
    "CERTIFICATE_UNKNOWN",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_REVOKED",
)
"""What a server's alert says of a client's certificate."""


def was_sent(request: httpx.Request) -> bool:
    """Return False if it is sure that no byte of the request reached the server."""
    route = request.extensions.get("trace")
    return isinstance(route, Route) and route.sent


def connection_error(error: httpx.HTTPError, *, what: str, endpoint: str, host: str) -> ServiceError:
    """The error for a request that got no whole answer."""
    if isinstance(error, TooLarge):
        return ApiFormatError(what, str(error), endpoint=endpoint)
    if isinstance(error, httpx.DecodingError):
        return ApiFormatError(what, str(error), CHECK_NETWORK, endpoint=endpoint)
    why, advice = _why_unreachable(error, host)
    late = isinstance(error, httpx.TimeoutException) and not isinstance(error, NOT_SENT)
    return (TimedOut if late else ConnectionFailed)(what, why, advice, endpoint=endpoint)


def _why_unreachable(error: httpx.HTTPError, host: str) -> tuple[str, str]:
    proxy, source = _proxy(error)
    peer = f"the proxy {proxy}" if proxy else host
    check_proxy = _check_proxy(source)
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return _why_untrusted(cause, host)
            case ssl.SSLError():
                return _why_no_tls(cause, host)
            case socket.gaierror():
                advice = check_proxy if proxy else "Check the host's name, DNS and the VPN"
                return f"no address is known for {peer}", advice
            case ConnectionRefusedError():
                advice = check_proxy if proxy else "Check the port, and that the instance is running"
                return f"{peer} refused the connection", advice
    match error:
        case httpx.ConnectTimeout():
            advice = check_proxy if proxy else CHECK_NETWORK
            return f"{peer} can't be reached: no answer to the connection", advice
        case httpx.PoolTimeout():
            return "too many requests are under way", "Try again"
        case httpx.TimeoutException():
            return f"{host} took too long to answer", "Try again, or raise WALLAROO_REQUEST_TIMEOUT"
        case httpx.ProxyError():
            return _why_not_through(str(error), host, check_proxy)
        case httpx.ConnectError():
            return f"{peer} can't be reached", check_proxy if proxy else CHECK_NETWORK
        case httpx.UnsupportedProtocol():
            return f"the address is none that can be asked ({shorten(str(error))})", "Check the endpoint"
        case httpx.LocalProtocolError():
            return f"the exchange with {host} failed ({shorten(str(error))})", CHECK_NETWORK
        case _:
            return f"the connection to {host} was lost before the answer was whole", "Try again"


def _proxy(error: httpx.HTTPError) -> tuple[str, str]:
    """The proxy that the request turned to, empty where it turned to the server itself; and what names a proxy."""
    route = _route(error)
    return (route.proxy_of(error.request), route.proxy_source) if route else ("", "")


def _route(error: httpx.HTTPError) -> Route | None:
    try:
        route = error.request.extensions.get("trace")
    except RuntimeError:  # it belongs to no request
        return None
    return route if isinstance(route, Route) else None


def _check_proxy(source: str) -> str:
    """Advice to look at what names the proxy."""
    return "Check proxy in the profile" if source in ("", PROFILE_PROXY) else f"Check {source} and NO_PROXY"


def _why_not_through(said: str, host: str, check_proxy: str) -> tuple[str, str]:
    """Of a proxy that answers ``said``: a status and its phrase."""
    if said.startswith("407"):
        return "the proxy asks for a user and a password", PROXY_LOGIN
    if said[:3] in ("502", "503", "504"):
        return (
            f"the proxy can't reach {host} ({shorten(said)})",
            "Check the endpoint, and the proxy's own network",
        )
    return f"the proxy refused to connect to {host} ({shorten(said)})", check_proxy


def _why_no_tls(error: ssl.SSLError, host: str) -> tuple[str, str]:
    told = error.reason or str(error)
    if "CERTIFICATE_REQUIRED" in told or "HANDSHAKE_FAILURE" in told:
        return f"{host} wants a certificate of yours, or another TLS", "Set client_cert in the profile"
    if any(word in told for word in _UNWANTED):
        return f"{host} does not accept your client certificate", "Check client_cert in the profile"
    return f"{host} does not speak TLS there", "Check the port, and http:// or https://"


def _why_untrusted(error: ssl.SSLCertVerificationError, host: str) -> tuple[str, str]:
    if error.verify_code == _EXPIRED:
        return f"the TLS certificate of {host} has expired", "Ask its administrator for a new one"
    if error.verify_code == _NOT_YET_VALID:
        return f"the TLS certificate of {host} is not valid yet", "Check this computer's clock"
    if error.verify_code in _WRONG_HOST:
        return f"the TLS certificate is not for {host}", "Use the name that the certificate was made for"
    return (
        f"the TLS certificate of {host} is from nobody that this computer trusts",
        "Add its CA to the system, or name its PEM file in ca_bundle of the profile, or in SSL_CERT_FILE",
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for part in error.exceptions:
                yield from _causes(part)
        error = error.__cause__ or error.__context__


def refusal(
    status: int,
    headers: httpx.Headers,
    body: bytes,
    wait: float | None = None,
    *,
    what: str,
    endpoint: str,
    sign_in: str = SIGN_IN_COMMAND,
) -> ServiceError:
    """Return the error for an answer that is not a success.

    ``wait``: seconds that the server asks to wait; ``sign_in``: the command that signs in to this instance.
    """
    said = reason(body)
    why = said or excerpt(body) or _phrase(status)
    match status:
        case 401:
            return NotSignedIn(
                what,
                said or "the server wants a valid token",
                f"Sign in with {sign_in}, or set WLTUI_TOKEN to a fresh token; then start wltui again",
                endpoint=endpoint,
            )
        case 403:
            return Forbidden(what, why, "Ask the workspace's owner or an administrator", endpoint=endpoint)
        case 404 | 405:
            return NoSuchEndpoint(
                what,
                f"the server has no {endpoint} ({why})",
                "It may be older than this call, or the endpoint may be no Wallaroo instance",
                endpoint=endpoint,
            )
        case 400 if said and "not found" in said.lower():
            return NotFound(what, said, "It may have been deleted; refresh the list", endpoint=endpoint)
        case 407:
            why, advice = "the proxy asks for a user and a password", PROXY_LOGIN
        case 429:
            why, advice = f"the server is asked too often ({why})", _later(wait)
        case 502 | 503 | 504:
            why, advice = f"the server is not available ({why})", _later(wait)
        case _ if 300 <= status < 400:
            why, advice = (
                f"the server sends us on to {_target(headers)}",
                "Set the endpoint to the API itself",
            )
        case _:
            advice = ""
    return ApiRefused(what, why, advice, endpoint=endpoint, status=status, retry_after=wait or 0)


def _later(wait: float | None) -> str:
    return f"Try again in {wait:.0f} s, as the server asks" if wait else "Try again in a little while"


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"status {status}"


def _target(headers: httpx.Headers) -> str:
    """Where a redirect leads, without its query, which may hold somebody's session."""
    return shorten(headers.get(REDIRECT, "").partition("?")[0].partition("#")[0]) or "nowhere"


def retry_after(headers: httpx.Headers, now: datetime) -> float | None:
    """Seconds that the server asks to wait, by either form of ``Retry-After``; None where it does not."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):  # a date without a zone can't be compared
        return None
