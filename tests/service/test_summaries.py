"""Which workspaces are counted again, so that 200 of them at rest cost a request now and then."""

from msgspec.structs import replace

from tests.support.screens import model_item, models, version_item
from tests.support.services import LIST, Clock, refusing, session, told
from wltui.core.records import VersionId, Workspace, WorkspaceId
from wltui.demo import Demo, Scripted

HOME, TEAM, EMPTY = (WorkspaceId(number) for number in (10, 20, 30))
LISTED = [
    Workspace(id=HOME, name="home", version_ids=(VersionId(1),)),
    Workspace(id=TEAM, name="team", version_ids=(VersionId(2),)),
    Workspace(id=EMPTY, name="empty"),
]


def answers(*, team: str) -> list[Scripted]:
    """The versions of all three workspaces, asked for in any order."""
    found = {HOME: [version_item(1)], TEAM: [version_item(2, status=team)], EMPTY: []}
    return [
        Scripted(
            body=models(*(model_item(1, "m", each) for each in items)).body, asked={"workspace_id": number}
        )
        for number, items in found.items()
    ]


async def test_only_workspaces_whose_counts_may_have_changed_are_counted_again(demo: Demo) -> None:
    clock = Clock()
    async with session(demo.url, None, clock=clock) as service:
        counts = service.counts

        async def count(*numbers: WorkspaceId) -> None:
            await told(service.summaries(numbers))

        assert counts.due(LISTED) == [HOME, TEAM, EMPTY]
        demo.script(LIST, *answers(team="uploading"))
        await count(HOME, TEAM, EMPTY)
        assert counts.due(LISTED) == []
        clock.advance(30)
        assert counts.due(LISTED) == [TEAM]  # a version is on its way
        demo.script(LIST, refusing("unknown error.", 500))
        await count(TEAM)
        assert counts.due(LISTED) == [TEAM]  # it could not be counted
        demo.script(LIST, *answers(team="ready")[1:2])
        await count(TEAM)
        clock.advance(30)
        assert counts.due(LISTED) == []
        more = [replace(LISTED[0], version_ids=(VersionId(1), VersionId(3))), *LISTED[1:]]
        assert counts.due(more) == [HOME]  # a version is new
        clock.advance(minutes=29, seconds=30)
        assert counts.due(LISTED) == [HOME, TEAM, EMPTY]


async def test_a_version_that_is_listed_while_its_workspace_is_counted_is_counted_next_time(
    demo: Demo,
) -> None:
    clock = Clock()
    demo.script(LIST, *answers(team="ready"))
    async with session(demo.url, None, clock=clock) as service:
        counts = service.counts
        counts.due(LISTED)
        more = [replace(LISTED[0], version_ids=(VersionId(1), VersionId(3))), *LISTED[1:]]
        service._exchange.observe = lambda *_: (
            lambda: counts.due(more)
        )  # the list comes while the count is under way
        await told(service.summaries([HOME]))
        clock.advance(1)
        assert HOME in counts.due(more)


async def test_workspaces_of_a_server_that_lists_models_alone_are_counted_again(demo: Demo) -> None:
    clock = Clock()
    demo.script(LIST, Scripted(body=b'{"models": [{"id": 1, "name": "m"}]}'))
    async with session(demo.url, None, clock=clock) as service:
        service.counts.due(LISTED[:1])
        await told(service.summaries([HOME]))
        clock.advance(1)
        assert service.counts.due(LISTED[:1]) == [HOME]
