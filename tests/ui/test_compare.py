"""Two versions side by side: where they differ, from the list, the detail and the palette; live and from the cache."""

import pytest

from tests.support.screens import (
    answer,
    calls,
    check_sizes,
    crumbs,
    cursor_line,
    header,
    line_with,
    model_item,
    models,
    refused,
    version_item,
    words,
)
from tests.support.services import configure
from tests.support.session import OpenApp, Session
from wltui.config.fields import FIELDS
from wltui.demo import Demo

MARK_16_AND_18 = ("enter", "j", "space", "j", "space")
"""A mark takes the cursor to the next row."""


def lines(session: Session) -> list[str]:
    """The body of the screen, below the two versions."""
    return session.text.split("\n")[4:-2]


async def test_two_marked_versions_the_older_on_the_left(open_app: OpenApp, demo: Demo, redraw: bool) -> None:
    configure(demo, 16, tensor_fields=["a", "b"], batch_config="single")
    async with open_app(workspace=10) as session:
        await session.press(*MARK_16_AND_18)
        before = len(demo.requests)
        await session.press("equals_sign")
        assert crumbs(session).endswith("Compare 16 with 18")
        assert (
            sorted(calls(demo, before)) == ["models/get_config_by_id"] * 2 + ["models/get_version_by_id"] * 2
        )
        assert "≠  — " not in session.text
        assert "≠" in line_with(session, "Path ")
        assert "? " in line_with(session, "  Batch config ")
        await check_sizes(session, "compare", redraw)


async def test_equal_lines_unfold_and_fold(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter", "space", "G", "space", "equals_sign")
        folded = lines(session)
        assert "Architecture" not in session.text
        await session.press("space")
        assert line_with(session, "Architecture").count("x86") == 2
        await session.press("enter")
        assert lines(session) == folded


async def test_from_difference_to_difference(open_app: OpenApp) -> None:
    async with open_app(size=(80, 15), workspace=10) as session:
        await session.press("enter", "space", "G", "space", "equals_sign", "n")
        assert "Reason" in cursor_line(session, " ▸")
        await session.press("n")
        assert "File name" in cursor_line(session, " ▸")
        assert "2 of 2" in session.text
        await session.press("n")
        assert "This is the last difference" in session.text
        await session.press("N", "N")
        assert "This is the first difference" in session.text


async def test_swapping_sides(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter", "space", "G", "space", "equals_sign")
        assert line_with(session, "Version id").split() == ["Version", "id", "15", "19"]
        await session.press("x")
        assert line_with(session, "Version id").split() == ["Version", "id", "19", "15"]
        await session.press("r")
        assert line_with(session, "Version id").split() == ["Version", "id", "19", "15"]


async def test_one_marked_goes_with_the_one_under_the_cursor(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter", "space", "j", "equals_sign")
        assert crumbs(session).endswith("Compare 17 with 19")
        await session.press("escape")
        assert "1 marked" in session.text


async def test_more_than_two_marks_are_told(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter", "space", "j", "space", "j", "space", "equals_sign")
        assert "3 are marked, and two are compared" in session.text


@pytest.mark.parametrize("way", [("enter", "equals_sign"), ("enter", "enter", "equals_sign")])
async def test_without_marks_the_other_one_is_picked(open_app: OpenApp, way: tuple[str, ...]) -> None:
    async with open_app(workspace=10) as session:
        await session.press(*way)
        assert crumbs(session).endswith("Compare with")
        await session.press("G", "enter")
        assert crumbs(session).endswith("Compare 14 with 19")
        assert "api-sample-model" in line_with(session, "version 14")


async def test_a_version_of_another_workspace(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter", "equals_sign", "a", "slash", *"ccfraud-model", "enter", "enter", "G")
        assert "ccfraud-quickstart (4)" in line_with(session, "  Workspace ")
        assert "api-tutorial (10)" in line_with(session, "  Workspace ")


async def test_identical_ones_say_so(open_app: OpenApp, demo: Demo, redraw: bool) -> None:
    twins = [version_item(number, file_name="f") for number in (1, 2)]
    demo.script("models/list", *[models(model_item(15, "m", *twins))] * 2)
    async with open_app(workspace=10, size=(80, 24)) as session:
        await session.press("enter", "space", "space")
        for twin in twins:
            twin["model_version"]["created_on_version"] = "2026.1.0"
            twin["config"] |= dict.fromkeys(
                (*(spec.key for spec in FIELDS), "openai", "queue_depth", "sidekick_uri")
            )
        for number, twin in enumerate(twins, 1):
            demo.script("models/get_version_by_id", answer({"model_version": twin}, model_version_id=number))
            demo.script("models/get_config_by_id", answer({"model_config": twin["config"]}, model_id=number))
        await session.press("equals_sign")
        assert "Identical: all 33 are equal" in session.text
        await check_sizes(session, "compare-identical", redraw)


async def test_a_side_that_fails_keeps_the_other(open_app: OpenApp, demo: Demo, redraw: bool) -> None:
    async with open_app(workspace=10, size=(80, 24)) as session:
        await session.press(*MARK_16_AND_18)
        demo.script("models/get_config_by_id", refused(403, "[/x] is not yours", model_id=16))
        await session.press("equals_sign")
        assert "[/x] is not yours" in words(session)
        assert session.text.count("● live 14:30:00") == 1
        assert "forbidden" in header(session)
        assert "list only" in words(session)
        assert "14 can't be compared" in session.text
        await check_sizes(session, "compare-failed", redraw)
        await session.press("r")
        assert session.text.count("● live 14:30:00") == 3
        assert "[/x]" not in session.text


async def test_offline_the_cached_ones_are_compared(open_app: OpenApp, demo: Demo, redraw: bool) -> None:
    async with open_app(workspace=10, size=(80, 24)) as session:
        await session.press("enter", "enter", "escape", "j", "j", "j", "enter")
    demo.refuse()
    for settings in ({"offline": True}, {}):
        async with open_app(workspace=10, size=(80, 24), **settings) as session:
            await session.press("enter", "j", "j", "j", "space", "g", "space", "equals_sign")
            assert session.text.count("cached 0 s ago") == 2
            assert "differ: " in session.text.split("\n")[-2]
            await session.press("escape", "escape", "space", "j", "j", "space", "equals_sign")
            assert "list only" in words(session)
            assert "can't be compared" in session.text.split("\n")[-2]
            if settings:
                await check_sizes(session, "compare-offline", redraw)


async def test_in_ascii(open_app: OpenApp, demo: Demo, redraw: bool) -> None:
    async with open_app(workspace=10, ascii=True) as session:
        await session.press(*MARK_16_AND_18, "equals_sign", "n")
        assert session.text.isascii()
        assert "!=" in session.text
        await check_sizes(session, "compare-ascii", redraw)


async def test_names_from_outside_are_data(open_app: OpenApp, demo: Demo, redraw: bool) -> None:
    hostile = [
        version_item(1, "[/x]", file_name="[red]\u202eevil", image_path="[/x].io/a\x1b[2J:1"),
        version_item(2, "[/x]", file_name="x" * 300, image_path="[/x].io/a\x1b[2J:[b]2"),
    ]
    demo.script("models/list", *[models(model_item(15, "[/x]", *hostile))] * 2)
    async with open_app(workspace=10, size=(80, 24)) as session:
        await session.press("enter", "space", "space")
        for number, item in enumerate(hostile, 1):
            demo.script("models/get_version_by_id", answer({"model_version": item}, model_version_id=number))
        await session.press("equals_sign")
        assert "[b]2" in line_with(session, "  Tag ")
        await check_sizes(session, "compare-hostile", redraw)
        assert "[red]<U+202E>evil" in line_with(session, "   File name")


async def test_what_changes_meanwhile_is_shown(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10, refresh=None) as session:
        await session.press("enter", "space", "G", "space", "equals_sign")
        configure(demo, 15, tensor_fields=["new_one"])
        await session.time_passes()
        assert "≠  new_one" in session.text


async def test_the_json_of_both(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24), workspace=10) as session:
        await session.press("enter", "space", "G", "space", "equals_sign")
        await session.pilot.resize_terminal(80, 300)
        await session.press("y")
        assert session.text.count("models/get_version_by_id") == 2
