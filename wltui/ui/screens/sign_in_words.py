"""What the sign-in screen says: where one signs in, what to type there, and how it stands."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct

from wltui.core.errors import WltuiError
from wltui.core.settings import Settings
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans, wrap

if TYPE_CHECKING:
    from wltui.api.device_flow import DeviceCode

BLANK: Spans = ()


class Waiting(Struct, frozen=True):
    """How the device flow stands."""

    code: "DeviceCode | None" = None
    """What to type where; None before it is known, and once it is of no use."""
    patience: str = ""
    """Why the sign-in service is asked less often; empty where nothing is amiss."""
    error: WltuiError | None = None
    """Why it came to an end."""


def comes_from_elsewhere(settings: Settings) -> bool:
    """Whether the user has brought the token or the password, so that a sign-in of wltui's own would not count."""
    return bool(settings.token or settings.login or settings.sign_in.token_command)


def shown(lines: Iterable[Spans], cells: int, glyphs: Glyphs) -> Sequence[Spans]:
    """Lines as this terminal can show them, wrapped."""
    plain = (tuple((glyphs.text(text), role) for text, role in line) for line in lines)
    return [part for line in plain for part in wrap(line, cells)]


def place(settings: Settings) -> Iterable[Spans]:
    """Whom one signs in to, and who gets the password."""
    yield (("Sign in to ", Role.PLAIN), (settings.host, Role.BOLD))
    if not comes_from_elsewhere(settings):
        keycloak = urlsplit(settings.sign_in.auth_url or settings.endpoint).hostname or ""
        yield ((f"at Keycloak on {keycloak}, realm {settings.sign_in.realm}", Role.MUTED),)
    if settings.exposure:
        yield ((f"{settings.exposure}.", Role.ERROR),)
    if settings.withheld:
        told = f"{settings.withheld} is not sent here: it is for the instance that wltui was started for."
        yield ((told, Role.MUTED),)


def by_code(
    waiting: Waiting, settings: Settings, glyphs: Glyphs, *, stays: bool, roomy: bool
) -> Iterable[Spans]:
    """Yield what to type where, and the answer of the sign-in service.

    Args:
        waiting: How it stands.
        settings: The instance.
        glyphs: The signs that the terminal can show.
        stays: Whether a sign-in was asked for that lasts for days.
        roomy: Whether there are rows for the code to stand alone.
    """
    yield BLANK
    if (error := waiting.error) is not None:
        yield ((f"{glyphs.error} {error.what}: {error.why.rstrip('.')}.", Role.ERROR),)
        yield BLANK
        yield (("r asks for a new code, u takes a user and a password.", Role.PLAIN),)
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
    told = "The code there should be" if code.url_with_code else "and type the code"
    if roomy:
        yield from (((told, Role.PLAIN),), BLANK, ((f"   {code.code}", Role.BOLD),))
    else:
        yield ((f"{told}  ", Role.PLAIN), (code.code, Role.BOLD))
    yield BLANK
    state = f"Still waiting: {waiting.patience}" if waiting.patience else "Waiting for the browser"
    yield ((f"{glyphs.pending} {state}", Role.WARNING),)
    if stays:
        yield (("The sign-in is asked to last for days.", Role.MUTED),)


def from_elsewhere(settings: Settings) -> Iterable[Spans]:
    """Yield where the refused token or password is from, and how to mend it."""
    source = settings.source
    if settings.token:
        told = f"{source} gives the token, and the instance does not accept it."
        advice = f"Set it to a fresh one and start wltui again. Without {source}, you can sign in here."
    elif settings.sign_in.token_command:
        told = f"token_command of {source} gives the token: {settings.sign_in.token_command[0]}"
        advice = "Run it yourself to see what is wrong. r runs it again. Without it, you can sign in here."
    else:
        user = settings.login[0] if settings.login else ""
        told = f"{source} gives user {user} and a password, which do not work."
        advice = f"Mend them and start wltui again. Without {source}, you can sign in here."
    yield from (BLANK, ((told, Role.WARNING),), BLANK, ((advice, Role.PLAIN),))


def reason(error: WltuiError | None) -> Iterable[Spans]:
    """Why one is asked to sign in."""
    if error is not None:
        yield from (BLANK, ((f"{error.what.rstrip('.')}: {error.why.rstrip('.')}.", Role.MUTED),))
