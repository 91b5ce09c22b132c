"""The end of the process, whoever causes it, and whatever state the process and its terminal are in."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.pty_program import ROOT, Program
from tests.support.waiting import running, within
from wltui.lifecycle.signals import run_in_foreground

TINY = [sys.executable, "-m", "tests.support.tiny_app"]
GONE = 2.0
"""Seconds that users are promised."""


@contextmanager
def tiny_app(folder: Path, *, controlling: bool = True) -> Iterator[Program]:
    with Program([*TINY, str(folder)], controlling=controlling, warm=True) as program:
        program.until("ready")
        yield program


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("controlling", [True, False])
def test_a_signal_ends_the_app_and_the_terminal_is_as_before(
    tmp_path: Path, number: signal.Signals, controlling: bool
) -> None:
    with tiny_app(tmp_path, controlling=controlling) as program:
        with within(GONE):
            program.send_signal(number)
            assert program.wait() == 128 + number
        assert program.left_behind() == set()


@pytest.mark.parametrize(
    "number",
    [signal.SIGINT, signal.SIGQUIT, signal.SIGABRT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM],
)
def test_so_does_every_other_signal_that_ends_a_process(tmp_path: Path, number: signal.Signals) -> None:
    with tiny_app(tmp_path) as program:
        program.send_signal(number)
        assert program.wait() == 128 + number
        assert program.left_behind() == set()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("controlling", [True, False])
def test_so_it_does_while_nobody_reads_the_terminal(
    tmp_path: Path, number: signal.Signals, controlling: bool
) -> None:
    with tiny_app(tmp_path, controlling=controlling) as program:
        program.stall()
        with within(GONE):
            program.send_signal(number)
            assert program.wait(reading=False) == 128 + number
        assert program.left_behind() == set()
        assert (tmp_path / "saved").exists()
        assert (tmp_path / "cleaned-up").exists()


@pytest.mark.parametrize("stalled", [False, True])
@pytest.mark.parametrize("controlling", [True, False])
def test_a_terminal_that_goes_away_takes_the_app_along(
    tmp_path: Path, stalled: bool, controlling: bool
) -> None:
    """Without a controlling terminal no signal reports it."""
    with tiny_app(tmp_path, controlling=controlling) as program:
        if stalled:
            program.stall()
        with within(GONE):
            program.hang_up()
            assert program.wait(reading=False) == 129


def test_a_hang_up_counts_although_the_parent_ignored_it(tmp_path: Path) -> None:
    with Program(["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *TINY, str(tmp_path)]) as program:
        program.until("ready")
        with within(GONE):
            program.send_signal(signal.SIGHUP)
            assert program.wait() == 129


def test_an_editor_gets_the_terminal_and_ordinary_signals(tmp_path: Path) -> None:
    with tiny_app(tmp_path) as program:
        program.press("e")
        program.until("editing")
        program.press("enter")
        program.until("ready")
        assert (tmp_path / "edited").read_text() == str(-signal.SIGTERM)


def test_ctrl_c_in_an_editor_is_the_editors_own(tmp_path: Path) -> None:
    with tiny_app(tmp_path) as program:
        program.press("e")
        program.until("editing")
        program.press("\x03")
        program.until("ready")
        assert (tmp_path / "edited").read_text() == str(-signal.SIGINT)


STOPS_ALONE = """
import signal
from wltui.lifecycle.signals import run_in_foreground

signal.signal(signal.SIGTSTP, signal.SIG_DFL)
print("ended with", run_in_foreground(["sh", "-c", "kill -STOP $$; exit 7"]), flush=True)
"""


@pytest.mark.parametrize("job", [True, False])
def test_an_editor_that_stops_alone_takes_the_program_along_or_goes_on_where_no_shell_could_continue_it(
    job: bool,
) -> None:
    with Program([sys.executable, "-c", STOPS_ALONE], job=job) as program:
        if job:
            program.until_stopped()
            program.fg()
        program.until("ended with 7")


STOPS_ALL = STOPS_ALONE.replace("kill -STOP $$", "kill -TSTP 0")


@pytest.mark.parametrize("job", [True, False])
def test_an_editor_that_stops_with_its_group_is_continued_once_and_stops_nothing_without_a_shell(
    job: bool,
) -> None:
    with Program([sys.executable, "-c", STOPS_ALL], job=job) as program:
        if job:
            program.until_stopped()
            program.fg()
        program.until("ended with 7")


def test_an_editor_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        run_in_foreground(["/nowhere/editor"])


def ended_by_sigterm(attach: str, after: str = "") -> tuple[int, list[str]]:
    """Exit code and output of a process whose main thread is stuck, once SIGTERM has come."""
    script = f"""
import threading
from wltui.lifecycle.signals import SignalGuard

stuck = threading.Event().wait

def report(*words):
    print(*words, flush=True)

with SignalGuard() as guard:
    {attach}
    {after or 'report("ready"); stuck()'}
report("ready")
stuck()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with running(process):
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with within(GONE):
            process.send_signal(signal.SIGTERM)
            lines = process.stdout.read().splitlines()
        return process.wait(), lines


def test_saving_comes_first_then_the_app_is_asked_and_then_ended() -> None:
    attach = """guard.attach(
        save=lambda: report("save"), ask_exit=lambda code: report("exit", code), cleanup=lambda: report("clean")
    )"""
    assert ended_by_sigterm(attach) == (143, ["save", "exit 143", "clean"])


def test_a_save_that_fails_keeps_nobody_from_ending() -> None:
    attach = 'guard.attach(save=lambda: 1 / 0, ask_exit=lambda code: report("exit", code))'
    assert ended_by_sigterm(attach) == (143, ["exit 143"])


def test_a_save_that_hangs_keeps_nobody_from_ending() -> None:
    assert ended_by_sigterm("guard.attach(save=stuck, ask_exit=report)") == (143, [])


def test_without_an_app_the_process_just_ends() -> None:
    assert ended_by_sigterm("pass") == (143, [])


def test_a_process_that_hangs_after_the_app_has_ended_is_ended_too() -> None:
    assert ended_by_sigterm("guard.attach(ask_exit=lambda code: None)", after="pass") == (143, [])
