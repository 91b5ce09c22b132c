"""What the terminal sends, in pieces as slow links cut it."""

import pytest
from textual.events import Key, Paste

from wltui.ui.terminal.keyboard import CUT_SECONDS, ESCAPE_SECONDS, Keyboard, escape_seconds


def told(keyboard: Keyboard, *texts: str) -> list[str]:
    """The keys and pastes in texts that come one after the other."""
    messages = [message for text in texts for message in keyboard.take(text)]
    return [_word(message) for message in messages]


def given_up(keyboard: Keyboard) -> list[str]:
    return [_word(message) for message in keyboard.give_up()]


def _word(message: object) -> str:
    if isinstance(message, Paste):
        return f"pasted {message.text!r}"
    assert isinstance(message, Key), message
    return message.key


def test_esc_alone_is_esc_in_a_moment() -> None:
    keyboard = Keyboard()
    assert told(keyboard, "\x1b") == []
    assert keyboard.patience == ESCAPE_SECONDS
    assert given_up(keyboard) == ["escape"]
    assert given_up(keyboard) == []
    assert told(keyboard, "j") == ["j"]


def test_what_is_typed_before_esc_does_not_make_it_wait() -> None:
    keyboard = Keyboard()
    assert told(keyboard, "ab\x1b") == ["a", "b"]
    assert keyboard.patience == ESCAPE_SECONDS
    assert given_up(keyboard) == ["escape"]


def test_esc_is_known_by_the_next_one() -> None:
    keyboard = Keyboard()
    assert told(keyboard, "\x1b", "\x1b") == ["escape"]
    assert given_up(keyboard) == ["escape"]


def test_a_key_that_a_link_cut_in_two_is_waited_for() -> None:
    keyboard = Keyboard()
    assert told(keyboard, "\x1b[") == []
    assert keyboard.patience == CUT_SECONDS
    assert told(keyboard, "B", "\x1b[6", "~") == ["down", "pagedown"]


def test_a_beginning_of_which_nothing_comes_is_what_it_is() -> None:
    keyboard = Keyboard()
    assert told(keyboard, "\x1b[") == []
    assert given_up(keyboard) == ["left_square_bracket"]
    assert told(keyboard, "j") == ["j"]


@pytest.mark.parametrize("cut", range(1, 7))
def test_a_paste_that_a_link_cut_within_its_mark_is_whole(cut: int) -> None:
    keyboard = Keyboard()
    mark = "\x1b[201~"
    before = told(keyboard, "\x1b[200~", "a: int64\n", f"b: int64{mark[:cut]}")
    assert keyboard.patience is None or cut == len(mark)
    after = told(keyboard, mark[cut:], "j", "\x1b")
    assert before + after == ["pasted 'a: int64\\nb: int64'", "j"]
    assert given_up(keyboard) == ["escape"]


def test_nothing_is_no_end() -> None:
    keyboard = Keyboard()
    assert told(keyboard, "", "j") == ["j"]


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("", ESCAPE_SECONDS),
        ("80", 0.08),
        ("0", ESCAPE_SECONDS),
        ("soon", ESCAPE_SECONDS),
        ("9" * 5000, ESCAPE_SECONDS),
    ],
    ids=["empty", "some", "none", "word", "endless"],
)
def test_escdelay_says_how_long(told: str, seconds: float) -> None:
    assert escape_seconds({"ESCDELAY": told}) == seconds
    assert escape_seconds({}) == ESCAPE_SECONDS
