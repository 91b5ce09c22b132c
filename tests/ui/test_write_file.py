"""The key o: what is on screen becomes a file, whole or not at all."""

import csv
import errno
import io
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from pyarrow import parquet
from textual.events import Paste

from tests.support.clock import Clock
from tests.support.screens import (
    answer,
    check_sizes,
    crumbs,
    custom_item,
    model_item,
    models,
    offered,
    version_item,
    words,
)
from tests.support.session import OpenApp, Session, key_event
from tests.support.waiting import LIMIT
from tests.ui.test_fleet import failed, script
from tests.ui.test_instance_history import OWN, save
from tests.ui.test_since_visit import becomes
from wltui.demo import Demo
from wltui.service.file_content import FileContent
from wltui.ui.screens import write_file
from wltui.ui.screens.workspaces import WorkspacesScreen
from wltui.ui.screens.write_file import WriteFileScreen
from wltui.ui.text.format import size

TUTORIAL = ("down", "enter", "enter")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the program is started in."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def lasting(demo: Demo, *versions: Any) -> None:
    """The instance has these versions, however often it is asked."""
    for _ in range(12):
        script(demo, *versions)


async def give(session: Session, text: str) -> None:
    """Paste a path in place of the one in the box."""
    await session.press("ctrl+u")
    session.app.post_message(Paste(text))
    await session.settle()


async def write(session: Session, name: str) -> None:
    """Press o, replace the proposed name by another one, and write."""
    await session.press("o")
    await give(session, name)
    await session.press("enter")


def shows(session: Session, text: str) -> bool:
    """Return whether a text is on screen, also where a path that is longer than a line is broken."""
    return "".join(text.split()) in "".join(session.text.split())


async def read(session: Session, here: Path) -> dict[str, Any]:
    """Write what is on screen as JSON, and return that."""
    path = here / "read.json"
    path.unlink(missing_ok=True)
    await write(session, "read.json")
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


async def test_a_table_is_written_as_filtered_and_sorted_with_all_columns(
    open_app: OpenApp, demo: Demo, here: Path, redraw: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app() as session:
        lasting(demo, failed(1, "[/x] no"), failed(2, "=1+1"), failed(3, "[/x] yes"), version_item(4))
        await session.press("exclamation_mark", "S", "slash", *"[/x]", "enter")
        await session.press("o")
        assert crumbs(session) == "Workspaces › Problems › To a file"
        assert "2 problems, filtered and sorted as on screen, with all columns." in session.text
        assert shows(session, f"To {here}/problems-2026-03-02.csv")
        with monkeypatch.context() as patch:
            patch.chdir("/")
            await session.press("end", "x", "backspace")
            await check_sizes(session, "write-file", redraw)
        await session.press("end", "x", "backspace", "enter")
        content = (here / "problems-2026-03-02.csv").read_bytes()
        assert shows(session, f"Wrote 2 rows, {size(len(content))} to {here}/problems-2026-03-02.csv")
        assert crumbs(session) == "Workspaces › Problems"
        rows = [*csv.DictReader(io.StringIO(content.decode(), newline=""))]
        assert [(row["id"], row["reason"], row["workspace"]) for row in rows] == [
            ("3", "[/x] yes", "home"),
            ("1", "[/x] no", "home"),
        ]
        assert {"cause", "sha256", "created_at", "task_id"} <= rows[0].keys()
        await session.press("escape")
        await write(session, "all.PARQUET")
        assert sorted(parquet.read_table(here / "all.PARQUET")["id"].to_pylist()) == [1, 2, 3]
        await session.press("slash", *"zzz", "enter", "o")
        assert "0 problems, filtered and sorted" in session.text
        await session.pilot.resize_terminal(60, 15)
        await session.settle()
        assert "◉ CSV  ○ TSV  ○ JSON  ○ JSONL  ○ Arrow  ○ Parquet" in session.text


async def test_a_group_in_one_row_is_written_with_each_version_that_matches(
    open_app: OpenApp, demo: Demo, here: Path
) -> None:
    same = [failed(number, "no", sha="ab", created_by=f"user{number}") for number in (1, 2, 3)]
    async with open_app() as session:
        lasting(demo, *same, failed(4, "other"))
        await session.press("exclamation_mark")
        assert "1 of 2 problems" in session.text
        items = (await read(session, here))["items"]
        assert [(item["id"], item["group"], item["group_size"]) for item in items] == [
            (1, 1, 3), (2, 1, 3), (3, 1, 3), (4, 4, 1),
        ]  # fmt: skip
        await session.press("slash", *"by:user2", "enter")
        assert [item["id"] for item in (await read(session, here))["items"]] == [2]
        await session.press("escape", "g", "f")
        assert [item["id"] for item in (await read(session, here))["items"]] == [1, 2, 3, 4]


async def test_no_file_is_replaced_unless_the_user_agrees(open_app: OpenApp, here: Path) -> None:
    path = here / "w.json"
    path.write_text("theirs")
    async with open_app(size=(80, 24)) as session:
        await session.press("o")
        await give(session, "w.json")
        assert "which exists: you are asked first." in words(session)
        await session.press("enter")
        assert shows(session, f"There is a file of 6 B: {path}")
        await session.press("enter")
        assert path.read_text() == "theirs"
        await session.press("enter")
        path.write_text("theirs again")
        await session.press("right", "enter")
        assert "there is another file now" in words(session)
        assert path.read_text() == "theirs again"
        await session.press("enter", "right", "enter")
        assert json.loads(path.read_bytes())["kind"] == "workspaces"
        assert crumbs(session) == "Workspaces"
    assert os.listdir(here) == ["w.json"]


async def test_the_path_is_completed_and_its_suffix_and_the_format_follow_each_other(
    open_app: OpenApp, here: Path
) -> None:
    (here / "out dir").mkdir()
    async with open_app(size=(80, 24)) as session:
        await session.press("o")
        await give(session, "ou")
        await session.press("tab", *"a.tsv")
        assert shows(session, f"To {here}/out dir/a.tsv")
        assert "◉ TSV" in session.text
        await session.press("down", "right")
        assert shows(session, f"To {here}/out dir/a.json")
        await session.press("tab", "end", *["backspace"] * 6, "down", "left", "left", "tab")
        assert shows(session, f"To {here}/out dir/.csv")
        await give(session, "none/a.csv")
        assert shows(session, f"there is no folder {here}/none")
        await session.press("enter")
        assert crumbs(session).endswith("To a file")
        await give(session, "out dir")
        await session.press("enter")
        assert "it is a folder. Type a name after it." in words(session)
        await give(session, "~nobody-has-this-name/a.csv")
        await session.press("enter")
        assert "can't be written: no home folder is known for ~nobody-has-this-name." in words(session)
        await give(session, "new/")
        await session.press("enter")
        assert "there is no such folder" in words(session)
        await session.press("escape")
        assert crumbs(session) == "Workspaces"
    assert os.listdir(here) == ["out dir"]
    assert os.listdir("out dir") == []


class Slow:
    """A content that waits in the middle, until the test lets it go on."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.fails = False

    def write(self, suffix: str, stream: BinaryIO, on_progress: Callable[[int], object]) -> None:
        stream.write(b"half")
        on_progress(5_000)
        self.begun.set()
        assert self.go_on.wait(LIMIT)
        if self.fails:
            raise OSError(errno.ENOSPC, "")
        on_progress(10_000)


async def test_a_long_write_shows_its_progress_and_esc_leaves_nothing(
    open_app: OpenApp, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app() as session:

        def send(key: str) -> None:  # a press would wait for the end of the writing
            session.app.post_message(key_event(key))

        for case in ("cancelled", "hung", "failed", "covered"):
            slow = Slow()
            slow.fails = case == "failed"
            below = session.app.screen
            assert isinstance(below, WorkspacesScreen)
            content = FileContent("a", "Rows", ("csv",), slow.write, rows=10_000)
            session.app.push_screen(
                WriteFileScreen(content), lambda text, flash=below.flash: text and flash(text)
            )
            await session.until(lambda: "To a file" in session.text)
            send("enter")
            await session.until(lambda: "Writing 5,000 of 10,000 rows. esc cancels." in words(session))
            assert [name[-5:] for name in os.listdir(here)] == [".part"]
            if case == "covered":
                send("f1")
                await session.until(lambda: "› Help" in session.text)
                slow.go_on.set()
                await session.until(lambda: os.listdir(here) == ["a.csv"])
                await session.press("escape")
                assert "Wrote 10,000 rows, 4 B to" in words(session)
                break
            send("escape")
            await session.until(lambda: "Cancelling" in session.text)
            if case == "hung":  # the disk does not answer
                with monkeypatch.context() as patch:
                    patch.setattr(write_file, "CLOSING_SECONDS", 0.1)
                    send("escape")
                    await session.until(lambda: crumbs(session) == "Workspaces")
            slow.go_on.set()
            await session.until(lambda: not os.listdir(here))
            await session.until(lambda: crumbs(session) == "Workspaces")
        await session.settle()


async def test_what_is_missing_or_old_is_said_before_and_in_the_file(
    open_app: OpenApp, demo: Demo, here: Path
) -> None:
    clock = Clock()
    partial = answer({"workspaces": [{"id": 4, "name": "home"}, {"id": "?"}]})
    demo.script("workspaces/list", partial, partial)
    async with open_app(clock=clock) as session:
        await session.press("o")
        assert "Not complete: 1 workspace could not be read:" in words(session)
        await session.press("escape")
        found = await read(session, here)
        assert (found["complete"], found["missing"], found["live"]) == (False, 1, True)
        assert found["missing_reason"]
    clock.advance(hours=3)
    async with open_app(clock=clock, offline=True) as session:
        await session.press("o")
        assert "From the cache, as of 3 h ago." in words(session)
        await session.press("escape")
        found = await read(session, here)
        assert (found["live"], found["as_of"]) == (False, "2026-03-02T14:30:00Z")


async def test_each_list_and_record_is_written(open_app: OpenApp, demo: Demo) -> None:
    kinds: dict[str, str] = {}
    clock = Clock()

    def seen(session: Session) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(offered(session))
        assert found["items"]
        kinds[crumbs(session).rpartition(" › ")[2]] = found["kind"]
        return found

    async with open_app(graphql=True, clock=clock) as session:
        await save(session, OWN, tensor_fields=("a", "b"))
        assert any("ready_versions" in item for item in seen(session)["items"])
        await session.press("H")
        assert seen(session)["items"][0]["outcome"] == "saved"
        await session.press("enter")
        seen(session)
        await session.press("escape", "escape", "down", "D")
        seen(session)
        await session.press("escape", "enter")
        seen(session)
        await session.press("enter")
        versions = seen(session)["items"]
        await session.press("equals_sign")
        assert session.app.screen.check_action("write_file", ()) is False  # picking one is no list to keep
        await session.press("enter")
        assert {"group", "field", "left", "right", "verdict"} <= seen(session)["items"][0].keys()
        await session.press("escape", "enter")
        (detail,) = seen(session)["items"]
        assert (detail["id"], detail["runtime"]) == (versions[0]["id"], "flight")
        assert offered(session, "toml").startswith("# The config of a model version.")
        await session.press("y")
        assert str(detail["uuid"]) in offered(session)
        await session.press("escape", "0")
        seen(session)
        await session.press("b")
        seen(session)
    becomes(demo, 6, "error")
    clock.advance(hours=14)
    async with open_app(clock=clock) as session:
        await session.press("v")
        (item,) = seen(session)["items"]
    assert (item["change"], item["id"], item["status"]) == ("broke", 6, "error")
    assert kinds == {
        "Workspaces": "workspaces",
        "History": "history",
        "History of version 19": "history",
        "Pipelines of api-tutorial": "pipelines",
        "api-tutorial ⟨10⟩": "models",
        "api-upload-pytorch-multi-io ⟨15⟩": "versions",
        "Compare 16 with 19": "comparison",
        "version 19": "version",
        "All versions": "versions",
        "by image": "groups",
        "Since your last visit": "changes",
    }


async def test_an_upload_log_is_written_as_text(open_app: OpenApp, demo: Demo) -> None:
    demo.script("workspaces/list", answer({"workspaces": [{"id": 10, "name": "home"}]}))
    listed = models(model_item(1, "m", custom_item(16)))
    demo.script("models/list", *[listed] * 5)
    demo.script(
        "models/get_upload_logs",
        answer(
            {
                "logs": [
                    "2026-03-01T12:00:00.1Z stderr F a\x1b]0;x\x07\u202e",
                    "2026-03-01T12:00:01.1Z stdout F b",
                ]
            }
        ),
    )
    async with open_app() as session:
        await session.press("enter", "enter", "L")
        assert (
            offered(session, "txt") == "2026-03-01T12:00:00Z a\\x1b]0;x\\x07\\u202e\n2026-03-01T12:00:01Z b\n"
        )
