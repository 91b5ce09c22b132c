"""Every field of a config as it is typed, shown, checked and sent."""

import json
from typing import Any

import pyarrow
import pytest

from tests.support.editing import (
    CONTINUOUS,
    DYNAMIC,
    INSERT,
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
)
from tests.support.mouse import Mouse
from tests.support.screens import asked, crumbs
from tests.support.services import configure
from tests.support.session import OpenApp
from wltui.config.schema.codec import decode_base64, encode_base64
from wltui.demo import Demo

PARTS = {"max_batch_delay_ms": 10, "batch_size_target": 4, "batch_size_limit": None}


# Tensor fields


async def test_names_are_added_moved_pasted_and_removed_one_a_line(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session, *"b", "enter", *"c", "ctrl+up")
        assert shown(session, "Tensor fields") == ["c", "b"]
        await session.press("down", "end", "enter")
        await paste(session, "x\r\ny\nz\n")
        assert shown(session, "Tensor fields") == ["c", "b", "x", "y", "z"]
        await session.press("backspace", "backspace", "backspace", "up", "ctrl+down")
        assert shown(session, "Tensor fields") == ["c", "b", "y", "x"]
        await send(session)
        assert sent(demo)["tensor_fields"] == ["c", "b", "y", "x"]


@pytest.mark.parametrize(
    ("held", "looks", "diff"),
    [
        (None, "none", "- null"),
        ([], "[]", "- []"),
        ([""], '""', '- [""]'),
        (["null"], '"null"', '- ["null"]'),
    ],
    ids=["null", "empty list", "empty name", "a name like null"],
)
async def test_null_an_empty_list_and_odd_names_look_different(
    open_app: OpenApp, demo: Demo, held: list[str] | None, looks: str, diff: str
) -> None:
    give(demo, tensor_fields=held)
    async with open_app(workspace=10) as session:
        await open_editor(session)
        assert shown(session, "Tensor fields") == [looks]
        await clear(session)
        await session.type("a")
        assert diff in session.text
        await session.press("f8", "f8")
        assert shown(session, "Tensor fields") == [looks]
        assert "No changes" in session.text


async def test_an_empty_list_is_sent_as_one_and_an_empty_box_as_null(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await paste(session, "[]")
        await send(session)
        assert newest(demo).tensor_fields == []
        await session.press("e", "enter")
        assert shown(session, "Tensor fields") == ["[]"]
        await clear(session)
        assert shown(session, "Tensor fields") == ["none"]
        await send(session)
        assert newest(demo).tensor_fields is None


# The threshold


async def test_a_threshold_of_zero_is_a_value_and_an_empty_one_is_null(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        assert shown(session, "Filter threshold") == ["none"]
        await session.press("tab", "tab", *"0")
        assert "+ 0.0" in session.text
        await send(session)
        assert newest(demo).filter_threshold == 0.0
        await session.press("e", "enter", "tab", "tab")
        assert shown(session, "Filter threshold") == ["0.0"]
        await clear(session)
        assert "- 0.0" in session.text
        assert "+ null" in session.text
        await send(session)
        assert newest(demo).filter_threshold is None


# Batching


async def test_dynamic_batching_is_three_numbers_of_which_one_may_be_null(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await to(session, DYNAMIC)
        await session.press("right")
        assert shown(session, "Dynamic batching") == [
            "○ off   ◉ on",
            "Max delay, ms  10",
            "Target size    4",
            "Size limit     none",
        ]
        await session.press("tab", "ctrl+u", *"250", "tab", "ctrl+u", *"16", "tab", *"64")
        await session.press("backspace", "backspace")
        await send(session)
        assert sent(demo)[DYNAMIC] == {
            "max_batch_delay_ms": 250,
            "batch_size_target": 16,
            "batch_size_limit": None,
        }
        assert sent(demo)[CONTINUOUS] is None


async def test_what_a_batching_config_holds_besides_is_carried_along(open_app: OpenApp, demo: Demo) -> None:
    give(demo, dynamic_batching_config={**PARTS, "of a later release": {"a": [1, None]}})
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await to(session, DYNAMIC)
        await session.press("tab", "tab", "tab", *"8")
        await send(session)
        assert sent(demo)[DYNAMIC] == {**PARTS, "batch_size_limit": 8, "of a later release": {"a": [1, None]}}


async def test_continuous_batching_is_a_number(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await to(session, CONTINUOUS)
        await session.press("right", "tab")
        await clear(session)
        assert shown(session, "Continuous batching")[-1] == "Must be a whole number above 0"
        await session.press(*"256")
        await send(session)
        assert sent(demo)[CONTINUOUS] == {"max_concurrent_batch_size": 256}


async def test_what_was_typed_into_batching_outlives_switching_it_off(open_app: OpenApp, demo: Demo) -> None:
    give(demo, dynamic_batching_config={**PARTS, "x": 1})
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await to(session, DYNAMIC)
        await session.press("tab", *"5", "tab", "tab", *"no", "shift+tab", "shift+tab", "shift+tab", "left")
        assert "+ null" in session.text
        assert "wrong" not in session.text
        await session.press("right")
        assert shown(session, "Dynamic batching")[1:] == [
            "Max delay, ms  105",
            "Target size    4",
            "Size limit     no",
            "Not a whole number; leave it empty for none",
        ]
        await session.press("left", "f8", "ctrl+y", "f8", "tab", "tab", "tab", "ctrl+u")
        await send(session)
        assert sent(demo)[DYNAMIC] == {**PARTS, "max_batch_delay_ms": 105, "x": 1}


@pytest.mark.parametrize(
    ("held", "keys", "told"),
    [
        ({"dynamic_batching_config": PARTS}, ["tab", "right"],
         ("Batch config", "Dynamic batching can't be combined with 'single'")),
        ({"batch_config": "single"}, ["tab"] * 4 + ["right"],
         ("Batch config", "Continuous batching can't be combined with 'single'")),
        ({"dynamic_batching_config": PARTS}, ["tab"] * 7 + ["right"],
         ("Continuous batching", "Dynamic batching is on too; only one of them can be on")),
        ({"output_schema": None}, ["tab"] * 3 + ["right"], ("Output schema", "Dynamic batching requires this schema")),
        ({"dynamic_batching_config": PARTS}, ["tab"] * 6 + ["3"],
         ("Dynamic batching", "The limit 3 is below the target 4")),
    ],
)  # fmt: skip
async def test_what_does_not_go_together_is_said_beside_the_field_and_not_sent(
    open_app: OpenApp, demo: Demo, held: dict[str, Any], keys: list[str], told: tuple[str, str]
) -> None:
    give(demo, **held)
    async with open_app(workspace=10) as session:
        await open_editor(session, *keys)
        title, problem = told
        assert problem in " ".join(shown(session, title))
        assert "1 field is wrong" in session.text
        await session.press("ctrl+s")
        assert crumbs(session).endswith("Edit config of version 19")
        assert INSERT not in [request.path for request in demo.requests]


async def test_a_batch_config_of_any_word_is_told_from_null_and_can_be_chosen_again(
    open_app: OpenApp, demo: Demo
) -> None:
    give(demo, batch_config="")
    async with open_app(workspace=10) as session:
        await open_editor(session, "tab")
        assert shown(session, "Batch config") == ['○ multiple rows   ○ single   ◉ ""']
        await session.press("right")
        assert "+ null" in session.text
        await session.press("left")
        assert "No changes" in session.text


async def test_the_chosen_option_is_seen_where_not_all_have_room(open_app: OpenApp, demo: Demo) -> None:
    configure(demo, 19, filter_threshold=0.5)
    async with open_app(workspace=10, size=(100, 40)) as session:
        await open_editor(session, "tab", "right", "right")
        assert shown(session, "Batch config") == ["… ○ multiple rows   ◉ single"]
        await Mouse(session).click("○ multiple rows")
        assert shown(session, "Batch config") == ["… ◉ multiple rows   ○ single"]


# The OpenAI config


async def test_a_chat_template_arrives_as_it_was_pasted(open_app: OpenApp, demo: Demo) -> None:
    template = "{% for m in messages %}\n\t{{ m.role }}:\u2028⚠️ 👩\u200d💻 a\\b 'q' </s>\r{% endfor %}\n\n"
    config = {"enabled": True, "chat_completion_config": {"chat_template": template}}
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await to(session, "openai_config")
        await paste(session, json.dumps(config, indent="\t", ensure_ascii=False))
        assert "wrong" not in session.text
        await session.press("ctrl+s")
        assert "{% for m in messages %}" in session.text
        await session.press("right", "enter")
        assert sent(demo)["openai_config"] == config


async def test_a_text_over_several_lines_keeps_its_lines_and_tabs(open_app: OpenApp, demo: Demo) -> None:
    pasted = '{\t"enabled": true,\r\n"chat_completion_config": {"chat_template": "a\n\tb  \r\n\u200d\n"}}'
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await to(session, "openai_config")
        await paste(session, pasted)
        await send(session)
        assert sent(demo)["openai_config"]["chat_completion_config"] == {
            "chat_template": "a\n\tb  \n\u200d\n"
        }


async def test_a_fault_in_the_json_is_told_with_its_place_and_the_cursor_goes_there(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await to(session, "openai_config")
        await paste(session, '{\n  "enabled": true\n  "chat_completion_config": null\n}')
        assert "Line 3, column 3: A comma is missing here" in " ".join(shown(session, "OpenAI"))
        await session.press("tab", "ctrl+s", *",")
        await send(session)
        assert sent(demo)["openai_config"] == {"enabled": True, "chat_completion_config": None}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "Must be an object"),
        ("{}", '"enabled" is missing'),
        ('{"enabled": 1}', '"enabled" must be true or false, not 1'),
        ('{"enabled": true, "completion_config": {"stream": true}}', '"stream" must not be set in'),
        ('{"enabled": true, "enabled": false}', 'The key "enabled" appears twice'),
    ],
)
async def test_what_the_server_would_not_take_is_said_beside_the_json(
    open_app: OpenApp, demo: Demo, text: str, told: str
) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await to(session, "openai_config")
        await paste(session, text)
        assert told in " ".join(shown(session, "OpenAI"))
        await session.press("ctrl+s")
        assert crumbs(session).endswith("Edit config of version 19")
        assert asked(demo, INSERT) == []


# Schemas


async def test_a_schema_is_typed_as_text_and_sent_as_arrow(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await to(session, "input_schema")
        await clear(session)
        assert shown(session, "Input schema") == ["none"]
        await session.type("a: float32")
        await session.press("enter")
        await paste(
            session, "b: list<item: struct<x: int64 not null,\ty: str>>\r\nc: timestamp[us, tz=Europe/Rome]"
        )
        assert "c: timestamp[us, tz=Europe/Rome]" in session.text
        await send(session)
        nested = pyarrow.struct(
            [pyarrow.field("x", pyarrow.int64(), nullable=False), ("y", pyarrow.string())]
        )
        assert decode_base64(sent(demo)["input_schema"]) == pyarrow.schema(
            [
                ("a", pyarrow.float32()),
                ("b", pyarrow.list_(nested)),
                ("c", pyarrow.timestamp("us", "Europe/Rome")),
            ]
        )
        assert sent(demo)["output_schema"] == demo.world.versions[19].configs[0].output_schema
        await session.press("e")
        assert shown(session, "Input schema")[0] == "a: float"


async def test_a_fault_in_a_schema_is_told_with_its_place_and_the_cursor_goes_there(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await to(session, "input_schema")
        await clear(session)
        await paste(session, "a: int64\nb: list<item: flat>\nc: int8")
        assert "Line 2, column 15:" in " ".join(shown(session, "Input schema"))
        await session.press("ctrl+home", "tab", "ctrl+s", *(["delete"] * 4), *"float")
        await send(session)
        assert decode_base64(sent(demo)["input_schema"]).types == [
            pyarrow.int64(),
            pyarrow.list_(pyarrow.float32()),
            pyarrow.int8(),
        ]


@pytest.mark.parametrize("damaged", ["QUJD", "not base64 at all", "/////xAB", ""])
async def test_a_schema_that_can_not_be_decoded_is_shown_and_carried_along_untouched(
    open_app: OpenApp, demo: Demo, damaged: str
) -> None:
    give(demo, input_schema=damaged)
    async with open_app(workspace=10) as session:
        await open_editor(session, "a")
        assert shown(session, "Input schema") == [damaged or '""']
        assert "wrong" not in session.text
        await to(session, "input_schema")
        assert "This is not an Arrow schema" in session.text
        await session.press("end", "x", "backspace")
        assert "1 field to change" in session.text
        await send(session)
        assert sent(demo)["input_schema"] == damaged


async def test_a_schema_is_pasted_in_base64_and_comes_back_as_text(open_app: OpenApp, demo: Demo) -> None:
    encoded = encode_base64(pyarrow.schema([("a", pyarrow.decimal128(9, 2))], metadata={"k": "v"}))
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await to(session, "input_schema")
        await clear(session)
        await paste(session, f"{encoded[:64]}\r\n{encoded[64:]}\n")
        await send(session)
        assert sent(demo)["input_schema"] == encoded
        await session.press("e", "enter")
        assert shown(session, "Input schema")[0] == "a: decimal128(9, 2)"
        await to(session, "input_schema")
        assert typed(session).endswith("k: 'v'")


# What is not readable


async def test_what_is_not_readable_is_neither_null_nor_empty_nor_zero(open_app: OpenApp, demo: Demo) -> None:
    configure(demo, 19, filter_threshold=0.0, tensor_fields=[])
    async with open_app(workspace=10) as session:
        await open_editor(session)
        assert shown(session, "Tensor fields") == ["[]"]
        assert shown(session, "Filter threshold") == ["0.0"]
        assert shown(session, "Batch config") == ["◉ not readable   ○ multiple rows   ○ single"]
        assert shown(session, "Dynamic batching") == ["◉ not readable   ○ off   ○ on"]
        assert shown(session, "OpenAI") == ["not readable"]
        await session.press("tab", "right")
        assert "- not readable" in session.text
        assert "+ null" in session.text
        await session.press("tab", "tab", "right", "right", "ctrl+r")
        assert "1 field to change" in session.text
        await session.press("f8")
        assert "Max delay, ms  10" in session.text
        await session.press("f8", "f8")
        assert shown(session, "Dynamic batching") == ["◉ not readable   ○ off   ○ on"]


async def test_a_text_that_is_not_seen_whole_is_read_from_its_beginning(
    open_app: OpenApp, demo: Demo
) -> None:
    give(
        demo,
        openai={"enabled": True, "chat_template": "x" * 900},
        tensor_fields=[f"name {n}" for n in range(30)],
    )
    async with open_app(workspace=10) as session:
        await open_editor(session)
        assert shown(session, "Tensor fields")[0] == "name 0"
        assert shown(session, "OpenAI")[0] == "{"
        await session.type("my ")
        assert shown(session, "Tensor fields")[0] == "my name 0"
