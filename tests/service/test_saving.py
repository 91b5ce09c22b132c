"""A save: sent once whatever happens, nothing lost that was readable, and an outcome that is true."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from tests.support.clock import NOW
from tests.support.configs import NULLS
from tests.support.services import (
    CONFIG,
    INSERT,
    VERSION,
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
    told,
)
from tests.support.waiting import LIMIT, SHORT
from wltui.api import calls
from wltui.api.client import Client
from wltui.config.detail import NO_CONFIG
from wltui.config.edit import ConfigEdit
from wltui.config.fields import FIELD
from wltui.core.errors import (
    ApiRefused,
    ConfigMoved,
    ConnectionFailed,
    Forbidden,
    NotSignedIn,
    OutcomeUnknown,
    ReadOnlyMode,
    ServiceError,
)
from wltui.core.records import ConfigId, ModelConfig, ModelVersion, Outcome, VersionId
from wltui.demo import Demo, Scripted
from wltui.demo.releases import shortest_float32
from wltui.demo.schemas import PYTORCH_INPUT, PYTORCH_OUTPUT
from wltui.demo.world import Config
from wltui.service.exchange import Exchange
from wltui.service.save_outcome import Found, Saved
from wltui.service.saving import Settled
from wltui.service.saving import save as send
from wltui.service.service import Service
from wltui.store.save_history import History

ROW = ModelVersion(id=VersionId(16))
"""Its only config is 26, with schemas."""
KEYS = {"model_version_id", *FIELD}
PAGE = b"<html><h1>Bad Gateway</h1></html>"


@pytest.fixture
def old() -> Iterator[Demo]:
    with Demo(seed=1, clock=lambda: NOW, api="2023.4") as server:
        yield server


async def begin(service: Service, row: ModelVersion = ROW) -> ConfigEdit:
    """An edit of what the server has now."""
    detail = await service.config_to_edit(row)
    assert detail.config
    return ConfigEdit(row.id, detail.config)


async def save(service: Service, **values: object) -> Saved:
    edit = await begin(service)
    for key, value in (values or {"tensor_fields": ("a", "b")}).items():
        edit = edit.with_value(key, value)
    return await service.save_config(ROW, edit)


def newest(demo: Demo, version_id: int = 16) -> Config:
    return demo.world.versions[version_id].configs[-1]


# What is sent.


async def test_a_save_makes_one_row_and_is_read_back(demo: Demo) -> None:
    async with session(demo.url, None) as service:
        saved = await save(service, tensor_fields=("a", "b"), filter_threshold=0.0, batch_config="single")
    row = newest(demo)
    assert (saved.outcome, saved.differences, saved.reason) == (Outcome.SAVED, (), None)
    assert saved.config
    assert (saved.config.id, saved.config.filter_threshold) == (row.id, 0.0)
    assert (row.tensor_fields, row.filter_threshold, row.batch_config) == (["a", "b"], 0.0, "single")
    assert (row.input_schema, row.output_schema) == (PYTORCH_INPUT.base64, PYTORCH_OUTPUT.base64)
    assert len(demo.world.versions[16].configs) == 2
    (request,) = sent(demo)
    assert set(request) == KEYS


numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)
objects = st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | numbers | st.text(), max_size=3)
values: dict[str, st.SearchStrategy[Any]] = {
    "tensor_fields": st.none() | st.lists(st.text(max_size=5), unique=True, max_size=3),
    "filter_threshold": st.none() | st.just(0.0) | numbers.map(shortest_float32),
    "batch_config": st.sampled_from([None, "single", ""]),
    "dynamic_batching_config": st.none() | objects,
    "continuous_batching_config": st.none() | objects,
    "openai_config": st.none() | objects,
    "input_schema": st.none() | st.text(max_size=5) | st.just(PYTORCH_INPUT.base64),
    "output_schema": st.none() | st.text(max_size=5) | st.just(PYTORCH_OUTPUT.base64),
}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    held=st.fixed_dictionaries(values),
    set_to=st.fixed_dictionaries({}, optional={key: values[key] for key in sorted(values)}),
)
async def test_whatever_the_row_holds_arrives_as_it_is_or_as_it_was_set(
    demo: Demo, held: dict[str, Any], set_to: dict[str, Any]
) -> None:
    fields = {"openai" if key == "openai_config" else key: value for key, value in held.items()}
    demo.world.versions[16].configs[:] = [Config(id=26, model_version_id=16, runtime="flight", **fields)]
    demo.requests.clear()

    async with session(demo.url, None) as service:
        saved = (
            await save(service, **set_to) if set_to else await service.save_config(ROW, await begin(service))
        )

    assert sent(demo) == [{"model_version_id": 16} | held | set_to]
    assert (saved.outcome, saved.differences) == (Outcome.SAVED, ())


async def test_what_is_not_readable_is_sent_as_null_and_counted_as_lost(demo: Demo) -> None:
    configure(demo, 16, tensor_fields=["a"], input_schema=PYTORCH_INPUT.base64)
    async with session(demo.url, None) as service:
        edit = (await begin(service)).with_value("filter_threshold", 0.5)
        assert "Input schema" in edit.cleared_titles()
        saved = await service.save_config(ROW, edit)
    (request,) = sent(demo)
    assert set(request) == KEYS
    assert (request["tensor_fields"], request["filter_threshold"]) == (["a"], 0.5)
    assert request["input_schema"] is None
    assert saved.outcome is Outcome.SAVED


async def test_a_version_without_a_config_gets_its_first(demo: Demo) -> None:
    none = saying({"model_config": None})
    demo.script(VERSION, saying({"model_version": {"model_version": {"id": 16}, "config": None}}))
    demo.script(CONFIG, none, none)
    async with session(demo.url, None) as service:
        saved = await save(service, batch_config="single")
    assert saved.outcome is Outcome.SAVED
    assert saved.config
    assert saved.config.id == newest(demo).id
    assert sent(demo) == [{"model_version_id": 16, **NULLS, "batch_config": "single"}]


# What is not sent.


async def test_nothing_is_sent_where_somebody_else_configured_meanwhile(demo: Demo) -> None:
    async with session(demo.url, None) as service:
        edit = (await begin(service)).with_value("batch_config", "single")
        theirs = configure(demo, 16, tensor_fields=["theirs"])
        with pytest.raises(ConfigMoved, match=f"26.*{theirs}") as moved:
            await service.save_config(ROW, edit)
        assert service.history.entries(ROW.id) == ()
    assert sent(demo) == []
    newest = moved.value.newest
    assert newest
    assert (newest.id, newest.tensor_fields, newest.input_schema) == (theirs, ("theirs",), UNSET)


async def test_nothing_is_sent_where_the_first_config_came_meanwhile(demo: Demo) -> None:
    empty = ModelConfig(id=NO_CONFIG, **NULLS)
    async with session(demo.url, None) as service:
        with pytest.raises(ConfigMoved, match="none"):
            await service.save_config(ROW, ConfigEdit(ROW.id, empty))
    assert sent(demo) == []


async def test_nothing_is_sent_in_a_read_only_session(demo: Demo) -> None:
    async with session(demo.url, None, read_only=True) as service:
        with pytest.raises(ReadOnlyMode):
            await save(service)
    assert sent(demo) == []


async def test_nothing_is_sent_where_the_config_cannot_be_read_before(demo: Demo) -> None:
    async with session(demo.url, None) as service:
        edit = await begin(service)
        demo.script(CONFIG, *[Scripted(drop=True)] * 3)
        with pytest.raises(ConnectionFailed):
            await service.save_config(ROW, edit)
    assert sent(demo) == []


# What became of it.

UNSURE: dict[str, Scripted] = {
    "the connection is lost": Scripted(drop=True),
    "502": Scripted(502, PAGE),
    "503": Scripted(503, b"no healthy upstream"),
    "500 from a gateway": Scripted(500, PAGE),
    "an answer that is no JSON": Scripted(200, PAGE),
    "half an answer": Scripted(raw=b'HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{"model_config":'),
}


def carried_out(answer: Scripted) -> Scripted:
    return Scripted(answer.status, answer.body, answer.headers, True, answer.drop, answer.delay, answer.raw)


@pytest.mark.parametrize("answer", UNSURE.values(), ids=UNSURE)
async def test_a_save_whose_answer_is_lost_is_found_by_reading_back(demo: Demo, answer: Scripted) -> None:
    demo.script(INSERT, carried_out(answer))
    async with session(demo.url, None) as service:
        saved = await save(service, tensor_fields=("a", "b"))
    assert saved.outcome is Outcome.SAVED
    assert saved.config
    assert saved.config.id == newest(demo).id != 26
    assert saved.reason
    assert len(sent(demo)) == 1


LOST = UNSURE | {"no answer": Scripted(delay=30), "504": Scripted(504, b"upstream request timeout")}


@pytest.mark.parametrize("answer", LOST.values(), ids=LOST)
async def test_a_save_whose_answer_is_lost_counts_as_not_saved_only_when_it_can_come_no_more(
    demo: Demo, answer: Scripted
) -> None:
    demo.script(INSERT, answer)
    clock = Clock()
    async with session(demo.url, None, clock=clock, patience=SHORT) as service:
        saved = await save(service)
        assert (saved.outcome, saved.found) == (Outcome.UNKNOWN, Found.BASE)
        assert saved.reason
        clock.set_by(hours=48)
        clock.advance(minutes=29)
        saved = await service.look_again(saved)
        assert saved.outcome is Outcome.UNKNOWN, "however the clock was set"
        clock.advance(minutes=2)
        final = await service.look_again(saved)
    assert (final.outcome, final.found) == (Outcome.NOT_SAVED, Found.BASE)
    assert final.config
    assert final.config.id == newest(demo).id == 26
    assert len(sent(demo)) == 1


@pytest.mark.parametrize("answer", LOST.values(), ids=LOST)
async def test_a_save_that_is_carried_out_late_is_found_by_another_look(demo: Demo, answer: Scripted) -> None:
    demo.script(INSERT, answer)
    async with session(demo.url, None, patience=SHORT) as service:
        saved = await save(service, tensor_fields=("late",))
        assert saved.outcome is Outcome.UNKNOWN
        number = carry_out(demo)
        saved = await service.look_again(saved)
        (entry,) = service.history.entries(ROW.id)
    assert saved.config
    assert (saved.outcome, saved.config.id) == (Outcome.SAVED, number)
    assert (entry.outcome, entry.config and entry.config.id) == (Outcome.SAVED, number)


def carry_out(demo: Demo) -> int:
    """The last request that came is carried out at last."""
    request = dict(sent(demo)[-1])
    request["openai"] = request.pop("openai_config")
    return configure(demo, request.pop("model_version_id"), **request)


async def test_a_save_that_takes_too_long_is_found_by_reading_back(demo: Demo) -> None:
    demo.script(INSERT, Scripted(processed=True, delay=30))
    async with session(demo.url, None, patience=SHORT) as service:
        saved = await save(service)
    assert saved.outcome is Outcome.SAVED
    assert isinstance(saved.reason, OutcomeUnknown)
    assert len(sent(demo)) == 1


async def test_where_it_cannot_be_read_back_either_the_outcome_is_unknown(demo: Demo) -> None:
    demo.script(INSERT, Scripted(processed=True, drop=True))
    async with session(demo.url, None) as service:
        edit = (await begin(service)).with_value("batch_config", "single")
        demo.script(CONFIG, Scripted(processed=True), *[Scripted(drop=True)] * 3)
        saved = await service.save_config(ROW, edit)
    assert (saved.outcome, saved.config) == (Outcome.UNKNOWN, None)
    assert isinstance(saved.reason, OutcomeUnknown)
    assert len(sent(demo)) == 1


@pytest.mark.parametrize("processed", [True, False])
async def test_another_row_than_ours_leaves_open_what_became_of_ours(demo: Demo, processed: bool) -> None:
    demo.script(INSERT, Scripted(processed=processed, drop=True))
    theirs = {"id": 5000, "runtime": "flight", "tensor_fields": ["theirs"], "filter_threshold": None}
    async with session(demo.url, None) as service:
        edit = (await begin(service)).with_value("tensor_fields", ("ours",))
        demo.script(CONFIG, Scripted(processed=True), saying({"model_config": theirs}))
        saved = await service.save_config(ROW, edit)
    assert saved.outcome is Outcome.UNKNOWN
    assert saved.config
    assert saved.config.id == 5000
    assert [(change.key, change.after) for change in saved.differences] == [("tensor_fields", ("theirs",))]


async def test_a_row_that_vanished_leaves_the_outcome_open(demo: Demo) -> None:
    demo.script(INSERT, Scripted(drop=True))
    async with session(demo.url, None) as service:
        edit = (await begin(service)).with_value("batch_config", "single")
        demo.script(CONFIG, Scripted(processed=True), saying({"model_config": None}))
        assert (await service.save_config(ROW, edit)).outcome is Outcome.UNKNOWN


async def test_an_answered_save_took_even_if_it_cannot_be_read_back(demo: Demo) -> None:
    async with session(demo.url, None) as service:
        edit = (await begin(service)).with_value("batch_config", "single")
        demo.script(CONFIG, Scripted(processed=True), *[Scripted(drop=True)] * 3)
        saved = await service.save_config(ROW, edit)
    assert saved.outcome is Outcome.SAVED
    assert saved.config
    assert (saved.config.id, saved.config.batch_config) == (newest(demo).id, "single")
    assert isinstance(saved.reason, ConnectionFailed)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (refusing("Json deserialize error: tensor_fields", 400), ApiRefused, "deserialize"),
        (refusing("not yours", 403), Forbidden, "not yours"),
    ],
)
async def test_a_refusal_is_told_in_the_servers_words_and_nothing_else_is_asked(
    demo: Demo, answer: Scripted, kind: type[Exception], words: str
) -> None:
    async with session(demo.url, None) as service:
        edit = (await begin(service)).with_value("batch_config", "single")
        before = count_requests(demo)
        demo.script(INSERT, answer)
        with pytest.raises(kind, match=words):
            await service.save_config(ROW, edit)
    assert count_requests(demo) == before + 2
    assert len(sent(demo)) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (refusing("Internal Server Error: Foreign key violation", 500), ApiRefused, "Foreign key"),
        (refusing("Unauthorized", 401), NotSignedIn, "Nothing was saved. Send it again"),
    ],
    ids=["500", "401"],
)
async def test_a_refusal_after_which_it_may_have_happened_counts_once_the_config_was_read(
    demo: Demo, answer: Scripted, kind: type[Exception], words: str
) -> None:
    demo.script(INSERT, answer)
    async with session(demo.url, None) as service:
        with pytest.raises(kind, match=words):
            await save(service)
        (entry,) = service.history.entries(ROW.id)
        assert entry.outcome is Outcome.REFUSED
        assert (await save(service)).outcome is Outcome.SAVED
    assert len(sent(demo)) == 2


@pytest.mark.parametrize("status", [401, 500])
async def test_a_save_that_was_carried_out_before_it_was_refused_is_found(demo: Demo, status: int) -> None:
    demo.script(INSERT, carried_out(refusing("unknown error.", status)))
    async with session(demo.url, None) as service:
        saved = await save(service, tensor_fields=("a", "b"))
    assert saved.outcome is Outcome.SAVED
    assert saved.config
    assert saved.config.id == newest(demo).id != 26
    assert len(sent(demo)) == 1


async def test_where_the_server_keeps_something_else_the_difference_is_told(demo: Demo) -> None:
    row = {
        "id": 5000, "model_version_id": 16, "runtime": "flight", "tensor_fields": ["a"], "filter_threshold": 0.5,
        "input_schema": PYTORCH_INPUT.base64, "output_schema": None, "batch_config": None, "openai": None,
    }  # fmt: skip
    demo.script(INSERT, saying({"model_config": row}))
    async with session(demo.url, None) as service:
        edit = (
            (await begin(service)).with_value("filter_threshold", 0.25).with_value("batch_config", "single")
        )
        short = {"id": 5000, "runtime": "flight", "tensor_fields": ["b"], "filter_threshold": None}
        demo.script(CONFIG, Scripted(processed=True), saying({"model_config": short}))
        saved = await service.save_config(ROW, edit)
    assert saved.outcome is Outcome.SAVED
    assert {change.key: (change.before, change.after) for change in saved.differences} == {
        "tensor_fields": (None, ("b",)),
        "filter_threshold": (0.25, None),
        "batch_config": ("single", None),
        "output_schema": (PYTORCH_OUTPUT.base64, None),
    }


async def test_a_row_that_came_after_ours_does_not_hide_that_ours_took(demo: Demo) -> None:
    theirs = {"id": 5000, "runtime": "flight", "tensor_fields": ["theirs"], "filter_threshold": None}
    async with session(demo.url, None) as service:
        edit = (await begin(service)).with_value("tensor_fields", ("ours",))
        demo.script(CONFIG, Scripted(processed=True), saying({"model_config": theirs}))
        saved = await service.save_config(ROW, edit)
    assert (saved.outcome, saved.differences) == (Outcome.SAVED, ())
    assert saved.config
    assert (saved.config.tensor_fields, saved.newer) == (("ours",), 5000)


async def test_a_save_from_this_host_that_came_in_between_is_known_to_be_replaced(
    demo: Demo, tmp_path: Path
) -> None:
    async with session(demo.url, tmp_path) as service, session(demo.url, tmp_path) as other:
        edit = (await begin(service)).with_value("tensor_fields", ("ours",))
        theirs = await save(other, tensor_fields=("theirs",))
        before = {"id": 26, "runtime": "flight", "tensor_fields": None, "filter_threshold": None}
        demo.script(CONFIG, saying({"model_config": before}))  # as if it came right after this look
        saved = await service.save_config(ROW, edit)
    assert theirs.config
    assert (saved.outcome, saved.replaced) == (Outcome.SAVED, theirs.config.id)
    assert (theirs.replaced, theirs.newer) == (None, None)


async def test_saves_of_one_version_from_one_host_do_not_overtake_each_other(
    demo: Demo, tmp_path: Path
) -> None:
    lock = History(tmp_path, "demo", lambda: NOW).try_lock(ROW.id)
    assert lock

    async def wait(_: float) -> None:
        if not lock.closed:
            lock.close()
            await save(other, tensor_fields=("theirs",))

    async with (
        session(demo.url, tmp_path, wait=wait) as service,
        session(demo.url, tmp_path) as other,
    ):
        edit = (await begin(service)).with_value("tensor_fields", ("ours",))
        with pytest.raises(ConfigMoved):
            await service.save_config(ROW, edit)
    assert [body["tensor_fields"] for body in sent(demo)] == [["theirs"]]


async def test_a_save_that_another_one_keeps_waiting_ends_and_sends_nothing(
    demo: Demo, tmp_path: Path
) -> None:
    async with session(demo.url, tmp_path) as service:
        edit = (await begin(service)).with_value("tensor_fields", ("ours",))
        lock = History(tmp_path, "demo", lambda: NOW).try_lock(ROW.id)
        assert lock
        with lock, pytest.raises(ServiceError, match="another wltui on this machine"):
            await service.save_config(ROW, edit)
        assert sent(demo) == []
        assert (await service.save_config(ROW, edit)).outcome is Outcome.SAVED


async def test_an_answer_that_the_server_does_not_stand_by_leaves_the_outcome_open(demo: Demo) -> None:
    async with session(demo.url, None) as service:
        edit = (await begin(service)).with_value("tensor_fields", ("ours",))
        demo.script(INSERT, saying({"model_config": {"id": 5000}}))
        saved = await service.save_config(ROW, edit)
    assert saved.outcome is Outcome.UNKNOWN
    assert saved.config
    assert saved.config.id == 26


# What is no proof.


async def test_a_field_that_is_not_read_back_leaves_open_whether_the_newer_config_is_ours(demo: Demo) -> None:
    demo.script(INSERT, Scripted(processed=True, drop=True))
    async with session(demo.url, None) as service:
        saved = await save(service, batch_config="single")
    assert (saved.outcome, saved.found, saved.unread) == (Outcome.UNKNOWN, Found.FITS, ("Batch config",))
    assert saved.config
    assert saved.config.id == newest(demo).id


async def test_one_field_of_two_that_a_colleague_saved_alike_is_no_proof(demo: Demo) -> None:
    demo.script(INSERT, Scripted(drop=True))
    async with session(demo.url, None) as service:
        saved = await save(service, tensor_fields=("a",), batch_config="single")
        configure(demo, 16, tensor_fields=["a"])
        saved = await service.look_again(saved)
        assert (saved.outcome, saved.found) == (Outcome.UNKNOWN, Found.FITS)
        both = await save(service, tensor_fields=("b",), filter_threshold=0.5)
    assert both.outcome is Outcome.SAVED


async def test_two_fields_that_are_read_back_have_to_fit_both(demo: Demo) -> None:
    demo.script(INSERT, Scripted(drop=True))
    async with session(demo.url, None) as service:
        saved = await save(service, tensor_fields=("a",), filter_threshold=0.5)
        configure(demo, 16, tensor_fields=["a"])
        saved = await service.look_again(saved)
        assert (saved.outcome, saved.found) == (Outcome.UNKNOWN, Found.OTHER)
        assert [change.key for change in saved.differences] == ["filter_threshold"]


async def test_a_threshold_is_recognised_in_the_floats_of_the_server(demo: Demo) -> None:
    """It keeps 32 bits: 0.1 comes back as 0.10000000149011612."""
    demo.script(INSERT, Scripted(processed=True, drop=True))
    async with session(demo.url, None) as service:
        edit = (await begin(service)).with_value("filter_threshold", 0.1)
        row = {
            "id": 5000,
            "runtime": "flight",
            "tensor_fields": None,
            "filter_threshold": 0.10000000149011612,
        }
        demo.script(CONFIG, Scripted(processed=True), saying({"model_config": row}))
        saved = await service.save_config(ROW, edit)
    assert (saved.outcome, saved.differences) == (Outcome.SAVED, ())


async def test_a_row_that_another_save_made_is_known_whole_and_so_not_taken_for_ours(
    demo: Demo, tmp_path: Path
) -> None:
    demo.script(INSERT, Scripted(drop=True))
    async with session(demo.url, tmp_path) as service, session(demo.url, tmp_path) as other:
        saved = await save(service, batch_config="single")
        assert (await save(other, openai_config={"enabled": False})).outcome is Outcome.SAVED
        saved = await service.look_again(saved)
    assert (saved.outcome, saved.found) == (Outcome.UNKNOWN, Found.OTHER)


# What the next visit hears of it.


async def begin_again(service: Service, edit: ConfigEdit | None) -> Settled | None:
    return (await service.begin_edit(ROW, edit)).settled


async def test_a_save_that_was_answered_is_not_offered_again(demo: Demo, tmp_path: Path) -> None:
    """The program was killed between the answer and reading back, so that the unsent edit is still there."""
    async with session(demo.url, tmp_path) as service:
        edit = (await begin(service)).with_value("batch_config", "single")
        await service.save_config(ROW, edit)
    async with session(demo.url, tmp_path) as service:
        settled = await begin_again(service, edit)
        assert settled
        assert (settled.saved.outcome, settled.is_draft) == (Outcome.SAVED, True)
        assert await begin_again(service, edit.with_value("filter_threshold", 0.5)) is None
        assert await begin_again(service, None) is None


@pytest.mark.parametrize("processed", [True, False])
async def test_what_became_of_a_save_is_told_at_the_next_visit(
    demo: Demo, tmp_path: Path, processed: bool
) -> None:
    clock = Clock()
    async with session(demo.url, tmp_path, clock=clock) as service:
        edit = (await begin(service)).with_value("tensor_fields", ("a",))
        demo.script(INSERT, Scripted(processed=processed, drop=True))
        demo.script(CONFIG, Scripted(processed=True), *[Scripted(drop=True)] * 3)
        assert (await service.save_config(ROW, edit)).found is Found.UNREAD
    found: list[tuple[Outcome, Found | None]] = []
    for minutes in (1, 35, 1):
        clock.advance(minutes=minutes)
        async with session(demo.url, tmp_path, clock=clock) as service:
            settled = await begin_again(service, edit)
            if settled:
                found.append((settled.saved.outcome, settled.saved.found))
    if processed:
        assert found[0] == (Outcome.SAVED, Found.OURS)
    else:
        assert found == [(Outcome.UNKNOWN, Found.BASE), (Outcome.NOT_SAVED, Found.BASE)]
    assert len(sent(demo)) == 1


async def test_after_a_restart_of_the_host_only_a_day_is_long_enough(demo: Demo, tmp_path: Path) -> None:
    clock = Clock()
    demo.script(INSERT, Scripted(drop=True))
    async with session(demo.url, tmp_path, clock=clock) as service:
        assert (await save(service)).outcome is Outcome.UNKNOWN
    outcomes = []
    for hours in (1, 20, 5):
        clock.advance(hours=hours)
        async with session(demo.url, tmp_path, clock=clock, boot="another") as service:
            settled = await begin_again(service, None)
            outcomes.append(settled and settled.saved.outcome)
    assert outcomes == [Outcome.UNKNOWN, Outcome.UNKNOWN, Outcome.NOT_SAVED]


async def test_a_save_of_a_program_that_was_killed_may_come_for_a_day(demo: Demo, tmp_path: Path) -> None:
    clock = Clock()
    async with session(demo.url, tmp_path, clock=clock) as service:
        edit = (await begin(service)).with_value("batch_config", "single")
        service.history.begin(edit, ROW, "demo")
        outcomes = []
        for hours in (1, 22, 2):
            clock.advance(hours=hours)
            settled = await begin_again(service, edit)
            outcomes.append(settled and settled.saved.outcome)
    assert outcomes == [Outcome.UNKNOWN, Outcome.UNKNOWN, Outcome.NOT_SAVED]


# What is known afterwards.


async def test_our_own_row_stays_whole_also_for_the_next_session(demo: Demo, tmp_path: Path) -> None:
    async with session(demo.url, tmp_path) as service:
        saved = await save(service, tensor_fields=("a",))
        here = await last(service.version(ROW))
    async with session(demo.url, tmp_path) as service:
        at_once, cached, live = await told(service.version(ROW))
        edit = (await begin(service)).with_value("filter_threshold", 0.0)
        assert edit.cleared_titles() == ()
        again = await service.save_config(ROW, edit)

    assert saved.config
    assert here.config == cached.value.config == live.value.config == saved.config
    assert saved.config.input_schema == PYTORCH_INPUT.base64
    assert at_once.value.config
    assert at_once.value.config.input_schema is UNSET
    assert here.replaced_config
    assert here.replaced_config.id == 26
    assert again.outcome is Outcome.SAVED
    first, second = sent(demo)
    assert second == first | {"filter_threshold": 0.0}


async def test_without_a_history_our_own_row_stays_whole_as_long_as_the_program(
    demo: Demo, tmp_path: Path
) -> None:
    async with session(demo.url, None) as service:
        await save(service)
        here = (await last(service.version(ROW))).config
    async with session(demo.url, tmp_path) as service:
        later = (await last(service.version(ROW))).config
    assert here
    assert later
    assert (here.tensor_fields, here.input_schema) == (("a", "b"), PYTORCH_INPUT.base64)
    assert (later.tensor_fields, later.input_schema) == (("a", "b"), UNSET)


async def test_a_row_that_was_only_found_is_not_taken_for_known(demo: Demo, tmp_path: Path) -> None:
    """Its readable fields are those that were sent, which says nothing of the others."""
    demo.script(INSERT, Scripted(processed=True, drop=True))
    async with session(demo.url, tmp_path) as service:
        saved = await save(service)
        config = (await last(service.version(ROW))).config
    assert saved.outcome is Outcome.SAVED
    assert config
    assert config.input_schema is UNSET


async def test_somebody_elses_row_after_ours_is_readable_in_part(demo: Demo, tmp_path: Path) -> None:
    async with session(demo.url, tmp_path) as service:
        await save(service)
        theirs = configure(demo, 16, input_schema=PYTORCH_OUTPUT.base64)
        config = (await last(service.version(ROW))).config
    assert config
    assert (config.id, config.input_schema) == (theirs, UNSET)


async def test_an_older_server_leaves_fields_out_that_were_sent_as_null(old: Demo, tmp_path: Path) -> None:
    whole = ModelConfig(id=ConfigId(26), **NULLS)
    edit = ConfigEdit(ROW.id, whole).with_value("openai_config", {"enabled": True})
    async with session(old.url, tmp_path) as service:
        saved = await service.save_config(ROW, edit)
        config = (await last(service.version(ROW))).config
    assert saved.outcome is Outcome.SAVED
    assert saved.config
    assert config
    for known in (saved.config, config):
        assert (known.dynamic_batching_config, known.input_schema) == (None, None)
        assert known.openai_config is UNSET  # sent as something, and never told


# Beside other reads.


@pytest.fixture
async def server() -> AsyncIterator[ManualServer]:
    async with open_manual_server() as server:
        yield server


async def test_a_save_trusts_no_read_that_was_under_way_before_it(server: ManualServer) -> None:
    def row(id: int, names: list[str] | None) -> object:
        return {
            "model_config": {"id": id, "runtime": "onnx", "tensor_fields": names, "filter_threshold": None}
        }

    exchange = Exchange(lambda: Client(server.url, None, timeout=LIMIT, wait=at_once), None, lambda: NOW)
    read = calls.get_config(ROW.id)
    base = ModelConfig(id=ConfigId(1), **NULLS)
    edit = ConfigEdit(ROW.id, base).with_value("tensor_fields", ("ours",))
    early = asyncio.create_task(exchange.live(read))
    answer_early = await server.next(CONFIG)

    saving = asyncio.create_task(
        send(over_rest(exchange, History(None, "", exchange.clock)), ROW, edit, user="")
    )
    (await server.next(CONFIG))(row(1, None))
    answer_save = await server.next(INSERT)
    beside = asyncio.create_task(exchange.live(read))
    answer_beside = await server.next(CONFIG)
    answer_save(row(2, ["ours"]))
    (await server.next(CONFIG))(row(2, ["ours"]))
    saved = await saving
    answer_early(row(1, None))
    answer_beside(row(1, None))
    await asyncio.gather(early, beside)
    await exchange.close()

    assert saved.outcome is Outcome.SAVED
    assert saved.config
    assert saved.config.id == 2
