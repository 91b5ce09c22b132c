"""A visit: when it ends, what it is compared with, and what it leaves for the next one."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.support.clock import NOW, Clock
from wltui.api import calls
from wltui.api.calls import Call
from wltui.api.graphql import newest_configs
from wltui.core.records import (
    ConfigId,
    Model,
    ModelConfig,
    ModelId,
    ModelVersion,
    VersionId,
    Workspace,
    WorkspaceId,
    partial_list,
)
from wltui.core.visits import Changes
from wltui.service.visit import ABSENCE, CONTINUES, Visit
from wltui.store.last_visit import load_visit

OLD = (NOW - timedelta(days=300)).isoformat()


Observed = tuple[Call[object], object]
"""A call and the value of its answer."""


def models(workspace: int, **statuses: str) -> Observed:
    """A workspace with a model that has these versions, or with none: ``models(4, v1="ready")``."""
    listed = (model(workspace, **statuses),) if statuses else ()
    return calls.list_models(WorkspaceId(workspace)), listed


def all_models(*listed: Model) -> Observed:
    """The models of all workspaces in one answer."""
    return calls.list_all_models(), listed


def workspaces(**versions: tuple[int, ...]) -> tuple[Call[object], tuple[Workspace, ...]]:
    """The list of workspaces, each with the ids of its versions: ``workspaces(w4=(1, 2))``."""
    listed = (
        Workspace(id=WorkspaceId(int(name[1:])), name=name, version_ids=tuple(map(VersionId, ids)))
        for name, ids in versions.items()
    )
    return calls.list_workspaces(), tuple(listed)


def model(workspace: int, **statuses: str) -> Model:
    """A model with versions by number."""
    versions = tuple(
        ModelVersion(id=VersionId(int(name[1:])), status=status, created_at=OLD)
        for name, status in statuses.items()
    )
    return Model(id=ModelId(workspace), name="m", workspace_id=WorkspaceId(workspace), versions=versions)


def config(version: int, number: int) -> Observed:
    """The newest config of a version."""
    row = ModelConfig(id=ConfigId(number), version_id=VersionId(version))
    return newest_configs([VersionId(version)]).call(), (row,)


class Place:
    """Visits of one user to one instance."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "cache" / "owner.visit"
        self.clock = Clock()
        self.own: set[int] = set()

    def begin(self) -> Visit:
        """Start the program."""
        return Visit(self.path, self.clock, self.own.__contains__)

    async def visit(self, *answers: Observed) -> tuple[str, ...]:
        """Start the program, read, and end it; return what has changed."""
        visit = self.begin()
        for answer in answers:
            visit.observe(*answer)()
        await visit.load()
        found = words(visit.changes)
        await visit.close()
        return found


def words(changes: Changes) -> tuple[str, ...]:
    """Return changes in words: ``("broke 1",)``."""
    return (
        *(f"broke {each.id}" for each in changes.broke),
        *(f"ready {each.id}" for each in changes.became_ready),
        *(f"new {each.id}" for each in changes.appeared),
        *(f"config {each}" for each in changes.reconfigured),
    )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


async def test_a_visit_is_compared_with_the_end_of_the_last_one(place: Place) -> None:
    assert await place.visit(models(4, v1="ready", v2="error"), models(10, v3="ready")) == ()
    place.clock.advance(hours=14)
    now = models(4, v1="error", v2="ready"), models(10, v3="ready")
    assert await place.visit(*now) == ("broke 1", "ready 2")
    place.clock.advance(hours=14)
    assert await place.visit(*now) == ()


async def test_one_answer_may_hold_all_workspaces(place: Place) -> None:
    listed = workspaces(w4=(1,), w10=(3,))
    await place.visit(listed, all_models(model(4, v1="ready"), model(10, v3="ready")))
    place.clock.advance(days=1)
    assert await place.visit(models(10, v3="error")) == ("broke 3",)
    place.clock.advance(days=1)
    assert await place.visit(listed, all_models(model(4, v1="error"), model(10, v3="error"))) == ("broke 1",)


async def test_what_failed_after_the_list_was_read_is_news_though_the_visit_ended_later(place: Place) -> None:
    visit = place.begin()
    visit.observe(*models(4, v1="ready"))()
    await visit.load()
    place.clock.advance(minutes=50)
    await visit.close()
    place.clock.advance(days=1)
    assert await place.visit(models(10, v3="ready")) == ()
    place.clock.advance(days=1)
    assert await place.visit(models(4, v1="ready", v2="error")) == ("broke 2",)


BARE = Model(id=ModelId(4), name="m", workspace_id=WorkspaceId(4))


@pytest.mark.parametrize(
    "emptied",
    [
        [models(4)],
        [(calls.list_models(WorkspaceId(4)), (replace(BARE, versions=()),))],
        [workspaces(w4=(), w10=(3,)), all_models(model(10, v3="ready"))],
        [workspaces(w4=()), all_models()],
    ],
)
async def test_a_list_that_is_answered_empty_has_no_changes(place: Place, emptied: list[Observed]) -> None:
    await place.visit(models(4, v1="ready"), config(1, 20))
    place.clock.advance(days=1)
    broken = models(4, v1="error"), config(1, 21)
    assert await place.visit(*broken, *emptied) == ()
    place.clock.advance(days=1)
    assert await place.visit(models(4, v2="error")) == ("broke 2",)


async def test_a_list_that_an_answer_does_not_have_whole_keeps_its_changes(place: Place) -> None:
    """An answer about all workspaces may be cut, and an older server lists models without their versions."""
    await place.visit(models(4, v1="ready", v2="ready"))
    place.clock.advance(days=1)
    others = (
        workspaces(w4=(1, 2), w10=(3,)),
        all_models(model(10, v3="ready")),
        all_models(model(4, v1="ready"), model(10, v3="ready")),
        (calls.list_models(WorkspaceId(4)), (BARE,)),
    )
    now = models(4, v1="ready", v2="error")
    assert await place.visit(now, *others) == ("broke 2",)
    place.clock.advance(days=1)
    assert await place.visit(now) == ()


async def test_the_versions_of_a_model_may_be_a_list_of_their_own(place: Place) -> None:
    call = calls.list_versions(ModelId(7), "m")
    ready, broken = (
        ModelVersion(id=VersionId(1), model_id=ModelId(7), status=word) for word in ("ready", "error")
    )
    await place.visit((call, (ready,)))
    place.clock.advance(days=1)
    assert await place.visit((call, (broken,))) == ("broke 1",)
    assert await place.visit((call, (broken,)), (call, ())) == ()


async def test_a_workspace_that_is_gone_is_not_kept(place: Place) -> None:
    await place.visit(workspaces(w4=(1,), w10=(3,)), models(4, v1="ready"), models(10, v3="ready"))
    place.clock.advance(days=1)
    both, one = workspaces(w4=(1,), w10=(3,)), workspaces(w10=(3,))
    partial = calls.list_workspaces(), partial_list(one[1], 1, "unreadable")
    broken = models(4, v1="error"), config(1, 20)
    assert await place.visit(both, *broken, partial) == ("broke 1",)
    visit = place.begin()
    await visit.load()
    for answer in (both, *broken, models(10, v3="ready")):
        visit.observe(*answer)()
    assert words(visit.changes) == ("broke 1",)
    late = visit.observe(*broken[0])  # in a thread, while the other answer comes
    visit.observe(*one)()
    assert words(visit.changes) == ()
    late()
    assert words(visit.changes) == (), "the workspace does not come back"
    await visit.close()
    assert await place.visit(both, *broken, one, models(10, v3="ready")) == ()
    kept = load_visit(place.path)
    assert kept is not None
    assert kept.last.lists.keys() == {"w10"}
    assert kept.last.configs == {}


async def test_a_workspace_that_was_not_read_is_kept_if_it_is_listed(place: Place) -> None:
    await place.visit(*(models(each, v1="ready") for each in (4, 10)))
    await place.visit(workspaces(w4=(1,), w10=(1,), w11=()), models(11))
    await place.visit(models(11))
    kept = load_visit(place.path)
    assert kept is not None
    assert kept.last.lists.keys() == {"w4", "w10", "w11"}


async def test_to_quit_and_come_back_hides_nothing(place: Place) -> None:
    await place.visit(models(4, v1="ready"))
    place.clock.advance(days=1)
    assert await place.visit(models(4, v1="error")) == ("broke 1",)
    place.clock.advance(minutes=3)
    assert await place.visit(models(4, v1="error")) == ("broke 1",)
    place.clock.advance(CONTINUES.total_seconds() + 1)
    assert await place.visit(models(4, v1="error")) == ()


async def test_a_visit_that_read_nothing_is_none(place: Place) -> None:
    await place.visit(models(4, v1="ready"))
    place.clock.advance(days=1)
    assert await place.visit() == ()
    place.clock.advance(days=1)
    assert await place.visit(models(4, v1="error")) == ("broke 1",)


async def test_who_comes_back_after_an_hour_begins_another_visit(place: Place) -> None:
    visit = place.begin()
    await visit.load()
    visit.observe(*models(4, v1="ready", v2="ready"))()
    place.clock.advance(ABSENCE.total_seconds() - 60)
    visit.observe(*models(4, v1="error", v2="ready"))()
    assert words(visit.changes) == ()
    place.clock.advance(hours=5)
    visit.observe(*models(4, v1="error", v2="error"))()
    place.clock.advance(hours=5)
    visit.observe(*models(4, v1="error", v2="error"))()
    visit.on_key()
    assert words(visit.changes) == ("broke 2",)
    assert visit.since == NOW + ABSENCE - timedelta(minutes=1)


async def test_nothing_need_be_read_while_the_user_is_away(place: Place) -> None:
    visit = place.begin()
    await visit.load()
    visit.observe(*models(4, v1="ready"))()
    place.clock.advance(hours=10)
    visit.on_key()
    visit.observe(*models(4, v1="error"))()
    assert words(visit.changes) == ("broke 1",)


@pytest.mark.parametrize("is_read_meanwhile", [True, False])
async def test_what_changed_while_the_user_was_away_is_news_though_the_program_ended_later(
    place: Place, *, is_read_meanwhile: bool
) -> None:
    visit = place.begin()
    visit.observe(*models(4, v1="ready"))()
    await visit.load()
    if is_read_meanwhile:
        for status in ("ready", "error", "error"):
            place.clock.advance(hours=2)
            visit.observe(*models(4, v1=status))()
    else:
        place.clock.advance(hours=6)
    await visit.close()
    for pause in (timedelta(minutes=5), timedelta(hours=12)):
        place.clock.now = NOW + timedelta(hours=6) + pause
        visit = place.begin()
        visit.observe(*models(4, v1="error"))()
        await visit.load()
        assert words(visit.changes) == ("broke 1",)
        assert visit.since == NOW


async def test_who_came_back_before_the_program_ended_has_seen_it(place: Place) -> None:
    visit = place.begin()
    visit.observe(*models(4, v1="ready"))()
    await visit.load()
    place.clock.advance(hours=6)
    visit.observe(*models(4, v1="error"))()
    visit.on_key()
    await visit.close()
    place.clock.advance(days=1)
    assert await place.visit(models(4, v1="error")) == ()


async def test_a_config_of_somebody_else_is_news(place: Place) -> None:
    await place.visit(models(4, v1="ready"), config(1, 10), config(2, 11))
    place.clock.advance(days=1)
    place.own = {21}
    now = models(4, v1="ready"), config(1, 20), config(2, 21), config(3, 22)
    assert await place.visit(*now) == ("config 1",)


async def test_a_disk_that_takes_nothing_is_no_trouble(place: Place) -> None:
    place.path.parent.write_text("in the way")
    assert await place.visit(models(4, v1="ready")) == ()
    assert load_visit(place.path) is None


async def test_without_a_folder_nothing_is_kept(place: Place) -> None:
    visit = Visit(None, place.clock, bool)
    visit.observe(*models(4, v1="ready"))()
    place.clock.advance(hours=2)
    visit.on_key()
    await visit.close()
    assert not place.path.parent.exists()
