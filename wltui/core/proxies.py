"""Find the proxy for an address in the environment, by the rules of curl and Go.

- The variable of the scheme takes precedence over ``ALL_PROXY``, and lower case over upper case; empty variables are
  ignored. ``HTTP_PROXY`` is ignored in CGI programs, where a client can set it.
- ``NO_PROXY`` is a list of names, addresses and ranges. A name matches itself and its subdomains, with or
  without a leading ``.`` or ``*.`` (as in curl; in Go ``.name`` matches subdomains only). An address or a name may
  have a port. ``*`` matches every host. Invalid entries are ignored.
- This computer is never reached by a proxy.
"""

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from msgspec import Struct

from .errors import UsageError
from .settings import Secret, ascii_host, is_loopback

PORTS = {"http": 80, "https": 443}
NO_PROXY = ("no_proxy", "NO_PROXY")

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Proxy(Struct, frozen=True):
    """A proxy, and the variable that sets it."""

    url: Secret
    """As the variable has it; may lack a scheme."""
    variable: str
    """Name of the environment variable."""


def proxy_for(url: str, environ: Mapping[str, str]) -> Proxy | None:
    """Return the proxy for an address, or None if it needs none. The proxy's own address is not checked."""
    scheme = urlsplit(url).scheme.lower()
    variable = next((name for name in _variables(scheme, environ) if environ.get(name, "").strip()), "")
    if not variable or is_excluded(url, _exceptions(environ)):
        return None
    return Proxy(Secret(environ[variable].strip()), variable)


def check_proxy(url: Secret, source: str, advice: str) -> str:
    """Return a proxy's address with its scheme; raise UsageError, without the address, if it can't be used.

    Args:
        url: the address, which may hold a password.
        source: the variable or setting that has it, such as ``HTTPS_PROXY``.
        advice: the next step for the user, added to the error.
    """
    text = url.reveal() if "://" in url.reveal() else f"http://{url.reveal()}"
    scheme = text.partition("://")[0].lower()
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port  # reading the port checks its range
    except ValueError:
        host = None
    if scheme.startswith("socks"):
        why = "is a SOCKS proxy; wltui supports http:// and https:// proxies only"
    elif scheme not in PORTS or not host or not text.isprintable() or " " in text:
        why = "is not an http:// or https:// address"
    elif "@" in re.split("[/?#]", text.partition("://")[2], maxsplit=1)[-1] and "@" not in parts.netloc:
        why = "has a /, ? or # in its user or password; write %2F, %3F or %23"
    else:
        return text
    raise UsageError("The proxy can't be used", f"{source} {why}", advice)


def format_proxy(url: str) -> str:
    """Return a proxy's address without its user and password, whatever characters these contain."""
    scheme, _, rest = url.rpartition("://")
    host = re.split("[/?#]", rest.rpartition("@")[2], maxsplit=1)[0]
    return f"{scheme or 'http'}://{host}"


def is_excluded(url: str, exceptions: str) -> bool:
    """Return whether a host needs no proxy: it is this computer, or matches ``exceptions``."""
    parts = urlsplit(url)
    host = ascii_host(parts.hostname or "")
    port = parts.port or PORTS.get(parts.scheme.lower(), 0)
    address = _address(host)
    if is_loopback(host):
        return True
    entries = [entry for entry in re.split(r"[\s,]+", exceptions.lower()) if entry]
    return any(entry == "*" or _matches(entry, host, port, address) for entry in entries)


def _matches(entry: str, host: str, port: int, address: _Address | None) -> bool:
    if "/" in entry:
        return address is not None and _in_range(entry, address)
    name, wanted = _split(entry)
    if wanted not in (None, port):
        return False
    if address is not None:
        return _address(name) == address
    domain = ascii_host(name.removeprefix("*").removeprefix("."))
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def _in_range(entry: str, address: _Address) -> bool:
    base, _, bits = entry.partition("/")
    try:
        network = ipaddress.ip_network(f"{base.strip('[]')}/{bits}", strict=False)
    except ValueError:
        return False
    return address in network


def _split(entry: str) -> tuple[str, int | None]:
    """Split an entry into host and port; the port is None if there is none, and -1 if it is invalid."""
    if found := re.fullmatch(r"\[(.*)\](?::(.*))?", entry):
        host, port = found[1], found[2]
    elif entry.count(":") == 1:
        host, _, port = entry.partition(":")
    else:
        return entry, None  # an IPv6 address without brackets
    return host, None if port is None else int(port) if re.fullmatch("[0-9]{1,5}", port) else -1


def _address(host: str) -> _Address | None:
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _exceptions(environ: Mapping[str, str]) -> str:
    return next((environ[name] for name in NO_PROXY if environ.get(name, "").strip()), "")


def _variables(scheme: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the variables that may set a proxy for a scheme, in order of precedence."""
    if scheme not in PORTS:
        return ()
    is_cgi = scheme == "http" and environ.get("REQUEST_METHOD")
    upper = () if is_cgi else (f"{scheme.upper()}_PROXY",)
    return (f"{scheme}_proxy", *upper, "all_proxy", "ALL_PROXY")
