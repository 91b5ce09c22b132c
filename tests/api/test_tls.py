"""Whom the client trusts, whom it says it is, and the proxies on its way; each failure has its own sentence."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from tests.api.conftest import OpenClient
from tests.support.tls_server import NAME, serve_proxy, serve_tls
from wltui.api import calls
from wltui.api.client import Client
from wltui.core.errors import ApiFormatError, ConnectionFailed, OutcomeUnknown, ServiceError, UsageError
from wltui.core.settings import Network, Secret

READ = calls.list_workspaces()
WRITE = calls.insert_config({"model_version_id": 16})
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def bundle(ca: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(path)
    return path


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def failure(client: Client, call: calls.Call[object] = READ) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        await client.ask(call)
    return caught.value


def local(port: int) -> str:
    return f"https://127.0.0.1:{port}"


@pytest.mark.parametrize("by_environment", [True, False])
async def test_a_ca_of_ones_own_is_trusted(
    open_client: OpenClient, ca: trustme.CA, bundle: Path, monkeypatch: pytest.MonkeyPatch, *,
    by_environment: bool,
) -> None:  # fmt: skip
    network = Network() if by_environment else Network(ca_bundle=bundle)
    if by_environment:
        monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    async with serve_tls(ca.issue_cert("127.0.0.1")) as port:
        assert await open_client(local(port), auth=None, network=network).ask(READ) == ()


async def test_a_ca_of_ones_own_takes_nothing_from_those_of_the_system(
    open_client: OpenClient, ca: trustme.CA, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = trustme.CA()
    other.cert_pem.write_to_path(tmp_path / "system.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "system.pem"))
    for authority in (ca, other):
        async with serve_tls(authority.issue_cert("127.0.0.1")) as port:
            client = open_client(local(port), auth=None, network=Network(ca_bundle=bundle))
            assert await client.ask(READ) == ()


@pytest.mark.parametrize(
    ("names", "days", "trusted", "why"),
    [
        (["127.0.0.1"], (-1, 1), False, "does not trust the issuer"),
        (["elsewhere.example"], (-1, 1), True, "the TLS certificate is not for 127.0.0.1"),
        (["127.0.0.1"], (-2, -1), True, "the TLS certificate of 127.0.0.1 has expired"),
        (["127.0.0.1"], (1, 2), True, "is not valid yet"),
    ],
)
@pytest.mark.parametrize("call", [READ, WRITE])
async def test_a_certificate_that_is_not_trusted_says_why(
    open_client: OpenClient, ca: trustme.CA, bundle: Path, names: list[str], days: tuple[int, int], *,
    trusted: bool, why: str, call: calls.Call[object],
) -> None:  # fmt: skip
    begin, end = (datetime.now(UTC) + day * DAY for day in days)
    network = Network(ca_bundle=bundle if trusted else None)
    async with serve_tls(ca.issue_cert(*names, not_before=begin, not_after=end)) as port:
        error = await failure(open_client(local(port), auth=None, network=network), call)
    assert isinstance(error, ConnectionFailed)
    assert why in error.why
    assert error.advice


@pytest.mark.parametrize("names", ["127.0.0.1", "elsewhere.example"])
async def test_without_verification_anybody_is_believed(
    open_client: OpenClient, ca: trustme.CA, names: str
) -> None:
    async with serve_tls(ca.issue_cert(names)) as port:
        client = open_client(local(port), auth=None, network=Network(verify=False))
        assert await client.ask(READ) == ()


@pytest.mark.parametrize("apart", [True, False])
async def test_a_client_certificate_is_shown(
    open_client: OpenClient, ca: trustme.CA, bundle: Path, tmp_path: Path, *, apart: bool
) -> None:
    mine, key = ca.issue_cert("jane@example.com"), tmp_path / "key.pem"
    mine.private_key_and_cert_chain_pem.write_to_path(tmp_path / "mine.pem")
    if apart:
        mine.cert_chain_pems[0].write_to_path(tmp_path / "mine.pem")
        mine.private_key_pem.write_to_path(key)
    network = Network(bundle, client_cert=tmp_path / "mine.pem", client_key=key if apart else None)
    async with serve_tls(ca.issue_cert("127.0.0.1"), clients=ca) as port:
        assert await open_client(local(port), auth=None, network=network).ask(READ) == ()


@pytest.mark.parametrize(
    ("strange", "why"), [(False, "requires a client certificate"), (True, "does not accept your client")]
)
async def test_a_server_that_wants_another_client_certificate_is_told(
    open_client: OpenClient, ca: trustme.CA, bundle: Path, tmp_path: Path, *, strange: bool, why: str
) -> None:
    trustme.CA().issue_cert("jane@example.com").private_key_and_cert_chain_pem.write_to_path(
        tmp_path / "mine.pem"
    )
    network = Network(bundle, client_cert=tmp_path / "mine.pem" if strange else None)
    async with serve_tls(ca.issue_cert("127.0.0.1"), clients=ca) as port:
        client = open_client(local(port), auth=None, network=network)
        error = await failure(client)
        with pytest.raises(OutcomeUnknown):  # its first bytes left before the alert came
            await client.ask(WRITE)
    assert isinstance(error, ConnectionFailed)
    assert why in error.why
    assert "client_cert" in error.advice


@pytest.mark.parametrize("key", ["ca_bundle", "client_cert"])
@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "No such file"), (b"certificate", "it is not a PEM file"), (b"", "x.pem is a pipe")],
)
def test_a_file_that_holds_no_certificate_is_named(
    tmp_path: Path, key: str, content: bytes | None, why: str
) -> None:
    path = tmp_path / "x.pem"
    if content:
        path.write_bytes(content)
    elif content is not None:
        os.mkfifo(path)
    with pytest.raises(UsageError) as caught:
        Client(f"https://{NAME}", None, timeout=1, network=Network(**{key: path}))  # type: ignore[arg-type]
    assert str(path) in caught.value.what
    assert why in caught.value.why
    assert key in caught.value.advice


def test_an_encrypted_key_is_told_and_its_password_not_asked_for(ca: trustme.CA, tmp_path: Path) -> None:
    mine = ca.issue_cert("jane@example.com")
    mine.cert_chain_pems[0].write_to_path(tmp_path / "mine.pem")
    key = serialization.load_pem_private_key(mine.private_key_pem.bytes(), None)
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"sesame"),
        )
    )
    network = Network(client_cert=tmp_path / "mine.pem", client_key=tmp_path / "key.pem")
    with pytest.raises(UsageError, match="the key unencrypted"):
        Client(f"https://{NAME}", None, timeout=1, network=network)


# Proxies.


async def test_the_proxy_of_the_profile_comes_before_those_of_the_environment(
    open_client: OpenClient, ca: trustme.CA, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "*")
    async with serve_tls(ca.issue_cert(NAME)) as port, serve_proxy(port) as proxy:
        proxy.login = "jane:sesame"
        way = Network(bundle, proxy=Secret(proxy.url.replace("//", "//jane:sesame@")))
        assert await open_client(f"https://{NAME}", auth=None, network=way).ask(READ) == ()
    assert proxy.asked == [f"{NAME}:443"]


async def test_an_empty_proxy_is_none_at_all(
    open_client: OpenClient, ca: trustme.CA, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = asyncio.get_running_loop().getaddrinfo
    monkeypatch.setattr(
        asyncio.get_running_loop(),
        "getaddrinfo",
        lambda host, *rest, **more: resolve("127.0.0.1", *rest, **more),
    )
    async with serve_tls(ca.issue_cert(NAME)) as port, serve_proxy(port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        way = Network(bundle, proxy=Secret(""))
        assert await open_client(f"https://{NAME}:{port}", auth=None, network=way).ask(READ) == ()
    assert proxy.asked == []


@pytest.mark.parametrize(
    ("status", "why", "advice"),
    [
        ("407 Proxy Authentication Required", "the proxy requires a user and a password", "USER:PASSWORD"),
        ("403 Forbidden", f"the proxy refused to connect to {NAME} (403 Forbidden)", "proxy in the profile"),
        ("502 Bad Gateway", f"the proxy can't reach {NAME} (502 Bad Gateway)", "the endpoint"),
    ],
)
@pytest.mark.parametrize("call", [READ, WRITE])
async def test_a_proxy_that_does_not_let_us_through_is_told(
    open_client: OpenClient, status: str, why: str, advice: str, call: calls.Call[object]
) -> None:
    async with serve_proxy(1) as proxy:
        proxy.status = status
        way = Network(proxy=Secret(proxy.url))
        error = await failure(open_client(f"https://{NAME}", auth=None, network=way), call)
    assert isinstance(error, ConnectionFailed)
    assert error.why == why
    assert advice in error.advice


async def test_a_proxy_that_is_not_there_is_told_from_a_server_that_is_not(open_client: OpenClient) -> None:
    way = Network(proxy=Secret("http://jane:sesame@127.0.0.1:1"))
    error = await failure(open_client(f"https://{NAME}", auth=None, network=way))
    assert error.why == "the proxy 127.0.0.1 refused the connection"
    assert "proxy" in error.advice
    assert "sesame" not in str(error)


async def test_a_certificate_is_checked_behind_a_proxy_too(
    open_client: OpenClient, ca: trustme.CA, bundle: Path
) -> None:
    async with serve_tls(ca.issue_cert("elsewhere.example")) as port, serve_proxy(port) as proxy:
        way = Network(bundle, proxy=Secret(proxy.url))
        error = await failure(open_client(f"https://{NAME}", auth=None, network=way))
    assert error.why == f"the TLS certificate is not for {NAME}"


@pytest.mark.parametrize("proxy", ["socks9://u:sesame@x", "http://u:sesame@[::1", "https://u:sesame@x:port"])
def test_a_proxy_that_is_no_address_is_told_without_its_password(proxy: str) -> None:
    with pytest.raises(UsageError, match="Set proxy of the profile") as caught:
        Client(f"https://{NAME}", None, timeout=1, network=Network(proxy=Secret(proxy)))
    assert "sesame" not in str(caught.value)


# What is no Wallaroo.


async def test_a_page_in_place_of_json_is_told(open_client: OpenClient, ca: trustme.CA, bundle: Path) -> None:
    page = b"<html><head><title>x</title></head><body><h1>Sign in to the VPN</h1></body></html>"
    async with serve_tls(ca.issue_cert("127.0.0.1"), body=page) as port:
        error = await failure(open_client(local(port), auth=None, network=Network(bundle)))
    assert isinstance(error, ApiFormatError)
    assert "Sign in to the VPN" in error.why
    assert "proxy or gateway" in error.advice
