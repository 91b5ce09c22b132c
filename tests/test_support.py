"""The helpers of tests do what tests rely on."""

import signal
import subprocess
import sys

import pytest

from tests.support.screen_text import ScreenText, search
from tests.support.waiting import running

WRAPPED = ScreenText("▸  19   ready\n  Your unsent edit of 12 s\n  ago is back    [ Keep ]\n")


@pytest.mark.parametrize(
    "words", ["edit of 12 s ago is back", "ready Your unsent", "back    [ Keep ]", "19   re"]
)
def test_words_are_found_wherever_they_wrap(words: str) -> None:
    assert words in WRAPPED


@pytest.mark.parametrize("words", ["edit of 12s", "ago is  not back", "sago", "readyYour"])
def test_other_words_are_not(words: str) -> None:
    assert words not in WRAPPED


@pytest.mark.parametrize(
    "pattern",
    [
        r"12 s ago is back",
        r"ago is back    \[ Keep",
        r"12\ s\ ago",
        r"▸ +19 ",
        r"^  Your unsent",
        r"12 [a-z ]$",
        r"\[ Keep \]",
        "s ago[ │]is",
    ],
)
def test_a_blank_in_a_pattern_is_any_white_space(pattern: str) -> None:
    assert search(pattern, WRAPPED)


@pytest.mark.parametrize("pattern", [r"12 +s +ago", r"^ago", "Your.*ago", r"s[ ]ago"])
def test_lines_are_still_lines(pattern: str) -> None:
    assert not search(pattern, WRAPPED)


def test_a_repeated_group_is_searched_in_no_time() -> None:
    """By the number of ways to match, it would take longer than the universe has existed."""
    rows = "\n".join(f"  {number}  name  of a row   ✔  5  ✖  6   end" for number in range(40))
    assert not search(r"(?:^[^✖◐✔\n]* [✖◐✔] .*\n){41}", rows)


def test_a_program_that_neither_answers_nor_ends_is_killed_in_time_and_named() -> None:
    command = [sys.executable, "-c", "import sys; print('ready', flush=True); sys.stdin.read()"]
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with pytest.raises(AssertionError, match=r"waited 1 s for \[.*ready"), running(program, 1):
        program.wait()
    with (
        pytest.raises(ZeroDivisionError),
        running(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)) as program,
    ):
        _ = 1 // 0
    assert program.returncode == -signal.SIGKILL
