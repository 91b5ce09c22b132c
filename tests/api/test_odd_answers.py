"""Headers and compression of any kind: an error that says so, bounded memory, and no answer spoils the next."""

import gzip
import tracemalloc
import zlib
from functools import cache

import pytest

from tests.api.conftest import HeldServer, OpenClient, sent
from tests.support.waiting import limit
from wltui.api import calls
from wltui.api.client import Client
from wltui.api.keycloak import Grant, Provider
from wltui.api.probe import probe_instance
from wltui.core.errors import (
    ApiFormatError,
    ApiRefused,
    ConnectionFailed,
    NotSignedIn,
    OutcomeUnknown,
    ServiceError,
    TimedOut,
    WltuiError,
)
from wltui.core.settings import Network, Secret, Settings
from wltui.demo import Demo, Scripted
from wltui.demo.keycloak import TOKEN_PATH

LIST = calls.list_workspaces()
INSERT = calls.insert_config({"model_version_id": 16, "tensor_fields": ["a"]})
GOOD = b'{"workspaces":[{"id":1,"name":"one"}]}'
ODD_TARGETS = [
    b"about:blank",
    b"http:login",
    b"//",
    b"",
    b"http://[::1",
    b"http://h:99999999/",
    b"http://" + b"a" * 70 + b".example/",
    b"http://a..b/",
    "http://\u2024\u00ad\u00ad/".encode(),
    b"http://\xe4\xff/",
    b"javascript:alert(1)",
]
CLOSE = b"Connection: close"
ROOM = 24 << 20
"""Bytes of memory that an answer may take that is refused for its size; what it would become is ten times as much."""


def raw(body: bytes, *headers: bytes, status: int = 200) -> Scripted:
    """An answer with headers that no library would write."""
    head = b"\r\n".join((b"HTTP/1.1 %d Said" % status, b"Content-Length: %d" % len(body), CLOSE, *headers))
    return Scripted(raw=head + b"\r\n\r\n" + body)


def zipped(body: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        body = gzip.compress(body, mtime=0)
    return body


def encoded(body: bytes, encoding: str, status: int = 200) -> Scripted:
    return Scripted(status, body, {"content-encoding": encoding})


async def failure(client: Client, call: calls.Call[object] = LIST) -> WltuiError:
    with pytest.raises(WltuiError) as caught:
        await client.ask(call)
    return caught.value


@pytest.mark.parametrize("target", ODD_TARGETS)
async def test_a_redirect_to_nowhere_is_a_refusal(client: Client, demo: Demo, target: bytes) -> None:
    odd = raw(b"", b"Location: " + target, status=302)
    demo.script(LIST.path, odd)
    demo.script(INSERT.path, odd)
    for call in (LIST, INSERT):
        error = await failure(client, call)
        assert isinstance(error, ApiRefused)
        assert error.why.startswith("the server redirects to")
    assert await client.ask(LIST)
    assert sent(demo, INSERT.path) == 1


@pytest.mark.parametrize("target", ODD_TARGETS)
async def test_a_sign_in_that_is_sent_to_nowhere_fails(demo: Demo, target: bytes) -> None:
    demo.script(TOKEN_PATH, raw(b"", b"Location: " + target, status=307))
    with pytest.raises(ServiceError):
        await Provider(demo.url).grant(grant_type="password")
    demo.script(LIST.path, raw(b"", b"Location: " + target, status=302))
    way = await probe_instance(Settings(demo.url))
    assert isinstance(way.error, ApiRefused)


@pytest.mark.parametrize("cookie", [b"a=\xe4; Path=/", b"session=1; Path=/", b"=", b"a=1; expires=\xff"])
async def test_no_cookie_is_kept(client: Client, demo: Demo, cookie: bytes) -> None:
    demo.script(LIST.path, raw(GOOD, b"Set-Cookie: " + cookie))
    assert len(await client.ask(LIST)) == 1
    assert await client.ask(LIST)
    assert not any(name.lower() == "cookie" for request in demo.requests for name in request.headers)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (zipped(GOOD), "gzip"),
        (zipped(GOOD), "X-GZip"),
        (zipped(GOOD[:9]) + zipped(GOOD[9:]) + b"\0" * 9, "gzip"),  # in two parts, and padded
        (zlib.compress(GOOD), "deflate"),
        (GOOD, "identity"),
        (GOOD, ""),
    ],
)
async def test_what_is_compressed_once_is_read(
    client: Client, demo: Demo, body: bytes, encoding: str
) -> None:
    demo.script(LIST.path, encoded(body, encoding))
    (workspace,) = await client.ask(LIST)
    assert workspace.name == "one"
    request = {name.lower(): value for name, value in demo.requests[-1].headers.items()}
    assert request["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("body", "encoding", "why"),
    [
        (zipped(GOOD, 2), "gzip, gzip", "compressed as gzip, gzip"),
        (GOOD, "br", "compressed as br"),
        (zipped(GOOD)[:-9], "gzip", "ends too early"),
        (zipped(GOOD)[:9] + b"\xff" * 9, "gzip", "damaged"),
    ],
)
async def test_what_is_compressed_otherwise_is_another_format(
    client: Client, demo: Demo, body: bytes, encoding: str, why: str
) -> None:
    demo.script(LIST.path, encoded(body, encoding))
    error = await failure(client)
    assert isinstance(error, ApiFormatError)
    assert why in error.why
    demo.script(INSERT.path, encoded(body, encoding))
    assert isinstance(await failure(client, INSERT), OutcomeUnknown)
    assert sent(demo, INSERT.path) == 1


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "gzip"])
async def test_a_refusal_counts_even_if_its_body_can_not_be_read(
    client: Client, demo: Demo, encoding: str
) -> None:
    demo.script(INSERT.path, encoded(b"\x8bodd", encoding, 400))
    assert isinstance(await failure(client, INSERT), ApiRefused)


@cache
def bomb_of(times: int) -> bytes:
    return zipped(bytes(10 * ROOM), times)


@pytest.mark.parametrize(("times", "encoding"), [(1, "gzip"), (2, "gzip, gzip")])
async def test_what_unpacks_to_more_than_may_be_takes_no_more_memory(
    open_client: OpenClient, demo: Demo, times: int, encoding: str
) -> None:
    bomb = bomb_of(times)
    client = open_client(body_limit=2 << 20)
    await client.ask(LIST)
    tracemalloc.start()
    try:
        demo.script(LIST.path, encoded(bomb, encoding))
        assert isinstance(await failure(client), ApiFormatError)
        demo.script(LIST.path, *[encoded(bomb, encoding, 401)] * 2)  # signs in anew, and asks once more
        assert isinstance(await failure(client), NotSignedIn)
        demo.script(TOKEN_PATH, encoded(bomb, encoding))
        with pytest.raises(ApiFormatError):
            await Provider(demo.url).grant(grant_type="password")
        demo.script(LIST.path, encoded(bomb, encoding, 400))
        assert isinstance((await probe_instance(Settings(demo.url))).error, ApiRefused)
        assert tracemalloc.get_traced_memory()[1] < ROOM
    finally:
        tracemalloc.stop()


async def test_the_sign_in_reads_a_grant_of_usual_size_only(demo: Demo) -> None:
    fits = b'{"access_token":"%s"}'
    demo.script(TOKEN_PATH, Scripted(body=fits % (b"t" * 5000)), Scripted(body=fits % (b"t" * 1_100_000)))
    assert isinstance(await Provider(demo.url).grant(grant_type="password"), Grant)
    with pytest.raises(ApiFormatError, match="larger than 1 MB"):
        await Provider(demo.url).grant(grant_type="password")


async def test_a_write_that_can_not_have_left_has_failed_and_is_not_unknown(
    open_client: OpenClient, demo: Demo
) -> None:
    nowhere = Network(proxy=Secret(f"http://{'a' * 70}.example:8080"))  # no host can have such a name
    client = open_client("http://wallaroo.example", auth=None, network=nowhere)
    assert isinstance(await failure(client, INSERT), ConnectionFailed)


async def test_a_write_that_waits_for_a_sign_in_has_not_left(
    open_client: OpenClient, held: HeldServer
) -> None:
    client = open_client(held.url, timeout=0.5, connect_timeout=1)
    error = await failure(client, INSERT)
    assert isinstance(error, TimedOut)  # and not OutcomeUnknown
    async with limit(lambda: "a knock"):
        await held.knocked.wait()
    assert held.knocks == 1  # for a token
    held.opened.set()  # the sign-in goes on, and the client waits for it at its end
