"""The whole config in the user's own editor: what becomes of it, of the terminal, and of what was typed there."""

import json
import re
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.home import Home
from tests.support.own_disk import on_own_disk
from tests.support.pty_program import Program
from tests.support.screens import asked
from tests.support.services import configure
from tests.support.waiting import until
from wltui.demo import Demo

INSERT = "models/insert_model_config"
MODEL = r"▸.{0,2}api-upload-pytorch-multi-io"
VERSIONS = r"▸ +19 "
FORM = r"^ +Runtime +flight"
FORM_AGAIN = r"Edit config of version 19[\s\S]*" + FORM
REVIEW = r"› Review[\s\S]*Request +POST[\s\S]*\[ Cancel \]"
F4 = "\x1bOS"

HAND = '''
"""Plays an editor: notes what it finds, and does what the file of this visit says."""
import json, os, sys, termios
from pathlib import Path

desk, file = Path(__file__).parent, Path(sys.argv[-1])
notes = desk / "notes"
visit = len(notes.read_text().splitlines()) if notes.exists() else 0
text = file.read_text(errors="surrogateescape")


def mode(path):
    return oct(path.stat().st_mode & 0o777)


note = {
    "process": os.getpid(),
    "words": sys.argv[1:-1],
    "text": text,
    "modes": [mode(file.parent), mode(file)],
    "cooked": bool(termios.tcgetattr(0)[3] & termios.ICANON),
}
with notes.open("a") as out:
    print(json.dumps(note), file=out)
exec((desk / f"visit-{visit}").read_text())
'''
NOTHING = ""
SET = "text = text.replace('# filter_threshold = 0.5', 'filter_threshold = 0.25')\nfile.write_text(text)\n"
BREAK = "text = text.replace('# filter_threshold = 0.5', 'filter_threshold = much')\nfile.write_text(text)\n"
MEND = "file.write_text(text.replace('threshold = much', 'threshold = 0.75'))\n"
WAIT = "print('editing', flush=True)\ninput()\n"


class EditorUser(Home):
    """A user whose editor is a hand that does something else at each visit."""

    size = 220, 40
    words = "--workspace", "10"

    def __init__(self, folder: Path, server: Demo) -> None:
        super().__init__(folder, server.url)
        self.server = server
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.state.mkdir(mode=0o700)
        self._hand = folder / "a hand.py"
        self._hand.write_text(HAND)
        self.editor = f"'{sys.executable}' '{self._hand}' --wait 'two words'"
        self.environ |= {"TMPDIR": str(self.temporary), "VISUAL": self.editor, "EDITOR": None}

    def visit(self, *visits: str, within: tuple[str, ...] = (), **environ: str | None) -> Program:
        """Start ``wltui``; ``visits`` are what the hand does, time by time."""
        for number, visit in enumerate(visits):
            (self.folder / f"visit-{number}").write_text(visit)
        return self.run(within=within, **environ)

    def notes(self) -> list[dict[str, Any]]:
        """What the hand found, visit by visit."""
        notes = self.folder / "notes"
        return [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []

    def left(self) -> list[Path]:
        """What is left of the files that were edited."""
        return [*self.temporary.glob("wltui-*"), *self.state.glob("wltui/drafts/*/editor/*")]

    def saves(self) -> list[dict[str, Any]]:
        """What was sent."""
        return asked(self.server, INSERT)


@pytest.fixture
def user(tmp_path: Path) -> Iterator[EditorUser]:
    with Demo(token_ttl=86_400) as server:
        yield EditorUser(tmp_path, server)


def edit(program: Program) -> None:
    """From the models to the editor of version 19's config, which is the user's own."""
    program.until(MODEL)
    program.press("enter")
    program.until(VERSIONS)
    program.press("E")


def visit(program: Program) -> None:
    """From the models to the form of version 19's config."""
    program.until(MODEL)
    program.press("enter")
    program.until(VERSIONS)
    program.press("e")
    program.until(FORM_AGAIN)


def is_running(process: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2][:4]
    except FileNotFoundError:
        return False


def send(program: Program) -> None:
    """From the review on."""
    program.until(REVIEW)
    program.press("right", "enter")
    program.until(r"saved as config \d+")


def check_end(program: Program) -> None:
    """It answers keys, and leaves the terminal as it was."""
    program.press("ctrl+q")
    assert program.wait() == 0
    assert program.left_behind() == set()


def cancelled(program: Program, why: str, *, kept: bool = False) -> None:
    """The form is back, with nothing changed and one line that says why, and perhaps where the text is."""
    where = r" What you typed is in \S+; f4 opens it again$" if kept else ""
    program.until(
        rf"{FORM_AGAIN}[\s\S]*{why}: the edit is as it was\.{where}[\s\S]*No changes[\s\S]*esc Leave"
    )


def test_what_is_set_there_is_reviewed_and_sent_and_the_file_is_gone(user: EditorUser) -> None:
    held = user.server.world.versions[19].configs[-1]
    with user.visit(SET) as program:
        edit(program)
        assert re.search(r"filter_threshold\s+- null\s+\+ 0\.25\s", program.until(REVIEW))
        assert user.saves() == []
        assert user.left() == []
        send(program)
        check_end(program)
    (save,) = user.saves()
    assert save == {
        "model_version_id": 19,
        "tensor_fields": None,
        "filter_threshold": 0.25,
        "batch_config": None,
        "dynamic_batching_config": None,
        "continuous_batching_config": None,
        "openai_config": None,
        "input_schema": held.input_schema,
        "output_schema": held.output_schema,
    }
    (note,) = user.notes()
    assert note["words"] == ["--wait", "two words"]
    assert note["modes"] == ["0o700", "0o600"]
    assert note["cooked"]
    assert "api-upload-pytorch-multi-io" in note["text"]


@pytest.mark.thorough
def test_f4_in_the_form_takes_what_was_typed_there_along(user: EditorUser) -> None:
    with user.visit(SET) as program:
        program.until(MODEL)
        program.press("enter")
        program.until(VERSIONS)
        program.press("e")
        program.until(rf"{FORM_AGAIN}[\s\S]*No changes")
        program.press("enter", "a, b")
        program.until("Unsent changes, kept")
        program.press(F4)
        send(program)
        check_end(program)
    assert 'tensor_fields = ["a", "b"]' in user.notes()[0]["text"]
    (save,) = user.saves()
    assert (save["tensor_fields"], save["filter_threshold"]) == (["a", "b"], 0.25)


@pytest.mark.thorough
def test_an_editor_that_fails_cancels_but_what_was_typed_stays_in_the_file_that_is_named(
    user: EditorUser,
) -> None:
    with user.visit(SET + "sys.exit(3)") as program:
        edit(program)
        cancelled(program, "The editor ended with 3", kept=True)
        check_end(program)
    (folder,) = user.left()
    assert "filter_threshold = 0.25\n" in (folder / "config-of-version-19.toml").read_text()


def test_a_fault_opens_it_again_with_the_reason_on_top_until_it_is_mended(user: EditorUser) -> None:
    with user.visit(BREAK, MEND) as program:
        edit(program)
        send(program)
        check_end(program)
    first, second = (note["text"] for note in user.notes())
    top, reason, *rest = second.split("\n")
    assert top.startswith("# >>> Not accepted.")
    at = re.match(r"# >>> line (\d+), column \d+: Not valid TOML: ", reason)
    assert at
    assert second.split("\n")[int(at[1]) - 1] == "filter_threshold = much"
    assert "\n".join(rest) == first.replace("# filter_threshold = 0.5", "filter_threshold = much")
    assert user.notes()[1]["modes"] == ["0o700", "0o600"]
    assert user.saves()[0]["filter_threshold"] == 0.75
    assert user.left() == []


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("editor", "told"),
    [
        pytest.param(
            "/nowhere/ed -w", "/nowhere/ed can't be started: No such file or directory", id="missing"
        ),
        pytest.param(
            "A=1 /nowhere/ed", "A=1 /nowhere/ed can't be started: the shell does not find it", id="in a shell"
        ),
    ],
)
def test_an_editor_that_cannot_be_started_is_told_and_the_form_is_there(
    user: EditorUser, editor: str, told: str
) -> None:
    with user.visit(VISUAL=editor) as program:
        edit(program)
        program.until(rf"{FORM_AGAIN}[\s\S]*{re.escape(told)}\. Set ")
        program.press("enter", "a")
        program.until("Unsent changes, kept")
        check_end(program)
    assert user.left() == []


def test_after_a_conflict_it_is_the_editor_that_comes_and_one_review_after_it(user: EditorUser) -> None:
    with user.visit() as program:
        program.until(MODEL)
        program.press("enter")
        program.until(VERSIONS)
        program.press("e")
        program.until(rf"{FORM_AGAIN}[\s\S]*No changes")
        program.press("enter", "a")
        program.until("Unsent changes, kept")
        check_end(program)
    configure(user.server, 19, tensor_fields=["b"])
    with user.visit(SET) as program:
        edit(program)
        program.until("1 field to choose")
        program.press("3", "\x13")
        program.until(REVIEW)
        program.press("escape")
        program.until(rf"{FORM_AGAIN}[\s\S]*0\.25[\s\S]*Unsent changes, kept")
        assert "Review" not in program.text().split("\n")[1]
        check_end(program)


# Problems that a text has only together with the rest.


BOTH = """
text = text.replace("# dynamic_batching", "dynamic_batching").replace("# continuous_b", "continuous_b")
file.write_text(text)
"""
ONE = """
lines = [line for line in text.split("\\n") if not line.startswith("continuous_b")]
file.write_text("\\n".join(lines))
"""


WRONG = rf"{FORM_AGAIN}[\s\S]*1 field is wrong[\s\S]*esc Leave"


def test_what_does_not_go_together_is_told_in_the_form_and_the_cursor_is_there(user: EditorUser) -> None:
    with user.visit(BOTH) as program:
        edit(program)
        program.until(WRONG)
        assert (user.saves(), user.left()) == ([], [])
        program.press("\x1b[D")
        program.until("Unsent changes, kept")
        program.press("\x13")
        send(program)
    (save,) = user.saves()
    assert save["continuous_batching_config"] is None
    assert save["dynamic_batching_config"]["batch_size_limit"] == 8


@pytest.mark.thorough
def test_what_does_not_go_together_is_on_top_the_next_time(user: EditorUser) -> None:
    with user.visit(BOTH, ONE) as program:
        edit(program)
        program.until(WRONG)
        program.press(F4)
        send(program)
    lines = user.notes()[1]["text"].split("\n")
    assert lines[0].startswith("# >>> Not accepted.")
    at = re.match(r"# >>> line (\d+): continuous_batching_config: ", lines[1])
    assert at
    assert lines[int(at[1]) - 1].startswith("continuous_batching_config.")
    (save,) = user.saves()
    assert save["continuous_batching_config"] is None


# The terminal.


def test_the_editor_has_the_terminal_and_the_program_draws_all_of_it_afterwards(user: EditorUser) -> None:
    with user.visit(WAIT, SET) as program:
        edit(program)
        program.until("editing")
        assert not re.search(FORM, program.text(), re.MULTILINE)
        program.resize(100, 30)
        program.press("\r")
        program.until(rf"{FORM_AGAIN}(.*\n){{15,}}[\s\S]*Nothing changed[\s\S]*No changes\n.*esc Leave")
        assert len(program.text().split("\n")) == 30
        program.press("enter", "a")
        program.until("Unsent changes, kept")
        program.press(F4)
        program.until(REVIEW)
        check_end(program)
    assert [note["cooked"] for note in user.notes()] == [True, True]


# The worst.


@pytest.mark.parametrize(
    "end", ["hung up", pytest.param("told to end", marks=pytest.mark.thorough), "killed"]
)
def test_what_was_saved_there_outlives_the_program(user: EditorUser, end: str) -> None:
    with user.visit(SET + WAIT) as program:
        edit(program)
        program.until("editing")
        if end == "hung up":
            program.hang_up()
            assert program.wait(reading=False) == 129
        elif end == "told to end":
            program.send_signal(signal.SIGTERM)
            assert program.wait(reading=False) == 143
        else:
            program.send_signal(signal.SIGKILL)
            program.wait(reading=False)
        hand = user.notes()[0]["process"]
        until(lambda: not is_running(hand), "the editor ended")
    with user.visit() as program:
        visit(program)
        program.until(r"0\.25[\s\S]*Your unsent edit of [^.]* is back")
        check_end(program)


@pytest.mark.thorough
def test_what_was_taken_is_an_unsent_edit_before_its_file_is_gone(user: EditorUser) -> None:
    with user.visit(SET) as program:
        edit(program)
        program.until(REVIEW)
        assert user.left() == []
        program.send_signal(signal.SIGKILL)
        program.wait()
    with user.visit() as program:
        visit(program)
        program.until(r"0\.25[\s\S]*Your unsent edit of [^.]* is back")


@pytest.mark.thorough
def test_what_can_not_be_read_is_opened_again_after_the_program_was_killed(user: EditorUser) -> None:
    with user.visit(BREAK + WAIT) as program:
        edit(program)
        program.until("editing")
        program.send_signal(signal.SIGKILL)
        program.wait(reading=False)
    with user.visit(BREAK + WAIT, MEND) as program:
        visit(program)
        program.until(r"What you typed in your editor is in \S+: f4 opens it again")
        program.press(F4)
        send(program)
        check_end(program)
    assert user.notes()[1]["text"].startswith("# >>> Not accepted.")
    assert user.saves()[0]["filter_threshold"] == 0.75
    assert user.left() == []


@pytest.fixture
def disk(user: EditorUser) -> tuple[str, ...]:
    """What to put before a command to give the state of wltui a disk of its own; then mount options."""
    return on_own_disk(user.state)


FULL = r"The config can't be written to a file for your editor: the disk is full"


@pytest.mark.thorough
def test_a_disk_that_takes_no_file_is_told_and_the_form_is_there(
    user: EditorUser, disk: tuple[str, ...]
) -> None:
    with user.visit(within=(*disk, "size=4k")) as program:
        edit(program)
        program.until(rf"{FORM_AGAIN}[\s\S]*{FULL}\. Make room [\s\S]*No changes")
        assert not [*Path(f"/proc/{program.pid}/root{user.state}").glob("wltui/drafts/*/editor/*")]
        check_end(program)


def test_a_disk_that_fills_up_meanwhile_keeps_what_was_typed(user: EditorUser, disk: tuple[str, ...]) -> None:
    fill = """
try:
    (file.parent / "filler").write_bytes(bytes(1 << 20))
except OSError:
    print("filled")
"""
    with user.visit(BREAK + fill, within=(*disk, "size=64k")) as program:
        edit(program)
        program.until(
            rf"{FORM_AGAIN}[\s\S]*{FULL}\. What you typed is in \S+; f4 opens it again\.$[\s\S]*No changes"
        )
        (file,) = Path(f"/proc/{program.pid}/root{user.state}").glob("wltui/drafts/*/editor/*/config-*.toml")
        kept = file.read_text()
        check_end(program)
    assert "filter_threshold = much\n" in kept


# Editors that people have.


@pytest.fixture
def vim() -> str:
    if shutil.which("vim") is None:
        pytest.skip("vim is not installed")
    return "vim -u NONE -N -n"


@pytest.mark.thorough
def test_vim(user: EditorUser, vim: str) -> None:
    with user.visit(VISUAL=vim) as program:
        edit(program)
        program.until('"config-of-version-19.toml"|config-of-version-19.toml" ')
        program.press(":%s/^# filter_threshold = 0.5/filter_threshold = 0.25/\r")
        program.until("^filter_threshold = 0.25")
        program.press(":wq\r")
        send(program)
        check_end(program)
    assert user.saves()[0]["filter_threshold"] == 0.25
    assert user.left() == []


@pytest.mark.thorough
def test_vim_is_left_by_cq_to_cancel(user: EditorUser, vim: str) -> None:
    with user.visit(VISUAL=vim) as program:
        edit(program)
        program.until("config-of-version-19.toml")
        program.press(":%d\r")
        program.press(":cq\r")
        cancelled(program, "The editor ended with 1")
        check_end(program)
    assert user.left() == []


def test_vim_can_be_sent_to_the_background_and_be_fetched_again(user: EditorUser, vim: str) -> None:
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    shell = ("bash", "--norc", "--noprofile", "-i", "-c", 'set -m; "$@"; echo stopped; read; fg', "bash")
    with user.visit(VISUAL=vim, within=shell) as program:
        edit(program)
        program.until("config-of-version-19.toml")
        program.press("\x1a")
        program.until("^stopped")
        program.press("\r")
        program.until("^# filter_threshold = 0.5")
        program.press(":wq\r")
        cancelled(program, "Nothing changed")
        check_end(program)
