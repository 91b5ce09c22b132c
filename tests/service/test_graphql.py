"""GraphQL within a session: what it adds to a config, what becomes of a save among its rows, and doing without it."""

import asyncio
import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import UNSET
from msgspec.structs import replace

from tests.support.clock import NOW
from tests.support.services import CONFIG, INSERT, configure, last, saying, session, told
from tests.support.services import VERSION as VERSION_PATH
from wltui.api import calls, graphql
from wltui.api.calls import Call
from wltui.api.graphql import PATH, ROWS_OF_A_VERSION
from wltui.config.edit import ConfigEdit
from wltui.config.fields import FIELD
from wltui.core.errors import NotSignedIn, TimedOut
from wltui.core.instant import Instant
from wltui.core.records import (
    ConfigId,
    ModelConfig,
    ModelVersion,
    Outcome,
    PartialList,
    VersionId,
    partial_list,
)
from wltui.demo import Demo, Scripted
from wltui.service.exchange import Exchange
from wltui.service.graphql import GraphQl
from wltui.service.save_outcome import Found, Saved, Sent, judge
from wltui.service.service import Service

VERSION = VersionId(16)
ROW = ModelVersion(id=VERSION)
"""Its only config is 26."""


def wire_row(number: int = 26, **fields: object) -> dict[str, object]:
    empty = dict.fromkeys(name for name in graphql.CONFIG_ROW.optional)
    return {"id": number, "model_version_id": VERSION} | empty | fields


ROWS = {"operationName": "config_rows"}
"""What the requests hold that these tests script answers for."""


def rows_answer(*rows: dict[str, object]) -> Scripted:
    return replace_asked(saying({"data": {"model_config": rows}}))


def refusal(message: str) -> Scripted:
    return replace_asked(
        saying({"errors": [{"message": message, "extensions": {"code": "validation-failed"}}]})
    )


def replace_asked(scripted: Scripted) -> Scripted:
    """Return an answer for the query of config rows alone."""
    return dataclasses.replace(scripted, asked=ROWS)


def queries(demo: Demo) -> list[str]:
    """Return the documents that arrived and ask for config rows."""
    sent = [msgspec.json.decode(request.body) for request in demo.requests if request.path == PATH]
    return [each["query"] for each in sent if each["operationName"] == "config_rows"]


@pytest.fixture
def old() -> Iterator[Demo]:
    with Demo(seed=1, clock=lambda: NOW, api="2025.1") as server:
        yield server


async def test_no_field_of_a_config_is_unknown_where_graphql_shows_it(old: Demo) -> None:
    old.script(PATH, rows_answer(wire_row(openai={"enabled": True})))
    async with session(old.url, None, graphql=True) as service:
        config = (await last(service.version(ROW))).config
    assert config
    assert config.openai_config == {"enabled": True}
    assert config.continuous_batching_config is None
    assert all(getattr(config, key) is not UNSET for key in FIELD)


async def test_without_it_the_same_fields_are_unknown(old: Demo) -> None:
    async with session(old.url, None) as service:
        config = (await last(service.version(ROW))).config
    assert config
    assert config.openai_config is UNSET
    assert not queries(old)


async def test_a_newer_row_than_the_other_call_knew_is_the_newest(demo: Demo) -> None:
    demo.script(PATH, rows_answer(wire_row(99, tensor_fields=["theirs"]), wire_row(26)))
    async with session(demo.url, None, graphql=True) as service:
        config = (await last(service.version(ROW))).config
    assert config
    assert (config.id, config.tensor_fields) == (99, ("theirs",))


async def test_a_refusal_that_comes_before_all_other_answers_is_remembered(demo: Demo) -> None:
    """That another call finds the sign-in good is no new one, with which to ask again."""
    demo.script(PATH, Scripted(401), Scripted(401))  # once more with another token
    async with session(demo.url, None, graphql=True) as service:
        async for _ in service.configs_in_use(None, live=True):
            raise AssertionError("it was refused")
        await last(service.version(ROW))
        await last(service.version(ROW))
    assert not queries(demo)


async def test_a_column_that_is_not_known_is_left_out_for_the_session(demo: Demo) -> None:
    demo.script(
        PATH,
        refusal("field 'openai' not found in type: 'model_config'"),
        rows_answer({key: value for key, value in wire_row().items() if key != "openai"}),
        rows_answer({key: value for key, value in wire_row().items() if key != "openai"}),
    )
    async with session(demo.url, None, graphql=True) as service:
        config = (await last(service.version(ROW))).config
        await last(service.version(ROW))
        limits = service.graphql_limits
    assert config
    assert config.tensor_fields is None
    assert [" openai" in document for document in queries(demo)] == [True, False, False]
    assert limits == ("it does not know model_config.openai",)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        (Scripted(404), 1),
        (Scripted(403), 1),
        (Scripted(401), 2),  # once more with another token
        (Scripted(body=b"<html>"), 1),
        (refusal("field 'model_config' not found in type: 'query_root'"), 1),
        (refusal("access denied"), 1),
        (Scripted(503), 2),
        (Scripted(drop=True), 2),
    ],
)
async def test_what_it_does_not_answer_is_as_if_there_were_none(
    demo: Demo, answer: Scripted, asked: int
) -> None:
    """And is asked once more only if another try may help."""
    demo.script(PATH, replace_asked(answer), replace_asked(answer))
    heard: list[object] = []
    async with session(demo.url, None, graphql=True) as service:
        service.on_auth_change(heard.append)
        first = (await last(service.version(ROW))).config
        second = (await last(service.version(ROW))).config
    async with session(demo.url, None) as service:
        assert first == second == (await last(service.version(ROW))).config
    assert len(queries(demo)) == asked
    assert heard in ([], [None])


class _Guarded:
    """A client whose sign-in is good for both doors, for REST alone, or for none; notes what it is asked."""

    def __init__(self) -> None:
        self.rest, self.graphql = False, False
        self.asked: list[str] = []

    async def send(self, call: Call[object]) -> bytes:
        is_query = call.path == PATH
        self.asked.append("query" if is_query else "read")
        if not (self.graphql if is_query else self.rest):
            raise NotSignedIn("It could not be read", "the token is refused")
        return b'{"data":{"model_config":[]}}' if is_query else b'{"workspaces":[]}'

    async def aclose(self) -> None: ...


async def test_it_is_asked_again_after_a_new_sign_in_and_not_where_it_alone_refuses() -> None:
    client = _Guarded()
    exchange = Exchange(lambda: client, None, lambda: NOW)  # type: ignore[arg-type,return-value]
    source, query = GraphQl(exchange), graphql.config_rows(VERSION)
    assert await source.ask(query) is None
    with pytest.raises(NotSignedIn):
        await exchange.live(calls.list_workspaces())
    client.rest = client.graphql = True
    await exchange.live(calls.list_workspaces())
    assert await source.ask(query) is not None
    client.graphql = False
    assert await source.ask(query) is None
    before = client.asked.count("query")
    await exchange.live(calls.list_workspaces())
    assert await source.ask(query) is None
    assert client.asked.count("query") == before
    await exchange.close()


async def test_a_slow_one_holds_up_no_screen(demo: Demo) -> None:
    demo.script(PATH, *[Scripted(delay=3_600)] * 2)
    async with session(demo.url, None, graphql=True) as service:
        stream = service.version(ROW)
        async for answer in stream:
            assert answer.value.config
            assert answer.live
            break
        await stream.aclose()  # type: ignore[attr-defined]


async def test_after_two_that_took_too_long_none_is_sent(demo: Demo) -> None:
    exchange = Exchange(_Never, None, lambda: NOW)  # type: ignore[arg-type]
    source = GraphQl(exchange)
    for _ in range(4):
        assert await source.ask(graphql.config_rows(VERSION)) is None
    assert source.limits == ("8 s",)
    await exchange.close()


async def test_queries_at_once_that_lack_the_same_column_are_all_sent_without_it() -> None:
    """A refusal of what was sent before the column was known to be lacking says nothing about the rest."""
    exchange = Exchange(_WithoutOpenai, None, lambda: NOW)  # type: ignore[arg-type]
    source = GraphQl(exchange)
    numbers = [VersionId(number) for number in (1, 2, 3)]
    answers = await asyncio.gather(*(source.ask(graphql.config_rows(number)) for number in numbers))
    assert None not in answers
    assert source.limits == ("it does not know model_config.openai",)
    await exchange.close()


class _WithoutOpenai:
    """A client of a server that lacks a column; no answer comes before all first queries are sent."""

    def __init__(self) -> None:
        self._waiting, self._all_sent = 0, asyncio.Event()

    async def send(self, call: Call[object]) -> bytes:
        if " openai" not in str(call.content["query"]):
            return b'{"data":{"model_config":[]}}'
        self._waiting += 1
        if self._waiting == 3:
            self._all_sent.set()
        await self._all_sent.wait()
        return b'{"errors":[{"message":"field \'openai\' not found in type: \'model_config\'"}]}'

    async def aclose(self) -> None: ...


class _Never:
    """A client whose answers take too long."""

    async def send(self, call: object) -> bytes:
        raise TimedOut("It could not be read", "8 s")

    async def aclose(self) -> None: ...


async def test_offline_the_rows_of_before_are_shown(demo: Demo, tmp_path: Path) -> None:
    demo.script(PATH, rows_answer(wire_row(openai={"enabled": True})))
    async with session(demo.url, tmp_path, graphql=True) as service:
        await told(service.version(ROW))
    async with session(demo.url, tmp_path, graphql=True) as service:
        async for answer in service.version(ROW):
            assert not answer.live
            assert answer.value.config
            assert answer.value.config.openai_config == {"enabled": True}
            break


# A save whose answer was lost


def config(number: int, **values: object) -> ModelConfig:
    return ModelConfig(id=ConfigId(number), version_id=VERSION, **dict.fromkeys(FIELD) | values)  # type: ignore[arg-type]


BASE = config(26)
OURS = {"tensor_fields": ("ours",)}
BEGAN = Instant(NOW, "one start of the host", 0.0)


def lost(**changes: object) -> Sent:
    request = {key: getattr(BASE, key) for key in FIELD} | changes
    return Sent(VERSION, BASE, request, BEGAN, "entry", given_up=BEGAN)


def after(minutes: float) -> Instant:
    return Instant(NOW + timedelta(minutes=minutes), "one start of the host", minutes * 60)


def verdict(*rows: ModelConfig, minutes: float = 1, sent: Sent | None = None) -> Saved:
    """Judge by rows, given oldest first."""
    newest_first = tuple(reversed(rows))
    return judge(sent or lost(**OURS), newest_first[0], after(minutes), lambda _: None, newest_first)


def test_a_save_that_others_overwrote_is_known_to_have_been_saved() -> None:
    saved = verdict(BASE, config(30, **OURS), config(31, tensor_fields=("theirs",)))
    assert (saved.outcome, saved.newer, saved.found) == (Outcome.SAVED, 31, Found.OURS)
    assert saved.config
    assert saved.config.id == 30


def test_a_row_that_went_in_before_it_is_named() -> None:
    saved = verdict(BASE, config(29, batch_config="single"), config(30, **OURS))
    assert (saved.outcome, saved.replaced, saved.newer) == (Outcome.SAVED, 29, None)


def test_others_saves_that_keep_the_base_prove_that_it_was_not_saved_once_it_is_too_late() -> None:
    rows = BASE, config(30, batch_config="single")
    assert verdict(*rows).outcome is Outcome.UNKNOWN
    saved = verdict(*rows, minutes=31)
    assert (saved.outcome, saved.newer) == (Outcome.NOT_SAVED, 30)


def test_a_row_that_may_be_ours_in_other_words_proves_nothing() -> None:
    assert verdict(BASE, config(30, tensor_fields=("OURS",)), minutes=31).outcome is Outcome.UNKNOWN


def test_a_threshold_that_went_through_32_bits_is_ours() -> None:
    sent = lost(filter_threshold=0.1)
    saved = verdict(BASE, config(30, filter_threshold=0.10000000149011612), config(31), sent=sent)
    assert (saved.outcome, saved.newer) == (Outcome.SAVED, 31)


def test_rows_that_may_be_missing_prove_nothing() -> None:
    theirs = config(30, batch_config="single")
    cut_off = [config(number, batch_config="single") for number in range(30, 30 + ROWS_OF_A_VERSION)]
    assert verdict(*cut_off, minutes=31).outcome is Outcome.UNKNOWN
    partial = partial_list((theirs, BASE), 1, "another shape")
    assert isinstance(partial, PartialList)
    for rows in [partial, (), (BASE,)]:
        assert judge(lost(**OURS), theirs, after(31), lambda _: None, rows).outcome is Outcome.UNKNOWN


def test_a_row_with_a_column_that_is_not_shown_is_not_known_to_be_ours() -> None:
    hidden = replace(config(30, **OURS), openai_config=UNSET)
    saved = verdict(BASE, hidden, config(31, tensor_fields=("theirs",)), minutes=31)
    assert saved.outcome is Outcome.UNKNOWN


# On the embedded Wallaroo, by release and by how much GraphQL shows

LATE_COLUMNS = {"dynamic_batching_config", "continuous_batching_config", "openai_config"}
OVER_REST = {*LATE_COLUMNS, "batch_config", "input_schema", "output_schema"}


@pytest.mark.parametrize("api", ["2023.4", "2025.1", "2025.2", "2026.1"])
@pytest.mark.parametrize("access", ["whole", "partial", "refused", "absent"])
async def test_what_is_unknown_of_a_config_that_somebody_else_made(api: Any, access: Any) -> None:
    with Demo(seed=1, clock=lambda: NOW, api=api, graphql=access) as demo:
        configure(demo, VERSION, tensor_fields=["x"])
        async with session(demo.url, None, graphql=True) as service:
            newest = (await last(service.version(ROW))).config
    assert newest
    unknown = {key for key in FIELD if getattr(newest, key) is UNSET}
    if access in ("refused", "absent"):
        assert unknown == OVER_REST
    elif api == "2023.4":  # its tables lack these columns
        assert unknown == LATE_COLUMNS
    else:
        assert unknown == (set() if access == "whole" else {"continuous_batching_config", "openai_config"})


async def test_a_server_without_a_call_for_the_whole_version_is_no_reason_not_to_edit(demo: Demo) -> None:
    """If GraphQL shows the whole config, which such a server's calls do not."""
    gone = [Scripted(404)] * 3
    for graphql_is_on in (True, False):
        demo.script(VERSION_PATH, *gone)
        demo.script("models/get_model_version_by_id", *gone)
        async with session(demo.url, None, graphql=graphql_is_on) as service:
            detail = await service.config_to_edit(ROW)
        assert detail.complete is graphql_is_on


async def edit_of(service: Service, **values: object) -> ConfigEdit:
    detail = await service.config_to_edit(ROW)
    assert detail.config
    edit = ConfigEdit(VERSION, detail.config)
    for key, value in values.items():
        edit = edit.with_value(key, value)
    return edit


async def test_a_lost_save_is_found_beneath_somebody_elses(demo: Demo) -> None:
    async with session(demo.url, None, graphql=True) as service:
        edit = await edit_of(service, tensor_fields=("ours",))
        demo.script(INSERT, Scripted(502, b"<html>", processed=True))
        demo.script(CONFIG, saying({"model_config": {"id": edit.base.id}}), *[Scripted(503)] * 3)
        lost = await service.save_config(ROW, edit)
        theirs = configure(demo, VERSION, tensor_fields=["theirs"])
        saved = await service.look_again(lost)
    assert lost.outcome is Outcome.UNKNOWN
    assert (saved.outcome, saved.newer) == (Outcome.SAVED, theirs)
    assert saved.config
    assert saved.config.tensor_fields == ("ours",)


async def test_without_it_that_is_not_known(demo: Demo) -> None:
    async with session(demo.url, None) as service:
        edit = await edit_of(service, tensor_fields=("ours",))
        demo.script(INSERT, Scripted(502, b"<html>", processed=True))
        demo.script(CONFIG, saying({"model_config": {"id": edit.base.id}}), *[Scripted(503)] * 3)
        lost = await service.save_config(ROW, edit)
        configure(demo, VERSION, tensor_fields=["theirs"])
        saved = await service.look_again(lost)
    assert saved.outcome is Outcome.UNKNOWN


async def test_a_row_that_somebody_added_just_before_a_save_is_named(demo: Demo) -> None:
    """Between the last look and the save, where no look of the REST API would see it afterwards."""
    async with session(demo.url, None, graphql=True) as service:
        edit = await edit_of(service, tensor_fields=("ours",))
        theirs = configure(demo, VERSION, batch_config="single")
        demo.script(CONFIG, saying({"model_config": {"id": edit.base.id}}))
        saved = await service.save_config(ROW, edit)
    assert (saved.outcome, saved.replaced) == (Outcome.SAVED, theirs)


async def test_a_save_of_before_is_settled_by_the_rows_at_the_next_visit(demo: Demo, tmp_path: Path) -> None:
    async with session(demo.url, tmp_path, graphql=True) as service:
        edit = await edit_of(service, tensor_fields=("ours",))
        demo.script(INSERT, Scripted(502, b"<html>", processed=True))
        demo.script(CONFIG, saying({"model_config": {"id": edit.base.id}}), *[Scripted(503)] * 3)
        await service.save_config(ROW, edit)
    theirs = configure(demo, VERSION, tensor_fields=["theirs"])
    async with session(demo.url, tmp_path, graphql=True) as service:
        settled = (await service.begin_edit(ROW)).settled
    assert settled
    assert (settled.saved.outcome, settled.saved.newer) == (Outcome.SAVED, theirs)
