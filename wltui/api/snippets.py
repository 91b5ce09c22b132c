"""Write a call as a program of another: a curl command, Python with requests, or Python with the vendor's SDK.

Each runs as it stands if ``WLTUI_TOKEN`` holds a bearer token, and sends the bytes that wltui sends. It has no secret:
a proxy's password is read from ``WLTUI_PROXY_PASSWORD``. It ends with the answer on standard output, or fails.
"""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote as quote_url
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from wltui.core.proxies import check_proxy, format_proxy
from wltui.core.settings import CONNECT_TIMEOUT, REQUEST_TIMEOUT, Settings, ascii_host, is_loopback
from wltui.core.shell_quoting import printf, quote

from .calls import Call
from .sdk_calls import SDK_VERSION, SdkCall, sdk_call
from .snippet_python import format_text, format_value

LONGEST_WORD = 1_000
"""Maximum bytes of a body that is a word of the curl command; a larger one comes through a pipe."""
TOKEN = "WLTUI_TOKEN"  # noqa: S105  its name
PROXY_PASSWORD = "WLTUI_PROXY_PASSWORD"  # noqa: S105  its name


class Proxy(Struct, frozen=True):
    """A proxy without its password."""

    url: str
    """Scheme, host and port."""
    user: str = ""
    has_password: bool = False


class Target(Struct, frozen=True):
    """An instance, and how to reach it."""

    endpoint: str
    """The base URL, without a trailing slash."""
    ca_bundle: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    verify: bool = True
    """Verify the server's certificate."""
    proxy: Proxy | None = None
    direct: bool = False
    """Use no proxy, whatever the environment says."""
    timeout: float = REQUEST_TIMEOUT
    """Seconds between two parts of an answer."""


def target_of(settings: Settings) -> Target:
    """Return the instance of a session.

    A proxy of the environment is left out, as curl and Python read the environment where the snippet runs.

    Raises:
        UsageError: the proxy of the profile is not a valid address.
    """
    network = settings.network
    url = network.proxy.reveal() if network.proxy else ""
    proxy = None
    if network.proxy and url:
        url = check_proxy(network.proxy, "proxy of the profile", "Set it to http://HOST:PORT")
        user, colon, password = url.rpartition("://")[2].rpartition("@")[0].partition(":")
        proxy = Proxy(format_proxy(url), unquote(user), bool(colon and password))
    host = urlsplit(settings.endpoint).hostname or ""
    return Target(
        settings.endpoint,
        network.ca_bundle,
        network.client_cert,
        network.client_key,
        network.verify,
        proxy,
        direct=proxy is None and (network.proxy is not None or is_loopback(host)),
        timeout=settings.request_timeout,
    )


def curl(call: Call[object], target: Target) -> str:
    """Return a call as a command for a POSIX shell; needs curl 7.76 or newer.

    The answer goes to standard output and its status to standard error; the exit code is 22 if it is 400 or more.
    """
    body = call.encode().decode()
    is_piped = not body.isprintable() or len(body.encode()) > LONGEST_WORD
    options = [
        f"curl {quote(address(call, target))}",
        *curl_network(target, CONNECT_TIMEOUT + 2 * target.timeout),
        "--silent",
        "--show-error",
        "--fail-with-body",
        f'--header "Authorization: Bearer ${TOKEN}"',
        "--header 'Content-Type: application/json'",
        "--data-binary @-" if is_piped else f"--data-raw {quote(body)}",
        r"--write-out '\n%{stderr}HTTP %{http_code}\n'",
    ]
    command = " \\\n  ".join(options)
    if not is_piped:
        return command + "\n"
    name, form, *parts = printf(body)
    return " \\\n  ".join([f"{name} {form}", *parts]) + f" |\n{command}\n"


def curl_network(target: Target, longest: float | None) -> list[str]:
    """Return the options for trust, proxy and patience; ``longest``: seconds that it may take, None for any number."""
    options = [f"--connect-timeout {CONNECT_TIMEOUT:g}"]
    options += [f"--max-time {longest:g}"] if longest is not None else []
    over_tls = target.proxy is not None and target.proxy.url.startswith("https:")
    if not target.verify:
        options += ["--insecure", *(["--proxy-insecure"] if over_tls else [])]
    elif target.ca_bundle:
        file = quote(str(target.ca_bundle))
        options += [f"--cacert {file}", *([f"--proxy-cacert {file}"] if over_tls else [])]
    if target.client_cert:  # curl takes what follows a colon for a password
        name = str(target.client_cert).replace("\\", r"\\").replace(":", r"\:")
        options += [f"--cert {quote(name)}"]
        options += [f"--key {quote(str(target.client_key))}"] if target.client_key else []
    if target.proxy:
        options += [f"--proxy {quote(target.proxy.url)}", "--noproxy ''"]
        if target.proxy.user:
            password = f'"${PROXY_PASSWORD}"' if target.proxy.has_password else ""
            options += [f"--proxy-user {quote(target.proxy.user + ':')}{password}"]
    elif target.direct:
        options += ["--noproxy '*'"]
    return options


def requests(call: Call[object], target: Target) -> str:
    """Return a call as a Python program that needs the package requests."""
    lines = [f"body = {format_text(call.encode().decode())}"]
    arguments = ["data=body.encode(),", f"timeout=({CONNECT_TIMEOUT:g}, {target.timeout:g}),"]
    return requests_program(call, target, lines, arguments, content_type='"application/json"')


def requests_program(
    call: Call[object], target: Target, lines: Sequence[str], arguments: Sequence[str], *, content_type: str
) -> str:
    """Return a Python program that sends a call with the package requests.

    Args:
        call: Names the address.
        target: The instance.
        lines: Make the body.
        arguments: Those of ``requests.post`` that are about the body.
        content_type: A Python expression.
    """
    proxy = python_proxy(target)
    arguments = [
        f"{format_text(address(call, target))},",
        "headers={",
        f'    "Authorization": "Bearer " + os.environ["{TOKEN}"],',
        f'    "Content-Type": {content_type},',
        "},",
        *arguments,
        "allow_redirects=False,",
    ]
    if not target.verify:
        arguments.append("verify=False,")
    elif target.ca_bundle:
        arguments.append(f"verify={format_text(str(target.ca_bundle))},")
    if target.client_cert:
        files = [format_text(str(file)) for file in (target.client_cert, target.client_key) if file]
        arguments.append(f"cert={files[0]}," if len(files) == 1 else f"cert=({', '.join(files)}),")
    if proxy:
        arguments.append('proxies={"http": proxy, "https": proxy},')
    elif target.direct:
        arguments.append('proxies={"http": None, "https": None, "all": None},')
    has_password = target.proxy is not None and target.proxy.has_password
    return "\n".join(
        [
            "import json",
            "import os",
            *(["from urllib.parse import quote"] if has_password else []),
            "",
            "import requests",
            "",
            *([f"proxy = {proxy}"] if proxy else []),
            *lines,
            "response = requests.post(",
            *(f"    {line}" for line in arguments),
            ")",
            "if response.status_code >= 300:",
            '    raise SystemExit(f"HTTP {response.status_code}: {response.text!r}")',
            "print(json.dumps(response.json(), indent=2))",
            "",
        ]
    )


def python_proxy(target: Target) -> str:
    """Return the proxy's URL as a Python expression, its password read from the environment; empty without one."""
    if target.proxy is None:
        return ""
    if not target.proxy.user:
        return format_text(target.proxy.url)
    scheme, _, place = target.proxy.url.partition("://")
    login = f"{scheme}://{quote_url(target.proxy.user, safe='')}:"
    if not target.proxy.has_password:
        return format_text(f"{login}@{place}")
    password = f'quote(os.environ["{PROXY_PASSWORD}"], safe="")'
    return f"{format_text(login)} + {password} + {format_text(f'@{place}')}"


def sdk(call: Call[object], target: Target) -> str | None:
    """Return a call as a Python program on the generated client of the vendor's SDK, or None if that lacks it.

    The SDK's own classes are no match: they drop values such as a threshold of 0, and may save an empty config where
    a read fails.
    """
    found = sdk_call((call.path, *call.alternatives))
    if found is None:
        return None
    lines = [f"body = {found.body}.from_dict({format_value(call.content)})"]
    patience = f"{target.timeout:g}, connect={CONNECT_TIMEOUT:g}"
    return sdk_program(found, target, lines, patience=patience)


def sdk_program(
    function: SdkCall,
    target: Target,
    lines: Sequence[str],
    *,
    patience: str,
    more_imports: Sequence[str] = (),
) -> str:
    """Return a Python program on the generated client of the vendor's SDK.

    Args:
        function: What it calls.
        target: The instance.
        lines: Make the body.
        patience: The arguments of ``httpx.Timeout``.
        more_imports: What it needs besides, from the client's package.
    """
    proxy = python_proxy(target)
    has_password = target.proxy is not None and target.proxy.has_password
    options = [
        f"base_url={format_text(target.endpoint)},",
        f'token=os.environ["{TOKEN}"],',
        f"timeout=httpx.Timeout({patience}),",
    ]
    trust = _python_trust(target)
    if trust:
        options.append("verify_ssl=trust,")
    if proxy:
        options.append('httpx_args={"proxy": proxy, "trust_env": False},')
    elif target.direct:
        options.append('httpx_args={"trust_env": False},')
    package = "wallaroo.wallaroo_ml_ops_api_client"
    return "\n".join(
        [
            f"# pip install wallaroo, here as of {SDK_VERSION}: its generated client sends exactly this.",
            "import os",
            *(["import ssl"] if trust else []),
            *(["from urllib.parse import quote"] if has_password else []),
            "",
            "import httpx",
            f"from {package} import AuthenticatedClient",
            f"from {package}.api.{function.group} import {function.function}",
            f"from {package}.models import {function.body}",
            *(f"from {package}{line}" for line in more_imports),
            "",
            *trust,
            *([f"proxy = {proxy}"] if proxy else []),
            "client = AuthenticatedClient(",
            *(f"    {line}" for line in options),
            ")",
            *lines,
            f"response = {function.function}.sync_detailed(client=client, body=body)",
            "if response.status_code >= 300:",
            '    raise SystemExit(f"HTTP {response.status_code}: {response.content!r}")',
            "print(response.parsed)",
            "",
        ]
    )


def _python_trust(target: Target) -> list[str]:
    """Return the lines that make the TLS settings; none if the system's will do."""
    lines = []
    if target.ca_bundle and target.verify:
        lines = [f"trust = ssl.create_default_context(cafile={format_text(str(target.ca_bundle))})"]
    elif target.client_cert or not target.verify:
        lines = ["trust = ssl.create_default_context()"]
    if not target.verify:
        lines += ["trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE"]
    if target.client_cert:
        files = ", ".join(format_text(str(file)) for file in (target.client_cert, target.client_key) if file)
        lines += [f"trust.load_cert_chain({files})"]
    return lines


def address(call: Call[object], target: Target) -> str:
    """Return the address that the call is sent to, in ASCII."""
    parts = urlsplit(call.url(target.endpoint))
    host = ascii_host(parts.hostname or "")
    place = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{place}{port}{quote_url(parts.path, safe=_IN_PATH)}"


_IN_PATH = "/%:@!$&'()*+,;=~-._"
"""Characters of a path that are sent as they are."""
