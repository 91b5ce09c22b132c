"""The config editor: begins from the newest config, shows the change and the request, sends it once."""

import json
from urllib.request import Request, urlopen

import pytest
from conftest import OpenApp, Session
from screens import answer, asked, calls, crumbs, header, line_with, refused, words

from wltui.demo import Demo, Scripted
from wltui.demo.keycloak import TOKEN_PATH

INSERT = "models/insert_model_config"
CONFIG = "models/get_config_by_id"


async def open_editor(session: Session) -> None:
    """From the models of workspace 10 to the editor of version 19, whose config is 29."""
    await session.press("enter", "e")
    assert crumbs(session).endswith("Edit config of version 19")


async def review(session: Session) -> None:
    """Type a change and go to its review."""
    await session.type("a, b")
    await session.press("ctrl+s")
    assert crumbs(session).endswith("Review")


def configure(demo: Demo, version_id: int, **fields: object) -> int:
    """What somebody else does meanwhile, by the API; the new config's id."""
    form = b"grant_type=password&client_id=sdk-client&username=demo&password=demo"
    with urlopen(demo.url + TOKEN_PATH, form) as told:  # noqa: S310
        token = json.load(told)["access_token"]
    body = json.dumps({"model_version_id": version_id, **fields}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urlopen(Request(f"{demo.url}/v1/api/{INSERT}", body, headers)) as told:  # noqa: S310
        number = json.load(told)["model_config"]["id"]
    assert isinstance(number, int)
    return number


async def test_from_an_edit_to_a_new_config(open_app: OpenApp, demo: Demo) -> None:
    held = demo.world.versions[19].configs[-1]
    async with open_app(workspace=10) as session:
        await session.press("enter", "enter", "e")
        before = len(demo.requests)
        await session.type("a, b")
        await session.press("tab", "space", "tab")
        await session.type("0.2")
        assert "3 fields to change, 5 kept as they are" in session.text
        assert line_with(session, "Tensor fields").startswith("●")
        assert "Unsent changes" in session.text
        assert calls(demo, before) == []

        await session.press("ctrl+s")
        assert "[ Cancel ]" in session.text
        assert "[ Send ]" not in session.text
        assert '+ ["a", "b"]' in session.text
        assert "POST /v1/api/models/insert_model_config" in session.text
        await session.press("enter")
        assert crumbs(session).endswith("Edit config of version 19")
        assert "0.2" in session.text
        assert asked(demo, INSERT) == []

        await session.press("ctrl+s", "right")
        assert "[ Send ]" in session.text
        await session.press("enter")
        assert crumbs(session).endswith("version 19")
        number = demo.world.versions[19].configs[-1].id
        assert number != held.id
        assert f"saved as config {number}. Running deployments keep theirs" in words(session)
        assert asked(demo, INSERT) == [
            {
                "model_version_id": 19,
                "tensor_fields": ["a", "b"],
                "batch_config": "single",
                "filter_threshold": 0.2,
                "dynamic_batching_config": None,
                "continuous_batching_config": None,
                "openai_config": None,
                "input_schema": held.input_schema,
                "output_schema": held.output_schema,
            }
        ]
        assert f"Config {number}" in session.text
        assert "config 29" in line_with(session, f"Config {number}")
        assert line_with(session, "Batch config").endswith("single")
        assert "input_1  fixed_size_list<item: float>[10]" in session.text

        await session.press("e")
        assert "No changes" in session.text
        assert "a, b" in line_with(session, "Tensor fields")


async def test_nothing_is_sent_where_nothing_changed(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await session.press("ctrl+s")
        assert "There is nothing to save." in session.text
        await session.type("x")
        await session.press("backspace")
        assert "No changes" in session.text
        await session.press("ctrl+s")
        assert crumbs(session).endswith("Edit config of version 19")
        assert "models/insert_model_config" not in calls(demo)


async def test_what_is_wrong_is_said_beside_its_field(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await session.press("tab", "tab")
        await session.type("0,5")
        lines = session.text.split("\n")
        place = lines.index(line_with(session, "Filter threshold"))
        assert "Use a point: 0.5" in lines[place + 1]
        assert "1 field is wrong" in session.text
        await session.press("shift+tab", "shift+tab")
        await session.type("a, a")
        assert '"a" is there twice' in session.text
        assert "2 fields are wrong" in session.text
        await session.press("tab", "ctrl+s")
        assert crumbs(session).endswith("Edit config of version 19")
        await session.type("b")  # the cursor is in the first wrong field
        assert "a, ab" in line_with(session, "Tensor fields")
        assert "1 field is wrong" in session.text
        await session.press("ctrl+s", "backspace", "backspace", "backspace")
        assert "wrong" not in session.text
        assert "models/insert_model_config" not in calls(demo)


async def test_a_field_is_put_back_as_the_server_has_it(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await session.type("a, a")
        await session.press("tab", "space", "ctrl+r")
        assert "◉ multiple rows" in line_with(session, "Batch config")
        assert "twice" in session.text
        await session.press("shift+tab", "ctrl+r")
        assert "twice" not in session.text
        assert "No changes" in session.text


async def test_an_edit_that_was_left_comes_back_with_what_was_typed(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await session.type("d1")
        await session.press("tab", "tab")
        await session.type("no")
        await session.press("escape", "e")
        assert "Your unsent edit is back" in session.text
        assert "d1" in line_with(session, "Tensor fields")
        assert "no" in line_with(session, "Filter threshold")
        assert "Not a number" in session.text
        await session.press("escape", "j", "e")
        assert "unsent edit" not in session.text
        assert "d1" not in session.text


async def test_an_edit_that_comes_back_stands_on_the_newest_config(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await session.type("d1")
        await session.press("escape")
        number = configure(demo, 19, filter_threshold=0.75)
        await session.press("e")
        assert f"It began from config 29; the newest is now {number}" in words(session)
        assert "0.75" in line_with(session, "Filter threshold")
        assert "d1" in line_with(session, "Tensor fields")


async def test_somebody_else_was_faster(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await review(session)
        number = configure(demo, 19, filter_threshold=0.75)
        await session.press("right", "enter")
        assert "Version 19 was configured by somebody else meanwhile" in words(session)
        assert f"this edit began from config 29, the newest is {number}" in words(session)
        assert "Nothing was sent" in words(session)
        assert "a, b" in line_with(session, "Tensor fields")
        assert len(asked(demo, INSERT)) == 1  # the other one's
        await session.press("escape", "e")
        assert f"the newest is now {number}" in words(session)
        await session.press("ctrl+s", "right", "enter")
        assert "saved as config" in words(session)
        assert asked(demo, INSERT)[-1]["filter_threshold"] == 0.75


async def test_a_refusal_is_told_in_the_servers_words(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await review(session)
        demo.script(INSERT, refused(500, "Internal Server Error: [/x] check constraint violated"))
        await session.press("right", "enter")
        assert "could not be saved: Internal Server Error: [/x] check constraint violated" in words(session)
        assert "a, b" in line_with(session, "Tensor fields")
        assert "Unsent changes" in session.text
        await session.type("3")
        assert "a, b3" in line_with(session, "Tensor fields")
        await session.press("ctrl+s", "right", "enter")
        assert "saved as config" in words(session)
        assert len(asked(demo, INSERT)) == 2


@pytest.mark.parametrize(
    ("lost", "after", "told"),
    [
        (Scripted(processed=True, drop=True), [], "saved as config"),
        (Scripted(drop=True), [], "the change did not take"),
        (Scripted(502, b"<h1>Bad Gateway</h1>"), [], "the change did not take"),
        (Scripted(processed=True, drop=True), [refused(500, "no")], "can't be told yet whether the change took"),
        (Scripted(drop=True), [answer({"model_config": {"id": 999, "tensor_fields": ["other"]}})],
         "can't be told yet whether the change took"),
        (Scripted(body=b"[]"), [refused(500, "no")], "can't be told yet whether the change took"),
    ],
    ids=["took", "dropped", "gateway", "unknown", "somebody else's", "unreadable"],
)  # fmt: skip
async def test_an_answer_that_is_lost(
    open_app: OpenApp, demo: Demo, lost: Scripted, after: list[Scripted], told: str
) -> None:
    async with open_app(workspace=10, size=(100, 40)) as session:
        await open_editor(session)
        await review(session)
        demo.script(CONFIG, Scripted(processed=True), *after)
        demo.script(INSERT, lost)
        await session.press("right", "enter")
        assert told in words(session)
        assert len(asked(demo, INSERT)) == 1
        if told != "saved as config":
            assert "a, b" in line_with(session, "Tensor fields")
            await session.press("escape")
            assert crumbs(session).endswith("⟨15⟩")


async def test_what_can_not_be_read_is_named_before_it_is_cleared(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=4, size=(80, 30)) as session:
        await session.press("enter", "e")
        assert "◉ not readable" in line_with(session, "Batch config")
        assert line_with(session, "Input schema").split() == ["Input", "schema", "not", "readable"]
        await session.type("d1")
        assert "a save would clear them" in words(session)
        await session.press("ctrl+s")
        assert "this save would CLEAR them: Batch config, Dynamic batching" in words(session)
        assert "[ Cancel ]" in session.text
        await session.press("right")
        assert "[ Send, and clear what is not readable ]" in session.text
        await session.press("enter")
        assert asked(demo, INSERT)[0]["input_schema"] is None
        assert "saved as config" in words(session)


async def test_saving_is_off_where_the_config_can_not_be_read_whole(open_app: OpenApp) -> None:
    with Demo(api="2023.4") as old:
        async with open_app(server=old, workspace=10) as session:
            await session.press("enter", "e")
            assert "This config can only be looked at: the server does not tell the whole of it" in words(
                session
            )
            await session.type("d1")
            await session.press("ctrl+s")
            assert crumbs(session).endswith("Edit config of version 19")
            await session.press("f1")
            assert "this server cannot tell the whole config" in line_with(session, "ctrl+s")
            assert INSERT not in calls(old)


async def test_a_version_without_a_config_gets_its_first(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10, size=(80, 30)) as session:
        none = answer({"model_config": None})
        told = demo.world.versions[19]
        version = {"id": 19, "name": "m", "status": told.build.outcome, "workspace_id": 10}
        demo.script(CONFIG, none, none)
        demo.script(
            "models/get_version_by_id", answer({"model_version": {"model_version": version, "config": None}})
        )
        await open_editor(session)
        assert "this is the version's first config" in session.text
        await review(session)
        await session.press("right", "enter")
        assert asked(demo, INSERT)[0]["tensor_fields"] == ["a", "b"]
        assert "saved as config" in words(session)


async def test_an_editor_that_can_not_begin_says_why(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10, size=(100, 40)) as session:
        demo.script(CONFIG, refused(500, "the database is away"))
        await open_editor(session)
        assert "the database is away" in session.text
        await session.press("ctrl+s", "ctrl+r", "tab", "x")
        assert INSERT not in calls(demo)
        await session.press("escape")
        assert crumbs(session).endswith("⟨15⟩")
        assert "● live" in header(session)


async def test_letters_that_are_keys_elsewhere_are_letters_here(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await session.type("qeLh/?")
        assert "qeLh/?" in line_with(session, "Tensor fields")
        assert crumbs(session).endswith("Edit config of version 19")


async def test_the_editor_can_be_left_while_a_save_is_under_way(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await review(session)
        demo.script(INSERT, Scripted(processed=True, delay=1))
        await session.press("right")
        await session.pilot.press("enter")
        await session.pilot.pause()
        assert "Saving" in session.text
        await session.pilot.press("x", "ctrl+s", "escape")
        await session.settle()
        assert crumbs(session).endswith("⟨15⟩")
        assert "saved as config" in words(session)
        assert len(asked(demo, INSERT)) == 1
        await session.press("q")
        assert session.app.return_code == 0
