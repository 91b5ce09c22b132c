"""What is recorded of a save, and what another look tells where its outcome was not known."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.service.test_saving import PAGE, ROW, begin, begin_again, save
from tests.support.clock import NOW
from tests.support.configs import NULLS
from tests.support.services import (
    CONFIG,
    INSERT,
    Clock,
    ManualServer,
    at_once,
    configure,
    count_requests,
    last,
    open_manual_server,
    over_rest,
    refusing,
    saying,
    sent,
    session,
)
from tests.support.waiting import LIMIT, SHORT, reached
from wltui.api.client import Client
from wltui.config.edit import ConfigEdit
from wltui.core.errors import ApiRefused, Forbidden, HistoryUnwritable, OutcomeUnknown, ReadOnlyMode
from wltui.core.records import ConfigId, ModelConfig, Outcome
from wltui.demo import Demo, Scripted
from wltui.service.exchange import Exchange
from wltui.service.save_outcome import TOO_LATE
from wltui.service.saving import save as send
from wltui.store.save_history import History, SaveRecord


@pytest.fixture
async def server() -> AsyncIterator[ManualServer]:
    async with open_manual_server() as server:
        yield server


# What another look tells.


@pytest.mark.parametrize(
    ("values", "outcome", "unread"),
    [
        ({"batch_config": "single"}, Outcome.UNKNOWN, ("Batch config",)),
        ({"batch_config": "single", "tensor_fields": ("a",)}, Outcome.UNKNOWN, ("Batch config",)),
        ({"tensor_fields": ("a",)}, Outcome.SAVED, ()),
    ],
)
async def test_a_row_is_taken_for_ours_only_if_it_holds_everything_that_we_changed(
    demo: Demo, values: dict[str, Any], outcome: Outcome, unread: tuple[str, ...]
) -> None:
    demo.script(INSERT, Scripted(processed=True, drop=True))
    async with session(demo.url, None) as service:
        saved = await save(service, **values)
    assert (saved.outcome, saved.unread) == (outcome, unread)


async def test_a_save_that_the_server_was_in_the_middle_of_is_found_a_moment_later(demo: Demo) -> None:
    waited: list[float] = []

    async def carried_out(seconds: float) -> None:
        waited.append(seconds)
        configure(demo, 16, tensor_fields=["a"])

    demo.script(INSERT, Scripted(drop=True))
    async with session(demo.url, None, wait=carried_out) as service:
        saved = await save(service, tensor_fields=("a",))
    assert (saved.outcome, len(waited)) == (Outcome.SAVED, 1)
    assert len(sent(demo)) == 1


async def test_a_save_that_was_under_way_is_found_by_looking_again(demo: Demo, tmp_path: Path) -> None:
    demo.script(INSERT, Scripted(delay=30))
    async with session(demo.url, tmp_path, patience=SHORT) as service:
        saved = await save(service, tensor_fields=("a",))
        assert (await service.look_again(saved)).outcome is Outcome.UNKNOWN
        assert await begin_again(service, None)
        late = configure(demo, 16, tensor_fields=["a"])
        again = await service.look_again(saved)
        assert await service.look_again(again) is again
        assert await begin_again(service, None) is None
        (entry,) = service.history.entries(ROW.id)
    assert again.config
    assert (again.outcome, again.config.id, again.sent) == (Outcome.SAVED, late, None)
    assert isinstance(again.reason, OutcomeUnknown)
    assert entry.config
    assert (entry.outcome, entry.config.id) == (Outcome.SAVED, late)
    assert len(sent(demo)) == 1


async def test_a_save_that_was_under_way_did_not_take_once_it_is_too_late_for_it(
    demo: Demo, tmp_path: Path
) -> None:
    clock = Clock()
    demo.script(INSERT, Scripted(delay=30))
    async with session(demo.url, tmp_path, clock=clock, patience=SHORT) as service:
        saved = await save(service)
        clock.advance(TOO_LATE.total_seconds())
        assert (await service.look_again(saved)).outcome is Outcome.UNKNOWN
        clock.advance(seconds=1)
        assert (await service.look_again(saved)).outcome is Outcome.NOT_SAVED
        assert [entry.outcome for entry in service.history.entries(ROW.id)] == [Outcome.NOT_SAVED]
        assert await begin_again(service, None) is None


async def test_a_look_that_fails_leaves_it_open(demo: Demo) -> None:
    demo.script(INSERT, Scripted(delay=30))
    async with session(demo.url, None, patience=SHORT) as service:
        saved = await save(service)
        demo.script(CONFIG, *[Scripted(drop=True)] * 3)
        again = await service.look_again(saved)
        assert (again.outcome, again.reason, again.sent) == (Outcome.UNKNOWN, saved.reason, saved.sent)
        assert await begin_again(service, None)


@pytest.mark.parametrize("processed", [True, False])
async def test_a_session_that_was_ended_over_a_save_leaves_it_to_the_next(
    demo: Demo, tmp_path: Path, processed: bool
) -> None:
    clock = Clock()
    demo.script(INSERT, Scripted(processed=processed, delay=30))
    async with session(demo.url, tmp_path, clock=clock) as service:
        edit = (await begin(service)).with_value("tensor_fields", ("a",))
        saving = asyncio.create_task(service.save_config(ROW, edit))
        await reached(lambda: count_requests(demo, INSERT))
        saving.cancel()
        await asyncio.gather(saving, return_exceptions=True)
    clock.advance(hours=25)  # nobody knows when it was given up
    async with session(demo.url, tmp_path, clock=clock) as service:
        (begun,) = service.history.entries(ROW.id)
        assert (begun.outcome, begun.request) == (None, edit.request())
        settled = await begin_again(service, edit)
        assert settled
        assert settled.is_draft
        (ended,) = service.history.entries(ROW.id)
    assert settled.saved.outcome is ended.outcome is (Outcome.SAVED if processed else Outcome.NOT_SAVED)
    assert len(sent(demo)) == 1


async def test_a_save_whose_fate_nobody_can_tell_any_more_is_not_asked_about_for_ever(
    demo: Demo, tmp_path: Path
) -> None:
    clock = Clock()
    demo.script(INSERT, Scripted(drop=True))
    async with session(demo.url, tmp_path, clock=clock) as service:
        edit = (await begin(service)).with_value("tensor_fields", ("ours",))
        theirs = {"id": 5000, "runtime": "flight", "tensor_fields": ["theirs"], "filter_threshold": None}
        answer = saying({"model_config": theirs})
        demo.script(CONFIG, Scripted(processed=True), answer, answer, answer)
        await service.save_config(ROW, edit)
        settled = await begin_again(service, edit)
        assert settled
        assert settled.saved.outcome is Outcome.UNKNOWN
        clock.advance(hours=1)
        assert await begin_again(service, None) is None


async def test_a_later_save_that_took_closes_what_was_open_before(demo: Demo) -> None:
    demo.script(INSERT, Scripted(delay=30))
    async with session(demo.url, None, patience=SHORT) as service:
        await save(service)
        assert await begin_again(service, None)
        assert (await save(service, tensor_fields=("b",))).outcome is Outcome.SAVED
        assert await begin_again(service, None) is None


# What the history says.


async def test_a_save_is_on_disk_before_it_is_sent_and_again_when_it_is_known(
    server: ManualServer, tmp_path: Path
) -> None:
    base = ModelConfig(id=ConfigId(1), **NULLS)
    edit = ConfigEdit(ROW.id, base).with_value("tensor_fields", ("ours",))
    row = {"id": 2, "runtime": "onnx", "tensor_fields": ["ours"], "filter_threshold": None}
    exchange = Exchange(lambda: Client(server.url, None, timeout=LIMIT, wait=at_once), None, lambda: NOW)
    history = History(tmp_path, "demo", lambda: NOW)

    def recorded() -> SaveRecord:
        (entry,) = History(tmp_path, "demo", lambda: NOW).entries(ROW.id)
        return entry

    saving = asyncio.create_task(send(over_rest(exchange, history), ROW, edit, user="jane"))
    (await server.next(CONFIG))({"model_config": {"id": 1}})
    answer = await server.next(INSERT)
    begun = recorded()
    answer({"model_config": row})
    read_back = await server.next(CONFIG)
    answered = recorded()
    read_back({"model_config": row | {"filter_threshold": 0.5}})
    await saving
    await exchange.close()

    assert (begun.outcome, begun.user, begun.base, begun.request) == (None, "jane", base, edit.request())
    assert (answered.outcome, answered.differences) == (Outcome.SAVED, "")
    ended = recorded()
    assert (ended.id, ended.outcome, ended.config) == (begun.id, Outcome.SAVED, history.row(ConfigId(2)))
    assert ended.differences == "Filter threshold: sent none, it has 0.5"


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        (refusing("Foreign key violation", 500), Outcome.REFUSED, "Foreign key"),
        (refusing("not yours", 403), Outcome.REFUSED, "not yours"),
        (Scripted(drop=True), Outcome.UNKNOWN, "was lost"),
        (Scripted(502, PAGE), Outcome.UNKNOWN, "Bad Gateway"),
        (Scripted(processed=True, drop=True), Outcome.SAVED, "was lost"),
        (Scripted(delay=30), Outcome.UNKNOWN, "too long to answer"),
    ],
)
async def test_the_history_says_how_a_save_ended(
    demo: Demo, tmp_path: Path, answer: Scripted, outcome: Outcome | None, reason: str
) -> None:
    demo.script(INSERT, answer)
    async with session(demo.url, tmp_path, patience=SHORT) as service:
        with suppress(ApiRefused, Forbidden):
            await save(service)
        (entry,) = service.history.entries(ROW.id)
    assert entry.outcome is outcome
    assert reason in entry.reason
    assert entry.user == "demo"


async def test_what_never_left_did_not_take(demo: Demo, tmp_path: Path) -> None:
    async with session(demo.url, tmp_path, read_only=True) as service:
        with pytest.raises(ReadOnlyMode):
            await save(service)
        (entry,) = service.history.entries(ROW.id)
    assert (entry.outcome, "read-only" in entry.reason) == (Outcome.NOT_SAVED, True)


async def test_nothing_is_sent_that_could_not_be_recorded_unless_the_user_says_so(
    demo: Demo, tmp_path: Path
) -> None:
    (tmp_path / "history").write_text("no folder")
    async with session(demo.url, tmp_path) as service:
        edit = (await begin(service)).with_value("tensor_fields", ("a",))
        with pytest.raises(HistoryUnwritable):
            await service.save_config(ROW, edit)
        assert sent(demo) == []
        saved = await service.save_config(ROW, edit, unrecorded=True)
        config = (await last(service.version(ROW))).config
        assert "could not be recorded" in str(service.trouble)
    assert saved.outcome is Outcome.SAVED
    assert config == saved.config
    assert len(sent(demo)) == 1
