"""What is made of the environment before Textual reads it."""

import os
import pty
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pty_program import ROOT
from wltui.core.errors import UsageError
from wltui.lifecycle.terminal import (
    Terminal,
    can_show_unicode,
    detect_terminal,
    find_color_system,
    textual_variables,
)


@pytest.mark.parametrize(
    ("environ", "colors"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "xterm", "COLORTERM": "24bit"}, "truecolor"),
        ({"TERM": "xterm-kitty"}, "truecolor"),
        ({"TERM": "xterm-ghostty"}, "truecolor"),
        ({"TERM": "alacritty"}, "truecolor"),
        ({"TERM": "wezterm"}, "truecolor"),
        ({"TERM": "foot-extra"}, "truecolor"),
        ({"TERM": "contour"}, "truecolor"),
        ({"TERM": "xterm-direct"}, "truecolor"),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "truecolor"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "truecolor"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, "256"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "screen"}, "256"),
        ({"TERM": "tmux-256color", "LC_TERMINAL": "iTerm2"}, "256"),
        ({"TERM": "tmux-256color", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "linux"}, "standard"),
        ({"TERM": "vt220"}, "standard"),
        ({"TERM": "xterm"}, "256"),
        ({}, "256"),
        ({"TERM": "xterm-16color"}, "standard"),
        ({"TERM": "xterm-16color", "COLORTERM": "truecolor", "LC_TERMINAL": "iTerm2"}, "standard"),
        ({"TERM": "screen-16color-bce"}, "standard"),
        ({"TERM": "putty"}, "standard"),  # as terminfo has it
        ({"TERM": "putty", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "konsole"}, "256"),
        ({"TERM": "unheard-of"}, "256"),
    ],
)
def test_colours_are_the_best_that_the_terminal_is_known_to_show(
    environ: dict[str, str], colors: str
) -> None:
    terminfo = {"putty": 8, "xterm": 8, "screen": 8, "xterm-256color": 256, "konsole": 256, "vt220": None}
    assert find_color_system(environ, terminfo.get) == colors


@pytest.mark.parametrize(("colors", "system"), [(8, "standard"), (16, "standard"), (256, "256"), (-1, "256")])
def test_terminfo_is_asked_before_a_guess_is_made(tmp_path: Path, colors: int, system: str) -> None:
    names = b"quaint|of this test\0"
    entry = struct.pack("<6h", 0o432, len(names), 0, 14, 0, 0) + names + bytes(len(names) % 2)
    for folder in ("q", "71"):  # by letter, and on macOS by its code
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "quaint").write_bytes(entry + struct.pack("<14h", *[-1] * 13, colors))
    program = (
        "from wltui.lifecycle.terminal import find_color_system; print(find_color_system({'TERM': 'quaint'}))"
    )
    environ = {**os.environ, "TERMINFO": str(tmp_path)}
    output = subprocess.check_output([sys.executable, "-c", program], env=environ, text=True)
    assert output.strip() == system


def test_what_the_user_has_set_for_textual_is_left_alone() -> None:
    own = {"TEXTUAL_COLOR_SYSTEM": "standard", "TEXTUAL_ANIMATIONS": "full", "TEXTUAL_THEME": "nord"}
    assert textual_variables({**own, "COLORTERM": "truecolor"}) == {}
    assert textual_variables({**own, "NO_COLOR": "1"}) == {"TEXTUAL_THEME": "ansi-dark"}


def test_no_color_asks_for_a_theme_without_colours_and_nothing_else_does() -> None:
    assert textual_variables({"NO_COLOR": "1"})["TEXTUAL_THEME"] == "ansi-dark"
    assert "TEXTUAL_THEME" not in textual_variables({})
    assert "TEXTUAL_THEME" not in textual_variables({"NO_COLOR": ""})


@pytest.mark.parametrize(("text", "kept"), [("", {}), ("1", {"NO_COLOR": "1"})])
def test_an_empty_no_color_is_as_if_it_were_not_set(text: str, kept: dict[str, str]) -> None:
    environ = {"NO_COLOR": text}
    Terminal(ascii=False, variables={}).prepare(environ)
    assert environ == kept


def test_nothing_moves_unless_asked_for() -> None:
    assert textual_variables({})["TEXTUAL_ANIMATIONS"] == "none"


@pytest.mark.parametrize(
    ("environ", "encoding", "unicode"),
    [
        ({"LANG": "en_US.UTF-8"}, "utf-8", True),
        ({"LANG": "de_DE.utf8@euro"}, "UTF-8", True),
        ({}, "utf-8", True),
        ({"LC_CTYPE": "C.UTF-8"}, "utf-8", True),
        ({"LANG": "C", "LC_CTYPE": "en_US.UTF-8"}, "utf-8", True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "utf-8", False),
        (
            {"LANG": "de_DE.ISO-8859-1", "LC_CTYPE": "C.UTF-8"},
            "utf-8",
            False,
        ),  # not installed, and so replaced
        ({"LANG": "de_DE@euro", "LC_CTYPE": "C.UTF-8"}, "utf-8", False),
        ({"LANG": "en_US.UTF-8", "LC_CTYPE": "C.UTF-8"}, "utf-8", True),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, "utf-8", False),
        ({"LC_ALL": "POSIX"}, "utf-8", False),
        ({"LC_CTYPE": "en_US.ISO-8859-1", "LANG": "en_US.UTF-8"}, "iso8859-1", False),
        ({"LANG": "ja_JP.eucJP"}, "utf-8", False),
        ({"LANG": "en_US.UTF-8"}, "ascii", False),
        ({"LANG": "en_US.UTF-8", "TERM": "linux"}, "utf-8", False),
    ],
)
def test_signs_beyond_ascii_need_a_locale_an_encoding_and_a_font(
    environ: dict[str, str], encoding: str, unicode: bool
) -> None:
    assert can_show_unicode(environ, encoding) is unicode


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no file shows how a process was started")
@pytest.mark.parametrize("name", ["LANG", "LC_CTYPE", "LC_ALL"])
@pytest.mark.parametrize(("locale", "unicode"), [("xx_XX.ISO-8859-1", False), ("xx_XX.UTF-8", True)])
def test_a_locale_that_is_not_installed_counts_by_its_name(name: str, locale: str, unicode: bool) -> None:
    script = """
import os
from wltui.lifecycle.terminal import can_show_unicode, original_environ
print(can_show_unicode(original_environ(os.environ), "utf-8"))
"""
    environ = {"PATH": os.environ["PATH"], name: locale}
    answer = subprocess.run(
        [sys.executable, "-c", script], env=environ, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout == f"{unicode}\n"


@pytest.fixture
def terminal() -> Iterator[int]:
    master, slave = pty.openpty()
    yield slave
    os.close(master)
    os.close(slave)


@pytest.fixture
def no_terminal() -> Iterator[int]:
    reading, writing = os.pipe()
    yield reading
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize("environ", [{"TERM": "xterm"}, {}])
def test_a_terminal_is_taken_as_it_is(terminal: int, environ: dict[str, str]) -> None:
    assert detect_terminal(environ, stdin=terminal, stderr=terminal).variables == textual_variables(environ)


def test_a_stream_that_is_no_terminal_is_named(terminal: int, no_terminal: int) -> None:
    with pytest.raises(UsageError, match="standard input is not a terminal"):
        detect_terminal({}, stdin=no_terminal, stderr=terminal)
    with pytest.raises(UsageError, match="standard error is not a terminal"):
        detect_terminal({}, stdin=terminal, stderr=no_terminal)


def test_a_dumb_terminal_is_refused(terminal: int) -> None:
    with pytest.raises(UsageError, match="TERM is dumb"):
        detect_terminal({"TERM": "dumb"}, stdin=terminal, stderr=terminal)


def test_a_driver_that_needs_no_terminal_gets_none_and_its_size_is_kept(no_terminal: int) -> None:
    environ = {
        "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver",
        "COLUMNS": "100",
        "TMUX": "socket,1,0",
    }
    found = detect_terminal({**environ, "LC_ALL": "C", "TERM": "dumb"}, stdin=no_terminal, stderr=no_terminal)
    assert not found.ascii  # a browser shows all signs
    found.prepare(environ)
    assert environ["COLUMNS"] == "100"
    assert "TMUX" not in environ
    for driver in ("", "textual.drivers.linux_driver:LinuxDriver"):
        with pytest.raises(UsageError, match="is not a terminal"):
            detect_terminal({"TEXTUAL_DRIVER": driver}, stdin=no_terminal, stderr=no_terminal)


def test_an_exported_size_does_not_pin_the_program_to_it() -> None:
    environ = {"COLUMNS": "80", "LINES": "24", "HOME": "/home/jane/"}
    Terminal(ascii=False, variables={}).prepare(environ)
    assert environ == {"HOME": "/home/jane/"}
