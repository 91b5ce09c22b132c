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

from wltui.errors import (
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

from .words import cut, excerpt, reason

NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""Failures from before the first byte of a request left."""

CHECK_NETWORK = "Check the endpoint, the network and the VPN"
_EXPIRED, _NOT_YET_VALID = 10, 9
_WRONG_HOST = (62, 63, 64)
"""OpenSSL's numbers for what is wrong with a certificate."""


def unreachable(error: httpx.HTTPError, *, what: str, endpoint: str, host: str) -> ServiceError:
    """The error for a request that got no whole answer."""
    if isinstance(error, httpx.DecodingError):
        return ApiFormatError(what, "the answer's compression is damaged", CHECK_NETWORK, endpoint=endpoint)
    why, advice = _why_unreachable(error, host)
    late = isinstance(error, httpx.TimeoutException) and not isinstance(error, NOT_SENT)
    return (TimedOut if late else ConnectionFailed)(what, why, advice, endpoint=endpoint)


def _why_unreachable(error: httpx.HTTPError, host: str) -> tuple[str, str]:
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return _why_untrusted(cause, host)
            case ssl.SSLError():
                return f"{host} does not speak TLS there", "Check the port, and http:// or https://"
            case socket.gaierror():
                return f"no address is known for {host}", "Check the host's name, DNS and the VPN"
            case ConnectionRefusedError():
                return f"{host} refused the connection", "Check the port, and that the instance is running"
    match error:
        case httpx.ConnectTimeout():
            return f"{host} can't be reached: no answer to the connection", CHECK_NETWORK
        case httpx.PoolTimeout():
            return "too many requests are under way", "Try again"
        case httpx.TimeoutException():
            return f"{host} took too long to answer", "Try again, or raise WALLAROO_REQUEST_TIMEOUT"
        case httpx.ProxyError():
            return "the proxy refused the connection", "Check HTTPS_PROXY and NO_PROXY"
        case httpx.ConnectError():
            return f"{host} can't be reached", CHECK_NETWORK
        case _:
            return f"the connection to {host} was lost before the answer was whole", "Try again"


def _why_untrusted(error: ssl.SSLCertVerificationError, host: str) -> tuple[str, str]:
    if error.verify_code == _EXPIRED:
        return f"the TLS certificate of {host} has expired", "Ask its administrator for a new one"
    if error.verify_code == _NOT_YET_VALID:
        return f"the TLS certificate of {host} is not valid yet", "Check this computer's clock"
    if error.verify_code in _WRONG_HOST:
        return f"the TLS certificate is not for {host}", "Use the name that the certificate was made for"
    return (
        f"the TLS certificate of {host} is from nobody that this computer trusts",
        "Add its CA to the system, or set SSL_CERT_FILE to the CA's PEM file",
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for part in error.exceptions:
                yield from _causes(part)
        error = error.__cause__ or error.__context__


def refusal(
    status: int, headers: httpx.Headers, body: bytes, wait: float | None = None, *, what: str, endpoint: str
) -> ServiceError:
    """The error for an answer that is not a success. ``wait``: seconds that the server asks to wait."""
    said = reason(body)
    why = said or excerpt(body) or _phrase(status)
    match status:
        case 401:
            return NotSignedIn(
                what,
                said or "the server wants a valid token",
                "Set WLTUI_TOKEN to a fresh token and start wltui again",
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
    return ApiRefused(what, why, advice, endpoint=endpoint, status=status)


def _later(wait: float | None) -> str:
    return f"Try again in {wait:.0f} s, as the server asks" if wait else "Try again in a little while"


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"status {status}"


def _target(headers: httpx.Headers) -> str:
    """Where a redirect leads, without its query, which may hold somebody's session."""
    return cut(headers.get("location", "").partition("?")[0].partition("#")[0]) or "nowhere"


def retry_after(headers: httpx.Headers, now: datetime) -> float | None:
    """Seconds that the server asks to wait, by either form of ``Retry-After``; None where it does not."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):  # a date without a zone can't be compared
        return None
