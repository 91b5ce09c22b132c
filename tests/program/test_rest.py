"""Whatever is on screen, it comes to rest: no blink, no animation, no spinner, not a byte until something happens."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.demo_server import DemoServer, sign_in
from tests.support.pty_program import Program
from tests.support.waiting import LIMIT

WLTUI = [sys.executable, "-m", "wltui"]
REST = 1.1
"""Seconds without a byte that count as rest: a cursor of Textual's blinks every half second, the first time later."""
LIST, DETAIL = r"enter Open", r"version \d+ ─"
WALKS: dict[str, Sequence[tuple[str, str]]] = {
    "lists": [
        ("/", "Keep the filter"), ("a", "Filter / a"), ("\x1b", LIST), ("?", "› Help ─"), ("\x1b", LIST),
        ("\x10", "› Palette ─"), ("api", ": api"),
    ],
    "a version": [
        ("\r", "5 versions"), ("\r", DETAIL), ("H", "› History of"), ("\x1b", DETAIL), ("y", "› JSON ─"),
    ],
    "the editor": [("\r", "5 versions"), ("e", "No changes"), ("\rx", "1 field to change"), ("\x13", r"\[ Cancel \]")],
}  # fmt: skip
"""Keys, and what is on screen after each."""


@contextmanager
def opened(home: Path, url: str, token: str) -> Iterator[Program]:
    folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CACHE", "STATE", "CONFIG")}
    argv = [*WLTUI, "--endpoint", url, "--workspace", "10", "--refresh", "0"]
    with Program(argv, size=(120, 40), environ={**folders, "WLTUI_TOKEN": token}, warm=True) as program:
        yield program


def check_rest(program: Program) -> None:
    deadline = time.monotonic() + LIMIT
    while program.read(REST):
        assert time.monotonic() < deadline, f"it goes on writing:\n{program.text()}"


@pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS.keys())
def test_every_screen_comes_to_rest(walk: Sequence[tuple[str, str]], tmp_path: Path) -> None:
    with DemoServer() as server, opened(tmp_path, server.url, sign_in(server.url)) as program:
        program.until(r"● live")
        for key, pattern in walk:
            program.press(key)
            program.until(pattern)
            check_rest(program)


def test_waiting_for_the_first_answer_writes_nothing(tmp_path: Path) -> None:
    with DemoServer() as server:
        token = sign_in(server.url)
        server.stop()
        with opened(tmp_path, server.url, token) as program:
            program.until(r"loading")
            check_rest(program)


def test_who_is_not_signed_in_is_told_so_once(tmp_path: Path) -> None:
    with DemoServer() as server, opened(tmp_path, server.url, "no-token-of-this-server") as program:
        program.until(r"not signed in")
        check_rest(program)
