"""Everything about one version, on its own screen."""

import base64
from datetime import timedelta

import pyarrow as pa
import pytest

from tests.support.clock import NOW
from tests.support.screens import (
    SIZES,
    Json,
    answer,
    asked,
    calls,
    check_screen,
    crumbs,
    custom_item,
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


async def open_version(session: Session, demo: Demo, version: Json) -> None:
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
    lines = [line.rpartition("│")[2].strip(" ─") for line in session.text.split("\n")]
    return lines[lines.index(heading) + 1]


async def test_the_whole_version_is_told(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(size=(140, 70), workspace=10) as session:
        await session.press("enter", "j", "j", "j")
        before = len(demo.requests)
        await session.press("enter")
        assert sorted(calls(demo, before)) == ["models/get_config_by_id", "models/get_version_by_id"]
        assert asked(demo, "models/get_version_by_id")[-1] == {"model_version_id": 16}
        assert asked(demo, "models/get_config_by_id")[-1] == {"model_id": 16}
        shown = session.text.split("\n")
        assert shown[2:5] == [
            " 16  ✔ ready  2 y  x86  flight",
            " proxy.replicated.com/proxy/wallaroo/ghcr.io/wallaroolabs/mlflow-deploy:v2023.4.0-4103",
            " 9150b046-5df0-4c41-a60b-3016355f89d5",
        ]
        assert below(session, "Runs in") == "api-sample-pipeline  not deployed"
        assert line_with(session, "Config 26").strip(" ─") == "Config 26  flight"
        assert "At default: Tensor fields, Batch config, Filter threshold, Dynamic batching" in session.text
        for label, value in {
            "SHA-256": "bc85ce596945f876256f41515c7501c399fd97ebcb9ab3dd41bf03f8937b4507",
            "Workspace": "api-tutorial (10)",
            "Model id": "15",
            "Size": "1.9 kB (1,928 bytes)",
            "Created by": "author@example.com",
            "Created ": "2023-11-29 16:44:12 UTC, 2 y ago",
            "Architecture": "x86",
            "Framework": "pytorch",
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
        assert "The platform gave no reason." in session.text
        assert "wltui: remedy  Upload it once more" in session.text
        assert "models/get_upload_logs" not in calls(demo)


async def test_a_known_reason_comes_with_its_cause_and_remedy(open_app: OpenApp, demo: Demo) -> None:
    reason = (
        "The Inference class must define the property expected_model_types, a set of the types it can load"
    )
    async with open_app(size=(80, 24)) as session:
        await open_version(session, demo, custom_item(error_summary=reason))
        first, second = session.text.split("\n")[3:5]
        assert f"{first.strip()} {second.strip()}" == reason
        assert "wltui: cause   The Inference class lacks the property expected_model_types." in session.text
        assert "wltui: remedy  Add the property. It returns a set of types." in session.text
        assert "models/get_upload_logs" not in calls(demo)


async def test_why_it_failed_comes_first_in_every_window(open_app: OpenApp, demo: Demo, redraw: bool) -> None:
    log = [
        "2026-03-01T12:00:02Z stderr F   × No solution found when resolving dependencies:",
        "2026-03-01T12:00:02Z stderr F   ╰─▶ Because there is no version of tensorflow-aarch64==2.9.9 and you",
        "2026-03-01T12:00:02Z stderr F       require tensorflow-aarch64==2.9.9, your requirements are unsatisfiable.",
        "2026-03-01T12:00:03Z stderr F Error: Could not pip install user provided requirements.txt",
    ]
    async with open_app(size=(80, 24)) as session:
        demo.script("models/get_upload_logs", *[answer({"logs": log})] * 2)
        await open_version(
            session,
            demo,
            custom_item(file_name="forecast_byop.zip", version="39cd8586-53d4-43f6-a891-59732e23561a"),
        )
        for size in (*SIZES, (200, 60)):
            await session.pilot.resize_terminal(*size)
            await session.settle()
            check_screen(session, "version-failed", redraw)
        await session.press("L")
        check_screen(session, "logs-failed", redraw)


async def test_the_upload_log_names_a_reason_that_the_version_lacks(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(size=(80, 24)) as session:
        demo.script("models/get_upload_logs", answer({"logs": ["Error: Could not unpack the zip file"]}))
        await open_version(session, demo, custom_item(error_summary="null"))
        assert "Could not unpack the zip file" in session.text
        assert "(from its upload log)" in session.text
        assert "wltui: cause   The file is damaged, or no zip." in session.text
        await session.press("r")
        assert calls(demo).count("models/get_upload_logs") == 1


async def test_the_reason_of_a_version_with_the_same_file_is_borrowed(open_app: OpenApp, demo: Demo) -> None:
    told = models(
        model_item(15, "model", custom_item(1)),
        model_item(16, "other", custom_item(2, error_summary="No create method")),
    )
    async with open_app(size=(80, 24)) as session:
        await session.press("j")
        demo.script("models/list", *[told] * 3)
        demo.script("models/get_version_by_id", answer({"model_version": custom_item(1)}))
        demo.script("models/get_config_by_id", answer({"model_config": custom_item(1)["config"]}))
        demo.script("models/get_upload_logs", answer({"logs": []}))
        await session.press("enter", "enter", "enter")
        assert "No create method" in session.text
        assert "(the reason of version 2, which has the same file)" in session.text


async def test_a_reason_of_several_coloured_lines_is_shown_line_by_line(
    open_app: OpenApp, demo: Demo
) -> None:
    reason = "\x1b[31mERROR:\x1b[0m no\n\n  50%\r 100%\r\nX: 1\x1b]52;c;eA==\x07\n"
    async with open_app(size=(80, 24)) as session:
        await open_version(session, demo, version_item(1, status="error", error_summary=reason))
        lines = [line.strip() for line in session.text.split("\n")]
        assert lines[3:7] == ["ERROR: no", "", "100%", "X: 1␛]52;c;eA==␇"]


async def test_a_version_on_its_way_says_for_how_long(open_app: OpenApp, demo: Demo) -> None:
    waiting = version_item(1, status="attempting_load_container", created_at="2026-03-01T20:00:00.5+00:00")
    async with open_app(size=(80, 24)) as session:
        await open_version(session, demo, waiting)
        assert "◐ attempting_load_container  for 18 h" in session.text
        assert "gave no reason" not in session.text
        demo.script("models/get_version_by_id", answer({"model_version": version_item(1, status="ready")}))
        await session.press("r")
        assert "✔ ready" in session.text
        assert "for 18 h" not in session.text


async def test_a_newer_config_stands_in_the_place_of_the_first(open_app: OpenApp) -> None:
    async with open_app(size=(109, 60), workspace=4) as session:
        await session.press("enter", "enter")
        assert crumbs(session).endswith("version 6")
        assert "changed since the upload, whose config was 15" in session.text
        assert "At default: Tensor fields, Filter threshold" in session.text
        assert (
            "Unknown: Batch config, Dynamic batching, Continuous batching, OpenAI, Input schema, Output schema "
            "(the API does not return them after a change)"
        ) in words(session)


async def test_a_version_without_a_config(open_app: OpenApp, demo: Demo) -> None:
    version = version_item(1)
    version["config"] = None
    async with open_app(size=(109, 60)) as session:
        await open_version(session, demo, version)
        assert "none yet. Press e to make the first one." in session.text


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
        assert "— no UUID known" in session.text
        for label in ("SHA-256", "Architecture", "Created by"):
            assert line_with(session, label).split() == [*label.split(), "—"]


async def test_the_json_of_both_answers(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(size=(109, 90), workspace=10) as session:
        await session.press("enter", "enter", "y")
        assert "models/get_version_by_id" in session.text
        assert "models/get_config_by_id" in session.text
        assert '"error_summary": "Model failed to load' in session.text
        await session.press("escape")
        assert crumbs(session).endswith("version 19")


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
        assert "for 30 min" in session.text
        now += timedelta(minutes=12)
        await session.press("r")
        assert "for 42 min" in session.text
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
        assert "not read" not in session.text
        await session.press("j")
        assert "Config 28" in session.text


async def test_a_config_saved_from_here_is_known_offline_when_it_is_first_opened(open_app: OpenApp) -> None:
    async with open_app(size=(80, 50), workspace=10) as session:
        await session.press("enter", "enter", "e", "enter")
        await session.type("d1")
        await session.press("ctrl+s", "right", "enter")
        assert "saved as config" in words(session)
    async with open_app(size=(80, 50), workspace=10, offline=True) as session:
        await session.press("enter", "enter")
        assert "offline mode" in header(session)
        assert line_with(session, "Tensor fields").endswith(" d1")
        assert (
            "At default: Batch config, Filter threshold, Dynamic batching, Continuous batching, OpenAI"
            in session.text
        )


@pytest.mark.parametrize(
    ("deployed", "line"),
    [(True, "deployed, in a pipeline that you don't see"), (False, "no pipeline"), (None, "no pipeline")],
)
async def test_a_version_that_is_deployed_is_not_said_to_run_nowhere(
    open_app: OpenApp, demo: Demo, deployed: bool | None, line: str
) -> None:
    async with open_app(size=(140, 70)) as session:
        await open_version(session, demo, version_item(900, deployed=deployed, version="u-900"))
        assert below(session, "Runs in") == line
