"""Everything about one version, on its own screen."""

import base64
from datetime import timedelta

import pyarrow as pa
import pytest

from tests.support.clock import NOW
from tests.support.screens import (
    answer,
    asked,
    calls,
    crumbs,
    header,
    line_with,
    model_item,
    models,
    refused,
    version_item,
    words,
)
from tests.support.session import OpenApp, Session
from wltui.demo import Demo

NO_CONFIG = {"model_config": None}


def schema(*fields: tuple[str, pa.DataType]) -> str:
    """A schema as the API carries it."""
    return base64.b64encode(pa.schema(fields).serialize()).decode()


async def open_version(session: Session, demo: Demo, version: dict[str, object]) -> None:
    """From the first screen to the detail of a version that is told so everywhere."""
    await session.press("j")
    told = models(model_item(15, "model", version))
    demo.script("models/list", told, told)
    demo.script("models/get_version_by_id", answer({"model_version": version}))
    config = version["config"]
    demo.script("models/get_config_by_id", answer({"model_config": config}))
    await session.press("enter", "enter", "enter")


def below(session: Session, heading: str) -> str:
    """The line below a heading of the detail, wherever that stands."""
    lines = [line.rpartition("│")[2].strip() for line in session.text.split("\n")]
    return lines[lines.index(heading) + 1]


async def test_the_whole_version_is_told(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(size=(140, 70), workspace=10) as session:
        await session.press("enter", "j", "j", "j")
        before = len(demo.requests)
        await session.press("enter")
        assert sorted(calls(demo, before)) == ["models/get_config_by_id", "models/get_version_by_id"]
        assert asked(demo, "models/get_version_by_id")[-1] == {"model_version_id": 16}
        assert asked(demo, "models/get_config_by_id")[-1] == {"model_id": 16}
        for label, value in {
            "Path": "proxy.replicated.com/proxy/wallaroo/ghcr.io/wallaroolabs/mlflow-deploy:v2023.4.0-4103",
            "Tag": "v2023.4.0-4103",
            "UUID": "9150b046-5df0-4c41-a60b-3016355f89d5",
            "SHA-256": "bc85ce596945f876256f41515c7501c399fd97ebcb9ab3dd41bf03f8937b4507",
            "Workspace": "api-tutorial (10)",
            "Version id": "16",
            "Model id": "15",
            "Size": "1.9 kB (1,928 bytes)",
            "Created by": "author@example.com",
            "Created ": "2023-11-29 16:44:12 UTC, 2 y ago",
            "Architecture": "x86",
            "Framework": "pytorch",
            "Runtime": "flight",
            "Batch config": "multiple rows",
            "Filter threshold": "none",
        }.items():
            lines = [line for line in session.text.split("\n") if line.startswith(f"   {label}")]
            assert any(line.endswith(f" {value}") for line in lines)
        assert "ccfraud.onnx" in session.text
        assert "input_1  fixed_size_list<item: float>[10]" in session.text
        assert "output_2  fixed_size_list<item: float>[2]" in session.text


async def test_what_is_longer_than_the_window_scrolls(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24), workspace=10) as session:
        await session.press("enter", "enter")
        top = session.text.split("\n")[2]
        await session.press("down")
        assert session.text.split("\n")[2] != top
        await session.press("G")
        end = session.text
        await session.press("pageup")
        assert session.text != end
        await session.press("ctrl+d", "ctrl+d")
        assert session.text == end
        await session.press("g")
        assert session.text.split("\n")[2] == top


@pytest.mark.parametrize("reason", ["null", "", None, " "])
async def test_no_reason_is_said_to_be_none(open_app: OpenApp, demo: Demo, reason: str | None) -> None:
    async with open_app(size=(80, 24)) as session:
        await open_version(session, demo, version_item(1, status="error", error_summary=reason))
        assert "✖ error" in session.text
        assert "no reason given; L shows the upload logs" in session.text


async def test_a_reason_of_several_coloured_lines_is_shown_line_by_line(
    open_app: OpenApp, demo: Demo
) -> None:
    reason = "\x1b[31mERROR:\x1b[0m no\n\n  50%\r 100%\r\nX: 1\x1b]52;c;eA==\x07\n"
    async with open_app(size=(80, 24)) as session:
        await open_version(session, demo, version_item(1, status="error", error_summary=reason))
        lines = [line.strip() for line in session.text.split("\n")]
        first = next(number for number, line in enumerate(lines) if line.startswith("Reason"))
        assert lines[first].removeprefix("Reason").strip() == "ERROR: no"
        assert lines[first + 1 : first + 4] == ["", "100%", "X: 1␛]52;c;eA==␇"]


async def test_a_version_on_its_way_says_for_how_long(open_app: OpenApp, demo: Demo) -> None:
    waiting = version_item(1, status="attempting_load_container", created_at="2026-03-01T20:00:00.5+00:00")
    async with open_app(size=(80, 24)) as session:
        await open_version(session, demo, waiting)
        assert "◐ attempting_load_container  for 18 h" in session.text
        assert "no reason given" not in session.text
        demo.script("models/get_version_by_id", answer({"model_version": version_item(1, status="ready")}))
        await session.press("r")
        assert "✔ ready" in session.text
        assert "for 18 h" not in session.text


async def test_a_newer_config_stands_in_the_place_of_the_first(open_app: OpenApp) -> None:
    async with open_app(size=(109, 60), workspace=4) as session:
        await session.press("enter", "enter")
        assert crumbs(session).endswith("version 6")
        assert "config 15 came with the upload" in session.text
        assert line_with(session, "Batch config").endswith("not readable")
        assert line_with(session, "Tensor fields").endswith("none")
        assert session.text.count("  not readable") >= 5


async def test_a_version_without_a_config(open_app: OpenApp, demo: Demo) -> None:
    version = version_item(1)
    version["config"] = None
    async with open_app(size=(109, 60)) as session:
        await open_version(session, demo, version)
        assert "none yet: e makes the first one" in session.text


async def test_schemas_are_told_field_by_field(open_app: OpenApp, demo: Demo) -> None:
    config = {
        "input_schema": schema(("amount", pa.float32()), ("tags", pa.list_(pa.string()))),
        "output_schema": "bm8gc2NoZW1h",
    }
    async with open_app(size=(109, 60)) as session:
        await open_version(session, demo, version_item(1, config=config))
        assert "amount  float" in session.text
        assert "tags    list<item: string>" in session.text
        assert "This is not an Arrow schema" in session.text


async def test_everything_may_be_absent(open_app: OpenApp, demo: Demo) -> None:
    bare: dict[str, object] = {"model_version": {"id": 1}, "config": None}
    async with open_app(size=(109, 60)) as session:
        await open_version(session, demo, bare)
        assert "· unknown" in session.text
        for label in ("UUID", "SHA-256", "Architecture", "Created by"):
            assert line_with(session, label).split() == [*label.split(), "—"]


async def test_the_json_of_both_answers(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(size=(109, 90), workspace=10) as session:
        await session.press("enter", "enter", "y")
        assert "models/get_version_by_id" in session.text
        assert "models/get_config_by_id" in session.text
        assert '"error_summary": "Model failed to load' in session.text
        await session.press("escape")
        assert crumbs(session).endswith("version 19")


async def test_upload_logs(open_app: OpenApp, demo: Demo) -> None:
    lines = [
        "2026-03-01T12:00:01.123456789Z stdout F loading",
        "2026-03-01T12:00:02Z stderr F Traceback (most recent call last):",
        "no format at all",
        "2026-03-01T12:00:03Z stdout F \x1b[32m10%\r\x1b[0m99%\r",
    ]
    async with open_app(size=(80, 24), workspace=10) as session:
        await session.press("enter")
        demo.script("models/get_upload_logs", answer({"logs": lines}), answer({"logs": []}))
        await session.press("L")
        assert asked(demo, "models/get_upload_logs") == [{"model_version_id": 19}]
        shown = session.text.split("\n")
        assert shown[2:6] == [
            " 12:00:01 loading",
            " 12:00:02 Traceback (most recent call last):",
            " no format at all",
            " 12:00:03 99%",
        ]
        assert "4 lines" in session.text
        await session.press("y")
        assert "2026-03-01T12:00:01.123456789Z" in session.text
        await session.press("escape", "r")
        assert "The server has no upload logs for this version" in session.text
        demo.script("models/get_upload_logs", refused(400, "The provided model version id was not found."))
        await session.press("r")
        assert "! gone" in header(session)
        assert "has no upload logs" in session.text
        await session.press("escape")
        assert crumbs(session).endswith("⟨15⟩")


async def test_logs_of_a_server_that_has_none(open_app: OpenApp) -> None:
    with Demo(api="2023.4") as old:
        async with open_app(size=(80, 24), server=old, workspace=10) as session:
            await session.press("enter", "L")
            assert "! not supported" in header(session)
            assert "the server has no models/get_upload_logs" in words(session)
            assert "Loading" not in session.text


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["on its own screen", "beside the list"])
async def test_the_age_of_a_status_goes_on_though_nothing_else_does(
    open_app: OpenApp, demo: Demo, size: tuple[int, int]
) -> None:
    waiting = version_item(1, status="attempting_load_container", created_at="2026-03-02T14:00:00+00:00")
    now = NOW
    async with open_app(size=size, clock=lambda: now) as session:
        await session.press("j")
        demo.script("models/list", *[models(model_item(15, "model", waiting))] * 3)
        demo.script("models/get_version_by_id", *[answer({"model_version": waiting})] * 2)
        demo.script("models/get_config_by_id", *[answer({"model_config": waiting["config"]})] * 2)
        await session.press("enter", "enter")
        if size == (80, 24):
            await session.press("enter")
        assert "attempting_load_container  for 30 min" in session.text
        now += timedelta(minutes=12)
        await session.press("r")
        assert "attempting_load_container  for 42 min" in session.text
        assert "for 30 min" not in session.text


async def test_a_detail_that_can_not_be_read_is_not_said_to_be_on_its_way(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(size=(80, 40), workspace=10) as session:
        await session.press("enter")
        away = refused(500, "the database is away")
        demo.script("models/get_config_by_id", away, away)
        await session.press("enter")
        assert crumbs(session).endswith("version 19")
        assert "the database is away" in words(session)
        assert below(session, "Config") == "not read"
        await session.press("escape")
        await session.pilot.resize_terminal(120, 40)
        await session.settle()
        assert "the database is away" in words(session)
        assert below(session, "Config") == "not read"
        await session.press("r")
        assert "Config 29" in session.text
        assert "not read" not in session.text.replace("not readable", "")
        await session.press("j")
        assert "Config 28" in session.text


async def test_a_config_saved_from_here_is_known_offline_when_it_is_first_opened(open_app: OpenApp) -> None:
    async with open_app(size=(80, 50), workspace=10) as session:
        await session.press("enter", "enter", "e")
        await session.type("d1")
        await session.press("ctrl+s", "right", "enter")
        assert "saved as config" in words(session)
    async with open_app(size=(80, 50), workspace=10, offline=True) as session:
        await session.press("enter", "enter")
        assert "offline mode" in header(session)
        assert line_with(session, "Tensor fields").endswith(" d1")
        assert line_with(session, "OpenAI").endswith(" off")
