"""The texts of the sign-in screen: the address, the code to type there, and the state of the sign-in."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct

from wltui.core.errors import WltuiError
from wltui.core.settings import Settings
from wltui.ui.key_names import KeyNames
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans, wrap

if TYPE_CHECKING:
    from wltui.api.device_flow import DeviceCode

BLANK: Spans = ()


class Waiting(Struct, frozen=True):
    """The state of the device flow."""

    code: "DeviceCode | None" = None
    """The code and its address; None before they are known, and after the flow has failed."""
    patience: str = ""
    """Why the sign-in service is polled less often; empty if nothing is wrong."""
    error: WltuiError | None = None
    """The error that ended the flow."""


def comes_from_elsewhere(settings: Settings) -> bool:
    """Return whether token or password come from outside wltui, so that its own sign-in would have no effect."""
    return bool(settings.token or settings.login or settings.sign_in.token_command)


def shown(lines: Iterable[Spans], cells: int, glyphs: Glyphs) -> Sequence[Spans]:
    """Return the lines with signs that this terminal can show, wrapped."""
    plain = (tuple((glyphs.text(text), role) for text, role in line) for line in lines)
    return [part for line in plain for part in wrap(line, cells)]


def place(settings: Settings) -> Iterable[Spans]:
    """Yield the host to sign in to, and the sign-in service that receives the password."""
    yield (("Sign in to ", Role.PLAIN), (settings.host, Role.BOLD))
    if not comes_from_elsewhere(settings):
        keycloak = urlsplit(settings.sign_in.auth_url or settings.endpoint).hostname or ""
        yield ((f"at Keycloak on {keycloak}, realm {settings.sign_in.realm}", Role.MUTED),)
    if settings.exposure:
        yield ((f"{settings.exposure}.", Role.ERROR),)
    if settings.withheld:
        text = f"{settings.withheld} is not sent here: it is for the instance that wltui was started for."
        yield ((text, Role.MUTED),)


def by_code(
    waiting: Waiting, settings: Settings, glyphs: Glyphs, keys: KeyNames, *, stays: bool, roomy: bool
) -> Iterable[Spans]:
    """Yield the address, the code to type there, and the state of the sign-in.

    Args:
        waiting: The state of the device flow.
        settings: The instance.
        glyphs: The signs that the terminal can show.
        keys: The keys that the texts name.
        stays: Whether the sign-in is to last for days.
        roomy: Whether there are enough rows for the code to have a line of its own.
    """
    yield BLANK
    if (error := waiting.error) is not None:
        yield ((f"{glyphs.error} {error.what}: {error.why.rstrip('.')}.", Role.ERROR),)
        yield BLANK
        again, password = keys("sign.again"), keys("sign.password")
        yield ((f"Press {again} for a new code, or {password} for user and password.", Role.PLAIN),)
        return
    if (code := waiting.code) is None:
        yield ((f"{glyphs.refreshing} Asking for a code", Role.WARNING),)
        return
    yield (("Open in a browser, on any computer:", Role.PLAIN),)
    address = code.url_with_code or code.url
    yield ((address, Role.ACCENT),)
    if foreign := settings.foreign_host(address):
        yield ((f"Another host than the instance's: {foreign}", Role.WARNING),)
    yield BLANK
    lead = "The code there should be" if code.url_with_code else "and type the code"
    if roomy:
        yield from (((lead, Role.PLAIN),), BLANK, ((f"   {code.code}", Role.BOLD),))
    else:
        yield ((f"{lead}  ", Role.PLAIN), (code.code, Role.BOLD))
    yield BLANK
    state = f"Still waiting: {waiting.patience}" if waiting.patience else "Waiting for the browser"
    yield ((f"{glyphs.pending} {state}", Role.WARNING),)
    if stays:
        yield (("The sign-in is asked to last for days.", Role.MUTED),)


def from_elsewhere(settings: Settings, keys: KeyNames) -> Iterable[Spans]:
    """Yield the source of the refused token or password, and how to mend it."""
    source = settings.source
    if settings.token:
        text = f"{source} gives the token, and the instance does not accept it."
        advice = f"Set it to a fresh one and start wltui again. Without {source}, you can sign in here."
    elif settings.sign_in.token_command:
        text = f"token_command of {source} gives the token: {settings.sign_in.token_command[0]}"
        again = keys("sign.again")
        advice = (
            f"Run it yourself to see what is wrong. {again} runs it again. Without it, you can sign in here."
        )
    else:
        user = settings.login[0] if settings.login else ""
        text = f"{source} gives user {user} and a password, which do not work."
        advice = f"Mend them and start wltui again. Without {source}, you can sign in here."
    yield from (BLANK, ((text, Role.WARNING),), BLANK, ((advice, Role.PLAIN),))


def reason(error: WltuiError | None) -> Iterable[Spans]:
    """Yield the reason why a sign-in is needed; nothing if there is no error."""
    if error is not None:
        yield from (BLANK, ((f"{error.what.rstrip('.')}: {error.why.rstrip('.')}.", Role.MUTED),))
