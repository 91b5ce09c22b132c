"""Upload logs: opened at the line that says why, followed while they grow, asked for only where there may be some."""

import pytest

from tests.support.screens import (
    answer,
    asked,
    calls,
    crumbs,
    custom_item,
    header,
    line_with,
    model_item,
    models,
    refused,
    words,
)
from tests.support.session import OpenApp, Session
from wltui.demo import Demo
from wltui.ui.text.spans import Role

LOGS = "models/get_upload_logs"
LONG = [
    *(f"2026-03-01T12:00:01Z stdout F step {number}" for number in range(60)),
    "2026-03-01T12:00:02Z stderr F mc: <ERROR> Failed to remove `a`. Object does not exist.",
    "2026-03-01T12:00:03Z stderr F Error: No InferenceBuilder-inherited class found",
    "2026-03-01T12:00:03Z stderr F in the model directory",
    *(f"2026-03-01T12:00:04Z stdout F \x1b[32m{number}%\r\x1b[0m100%" for number in range(3)),
    "2026-03-01T12:00:05Z stdout F ",
    *("2026-03-01T12:00:05Z stdout F bye" for _ in range(40)),
]


async def open_list(session: Session, demo: Demo, **fields: object) -> None:
    """From the first screen to the list of the versions of a model with one custom version."""
    await session.press("j")
    demo.script("models/list", *[models(model_item(15, "model", custom_item(1, **fields)))] * 6)
    await session.press("enter", "enter")


async def test_a_log_opens_at_the_line_that_says_why(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(size=(80, 24)) as session:
        await open_list(session, demo)
        demo.script(LOGS, answer({"logs": LONG}))
        await session.press("L")
        assert asked(demo, LOGS) == [{"model_version_id": 1}]
        assert "▸ 12:00:03 Error: No InferenceBuilder-inherited class found" in session.text
        assert "12:00:04 100%" in session.text
        assert "step 0" not in session.text
        assert "▸ line 62 says why" in session.text
        looks = {line[-1] for line in session.app.screen.query_one("#main").lines if line}  # type: ignore[attr-defined]
        assert ("Error: No InferenceBuilder-inherited class found", Role.ERROR) in looks
        assert ("in the model directory", Role.ERROR) in looks
        assert ("mc: <ERROR> Failed to remove `a`. Object does not exist.", Role.WARNING) in looks
        assert ("bye", Role.PLAIN) in looks
        await session.press("y")
        assert "2026-03-01T12:00:01Z stdout F step 0" in session.text
        await session.press("escape")
        demo.script(LOGS, answer({"logs": []}), refused(400, "The provided model version id was not found."))
        await session.press("r")
        assert "The server has no upload logs for this version" in session.text
        await session.press("r")
        assert "! gone" in header(session)
        assert "has no upload logs" in session.text
        await session.press("escape")
        assert crumbs(session).endswith("⟨15⟩")


async def test_a_log_is_followed_until_the_version_arrives(open_app: OpenApp, demo: Demo) -> None:
    pending = custom_item(1, status="attempting_load_container", created_at="2026-03-02T14:29:00+00:00")
    async with open_app(size=(80, 24), refresh=None) as session:
        await open_list(session, demo, **pending["model_version"])
        demo.script("models/get_version_by_id", *[answer({"model_version": pending})] * 2)
        demo.script(LOGS, answer({"logs": LONG[:30]}), answer({"logs": LONG[:50]}))
        await session.press("L")
        assert "step 29" in session.text
        assert "30 lines, and more may come" in session.text
        await session.time_passes()
        assert "step 49" in session.text
        await session.press("g")
        demo.script("models/get_version_by_id", answer({"model_version": custom_item(1)}))
        demo.script(LOGS, answer({"logs": LONG}))
        await session.time_passes()
        assert "▸ 12:00:03 Error: No InferenceBuilder-inherited class found" in session.text
        assert "more may come" not in session.text
        assert session.waits.pauses == []  # nothing more is read
        assert calls(demo).count(LOGS) == 3


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"task_id": None}, "no conversion task ran for this upload"),
        ({"conversion": {"framework": "pytorch"}}, "the platform logs no uploads of the framework pytorch"),
    ],
)
async def test_a_log_that_can_not_be_is_not_asked_for(
    fields: dict[str, object], reason: str, open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(size=(80, 24)) as session:
        await open_list(session, demo, **fields)
        await session.press("L")
        assert f"Logs: {reason}." in session.text
        assert LOGS not in calls(demo)


async def test_logs_of_a_server_that_has_none(open_app: OpenApp) -> None:
    with Demo(api="2023.4") as old:
        async with open_app(size=(80, 24), server=old, workspace=10) as session:
            await session.press("enter", "L")
            assert "! not supported" in header(session)
            assert "the server has no models/get_upload_logs" in words(session)
            assert "Loading" not in session.text


# Search, in logs and in JSON


async def test_a_search_goes_from_place_to_place(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(size=(80, 24)) as session:
        await open_list(session, demo)
        demo.script(LOGS, answer({"logs": LONG}))
        await session.press("L", "g", "slash", *"STEP 4", "enter")
        assert "1 of 11  'STEP 4'" in session.text
        await session.press("n", "n")
        assert "3 of 11" in session.text
        assert "step 41" in session.text
        await session.press("N", "N", "N")
        assert "11 of 11" in session.text
        await session.press("slash", *"absent", "enter")
        assert "'absent' is not in the text" in session.text
        await session.press("n")
        assert "press / to search" in session.text
        await session.press("escape")
        assert "absent" not in session.text
        assert crumbs(session).endswith("Upload logs")
        await session.press("slash", "x", "escape", "escape")
        assert crumbs(session).endswith("⟨15⟩")


async def test_a_search_finds_what_a_line_break_parts(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(size=(80, 24)) as session:
        sha = "0123456789abcdef" * 8
        await open_list(session, demo, sha=sha)
        await session.press("y", "slash", *sha[40:], "enter")
        assert "1 of 1" in session.text
        await session.press("escape", "q", "enter", "slash", *"has the same", "enter")
        assert "'has the same' is not in the text" in session.text
        await session.press("slash", *"it once more", "enter")
        assert "1 of 1" in session.text
        assert line_with(session, "wltui: remedy")
