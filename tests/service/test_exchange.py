"""The gate of requests: identical reads are one, few are under way at once, and none that nobody waits for."""

import asyncio
import gc
import threading
import weakref
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.support.clock import NOW
from tests.support.servers import serving
from tests.support.services import LIST, at_once, count_requests, last, refusing, session, told
from tests.support.waiting import LIMIT, limit, reached
from wltui.api import calls
from wltui.api.calls import Call
from wltui.api.client import Client
from wltui.core.errors import ApiFormatError, ApiRefused, ConnectionFailed, NotSignedIn, UsageError
from wltui.core.records import ModelId, ModelVersion, VersionId, WorkspaceId
from wltui.core.settings import Secret, Settings
from wltui.demo import Demo
from wltui.service.exchange import Exchange
from wltui.service.open import open_service
from wltui.service.service import Service

HOME = WorkspaceId(10)


class GatedServer:
    """A server that knows no models, and lets no answer out before the test opens it."""

    def __init__(self) -> None:
        self.url, self.body = "", b'{"models":[]}'
        self.inside = self.knocks = self.gone = 0
        self._changed = asyncio.Condition()
        self._answers = asyncio.Semaphore(0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"}")
                await self._count(knocks=1, inside=1)
                answered = asyncio.create_task(self._answers.acquire())
                left = asyncio.create_task(reader.read(1))
                await asyncio.wait([answered, left], return_when=asyncio.FIRST_COMPLETED)
                if left.done() and left.result() == b"":
                    if answered.done():
                        self._answers.release()  # for somebody who is still there
                    answered.cancel()
                    await self._count(inside=-1, gone=1)
                    break
                left.cancel()
                await asyncio.wait([left])
                await self._count(inside=-1)
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(self.body), self.body))
        writer.close()

    async def _count(self, *, knocks: int = 0, inside: int = 0, gone: int = 0) -> None:
        async with self._changed:
            self.knocks += knocks
            self.inside += inside
            self.gone += gone
            self._changed.notify_all()

    def answer(self, number: int) -> None:
        """Let so many answers out, now or when they are asked for."""
        for _ in range(number):
            self._answers.release()

    async def until(self, **counts: int) -> None:
        """``until(knocks=2)``."""
        async with limit(lambda: f"{counts} at the server, which has {vars(self)}"), self._changed:
            await self._changed.wait_for(
                lambda: all(getattr(self, name) == count for name, count in counts.items())
            )


@pytest.fixture
async def server() -> AsyncIterator[GatedServer]:
    server = GatedServer()
    async with serving(server.serve) as port:
        server.url = f"http://127.0.0.1:{port}"
        yield server


@pytest.fixture
async def gate(server: GatedServer) -> AsyncIterator[Exchange]:
    exchange = Exchange(lambda: Client(server.url, None, timeout=LIMIT, wait=at_once), None, lambda: NOW)
    yield exchange
    await exchange.close()


def reading(gate: Exchange, workspace: int) -> asyncio.Task[object]:
    return asyncio.create_task(gate.live(calls.list_models(WorkspaceId(workspace))))


async def test_sixteen_requests_at_once_and_the_next_when_one_has_ended(
    server: GatedServer, gate: Exchange
) -> None:
    tasks = [reading(gate, number) for number in range(40)]
    await server.until(knocks=16)
    server.answer(1)
    await server.until(knocks=17)  # a gate that is wider would have let more in by now
    assert server.inside == 16
    server.answer(39)
    await asyncio.gather(*tasks)
    assert server.knocks == 40


async def test_identical_reads_under_way_are_one_request(server: GatedServer, gate: Exchange) -> None:
    tasks = [reading(gate, number) for number in (1, 1, 2, 1, 2)]
    await server.until(knocks=2)
    server.answer(2)
    answers = await asyncio.gather(*tasks)
    assert answers[0] == answers[1] == answers[3]
    assert server.knocks == 2


async def test_a_read_after_the_answer_is_a_request_of_its_own(server: GatedServer, gate: Exchange) -> None:
    server.answer(2)
    await reading(gate, 1)
    await reading(gate, 1)
    assert server.knocks == 2


async def test_the_same_bytes_are_the_same_object(demo: Demo, tmp_path: Path) -> None:
    async with session(demo.url, tmp_path) as service:
        (first,) = await told(service.models(HOME))
        cached, live = await told(service.models(HOME))
        assert first.value is cached.value is live.value
    async with session(demo.url, tmp_path) as service:
        cached, live = await told(service.models(HOME))
        assert cached.value is live.value
        assert cached.value == first.value


async def test_an_answer_that_nothing_holds_any_more_takes_no_memory(demo: Demo, tmp_path: Path) -> None:
    async with session(demo.url, tmp_path) as service:
        (answer,) = await told(service.workspaces())
        source = weakref.ref(answer.sources[0])
        del answer

        def is_gone() -> bool:
            gc.collect()
            return source() is None

        await reached(is_gone)


async def test_a_request_ends_when_the_last_one_who_waited_has_left(
    server: GatedServer, gate: Exchange
) -> None:
    first, second = reading(gate, 1), reading(gate, 1)
    await server.until(knocks=1)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert server.gone == 0
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    await server.until(gone=1, inside=0)


async def test_one_who_leaves_takes_no_answer_from_those_who_stay(
    server: GatedServer, gate: Exchange
) -> None:
    first, second = reading(gate, 1), reading(gate, 1)
    await server.until(knocks=1)
    first.cancel()
    server.answer(1)
    await second
    assert first.cancelled()
    assert (server.knocks, server.gone) == (1, 0)


async def test_who_comes_after_the_last_has_left_shares_a_new_request(
    server: GatedServer, gate: Exchange
) -> None:
    left = reading(gate, 1)
    await server.until(knocks=1)
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    second = reading(gate, 1)
    await server.until(gone=1, knocks=2)
    third = reading(gate, 1)
    server.answer(1)
    await asyncio.gather(second, third)
    assert server.knocks == 2


async def test_those_who_are_cancelled_free_their_places(server: GatedServer, gate: Exchange) -> None:
    tasks = [reading(gate, number) for number in range(16)]
    waiting = reading(gate, 99)
    await server.until(knocks=16)
    for task in tasks:
        task.cancel()
    await server.until(knocks=17, gone=16)
    server.answer(1)
    await waiting


async def test_a_fresh_read_does_not_take_an_answer_that_is_already_under_way(
    server: GatedServer, gate: Exchange
) -> None:
    call = calls.list_models(HOME)
    early = asyncio.create_task(gate.live(call))
    await server.until(knocks=1)
    fresh = asyncio.create_task(gate.live(call, fresh=True))
    await server.until(knocks=2)
    late = asyncio.create_task(gate.live(call))
    server.answer(2)
    await asyncio.gather(early, fresh, late)
    assert server.knocks == 2


async def test_closing_ends_what_is_under_way(server: GatedServer, gate: Exchange) -> None:
    task = reading(gate, 1)
    await server.until(knocks=1)
    await gate.close()
    await server.until(gone=1, inside=0)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_failure_reaches_everyone_who_waits_and_is_not_kept(demo: Demo) -> None:
    demo.script("workspaces/list", refusing("unknown error.", 500))
    async with session(demo.url, None) as service:
        told_both = await asyncio.gather(
            told(service.workspaces()), told(service.workspaces()), return_exceptions=True
        )
        assert [type(error) for error in told_both] == [ApiRefused, ApiRefused]
        assert count_requests(demo) == 1
        assert await last(service.workspaces())


async def test_two_screens_on_one_list_are_one_request(demo: Demo, tmp_path: Path) -> None:
    async with session(demo.url, tmp_path) as service:
        models, model = await asyncio.gather(
            last(service.models(HOME)), last(service.model(HOME, ModelId(15)))
        )
        assert model in models
        assert count_requests(demo, LIST) == 1


async def test_what_fills_in_behind_a_list_leaves_room_for_what_the_user_waits_for(
    server: GatedServer, tmp_path: Path
) -> None:
    service = Service(lambda: Client(server.url, None, timeout=LIMIT, wait=at_once), None, clock=lambda: NOW)
    behind = asyncio.create_task(told(service.summaries(map(WorkspaceId, range(30)))))
    await server.until(knocks=15)
    waited_for = asyncio.create_task(told(service.models(WorkspaceId(99))))
    await server.until(knocks=16)
    server.answer(31)
    await waited_for
    assert len(await behind) == 30
    await service.close()


async def test_leaving_a_list_that_fills_in_ends_what_is_still_read(server: GatedServer) -> None:
    service = Service(lambda: Client(server.url, None, timeout=LIMIT, wait=at_once), None, clock=lambda: NOW)
    behind = asyncio.create_task(told(service.summaries(map(WorkspaceId, range(30)))))
    await server.until(knocks=15)
    behind.cancel()
    with pytest.raises(asyncio.CancelledError):
        await behind
    await server.until(gone=15, inside=0)
    assert server.knocks == 15
    await service.close()


async def test_both_halves_of_a_detail_are_read_side_by_side_and_left_together(server: GatedServer) -> None:
    service = Service(
        lambda: Client(server.url, None, timeout=LIMIT, wait=at_once), None, graphql=False, clock=lambda: NOW
    )
    detail = asyncio.create_task(service.config_to_edit(ModelVersion(id=VersionId(16))))
    await server.until(knocks=2)
    detail.cancel()
    await server.until(gone=2, inside=0)
    await service.close()


async def test_where_one_half_of_a_detail_fails_the_other_is_given_up(server: GatedServer) -> None:
    service = Service(
        lambda: Client(server.url, None, timeout=LIMIT, wait=at_once), None, graphql=False, clock=lambda: NOW
    )
    detail = asyncio.create_task(service.config_to_edit(ModelVersion(id=VersionId(16))))
    await server.until(knocks=2)
    server.body = b"no JSON"
    server.answer(1)
    with pytest.raises(ApiFormatError):
        await detail
    await server.until(gone=1, inside=0)
    await service.close()


async def test_one_who_leaves_while_the_client_is_made_takes_it_from_nobody(server: GatedServer) -> None:
    may_connect, connecting, loop = threading.Event(), asyncio.Event(), asyncio.get_running_loop()

    def connect() -> Client:
        loop.call_soon_threadsafe(connecting.set)
        assert may_connect.wait(LIMIT)
        return Client(server.url, None, timeout=LIMIT, wait=at_once)

    gate = Exchange(connect, None, lambda: NOW)
    left, stays = reading(gate, 1), reading(gate, 2)
    async with limit(lambda: "the connection"):
        await connecting.wait()
    left.cancel()
    may_connect.set()
    server.answer(1)
    await stays
    assert (left.cancelled(), server.knocks) == (True, 1)
    await gate.close()


# --offline


def never() -> Client:
    raise AssertionError("it connects")


async def test_offline_tells_what_the_cache_knows_and_then_why_there_is_no_more(
    demo: Demo, tmp_path: Path
) -> None:
    settings = Settings(demo.url, login=("demo", Secret("demo")))
    service = open_service(settings, tmp_path, clock=lambda: NOW)
    known = await last(service.models(HOME))
    await service.close()
    before = len(demo.requests)

    service = open_service(replace(settings, offline=True), tmp_path, clock=lambda: NOW)
    stream = service.models(HOME)
    first = await anext(stream)
    assert (first.value, first.live) == (known, False)
    with pytest.raises(ConnectionFailed) as failed:
        await anext(stream)
    error = failed.value
    assert (error.why, error.endpoint) == ("--offline was asked for", LIST)
    assert error.advice == "Start wltui without --offline to read it"
    assert "could not be read" in error.what
    await service.close()
    assert len(demo.requests) == before


async def test_offline_nothing_is_saved() -> None:
    gate = Exchange(never, None, lambda: NOW, offline=True)
    with pytest.raises(ConnectionFailed, match="could not be saved: --offline was asked for"):
        await gate.write(calls.insert_config({"model_version_id": 16}))
    await gate.close()


async def test_offline_an_edit_does_not_begin() -> None:
    service = Service(never, None, offline=True, clock=lambda: NOW)
    with pytest.raises(ConnectionFailed, match="--offline was asked for"):
        await service.config_to_edit(ModelVersion(id=VersionId(16)))
    await service.close()


async def test_a_wrong_setting_is_told_to_every_read_and_closing_passes_over_it() -> None:
    def connect() -> Client:
        return Client("http://\x00", None, timeout=1)

    service = Service(connect, None, clock=lambda: NOW)
    for _ in range(2):
        with pytest.raises(UsageError):
            await told(service.workspaces())
    await service.close()


async def test_closing_before_anything_was_asked_is_nothing_special(tmp_path: Path) -> None:
    async with session("http://127.0.0.1:9", tmp_path):
        pass


class Postponed:
    """A client whose requests the test answers, by their paths."""

    def __init__(self) -> None:
        self.sent: dict[str, asyncio.Future[bytes]] = {}
        self._news = asyncio.Condition()

    async def send(self, call: Call[object]) -> bytes:
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.sent[call.path] = answer
        async with self._news:
            self._news.notify_all()
        return await answer

    async def arrived(self, count: int) -> None:
        async with limit(lambda: f"{count} requests, with {len(self.sent)} so far"), self._news:
            await self._news.wait_for(lambda: len(self.sent) == count)

    async def aclose(self) -> None: ...


async def test_an_answer_to_what_was_sent_before_a_refusal_does_not_undo_it() -> None:
    client, heard = Postponed(), list[NotSignedIn | None]()
    exchange = Exchange(lambda: client, None, lambda: NOW)  # type: ignore[arg-type,return-value]
    exchange.on_auth_change = heard.append
    early = asyncio.create_task(exchange.live(calls.list_workspaces()))
    refused = asyncio.create_task(exchange.live(calls.list_models(HOME)))
    await client.arrived(2)
    refusal = NotSignedIn("The models", "the token is expired")
    client.sent[LIST].set_exception(refusal)
    with pytest.raises(NotSignedIn):
        await refused
    client.sent.pop("workspaces/list").set_result(b'{"workspaces":[]}')
    await early
    assert heard == [refusal]
    late = asyncio.create_task(exchange.live(calls.list_workspaces()))
    await client.arrived(2)
    client.sent["workspaces/list"].set_result(b'{"workspaces":[]}')
    await late
    assert heard == [refusal, None]
    await exchange.close()
