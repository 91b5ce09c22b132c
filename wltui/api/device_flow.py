"""Sign in with a code that the user types into any browser: the device flow of RFC 8628."""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from wltui.core.errors import ApiRefused, ConnectionFailed, NotSignedIn, ServiceError, TimedOut
from wltui.core.jwt import json_object, seconds
from wltui.core.settings import Secret

from .addresses import browser_address
from .keycloak import SIGN_IN_FAILED, Grant, Provider, Refusal

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
INTERVAL = 5.0
"""Seconds between two requests if the service names none; each ``slow_down`` adds as many."""
LONGEST = 60.0
"""Maximum seconds between two requests, also if the connection is bad."""
LIFETIME = 600.0
"""Seconds that a code is valid if the service names none."""
LONGEST_LIFETIME = 86_400.0
"""Maximum seconds to wait for the user, whatever the service says."""


class DeviceCode(Struct, frozen=True):
    """A code, and the address to type it at. All texts are the service's."""

    secret: Secret
    """The device code, which requests the tokens."""
    url: str
    code: str
    url_with_code: str
    """Address that contains the code, so that nobody needs to type it; empty if there is none."""
    interval: float
    ends: float
    """End of the code, by the clock of the caller."""


async def request_code(provider: Provider, clock: Callable[[], float], *, scope: str = "") -> DeviceCode:
    """Request a code for the user to type into a browser.

    Args:
        provider: the sign-in service.
        clock: returns seconds since a fixed time.
        scope: the OAuth scope to request; empty for the default.

    Raises:
        NotSignedIn: the service issues no codes for this client.
        ServiceError: the service can't be reached, or its answer is not valid.
    """
    path = "auth/device"
    answer = await provider.post(path, **({"scope": scope} if scope else {}))
    if refused := answer.refusal():
        raise NotSignedIn(SIGN_IN_FAILED, refused.why, f"Try {provider.command} --password", endpoint=path)
    provider.check(answer, path)
    found = json_object(answer.body)
    secret, code = _text(found.get("device_code")), _text(found.get("user_code"))
    url = _text(found.get("verification_uri")) or _text(found.get("verification_url"))  # Google's name for it
    url = browser_address(provider.to_browser_url(url))
    whole = browser_address(provider.to_browser_url(_text(found.get("verification_uri_complete"))))
    if not (secret and code and url):
        raise provider.unexpected_answer(path, "with a code and an address for a browser")
    return DeviceCode(
        Secret(secret),
        url,
        code,
        whole,
        min(max(seconds(found.get("interval")) or INTERVAL, 1.0), LONGEST),
        clock() + min(seconds(found.get("expires_in")) or LIFETIME, LONGEST_LIFETIME),
    )


async def wait_for_grant(
    provider: Provider,
    code: DeviceCode,
    *,
    wait: Callable[[float], Awaitable[object]],
    clock: Callable[[], float],
    on_wait: Callable[[str, float], object] = lambda why, interval: None,
) -> Grant:
    """Poll the service until the user confirms in a browser, and return the tokens. Retry after a lost connection.

    Args:
        provider: the service that issued the code.
        code: the code that the user sees.
        wait: waits for a number of seconds.
        clock: the clock that was passed to :func:`request_code`.
        on_wait: called before each wait with a reason, empty if all is well, and the seconds.

    Raises:
        NotSignedIn: the user refused, or did not confirm in time.
        ServiceError: the service can't be reached, or its answer is not valid.
    """
    interval, why = code.interval, ""
    again = f"Sign in again: {provider.command}"
    while clock() < code.ends:
        on_wait(why, interval)
        await wait(interval)
        why = ""
        try:
            answer = await provider.grant(grant_type=GRANT_TYPE, device_code=code.secret.reveal())
        except ServiceError as error:
            if not _is_transient(error):
                raise
            interval, why = min(2 * interval, LONGEST), error.why
            continue
        match answer:
            case Grant():
                return answer
            case Refusal(code="authorization_pending"):
                pass
            case Refusal(code="slow_down"):
                interval, why = interval + INTERVAL, f"{provider.host} asks to wait longer"
            case Refusal(code="access_denied"):
                raise NotSignedIn(SIGN_IN_FAILED, "the sign-in was refused in the browser", again)
            case Refusal(code="expired_token"):
                break
            case Refusal():
                raise NotSignedIn(SIGN_IN_FAILED, answer.why, again)
    raise NotSignedIn(SIGN_IN_FAILED, "the code has expired: nobody typed it in time", again)


def _is_transient(error: ServiceError) -> bool:
    """Return whether a retry may succeed: the service itself reported no error."""
    return isinstance(error, ConnectionFailed | TimedOut) or (
        isinstance(error, ApiRefused) and error.status >= 400
    )


def _text(value: object) -> str:
    """Return a text, or a number as text; empty for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""
