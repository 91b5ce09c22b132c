"""Turn failed requests and unsuccessful answers into errors of this program.

Messages contain no headers, and at most 200 characters of a server's text.
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
    Unavailable,
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
"""Failures before the first byte of a request is sent."""

CHECK_NETWORK = "Check the endpoint, the network and the VPN"
PROXY_LOGIN = "Set the proxy to http://USER:PASSWORD@HOST:PORT"
_EXPIRED, _NOT_YET_VALID = 10, 9
_WRONG_HOST = (62, 63, 64)
"""OpenSSL's numbers of certificate errors."""
_UNWANTED = (
    "UNKNOWN_CA",
    "BAD_CERTIFICATE",
    "CERTIFICATE_UNKNOWN",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_REVOKED",
)
"""Words in a server's alert that refuse the client certificate."""


def was_sent(request: httpx.Request) -> bool:
    """Return False if certainly no byte of the request was sent to the server."""
    route = request.extensions.get("trace")
    return isinstance(route, Route) and route.sent


def connection_error(error: httpx.HTTPError, *, what: str, endpoint: str, host: str) -> ServiceError:
    """Return the error for a request without a complete answer."""
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
                advice = check_proxy if proxy else "Check the host name, DNS and the VPN"
                return f"no address is known for {peer}", advice
            case ConnectionRefusedError():
                advice = check_proxy if proxy else "Check the port, and that the instance is running"
                return f"{peer} refused the connection", advice
    match error:
        case httpx.ConnectTimeout():
            advice = check_proxy if proxy else CHECK_NETWORK
            return f"{peer} can't be reached: no answer to the connection", advice
        case httpx.PoolTimeout():
            return "too many requests are running", "Try again"
        case httpx.TimeoutException():
            return f"{host} took too long to answer", "Try again, or raise WALLAROO_REQUEST_TIMEOUT"
        case httpx.ProxyError():
            return _proxy_refusal(str(error), host, check_proxy)
        case httpx.ConnectError():
            return f"{peer} can't be reached", check_proxy if proxy else CHECK_NETWORK
        case httpx.UnsupportedProtocol():
            return f"the address can't be used ({shorten(str(error))})", "Check the endpoint"
        case httpx.LocalProtocolError():
            return f"the exchange with {host} failed ({shorten(str(error))})", CHECK_NETWORK
        case _:
            return f"the connection to {host} was lost before the answer was complete", "Try again"


def _proxy(error: httpx.HTTPError) -> tuple[str, str]:
    """Return the proxy that the request used, empty if it used none, and the source of the proxy."""
    route = _route(error)
    return (route.proxy_of(error.request), route.proxy_source) if route else ("", "")


def _route(error: httpx.HTTPError) -> Route | None:
    try:
        route = error.request.extensions.get("trace")
    except RuntimeError:  # it has no request
        return None
    return route if isinstance(route, Route) else None


def _check_proxy(source: str) -> str:
    """Return the advice to check the source of the proxy."""
    return "Check proxy in the profile" if source in ("", PROFILE_PROXY) else f"Check {source} and NO_PROXY"


def _proxy_refusal(status: str, host: str, check_proxy: str) -> tuple[str, str]:
    """Return reason and advice for a proxy's answer: a status and its phrase."""
    if status.startswith("407"):
        return "the proxy requires a user and a password", PROXY_LOGIN
    if status[:3] in ("502", "503", "504"):
        return (
            f"the proxy can't reach {host} ({shorten(status)})",
            "Check the endpoint and the proxy's network",
        )
    return f"the proxy refused to connect to {host} ({shorten(status)})", check_proxy


def _why_no_tls(error: ssl.SSLError, host: str) -> tuple[str, str]:
    alert = error.reason or str(error)
    if "CERTIFICATE_REQUIRED" in alert or "HANDSHAKE_FAILURE" in alert:
        return (
            f"{host} requires a client certificate, or another TLS version",
            "Set client_cert in the profile",
        )
    if any(word in alert for word in _UNWANTED):
        return f"{host} does not accept your client certificate", "Check client_cert in the profile"
    return f"{host} does not use TLS on this port", "Check the port, and http:// or https://"


def _why_untrusted(error: ssl.SSLCertVerificationError, host: str) -> tuple[str, str]:
    if error.verify_code == _EXPIRED:
        return f"the TLS certificate of {host} has expired", "Ask its administrator for a new one"
    if error.verify_code == _NOT_YET_VALID:
        return f"the TLS certificate of {host} is not valid yet", "Check this computer's clock"
    if error.verify_code in _WRONG_HOST:
        return f"the TLS certificate is not for {host}", "Use the host name in the certificate"
    return (
        f"this computer does not trust the issuer of the TLS certificate of {host}",
        "Add its CA to the system, or set ca_bundle in the profile or SSL_CERT_FILE to its PEM file",
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
    """Return the error for an unsuccessful answer.

    ``wait``: seconds that the server asks to wait; ``sign_in``: the command that signs in to this instance.
    """
    said = reason(body)
    why = said or excerpt(body) or _phrase(status)
    match status:
        case 401:
            return NotSignedIn(
                what,
                said or "the server requires a valid token",
                f"Sign in with {sign_in}, or set WLTUI_TOKEN to a new token, then restart wltui",
                endpoint=endpoint,
            )
        case 403:
            return Forbidden(what, why, "Ask the workspace's owner or an administrator", endpoint=endpoint)
        case 404 | 405:
            return NoSuchEndpoint(
                what,
                f"the server has no {endpoint} ({why})",
                "The server may be too old, or the endpoint may not be a Wallaroo instance",
                endpoint=endpoint,
            )
        case 400 if said and "not found" in said.lower():
            return NotFound(what, said, "It may have been deleted, or the number is wrong", endpoint=endpoint)
        case 407:
            why, advice = "the proxy requires a user and a password", PROXY_LOGIN
        case 429 | 502 | 503 | 504:
            why = f"{'too many requests' if status == 429 else 'the server is not available'} ({why})"
            advice = _retry_advice(wait)
            return Unavailable(what, why, advice, endpoint=endpoint, status=status, retry_after=wait or 0)
        case _ if 300 <= status < 400:
            why, advice = (
                f"the server redirects to {_redirect_target(headers)}",
                "Set the endpoint to the API's own address",
            )
        case _:
            advice = ""
    return ApiRefused(what, why, advice, endpoint=endpoint, status=status, retry_after=wait or 0)


def _retry_advice(wait: float | None) -> str:
    return f"Try again in {wait:.0f} s, as the server asks" if wait else "Try again later"


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"status {status}"


def _redirect_target(headers: httpx.Headers) -> str:
    """Return the target of a redirect, without its query, which may contain a session."""
    return shorten(headers.get(REDIRECT, "").partition("?")[0].partition("#")[0]) or "nowhere"


def retry_after(headers: httpx.Headers, now: datetime) -> float | None:
    """Return the seconds in ``Retry-After``, in either of its forms, or None if there is none."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):  # a date without a zone can't be compared
        return None
