"""Settings of one session, and how they are read from the environment."""

import math
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from .errors import UsageError
from .records import WorkspaceId
from .themes import AskedTheme

CONNECT_TIMEOUT = 5.0
"""Seconds to reach the server."""
REQUEST_TIMEOUT = 45
"""Seconds for an answer; the vendor's SDK has the same default and the same variable."""
CACHE_BYTES = 64 << 20
"""Maximum bytes of compressed answers on disk, for each instance and user."""
CACHE_DAYS = 30.0
"""Maximum age of an answer from the disk."""

DRIVERS = ("lean", "stock")
"""Names of the terminal drivers; the first is the default."""
SIGN_IN_COMMAND = "wltui login"
"""Command that signs in to the default instance."""
LEAST_SECRET = 8
"""Minimum characters of a secret that is hidden in reports."""


class Secret:
    """A text whose ``repr`` hides it, so that no log or traceback shows it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text, for the one place that sends it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


class SignIn(Struct, frozen=True):
    """Address and client for signing in, and the place where tokens are kept."""

    realm: str = "master"
    """Keycloak's realm."""
    client_id: str = "sdk-client"
    auth_url: str = ""
    """Base URL before ``/realms/…``, without a trailing slash; empty for ``/auth`` of the endpoint."""
    token_command: tuple[str, ...] = ()
    """A program that prints a bearer token, and its arguments; empty for none."""
    keyring: bool = False
    """Keep the tokens of ``wltui login`` in the system's keyring, not in a file."""
    browser_url: str = ""
    """Base URL before ``/realms/…`` in addresses shown for a browser; empty for the service's own."""


class Network(Struct, frozen=True):
    """Network options for an instance that the system's defaults can't reach."""

    ca_bundle: Path | None = None
    """Certificates in PEM that are trusted on top of the system's."""
    client_cert: Path | None = None
    """A client certificate in PEM."""
    client_key: Path | None = None
    """Its key, unencrypted; None if the certificate's file contains it."""
    proxy: Secret | None = None
    """The proxy's URL, which may hold a password. None for the environment's proxies, empty for none at all."""
    verify: bool = True
    """Verify the server's certificate."""


DEFAULT_NETWORK = Network()
"""The system's trust store and the environment's proxies."""


class Settings(Struct, frozen=True):
    """Settings of one session; immutable. Flags count before the environment, and that before defaults."""

    endpoint: str
    """The API's base URL, scheme and host (and path, if any), without a trailing slash or ``/v1/api``."""
    token: Secret | None = None
    """A static bearer token; None if the user signs in another way."""
    login: tuple[str, Secret] | None = None
    """User and password for Keycloak's password grant."""
    sign_in: SignIn = SignIn()
    source: str = ""
    """Source of the token, password or command, for people; empty if there is none of them."""
    sign_in_command: str = SIGN_IN_COMMAND
    """Command that signs in to this instance, for advice."""
    withheld: str = ""
    """Variable whose token or password is not used here: it belongs to the instance wltui was started for."""
    network: Network = DEFAULT_NETWORK
    workspace: WorkspaceId | None = None
    """The workspace to open first."""
    read_only: bool = False
    protected: bool = False
    """A save requires the user to type the model's name."""
    refresh: float | None = None
    """Seconds between two refreshes of the screen; None for the default rhythm, 0 for never."""
    graphql: bool = True
    """Read data that the REST API lacks by GraphQL."""
    ascii: bool = False
    profile: str = ""
    """Name of this instance in the header."""
    mouse: bool = True
    """Take the mouse from the terminal: clicks and the wheel do something here."""
    theme: AskedTheme = AskedTheme()
    """The theme that the environment or the user's file asks for."""
    colour: str = ""
    """Background of the instance's name in the header: a name of a colour, or ``#rrggbb``; empty for none."""
    driver: str = DRIVERS[0]
    """Terminal driver: ``lean`` writes changed cells only, ``stock`` is Textual's own."""
    place: str = ""
    """Location shown in place of the endpoint's host; empty for the host."""
    lasting: bool = True
    """Keep drafts and the history of saves after the program ends; False in the demo."""
    toasts: bool = True
    """Show a toast when a version on screen becomes ready or fails."""
    bell: bool = True
    """Ring the terminal's bell then."""
    notify: bool = False
    """Ask the terminal for a desktop notification then (OSC 9 and 777)."""
    request_timeout: float = REQUEST_TIMEOUT
    offline: bool = False
    """Send nothing to the instance; show cached data only."""
    cache_bytes: int = CACHE_BYTES
    cache_days: float = CACHE_DAYS
    keys: Mapping[str, str] = {}
    """The keys of each action to which the user gave other ones, by its name and with commas between."""
    key_problem: str = ""
    """What is wrong with the user's keys, which are not used then; empty if nothing is."""

    @property
    def host(self) -> str:
        """Return the instance's location for people: ``place``, or the endpoint without its scheme."""
        return self.place or self.endpoint.partition("://")[2]

    @property
    def _urls(self) -> tuple[str, ...]:
        """Return the URLs that receive tokens and passwords."""
        return (self.endpoint, self.sign_in.auth_url)

    @property
    def exposed_hosts(self) -> tuple[str, ...]:
        """Return the hosts that receive tokens or a password unencrypted; this computer is never one of them."""
        parts = [urlsplit(url) for url in self._urls if url.startswith("http:")]
        return tuple(
            dict.fromkeys(at.hostname for at in parts if at.hostname and not is_loopback(at.hostname))
        )

    @property
    def exposure(self) -> str:
        """Return a warning if others on the network can read tokens and passwords, or an empty text if they can't."""
        if hosts := self.exposed_hosts:
            return f"The connection to {' and '.join(hosts)} is NOT ENCRYPTED: others can read tokens and passwords"
        if not self.network.verify and any(url.startswith("https:") for url in self._urls):
            return "TLS is NOT VERIFIED: others can pretend to be the instance, and read tokens and passwords"
        return ""

    def foreign_host(self, url: str) -> str:
        """Return the host of a sign-in address, or an empty text if the settings name that host."""
        named = (self.endpoint, self.sign_in.auth_url, self.sign_in.browser_url)
        host = ascii_host(urlsplit(url).hostname or "")
        return "" if host in {ascii_host(urlsplit(own).hostname or "") for own in named} else host

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return the secrets that reports must hide, without those so short that words would match."""
        proxy = self.network.proxy.reveal() if self.network.proxy else ""
        held = [secret.reveal() for secret in (self.token, self.login and self.login[1]) if secret]
        return tuple(text for text in (*held, proxy, proxy_password(proxy)) if len(text) >= LEAST_SECRET)


def ascii_host(host: str) -> str:
    """Return a host in lower case and punycode, without a dot at its end; an invalid name stays in lower case."""
    name = host.lower().removesuffix(".")
    try:
        return name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


def proxy_password(url: str) -> str:
    """Return the password in a proxy's address, as it is sent; empty if there is none."""
    login = url.rpartition("://")[2].rpartition("@")[0]
    return unquote(login.partition(":")[2])


def is_loopback(host: str) -> bool:
    """Return whether the host is this computer, which no proxy can reach."""
    import ipaddress

    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def normalise_endpoint(text: str) -> str:
    """Return the base URL for ``host``, ``https://host/``, ``https://host/v1/api`` and the like.

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
            f"{text!r} is not a valid address", str(error), "Use https://HOST of your Wallaroo instance"
        ) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or any(c.isspace() for c in url):
        raise UsageError(f"{text!r} is not a valid address", "", "Use https://HOST of your Wallaroo instance")
    if parts.username is not None or parts.query or parts.fragment:
        raise UsageError(
            "The endpoint contains more than an address",
            "user names, ? and # are not allowed",
            "Use https://HOST",
        )
    return url


def request_timeout(environ: Mapping[str, str]) -> float:
    """Return ``WALLAROO_REQUEST_TIMEOUT`` in seconds, or the default if it is not set.

    Raises:
        UsageError: it is not a positive number.
    """
    return _number(environ, "WALLAROO_REQUEST_TIMEOUT", "seconds", REQUEST_TIMEOUT, below=86_400)


def cache_bytes(environ: Mapping[str, str]) -> int:
    """Return ``WLTUI_CACHE_MB`` in bytes, or the default if it is not set.

    Raises:
        UsageError: it is not a positive number.
    """
    mebibytes = _number(environ, "WLTUI_CACHE_MB", "megabytes", CACHE_BYTES >> 20, below=1 << 20)
    return math.ceil(mebibytes * (1 << 20))


def cache_days(environ: Mapping[str, str]) -> float:
    """Return ``WLTUI_CACHE_DAYS``, or the default if it is not set.

    Raises:
        UsageError: it is not a positive number.
    """
    return _number(environ, "WLTUI_CACHE_DAYS", "days", CACHE_DAYS, below=100_000)


def _number(environ: Mapping[str, str], name: str, unit: str, default: float, *, below: float) -> float:
    text = environ.get(name, "").strip()
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < below:
        raise UsageError(
            f"{name}={text!r} is not a valid number of {unit}",
            "",
            f"Set it to a number such as {default:.0f}, or unset it",
        )
    return number
