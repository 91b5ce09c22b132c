"""What goes on while somebody watches: marks, messages, pauses, and no more requests or bytes than that takes."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.support.clock import NOW
from tests.support.screens import (
    asked,
    calls,
    cursor_line,
    header,
    line_with,
    model_item,
    models,
    version_item,
    words,
)
from tests.support.session import OpenApp, Session, key_event
from tests.support.unseen import draw_each_frame
from wltui.core.event_log import set_sink
from wltui.demo import Demo, Scripted
from wltui.store.log_file import LogFile
from wltui.ui.screens.base import live


def model(status: str, *, created: datetime = NOW) -> Scripted:
    """A list of one model with one version."""
    return models(
        model_item(90, "slow", version_item(900, "slow", status=status, created_at=created.isoformat()))
    )


async def test_a_version_that_becomes_ready_is_told_and_marked(open_app: OpenApp, demo: Demo) -> None:
    demo.script(
        "models/list", model("uploading"), model("attempting_load_container"), model("ready"), model("ready")
    )
    async with open_app(workspace=10, refresh=None) as session:
        rings = listen(session)
        assert await session.time_passes() == 5
        assert "◐ attempting_load_container◂" in cursor_line(session)
        assert "is ready" not in session.text
        await session.time_passes()
        assert "✔ ready" in cursor_line(session)
        assert "◂" in cursor_line(session)
        assert "slow 900 is ready" in words(session)
        assert len(rings) == 1
        assert await session.time_passes() == 20
        assert "◂" in cursor_line(session)  # it changed again meanwhile
        assert await session.time_passes() == 20
        assert "◂" not in session.text
        await session.time_passes()
        assert len(rings) == 1  # told once


async def test_a_mark_ends_also_in_a_list_that_changes_all_the_time(open_app: OpenApp, demo: Demo) -> None:
    def both(first: str, second: str) -> Scripted:
        return models(*(
            model_item(number, name, version_item(10 * number, name, status=status, created_at=NOW.isoformat()))
            for number, name, status in ((90, "restless", first), (91, "calm", second))
        ))  # fmt: skip

    demo.script(
        "models/list",
        both("uploading", "uploading"),
        both("pending_load_container", "pending_load_container"),
        *[both("attempting_load_container", "pending_load_container")] * 3,
    )
    async with open_app(workspace=10, refresh=None) as session:
        await session.time_passes()
        assert ["◂" in line_with(session, name) for name in ("restless", "calm")] == [True, True]
        await session.time_passes()
        (twenty,) = [ended for seconds, ended in session.waits.pauses if seconds == 20]
        twenty.set_result(None)
        await session.settle()
        assert ["◂" in line_with(session, name) for name in ("restless", "calm")] == [True, False]


@pytest.mark.parametrize("switch", ["toasts", "bell"])
async def test_messages_and_bell_can_be_switched_off(switch: str, open_app: OpenApp, demo: Demo) -> None:
    demo.script("models/list", model("uploading"), model("error"))
    async with open_app(workspace=10, refresh=None, **{switch: False}) as session:
        rings = listen(session)
        await session.time_passes()
        assert ("slow 900 is error" in words(session)) == (switch != "toasts")
        assert len(rings) == (switch != "bell")


async def test_what_was_ready_in_the_cache_already_is_no_news(open_app: OpenApp, demo: Demo) -> None:
    demo.script("models/list", model("uploading"))
    async with open_app(workspace=10):
        pass
    demo.script("models/list", model("ready"))
    async with open_app(workspace=10) as session:
        assert "slow 900 is ready" in words(session)  # it became so since it was last seen


async def test_p_pauses_and_p_goes_on_at_once(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10, refresh=None) as session:
        await session.press("p")
        assert "‖ paused · as of 14:30:00" in header(session)
        before = len(demo.requests)
        await session.time_passes()
        assert len(demo.requests) == before
        await session.press("p")
        assert len(demo.requests) > before
        assert "● live" in header(session)


@pytest.mark.parametrize(("seconds", "requests"), [(60, 1), (0, 2)])
async def test_a_refresh_that_is_asked_for_again_goes_on_until_it_has_taken_long(
    open_app: OpenApp, demo: Demo, monkeypatch: pytest.MonkeyPatch, seconds: float, requests: int
) -> None:
    monkeypatch.setattr(live, "REFRESH_SECONDS", seconds)
    async with open_app(workspace=10) as session:
        before, served = len(demo.requests), session.app.keys_served
        held = Scripted(processed=True, may_answer=lambda: session.app.keys_served == served + 2)
        demo.script("models/list", held)
        session.app.post_message(key_event("r"))
        await session.until(lambda: len(demo.requests) > before)
        assert "refreshing" in header(session)
        await session.press("r")
        assert calls(demo, before) == ["models/list"] * requests
        assert "● live" in header(session)


@pytest.mark.parametrize(
    ("asked", "pause", "told"),
    [
        (None, 2, "is not available (502 Bad Gateway). Next try at 14:30:02."),
        ("60", 60, "is not available (502 Bad Gateway). Next try at 14:31:00, as the server asks."),
        ("9999999", 600, "is not available (502 Bad Gateway). Next try at 14:40:00, as the server asks."),
    ],
)
async def test_the_next_try_is_when_the_server_asks_for_it_and_is_said_once(
    asked: str | None, pause: float, told: str, open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(size=(80, 24), workspace=10, refresh=None) as session:
        headers = {"Retry-After": asked} if asked else {}
        demo.script("models/list", *[Scripted(502, b"", headers=headers)] * 9)
        await session.press("r")
        assert told in words(session)
        assert "Try again" not in session.text
        assert await session.time_passes() == pause


async def test_out_of_focus_nothing_is_read_if_nobody_wants_news_and_the_header_says_so(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10, refresh=None, bell=False) as session:
        session.app.app_focus = False
        await session.settle()
        assert "◌ paused, out of focus · as of 14:30:00" in header(session)
        before = len(demo.requests)
        await session.time_passes()
        assert len(demo.requests) == before
        session.app.app_focus = True
        await session.settle()
        assert len(demo.requests) > before
        assert "● live" in header(session)


@pytest.mark.parametrize("wanted", ["bell", "notify"])
async def test_out_of_focus_bell_and_notification_still_tell_of_news(
    wanted: str, open_app: OpenApp, demo: Demo
) -> None:
    demo.script("models/list", model("uploading"), model("ready"))
    news = {"bell": False, wanted: True}
    async with open_app(workspace=10, refresh=None, **news) as session:
        rings = listen(session)
        session.app.app_focus = False
        await session.settle()
        assert "● live" in header(session)
        assert await session.time_passes() == 5
        assert "uploading" in session.text
        assert await session.time_passes() == 60
        await session.until(lambda: "✔ ready" in session.text)
        assert len(rings) == (wanted == "bell")


async def test_what_is_paused_stays_so_out_of_focus(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10, refresh=None) as session:
        await session.press("p")
        session.app.app_focus = False
        before = len(demo.requests)
        await session.time_passes()
        assert len(demo.requests) == before
        assert "‖ paused" in header(session)


async def test_the_header_shows_when_the_screen_was_last_read(open_app: OpenApp, demo: Demo) -> None:
    time = NOW
    async with open_app(workspace=10, refresh=None, clock=lambda: time) as session:
        for seconds in (30, 60):
            time = NOW + timedelta(seconds=seconds)
            await session.time_passes()
            assert f"● live {time:%H:%M:%S}" in header(session)
        time += timedelta(seconds=1)
        await session.press("r")
        assert "● live 14:31:01" in header(session)
        demo.stop()
        time += timedelta(seconds=30)
        await session.press("r")
        assert "! offline · as of 14:31:01" in header(session)
        demo.start()
        time += timedelta(seconds=1)
        await session.press("r")
        assert "● live 14:31:32" in header(session)


async def test_an_answer_with_nothing_new_paints_the_time_alone_every_ten_seconds(
    open_app: OpenApp, demo: Demo
) -> None:
    time = NOW
    async with open_app(workspace=10, refresh=4.0, clock=lambda: time) as session:
        await session.press("enter")
        lines, painted = session.text.split("\n"), watch_paint(session)
        seen = []
        for _ in range(6):
            time += timedelta(seconds=4)
            before = len(demo.requests)
            await session.time_passes()
            assert len(demo.requests) > before
            seen.append(len(painted))
            assert session.text.split("\n")[1:] == lines[1:]
        assert seen == [0, 0, 1, 1, 1, 2]
        assert "● live 14:30:24" in header(session)
        demo.world.models[15].name = "renamed"
        time += timedelta(seconds=1)
        await session.press("r")
        assert len(painted) > 2
        assert "● live 14:30:25" in header(session)


@pytest.mark.parametrize(("workspace", "seconds"), [(10, 30), (11, 5)], ids=["at rest", "on its way"])
async def test_no_more_is_requested_than_the_rhythm_says(
    workspace: int, seconds: int, open_app: OpenApp, demo: Demo, thorough: bool
) -> None:
    """One list request a turn: no turn more than the rhythm has, and none for what nobody looks at."""
    time = NOW
    spell = 3600 if thorough else 600
    async with open_app(workspace=workspace, refresh=None, clock=lambda: time) as session:
        start, turns = len(calls(demo)), 0
        while time < NOW + timedelta(seconds=spell):
            time += timedelta(seconds=await session.time_passes())
            turns += 1
        asked = Counter(calls(demo)[start:])
    assert set(asked) == {"models/list"}
    assert asked["models/list"] == turns <= spell / 30 + (0 if seconds == 30 else min(spell, 1800) / 5)


def listen(session: Session) -> list[None]:
    """What the bell is rung for; the app's own way to ring it, without a terminal."""
    rings: list[None] = []
    session.app.bell = lambda: rings.append(None)  # type: ignore[method-assign]
    return rings


def watch_paint(session: Session) -> list[object]:
    """Everything that is painted from now on."""
    draw_each_frame(session.app)
    painted: list[object] = []
    display: Callable[..., None] = session.app._display

    def watched(screen: object, renderable: object) -> None:
        if renderable is not None:
            painted.append(renderable)
        display(screen, renderable)

    session.app._display = watched  # type: ignore[method-assign]
    return painted


async def test_trouble_with_the_cache_is_said_in_one_line_and_costs_nothing_else(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with open_app(size=(80, 24), workspace=10):
        pass
    (file,) = (tmp_path / "cache").glob("*.db")
    file.write_bytes(b"no database at all" * 1000)
    async with open_app(size=(80, 24), workspace=10) as session:
        assert "The response cache was damaged and has been begun anew." in session.text
        assert "api-upload-pytorch-multi-io" in session.text
        assert "● live" in header(session)


async def test_trouble_with_the_log_is_said_in_one_line(open_app: OpenApp, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    log = LogFile(tmp_path / "logs" / "log")
    (tmp_path / "logs" / "log").unlink()
    (tmp_path / "logs").rmdir()
    set_sink(log)
    try:
        async with open_app(size=(160, 24), workspace=10) as session:
            await session.until(lambda: log.trouble is not None)
            await session.press("r")
            await session.until(lambda: "no such file or directory" in session.text)
            assert "Lines are missing in the log" in session.text
            assert "● live" in header(session)
    finally:
        set_sink(None)
        log.close()


async def test_a_detail_that_was_asked_for_before_r_is_read_again_with_the_list(
    open_app: OpenApp, demo: Demo
) -> None:
    config, may_show, may_answer = "models/get_config_by_id", threading.Event(), threading.Event()
    async with open_app() as session:
        await session.press("0")
        before = len(asked(demo, config))
        demo.script(config, Scripted(processed=True, may_answer=may_show.is_set))
        moved = asyncio.create_task(session.press("down"))
        await session.until(lambda: len(asked(demo, config)) > before)
        demo.script("workspaces/list", Scripted(processed=True, may_answer=may_answer.is_set))
        lists = len(asked(demo, "workspaces/list"))
        refreshed = asyncio.create_task(session.press("r"))
        await session.until(lambda: len(asked(demo, "workspaces/list")) > lists)
        may_show.set()
        details = [worker for worker in session.app.workers if worker.group == "read detail"]
        await session.until(lambda: all(worker.is_finished for worker in details))
        may_answer.set()
        await asyncio.gather(moved, refreshed)
        assert len(asked(demo, config)) == before + 2
