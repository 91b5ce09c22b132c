"""Problems and all versions: what is broken in the whole instance, since when, and why."""

import asyncio
import re
import threading
from datetime import timedelta
from typing import Any

import pytest

from tests.support.clock import NOW, Clock
from tests.support.screens import (
    SIZES,
    answer,
    asked,
    check_screen,
    crumbs,
    cursor_line,
    header,
    line_with,
    model_item,
    refused,
    version_item,
    words,
)
from tests.support.session import OpenApp, Session
from wltui.core.records import ModelVersion, VersionId
from wltui.demo import Demo, Scripted
from wltui.ui.screens.fleet import FleetScreen
from wltui.ui.text.fleet_rows import FleetRows
from wltui.ui.text.spans import Role

LIST = "models/list"
ALL_SIZES = (*SIZES, (200, 60))


def ago(**since: float) -> str:
    return (NOW - timedelta(**since)).isoformat()


def script(demo: Demo, *versions: dict[str, Any], workspace: int = 4) -> None:
    """The instance has one workspace with one model, which has these versions."""
    listed = {"id": workspace, "name": "home", "models": [item["model_version"]["id"] for item in versions]}
    demo.script("workspaces/list", answer({"workspaces": [listed]}))
    model = model_item(7, "scorer", *versions, workspace_id=workspace)
    demo.script(LIST, answer({"models": [model | {"workspace": {"id": workspace}}]}))


def failed(number: int, reason: str | None = None, **fields: Any) -> dict[str, Any]:
    own = {"status": "error", "error_summary": reason, "created_at": ago(days=number), "workspace_id": 4}
    return version_item(number, **own | fields)


def rows(session: Session) -> list[str]:
    """The lines of the list, without the detail beside it."""
    return [line.partition("│")[0] for line in session.text.split("\n")[3:-3]]


def ids(session: Session) -> list[int]:
    """The versions of the model ``scorer`` on screen, from top to bottom."""
    return [int(number) for number in re.findall(r" scorer +(\d+) ", str(session.text))]


@pytest.mark.parametrize("size", ALL_SIZES)
async def test_one_key_shows_what_is_broken_and_why(
    open_app: OpenApp, size: tuple[int, int], redraw: bool
) -> None:
    async with open_app(size=size, graphql=True) as session:
        await session.press("exclamation_mark")
        assert crumbs(session).endswith("› Problems")
        check_screen(session, "problems", redraw)
        assert "✖ 25 failed  ◐ 1 wrong route  ◐ 3 stuck  ⇡ 3 old config" in session.text
        with session.app._context():
            again = FleetScreen(problems=True)
            first = await anext(aiter(again.answers()))
        assert not first.live
        assert len(again.outdated) == 3, "else the rows would be judged and painted twice"


@pytest.mark.parametrize("size", ALL_SIZES)
async def test_one_key_shows_every_version(open_app: OpenApp, size: tuple[int, int], redraw: bool) -> None:
    async with open_app(size=size, graphql=True) as session:
        await session.press("0")
        assert crumbs(session).endswith("› All versions")
        check_screen(session, "all-versions", redraw)


@pytest.mark.parametrize("size", SIZES)
async def test_what_still_runs_on_an_old_image_is_one_key_further(
    open_app: OpenApp, size: tuple[int, int], redraw: bool
) -> None:
    async with open_app(size=size) as session:
        await session.press("0", "b")
        check_screen(session, "version-groups", redraw)
        row = line_with(session, "mac-deploy:v2025.1.2").split()
        await session.press("j", "enter")
        assert crumbs(session).endswith("› by image › mac-deploy:v2025.1.2-6210")
        assert f"{row[1]} versions" in session.text
        await session.press("escape", "b")
        assert crumbs(session).endswith("› by framework")
        assert "onnx" in session.text
        await session.press("b")
        assert crumbs(session).endswith("› by release")
        assert "2026.1.3" in session.text


async def test_a_problem_opens_and_esc_goes_back_to_its_row_and_filter(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("exclamation_mark", "slash", *"custom", "enter", "j")
        assert re.search(r"\d of 28 problems", str(session.text))
        row = cursor_line(session)
        await session.press("enter")
        assert "version " in crumbs(session)
        await session.press("escape")
        assert cursor_line(session) == row
        assert "custom" in session.text


async def test_the_same_key_goes_back_to_the_list_that_is_open(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("exclamation_mark", "j", "j", "enter")
        await session.press("0", "exclamation_mark")
        assert crumbs(session) == "Workspaces › Problems"
        assert cursor_line(session) == session.text.split("\n")[5]


async def test_the_whole_instance_is_one_request(open_app: OpenApp, demo: Demo) -> None:
    async with open_app() as session:
        before = len(asked(demo, LIST))
        await session.press("exclamation_mark")
        assert asked(demo, LIST)[before:] == [{}]
        await session.press("0", "b", "escape", "exclamation_mark")
        assert asked(demo, LIST)[before:] == [{}]
        await session.press("r")
        assert asked(demo, LIST)[before:] == [{}, {}]


async def test_the_detail_beside_a_list_is_read_once_for_the_cache_and_the_answers_that_follow(
    open_app: OpenApp, demo: Demo
) -> None:
    config, may_answer = "models/get_config_by_id", threading.Event()
    async with open_app() as session:
        await session.press("0", "escape")
        demo.script("workspaces/list", Scripted(processed=True, may_answer=may_answer.is_set))
        before = len(asked(demo, config))
        opened = asyncio.create_task(session.press("0"))

        def is_read() -> bool:
            details = [worker for worker in session.app.workers if worker.group == "read detail"]
            return len(asked(demo, config)) > before and all(worker.is_finished for worker in details)

        await session.until(is_read)
        may_answer.set()
        await opened
        assert "live" in header(session)
        assert len(asked(demo, config)) == before + 1
        await session.press("r")
        assert len(asked(demo, config)) == before + 2


async def test_the_causes_that_are_equal_are_one_row_until_they_are_unfolded(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app() as session:
        same = {"sha": "aa", "reason": "No room"}
        script(
            demo,
            failed(3, **same),
            failed(5, **same),
            failed(9, sha="bb", reason="No wheel"),
            failed(6, **same),
        )
        await session.press("exclamation_mark")
        assert "▸3 No room" in line_with(session, "No room")
        assert "1 of 2 problems in 4 versions   ✖ 4 failed" in session.text
        await session.press("f")
        assert "▼3 No room" in session.text
        assert ids(session) == [3, 5, 6, 9]
        await session.press("j", "f")
        assert ids(session) == [3, 9]
        assert " 3  ▸3" in cursor_line(session)
        await session.press("j", "f")
        assert "no other version failed with the same file and reason" in words(session)


async def test_the_reason_of_the_same_file_is_borrowed(open_app: OpenApp, demo: Demo) -> None:
    async with open_app() as session:
        script(
            demo,
            failed(3, sha="aa", deployed=True),
            failed(4, "Gone"),
            failed(5, sha="aa", reason="No room"),
        )
        await session.press("exclamation_mark")
        row = line_with(session, "✖ deployed")
        assert " 3  No room" in row
        session.app.choices.choose_order("all versions", ("image", False), (None, False))
        await session.press("0")
        listed = re.findall(r" (\d)  (?:Gone|No room)", session.text)
        assert listed == ["4", "5", "3"]  # of equal ones the newest first


def test_an_unfolded_group_stays_so_when_another_version_fails_alike_or_its_first_is_mended() -> None:
    rows = FleetRows(Clock(), is_problems=True)

    def listed(*numbers: int) -> list[int]:
        versions = [
            ModelVersion(
                id=VersionId(number), status="error", sha="aa", created_at=f"2026-01-0{number}T00:00:00Z"
            )
            for number in numbers
        ]
        rows.take(rows.judge(versions, {}, (), {}))
        return [version.id for version in rows.rows]

    assert listed(1, 2) == [2]
    rows.fold(rows.rows[0])
    assert listed(1, 2) == [2, 1]
    assert listed(1, 2, 3) == [3, 2, 1]
    assert listed(1, 2) == [2, 1]
    rows.fold(rows.rows[1])
    assert listed(1, 2, 3) == [3]


def test_a_version_is_explained_by_two_others_however_many_have_its_file() -> None:
    rows = FleetRows(Clock(), is_problems=True)
    versions = [
        ModelVersion(
            id=VersionId(number),
            status="error",
            sha="aa",
            error_summary="No room" if number == 7 else None,
        )
        for number in range(100)
    ]
    rows.take(rows.judge(versions, {}, (), {}))
    assert {rows.why(version) for version in rows.versions} == {("No room", Role.PLAIN)}
    assert max(len(rows.same_file(version)) for version in rows.versions) <= 2


async def test_the_same_file_that_is_ready_is_named_beside_the_list(open_app: OpenApp, demo: Demo) -> None:
    async with open_app() as session:
        script(
            demo, failed(903, sha="aa", created_at=ago(days=2)), version_item(905, sha="aa", workspace_id=4)
        )
        await session.press("exclamation_mark")
        beside = " ".join(line.rpartition("│")[2].strip() for line in session.text.split("\n"))
        assert "The same file is ready as version 905" in " ".join(beside.split())


async def test_nothing_is_wrong_is_said_with_what_was_looked_at(open_app: OpenApp, demo: Demo) -> None:
    async with open_app() as session:
        script(demo, version_item(3, workspace_id=4), version_item(4, workspace_id=4))
        await session.press("exclamation_mark")
        assert "No problems: nothing is wrong with 2 versions." in session.text


async def test_a_workspace_that_can_not_be_read_is_named_beside_the_problems(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app() as session:
        demo.script(LIST, refused(400, "no"), *[refused(500, "database is gone", workspace_id=4)] * 9)
        await session.press("exclamation_mark")
        assert "1 workspace could not be read" in words(session)
        assert "database is gone" in words(session)
        assert "failed" in session.text


async def test_an_upload_that_fails_appears_by_itself(open_app: OpenApp, demo: Demo) -> None:
    async with open_app() as session:
        script(demo, version_item(3, workspace_id=4, status="uploading", created_at=ago(minutes=1)))
        await session.press("exclamation_mark")
        assert "No problems" in session.text
        script(demo, failed(3, "No room", created_at=ago(minutes=1)))
        await session.press("r")
        assert "No room" in line_with(session, "✖ error")


async def test_offline_the_cache_shows_the_problems_with_their_age(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("exclamation_mark")
        problems = rows(session)
    async with open_app(offline=True) as session:
        await session.press("exclamation_mark")
        assert rows(session) == problems
        assert "offline" in header(session)


async def test_versions_of_archived_workspaces_come_on_request(open_app: OpenApp, demo: Demo) -> None:
    async with open_app() as session:
        await session.press("0")
        before = int(re.findall(r"(\d+) versions", session.text)[-1])
        await session.press("a")
        assert int(re.findall(r"(\d+) versions", session.text)[-1]) > before


async def test_versions_of_different_models_are_compared(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("0", "space", "space", "equals_sign")
        assert re.search(r"› \d+ (→|↔|and|with|/) ?\d+|Compare|\d+ . \d+", crumbs(session))


async def test_a_bad_network_keeps_the_problems(open_app: OpenApp, demo: Demo) -> None:
    async with open_app() as session:
        await session.press("exclamation_mark")
        rows = session.text.split("\n")[2:10]
        demo.refuse()
        await session.press("r")
        assert session.text.split("\n")[2:10] == rows
        assert "offline" in header(session)


async def test_a_list_that_is_read_often_asks_for_deployments_once_a_minute(
    open_app: OpenApp, demo: Demo
) -> None:
    clock = Clock()
    async with open_app(clock=clock, graphql=True, refresh=None) as session:
        await session.press("exclamation_mark")
        for seconds, more in ((5, 0), (30, 0), (30, 1)):
            before = queries(demo, "deployed_uses"), queries(demo, "unready_versions")
            clock.advance(seconds)
            await session.time_passes()
            assert queries(demo, "deployed_uses") - before[0] == more
            assert queries(demo, "unready_versions") - before[1] == 1


def queries(demo: Demo, name: str) -> int:
    """How often a GraphQL query was asked."""
    return sum(body.get("operationName") == name for body in asked(demo, "/v1/graphql"))
