"""The client against the embedded Wallaroo: every endpoint, and every kind of no."""

import asyncio
import gzip
import traceback
from contextlib import suppress

import msgspec
import pytest

from tests.api.conftest import OpenClient, sent
from tests.support.servers import serving
from tests.support.waiting import SHORT, limit, until
from wltui.api import calls
from wltui.api.auth import StaticToken
from wltui.api.client import Client
from wltui.api.recording import recording
from wltui.core.errors import (
    ApiFormatError,
    ApiRefused,
    Forbidden,
    NoSuchEndpoint,
    NotFound,
    NotSignedIn,
    OutcomeUnknown,
    ReadOnlyMode,
    ServiceError,
    TimedOut,
    UsageError,
    WltuiError,
)
from wltui.core.records import UNSET, ModelId, VersionId, WorkspaceId
from wltui.core.settings import Secret
from wltui.demo import Demo, Scripted

LIST = calls.list_workspaces()
INSERT = calls.insert_config({"model_version_id": 16, "tensor_fields": ["a"], "filter_threshold": 0.0})


async def failure(client: Client, call: calls.Call[object] = LIST) -> WltuiError:
    with pytest.raises(WltuiError) as caught:
        await client.ask(call)
    return caught.value


async def test_every_read_is_answered(client: Client) -> None:
    workspaces = await client.ask(calls.list_workspaces())
    assert 10 in [workspace.id for workspace in workspaces]
    models = await client.ask(calls.list_models(WorkspaceId(10)))
    assert [model.id for model in models] == [15, 14]
    assert [version.id for version in models[0].versions or ()] == [19, 18, 17, 16, 15]
    model = models[0]
    versions = await client.ask(calls.list_versions(ModelId(15), model.name))
    assert [version.id for version in versions] == [19, 18, 17, 16, 15]
    version = await client.ask(calls.get_version(VersionId(16)))
    assert (version.id, version.status, version.model_name) == (16, "ready", model.name)
    config = await client.ask(calls.get_config(VersionId(16)))
    assert config
    assert (config.version_id, config.input_schema) == (16, UNSET)
    assert isinstance(await client.ask(calls.upload_logs(VersionId(15), lines=3)), tuple)


async def test_an_insert_makes_a_new_row_that_is_read_back(client: Client) -> None:
    before = await client.ask(calls.get_config(VersionId(16)))
    inserted = await client.ask(INSERT)
    after = await client.ask(calls.get_config(VersionId(16)))
    assert before
    assert after
    assert before.id < inserted.id == after.id
    assert (after.tensor_fields, after.filter_threshold) == (("a",), 0.0)


async def test_requests_are_json_posts_of_this_program(client: Client, demo: Demo) -> None:
    await client.ask(calls.list_models(WorkspaceId(10)))
    request = demo.requests[-1]
    assert (request.method, request.path) == ("POST", "models/list")
    assert msgspec.json.decode(request.body) == {"workspace_id": 10}
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"].startswith("wltui/")


async def test_an_open_page_is_read_without_a_token_and_without_a_body(client: Client, demo: Demo) -> None:
    assert await client.ask(calls.default_arch()) == "x86"
    (request,) = demo.requests  # nobody signed in for it
    assert (request.method, request.path, request.body) == ("GET", "config", b"")
    assert "authorization" not in request.headers
    assert calls.default_arch().decode(b'{"default_arch":7}') is None


async def test_an_older_server_gets_the_flat_list_and_the_missing_call(open_client: OpenClient) -> None:
    with Demo(seed=1, api="2023.4") as old:
        client = open_client(old.url)
        models = await client.ask(calls.list_models(WorkspaceId(10)))
        assert [(model.id, model.versions) for model in models] == [(15, None), (14, None)]
        assert isinstance(await failure(client, calls.get_version(VersionId(16))), NoSuchEndpoint)
        assert sent(old, "models/get_model_version_by_id") == 1


async def test_a_call_under_another_path_is_found(client: Client, demo: Demo) -> None:
    demo.script("models/get_version_by_id", Scripted(404, b"Not Found"))
    assert (await client.ask(calls.get_version(VersionId(16)))).id == 16
    assert sent(demo, "models/get_model_version_by_id") == 1


async def test_trap_10_not_found_is_400(client: Client) -> None:
    error = await failure(client, calls.get_version(VersionId(987_654)))
    assert isinstance(error, NotFound)
    assert error.why == "The provided model version id was not found."


@pytest.mark.parametrize(
    ("body", "why"),
    [(b"Jwt is expired", "the server requires a valid token"), (b'{"msg":"Too old"}', "Too old")],
)
async def test_a_token_that_is_refused_is_told_from_none(
    open_client: OpenClient, demo: Demo, body: bytes, why: str
) -> None:
    client = open_client(auth=StaticToken(Secret("t0ken-of-somebody")))
    demo.script("workspaces/list", Scripted(401, body))
    error = await failure(client)
    assert isinstance(error, NotSignedIn)
    assert error.why == why


@pytest.mark.parametrize(
    ("status", "body", "kind", "why"),
    [
        (400, b'{"msg":"Bad request: no.","code":400}', ApiRefused, "Bad request: no."),
        (500, b'{"msg":"unknown error.","code":500}', ApiRefused, "unknown error."),
        (500, b'{"code":500,"status":"e","error":"engine is out","source":"plateau"}', ApiRefused, "engine is out"),
        (500, b"panicked at line 3", ApiRefused, "panicked at line 3"),
        (500, b'{"msg":"' + b"x" * 5000 + b'"}', ApiRefused, "x" * 199 + "\u2026"),
        (415, b"", ApiRefused, "415 Unsupported Media Type"),
        (599, b"", ApiRefused, "status 599"),
        (401, b"Jwt is missing", NotSignedIn, "you are not signed in yet"),
        (403, b"RBAC: access denied", Forbidden, "RBAC: access denied"),
        (404, b'{"msg":"Not Found","code":404}', NoSuchEndpoint, "the server has no workspaces/list (Not Found)"),
        (404, b"<h1>nginx</h1>", NoSuchEndpoint, "the server has no workspaces/list (nginx)"),
        (200, b"<script>let a</script><h1>Welcome</h1>", ApiFormatError, "it begins: Welcome"),
        (200, b'{"workspaces":[{', ApiFormatError, "is not complete JSON"),
        (200, b'{"models":[]}', ApiFormatError, "required field `workspaces`"),
        (200, b"", ApiFormatError, "it is empty"),
        (204, b"", ApiFormatError, "it is empty"),
    ],
)  # fmt: skip
async def test_trap_10_every_no_says_why(
    open_client: OpenClient, demo: Demo, *, status: int, body: bytes, kind: type[ServiceError], why: str
) -> None:
    client = open_client(auth=None)
    demo.script("workspaces/list", Scripted(status, body))
    error = await failure(client)
    assert type(error) is kind
    assert isinstance(error, ServiceError)
    assert why in error.why
    assert error.what == "The list of workspaces could not be read"
    assert error.endpoint == "workspaces/list"
    assert len(error.why) < 500


async def test_a_redirect_says_where_it_led_and_is_not_followed(client: Client, demo: Demo) -> None:
    demo.script("workspaces/list", Scripted(302, headers={"location": f"{demo.url}/login?session=1"}))
    error = await failure(client)
    assert isinstance(error, ApiRefused)
    assert f"{demo.url}/login" in error.why
    assert "session" not in str(error)
    assert sent(demo, "/login?session=1") == 0


async def test_trap_26_an_answer_beyond_the_limit_is_cut_off(open_client: OpenClient, demo: Demo) -> None:
    client = open_client(body_limit=1_000_000)
    demo.script("workspaces/list", Scripted(body=b" " * 1_000_001))
    error = await failure(client)
    assert isinstance(error, ApiFormatError)
    assert "larger than 1 MB" in error.why
    bomb = gzip.compress(b" " * 5_000_000)
    demo.script("workspaces/list", Scripted(body=bomb, headers={"content-encoding": "gzip"}))
    assert "larger than 1 MB" in (await failure(client)).why
    demo.script("models/insert_model_config", Scripted(body=bomb, headers={"content-encoding": "gzip"}))
    assert isinstance(await failure(client, INSERT), OutcomeUnknown)


async def test_damaged_compression_is_another_format(client: Client, demo: Demo) -> None:
    demo.script("workspaces/list", Scripted(body=b"no gzip", headers={"content-encoding": "gzip"}))
    assert isinstance(await failure(client), ApiFormatError)


async def test_a_slow_answer_times_out_and_is_not_asked_again(open_client: OpenClient, demo: Demo) -> None:
    client = open_client(auth=None, timeout=SHORT)
    demo.script("workspaces/list", Scripted(delay=3_600))
    assert isinstance(await failure(client), TimedOut)
    await asyncio.to_thread(until, lambda: sent(demo, "workspaces/list"))
    assert sent(demo, "workspaces/list") == 1


async def test_an_answer_that_trickles_in_for_ever_ends(open_client: OpenClient) -> None:
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
        while not reader.at_eof():
            writer.write(b" ")
            with suppress(TimeoutError):
                await asyncio.wait_for(reader.read(), 0.02)
        writer.close()

    async with serving(trickle) as port:
        client = open_client(f"http://127.0.0.1:{port}", auth=None, timeout=1, connect_timeout=1)
        async with limit(lambda: "the end of a trickle"):
            error = await failure(client)
        assert isinstance(error, TimedOut)
        assert "did not finish" in error.why
        await client.aclose()


async def test_an_answer_without_an_end_is_not_read_for_ever(open_client: OpenClient) -> None:
    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        with suppress(ConnectionError):
            while True:
                writer.write(b" " * 65_536)
                await writer.drain()

    async with serving(pour) as port:
        client = open_client(f"http://127.0.0.1:{port}", auth=None, body_limit=1_000_000)
        async with limit(lambda: "the end of a flood"):
            assert "larger than 1 MB" in (await failure(client)).why
        await client.aclose()


async def test_a_read_only_client_sends_no_write(open_client: OpenClient, demo: Demo) -> None:
    client = open_client(read_only=True)
    assert isinstance(await failure(client, INSERT), ReadOnlyMode)
    assert demo.requests == []
    assert await client.ask(LIST)


@pytest.mark.parametrize("endpoint", ["http://a..b", f"http://{'a' * 64}.example", "http://[::1"])
def test_an_impossible_endpoint_is_the_users_mistake(endpoint: str) -> None:
    with pytest.raises(UsageError):
        Client(endpoint, None, timeout=1)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, b'{"msg":"bad token Bearer sesame-open-1234","code":401}'),
        (500, b"GET / authorization: Bearer sesame-open-1234"),
        (400, b'{"msg":"Authorization: bearer  sesame-open-1234 is odd","code":400}'),
        (503, b"<pre>Bearer sesame-open-1234</pre>"),
        (200, b"<pre>Bearer sesame-open-1234</pre>"),
    ],
)
@pytest.mark.parametrize("drop", [False, True])
async def test_trap_18_no_error_shows_the_token(
    open_client: OpenClient, demo: Demo, status: int, body: bytes, drop: bool
) -> None:
    client = open_client(auth=StaticToken(Secret("sesame-open-1234")))
    scripted = Scripted(status, body, drop=drop)
    demo.script("models/insert_model_config", scripted)
    demo.script("workspaces/list", *[scripted] * 3)
    for call in (LIST, INSERT):
        error = await failure(client, call)
        told = "".join((str(error), repr(error), *traceback.format_exception(error)))
        assert "sesame" not in told
    assert demo.requests[-1].headers["authorization"] == "Bearer sesame-open-1234"


async def test_calls_are_recorded_to_be_shown_and_writes_then_not_sent(
    open_client: OpenClient, demo: Demo
) -> None:
    client = open_client()
    with recording() as calls_made:
        await client.ask(LIST)
        await client.ask(LIST)
        with pytest.raises(ReadOnlyMode):
            await client.ask(INSERT)
    await client.ask(LIST)
    assert calls_made == [LIST, INSERT]
    assert sent(demo, "models/insert_model_config") == 0
    assert sent(demo, "workspaces/list") == 3
