"""Unsent edits of the installed program: killed in the middle of a word, crashed, signed out, two at once."""

import json
import random
import resource
import signal
import string
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.support.demo_server import sign_in
from tests.support.home import Home
from tests.support.pty_program import Program
from tests.support.screens import asked
from tests.support.waiting import within
from wltui.demo import Demo

LATEST = 0.5
"""Seconds after which users are promised that what was typed is on disk, whatever happens to the program."""
INSERT = "models/insert_model_config"
CTRL_N, CTRL_R, CTRL_S = "\x0e", "\x12", "\x13"
End = Literal["killed", "told to end", "told to hang up", "hung up"]


class AheadClock:
    """The server's clock, which can jump."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Writer(Home):
    """A user who types into the config editor, in workspace 10."""

    words = "--workspace", "10"

    def __init__(self, folder: Path, server: Demo) -> None:
        super().__init__(folder, server.url)
        self._server = server

    def drafts(self) -> list[dict[str, Any]]:
        """The unsent edits on disk, each of which is whole, and nobody else's to read."""
        for path in (self.state, *self.state.rglob("*")):
            with suppress(FileNotFoundError):  # written, and renamed, just now
                assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
        return [json.loads(path.read_bytes()) for path in self.state.glob("wltui/drafts/*/*.json")]

    def typed(self) -> list[str]:
        """What was typed into the tensor fields or the filter threshold of each."""
        return sorted(text for draft in self.drafts() for text in _texts(draft))

    def wait_for(self, program: Program, *texts: str) -> None:
        """See that texts, which are on screen, are on disk in time."""
        with within(LATEST):
            while self.typed() != sorted(texts):
                program.read(0.01)

    def saves(self) -> list[dict[str, Any]]:
        """What was sent."""
        return asked(self._server, INSERT)


def _texts(draft: dict[str, Any]) -> list[str]:
    return [*(draft["values"].get("tensor_fields") or []), *draft["refused"].values()]


@pytest.fixture
def clock() -> AheadClock:
    return AheadClock()


@pytest.fixture
def server(clock: AheadClock) -> Iterator[Demo]:
    with Demo(token_ttl=86_400, clock=clock) as server:
        yield server


@pytest.fixture
def home(server: Demo, tmp_path: Path) -> Writer:
    return Writer(tmp_path, server)


def go_to_version(program: Program) -> None:
    """From the models to version 19."""
    program.until("▸(✎ )?api-upload-pytorch-multi-io")
    program.press("enter")
    program.until(r"▸(✎ )? *19 ")


def edit(program: Program, unsent: str = "") -> None:
    """From the start to the editor of version 19, which offers what was left unsent, or nothing."""
    go_to_version(program)
    program.press("e")
    offered = rf"{unsent}[ │][\s\S]*Your unsent edit of [^.]* ago is back" if unsent else "^ No changes"
    program.until(rf"Edit config of version 19[\s\S]*{offered}")
    program.press("enter")


def quit_(program: Program) -> None:
    program.press("ctrl+q")
    assert program.wait() == 0


# Killed while typing.


def type_at_random(program: Program, text: str, luck: random.Random) -> int:
    """Type as unevenly as people do; returns how many letters the screen had before the last of them was typed.

    A letter may be on screen a moment before the edit has it, but not until the next one is typed.
    """
    shown = 0
    for letter in text:
        screen = program.text()
        while shown < len(text) and text[: shown + 1] in screen:
            shown += 1
        program.press(letter)
        deadline = time.monotonic() + luck.uniform(0, 0.04)
        while program.read(max(0.0, deadline - time.monotonic())):
            pass
    return shown


def end(program: Program, how: End) -> None:
    code = {"killed": -9, "told to end": 143, "told to hang up": 129, "hung up": 129}[how]
    match how:
        case "killed":
            program.send_signal(signal.SIGKILL)
        case "told to end":
            program.send_signal(signal.SIGTERM)
        case "told to hang up":
            program.send_signal(signal.SIGHUP)
        case "hung up":
            program.hang_up()
    assert program.wait(reading=False) == code


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ("killed", "tensor_fields"),
        ("told to end", "filter_threshold"),
        ("told to hang up", "tensor_fields"),
        ("hung up", "filter_threshold"),
        pytest.param("killed", "filter_threshold", marks=pytest.mark.thorough),
        pytest.param("told to end", "tensor_fields", marks=pytest.mark.thorough),
        pytest.param("told to hang up", "filter_threshold", marks=pytest.mark.thorough),
        pytest.param("hung up", "tensor_fields", marks=pytest.mark.thorough),
    ],
)
def test_what_was_typed_half_a_second_ago_is_on_disk_and_offered_again(
    home: Writer, how: End, field: str, thorough: bool
) -> None:
    """Letters are no filter threshold: what can't be read as a number is kept as well.

    Who is killed without a warning has lost nothing that was on disk once, who is warned nothing that was on screen.
    """
    luck = random.Random(f"{how} {field}")
    kept = ""
    for _ in range(7 if thorough else 1):
        text = "".join(luck.choices(string.ascii_lowercase, k=luck.randrange(20, 42)))
        with home.run() as program:
            edit(program, kept)
            if field == "filter_threshold":
                program.press("\t\t")
            if kept:
                program.press(CTRL_R)
                program.until("^ No changes")
            if how == "killed":
                begun = luck.randrange(1, 20)
                type_at_random(program, text[:begun], luck)
                program.until(text[:begun])
                home.wait_for(program, text[:begun])
                type_at_random(program, text[begun:], luck)
            else:
                begun = type_at_random(program, text, luck)
            end(program, how)
        kept = "".join(home.typed())
        assert text.startswith(kept)
        assert len(kept) >= begun


# Left, ended and crashed.


def change(program: Program, text: str, unsent: str = "") -> None:
    """Type into the tensor fields of version 19."""
    edit(program, unsent)
    program.press(text)
    program.until(f"{unsent}{text}[ │][\\s\\S]*Unsent changes, kept")


@pytest.mark.thorough
def test_esc_keeps_it_and_so_does_quitting(home: Writer) -> None:
    with home.run() as program:
        change(program, "one")
        program.press("escape")
        program.until(r"▸(✎ )? *19 ")
        program.press("e")
        program.until("one[ │][\\s\\S]*Your unsent edit of [^.]* ago is back")
        quit_(program)
    assert home.typed() == ["one"]
    with home.run() as program:
        change(program, "two", unsent="one")
        quit_(program)
    assert home.typed() == ["onetwo"]
    assert home.saves() == []


@pytest.mark.thorough
def test_once_sent_it_is_gone(home: Writer) -> None:
    with home.run() as program:
        change(program, "one")
        program.press(CTRL_S)
        program.until(r"Request +POST[\s\S]*\[ Cancel \]")
        home.wait_for(program, "one")
        program.press("right", "enter")
        program.until(r"saved as config \d+")
        quit_(program)
    assert [save["tensor_fields"] for save in home.saves()] == [["one"]]
    assert home.drafts() == []
    with home.run() as program:
        edit(program)
        assert "is back" not in program.text()


@pytest.mark.thorough
def test_once_discarded_it_is_gone(home: Writer) -> None:
    with home.run() as program:
        change(program, "one")
        program.press(CTRL_N)
        program.until(r"Discard\?[\s\S]*\[ Keep it \]")
        program.press("right", "enter")
        program.until("none[ │][\\s\\S]*^ No changes")
        quit_(program)
    assert home.drafts() == []
    with home.run() as program:
        edit(program)


def test_a_crash_leaves_it(home: Writer) -> None:
    """Without a descriptor to open them by, the program can't read the files of its next screen."""
    with home.run() as program:
        change(program, "one")
        home.wait_for(program, "one")  # the last letter is on its way to the disk
        resource.prlimit(program.pid, resource.RLIMIT_NOFILE, (3, 3))
        program.press(CTRL_S)
        assert program.wait() == 1
        assert "Too many open files" in program.output.decode()
        assert program.left_behind() == set()
    assert home.typed() == ["one"]
    with home.run() as program:
        edit(program, "one")


def test_the_end_of_the_sign_in_leaves_it(home: Writer, clock: AheadClock) -> None:
    with home.run() as program:
        change(program, "one")
        clock.ahead += timedelta(days=2)
        program.press(CTRL_S)
        program.until(r"Request +POST[\s\S]*\[ Cancel \]")
        program.press("right", "enter")
        program.until(r"› Sign in[\s\S]*Unauthorized: the token is")
        program.press("escape")
        program.until(r"Unauthorized: the token is[\s\S]*Unsent changes, kept")
        program.press("two")
        program.until("onetwo[ │]")
        quit_(program)
    assert home.saves() == []
    assert home.typed() == ["onetwo"]
    with home.run() as program:
        program.until(r"› Sign in[\s\S]*WLTUI_TOKEN gives the token")
        program.press("escape")
        program.until("Not signed in. Press I to see why")
        go_to_version(program)
        program.press("e")
        program.until(r"onetwo[ │][\s\S]*Unauthorized[\s\S]*Your unsent edit of [^.]* is open all the same")
        quit_(program)
    home.environ["WLTUI_TOKEN"] = sign_in(home.url)
    with home.run() as program:
        edit(program, "onetwo")


# Two at once.


def test_two_on_one_version_keep_an_edit_each_and_both_are_offered_one_after_the_other(home: Writer) -> None:
    with home.run() as one, home.run() as other:
        change(one, "first")
        change(other, "second")
        one.press("a")
        one.until("firsta[ │]")
        home.wait_for(one, "firsta", "second")
        for program in (one, other):
            end(program, "killed")
    with home.run() as program:
        edit(program, "firsta")
        program.press(CTRL_N)
        program.until(r"Discard\?[\s\S]*\[ Keep it \]")
        program.press("right", "enter")
        program.until(r"second[ │][\s\S]*Your unsent edit of [^.]* ago is back")
        quit_(program)
    assert home.typed() == ["second"]
