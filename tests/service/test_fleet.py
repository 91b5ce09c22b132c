"""Every version of the instance: by one request where it is answered, else by one for each workspace."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.clock import NOW, Clock
from tests.support.services import LIST, VERSION, count_requests, last, refusing, saying, session, told
from wltui.core.errors import ConnectionFailed, NotSignedIn
from wltui.core.records import Model, ModelId, ModelVersion, VersionId, WorkspaceId
from wltui.demo import Demo, Scripted
from wltui.demo.releases import Era
from wltui.service.fleet import Fleet
from wltui.service.fleet_reader import AT_ONCE
from wltui.service.service import Answer, Service

OTHER = "models/get_model_version_by_id"
TOKEN = "/auth/realms/master/protocol/openid-connect/token"


def ids(fleet: Fleet) -> set[int]:
    """The versions of a fleet, archived workspaces included."""
    return {version.id for version in fleet.versions(archived=True)}


def there(demo: Demo) -> set[int]:
    """The versions of the instance."""
    return {int(number) for number in demo.world.versions}


def at_once(demo: Demo) -> int:
    """How many requests asked for all workspaces in one answer."""
    return sum(request.path == LIST and json.loads(request.body) == {} for request in demo.requests)


async def everything(demo: Demo) -> Any:
    """The answer that has all models."""
    async with session(demo.url, None) as service:
        answer = (await told(service.fleet()))[-1]
    (source,) = {id(each): each for each in answer.sources if each.path == LIST}.values()
    return json.loads(source.body)


async def told_before_the_end(service: Service) -> list[Answer[Fleet]]:
    """What is shown before the network turns out to be gone."""
    answers = []
    try:
        async for answer in service.fleet():
            answers.append(answer)
    except ConnectionFailed:
        return answers
    raise AssertionError("there is a network")


async def test_one_request_reads_every_version(demo: Demo) -> None:
    async with session(demo.url, None) as service:
        fleet = await last(service.fleet())
    assert ids(fleet) == there(demo)
    assert (fleet.left, fleet.unread, fleet.missing[0]) == (0, {}, 0)
    assert (at_once(demo), count_requests(demo, LIST)) == (1, 1)
    assert {each.workspace_id for each in fleet.versions()} <= {each.id for each in fleet.workspaces}


async def test_versions_of_archived_workspaces_are_left_out_unless_asked_for(demo: Demo) -> None:
    async with session(demo.url, None) as service:
        fleet = await last(service.fleet())
    archived = {each.id for each in fleet.workspaces if each.archived}
    assert archived
    assert not archived & {version.workspace_id for version in fleet.versions()}


async def test_a_refusal_is_remembered_and_each_workspace_read_on_its_own(demo: Demo) -> None:
    clock = Clock()
    demo.script(LIST, refusing("missing field `workspace_id`", 400))
    async with session(demo.url, None, clock=clock) as service:
        answers = await told(service.fleet())
        assert ids(answers[-1].value) == there(demo)
        assert [answer.value.left for answer in answers][-1] == 0
        assert all(answer.value.left for answer in answers[:-1])
        workspaces = len(answers[-1].value.workspaces)
        assert count_requests(demo, LIST) == 1 + workspaces
        clock.advance(minutes=10)
        await last(service.fleet())
    assert (at_once(demo), count_requests(demo, LIST)) == (1, 1 + 2 * workspaces)


async def test_an_answer_that_lacks_a_workspace_does_not_count(demo: Demo) -> None:
    demo.script(LIST, Scripted(200, b'{"models": []}'))
    async with session(demo.url, None) as service:
        fleet = await last(service.fleet())
    assert ids(fleet) == there(demo)
    assert count_requests(demo, LIST) == 1 + len(fleet.workspaces)


@pytest.mark.parametrize("api", ["2023.4", "2026.1"])
async def test_every_release_shows_the_same_versions(api: Era) -> None:
    with Demo(seed=1, clock=lambda: NOW, api=api) as server:
        async with session(server.url, None, graphql=True) as service:
            assert ids(await last(service.fleet())) == there(server)


async def test_a_workspace_that_fails_is_named_and_the_others_are_read(demo: Demo) -> None:
    broken = {"workspace_id": 4}
    demo.script(LIST, refusing("no", 400), *[Scripted(500, b"oh", asked=broken)] * 9)
    async with session(demo.url, None) as service:
        fleet = await last(service.fleet())
    assert set(fleet.unread) == {WorkspaceId(4)}
    own = {version.id for model in demo.world.workspaces[4].models for version in model.versions}
    assert ids(fleet) == there(demo) - own


async def test_no_more_than_four_lists_are_read_at_once(demo: Demo) -> None:
    """The demo answers in the order of arrival, so that of those under way the newest is at most the fifth."""
    demo.script(LIST, refusing("no", 400))
    async with session(demo.url, None) as service:
        stream = service.fleet()
        async for answer in stream:
            read = len(answer.value.workspaces) - answer.value.left
            assert count_requests(demo, LIST) - 1 <= read + AT_ONCE
        assert answer.value.left == 0


async def test_lists_are_read_again_after_a_minute_or_when_asked_for(demo: Demo) -> None:
    clock = Clock()
    async with session(demo.url, None, clock=clock) as service:
        for seconds, now, requests in (
            (0, False, 1),
            (30, False, 1),
            (0, True, 2),
            (59, False, 2),
            (2, False, 3),
        ):
            clock.advance(seconds)
            await last(service.fleet(now=now))
            assert count_requests(demo, LIST) == requests


async def test_graphql_shows_since_when_and_what_has_changed_between_two_reads(demo: Demo) -> None:
    clock = Clock()
    async with session(demo.url, None, clock=clock, graphql=True) as service:
        answers: list[Answer[Fleet]] = []
        demo.script(LIST, Scripted(processed=True, may_answer=lambda: len(answers) > 0))
        async for answer in service.fleet():
            answers.append(answer)
        first, *_, whole = answers
        assert first.value.left
        assert not first.value.models
        failed = [each for each in whole.value.versions() if each.status == "error"]
        assert failed
        assert {each.id for each in failed} <= {each.id for each in first.value.versions()}
        assert {each.id for each in failed} <= whole.value.changed_at.keys()

        ready = next(each for each in demo.world.versions.values() if each.build.outcome == "ready")
        ready.build = dataclasses.replace(ready.build, outcome="error")
        clock.advance(30)
        now = await last(service.fleet())
        (changed,) = [each for each in now.versions(archived=True) if each.id == ready.id]
        assert (changed.status, changed.sha) == ("error", ready.sha)
        assert count_requests(demo, LIST) == 1


async def test_a_cut_answer_does_not_hide_a_version(demo: Demo) -> None:
    """Every version that the list of workspaces names has to be there; the rest is read on its own."""
    home = demo.world.workspaces[11]
    listed = await everything(demo)
    cut = [item for item in listed["models"] if item["model"]["id"] != home.models[0].id]
    demo.script(LIST, saying({"models": cut}))
    before = count_requests(demo, LIST)
    async with session(demo.url, None) as service:
        assert ids(await last(service.fleet())) == there(demo)
    assert count_requests(demo, LIST) == before + 2


async def test_a_new_workspace_does_not_hide_what_is_cached(tmp_path: Path, demo: Demo) -> None:
    async with session(demo.url, tmp_path) as service:
        before = ids(await last(service.fleet()))
        listed = [{"id": w.id, "name": w.name, "models": [v.id for m in w.models for v in m.versions]}
                  for w in demo.world.workspaces.values()]  # fmt: skip
        demo.script(
            "workspaces/list", saying({"workspaces": [*listed, {"id": 99, "name": "new", "models": [9_999]}]})
        )
        await last(service.workspaces())
    demo.refuse()
    async with session(demo.url, tmp_path) as service:
        (answer,) = await told_before_the_end(service)
    assert ids(answer.value) == before


async def test_a_version_that_changes_soon_after_a_read_is_read_again_within_a_minute(demo: Demo) -> None:
    clock = Clock()
    async with session(demo.url, None, clock=clock, graphql=True) as service:
        await last(service.fleet())
        clock.advance(5)
        pending = [
            row for row in demo.world.versions.values() if row.build.status(NOW) not in ("ready", "error")
        ]
        pending[0].build = dataclasses.replace(pending[0].build, stages=(), outcome="ready", period=None)
        for _ in range(12):  # a look every five seconds
            fleet = await last(service.fleet())
            clock.advance(5)
        (shown,) = [each for each in fleet.versions(archived=True) if each.id == pending[0].id]
        assert shown.status == "ready"


async def test_a_read_that_was_left_goes_on_where_it_was(demo: Demo) -> None:
    demo.script(LIST, refusing("no", 400))
    async with session(demo.url, None) as service:
        async for answer in service.fleet():
            if answer.value.models:
                break
        read = len(answer.value.models)
        before = count_requests(demo, LIST)
        fleet = await last(service.fleet())
        assert ids(fleet) == there(demo)
        assert count_requests(demo, LIST) - before <= len(fleet.workspaces) - read + AT_ONCE


async def test_a_failure_that_passes_does_not_end_the_single_request(demo: Demo) -> None:
    clock = Clock()
    demo.script(LIST, *[Scripted(503, b"{}")] * 3)
    async with session(demo.url, None, clock=clock) as service:
        assert ids(await last(service.fleet())) == there(demo)
        asked = at_once(demo)
        clock.advance(minutes=10)
        await last(service.fleet())
        assert at_once(demo) == asked + 1


async def test_a_row_without_a_reason_does_not_erase_the_one_that_is_known() -> None:
    known = ModelVersion(id=VersionId(1), status="error", error_summary="no room", image_path="a:1")
    model = Model(id=ModelId(1), name="m", workspace_id=WorkspaceId(1), versions=(known,))
    newer = ModelVersion(id=VersionId(1), status="error", workspace_id=WorkspaceId(1))
    (shown,) = Fleet(models={WorkspaceId(1): (model,)}, newer={newer.id: newer}).versions()
    assert (shown.error_summary, shown.image_path) == ("no room", "a:1")


async def test_the_cache_shows_the_fleet_without_a_request(tmp_path: Path, demo: Demo) -> None:
    async with session(demo.url, tmp_path) as service:
        before = await last(service.fleet())
    demo.refuse()
    async with session(demo.url, tmp_path) as service:
        answers = await told_before_the_end(service)
    assert [answer.live for answer in answers] == [False]
    assert ids(answers[0].value) == ids(before)


async def test_the_cache_also_has_what_was_read_workspace_by_workspace(tmp_path: Path, demo: Demo) -> None:
    async with session(demo.url, tmp_path) as service:
        await last(service.workspaces())
        await last(service.models(WorkspaceId(4)))
    demo.refuse()
    async with session(demo.url, tmp_path) as service:
        (answer,) = await told_before_the_end(service)
    assert set(answer.value.models) == {WorkspaceId(4)}


async def test_a_sign_in_that_ends_ends_the_read(demo: Demo) -> None:
    demo.script(LIST, *[Scripted(401, b"{}")] * 9)
    async with session(demo.url, None) as service:
        with pytest.raises(NotSignedIn):
            await last(service.fleet())


def test_the_newer_status_of_a_version_keeps_what_only_lists_have() -> None:
    known = ModelVersion(id=VersionId(1), status="pending_load_native", deployed=True, size=7)
    model = Model(id=ModelId(1), name="m", workspace_id=WorkspaceId(1), versions=(known,))
    newer = ModelVersion(
        id=VersionId(1), status="error", error_summary="no room", workspace_id=WorkspaceId(1)
    )
    fleet = Fleet(models={WorkspaceId(1): (model,)}, newer={newer.id: newer})
    (shown,) = fleet.versions()
    assert (shown.status, shown.error_summary, shown.deployed, shown.size) == ("error", "no room", True, 7)


async def test_a_version_of_a_server_without_a_call_for_one_is_followed_in_the_list_of_its_model() -> None:
    clock = Clock()
    with Demo(api="2023.4", clock=clock) as demo:
        (moving, *_) = [
            each for each in demo.world.versions.values() if each.build.status(clock()) == "uploading"
        ]
        async with session(demo.url, None, clock=clock) as service:
            paths = []
            for seconds in (0, 1, 600):
                clock.advance(seconds)
                before = len(demo.requests)
                version = await service.current_version(VersionId(moving.id))
                assert version.status == moving.build.status(clock())
                asked = {request.path for request in demo.requests[before:]} - {VERSION, OTHER, TOKEN}
                paths.append(asked)
    assert LIST in paths[0] & paths[2]
    assert paths[1] == {"models/list_versions"}
