"""Picking the version that a config is copied from: near ones first, all workspaces at wish."""

from dataclasses import replace

from tests.support.screens import (
    answer,
    asked,
    calls,
    check_sizes,
    cursor_line,
    header,
    line_with,
    model_item,
    models,
    refused,
    version_item,
    words,
)
from tests.support.session import OpenApp, Session
from wltui.core.records import ModelId, ModelVersion, VersionId, WorkspaceId
from wltui.demo import Demo, Scripted
from wltui.ui.screens.pick_version import PickVersion
from wltui.ui.widgets.table.table import RecordTable

OWN = ModelVersion(id=VersionId(19), model_id=ModelId(15), model_name="m", workspace_id=WorkspaceId(10))
NO = refused(403, "No access to this workspace")


async def pick(session: Session, version: ModelVersion = OWN) -> list[ModelVersion | None]:
    """Open the screen; what it answers comes into the list."""
    picked: list[ModelVersion | None] = []
    session.app.push_screen(PickVersion(version, "Copy from"), picked.append)
    await session.settle()
    return picked


def ids(session: Session) -> list[str]:
    """The numbers of the rows, from the top."""
    return [str(version.id) for version in session.app.screen.query_one(RecordTable).rows]


async def test_versions_of_the_same_model_come_first_and_its_own_is_left_out(
    open_app: OpenApp, redraw: bool
) -> None:
    async with open_app(workspace=10) as session:
        picked = await pick(session)
        assert ids(session) == ["18", "17", "16", "15", "14"]
        assert "api-sample-model" in line_with(session, " 14 ")
        await check_sizes(session, "pick", redraw)
        await session.press("j", "j", "enter")
        assert [version and version.id for version in picked] == [16]
        assert picked[0] is not None
        assert picked[0].file_name == "ccfraud.onnx"


async def test_from_the_editor_by_keys_alone(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter", "e", "ctrl+o")
        assert "✔ ready" in cursor_line(session)  # the newest that is, below others that failed
        await session.press("enter")
        assert "Nothing changed: the form already holds config 26 of version 16." in words(session)


async def test_a_config_is_copied_from_the_newest_ready_version_unless_the_user_moved_on(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter", "e", "ctrl+o")
        demo.world.versions[17].build = replace(demo.world.versions[17].build, outcome="ready")
        await session.press("r")
        assert " 17 " in cursor_line(session)
        await session.press("j", "j")
        demo.world.versions[18].build = replace(demo.world.versions[18].build, outcome="ready")
        await session.press("r")
        assert " 15 " in cursor_line(session)


async def test_leaving_picks_nothing(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        picked = await pick(session)
        await session.press("slash", "x", "escape", "j", "escape")
        assert picked == [None]


async def test_what_the_cache_knows_can_be_picked_before_the_server_answers(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10):
        pass
    demo.refuse()
    async with open_app(workspace=10) as session:
        picked = await pick(session)
        assert "! offline" in header(session)
        await session.press("enter")
        assert [version and version.id for version in picked] == [18]


async def test_all_workspaces_are_read_when_asked_for(open_app: OpenApp, demo: Demo, redraw: bool) -> None:
    async with open_app(size=(80, 24), workspace=10) as session:
        picked = await pick(session)
        before = len(demo.requests)
        await session.press("j", "a")
        assert "17" in cursor_line(session)
        assert ids(session)[:5] == ["18", "17", "16", "15", "14"]
        assert f"{len(demo.world.versions) - 1} versions of {len(demo.world.workspaces)} workspaces" in words(
            session
        )
        assert calls(demo, before).count("models/list") == 1
        assert "api-tutorial" in cursor_line(session)
        await check_sizes(session, "pick-everywhere", redraw)
        await session.press("slash")
        await session.type("ws:fraud-det")
        assert {"fraud-detection"} == {
            demo.world.workspaces[
                demo.world.models[demo.world.versions[int(number)].model_id].workspace_id
            ].name
            for number in ids(session)
        }
        await session.press("enter")
        assert picked == []
        chosen = int(ids(session)[0])
        await session.press("enter")
        assert [version and version.id for version in picked] == [chosen]


async def test_back_to_its_own_workspace(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await pick(session)
        await session.press("a", "G")
        before = len(demo.requests)
        await session.press("a")
        assert ids(session) == ["18", "17", "16", "15", "14"]
        assert "Workspace " not in session.text.split("\n")[2]
        await session.press("r")
        assert calls(demo, before) == ["models/list"]
        await session.press("a", "r")
        assert sorted(asked(demo, "models/list")[-2:], key=len) == [{}, {"workspace_id": 10}], "both at once"


async def test_the_chosen_order_stays_for_all_workspaces_and_the_next_time(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        await pick(session)
        await session.press("s", "i", "S")
        assert ids(session) == ["14", "15", "16", "17", "18"]
        await session.press("a")
        assert "▲ ID" in session.text
        assert ids(session) == sorted(ids(session), key=int)
        await session.press("a")
        assert ids(session) == ["14", "15", "16", "17", "18"]
        await session.press("escape")
        session.app.push_screen(PickVersion(OWN, "Copy from", ready=True))
        await session.settle()
        assert "▲ ID" in session.text
        assert " 16 " in cursor_line(session)  # still the newest that is ready


async def test_rows_appear_as_they_come_and_the_status_line_tells_how_far(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10) as session:
        await pick(session)
        told = [{"id": number, "name": f"w{number}"} for number in (10, 1, 2, 3)]
        demo.script("workspaces/list", answer({"workspaces": told}))
        one = answer({"models": [model_item(91, "one", version_item(901))]}, workspace_id=1)
        two = answer({"models": [model_item(92, "two", version_item(902))]}, workspace_id=2)
        late = Scripted(delay=60, asked={"workspace_id": 3})
        demo.script("models/list", NO, one, two, late)
        await session.pilot.press("a")
        await session.until(lambda: "3 of 4 workspaces read" in session.text)
        assert sorted(ids(session)[5:]) == ["901", "902"]
        await session.press("escape")


async def test_workspaces_that_can_not_be_read_are_named(open_app: OpenApp, demo: Demo, redraw: bool) -> None:
    async with open_app(workspace=10) as session:
        await pick(session)
        told = [{"id": number, "name": f"w{number}"} for number in (10, 1, 2, 3, 4, 5)]
        demo.script("workspaces/list", answer({"workspaces": told}))
        demo.script(
            "models/list",
            NO,
            *(refused(403, "No access to this workspace", workspace_id=n) for n in range(1, 6)),
        )
        await session.press("a")
        assert "Not read: w" in words(session)
        assert "No access to this workspace" in words(session)
        assert "and 2 more" in words(session)
        assert "5 versions of 1 workspace" in words(session)
        assert len(ids(session)) == 5
        await check_sizes(session, "pick-unread", redraw)
        demo.script("workspaces/list", refused(403, "You see nothing"))
        await session.press("r")
        assert "You see nothing" in words(session)


async def test_a_workspace_without_other_versions(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        demo.script("models/list", models(model_item(15, "m", version_item(19))))
        picked = await pick(session)
        assert "This workspace has no other version. a looks in all workspaces." in session.text
        await session.press("enter")
        assert picked == []


async def test_where_no_workspace_is_known_all_can_be_looked_in(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        picked = await pick(session, ModelVersion(id=VersionId(19)))
        assert "its workspace is not known" in words(session)
        await session.press("a")
        assert len(ids(session)) == len(demo.world.versions) - 1
        await session.press("enter")
        assert len(picked) == 1


async def test_a_release_of_2023_is_asked_model_by_model(open_app: OpenApp) -> None:
    with Demo(api="2023.4") as old:
        async with open_app(server=old, workspace=10) as session:
            await pick(session)
            assert ids(session) == ["18", "17", "16", "15", "14"]
            await session.press("a")
            assert len(ids(session)) == len(old.world.versions) - 1


async def test_help_over_it_and_back(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await pick(session)
        await session.press("a", "question_mark")
        assert "pick the version under the cursor" in session.text
        await session.press("escape")
        assert len(ids(session)) == len(demo.world.versions) - 1


async def test_hostile_names_stay_text(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        odd = "[/x]\x1b[2J\u202e"
        demo.script(
            "models/list", models(model_item(15, odd, version_item(7, odd, file_name=odd, status=odd)))
        )
        await pick(session)
        demo.script("workspaces/list", answer({"workspaces": [{"id": 3, "name": odd}]}))
        demo.script("models/list", NO)
        await session.press("a")
        assert "[/x]␛[2J<U+202E>" in line_with(session, " 7 ")
        assert "\x1b" not in session.text
        assert "\u202e" not in session.text
