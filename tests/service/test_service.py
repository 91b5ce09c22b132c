"""What the screens are told: twice, by whichever release, and never what belongs to another user."""

import json
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from msgspec import UNSET

from tests.support.clock import NOW
from tests.support.services import (
    CONFIG,
    INSERT,
    LIST,
    VERSION,
    Clock,
    configure,
    count_requests,
    last,
    refusing,
    saying,
    session,
    told,
)
from wltui.config.detail import NO_CONFIG
from wltui.config.edit import ConfigEdit, Draft
from wltui.core.compact import replace_fields
from wltui.core.errors import (
    ApiFormatError,
    ApiRefused,
    ConfigMoved,
    ConnectionFailed,
    Forbidden,
    NotFound,
    NotSignedIn,
    ServiceError,
)
from wltui.core.records import Model, ModelId, ModelVersion, Phase, VersionId, WorkspaceId
from wltui.core.settings import Secret, Settings
from wltui.demo import Demo, Scripted
from wltui.demo.releases import Era
from wltui.service.open import open_service
from wltui.service.service import Answer, Service, Summary
from wltui.store.bodies import pack
from wltui.store.private_files import owner_key
from wltui.store.response_cache import Cache, cache_path

HOME, MODEL = WorkspaceId(10), ModelId(15)
ONE_ROW = ModelVersion(id=VersionId(16), model_id=MODEL, model_name="api-upload-pytorch-multi-io")
"""Its only config is 26."""
TWO_ROWS = ModelVersion(id=VersionId(6), model_id=ModelId(3), model_name="ccfraud-model")
"""Its first config is 15, its newest 20."""

Read = Callable[[Service], AsyncIterator[Answer[object]]]
READS: dict[str, Read] = {
    "workspaces": lambda service: service.workspaces(),
    "models": lambda service: service.models(HOME),
    "model": lambda service: service.model(HOME, MODEL),
    "version": lambda service: service.version(TWO_ROWS),
    "upload logs": lambda service: service.upload_log(ONE_ROW),
}


@pytest.fixture
def old() -> Iterator[Demo]:
    """An instance of 2023, which lists models without versions and tells no whole version."""
    with Demo(seed=1, clock=lambda: NOW, api="2023.4") as server:
        yield server


@pytest.fixture(params=["2025.2", "2023.4"])
def either(request: pytest.FixtureRequest) -> Iterator[Demo]:
    era: Era = request.param
    with Demo(seed=1, clock=lambda: NOW, api=era) as server:
        yield server


def ids(models: tuple[Model, ...]) -> dict[int, list[int] | None]:
    return {
        model.id: None if model.versions is None else [version.id for version in model.versions]
        for model in models
    }


# Told twice.


@pytest.mark.parametrize("read", READS.values(), ids=READS)
async def test_a_read_tells_the_cached_answer_and_then_the_live_one(
    demo: Demo, tmp_path: Path, read: Read
) -> None:
    clock = Clock()
    async with session(demo.url, tmp_path, clock=clock) as service:
        (first,) = await told(read(service))
        assert (first.live, first.as_of) == (True, NOW)

        clock.advance(minutes=5)
        cached, live = await told(read(service))
    assert (cached.live, cached.as_of, cached.value) == (False, NOW, first.value)
    assert (live.live, live.as_of, live.value) == (True, clock(), first.value)
    assert cached.sources == first.sources


@pytest.mark.parametrize("name", ["workspaces", "models", "model", "version"])
async def test_a_second_start_is_told_from_the_disk_before_anything_is_asked(
    either: Demo, tmp_path: Path, name: str
) -> None:
    async with session(either.url, tmp_path) as service:
        before = await last(READS[name](service))
    count = count_requests(either)
    async with session(either.url, tmp_path) as service:
        stream = READS[name](service)
        first = await anext(stream)
        assert not first.live
        assert first.value == before
        assert count_requests(either) == count
        assert (await anext(stream)).live
        assert count_requests(either) > count


async def test_what_was_read_in_parts_is_as_old_as_its_oldest_part(demo: Demo, tmp_path: Path) -> None:
    clock = Clock()
    async with session(demo.url, tmp_path, clock=clock) as service:
        detail = await last(service.version(ONE_ROW))
        assert detail.config
        configure(demo, 16)
        clock.advance(minutes=5)
        with pytest.raises(ConfigMoved):  # which has read the config anew, and nothing else
            await service.save_config(ONE_ROW, ConfigEdit(ONE_ROW.id, detail.config))
        cached = await anext(service.version(ONE_ROW))
    assert cached.value.replaced_config
    assert (cached.live, cached.as_of) == (False, NOW)


async def test_without_a_cache_everything_is_told_once(demo: Demo) -> None:
    async with session(demo.url, None) as service:
        for _ in range(2):
            assert [answer.live for answer in await told(service.workspaces())] == [True]


async def test_an_answer_carries_the_responses_it_was_made_from(demo: Demo) -> None:
    async with session(demo.url, None) as service:
        (answer,) = await told(service.version(ONE_ROW))
    paths = {source.path: (source.request, json.loads(source.body)) for source in answer.sources}
    assert paths[CONFIG][0] == {"model_id": 16}
    assert paths[CONFIG][1]["model_config"]["id"] == 26
    assert paths[VERSION][1]["model_version"]["model_version"]["id"] == 16


def test_a_cached_start_imports_nothing_for_the_network(demo: Demo, tmp_path: Path) -> None:
    settings = f"Settings({demo.url!r}, login=('demo', Secret('demo')))"
    program = f"""
import asyncio, sys
from pathlib import Path
from wltui.service.open import open_service
from wltui.core.settings import Secret, Settings

async def main(all):
    service = open_service({settings}, Path({str(tmp_path)!r}))
    answer = await anext(service.workspaces())
    print(answer.live, "httpx" in sys.modules)
    await service.close()

asyncio.run(main(0))
"""
    runs = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert runs == ["True True\n", "False False\n"]


# Bad days.


async def test_offline_the_cached_answer_comes_and_then_the_reason(demo: Demo, tmp_path: Path) -> None:
    async with session(demo.url, tmp_path) as service:
        before = await last(service.models(HOME))
    demo.refuse()
    async with session(demo.url, tmp_path) as service:
        stream = service.models(HOME)
        first = await anext(stream)
        assert (first.live, first.value) == (False, before)
        with pytest.raises(ConnectionFailed):
            await anext(stream)


async def test_offline_and_nothing_cached_leaves_the_reason(demo: Demo, tmp_path: Path) -> None:
    demo.refuse()
    async with session(demo.url, tmp_path) as service:
        for read in READS.values():
            with pytest.raises(ConnectionFailed):
                await anext(read(service))


async def test_it_comes_back_when_the_server_does(demo: Demo, tmp_path: Path) -> None:
    demo.refuse()
    async with session(demo.url, tmp_path) as service:
        with pytest.raises(ConnectionFailed):
            await told(service.workspaces())
        demo.start()
        assert await last(service.workspaces())


@pytest.mark.parametrize(
    "bad",
    [
        Scripted(body=b'{"workspaces": "none"}'),
        Scripted(body=b'{"workspaces": [{'),
        Scripted(body=b"<html>sign in</html>"),
        refusing("unknown error.", 500),
    ],
)
async def test_an_unreadable_answer_does_not_replace_a_good_one(
    demo: Demo, tmp_path: Path, bad: Scripted
) -> None:
    async with session(demo.url, tmp_path) as service:
        good = await last(service.workspaces())
        demo.script("workspaces/list", bad)
        with pytest.raises((ApiFormatError, ApiRefused)):
            await told(service.workspaces())
        cached = await anext(service.workspaces())
        assert (cached.live, cached.value) == (False, good)
    async with session(demo.url, tmp_path) as service:
        cached = await anext(service.workspaces())
        assert (cached.live, cached.value) == (False, good)


async def test_a_cached_answer_that_this_program_cannot_read_is_passed_over(
    demo: Demo, tmp_path: Path
) -> None:
    with closing(Cache(cache_path(tmp_path, owner_key(demo.url, "demo")))) as cache:
        cache.put(pack("workspaces/list", {}, b'{"workspaces": {"another": "shape"}}'), NOW)
    async with session(demo.url, tmp_path) as service:
        assert [answer.live for answer in await told(service.workspaces())] == [True]


# Apart and private.


async def first_told(settings: Settings, folder: Path) -> Answer[object] | ServiceError:
    service = open_service(settings, folder, clock=lambda: NOW)
    try:
        return await anext(service.workspaces())
    except ServiceError as error:
        return error
    finally:
        await service.close()


def token_of(demo: Demo) -> str:
    form = {"grant_type": "password", "client_id": "sdk-client", "username": "demo", "password": "demo"}
    url = f"{demo.url}/auth/realms/master/protocol/openid-connect/token"
    return str(httpx.post(url, data=form, trust_env=False).json()["access_token"])


async def test_neither_another_user_nor_another_instance_is_told_what_is_cached(
    demo: Demo, old: Demo, tmp_path: Path
) -> None:
    mine = Settings(demo.url, login=("demo", Secret("demo")))
    await first_told(mine, tmp_path)
    again = await first_told(mine, tmp_path)
    assert isinstance(again, Answer)
    assert not again.live

    jane = Settings(demo.url, login=("jane", Secret("demo")))
    nobody = Settings(demo.url)
    stranger = Settings(demo.url, token=Secret("opaque"))
    for settings in (jane, nobody, stranger):
        assert isinstance(await first_told(settings, tmp_path), NotSignedIn)
    elsewhere = await first_told(Settings(old.url, login=("demo", Secret("demo"))), tmp_path)
    assert isinstance(elsewhere, Answer)
    assert elsewhere.live
    by_token = await first_told(Settings(demo.url, token=Secret(token_of(demo))), tmp_path)
    assert isinstance(by_token, Answer)
    assert by_token.live


async def test_where_both_are_given_the_token_says_who_the_user_is(demo: Demo, tmp_path: Path) -> None:
    login = ("demo", Secret("demo"))
    await first_told(Settings(demo.url, login=login), tmp_path)
    both = Settings(demo.url, login=login, token=Secret("opaque"))
    assert isinstance(await first_told(both, tmp_path), NotSignedIn)


async def test_a_renewed_token_of_the_same_user_finds_what_is_cached(demo: Demo, tmp_path: Path) -> None:
    tokens = [token_of(demo), token_of(demo)]
    assert tokens[0] != tokens[1]
    live = [await first_told(Settings(demo.url, token=Secret(token)), tmp_path) for token in tokens]
    assert [isinstance(answer, Answer) and answer.live for answer in live] == [True, False]


async def test_unsent_edits_and_saves_are_there_for_the_same_user_of_the_same_instance_alone(
    demo: Demo, tmp_path: Path
) -> None:
    def service_for(name: str, url: str = demo.url) -> Service:
        settings = Settings(url, login=(name, Secret("demo")))
        return open_service(settings, None, tmp_path / "state", clock=lambda: NOW)

    mine = service_for("demo")
    edit = await changed(mine, ONE_ROW)
    mine.drafts.keep(TWO_ROWS, Draft(ConfigEdit(TWO_ROWS.id, edit.base), {"filter_threshold": "0,"}))
    await mine.save_config(ONE_ROW, edit)
    await mine.close()

    for stranger in (service_for("jane"), service_for("demo", "http://127.0.0.1:1")):
        assert stranger.drafts.all() == ()
        assert stranger.history.entries(ONE_ROW.id) == ()
        await stranger.close()
    again = service_for("demo")
    (entry,) = again.history.entries(ONE_ROW.id)
    kept = again.drafts.take(TWO_ROWS.id)
    await again.close()
    assert (entry.user, entry.request) == ("demo", edit.request())
    assert kept
    assert kept.draft.refused == {"filter_threshold": "0,"}


async def test_what_is_wrong_with_the_disk_is_told_the_gravest_first(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("no folder")
    (tmp_path / "drafts").write_text("no folder")
    settings = Settings(demo.url, login=("demo", Secret("demo")))
    service = open_service(settings, tmp_path / "cache", tmp_path, clock=lambda: NOW)
    assert "response cache" in str(service.trouble)
    edit = await changed(service, ONE_ROW)
    service.drafts.keep(ONE_ROW, Draft(edit))
    service.drafts.flush()
    assert "Unsent edits can't be kept" in str(service.trouble)
    await service.close()


async def changed(service: Service, version: ModelVersion) -> ConfigEdit:
    config = (await service.config_to_edit(version)).config
    assert config
    return ConfigEdit(version.id, config).with_value("filter_threshold", 0.5)


async def test_no_secret_reaches_the_disk(demo: Demo, tmp_path: Path) -> None:
    token = token_of(demo)
    settings = Settings(demo.url, token=Secret(token), login=("demo", Secret("pass-word")))
    service = open_service(settings, tmp_path / "cache", tmp_path / "state", clock=lambda: NOW)
    for read in READS.values():
        await told(read(service))
    edit = await changed(service, ONE_ROW)
    demo.script(INSERT, Scripted(403, json.dumps({"code": 403, "msg": f"not for Bearer {token}"}).encode()))
    with pytest.raises(Forbidden):
        await service.save_config(ONE_ROW, edit)
    service.drafts.keep(ONE_ROW, Draft(edit))
    service.drafts.flush()
    state = [path.read_bytes() for path in (tmp_path / "state").rglob("*.json*")]
    assert len(state) == 2
    (file,) = (tmp_path / "cache").glob("*.db")
    raw = b"".join(path.read_bytes() for path in (tmp_path / "cache").iterdir())
    await service.close()
    raw += file.read_bytes()
    with closing(sqlite3.connect(file)) as connection:
        bodies = [zlib.decompress(body) for (body,) in connection.execute("select body from answer")]

    assert any(b"api-sample-model" in body for body in bodies)
    for text in (raw, *bodies, *state):
        assert token.encode() not in text
        assert token.rpartition(".")[2].encode() not in text
        assert b"pass-word" not in text
        assert b"earer" not in text


# Models.


async def test_one_request_tells_models_with_their_versions(demo: Demo) -> None:
    async with session(demo.url, None) as service:
        (answer,) = await told(service.models(HOME))
    assert ids(answer.value) == {15: [19, 18, 17, 16, 15], 14: [14]}
    assert count_requests(demo) == 1


async def test_an_older_server_is_asked_for_each_models_versions(old: Demo, tmp_path: Path) -> None:
    async with session(old.url, tmp_path) as service:
        answers = await told(service.models(HOME))
        assert ids(answers[0].value) == {15: None, 14: None}
        assert sum(versions is None for versions in ids(answers[1].value).values()) == 1
        assert ids(answers[2].value) == {15: [19, 18, 17, 16, 15], 14: [14]}
        assert len(answers) == 3
        assert all(answer.live for answer in answers)
        assert {source.path for source in answers[-1].sources} == {LIST, "models/list_versions"}
        assert {version.workspace_id for model in answers[2].value for version in model.versions or ()} == {
            10
        }
        assert count_requests(old, "models/list_versions") == 2

        cached, *live = await told(service.models(HOME))
    assert (cached.live, cached.value) == (False, answers[2].value)
    assert all(answer.value == answers[2].value for answer in live)
    assert len(live) == 3


async def test_a_model_is_told_with_its_versions(either: Demo, tmp_path: Path) -> None:
    async with session(either.url, tmp_path) as service:
        model = await last(service.model(HOME, MODEL))
        assert model.name == "api-upload-pytorch-multi-io"
        assert [version.id for version in model.versions or ()] == [19, 18, 17, 16, 15]
        assert [answer.live for answer in await told(service.model(HOME, MODEL))] == [False, True]


async def test_a_model_that_is_gone_is_told_from_the_cache_and_then_not_found(
    either: Demo, tmp_path: Path
) -> None:
    async with session(either.url, tmp_path) as service:
        await told(service.model(HOME, MODEL))
        either.script(LIST, saying({"models": []}))
        stream = service.model(HOME, MODEL)
        assert (await anext(stream)).value.id == MODEL
        with pytest.raises(NotFound, match="15"):
            await anext(stream)


async def test_a_model_that_the_cache_does_not_know_yet_waits_for_the_live_list(
    demo: Demo, tmp_path: Path
) -> None:
    async with session(demo.url, tmp_path) as service:
        demo.script(LIST, saying({"models": []}))
        await told(service.models(HOME))
        assert [answer.live for answer in await told(service.model(HOME, MODEL))] == [True]


async def test_workspaces_are_summed_up_and_one_that_fails_is_left_out(demo: Demo, tmp_path: Path) -> None:
    workspaces = [WorkspaceId(10), WorkspaceId(4)]
    async with session(demo.url, tmp_path) as service:
        summaries = dict(await told(service.summaries(workspaces)))
        assert {id: summary.models for id, summary in summaries.items()} == {10: 2, 4: 1}
        assert summaries[HOME].phases == {Phase.ERROR: 4, Phase.READY: 2}

        demo.script(LIST, refusing("unknown error.", 500), refusing("unknown error.", 500))
        again = await told(service.summaries(workspaces))
    kept = {
        number: Summary(summary.models, summary.phases, live=False) for number, summary in summaries.items()
    }
    assert dict(again) == kept


# A version and its newest config.


async def test_the_config_that_came_with_a_version_is_whole_where_it_is_the_newest(demo: Demo) -> None:
    async with session(demo.url, None) as service:
        detail = await last(service.version(ONE_ROW))
    assert detail.config
    assert detail.config.id == 26
    assert UNSET not in [getattr(detail.config, name) for name in detail.config.__struct_fields__]
    assert str(detail.config.input_schema).startswith("/////")
    assert (detail.complete, detail.replaced_config) == (True, None)


async def test_of_a_newer_config_only_what_is_told_is_readable(demo: Demo) -> None:
    newest = configure(demo, 16, tensor_fields=[], filter_threshold=0.0, batch_config="single")
    async with session(demo.url, None) as service:
        detail = await last(service.version(ONE_ROW))
    config = detail.config
    assert config
    assert (config.id, config.version_id, config.runtime) == (newest, 16, "flight")
    assert (config.tensor_fields, config.filter_threshold) == ((), 0.0)
    for name in ("input_schema", "output_schema", "batch_config", "dynamic_batching_config", "openai_config"):
        assert getattr(config, name) is UNSET
    assert detail.replaced_config
    assert detail.replaced_config.id == 26


async def test_an_older_server_tells_four_fields_and_the_row_of_the_list(old: Demo) -> None:
    async with session(old.url, None) as service:
        model = await last(service.model(HOME, MODEL))
        row = next(version for version in model.versions or () if version.id == 16)
        detail = await last(service.version(row))
    assert not detail.complete
    assert detail.version == row
    assert detail.config
    assert (detail.config.id, detail.config.runtime) == (26, "flight")
    assert detail.config.input_schema is UNSET


async def test_the_whole_version_replaces_what_the_list_said_but_not_what_it_cannot_tell(demo: Demo) -> None:
    stale = replace_fields(
        ONE_ROW,
        status="error",
        error_summary="of a build before",
        owner_id="jane",
        workspace_id=HOME,
        sha="old",
    )
    async with session(demo.url, None) as service:
        version = (await last(service.version(stale))).version
    assert (version.status, version.error_summary) == ("ready", None)
    assert version.sha != "old"
    assert (version.model_id, version.owner_id, version.workspace_id) == (15, "jane", 10)


async def test_what_the_whole_version_leaves_out_is_taken_from_the_list(demo: Demo) -> None:
    demo.script(VERSION, saying({"model_version": {"model_version": {"id": 16}}}))
    async with session(demo.url, None) as service:
        version = (await last(service.version(replace_fields(ONE_ROW, workspace_id=HOME)))).version
    assert (version.model_name, version.workspace_id) == (ONE_ROW.model_name, HOME)


async def test_a_config_that_came_with_the_version_counts_where_no_newest_is_told(demo: Demo) -> None:
    demo.script(CONFIG, saying({"model_config": None}))
    async with session(demo.url, None) as service:
        config = (await last(service.version(ONE_ROW))).config
    assert config
    assert config.id == 26


async def test_a_version_that_is_gone_is_not_found(demo: Demo) -> None:
    async with session(demo.url, None) as service:
        with pytest.raises(NotFound):
            await told(service.version(ModelVersion(id=VersionId(999_999))))


NEWER = ("dynamic_batching_config", "continuous_batching_config", "openai_config", "queue_depth")


@pytest.mark.parametrize(
    ("told_too", "readable"),
    [
        pytest.param({}, True, id="a server from before batching: there is nothing to read"),
        pytest.param({"sidekick_uri": None}, False, id="a server that may have it and does not tell"),
    ],
)
async def test_what_a_whole_config_leaves_out_is_null_only_where_the_server_cannot_have_it(
    demo: Demo, told_too: dict[str, None], readable: bool
) -> None:
    row = {
        "id": 26, "model_version_id": 16, "runtime": "flight", "tensor_fields": None, "filter_threshold": None,
        "input_schema": None, "output_schema": None, "batch_config": None,
    }  # fmt: skip
    demo.script(
        VERSION,
        saying({"model_version": {"model_version": {"id": 16, "name": "m"}, "config": row | told_too}}),
    )
    async with session(demo.url, None) as service:
        config = (await last(service.version(ONE_ROW))).config
    assert {getattr(config, name) for name in NEWER} == {None if readable else UNSET}


async def test_an_edit_begins_from_a_live_config(demo: Demo, tmp_path: Path) -> None:
    async with session(demo.url, tmp_path) as service:
        await told(service.version(ONE_ROW))
        newest = configure(demo, 16)
        detail = await service.config_to_edit(ONE_ROW)
        assert detail.config
        assert detail.config.id == newest
        demo.refuse()
        with pytest.raises(ConnectionFailed):
            await service.config_to_edit(ONE_ROW)


async def test_an_edit_of_a_version_without_a_config_begins_from_nulls(demo: Demo) -> None:
    demo.script(CONFIG, saying({"model_config": None}))
    demo.script(
        VERSION, saying({"model_version": {"model_version": {"id": 16, "name": "m"}, "config": None}})
    )
    async with session(demo.url, None) as service:
        config = (await service.config_to_edit(ONE_ROW)).config
    assert config
    assert config.id == NO_CONFIG
    fields = set(config.__struct_fields__) - {"id", "version_id", "extra"}
    assert {getattr(config, name) for name in fields} == {None}
