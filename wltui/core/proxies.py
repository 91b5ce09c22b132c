"""The proxy for an address, as the environment names it: variables and exceptions as curl and Go read them.

- The variable of the scheme counts before ``ALL_PROXY``, lower case before upper case, and an empty one not at all.
  ``HTTP_PROXY`` counts only outside CGI, where a client can set it.
- ``NO_PROXY`` is a list of names, addresses and ranges. A name stands for itself and all below it, with or without
  a leading ``.`` or ``*.`` (as in curl; Go takes ``.name`` for those below it alone). An address or a name may have
  a port. ``*`` stands for every host. What can't be understood is passed over.
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
    """The proxy that the environment names for an address."""

    url: Secret
    """As it was given, which may be without a scheme."""
    variable: str
    """What names it."""


def proxy_for(url: str, environ: Mapping[str, str]) -> Proxy | None:
    """Return the proxy for an address, or None if it is reached without one. The proxy's own address is not checked."""
    scheme = urlsplit(url).scheme.lower()
    variable = next((name for name in _variables(scheme, environ) if environ.get(name, "").strip()), "")
    if not variable or is_excluded(url, _exceptions(environ)):
        return None
    return Proxy(Secret(environ[variable].strip()), variable)


def check_proxy(url: Secret, source: str, advice: str) -> str:
    """Return a proxy's address with its scheme; raise UsageError, without the address, if it can't be used.

    Args:
        url: the address, which may hold a password.
        source: what names it, such as ``HTTPS_PROXY``.
        advice: what to do instead, added to what the error says.
    """
    text = url.reveal() if "://" in url.reveal() else f"http://{url.reveal()}"
    scheme = text.partition("://")[0].lower()
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port  # reading the port checks its range
    except ValueError:
        host = None
    if scheme.startswith("socks"):
        why = "is a SOCKS proxy, and wltui can use http:// and https:// ones alone"
    elif scheme not in PORTS or not host or not text.isprintable() or " " in text:
        why = "is no http:// or https:// address"
    elif "@" in re.split("[/?#]", text.partition("://")[2], maxsplit=1)[-1] and "@" not in parts.netloc:
        why = "has a /, ? or # in its user or password; write them as %2F, %3F or %23"
    else:
        return text
    raise UsageError("The proxy can't be used", f"{source} {why}", advice)


def format_proxy(url: str) -> str:
    """Return a proxy's address without its user and password, whatever these hold."""
    scheme, _, rest = url.rpartition("://")
    host = re.split("[/?#]", rest.rpartition("@")[2], maxsplit=1)[0]
    return f"{scheme or 'http'}://{host}"


def is_excluded(url: str, exceptions: str) -> bool:
    """Return whether a host is reached without a proxy: it is this computer, or one of ``exceptions``."""
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
    """A host and its port; the port of a host that has none is None, and -1 where it makes no sense."""
    if found := re.fullmatch(r"\[(.*)\](?::(.*))?", entry):
        host, port = found[1], found[2]
    elif entry.count(":") == 1:
        host, _, port = entry.partition(":")
    else:
        return entry, None  # an IPv6 address may stand without brackets
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
    """The variables that may name a proxy for a scheme, the first one first."""
    if scheme not in PORTS:
        return ()
    is_cgi = scheme == "http" and environ.get("REQUEST_METHOD")
    upper = () if is_cgi else (f"{scheme.upper()}_PROXY",)
    return (f"{scheme}_proxy", *upper, "all_proxy", "ALL_PROXY")
