"""Text that was written for a terminal, in lines that can be read."""

import pytest

from wltui.api.reasons import reason
from wltui.core.terminal_text import is_error, split_lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("\n \r\n\x1b[0m", []),
        ("one", ["one"]),
        ("one\ntwo\r\nthree\n", ["one", "two", "three"]),
        ("\n\n  one\n\n  two\n\n", ["  one", "", "  two"]),
        ("\x1b[1;38:5:9mERROR:\x1b[0m no\x1b[K", ["ERROR: no"]),
        ("\x1b[?25l 10%\r 50%\r100%\x1b[?25h\nok", ["100%", "ok"]),
        ("100%\r\nok", ["100%", "ok"]),
        ("100%\r   \r", ["100%"]),
        ("\tif x:", ["        if x:"]),
        ("one\u2028two\x85three\ffour", ["one", "two", "three", "four"]),
        ("\x1b]8;;https://a.example\x1b\\a link\x1b]8;;\x1b\\", ["a link"]),
        ("\x1b(Bplain", ["plain"]),
        # What is no part of a text, and may do harm, is left to be spelled out.
        ("\x1b]52;c;eA==\x07", ["\x1b]52;c;eA==\x07"]),
        ("\x1b[31", ["\x1b[31"]),
        ("a\bb\x00", ["a\bb\x00"]),
    ],
)
def test_lines(text: str, lines: list[str]) -> None:
    assert split_lines(text) == lines


def test_a_long_text_takes_no_longer_than_its_length_says() -> None:
    for text in (
        "\r" * 300_000,
        "\x1b[" * 150_000,
        "\x1b]8;" * 75_000,
        " \r\n" * 100_000,
        "\x1b[0" * 100_000,
    ):
        split_lines(text)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("ERROR: No matching distribution found for torch", True),
        ("ModuleNotFoundError: No module named 'xgboost'", True),
        ("Traceback (most recent call last):", True),
        ("BYOP validation FAILED!", True),
        ("  × No solution found", True),
        ("line 41:    17 Killed                  python", True),
        ("Collecting tokenizers==0.15.2", False),
        ("error_summary is null", False),
        ("0 errors", False),
        ("3 × 4", False),
    ],
)
def test_lines_that_report_an_error(line: str, error: bool) -> None:
    assert is_error(line) is error


def test_a_refusal_is_one_line_without_colours() -> None:
    body = b'{"msg": "\\u001b[31mERROR\\u001b[0m: no\\n\\n  50%\\r  100%\\nsuch id"}'
    assert reason(body) == "ERROR: no 100% such id"
