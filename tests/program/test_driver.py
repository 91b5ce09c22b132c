"""The driver in a terminal: what leaves it alone, what makes it draw anew, and what it falls back to."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from textual.drivers.linux_driver import LinuxDriver
from textual.drivers.web_driver import WebDriver

from tests.program.test_pty import GONE, TABLE, WLTUI, at, demo, stall
from tests.support.pty_program import ROOT, Program
from tests.support.screen_text import without_ages
from tests.support.waiting import LIMIT, within
from wltui.core.errors import UsageError
from wltui.ui.terminal.driver import LeanDriver, abilities, driver_class
from wltui.ui.terminal.output import keeps_cells

COUNTED = r"of 11 workspaces · 183 versions   (?:[✖◐✔] \d+  )+\(1 archived"
"""Each workspace has been counted."""
ALTERNATE, CTRL_Z = b"\x1b[?1049h", "\x1a"
WEB = "textual.drivers.web_driver:WebDriver"


def test_an_unread_terminal_does_not_keep_it_from_quitting(tmp_path: Path) -> None:
    with demo(tmp_path) as program:
        stall(program)
        with within(GONE):
            program.press("ctrl+q")
            assert program.wait(reading=False) == 0
        assert program.left_behind() == set()


def test_the_screen_is_whole_again_after_a_stop(tmp_path: Path) -> None:
    with demo(tmp_path, job=True) as program:
        program.until(COUNTED)
        program.settle()
        before = without_ages(program.text()).split("\n")[1:]
        os.kill(program.foreground, signal.SIGTSTP)
        program.until_stopped()
        program.until("stopped")
        assert program.text() == "stopped"
        program.fg()
        program.until(COUNTED)
        program.settle()
        assert without_ages(program.text()).split("\n")[1:] == before
        program.press("q")
        assert program.wait() == 0
        assert program.left_behind() == set()


def test_after_a_stop_without_a_word_a_key_is_one_key_and_the_terminal_is_left_as_it_was(
    tmp_path: Path,
) -> None:
    with demo(tmp_path, job=True) as program:
        for _ in range(2):
            entered = program.output.count(ALTERNATE)
            os.kill(program.foreground, signal.SIGSTOP)
            program.until_stopped()
            program.fg()
            while program.output.count(ALTERNATE) == entered:
                assert program.read(LIMIT)
            program.until(TABLE)
        program.press("down")
        program.until("▸ +10 ")
        program.press("?")
        program.until("This screen")
        program.press("q")
        program.until(TABLE)
        program.press("q")
        assert program.wait() == 0
        assert program.left_behind() == set()


def test_ctrl_z_gives_the_terminal_back_to_the_shell_whose_fg_continues(tmp_path: Path) -> None:
    with demo(tmp_path, job=True) as program:
        program.press(CTRL_Z)
        program.until_stopped()
        program.until("stopped")
        assert program.left_behind() == set()
        program.fg()
        program.until(TABLE)
        program.press("q", CTRL_Z)  # still typed when it ends
        assert program.wait() == 0
        assert program.left_behind() == set()


def test_without_a_shell_ctrl_z_stops_nothing_and_says_so(tmp_path: Path) -> None:
    """As a session's leader, as in ``ssh -t host wltui``, nobody could continue it."""
    with demo(tmp_path) as program:
        program.press(CTRL_Z)
        program.until("No shell to go back to")
        program.send_signal(signal.SIGTSTP)
        program.press("?")
        program.until("This screen")
        program.press("q")
        program.until(TABLE)
        program.press("q")
        assert program.wait() == 0


def test_a_job_begun_in_the_background_shows_itself_when_it_is_brought_to_the_front(tmp_path: Path) -> None:
    with Program([*WLTUI, "--demo"], environ=at(tmp_path), job=True, background=True) as program:
        program.until("stopped")
        assert ALTERNATE[:-1] not in program.output
        program.fg()
        program.until(TABLE)
        assert program.output.count(ALTERNATE) == 1
        assert ALTERNATE.replace(b"h", b"l") not in program.output
        program.press("q")
        assert program.wait() == 0
        assert program.left_behind() == set()


def test_in_gnu_screen_no_mouse_mode_holds_esc_back(tmp_path: Path) -> None:
    with demo(tmp_path, STY="1.pts-0.host") as program:
        assert b"?1000h" not in program.output
        program.press("?")
        program.until("This screen")
        program.press("escape")
        program.until(TABLE)
        program.press("q")
        assert program.wait() == 0
        assert b"?1000h" not in program.output


def test_bytes_that_are_no_text_do_not_end_the_typing(tmp_path: Path) -> None:
    with demo(tmp_path) as program:
        program.press(b"\xff\xc3(\x80".decode(errors="surrogateescape"))
        program.press("?")
        program.until("This screen")
        program.press("ctrl+q")
        assert program.wait() == 0


# A picture that is there before the app


def test_a_picture_stays_until_the_app_has_its_own(tmp_path: Path) -> None:
    with Program([sys.executable, "-m", "tests.support.picture_app"], size=(60, 16)) as program:
        program.until("kept line")
        assert "fresh line" not in program.text()
        program.press("r")
        program.until("fresh line")
        assert "kept line" not in program.text()
        assert "both know this line" in program.text()
        assert program.output.count(b"both know this line") == 1
        assert program.output.count(ALTERNATE) == 1
        program.press("q")
        assert program.wait() == 0
        assert program.left_behind() == set()
        assert "picture again: True" in program.text()


EACH_FRAME = """
import sys
from wltui.__main__ import main
from wltui.ui.terminal.driver import LeanDriver

def send(self):
    if self._writer is not None:
        self._writer.send(self._screen.update())

LeanDriver._send_frame = send
sys.argv = ["wltui", "--demo"]
main()
"""
"""The program, with a driver that sends each frame, as if its thread always had the time for it."""


def test_the_first_frame_on_an_empty_terminal_is_whole(tmp_path: Path) -> None:
    with Program([sys.executable, "-c", EACH_FRAME], environ=at(tmp_path)) as program:
        assert re.search(r"\n─ Workspaces ─+ 11 ─\n   ▲ ID  Name ", program.until(TABLE))
        order = program.output.decode()
        assert order.index("Workspaces") < order.index("▲ ID") < order.index("api-tutorial")


# What it stands on


def test_a_textual_that_is_built_otherwise_gets_its_own_driver() -> None:
    class Renamed(LinuxDriver):
        def write(self, text: str) -> None:
            """As another version might call it."""

    class Elsewhere(LinuxDriver):
        def __init__(self) -> None:
            """Without the file that it wrote to."""

    class ReadOtherwise(LinuxDriver):
        def run_input_thread(self) -> None:
            """With another parser."""

    assert driver_class("lean") is LeanDriver
    assert driver_class("lean", stock=Renamed) is None
    assert driver_class("lean", stock=Elsewhere) is None
    assert driver_class("lean", stock=ReadOtherwise) is None
    assert driver_class("stock") is None


def test_the_users_own_driver_comes_before_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXTUAL_DRIVER", WEB)
    assert driver_class("lean") is driver_class("stock") is WebDriver
    for wrong in ("nix:Driver", "textual.driver:nix", "textual.app:App", "textual.driver", ":Driver"):
        monkeypatch.setenv("TEXTUAL_DRIVER", wrong)
        with pytest.raises(UsageError, match=wrong):
            driver_class("lean")


def test_a_browser_is_drawn_in_and_the_program_ends_with_its_server() -> None:
    """As ``textual serve`` starts it: without a terminal, and with packets on pipes."""
    environ = {**os.environ, "TEXTUAL_DRIVER": WEB, "COLUMNS": "100", "ROWS": "30"}
    with subprocess.Popen(
        [sys.executable, "-m", "wltui", "--demo"], cwd=ROOT, env=environ,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        bufsize=0,  # else the first line may take what follows it along
    ) as program:  # fmt: skip
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stdout.readline() == b"__GANGLION__\n"
        drawn = b""
        while b"embedded Wallaroo" not in drawn:
            more = os.read(program.stdout.fileno(), 1 << 16)
            assert more, drawn
            drawn += more
        program.stdin.close()
        assert program.wait(LIMIT) == 128 + signal.SIGHUP
        assert program.stderr is not None
        assert program.stderr.read() == b""


@pytest.mark.parametrize(
    ("environ", "erases"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "xterm-256color", "STY": "1.pts"}, False),
        ({"TERM": "screen-256color"}, False),
        ({"TERM": "tmux-256color"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "xterm-of-the-future"}, True),
        ({"TERM": "unheard-of"}, False),
        ({}, False),
    ],
)
def test_terminals_erase_in_colour_where_they_are_known_to(environ: dict[str, str], erases: bool) -> None:
    assert abilities(environ).colours_erased is erases


@pytest.mark.parametrize(
    "text",
    [
        "\x07",
        "\x1b[?1004h",
        "\x1b[>25u",
        "\x1b[?2026$p",
        "\x1b]52;c;YQ==\x07",
        "\x1b]22;text\x07",
        "\x1b]9;a\x07\x1b]777;notify;w;b\x07",
        "\x1b_Ga=1;AA\x1b\\",
    ],
)
def test_what_touches_no_cell_costs_no_repaint(text: str) -> None:
    assert keeps_cells(text)


@pytest.mark.parametrize("text", ["\x1b[2J", "x", "\x1bc", "\x1b[?1049h", "\x07x"])
def test_what_may_touch_cells_is_followed_by_a_repaint(text: str) -> None:
    assert not keeps_cells(text)
