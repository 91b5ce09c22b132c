"""What a large list costs while it is on screen: versions on their way are read alone between two reads of it."""

import random
from collections import Counter
from datetime import timedelta

from tests.support.clock import NOW, Clock
from tests.support.screens import (
    Json,
    answer,
    calls,
    header,
    line_with,
    model_item,
    models,
    version_item,
)
from tests.support.session import OpenApp, Session
from wltui.core.records import ModelVersion, Phase, VersionId
from wltui.demo import Demo, Scripted
from wltui.ui.screens.base.moving import Moving

LIST, ALONE = "models/list", "models/get_version_by_id"


def moving(number: int, status: str, *, minutes: float = 0) -> Json:
    """A version that was uploaded some minutes ago."""
    created = (NOW - timedelta(minutes=minutes)).isoformat()
    return version_item(number, f"moving-{number}", status=status, created_at=created)


def alone(number: int, status: str, *, minutes: float = 0) -> Scripted:
    """The answer of ``get_version_by_id``."""
    body = answer({"model_version": moving(number, status, minutes=minutes)}).body
    return Scripted(body=body, asked={"model_version_id": number})


def large(*newest: Json, size: int = 460_000) -> Scripted:
    """A list with these versions, and with others: as many bytes as 2,000 versions, compressed."""
    noise = random.Random(1).randbytes(size // 200).hex()
    old = [
        model_item(number, f"old-{number}", version_item(number, config={"input_schema": noise}))
        for number in range(100)
    ]
    new = [
        model_item(
            each["model_version"]["id"], each["model_version"]["name"], each, updated_at=NOW.isoformat()
        )
        for each in newest
    ]
    body = models(*old, *new).body
    return Scripted(body=body, headers={"content-encoding": "identity"})


async def pass_time(session: Session, clock: Clock) -> float:
    """Let the shortest pause end when its time is over."""
    clock.advance(min(seconds for seconds, _ in session.waits.pauses))
    return await session.time_passes()


async def test_an_hour_beside_a_list_of_2000_versions_costs_10_kb_a_second(
    open_app: OpenApp, demo: Demo
) -> None:
    clock = Clock()
    demo.script(LIST, *[large(moving(900, "uploading", minutes=20))] * 200)
    demo.script(ALONE, *[alone(900, "uploading", minutes=20)] * 200)
    async with open_app(workspace=10, refresh=None, clock=clock, ticks=clock.ticks) as session:
        sent, asked, spent = demo.traffic.total, len(demo.requests), {}
        for minutes in (10, 60):  # it is on its way for the first ten minutes
            while clock() < NOW + timedelta(minutes=minutes):
                await pass_time(session, clock)
            spent[minutes] = (demo.traffic.total - sent) / (60 * minutes)
    count = Counter(calls(demo, asked))
    assert max(spent.values()) < 10_000
    assert 100 <= count[ALONE] <= 120
    assert 50 <= count[LIST] <= 120
    assert count.keys() == {ALONE, LIST}


async def test_versions_on_their_way_are_right_between_two_reads_of_a_large_list(
    open_app: OpenApp, demo: Demo
) -> None:
    clock = Clock()
    demo.script(
        LIST,
        large(moving(900, "uploading"), moving(901, "uploading")),
        large(moving(900, "ready"), moving(901, "uploading")),
        large(moving(900, "ready")),
        large(moving(900, "error")),
    )

    async def look(session: Session, *answers: Scripted) -> tuple[float, list[str]]:
        """Let the next pause end; return its seconds, and what was asked for after it."""
        demo.script(ALONE, *answers)
        before = len(demo.requests)
        return await pass_time(session, clock), calls(demo, before)

    def rows(session: Session) -> list[str]:
        return [line_with(session, f"moving-{number}").split()[2] for number in (900, 901)]

    async with open_app(workspace=10, refresh=None, clock=clock, ticks=clock.ticks, toasts=False) as session:
        rings: list[int] = []
        session.app.bell = lambda: rings.append(900)  # type: ignore[method-assign]
        found = await look(session, alone(900, "attempting_load_container"), alone(901, "uploading"))
        assert found == (5, [ALONE, ALONE])
        assert rows(session) == ["attempting_load_container◂", "uploading"]
        assert "● live 14:30:00" in header(session)  # since when the list is known
        screen = session.text
        refused = [
            Scripted(status, asked={"model_version_id": 900 + n}) for n, status in enumerate((403, 502))
        ]
        assert await look(session, *refused) == (5, [ALONE, ALONE])
        assert session.text == screen
        assert await look(session, alone(900, "ready"), alone(901, "uploading")) == (10, [ALONE, ALONE])
        assert rows(session)[0] == "ready"
        assert rings == [900]
        assert await look(session, alone(901, "uploading")) == (5, [ALONE])
        assert await look(session) == (5, [LIST])  # 30 s after the last one
        assert "● live 14:30:30" in header(session)
        gone = await look(session, Scripted(404))
        assert gone[1][0] == ALONE
        assert gone[1][-1] == LIST
        assert "moving-901" not in session.text
        before = len(demo.requests)
        await session.press("r")
        assert calls(demo, before) == [LIST]
        assert "✖ error" in line_with(session, "moving-900")


def test_of_many_versions_on_their_way_those_in_view_and_the_youngest_are_read_alone() -> None:
    versions = [
        ModelVersion(id=VersionId(n), status="uploading", created_at=NOW.isoformat()) for n in range(20)
    ]
    stuck = ModelVersion(id=VersionId(99), status="uploading", created_at="2026-03-01T12:00:00+00:00")
    moving = Moving()
    assert moving.take(lambda: [*versions, stuck], NOW) == {Phase.PENDING: 21}
    found = moving.to_follow(
        NOW, lambda version: version.id != 18, {VersionId(3), VersionId(5), VersionId(18)}
    )
    assert [version.id for version in found] == [5, 3, 19, 17, 16, 15, 14, 13]
    assert not moving.to_follow(NOW + timedelta(minutes=30), lambda version: True, ())


async def test_while_a_list_follows_a_version_the_detail_beside_it_is_read_when_something_changes(
    open_app: OpenApp, demo: Demo
) -> None:
    clock = Clock()
    still, moved = ([moving(901, "uploading"), moving(900, word)] for word in ("uploading", "ready"))
    demo.script(LIST, *[models(model_item(90, "m", *each)) for each in (still, *[still] * 10, moved, moved)])
    demo.script(
        ALONE, *[alone(901, "uploading")] * 9
    )  # a refusal would end the other request of a detail too
    async with open_app(workspace=10, refresh=None, clock=clock, ticks=clock.ticks) as session:
        await session.press("enter")

        async def configs(turns: int) -> int:
            before = len(demo.requests)
            for _ in range(turns):
                assert await pass_time(session, clock) == 5
            count = Counter(calls(demo, before))
            assert count[LIST] == turns
            return count["models/get_config_by_id"]

        work = {worker.description for worker in session.app.workers}
        assert work == {"read"}  # and not the repr of its arguments, which may be 100,000 versions
        assert await configs(5) == 0
        assert await configs(1) == 1  # 30 s after the last
        assert await configs(3) == 0
        assert await configs(1) == 1  # a status is another
        before = len(demo.requests)
        await session.press("r")
        assert "models/get_config_by_id" in calls(demo, before)


async def test_r_counts_all_workspaces_and_time_those_that_may_have_changed(
    open_app: OpenApp, demo: Demo
) -> None:
    clock = Clock()
    async with open_app(refresh=None, clock=clock, ticks=clock.ticks) as session:
        listed = sum(not workspace.archived for workspace in demo.world.workspaces.values())
        before = len(demo.requests)
        assert await pass_time(session, clock) == 30
        count = Counter(calls(demo, before))
        assert count["workspaces/list"] == 1
        assert 0 < count[LIST] < listed / 2
        before = len(demo.requests)
        await session.press("r")
        assert Counter(calls(demo, before))[LIST] == listed
