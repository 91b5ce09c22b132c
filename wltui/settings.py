"""What the user asked for: flags over environment over defaults, frozen before anything starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from .errors import UsageError
from .records import WorkspaceId

CONNECT_TIMEOUT = 5.0
"""Seconds to reach the server."""
REQUEST_TIMEOUT = 45
"""Seconds for an answer; the vendor's SDK has the same default and the same variable."""


class Secret:
    """A text that no ``repr``, log or traceback shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one place that sends it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


@dataclass(frozen=True, slots=True)
class Settings:
    """One session's settings; immutable."""

    endpoint: str
    """The API's base URL, scheme and host (and path, if any), without a trailing slash or ``/v1/api``."""
    token: Secret | None = None
    """A static bearer token; None where another way to sign in is used."""
    login: tuple[str, Secret] | None = None
    """User and password for Keycloak's password grant."""
    workspace: WorkspaceId | None = None
    """The workspace to open first."""
    read_only: bool = False
    refresh: float | None = None
    """Seconds between two reads of what is on screen; None for the program's own rhythm, 0 for never."""
    ascii: bool = False
    profile: str = ""
    """What the header calls this instance."""
    place: str = ""
    """Where it is, in words; empty for the endpoint's host."""
    request_timeout: float = REQUEST_TIMEOUT

    @property
    def host(self) -> str:
        """Where the instance is, for people."""
        return self.place or self.endpoint.partition("://")[2]


def normalise_endpoint(text: str) -> str:
    """``host``, ``https://host/``, ``https://host/v1/api`` and the like, as one base URL.

    Raises:
        UsageError: it is not an address of a web server.
    """
    url = text.strip()
    if "://" not in url:
        url = f"https://{url}"
    url = url.rstrip("/").removesuffix("/v1/api").rstrip("/")
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading it checks its range
    except ValueError as error:
        raise UsageError(
            f"{text!r} is no address", str(error), "Use https://HOST of your Wallaroo instance"
        ) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or any(c.isspace() for c in url):
        raise UsageError(f"{text!r} is no address", "", "Use https://HOST of your Wallaroo instance")
    if parts.username is not None or parts.query or parts.fragment:
        raise UsageError(
            "The endpoint holds more than an address",
            "user names, ? and # do not belong there",
            "Use https://HOST",
        )
    return url


def request_timeout(environ: Mapping[str, str]) -> float:
    """``WALLAROO_REQUEST_TIMEOUT`` in seconds, or the default.

    Raises:
        UsageError: it is set to something else than a positive number.
    """
    text = environ.get("WALLAROO_REQUEST_TIMEOUT", "").strip()
    if not text:
        return REQUEST_TIMEOUT
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < 86_400:
        raise UsageError(
            f"WALLAROO_REQUEST_TIMEOUT={text!r} is no number of seconds",
            "",
            "Set it to a number such as 45, or unset it",
        )
    return seconds
