"""End to end: ``wltui --demo`` in a terminal, from its first picture to the last thing that it leaves there."""

import itertools
import json
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.demo_server import sign_in
from tests.support.pty_program import Program
from tests.support.screens import asked
from tests.support.waiting import within
from wltui.demo import Demo

WLTUI = [sys.executable, "-m", "wltui"]
GONE = 2.0
"""Seconds that users are promised."""
TABLE = r"^[─-] Workspaces [─-].*\n[\s\S]*10 +api-tutorial"


@contextmanager
def demo(
    home: Path, size: tuple[int, int] = (80, 24), *, job: bool = False, **environ: str | None
) -> Iterator[Program]:
    """The running demo, which finds and leaves nothing at home; as a ``job`` of a shell it can be stopped."""
    with Program(
        [*WLTUI, "--demo"], size=size, environ={**at(home), **environ}, job=job, warm=True
    ) as program:
        program.until(TABLE)
        yield program


def at(home: Path) -> dict[str, str | None]:
    temporary = home / "tmp"
    temporary.mkdir()
    unset = (
        "NO_COLOR",
        "COLORTERM",
        "TEXTUAL_THEME",
        "WLTUI_TOKEN",
        "WALLAROO_URL",
        "XDG_CACHE_HOME",
        "XDG_STATE_HOME",
    )
    return {"HOME": str(home), "TMPDIR": str(temporary), **dict.fromkeys(unset)}


def stall(program: Program) -> None:
    """Stop reading, and have the app draw until the terminal takes no more."""
    sizes = itertools.cycle([(120, 40), (100, 30)])
    program.stall(lambda: program.resize(*next(sizes)))


def left_at(home: Path) -> list[str]:
    return [path.name for path in home.rglob("*") if path.is_file() or path.name.startswith("wltui")]


@pytest.mark.parametrize(("size", "key"), [((80, 24), "q"), ((120, 40), "ctrl+q")])
def test_the_first_picture_is_a_table_and_quitting_leaves_nothing(
    tmp_path: Path, size: tuple[int, int], key: str
) -> None:
    with demo(tmp_path, size) as program:
        assert "Workspaces" in program.text()
        program.press(key)
        assert program.wait() == 0
        assert program.text() == ""
        assert program.left_behind() == set()
    assert left_at(tmp_path) == []


def test_a_resized_window_is_filled(tmp_path: Path) -> None:
    with demo(tmp_path) as program:
        assert "Created" not in program.text()
        program.resize(120, 40)
        program.until("Created")


def test_a_small_window_says_so_until_it_grows(tmp_path: Path) -> None:
    with demo(tmp_path) as program:
        program.resize(50, 10)
        program.until("60 columns and 15 rows")
        program.resize(80, 24)
        program.until(TABLE)
        assert "60 columns and 15 rows" not in program.text()


def test_ascii_is_all_that_a_terminal_of_another_encoding_gets(tmp_path: Path) -> None:
    with demo(tmp_path, LC_ALL="C") as program:
        program.press("q")
        assert program.wait() == 0
        assert program.output.isascii()


def test_no_color_means_no_colour_and_a_cursor_that_is_reversed(tmp_path: Path) -> None:
    with demo(tmp_path, NO_COLOR="1") as program:
        assert b"38;" not in program.output
        assert b"48;" not in program.output
        reversed_words = re.findall(r"\x1b\[(?:[\d;]*;)?7(?:;[\d;]*)?m([^\x1b]*)", program.output.decode())
        assert "Workspaces" in reversed_words  # the title of the pane that has the keys
        assert any(words.startswith("▸") for words in reversed_words)


@pytest.mark.parametrize(
    ("redirect", "environ", "told"),
    [
        ("</dev/null", {}, "standard input is not a terminal"),
        ('2>"$HOME/errors"', {}, "standard error is not a terminal"),
        ("", {"TERM": "dumb"}, "TERM is dumb"),
    ],
)
def test_what_is_no_terminal_is_refused_in_one_line(
    tmp_path: Path, redirect: str, environ: dict[str, str], told: str
) -> None:
    errors = tmp_path / "errors"
    with Program(
        [*WLTUI, "--demo"], size=(120, 40), environ={**at(tmp_path), **environ}, redirect=redirect
    ) as program:
        assert program.wait() == 2
        lines = (errors.read_text() if errors.exists() else program.text()).splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("wltui: ")
    assert told in lines[0]


@pytest.mark.parametrize("stalled", [False, True])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_at_once_and_leaves_nothing(
    tmp_path: Path, number: signal.Signals, stalled: bool
) -> None:
    with demo(tmp_path) as program:
        if stalled:
            stall(program)
        with within(GONE):
            program.send_signal(number)
            assert program.wait(reading=not stalled) == 128 + number
        assert program.left_behind() == set()
    assert left_at(tmp_path) == []


@pytest.mark.parametrize("stalled", [False, True])
def test_a_lost_connection_ends_it_at_once(tmp_path: Path, stalled: bool) -> None:
    with demo(tmp_path) as program:
        if stalled:
            stall(program)
        with within(GONE):
            program.hang_up()
            assert program.wait(reading=False) == 129
    assert left_at(tmp_path) == []


def tiny_app(home: Path) -> Program:
    return Program([sys.executable, "-m", "tests.support.tiny_app", str(home)], size=(120, 40), warm=True)


@pytest.mark.parametrize(
    ("key", "error"), [("x", "no such thing, said"), ("w", "no such thing in the worker")]
)
def test_a_crash_leaves_the_terminal_clean_and_a_report_without_secrets(
    tmp_path: Path, key: str, error: str
) -> None:
    with tiny_app(tmp_path) as program:
        program.until("ready")
        program.press(key)
        assert program.wait() == 1
        assert program.left_behind() == set()
        told = program.output.rpartition(b"\x1b[?1049l")[2].decode()
    assert "wltui stopped on an error" in told
    assert error in told
    assert told.count("Traceback") == 1
    assert "hunter2" not in told
    assert "s3cr3t-t0k3n" not in told


def read_to_the_end(program: Program) -> list[str]:
    """The lines of the review, page by page; the buttons below them, moved after each page, tell that it is drawn."""
    read: list[str] = []
    for button, key in itertools.cycle([("Send", "right"), ("Cancel", "left")]):
        program.press(key)
        screen = program.until(rf"\[ {button}\b").split("\n")
        buttons = next(row for row, line in enumerate(screen) if f"[ {button}" in line)
        page = screen[2 : buttons - 1]
        known = next(n for n in range(len(page), -1, -1) if read[len(read) - n :] == page[:n])
        if known == len(page):
            break
        read += page[known:]
        program.press("\x1b[6~")  # page down
    return read


def test_the_request_that_is_reviewed_is_the_one_that_is_sent(tmp_path: Path) -> None:
    with Demo(token_ttl=86_400) as server:
        environ = {**at(tmp_path), "WLTUI_TOKEN": sign_in(server.url)}
        argv = [*WLTUI, "--endpoint", server.url, "--workspace", "10"]
        with Program(argv, environ=environ, warm=True) as program:
            program.until("api-upload-pytorch-multi-io")
            program.press("enter")
            program.until("5 versions")
            program.press("e")
            program.until("No changes")
            program.press("enter", "größe, b", "\x13")  # ctrl+s
            program.until(r"\[ Cancel \]")
            drawn = read_to_the_end(program)
            assert asked(server, "models/insert_model_config") == []
            if "[ Send" not in program.text():
                program.press("right")
            program.until(r"\[ Send\b")
            program.press("enter")
            program.until("saved as config")
        (sent,) = asked(server, "models/insert_model_config")
    assert sent["tensor_fields"] == ["größe", "b"]
    assert len(sent["input_schema"]) > 80
    lines = "\n".join(drawn[drawn.index(" {") + 1 : drawn.index(" }")])
    shortened = re.findall(r'"(\w+)": "(.{9,})…  (\d+) characters', lines)
    assert [field for field, _, _ in shortened] == ["input_schema", "output_schema"]
    assert all(sent[field].startswith(start) for field, start, _ in shortened)
    assert all(len(sent[field]) == int(length) for field, _, length in shortened)
    whole = re.sub(
        r'"(\w+)": ".*…  .*', lambda found: f"{json.dumps(found[1])}: {json.dumps(sent[found[1]])},", lines
    )
    assert json.loads(f"{{{whole.rstrip(',')}}}") == sent
