"""Versions on their way are read alone between two reads of their list, and a failure of that changes nothing."""

import gzip
from datetime import timedelta
from typing import Any

import pytest

from tests.support.clock import NOW
from tests.support.screens import answer, model_item, models, version_item
from tests.support.services import LIST, VERSION, Clock, at_once, last, refusing, session
from tests.support.waiting import LIMIT
from wltui.api.auth import PasswordLogin
from wltui.api.client import Client
from wltui.core.compact import replace_fields
from wltui.core.records import Model, ModelId, ModelVersion, VersionId, WorkspaceId
from wltui.core.settings import Secret
from wltui.demo import Demo, Scripted
from wltui.service.exchange import Exchange
from wltui.service.latest import Latest, Look
from wltui.service.rhythm import LIST_RATE, LONGEST_PAUSE, Rhythm, list_pause
from wltui.service.service import Answer, Service

HOME, MODEL = WorkspaceId(10), ModelId(90)
GONE = Look(is_gone=True)
FAILED = Look(has_failed=True)
CUT_OFF = Look(has_failed=True, is_cut_off=True)


def listed(*statuses: str) -> Scripted:
    """A list of one model with a version of each status, numbered from 900 on, newest first."""
    items = [version_item(900 + place, "slow", status=status) for place, status in enumerate(statuses)]
    return models(model_item(MODEL, "slow", *reversed(items)), model_item(91, "other", version_item(1)))


def alone(status: str, number: int = 900, **fields: Any) -> Scripted:
    item = version_item(number, "slow", status=status, **fields)
    return Scripted(body=answer({"model_version": item}).body, asked={"model_version_id": number})


def version(models: tuple[Model, ...], number: int = 900) -> ModelVersion:
    return next(each for model in models for each in model.versions or () if each.id == number)


async def models_of(service: Service) -> Answer[tuple[Model, ...]]:
    (found,) = [each async for each in service.models(HOME)]
    return found


async def test_a_version_that_is_read_alone_is_newer_than_its_list_until_that_is_read_again(
    demo: Demo,
) -> None:
    clock = Clock()
    demo.script(LIST, listed("uploading", "ready"), listed("attempting_load_container", "ready"))
    demo.script(VERSION, alone("uploading"), alone("ready", image_path="ghcr.io/a:1", workspace_id=None))
    async with session(demo.url, None, clock=clock) as service:
        before = await models_of(service)
        clock.advance(5)
        assert await service.latest.look([version(before.value)]) == Look()
        assert service.latest.in_models(before) is before
        clock.advance(5)
        look = await service.latest.look([version(before.value)])
        assert look == Look(has_changed=True, has_arrived=True)
        now = service.latest.in_models(before)
        renewed = replace_fields(version(before.value), status="ready", image_path="ghcr.io/a:1")
        assert version(now.value) == renewed
        assert [model for model in now.value if model.id != MODEL] == [before.value[0]]
        assert (now.as_of, now.live) == (before.as_of, True)
        assert [source.path for source in now.sources] == [LIST, VERSION]
        assert service.latest.in_models(now) is now
        (model,) = [each async for each in service.model(HOME, MODEL)]
        assert version((model.value,)).status == "attempting_load_container"  # a list of the same time


async def test_no_more_than_so_many_single_reads_are_kept(demo: Demo) -> None:
    demo.script(VERSION, *(alone("ready", number) for number in (900, 901, 900, 902)))
    auth = PasswordLogin(demo.url, "demo", Secret("demo"))
    exchange = Exchange(lambda: Client(demo.url, auth, timeout=LIMIT, wait=at_once), None, lambda: NOW)
    latest = Latest(exchange, most=2)
    for number in (900, 901, 900, 902):
        await latest.look([ModelVersion(id=VersionId(number))])
    assert list(latest.newer_than(NOW - timedelta(days=1))) == [900, 902]
    await exchange.close()


@pytest.mark.parametrize(
    ("refusal", "look"),
    [
        (Scripted(404), GONE),
        (refusing("The provided model version was not found.", 400), GONE),
        (refusing("", 403), FAILED),
        (refusing("unknown error.", 500), FAILED),
        (Scripted(502), FAILED),
        (Scripted(200, b"no JSON"), FAILED),
        (Scripted(drop=True), CUT_OFF),
    ],
)
async def test_a_version_that_can_t_be_read_alone_stays_as_it_is_known(
    demo: Demo, refusal: Scripted, look: Look
) -> None:
    clock = Clock()
    demo.script(LIST, listed("uploading", "uploading"))
    demo.script(VERSION, replaced(refusal, 900), alone("ready", 901))
    demo.script("models/get_model_version_by_id", Scripted(404))
    async with session(demo.url, None, clock=clock) as service:
        before = await models_of(service)
        clock.advance(5)
        both = [version(before.value, number) for number in (900, 901)]
        found = await service.latest.look(both)
        assert found == Look(True, True, look.is_gone, look.is_cut_off, look.has_failed)
        now = service.latest.in_models(before).value
        assert [version(now, number).status for number in (900, 901)] == ["uploading", "ready"]
        assert [service.latest.can_look(each) for each in both] == [not look.is_gone, True]
    assert sum(request.path == VERSION for request in demo.requests) == 2  # none is repeated


def replaced(refusal: Scripted, number: int) -> Scripted:
    """The refusal, for one version alone."""
    return Scripted(refusal.status, refusal.body, drop=refusal.drop, asked={"model_version_id": number})


async def test_a_fleet_has_the_versions_that_were_read_alone(demo: Demo) -> None:
    clock = Clock()
    async with session(demo.url, None, clock=clock) as service:
        assert service.fleet_reader.latest() is None
        moving = next(each for each in (await last(service.fleet())).versions() if each.status == "uploading")
        demo.script(VERSION, alone("error", moving.id, error_summary="it broke"))
        clock.advance(5)
        await service.latest.look([moving])
        now = service.fleet_reader.latest()
        assert now is not None
        assert now.live
        found = next(each for each in now.value.versions() if each.id == moving.id)
        assert found == replace_fields(moving, status="error", error_summary="it broke")


def test_a_list_is_read_less_often_the_larger_it_is() -> None:
    for size, at_rest, followed, whole in (
        (20_000, 30, 5, 5),  # a small one whole, as often as its versions would be
        (10 * LIST_RATE, 30, 30, 10),
        (100 * LIST_RATE, 100, 100, 100),
        (1 << 30, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE),
    ):
        assert list_pause(size, moving=False, can_follow=False) == at_rest
        assert list_pause(size, moving=True, can_follow=True) == followed
        assert list_pause(size, moving=True, can_follow=False) == whole


@pytest.mark.parametrize(
    ("looks", "steps"),
    [
        ([Look()] * 3, [5, 5, 5, 5]),
        ([FAILED] * 5, [5, 10, 20, 40, 25, 0]),
        ([FAILED, Look(), FAILED], [5, 10, 5, 10]),
        ([Look(), Look(has_arrived=True)], [5, 5, 5]),
        ([Look(), GONE], [5, 5, 0]),
        ([CUT_OFF], [5, 0]),
        ([FAILED, CUT_OFF], [5, 10, 20]),
    ],
)
def test_looks_between_two_reads_of_a_list(looks: list[Look], steps: list[float]) -> None:
    rhythm = Rhythm()
    rhythm.begin(100, follows=True)
    seen = []
    for look in looks:
        seen.append(rhythm.step)
        rhythm.spend(rhythm.step)
        rhythm.take(look)
    assert [*seen, max(0, rhythm.step)] == steps


def test_a_list_is_read_soon_after_an_arrival_and_not_before_it_has_rested() -> None:
    for pause, passed, left in ((100, 10, 20), (100, 50, 0), (LONGEST_PAUSE, 50, LONGEST_PAUSE / 5 - 50)):
        rhythm = Rhythm()
        rhythm.begin(pause, follows=True)
        rhythm.spend(passed)
        rhythm.take(Look(has_arrived=True))
        assert rhythm.left == left


async def test_an_answer_has_the_bytes_that_it_took_compressed(demo: Demo) -> None:
    body = listed(*["ready"] * 100).body or b""
    packed = gzip.compress(body, mtime=0)
    demo.script(LIST, Scripted(body=packed, headers={"content-encoding": "gzip"}))
    async with session(demo.url, None) as service:
        found = await models_of(service)
        assert (found.size, found.sources[0].body) == (len(packed), body)
        before = demo.traffic.sent
        (again,) = [each async for each in service.model(WorkspaceId(10), ModelId(15))]
        assert (
            0 < again.size < demo.traffic.sent - before < len(again.sources[0].body)
        )  # the embedded one compresses
