"""Signing in with a code that is typed into a browser anywhere: the device flow of RFC 8628."""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from wltui.core.errors import ApiRefused, ConnectionFailed, NotSignedIn, ServiceError, TimedOut
from wltui.core.jwt import json_object, seconds
from wltui.core.settings import Secret

from .addresses import browser_address
from .keycloak import SIGN_IN_FAILED, Grant, Provider, Refusal

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
INTERVAL = 5.0
"""Seconds between two questions where the service names none, and what ``slow_down`` adds to them for good."""
LONGEST = 60.0
"""Seconds between two questions, however bad the connection is."""
LIFETIME = 600.0
"""Seconds that a code lives where the service does not say."""
LONGEST_LIFETIME = 86_400.0
"""Seconds that anybody waits for a code to be typed, whatever the service says."""


class DeviceCode(Struct, frozen=True):
    """What to type where; all of it is the service's text."""

    secret: Secret
    """What the tokens are asked for with."""
    url: str
    code: str
    url_with_code: str
    """Where nothing needs to be typed; empty where there is no such address."""
    interval: float
    ends: float
    """When the code ends, by the clock of who asked for it."""


async def request_code(provider: Provider, clock: Callable[[], float], *, scope: str = "") -> DeviceCode:
    """A code to be typed into a browser.

    Args:
        provider: gives it.
        clock: seconds since any moment.
        scope: what to ask for, if anything else than is usual there.

    Raises:
        NotSignedIn: the service does not give codes to this client.
        ServiceError: it can't be asked.
    """
    path = "auth/device"
    answer = await provider.post(path, **({"scope": scope} if scope else {}))
    if refused := answer.refusal():
        raise NotSignedIn(SIGN_IN_FAILED, refused.why, f"Try {provider.command} --password", endpoint=path)
    provider.check(answer, path)
    told = json_object(answer.body)
    secret, code = _text(told.get("device_code")), _text(told.get("user_code"))
    url = _text(told.get("verification_uri")) or _text(told.get("verification_url"))  # as Google spells it
    url = browser_address(provider.to_browser_url(url))
    whole = browser_address(provider.to_browser_url(_text(told.get("verification_uri_complete"))))
    if not (secret and code and url):
        raise provider.unexpected_answer(path, "with a code and an address for a browser")
    return DeviceCode(
        Secret(secret),
        url,
        code,
        whole,
        min(max(seconds(told.get("interval")) or INTERVAL, 1.0), LONGEST),
        clock() + min(seconds(told.get("expires_in")) or LIFETIME, LONGEST_LIFETIME),
    )


async def wait_for_grant(
    provider: Provider,
    code: DeviceCode,
    *,
    wait: Callable[[float], Awaitable[object]],
    clock: Callable[[], float],
    heard: Callable[[str, float], object] = lambda why, interval: None,
) -> Grant:
    """Ask until somebody has said yes in a browser. A lost connection is waited out.

    Args:
        provider: gave the code.
        code: was shown to somebody.
        wait: lets seconds pass.
        clock: as the code was asked for with.
        heard: is told before each wait why it is one, in words that are empty where nothing is amiss, and how many
            seconds it takes.

    Raises:
        NotSignedIn: somebody said no, or nobody anything in time.
        ServiceError: the service can't be asked, or makes no sense.
    """
    interval, why = code.interval, ""
    again = f"Sign in again: {provider.command}"
    while clock() < code.ends:
        heard(why, interval)
        await wait(interval)
        why = ""
        try:
            answer = await provider.grant(grant_type=GRANT_TYPE, device_code=code.secret.reveal())
        except ServiceError as error:
            if not _passing(error):
                raise
            interval, why = min(2 * interval, LONGEST), error.why
            continue
        match answer:
            case Grant():
                return answer
            case Refusal(code="authorization_pending"):
                pass
            case Refusal(code="slow_down"):
                interval, why = interval + INTERVAL, f"{provider.host} asks for more patience"
            case Refusal(code="access_denied"):
                raise NotSignedIn(SIGN_IN_FAILED, "it was refused in the browser", again)
            case Refusal(code="expired_token"):
                break
            case Refusal():
                raise NotSignedIn(SIGN_IN_FAILED, answer.why, again)
    raise NotSignedIn(SIGN_IN_FAILED, "nobody typed the code in time", again)


def _passing(error: ServiceError) -> bool:
    """Whether the service may answer a moment later: it gave no error of its own."""
    return isinstance(error, ConnectionFailed | TimedOut) or (
        isinstance(error, ApiRefused) and error.status >= 400
    )


def _text(value: object) -> str:
    """A text, or a number as one; empty for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""
