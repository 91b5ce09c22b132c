"""What is sent again after a failure, when, and what never is."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.api.conftest import OpenClient, Pauses, sent
from tests.support.waiting import SHORT, until
from wltui.api import calls
from wltui.api.client import Client
from wltui.core.errors import ApiRefused, ConnectionFailed, OutcomeUnknown, ServiceError, WltuiError
from wltui.core.records import VersionId
from wltui.demo import Demo, Scripted

READ = calls.list_workspaces()
WRITE = calls.insert_config({"model_version_id": 16, "filter_threshold": 0.5})
NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)

GATEWAY = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
FAULTS = [
    pytest.param(Scripted(502, GATEWAY), id="502"),
    pytest.param(Scripted(503, b"no healthy upstream"), id="503"),
    pytest.param(Scripted(504, b'{"msg":"upstream timed out","code":504}'), id="504"),
    pytest.param(Scripted(drop=True), id="reset"),
    pytest.param(Scripted(raw=b""), id="closed"),
    pytest.param(Scripted(raw=b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"), id="cut off"),
    pytest.param(Scripted(raw=b"SSH-2.0-OpenSSH_9.6\r\n"), id="no HTTP"),
]
LOST = [
    *FAULTS,
    pytest.param(Scripted(500, b"<h1>Internal error of some gateway</h1>"), id="500 of a gateway"),
    pytest.param(Scripted(200, b"<h1>Hello</h1>"), id="unreadable"),
    pytest.param(Scripted(200, b'{"model_config":null}'), id="no config"),
]


async def failure(client: Client, call: calls.Call[object]) -> WltuiError:
    with pytest.raises(WltuiError) as caught:
        await client.ask(call)
    return caught.value


@pytest.mark.parametrize("fault", [*FAULTS, pytest.param(Scripted(429), id="429")])
async def test_a_read_is_repeated_twice(client: Client, demo: Demo, pauses: Pauses, fault: Scripted) -> None:
    demo.script(READ.path, fault, fault)
    assert await client.ask(READ)
    assert sent(demo, READ.path) == 3
    assert pauses == [0.3, 0.6]


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_read_that_fails_three_times_has_failed(client: Client, demo: Demo, fault: Scripted) -> None:
    demo.script(READ.path, fault, fault, fault)
    assert isinstance(await failure(client, READ), ServiceError)
    assert sent(demo, READ.path) == 3
    assert await client.ask(READ), "the client is as good as before"


@pytest.mark.parametrize("status", [400, 403, 404, 500, 501])
async def test_a_considered_no_is_not_asked_again(client: Client, demo: Demo, status: int) -> None:
    demo.script(READ.path, Scripted(status, b'{"msg":"no","code":1}'))
    await failure(client, READ)
    assert sent(demo, READ.path) == 1


@pytest.mark.parametrize("fault", LOST)
async def test_a_write_whose_answer_is_lost_is_never_sent_twice(
    client: Client, demo: Demo, pauses: Pauses, fault: Scripted
) -> None:
    demo.script(WRITE.path, fault)
    error = await failure(client, WRITE)
    assert isinstance(error, OutcomeUnknown)
    assert error.why
    assert sent(demo, WRITE.path) == 1
    assert pauses == []


async def test_a_write_may_have_happened_although_its_answer_is_lost(client: Client, demo: Demo) -> None:
    before = await client.ask(calls.get_config(VersionId(16)))
    demo.script(WRITE.path, Scripted(processed=True, drop=True))
    assert isinstance(await failure(client, WRITE), OutcomeUnknown)
    after = await client.ask(calls.get_config(VersionId(16)))
    assert before
    assert after
    assert after.id > before.id


async def test_a_write_that_is_answered_late_is_not_sent_twice(open_client: OpenClient, demo: Demo) -> None:
    client = open_client(auth=None, timeout=SHORT)
    demo.script(WRITE.path, Scripted(delay=3_600))
    assert isinstance(await failure(client, WRITE), OutcomeUnknown)
    await asyncio.to_thread(until, lambda: sent(demo, WRITE.path))
    assert sent(demo, WRITE.path) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        Scripted(429, b'{"msg":"slow down","code":429}'),
        Scripted(400, b'{"msg":"Bad request","code":400}'),
    ],
)
async def test_a_write_that_is_refused_is_known_not_to_have_happened(
    client: Client, demo: Demo, refusal: Scripted
) -> None:
    demo.script(WRITE.path, refusal)
    error = await failure(client, WRITE)
    assert isinstance(error, ApiRefused)
    assert error.what == "The config of version 16 could not be saved"
    assert sent(demo, WRITE.path) == 1


async def test_a_write_may_have_happened_before_the_api_itself_failed(client: Client, demo: Demo) -> None:
    demo.script(WRITE.path, Scripted(500, b'{"msg":"Foreign key violation","code":500}'))
    error = await failure(client, WRITE)
    assert isinstance(error, OutcomeUnknown)
    assert isinstance(error.refusal, ApiRefused)
    assert sent(demo, WRITE.path) == 1


async def test_nobody_there(open_client: OpenClient, pauses: Pauses) -> None:
    with Demo(seed=1) as gone:
        client = open_client(gone.url)
    error = await failure(client, READ)
    assert isinstance(error, ConnectionFailed)
    assert "refused the connection" in error.why
    assert len(pauses) == 2
    assert isinstance(await failure(client, WRITE), ConnectionFailed), (
        "a write that was not sent has not happened"
    )
    assert len(pauses) == 2


async def test_a_server_that_comes_back_is_reached_by_a_repeat(open_client: OpenClient) -> None:
    server = Demo(seed=1).start()
    client = open_client(server.url)
    server.refuse()

    async def back(_: float) -> None:
        server.start()

    client = open_client(server.url, wait=back)
    assert await client.ask(READ)
    server.stop()


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("7", 7.0),
        ("0", 0.3),
        ("Mon, 02 Mar 2026 14:30:09 GMT", 9.0),
        ("Mon, 02 Mar 2026 14:29:00 GMT", 0.3),
        ("soon", 0.3),
        ("-5", 0.3),
    ],
)
async def test_retry_after_is_honoured(
    open_client: OpenClient, demo: Demo, pauses: Pauses, asked: str, waited: float
) -> None:
    demo.script(READ.path, Scripted(503, headers={"retry-after": asked}))
    assert await open_client(clock=lambda: NOW).ask(READ)
    assert pauses == [waited]


@pytest.mark.parametrize(
    "asked", ["3600", format(NOW + timedelta(hours=1), "%a, %d %b %Y %H:%M:%S GMT"), "9" * 5000]
)
async def test_a_server_that_wants_long_peace_gets_it(
    open_client: OpenClient, demo: Demo, pauses: Pauses, asked: str
) -> None:
    demo.script(READ.path, Scripted(429, headers={"retry-after": asked}))
    error = await failure(open_client(clock=lambda: NOW), READ)
    assert isinstance(error, ApiRefused)
    assert " s, as the server asks" in error.advice
    assert pauses == []
    assert sent(demo, READ.path) == 1
