"""The config editor: begins from the newest config, shows the change and the request, sends it once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from urllib.request import Request, urlopen

import pytest

from tests.support.editing import said
from tests.support.screens import answer, asked, calls, crumbs, header, line_with, refused, words
from tests.support.session import OpenApp, Session, key_event
from wltui.core.records import VersionId
from wltui.demo import Demo, Scripted
from wltui.demo.keycloak import TOKEN_PATH

INSERT = "models/insert_model_config"
CONFIG = "models/get_config_by_id"
TAKE_THE_BASE = ("1", "down", "1", "ctrl+s")
"""In a conflict over both schemas: each as it was when the edit began."""


async def open_editor(session: Session) -> None:
    """From the models of workspace 10 to the editor of version 19, whose config is 29."""
    await session.press("enter", "e", "enter")
    assert crumbs(session).endswith("Edit config of version 19")


def names(session: Session) -> list[str]:
    """The lines in the box of the tensor fields, and nothing of what stands beside them."""
    lines = session.text.split("\n")
    first = next(y for y, line in enumerate(lines) if "Tensor fields" in line)
    last = next(y for y, line in enumerate(lines) if "Batch config" in line)
    return [line[23:].split("│")[0].strip() for line in lines[first:last]]


async def review(session: Session) -> None:
    """Type a change and go to its review."""
    await session.type("a, b")
    await session.press("ctrl+s")
    assert crumbs(session).endswith("Review")


class Relay:
    """Stands before the server, and keeps back what it answers to saves until they are ``released``."""

    def __init__(self, demo: Demo) -> None:
        self._server = demo.url.removeprefix("http://").split(":")
        self.released = asyncio.Event()
        self.url = ""
        self.conversations: list[asyncio.Task[None]] = []

    def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begin a connection."""
        self.conversations.append(asyncio.create_task(self._converse(reader, writer)))

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, requests = await asyncio.open_connection(*self._server)
        saving = False

        async def ask() -> None:
            nonlocal saving
            while data := await reader.read(1 << 16):
                saving = saving or INSERT.encode() in data
                requests.write(data)

        async def answer() -> None:
            while data := await answers.read(1 << 16):
                if saving:
                    await self.released.wait()
                writer.write(data)

        both = [asyncio.create_task(ask()), asyncio.create_task(answer())]
        await asyncio.wait(
            both, return_when=asyncio.FIRST_COMPLETED
        )  # either side may end it, also by a reset
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)
        for end in (requests, writer):
            end.close()
            with suppress(ConnectionError):
                await end.wait_closed()


@asynccontextmanager
async def relay(demo: Demo) -> AsyncIterator[Relay]:
    """A running relay; everything that uses it must have ended before it does."""
    relay = Relay(demo)
    async with await asyncio.start_server(relay.meet, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        relay.url = f"http://{host}:{port}"
        try:
            yield relay
        finally:
            relay.released.set()
            await asyncio.gather(*relay.conversations)


async def meanwhile(session: Session, *keys: str) -> None:
    """Press keys while a save is under way, each when what the one before asked for has been read."""

    def is_reading() -> bool:
        return any(not worker.is_finished for worker in session.app.workers if worker.group != "write")

    for key in keys:
        session.look()
        served = session.app.keys_served + 1
        session.app.post_message(key_event(key))
        await session.until(lambda: session.app.keys_served >= served and not is_reading(), key)  # noqa: B023
    await session.pilot.pause()


async def under_way(session: Session, demo: Demo, saves: int) -> None:
    """Wait until that many have come to the server."""
    await session.until(lambda: len(asked(demo, INSERT)) >= saves)


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
        await session.press("enter", "enter", "e", "enter")
        before = len(demo.requests)
        await session.type("a, b")
        await session.press("tab", "space", "tab")
        await session.type("0.2")
        assert "3 fields to change, 5 unchanged" in session.text
        assert line_with(session, "Tensor fields").startswith("✎")
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
        assert f"saved as config {number}. No deployed pipeline uses this version." in said(session)
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
        assert "changed since the upload, whose config was 29" in words(session)
        assert line_with(session, "Batch config").endswith("single")
        assert "input_1  fixed_size_list<item: float>[10]" in session.text

        await session.press("e")
        assert "No changes" in session.text
        assert names(session) == ["a", "b"]


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
        assert '"a" appears twice' in session.text
        assert "2 fields are wrong" in session.text
        await session.press("tab", "ctrl+s")
        assert crumbs(session).endswith("Edit config of version 19")
        await session.type("b")  # the cursor is in the first wrong field, where it is wrong
        assert "a, ba" in line_with(session, "Tensor fields")
        assert "1 field is wrong" in session.text
        await session.press("ctrl+s", "end", "backspace", "backspace", "backspace")
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
        assert "Your unsent edit of 0 s ago is back" in words(session)
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
        held = demo.world.versions[19].configs[-1]
        schemas = {"input_schema": held.input_schema, "output_schema": held.output_schema}
        number = configure(demo, 19, filter_threshold=0.75, **schemas)
        await session.press("e")
        assert crumbs(session).endswith("Conflict")
        await session.press("escape")
        assert f"Not merged: config {number} is newer" in words(session)
        assert "d1" in line_with(session, "Tensor fields")
        await session.press("escape")
        assert "Edit config" not in crumbs(session)
        await session.press("e")
        await session.press(*TAKE_THE_BASE)
        assert crumbs(session).endswith("Review")
        await session.press("escape")
        assert f"Merged with config {number}, which is the newest" in words(session)
        assert "0.75" in line_with(session, "Filter threshold")
        assert "d1" in line_with(session, "Tensor fields")


async def test_somebody_else_was_faster(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await review(session)
        held = demo.world.versions[19].configs[-1]
        number = configure(demo, 19, filter_threshold=0.75)
        await session.press("right", "enter")
        assert len(asked(demo, INSERT)) == 1  # the other one's
        assert crumbs(session).endswith("Conflict")
        assert str(number) in session.text
        await session.press(*TAKE_THE_BASE)
        assert crumbs(session).endswith("Review")
        await session.press("right", "enter")
        assert "saved as config" in words(session)
        sent = asked(demo, INSERT)[-1]
        assert sent["filter_threshold"] == 0.75
        assert sent["tensor_fields"] == ["a", "b"]
        assert sent["input_schema"] == held.input_schema


async def test_somebody_else_changed_other_fields(open_app: OpenApp, demo: Demo) -> None:
    """Where all that they saved can be read, nothing is asked, and everything is shown again."""
    async with open_app(workspace=4, size=(100, 40)) as session:
        await session.press("enter", "e", "enter")
        await session.type("d1")
        await session.press("ctrl+s")
        number = configure(demo, 6, filter_threshold=0.75)
        await session.press("right", "enter")
        assert len(asked(demo, INSERT)) == 1  # the other one's
        assert f"Somebody else made config {number} meanwhile; nothing was sent." in words(session)
        assert "0.75" in line_with(session, "Filter threshold")
        assert "d1" in line_with(session, "Tensor fields")
        await session.press("ctrl+s")
        assert crumbs(session).endswith("Review")


async def test_a_refusal_is_told_in_the_servers_words(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await review(session)
        demo.script(INSERT, refused(500, "Internal Server Error: [/x] check constraint violated"))
        await session.press("right", "enter")
        assert "could not be saved: Internal Server Error: [/x] check constraint violated" in words(session)
        assert "a, b" in line_with(session, "Tensor fields")
        assert "Unsent changes" in session.text
        assert "Not saved; your edit is kept." in words(session)
        await session.press("escape")
        assert "Not saved; your edit is kept." in words(session), "pressed before it was read"
        await session.press("e", "enter")
        await session.type("3")
        assert "b3" in session.text
        await session.press("escape")
        assert "Not saved" not in session.text
        await session.press("e")
        await session.press("ctrl+s", "right", "enter")
        assert "saved as config" in words(session)
        assert len(asked(demo, INSERT)) == 2


@pytest.mark.parametrize(
    ("lost", "after", "told"),
    [
        (Scripted(processed=True, drop=True), [], "saved as config"),
        (Scripted(drop=True), [], "may still be saved: its answer was lost, since the connection to 127.0.0.1 was"),
        (Scripted(502, b"<h1>Bad Gateway</h1>"), [], "may still be saved: its answer was lost, since the server is"),
        (Scripted(processed=True, drop=True), [refused(500, "no")], "and the config can't be read."),
        (Scripted(drop=True), [answer({"model_config": {"id": 999, "tensor_fields": ["other"]}})],
         "the newest is config 999, which holds something else."),
        (Scripted(body=b"[]"), [refused(500, "no")], "and the config can't be read."),
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
        await session.press("enter", "e", "enter")
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


async def test_fields_that_this_program_does_not_know_are_named_before_a_save_clears_them(
    open_app: OpenApp, demo: Demo
) -> None:
    row = {"id": 29, "runtime": "onnx", "tensor_fields": None, "filter_threshold": None, "max_tokens_x": 5}
    async with open_app(workspace=10) as session:
        await session.press("enter")
        demo.script(CONFIG, answer({"model_config": row}))
        await session.press("e", "enter")
        await review(session)
        assert "would CLEAR them: max_tokens_x." in words(session)
        assert "Send, and clear unknown fields" in session.text


async def test_saving_is_off_where_the_config_can_not_be_read_whole(open_app: OpenApp) -> None:
    with Demo(api="2023.4") as old:
        async with open_app(server=old, workspace=10) as session:
            await session.press("enter", "e", "enter")
            assert "This config can only be looked at: the server does not return all of it" in words(session)
            await session.type("d1")
            await session.press("ctrl+s")
            assert crumbs(session).endswith("Edit config of version 19")
            await session.press("f1")
            assert "this server does not return the whole config" in line_with(session, "ctrl+s")
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
        assert "the version's first config" in session.text
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
        await session.press("enter", "e", "tab", "l", "h", "l")  # on a choice of a form that is still a list
        assert "No changes" in session.text
        await session.press("shift+tab", "enter")
        await session.type("qeLh/?")
        assert "qeLh/?" in line_with(session, "Tensor fields")
        assert crumbs(session).endswith("Edit config of version 19")


# While a save is under way, and how it ends


async def test_a_version_that_is_being_saved_can_not_be_edited(open_app: OpenApp, demo: Demo) -> None:
    free = asyncio.Event()

    async def wait(_: float) -> None:
        await free.wait()

    opened = partial(open_app, workspace=10, wait=wait, lasting=False)
    async with relay(demo) as server, opened(server=server) as session:
        await open_editor(session)
        await review(session)
        lock = session.app.service.history.try_lock(VersionId(19))
        assert lock
        for key in ("escape", "ctrl+c"):
            await meanwhile(session, "right", "enter")
            await session.until(lambda: "Waiting for another wltui on this machine" in session.text)
            assert "Nothing is sent yet; esc gives up." in session.text
            assert "Saving" not in session.text
            await meanwhile(session, key)
            assert "Nothing was sent; your edit is kept. ctrl+s reviews it again." in session.text
            assert "Unsent changes, kept" in session.text
            await meanwhile(session, "ctrl+s")
        await meanwhile(session, "right", "enter")
        await session.until(lambda: "Waiting for another wltui" in session.text)
        await meanwhile(session, "ctrl+q")
        assert "nothing is sent yet. [ Wait for it ] Quit and don't send" in words(session)
        await meanwhile(session, "f1")
        lock.close()
        free.set()
        await under_way(session, demo, 1)
        await meanwhile(session, "f1")
        asked_anew = "its outcome is not known yet. [ Wait for it ] Quit without knowing"
        await session.until(lambda: asked_anew in words(session))
        await meanwhile(session, "escape")
        assert "Saving: sent once" in session.text
        await meanwhile(session, "x", "ctrl+s")
        assert crumbs(session).endswith("Edit config of version 19")
        await meanwhile(session, "escape", "e")
        assert crumbs(session).endswith("⟨15⟩")
        assert "Edit config: its config is being saved." in session.text
        await meanwhile(session, "f1")
        assert "(its config is being saved)" in line_with(session, "edit the config of this version")
        await meanwhile(session, "f1")
        server.released.set()
        await session.settle()
        number = demo.world.versions[19].configs[-1].id
        assert f"saved as config {number}" in words(session)
        assert "e Edit config" in session.text
        assert len(asked(demo, INSERT)) == 1
        await session.press("e")
        assert crumbs(session).endswith("Edit config of version 19")
        assert names(session) == ["a", "b"]
        free.clear()
        lock = session.app.service.history.try_lock(VersionId(19))
        assert lock
        await meanwhile(session, "enter", "x", "ctrl+s", "right", "enter")
        await session.until(lambda: "Waiting for another wltui" in session.text)
        await meanwhile(session, "ctrl+q", "right", "enter")
        assert "There are unsent edits, of version 19." in words(session)
        await meanwhile(session, "right")
        session.app.post_message(key_event("enter"))
        await session.until(lambda: session.app.return_code == 0)
        assert not session.app.saves.under_way  # nor does it begin while the screens close
        lock.close()
        free.set()
    assert len(asked(demo, INSERT)) == 1


async def test_two_versions_may_be_saved_at_once(open_app: OpenApp, demo: Demo) -> None:
    async with relay(demo) as server, open_app(workspace=10, server=server) as session:
        await open_editor(session)
        await review(session)
        await meanwhile(session, "right", "enter")
        await under_way(session, demo, 1)
        await meanwhile(session, "escape", "j", "e")
        assert crumbs(session).endswith("Edit config of version 18")
        await meanwhile(session, "enter", "x", "ctrl+s", "right", "enter")
        assert "Saving" in session.text
        await under_way(session, demo, 2)
        assert [body["model_version_id"] for body in asked(demo, INSERT)] == [19, 18]
        await meanwhile(session, "escape", "q")
        assert "A save is under way" in session.text
        server.released.set()
        await session.settle()
        assert "Nothing is left to wait for. [ Stay ] Quit" in words(session)
        for version in (18, 19):
            assert f"saved as config {demo.world.versions[version].configs[-1].id}" in words(session)
        await session.press("enter")
        assert len(asked(demo, INSERT)) == 2
        await session.press("q")
        assert session.app.return_code == 0


async def test_a_save_that_fails_behind_the_user_is_told_and_may_be_tried_again(
    open_app: OpenApp, demo: Demo
) -> None:
    async with relay(demo) as server, open_app(workspace=10, server=server) as session:
        await open_editor(session)
        await review(session)
        demo.script(INSERT, refused(500, "the database is away"))
        await meanwhile(session, "right", "enter", "escape")
        assert "Edit config" not in session.text
        server.released.set()
        await session.settle()
        assert "Not saved; your edit is kept." in words(session)
        assert "the database is away" in words(session)
        assert "e Edit config" in session.text
        await session.press("e")
        assert "Your unsent edit of 0 s ago is back" in words(session)


async def test_a_save_that_ends_under_the_help_shows_the_new_config(open_app: OpenApp, demo: Demo) -> None:
    async with relay(demo) as server, open_app(workspace=10, server=server) as session:
        await open_editor(session)
        await review(session)
        await meanwhile(session, "right", "enter", "f1")
        assert crumbs(session).endswith("Help")
        assert "(a save is under way)" in line_with(session, "ctrl+s")
        server.released.set()
        await session.settle()
        number = demo.world.versions[19].configs[-1].id
        assert f"saved as config {number}" in words(session)
        assert crumbs(session).endswith("Help")
        await session.press("escape")
        assert crumbs(session).endswith("Edit config of version 19")
        assert f"from config {number}" in session.text
        assert names(session) == ["a", "b"]
        assert "No changes" in session.text
        await session.type("c")
        assert names(session) == ["a", "bc"]


async def test_a_config_that_took_and_was_not_read_back_says_so(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await review(session)
        demo.script(CONFIG, Scripted(processed=True), refused(500, "the database is away"))
        await session.press("right", "enter")
        number = demo.world.versions[19].configs[-1].id
        told = said(session)
        assert f"saved as config {number}, but reading it back failed: the database is away." in told
        assert crumbs(session).endswith("⟨15⟩")
        assert len(asked(demo, INSERT)) == 1


async def test_a_config_that_was_answered_and_is_not_found_may_not_be_sent_again(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10, size=(140, 40)) as session:
        await open_editor(session)
        await review(session)
        demo.script(INSERT, answer({"model_config": {"id": 999, "model_version_id": 19}}))
        await session.press("right", "enter")
        assert "it was answered as config 999, but not found when read back" in words(session)
        assert "answer was lost" not in words(session)
        assert "a, b" in line_with(session, "Tensor fields")
        await session.press("ctrl+s")
        assert crumbs(session).endswith("Edit config of version 19")
        await session.press("f1")
        assert "the outcome of the last save is not known" in line_with(session, "ctrl+s")
        await session.press("f1", "escape", "e", "ctrl+s")
        assert crumbs(session).endswith("Review")
        assert len(asked(demo, INSERT)) == 1


async def test_what_the_server_keeps_otherwise_is_told_with_its_values(open_app: OpenApp, demo: Demo) -> None:
    row = {"id": 999, "model_version_id": 19, "tensor_fields": ["a", "b"], "filter_threshold": 0.2}
    async with open_app(workspace=10) as session:
        await open_editor(session)
        await session.type("a, b")
        await session.press("tab", "tab")
        await session.type("0.2")
        await session.press("ctrl+s")
        demo.script(INSERT, answer({"model_config": row}))
        demo.script(
            CONFIG, Scripted(processed=True), answer({"model_config": row | {"filter_threshold": 0.5}})
        )
        await session.press("right", "enter")
        assert "saved as config 999, but the server kept something else." in words(session)
        assert "Filter threshold: sent 0.2, it has 0.5" in words(session)
        assert "Tensor fields: sent" not in words(session)


async def test_a_config_that_could_not_be_read_can_be_read_again(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10, size=(100, 40)) as session:
        demo.script(CONFIG, refused(500, "the database is away"), refused(500, "it is still away"))
        await session.press("enter", "e")
        assert "f5 reads it again" in words(session)
        assert "Try again" not in words(session)
        assert "f5 Read again" in session.text
        await session.press("r")
        assert "it is still away" in words(session)
        await session.press("f5")
        assert "away" not in session.text
        assert "Read again" not in session.text
        assert "No changes" in session.text
        await session.press("enter", "r")
        assert line_with(session, "Tensor fields").startswith("✎")


async def test_a_narrow_footer_keeps_the_keys_that_lead_out_of_the_editor(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24), workspace=10) as session:
        await session.press("enter", "e", "enter")
        await session.type("d1")
        footer = session.text.split("\n")[-1]
        for key in ("ctrl+s Review", "esc Leave", "f8 Undo", "f4 $EDITOR", "ctrl+n Discard", "f1 Help"):
            assert key in footer
