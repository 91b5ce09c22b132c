"""Reaching a server: names, and the proxies of the environment; TLS has a file of its own."""

import socket

import pytest

from tests.api.conftest import HeldServer, OpenClient
from wltui.api import calls
from wltui.api.client import Client
from wltui.core.errors import ConnectionFailed, ServiceError, UsageError
from wltui.demo import Demo

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
    assert "does not use TLS" in error.why
    assert demo.requests == []


async def test_an_unknown_name_is_told(open_client: OpenClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    error = await failure(open_client("https://wallaroo.invalid", auth=None), WRITE)
    assert isinstance(error, ConnectionFailed)
    assert error.why == "no address is known for wallaroo.invalid"


async def test_the_proxy_of_the_environment_is_used(
    open_client: OpenClient, held: HeldServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", held.url)
    held.opened.set()
    assert await open_client("http://wallaroo.invalid", auth=None).ask(READ) == ()
    assert held.knocks == 1


async def test_no_proxy_stands_before_loopback(
    open_client: OpenClient, held: HeldServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", held.url)
    monkeypatch.setenv("all_proxy", held.url)
    held.opened.set()
    assert await open_client().ask(READ)
    assert held.knocks == 0


async def test_a_proxy_that_refuses_is_told(
    open_client: OpenClient, held: HeldServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", held.url)
    held.status = 403
    held.opened.set()
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


async def test_a_host_that_no_proxy_names_by_its_range_is_not_asked_by_a_proxy(
    open_client: OpenClient, held: HeldServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", held.url)
    monkeypatch.setenv("no_proxy", "192.0.2.0/24,[::1]:443,2001:db8::/32")
    held.opened.set()
    client = open_client("http://192.0.2.7:9", auth=None, connect_timeout=0.01, repeats=0)
    assert "192.0.2.7" in (await failure(client)).why
    assert held.knocks == 0


@pytest.mark.parametrize(
    "environ",
    [
        {"ALL_PROXY": "socks5://x", "no_proxy": "*"},
        {"ALL_PROXY": "socks5://x", "https_proxy": "http://x:1"},
        {"ALL_PROXY": "socks5://x", "NO_PROXY": "wallaroo.invalid"},
        {"http_proxy": "socks9://x"},
        {"no_proxy": "[::1],fd00::/8,::1/128,10.0.0.0/8,:1,%,[,/"},
    ],
)
def test_a_proxy_that_is_never_asked_blocks_nothing(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in environ.items():
        monkeypatch.setenv(name, text)
    Client("https://wallaroo.invalid", None, timeout=1)


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "all_proxy"])
async def test_advice_names_the_variable_of_the_proxy(
    name: str, open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    error = await failure(open_client("https://wallaroo.invalid", auth=None, repeats=0))
    assert "the proxy 127.0.0.1 refused" in error.why
    assert error.advice == f"Check {name} and NO_PROXY"
