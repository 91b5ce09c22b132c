"""The server itself: scripted answers, bad days, plain HTTP, and its life."""

import asyncio
import gc
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import httpx
import pytest

from tests.support.waiting import LIMIT, within
from wltui.demo import Demo, Scripted

from .conftest import Client, Start


def talk(demo: Demo, sent: bytes) -> bytes:
    """What comes back until the server closes."""
    host, _, port = demo.url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=LIMIT) as link:
        link.sendall(sent)
        link.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: link.recv(65536), b""))


def test_requests_are_remembered_in_order(start: Start) -> None:
    demo, client = start()
    client.post("models/get", id=15)
    client.http.get("/elsewhere?x=1")
    signing_in, get, elsewhere = demo.requests
    assert signing_in.path == "/auth/realms/master/protocol/openid-connect/token"
    assert (get.method, get.path, get.body) == ("POST", "models/get", b'{"id":15}')
    assert get.headers["content-type"] == "application/json"
    assert (elsewhere.method, elsewhere.path) == ("GET", "/elsewhere?x=1")


def test_large_bodies_are_remembered_in_part_and_not_for_ever(start: Start) -> None:
    demo, client = start()
    body = bytes(1_200_000)
    for _ in range(80):
        assert client.http.post("/v1/api/models/upload_and_convert", content=body).is_error
    assert len(demo.requests) < 80
    assert len(demo.requests[-1].body) < len(body)
    assert sum(len(request.body) for request in demo.requests) < 70_000_000


def test_scripted_answers_come_one_each_and_in_order(start: Start) -> None:
    demo, client = start()
    demo.script("models/get", Scripted(503, b"busy", {"retry-after": "7"}), Scripted(200, b"{}"))
    first, second, third = (client.post("models/get", id=15) for _ in range(3))
    assert (first.status_code, first.content, first.headers["retry-after"]) == (503, b"busy", "7")
    assert second.json() == {}
    assert third.json()["id"] == 15


def test_a_scripted_answer_waits_for_the_request_that_it_is_for(start: Start) -> None:
    demo, client = start()
    demo.script("models/get", Scripted(500, asked={"id": 16}), Scripted(503, asked={"id": 15}), Scripted(502))
    assert [client.post("models/get", id=number).status_code for number in (15, 15, 16, 16)] == [
        503,
        502,
        500,
        200,
    ]


def test_a_script_is_for_its_path_alone(start: Start) -> None:
    demo, client = start()
    demo.script("models/get_by_id", Scripted(500))
    assert client.post("models/get", id=15).status_code == 200


def test_a_dropped_answer_is_a_reset_and_nothing_was_done(start: Start) -> None:
    demo, client = start()
    demo.script("models/insert_model_config", Scripted(drop=True))
    with pytest.raises(httpx.ReadError):
        client.post("models/insert_model_config", model_version_id=15)
    assert client.ask("models/get_config_by_id", model_id=15)["model_config"]["id"] == 25


@pytest.mark.parametrize(
    "lost", [Scripted(drop=True, processed=True), Scripted(502, b"<html>", processed=True)]
)
def test_a_processed_write_has_happened_although_its_answer_is_lost(start: Start, lost: Scripted) -> None:
    demo, client = start()
    demo.script("models/insert_model_config", lost)
    try:
        assert client.post("models/insert_model_config", model_version_id=15).status_code == 502
    except httpx.ReadError:
        pass
    assert client.ask("models/get_config_by_id", model_id=15)["model_config"]["id"] > 25


def test_a_processed_answer_that_is_only_late_is_the_real_one(start: Start) -> None:
    demo, client = start()
    demo.script("models/get", Scripted(processed=True, delay=0.05))
    before = time.monotonic()
    assert client.ask("models/get", id=15)["id"] == 15
    assert time.monotonic() - before >= 0.05


def test_raw_bytes_are_written_as_they_are(start: Start) -> None:
    demo, client = start()
    demo.script("models/get", Scripted(raw=b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"))
    with pytest.raises(httpx.RemoteProtocolError, match="received 1 bytes, expected 9"):
        client.post("models/get", id=15)


def test_every_answer_waits_for_the_latency(start: Start) -> None:
    _, client = start(latency_ms=40)
    before = time.monotonic()
    client.post("models/get", id=15)
    assert time.monotonic() - before >= 0.04


def outcomes(client: Client, count: int) -> Iterator[object]:
    for _ in range(count):
        try:
            yield client.post("models/get", id=15).status_code
        except httpx.TransportError as error:
            yield type(error)


def test_bad_days_fail_in_several_ways_and_the_same_way_every_time(start: Start) -> None:
    first, second = (list(outcomes(start(failures=0.5, seed=3)[1], 80)) for _ in range(2))
    assert first == second
    assert set(first) == {200, 502, 503, httpx.ReadError}
    assert 20 < sum(outcome != 200 for outcome in first) < 60


def test_worst_days_fail_always_but_signing_in(start: Start) -> None:
    assert 200 not in outcomes(start(failures=1)[1], 20)


def test_chunked_bodies_are_read(start: Start) -> None:
    _, client = start()
    sent = client.http.post("/v1/api/models/get", content=iter([b'{"id"', b":15}"]))
    assert sent.json()["id"] == 15


def test_a_client_may_ask_before_it_sends_its_body(start: Start) -> None:
    demo, client = start()
    head = (
        "POST /v1/api/models/get HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 9\r\n"
        f"connection: close\r\nauthorization: {client.http.headers['authorization']}\r\n\r\n"
    )
    host, _, port = demo.url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=LIMIT) as link:
        link.sendall(head.encode())
        assert link.recv(65536).startswith(b"HTTP/1.1 100 ")
        link.sendall(b'{"id":15}')
        assert link.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_several_requests_may_come_at_once(start: Start) -> None:
    demo, _ = start()
    answers = talk(demo, b"GET /v1/api/config HTTP/1.1\r\nhost: x\r\n\r\n" * 3)
    assert answers.count(b'{"default_arch":"x86"}') == 3


def test_nonsense_is_a_bad_request_and_the_server_lives_on(start: Start) -> None:
    demo, client = start()
    assert talk(demo, b"\x16\x03\x01 nonsense\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    cut_short = b"POST /v1/api/models/get HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{"
    assert talk(demo, cut_short).startswith(b"HTTP/1.1 400 ")
    assert client.post("models/get", id=15).status_code == 200


def test_a_head_request_has_no_body(start: Start) -> None:
    demo, _ = start()
    answer = talk(demo, b"HEAD /v1/api/config HTTP/1.1\r\nhost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert answer.endswith(b"\r\n\r\n")


def test_it_stops_at_once_with_connections_open_and_answers_pending(start: Start) -> None:
    demo, client = start()
    demo.script("models/get", Scripted(delay=600))
    failures = []

    def ask() -> None:
        with pytest.raises(httpx.TransportError) as failure:
            client.post("models/get", id=15)
        failures.append(failure)

    waiting = threading.Thread(target=ask)
    waiting.start()
    while len(demo.requests) < 2:
        waiting.join(0.001)
    with within(1):
        demo.stop()
    waiting.join(LIMIT)
    assert failures


def test_who_has_just_connected_when_it_stops_is_cut_off() -> None:
    for _ in range(20):
        demo = Demo(seed=1).start()
        host, _, port = demo.url.removeprefix("http://").partition(":")
        clients = [socket.create_connection((host, int(port)), timeout=LIMIT) for _ in range(3)]
        demo.stop()
        for client in clients:
            with client, suppress(ConnectionResetError):
                assert client.recv(1) == b""
    gc.collect()  # what nobody has closed is told now


@pytest.mark.parametrize("stop", [Demo.stop, Demo.refuse])
def test_it_can_be_started_again_where_it_was_with_what_it_had(
    start: Start, stop: Callable[[Demo], object]
) -> None:
    demo, client = start()
    new = client.ask("models/insert_model_config", model_version_id=15)["model_config"]["id"]
    url = demo.url
    stop(demo)
    with pytest.raises(httpx.TransportError):
        client.post("models/get", id=15)
    demo.start()
    assert demo.url == url
    assert client.ask("models/get_config_by_id", model_id=15)["model_config"]["id"] == new


def test_stopping_twice_or_before_the_start_is_no_error() -> None:
    demo = Demo()
    demo.stop()
    with demo:
        pass
    demo.stop()


def test_a_taken_address_is_an_oserror(start: Start) -> None:
    demo, _ = start()
    with pytest.raises(OSError, match="in use"):
        Demo(port=int(demo.url.rpartition(":")[2])).bind()


async def test_it_serves_in_the_callers_loop_until_cancelled() -> None:
    demo = Demo(models=3)
    url = demo.bind()
    serving = asyncio.create_task(demo.serve_forever())
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        assert (await client.get("/v1/api/config")).status_code == 200
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        with pytest.raises(httpx.TransportError):
            await client.get("/v1/api/config")


def test_importing_it_brings_neither_screens_nor_clients_nor_arrow() -> None:
    code = "import sys, wltui.demo; print({'textual', 'httpx', 'pyarrow'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
