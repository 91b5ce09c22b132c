"""The models of a workspace: how each fares, and what stays when a refresh changes the rows."""

import json

from tests.support.screens import (
    answer,
    asked,
    calls,
    counts_of,
    crumbs,
    cursor_line,
    header,
    line_with,
    model_item,
    models,
    version_item,
)
from tests.support.session import OpenApp
from wltui.demo import Demo, Scripted

READY = {"status": "ready"}


async def test_models_come_with_their_versions_in_one_request(open_app: OpenApp, demo: Demo) -> None:
    async with open_app() as session:
        await session.press("j")
        before = len(demo.requests)
        await session.press("enter")
        assert calls(demo, before) == ["models/list"]
        assert asked(demo, "models/list")[-1] == {"workspace_id": 10}
        row = line_with(session, "api-upload-pytorch-multi-io")
        assert "✖ error" in row
        assert counts_of(session, "api-upload-pytorch-multi-io") == "4 · 1"
        assert row.rstrip().endswith("15")
        assert "2 models · 6 versions   ✖ 4  ✔ 2" in session.text
        before = len(demo.requests)
        await session.press("r")
        assert calls(demo, before) == ["models/list"]


async def test_a_release_of_2023_is_asked_model_by_model(open_app: OpenApp) -> None:
    with Demo(api="2023.4") as old:
        async with open_app(server=old, workspace=10) as session:
            assert counts_of(session, "api-upload-pytorch-multi-io") == "4 · 1"
            assert {"model_id": "api-upload-pytorch-multi-io", "models_pk_id": 15} in asked(
                old, "models/list_versions"
            )
            before = len(old.requests)
            await session.press("r")
            assert sorted(calls(old, before)) == [
                "models/list",
                "models/list_versions",
                "models/list_versions",
            ]


async def test_every_status_has_a_sign_and_its_own_word(open_app: OpenApp, demo: Demo) -> None:
    words = {
        "ready": "✔ ready",
        "error": "✖ error",
        "uploading": "◐ uploading",
        "attempting_load_container": "◐ attempting_load_container",
        "quantizing": "? quantizing",
        "Ready": "? Ready",
        "": "· unknown",
        None: "· unknown",
    }
    items = [model_item(n, f"m{n}-", version_item(n, status=word)) for n, word in enumerate(words, 1)]
    absent = version_item(9)
    del absent["model_version"]["status"]
    odd = version_item(10, status={"of": "another kind"})
    async with open_app() as session:
        await session.press("j")
        demo.script("models/list", models(*items, model_item(9, "m9-", absent), model_item(10, "m10-", odd)))
        await session.press("enter")
        for number, shown in enumerate([*words.values(), "· unknown", "· unknown"], 1):
            assert f"  {shown} " in line_with(session, f"m{number}-")
        assert "✖ 1  ? 2  ◐ 2  · 4  ✔ 1" in session.text


async def test_a_model_without_versions_is_a_row_too(open_app: OpenApp, demo: Demo) -> None:
    async with open_app() as session:
        await session.press("j")
        demo.script("models/list", models(model_item(77, "empty")), models(model_item(77, "empty")))
        await session.press("enter")
        assert line_with(session, "empty").split()[1:6] == ["—", "0", "·", "·", "·"]
        await session.press("enter")
        assert "This model has no versions that you can see" in session.text
        await session.press("e", "L", "y", "escape", "space", "tab")
        assert "empty ⟨77⟩" in crumbs(session)


async def test_what_the_user_chose_stays_when_a_refresh_changes_the_rows(
    open_app: OpenApp, demo: Demo
) -> None:
    def told(*numbers: int) -> Scripted:
        return models(*(model_item(n, f"model-{n:02}", version_item(n)) for n in numbers))

    async with open_app() as session:
        await session.press("j")
        demo.script("models/list", told(*range(1, 61)))
        await session.press("enter")
        await session.press("s", "i")
        await session.pilot.press("S", "g", *["j"] * 23)
        assert "▼ ID" in session.text
        assert "model-37" in cursor_line(session)

        demo.script("models/list", told(*range(70, 60, -1), *range(30, 61), 1, 2, 3))
        await session.press("r")
        assert "model-37" in cursor_line(session)
        assert "▼ ID" in session.text
        assert "44 models" in session.text
        rows = [line for line in session.text.split("\n") if "model-" in line]
        assert rows == sorted(rows, reverse=True, key=lambda row: row.strip("▸ ")[:8])

        await session.press("slash")
        await session.type("model-3")
        await session.press("enter")
        assert "/model-3" in session.text
        demo.script("models/list", told(3, 30, 37, 40, 99))
        await session.press("r")
        assert "/model-3" in session.text
        assert "2 of 5 models" in session.text
        assert "model-37" in cursor_line(session)
        assert "model-40" not in session.text

        await session.press("escape")
        assert "model-40" in session.text
        assert "5 models" in session.text
        assert "api-tutorial" in crumbs(session)


async def test_a_cursor_whose_row_is_gone_stays_near(open_app: OpenApp, demo: Demo) -> None:
    async with open_app() as session:
        await session.press("j")
        await session.press("enter", "j")
        demo.script("models/list", models(model_item(15, "still-here")))
        await session.press("r")
        assert "still-here" in cursor_line(session)
        demo.script("models/list", models())
        await session.press("r")
        assert "This workspace has no models yet" in session.text
        assert "● live" in header(session)


async def test_the_json_of_the_row_under_the_cursor(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        before = len(demo.requests)
        await session.press("y")
        shown = "\n".join(line.strip() for line in session.text.split("\n")[3:-2])
        assert '"name": "api-upload-pytorch-multi-io"' in shown
        assert "api-sample-model" not in shown
        assert calls(demo, before) == []
        await session.press("y")
        assert crumbs(session).endswith("api-tutorial ⟨10⟩")


async def test_the_flat_list_of_old_never_shows_an_unknown_count_as_none(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app() as session:
        await session.press("j")
        demo.script("models/list", answer({"models": [{"id": 15, "name": "flat"}]}))
        demo.script(
            "models/list_versions", answer(json.loads('[{"id": 1, "models_pk_id": 15, "status": null}]'))
        )
        await session.press("enter")
        assert line_with(session, "flat").split()[1:8] == ["·", "unknown", "1", "·", "·", "·", "?1"]
