"""What is written to a terminal to set its clipboard, and what is known about the way there."""

import re
from base64 import b64decode
from pathlib import Path

import pytest

from wltui.ui.terminal.clipboard import MOST, clipboard_sequence, find_reach, load_into_tmux, osc52
from wltui.ui.terminal.output import keeps_cells

HOSTILE = "[/x] $(id)\n=1+1 \x1b]52;c;!\x07 \u202e مرحبا 漢字 e\u0301 \ud800"


def test_a_terminal_gets_the_text_in_one_sequence_that_touches_no_cell() -> None:
    sequence = clipboard_sequence(HOSTILE, {"TERM": "xterm-256color"})
    assert sequence == osc52(HOSTILE)
    head, text = sequence[:7], sequence[7:-1]
    assert (head, sequence[-1]) == ("\x1b]52;c;", "\x07")
    assert b64decode(text).decode() == HOSTILE.replace("\ud800", "?")  # half a character can't be sent
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", text)
    assert keeps_cells(sequence)


@pytest.mark.parametrize("length", [1, 170, 5_000, MOST])
def test_screen_hands_the_same_on_in_short_strings(length: int) -> None:
    text = "x" * length
    sequence = clipboard_sequence(text, {"TERM": "screen", "STY": "1.pts"})
    pieces = re.findall(r"\x1bP(.*?)\x1b\\", sequence, re.DOTALL)
    assert "".join(f"\x1bP{piece}\x1b\\" for piece in pieces) == sequence
    assert "".join(pieces) == osc52(text)
    assert max(map(len, pieces)) <= 240
    assert keeps_cells(sequence)


def test_the_longest_text_makes_a_sequence_that_xterm_takes() -> None:
    assert len(osc52("x" * MOST)) <= 100_000 < len(osc52("x" * (MOST + 3)))


def test_within_tmux_its_own_buffer_is_loaded(tmp_path: Path) -> None:
    tool = tmp_path / "tmux"
    tool.write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/asked\n/bin/cat >{tmp_path}/text\nexit $STATUS\n')
    tool.chmod(0o755)
    environ = {"PATH": str(tmp_path), "TMUX": "/nowhere,1,0", "WLTUI_TOKEN": "secret", "STATUS": "0"}
    assert load_into_tmux(HOSTILE, environ)
    assert (tmp_path / "asked").read_text() == "load-buffer -w -\n"
    assert (tmp_path / "text").read_text() == HOSTILE.replace("\ud800", "?")
    assert not load_into_tmux(HOSTILE, environ | {"STATUS": "1"})
    assert not load_into_tmux(HOSTILE, environ | {"PATH": "/nowhere"})
    assert not load_into_tmux(HOSTILE, {})
    # It takes OSC 52 as it is, also where it runs within GNU screen.
    assert clipboard_sequence("a", environ | {"STY": "1.pts"}) == osc52("a")


@pytest.mark.parametrize(
    ("environ", "ok", "words"),
    [
        ({"TERM": "xterm-kitty"}, True, "takes"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, True, "takes"),
        ({"TERM": "foot-extra"}, True, "takes"),
        ({"TERM": "xterm-256color", "WT_SESSION": "1"}, True, "takes"),
        ({"TERM": "linux"}, False, "no clipboard"),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2", "SSH_CONNECTION": "a"}, None, "settings"),
        ({"TERM": "xterm", "XTERM_VERSION": "XTerm(388)"}, None, "resources"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, None, "new releases"),
        ({"TERM": "screen", "STY": "1.pts"}, None, "GNU screen"),
        ({"TERM": "tmux-256color", "SSH_CONNECTION": "a"}, None, "another host"),
        ({"TERM": "xterm-256color", "SSH_CONNECTION": "a"}, None, "your end of the SSH connection"),
        ({}, None, "unknown"),
    ],
)
def test_it_is_known_of_some_terminals_whether_they_take_it(
    environ: dict[str, str], ok: bool | None, words: str
) -> None:
    reach = find_reach(environ)
    assert reach.ok is ok
    assert words in reach.finding
    assert ok or reach.advice


@pytest.mark.parametrize(
    ("answer", "ok", "words"),
    [
        ("echo '3.3a;external;256,clipboard,title'", True, "hands on"),
        ("echo '3.3a;off;256,title'", False, "does not hand it on"),
        ("echo '3.1c;external;'", False, "drops"),
        ("echo '3.1c;on;'", True, "hands on"),
        ("echo 'next-3.5;external;clipboard'", True, "hands on"),
        ("exit 1", None, "does not answer"),
        ("", None, "does not answer"),
    ],
)
def test_tmux_is_asked_whether_it_hands_on_what_is_copied(
    tmp_path: Path, answer: str, ok: bool | None, words: str
) -> None:
    if answer:
        (tmp_path / "tmux").write_text(f"#!/bin/sh\n{answer}\n")
        (tmp_path / "tmux").chmod(0o755)
    reach = find_reach({"PATH": str(tmp_path), "TMUX": "/nowhere,1,0", "TERM": "linux"})
    assert reach.ok is ok
    assert words in reach.finding
