"""What the user asked for: flags over environment over defaults, frozen before anything starts."""

import math
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from .errors import UsageError
from .records import WorkspaceId

CONNECT_TIMEOUT = 5.0
"""Seconds to reach the server."""
REQUEST_TIMEOUT = 45
"""Seconds for an answer; the vendor's SDK has the same default and the same variable."""
CACHE_BYTES = 64 << 20
"""Compressed answers kept on disk for each instance and user."""
CACHE_DAYS = 30.0
"""How old an answer from the disk may be."""


DRIVERS = ("lean", "stock")
"""What can write to the terminal; the first by default."""
SIGN_IN_COMMAND = "wltui login"
"""What signs in to the instance that nothing else is said of."""
LEAST_SECRET = 8
"""Characters."""


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


class SignIn(Struct, frozen=True):
    """Where and as which client to sign in, and where to keep what that gives."""

    realm: str = "master"
    """Keycloak's realm."""
    client_id: str = "sdk-client"
    auth_url: str = ""
    """What stands before ``/realms/…``, without a trailing slash; empty for ``/auth`` of the endpoint."""
    token_command: tuple[str, ...] = ()
    """A program and its arguments that prints a bearer token; empty for none."""
    keyring: bool = False
    """Whether the tokens of ``wltui login`` are kept in the system's keyring, and not in a file."""
    browser_url: str = ""
    """What stands before ``/realms/…`` in addresses that are shown for a browser; empty for what the service says."""


class Network(Struct, frozen=True):
    """How to reach the instance, where the system's own ways do not."""

    ca_bundle: Path | None = None
    """Certificates in PEM that are trusted on top of the system's."""
    client_cert: Path | None = None
    """A certificate in PEM that tells the server who connects."""
    client_key: Path | None = None
    """Its key, unencrypted; None where the file of the certificate holds it too."""
    proxy: Secret | None = None
    """The proxy's URL, which may hold a password. None for the environment's proxies, empty for none at all."""
    verify: bool = True
    """Whether the server's certificate has to be trusted."""


DEFAULT_NETWORK = Network()
"""By the ways that every other program on this computer takes."""


class Settings(Struct, frozen=True):
    """One session's settings; immutable."""

    endpoint: str
    """The API's base URL, scheme and host (and path, if any), without a trailing slash or ``/v1/api``."""
    token: Secret | None = None
    """A static bearer token; None where another way to sign in is used."""
    login: tuple[str, Secret] | None = None
    """User and password for Keycloak's password grant."""
    sign_in: SignIn = SignIn()
    source: str = ""
    """What gave the token, the password or the command, in words; empty where none of them is given."""
    sign_in_command: str = SIGN_IN_COMMAND
    """What signs in to this instance on a command line, for advice."""
    withheld: str = ""
    """The variable whose token or password is not used here, as it is for the instance that wltui was started for."""
    network: Network = DEFAULT_NETWORK
    workspace: WorkspaceId | None = None
    """The workspace to open first."""
    read_only: bool = False
    protected: bool = False
    """A save asks for the model's name to be typed."""
    refresh: float | None = None
    """Seconds between two reads of what is on screen; None for the program's own rhythm, 0 for never."""
    ascii: bool = False
    profile: str = ""
    """What the header calls this instance."""
    colour: str = ""
    """The header's background: a colour of the theme by its name, or ``#rrggbb``; empty for the usual one."""
    driver: str = DRIVERS[0]
    """What writes to the terminal: ``lean`` only what changed, ``stock`` as Textual does by itself."""
    place: str = ""
    """Where it is, in words; empty for the endpoint's host."""
    lasting: bool = True
    """Unsent edits and the history of saves outlive the program; not so in the demo."""
    toasts: bool = True
    """Tell by a toast when a version on screen becomes ready or fails."""
    bell: bool = True
    """Ring the terminal's bell then."""
    notify: bool = False
    """Ask the terminal for a desktop notification then (OSC 9 and 777)."""
    request_timeout: float = REQUEST_TIMEOUT
    offline: bool = False
    """Nothing is asked of the instance; what the cache knows is all there is."""
    cache_bytes: int = CACHE_BYTES
    cache_days: float = CACHE_DAYS

    @property
    def host(self) -> str:
        """Where the instance is, for people."""
        return self.place or self.endpoint.partition("://")[2]

    @property
    def _urls(self) -> tuple[str, ...]:
        """What tokens and passwords are sent to."""
        return (self.endpoint, self.sign_in.auth_url)

    @property
    def exposed_hosts(self) -> tuple[str, ...]:
        """The hosts that tokens or a password go to without encryption, over a network that others can listen to."""
        parts = [urlsplit(url) for url in self._urls if url.startswith("http:")]
        return tuple(
            dict.fromkeys(at.hostname for at in parts if at.hostname and not is_loopback(at.hostname))
        )

    @property
    def exposure(self) -> str:
        """What others can do on the way, in words; empty if they can do nothing."""
        if hosts := self.exposed_hosts:
            return f"The connection to {' and '.join(hosts)} is NOT ENCRYPTED: others can read tokens and passwords"
        if not self.network.verify and any(url.startswith("https:") for url in self._urls):
            return "TLS is NOT VERIFIED: others can pretend to be the instance, and read tokens and passwords"
        return ""

    def foreign_host(self, url: str) -> str:
        """Return the host of an address to sign in at, or nothing if it is one of those that the user has named."""
        named = (self.endpoint, self.sign_in.auth_url, self.sign_in.browser_url)
        host = ascii_host(urlsplit(url).hostname or "")
        return "" if host in {ascii_host(urlsplit(own).hostname or "") for own in named} else host

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no report may hold. Very short ones are left out: words would be taken for them."""
        proxy = self.network.proxy.reveal() if self.network.proxy else ""
        held = [secret.reveal() for secret in (self.token, self.login and self.login[1]) if secret]
        return tuple(text for text in (*held, proxy, proxy_password(proxy)) if len(text) >= LEAST_SECRET)


def ascii_host(host: str) -> str:
    """Return a host in lower case and punycode, without a dot at its end; one that is no name stays as it is."""
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
    return _number(environ, "WALLAROO_REQUEST_TIMEOUT", "seconds", REQUEST_TIMEOUT, below=86_400)


def cache_bytes(environ: Mapping[str, str]) -> int:
    """``WLTUI_CACHE_MB`` in bytes, or the default.

    Raises:
        UsageError: it is set to something else than a positive number.
    """
    mebibytes = _number(environ, "WLTUI_CACHE_MB", "megabytes", CACHE_BYTES >> 20, below=1 << 20)
    return math.ceil(mebibytes * (1 << 20))


def cache_days(environ: Mapping[str, str]) -> float:
    """``WLTUI_CACHE_DAYS``, or the default.

    Raises:
        UsageError: it is set to something else than a positive number.
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
            f"{name}={text!r} is no number of {unit}",
            "",
            f"Set it to a number such as {default:.0f}, or unset it",
        )
    return number
