"""Where values of an edit come from beside the keyboard, how each is undone, and that no edit is ever lost."""

from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import feather, parquet

from tests.support.editing import (
    CONTINUOUS,
    DYNAMIC,
    clear,
    give,
    newest,
    open_editor,
    paste,
    send,
    sent,
    shown,
    to,
    typed,
)  # fmt: skip
from tests.support.screens import asked, crumbs, cursor_line, words
from tests.support.session import OpenApp, Session
from wltui.config.schema.codec import encode_base64
from wltui.demo import Demo

OTHER: dict[str, Any] = {
    "tensor_fields": ["x", "y"],
    "batch_config": None,
    "filter_threshold": 0.5,
    "dynamic_batching_config": {
        "max_batch_delay_ms": 7,
        "batch_size_target": 3,
        "batch_size_limit": 9,
        "new": 1,
    },
    "openai": {"enabled": True},
    "input_schema": encode_base64(pyarrow.schema([("copied", pyarrow.int8())])),
}
"""What version 18 came with; its output schema is that of version 19."""


async def copy(session: Session, demo: Demo) -> None:
    """Copy the config of version 18 into the editor of version 19."""
    for key, value in OTHER.items():
        setattr(demo.world.versions[18].configs[0], key, value)
    await open_editor(session, "ctrl+o", "g", "enter")
    assert "Loaded into the form: config 28 of version 18" in words(session)


# Copying, and undoing it


async def test_the_config_of_another_version_is_reviewed_and_sent_as_it_is_there(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10) as session:
        await copy(session, demo)
        await send(session)
        body = {key: value for key, value in OTHER.items() if key != "openai"}
        assert sent(demo) == body | {
            "model_version_id": 19,
            "openai_config": OTHER["openai"],
            "continuous_batching_config": None,
            "output_schema": demo.world.versions[18].configs[0].output_schema,
        }


async def test_what_was_copied_is_undone_and_done_again_field_by_field(open_app: OpenApp, demo: Demo) -> None:
    give(demo, batch_config="single")
    async with open_app(workspace=10) as session:
        await copy(session, demo)
        for key, title, was, now in (
            ("tensor_fields", "Tensor fields", "none", "x"),
            ("batch_config", "Batch config", "○ multiple rows   ◉ single", "◉ multiple rows   ○ single"),
            ("filter_threshold", "Filter threshold", "none", "0.5"),
            (DYNAMIC, "Dynamic batching", "◉ off   ○ on", "○ off   ◉ on"),
            ("openai_config", "OpenAI", "off", "{"),
            ("input_schema", "Input schema", "input_1: fixed_size_list<item: float>[10]", "copied: int8"),
        ):
            await to(session, key)
            assert shown(session, title)[0] == now
            await session.press("f8")
            assert shown(session, title)[0] == was
            await session.press("ctrl+y")
            assert shown(session, title)[0] == now
            await session.press("f8")
        assert "No changes" in session.text
        await to(session, DYNAMIC)
        await session.press("ctrl+y")
        assert shown(session, "Dynamic batching")[1:] == [
            "Max delay, ms  7",
            "Target size    3",
            "Size limit     9",
        ]


async def test_a_reset_is_undone_in_boxes_choices_and_switches(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session, *"a, a", "ctrl+r")
        assert shown(session, "Tensor fields") == ["none"]
        await session.press("f8")
        assert shown(session, "Tensor fields") == ["a, a", 'Line 1, column 4: "a" appears twice']
        await session.press("ctrl+r", "tab", "right", "ctrl+r", "f8")
        assert shown(session, "Batch config") == ["○ multiple rows   ◉ single"]
        await session.press("ctrl+r")
        await to(session, CONTINUOUS)
        await session.press("right", "tab", *"6", "ctrl+r")
        assert shown(session, "Continuous batching") == ["◉ off   ○ on"]
        assert "No changes" in session.text
        await to(session, CONTINUOUS)
        await session.press("f8")
        assert shown(session, "Continuous batching") == ["○ off   ◉ on", "Max batch size 16"]


async def test_a_part_that_was_reset_is_undone_in_its_box(open_app: OpenApp, demo: Demo) -> None:
    give(demo, continuous_batching_config={"max_concurrent_batch_size": 4})
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await to(session, CONTINUOUS)
        await session.press("tab", *"8x", "ctrl+r")
        assert "No changes" in session.text
        await session.press("f8")
        assert typed(session) == "48x"
        assert "1 field is wrong" in session.text
        await session.press("backspace")
        await send(session)
        assert sent(demo)[CONTINUOUS] == {"max_concurrent_batch_size": 48}


# Putting a config back


async def test_the_config_before_a_save_is_put_back_as_it_was_to_the_letter(
    open_app: OpenApp, demo: Demo
) -> None:
    held = {
        "tensor_fields": ["a", "b"],
        "filter_threshold": 0.25,
        "continuous_batching_config": {"max_concurrent_batch_size": 4, "new": [None]},
    }
    give(demo, **held)
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await clear(session)
        await session.press("tab", "tab")
        await clear(session)
        await to(session, CONTINUOUS)
        await session.press("left")
        await send(session)
        assert newest(demo).tensor_fields is None
        await session.press("H", "enter")
        assert "Loaded into the form: the config from before your save of 14:30. Not sent yet." in words(
            session
        )
        await to(session, CONTINUOUS)
        await session.press("f8", "ctrl+y")
        await send(session)
        came, put_back = demo.world.versions[19].configs[0], newest(demo)
        assert len(demo.world.versions[19].configs) == 3
        for key in ("input_schema", "output_schema", "batch_config", "openai", DYNAMIC, *held):
            assert getattr(put_back, key) == getattr(came, key)
        assert put_back.tensor_fields == ["a", "b"]


# Schemas from files


@pytest.mark.parametrize(
    "kind",
    ["parquet", *(pytest.param(kind, marks=pytest.mark.thorough) for kind in ("arrow", "feather", "base64"))],
)
async def test_a_schema_is_taken_from_a_file_by_its_completed_path(
    open_app: OpenApp, demo: Demo, tmp_path: Path, kind: str
) -> None:
    table = pyarrow.table({"a": [1.0], "b": [["x"]]})
    folder = tmp_path / "of data"
    folder.mkdir()
    file = folder / f"table.{kind}"
    if kind == "parquet":
        parquet.write_table(table, file, store_schema=False)
    elif kind == "feather":
        feather.write_feather(table, file)
    elif kind == "arrow":
        with pyarrow.ipc.new_file(file, table.schema) as sink:
            sink.write(table)
    else:
        file.write_text(encode_base64(table.schema))
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await to(session, "output_schema")
        await session.press("f3")
        await session.type(f"{tmp_path}/of")
        await session.press("tab", "tab", "enter")
        assert crumbs(session).endswith("Edit config of version 19")
        assert shown(session, "Output schema")[0] == "a: double"
        assert shown(session, "Input schema")[0].startswith("input_1")
        await session.press("f8")
        assert "No changes" in session.text
        await session.press("ctrl+y")
        await send(session)
        assert newest(demo).input_schema == demo.world.versions[19].configs[0].input_schema
        assert newest(demo).output_schema != newest(demo).input_schema


async def test_a_file_that_holds_no_schema_is_told_and_leaves_the_form_as_it_was(
    open_app: OpenApp, tmp_path: Path
) -> None:
    (tmp_path / "one.csv").write_text("a,b\n1,2\n")
    (tmp_path / "one.txt").write_text("")
    async with open_app(workspace=10) as session:
        await open_editor(session, "f3")
        assert crumbs(session).endswith("Edit config of version 19")
        await to(session, "input_schema")
        await session.press("f3")
        await session.type(f"{tmp_path}/none")
        await session.press("enter")
        assert "could not be read: " in words(session)
        await session.press("tab")
        assert "No file there begins with this." in words(session)
        await session.press(*(["backspace"] * 4), *"o", "tab")
        assert "one.csv one.txt" in words(session)
        await session.type("csv")
        await session.press("enter")
        assert "could not be read: " in words(session)
        await session.press("escape")
        assert "No changes" in session.text


# Unsent edits


async def test_an_edit_outlives_esc_and_quit_and_is_found_in_the_palette(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session, *"d1", "tab", "tab", *"0,5")
        await to(session, "openai_config")
        await paste(session, '{"enabled": tru')
        await session.press("escape", "q")
        assert session.app.return_code == 0
    async with open_app() as session:
        await session.press("ctrl+p", *"unsent")
        assert "api-upload-pytorch-multi-io 19  unsent edit" in cursor_line(session)
        await session.press("enter")
        assert crumbs(session).endswith("version 19 › Edit config of version 19")
        assert "Your unsent edit of 0 s ago is back" in words(session)
        assert shown(session, "Tensor fields") == ["d1"]
        assert shown(session, "Filter threshold") == ["0,5", "Use a point: 0.5"]
        assert shown(session, "OpenAI")[0] == '{"enabled": tru'
        await session.press("ctrl+n", "enter")
        assert shown(session, "Tensor fields") == ["d1"]
        await session.press("ctrl+n", "right", "enter")
        assert "No changes" in session.text
        assert shown(session, "OpenAI") == ["off"]
        await session.press("escape", "q")
    async with open_app() as session:
        await session.press("ctrl+p", *"unsent")
        assert "19 unsent edit" not in session.text
        assert asked(demo, "models/insert_model_config") == []


async def test_an_edit_of_another_running_wltui_is_neither_taken_nor_destroyed(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10) as other:
        await open_editor(other, *"theirs")
        other.app.service.drafts.flush()
        async with open_app(workspace=10, size=(140, 40)) as session:
            await open_editor(session)
            assert "No changes" in session.text
            assert "Another wltui on this host holds an unsent edit of this version" in words(session)
            await session.type("mine")
            await session.press("ctrl+n", "right", "enter", *"mine")
            await send(session)
            await session.press("ctrl+p", *"unsent")
            assert "(another wltui has it open)" in cursor_line(session)
            await session.press("enter")
            assert "another wltui has it open" in words(session)
            await session.press("escape", "q")
        await other.press("2")
        assert shown(other, "Tensor fields") == ["theirs2"]
        await other.press("escape", "q")
    async with open_app(workspace=10) as session:
        await session.press("enter", "e")
        assert crumbs(session).endswith("Conflict")  # both set the same field
        assert "theirs2" in session.text
        assert "mine" in session.text


async def test_an_edit_is_sent_once_and_is_gone_from_the_palette_then(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session, *"d1")
        await send(session)
        await session.press("ctrl+p", *"unsent")
        assert "19 unsent edit" not in session.text
    async with open_app(workspace=10) as session:
        await open_editor(session)
        assert shown(session, "Tensor fields") == ["d1"]
        assert "No changes" in session.text
        assert f"Change from config {newest(demo).id} " in session.text
