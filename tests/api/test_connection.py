"""Reaching a server: names, and the proxies of the environment; TLS has a file of its own."""

import socket

import pytest

from wltui.api import calls
from wltui.api.client import Client
from wltui.api.connection import is_loopback
from wltui.demo import Demo
from wltui.errors import ConnectionFailed, ServiceError, UsageError

from .conftest import Door, OpenClient

READ = calls.list_workspaces()
WRITE = calls.insert_config({"model_version_id": 16})
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PROXIES, *map(str.upper, PROXIES), "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


async def failure(client: Client, call: calls.Call[object] = READ) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        await client.ask(call)
    return caught.value


async def test_a_port_without_tls_is_told(open_client: OpenClient, demo: Demo) -> None:
    error = await failure(open_client(demo.url.replace("http:", "https:"), auth=None), WRITE)
    assert isinstance(error, ConnectionFailed)
    assert "does not speak TLS" in error.why
    assert demo.requests == []


async def test_an_unknown_name_is_told(open_client: OpenClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    error = await failure(open_client("https://wallaroo.invalid", auth=None), WRITE)
    assert isinstance(error, ConnectionFailed)
    assert error.why == "no address is known for wallaroo.invalid"


async def test_the_proxy_of_the_environment_is_used(
    open_client: OpenClient, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", door.url)
    door.opened.set()
    assert await open_client("http://wallaroo.invalid", auth=None).ask(READ) == ()
    assert door.knocks == 1


async def test_no_proxy_stands_before_loopback(
    open_client: OpenClient, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", door.url)
    monkeypatch.setenv("all_proxy", door.url)
    door.opened.set()
    assert await open_client().ask(READ)
    assert door.knocks == 0


async def test_a_proxy_that_refuses_is_told(
    open_client: OpenClient, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", door.url)
    door.status = 403
    door.opened.set()
    error = await failure(open_client("https://wallaroo.invalid", auth=None), WRITE)
    assert isinstance(error, ConnectionFailed)
    assert "the proxy refused" in error.why


@pytest.mark.parametrize(
    "proxy", ["socks9://user:sesame@x", "http://user:sesame@[::1", "socks5://user:sesame@x"]
)
def test_a_proxy_that_cannot_be_used_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(UsageError) as caught:
        Client("https://wallaroo.invalid", None, timeout=1)
    assert "HTTPS_PROXY" in str(caught.value)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", True), ("127.8.9.1", True), ("::1", True), ("a.localhost", True), ("10.0.0.1", False),
     ("localhost.example", False), ("wallaroo.example", False)],
)  # fmt: skip
def test_loopback_is_this_computer(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
